//! Passwords: Argon2id (RFC 9106) with the parameters of the OWASP Password Storage Cheat Sheet.
//!
//! Hashing takes tens of milliseconds of CPU and [`Cost::memory_kib`] of memory: callers run it on a blocking thread and bound how many run at
//! once.

use argon2::password_hash::{CustomizedPasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use model::Rng;

/// The fewest characters of a password.
pub const MIN_CHARS: usize = 10;
/// The most bytes of a password: enough for any passphrase, too few to make hashing a weapon.
pub const MAX_BYTES: usize = 256;

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl Default for Cost {
    /// 19 MiB, two passes, one lane: OWASP's first choice for Argon2id.
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            iterations: 2,
            parallelism: 1,
        }
    }
}

impl Cost {
    /// As little as Argon2 allows. For tests only.
    pub const CHEAP: Self = Self {
        memory_kib: 8,
        iterations: 1,
        parallelism: 1,
    };
}

/// Why a password can't be hashed or a hash can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cost is outside of what Argon2 allows.
    #[error("the cost parameters are not valid for Argon2id: {0}")]
    Cost(argon2::Error),
    /// The stored hash is not a PHC string that this code reads, or hashing failed.
    #[error("the password hash can't be computed or read: {0}")]
    Hash(String),
}

/// What is wrong with a password that somebody chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Fewer than [`MIN_CHARS`] characters.
    #[error("Use at least 10 characters.")]
    TooShort,
    /// More than [`MAX_BYTES`] bytes.
    #[error("Use at most 256 bytes.")]
    TooLong,
    /// It is the person's e-mail address or name.
    #[error("Don't use your name or e-mail address as the password.")]
    Personal,
    /// One of the commonest passwords, or one character repeated.
    #[error("This password is one of the first that would be guessed. Choose another.")]
    Common,
}

/// Hashes and verifies passwords at one cost.
#[derive(Debug, Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    cost: Cost,
    /// The hash that unknown accounts are verified against, so that they take as long as known ones.
    dummy: String,
}

impl Hasher {
    /// A hasher of this cost.
    ///
    /// # Errors
    /// When the cost is outside of what Argon2 allows.
    pub fn new(cost: Cost, rng: &dyn Rng) -> Result<Self, Error> {
        let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, None)
            .map_err(Error::Cost)?;
        let mut hasher = Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            cost,
            dummy: String::new(),
        };
        let mut secret = [0u8; 32];
        rng.fill(&mut secret);
        let secret: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        hasher.dummy = hasher.hash(&secret, rng)?;
        Ok(hasher)
    }

    /// The PHC string to store for `password`.
    ///
    /// # Errors
    /// When Argon2 refuses; not for any password within the policy.
    pub fn hash(&self, password: &str, rng: &dyn Rng) -> Result<String, Error> {
        let mut salt = [0u8; 16];
        rng.fill(&mut salt);
        let hash: PasswordHash = self
            .argon2
            .hash_password_with_params(password.as_bytes(), &salt, self.argon2.params().clone())
            .map_err(|e| Error::Hash(e.to_string()))?;
        Ok(hash.to_string())
    }

    /// Whether `password` is the one of `stored`. With `None` (an unknown account, or one without a password) it does the same work and says no.
    ///
    /// # Errors
    /// When the stored text is not a PHC string.
    pub fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, Error> {
        let parsed = PasswordHash::new(stored.unwrap_or(&self.dummy))
            .map_err(|e| Error::Hash(e.to_string()))?;
        let matches = password.len() <= MAX_BYTES
            && self
                .argon2
                .verify_password(password.as_bytes(), &parsed)
                .is_ok();
        Ok(matches && stored.is_some())
    }

    /// Whether `stored` was made at another cost or by another algorithm and should be made again at the next sign-in.
    pub fn needs_rehash(&self, stored: &str) -> bool {
        let Ok(parsed) = PasswordHash::new(stored) else {
            return true;
        };
        parsed.algorithm.as_str() != "argon2id"
            || parsed.version != Some(Version::V0x13 as u32)
            || parsed.params.get_decimal("m") != Some(self.cost.memory_kib)
            || parsed.params.get_decimal("t") != Some(self.cost.iterations)
            || parsed.params.get_decimal("p") != Some(self.cost.parallelism)
    }
}

/// Whether somebody of this e-mail address and name may use this password. Length decides; composition rules don't (NIST SP 800-63B).
///
/// # Errors
/// What is wrong with it.
pub fn check(password: &str, email: &str, name: &str) -> Result<(), Weak> {
    if password.chars().count() < MIN_CHARS {
        return Err(Weak::TooShort);
    }
    if password.len() > MAX_BYTES {
        return Err(Weak::TooLong);
    }
    let folded = password.trim().to_lowercase();
    let local = email.split('@').next().unwrap_or_default();
    let spaceless = |s: &str| s.to_lowercase().replace(char::is_whitespace, "");
    if [email, name, local]
        .iter()
        .any(|own| !own.trim().is_empty() && spaceless(own) == spaceless(&folded))
    {
        return Err(Weak::Personal);
    }
    let mut chars = folded.chars();
    let first = chars.next();
    if chars.all(|c| Some(c) == first) || COMMON.contains(&folded.as_str()) {
        return Err(Weak::Common);
    }
    Ok(())
}

/// The commonest passwords of ten or more characters in published breaches, lower case.
const COMMON: &[&str] = &[
    "0123456789",
    "1111122222",
    "1122334455",
    "1212121212",
    "1231231231",
    "123123123123",
    "1234512345",
    "1234554321",
    "123456123456",
    "1234567890",
    "12345678900",
    "12345678901",
    "123456789012",
    "123456789123",
    "1234567891",
    "12345678910",
    "1234567899",
    "123456789a",
    "123456789q",
    "123qweasdzxc",
    "147258369a",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "1qazxsw23edc",
    "9876543210",
    "987654321a",
    "a123456789",
    "abc123456789",
    "abcd123456",
    "abcdefghij",
    "administrator",
    "asdfghjkl;",
    "asdfghjkl1",
    "basketball",
    "canopycanopy",
    "changeme123",
    "changemenow",
    "correcthorsebatterystaple",
    "facebook123",
    "football123",
    "iloveyou12",
    "iloveyou123",
    "iloveyou1234",
    "letmein123",
    "letmeinnow",
    "liverpool1",
    "manchester",
    "minecraft1",
    "p@ssw0rd123",
    "p@ssword123",
    "pa$$word123",
    "passw0rd123",
    "password00",
    "password01",
    "password10",
    "password11",
    "password12",
    "password123",
    "password123!",
    "password1234",
    "password12345",
    "password2024",
    "password2025",
    "password2026",
    "passwordpassword",
    "princess12",
    "q1w2e3r4t5",
    "q1w2e3r4t5y6",
    "qazwsxedcrfv",
    "qwer123456",
    "qwerty1234",
    "qwerty12345",
    "qwerty123456",
    "qwertyuiop",
    "qwertyuiop123",
    "qwertyuiop[]",
    "starwars123",
    "superman123",
    "sunshine123",
    "trustno1trustno1",
    "welcome123",
    "welcome1234",
    "zaq12wsxcde3",
    "zxcvbnm123",
    "zxcvbnm,./",
];

#[cfg(test)]
mod tests {
    use super::*;
    use model::SeededRng;

    #[test]
    fn a_password_verifies_against_its_own_hash_only() {
        let rng = SeededRng::new(1);
        let hasher = Hasher::new(Cost::CHEAP, &rng).unwrap();
        let stored = hasher.hash("a long enough one", &rng).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        assert!(hasher.verify("a long enough one", Some(&stored)).unwrap());
        assert!(!hasher.verify("a long enough two", Some(&stored)).unwrap());
        assert_ne!(stored, hasher.hash("a long enough one", &rng).unwrap());
    }

    #[test]
    fn an_unknown_account_is_refused_after_the_same_work() {
        let rng = SeededRng::new(2);
        let hasher = Hasher::new(Cost::CHEAP, &rng).unwrap();
        assert!(!hasher.verify("anything at all", None).unwrap());
        // The dummy is a real hash of the same cost, so verifying against it is the same work.
        assert!(!hasher.needs_rehash(&hasher.dummy));
        assert!(hasher.verify("x", Some("not a hash")).is_err());
    }

    #[test]
    fn overlong_passwords_never_match() {
        let rng = SeededRng::new(3);
        let hasher = Hasher::new(Cost::CHEAP, &rng).unwrap();
        let long = "x".repeat(MAX_BYTES + 1);
        let stored = hasher.hash(&long, &rng).unwrap();
        assert!(!hasher.verify(&long, Some(&stored)).unwrap());
    }

    #[test]
    fn the_default_cost_is_the_recommended_one_and_others_are_made_again() {
        let rng = SeededRng::new(4);
        let cheap = Hasher::new(Cost::CHEAP, &rng).unwrap();
        let right = Hasher::new(Cost::default(), &rng).unwrap();
        let stored = right.hash("a long enough one", &rng).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!right.needs_rehash(&stored));
        assert!(cheap.needs_rehash(&stored));
        assert!(right.needs_rehash("$2b$10$bcrypt"));
        // A hash says its own cost, so older ones keep verifying.
        assert!(cheap.verify("a long enough one", Some(&stored)).unwrap());
    }

    #[test]
    fn the_policy_refuses_short_long_personal_and_common_passwords() {
        let check = |p: &str| check(p, "ada.lovelace@example.com", "Augusta Ada King");
        assert_eq!(check("ninechars"), Err(Weak::TooShort));
        assert_eq!(check("tenletters"), Ok(()));
        assert_eq!(check("зима-весна"), Ok(()));
        assert_eq!(check(&"ab".repeat(129)), Err(Weak::TooLong));
        assert_eq!(check("Ada.Lovelace@example.com"), Err(Weak::Personal));
        assert_eq!(check("ADA.LOVELACE"), Err(Weak::Personal));
        assert_eq!(check("augustaadaking"), Err(Weak::Personal));
        assert_eq!(check("Password123"), Err(Weak::Common));
        assert_eq!(check("zzzzzzzzzzzz"), Err(Weak::Common));
    }

    #[test]
    fn common_passwords_stand_in_the_form_they_are_compared_in() {
        assert!(COMMON.iter().all(|word| word.chars().count() >= MIN_CHARS));
        assert!(COMMON.iter().all(|word| *word == word.to_lowercase()));
    }
}
