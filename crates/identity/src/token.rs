//! Opaque tokens: 256 random bits that mean nothing without the row that holds their hash.
//!
//! The prefix says what a token is for, so that one kind can't be offered as another and a leaked one is recognised by secret scanners.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Rng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Renews a session's access token.
    Refresh,
    /// Joins an organization.
    Invitation,
    /// Sets a new password.
    PasswordReset,
    /// Proves an e-mail address.
    EmailVerification,
    /// Makes an address the one of an account.
    EmailChange,
    /// Makes the first account of an installation.
    Setup,
    /// Stands for a person in a script: a personal access token.
    Personal,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 7] = [
        Self::Refresh,
        Self::Invitation,
        Self::PasswordReset,
        Self::EmailVerification,
        Self::EmailChange,
        Self::Setup,
        Self::Personal,
    ];

    /// The start of every token of this purpose.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Refresh => "cnp_ref_",
            Self::Invitation => "cnp_inv_",
            Self::PasswordReset => "cnp_rst_",
            Self::EmailVerification => "cnp_ver_",
            Self::EmailChange => "cnp_chg_",
            Self::Setup => "cnp_set_",
            Self::Personal => "canopy_pat_",
        }
    }
}

/// Random characters after the prefix: 32 bytes as base64url without padding.
const BODY: usize = 43;

/// What a database keeps of a token: SHA-256 of its whole text. 256 random bits need no salt and no slow hash.
#[derive(Clone, Copy, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// From what a row holds. `None` unless it is 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// What a row holds.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for TokenHash {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

/// A token in the clear. It is shown or sent once and never stored or logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    text: String,
}

impl Token {
    /// A fresh token.
    pub fn generate(purpose: Purpose, rng: &dyn Rng) -> Self {
        let mut secret = [0u8; 32];
        rng.fill(&mut secret);
        Self {
            text: format!("{}{}", purpose.prefix(), URL_SAFE_NO_PAD.encode(secret)),
        }
    }

    /// Reads what a caller sent. `None` when it can't be a token of this purpose; whether it is a real one only the database knows.
    pub fn parse(purpose: Purpose, text: &str) -> Option<Self> {
        let body = text.strip_prefix(purpose.prefix())?;
        let sound = body.len() == BODY
            && body
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        sound.then(|| Self { text: text.into() })
    }

    /// The text to send.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What to store and look up.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.text.as_bytes()).into())
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// SHA-256 of some bytes: a fingerprint to compare by.
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Whether two secrets are equal, in time that depends on the length only.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::SeededRng;

    #[test]
    fn a_token_reads_back_as_its_own_purpose_only() {
        let rng = SeededRng::new(1);
        for purpose in Purpose::ALL {
            let token = Token::generate(purpose, &rng);
            assert_eq!(token.as_str().len(), purpose.prefix().len() + BODY);
            for other in Purpose::ALL {
                let read = Token::parse(other, token.as_str());
                assert_eq!(read.is_some(), other == purpose);
            }
            let read = Token::parse(purpose, token.as_str()).unwrap();
            assert_eq!(read.hash(), token.hash());
        }
    }

    #[test]
    fn malformed_tokens_are_refused_before_any_lookup() {
        for text in ["", "cnp_inv_", "cnp_inv_short", "x"] {
            assert_eq!(Token::parse(Purpose::Invitation, text), None);
        }
        let odd = format!("cnp_inv_{}", "é".repeat(21) + "a");
        assert_eq!(Token::parse(Purpose::Invitation, &odd), None);
        let long = format!("cnp_inv_{}", "a".repeat(44));
        assert_eq!(Token::parse(Purpose::Invitation, &long), None);
    }

    #[test]
    fn tokens_don_t_show_in_debug_output() {
        let token = Token::generate(Purpose::Refresh, &SeededRng::new(2));
        assert_eq!(
            format!("{token:?} {:?}", token.hash()),
            "Token(..) TokenHash(..)"
        );
    }

    #[test]
    fn hashes_compare_by_content() {
        let rng = SeededRng::new(3);
        let a = Token::generate(Purpose::Setup, &rng).hash();
        let b = Token::generate(Purpose::Setup, &rng).hash();
        assert_ne!(a, b);
        assert_eq!(TokenHash::from_slice(a.as_bytes()), Some(a));
        assert_eq!(TokenHash::from_slice(b"short"), None);
        assert!(equal(b"same", b"same") && !equal(b"same", b"sane") && !equal(b"a", b"aa"));
    }
}
