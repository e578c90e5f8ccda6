//! Access tokens: short-lived JWTs (RFC 7519) signed with HMAC-SHA-256, verified without a database.
//!
//! A token says who and in which session; whether that session still lives is for the caller to ask. The algorithm is pinned: what a token's
//! header claims never chooses it.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use model::{Clock, Rng, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long a token lives, in seconds.
pub const LIFETIME_SECONDS: i64 = 600;
/// The longest token that is looked at, in bytes. Ours have about 330.
pub const MAX_BYTES: usize = 1024;
/// The most keys that verify at once: the signing one and retiring ones.
pub const MAX_KEYS: usize = 8;
/// How far the clocks of two nodes may be apart, in seconds.
const LEEWAY_SECONDS: i64 = 5;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Whose it is.
    pub sub: UserId,
    /// In which session.
    pub sid: SessionId,
    /// When it was made, seconds since the Unix epoch.
    pub iat: i64,
    /// When it ends, seconds since the Unix epoch.
    pub exp: i64,
    /// Its own id.
    pub jti: Uuid,
}

impl Claims {
    /// When the token ends.
    pub fn expires(&self) -> Timestamp {
        Timestamp::from_micros(0).plus_seconds(self.exp)
    }
}

/// Why a token is refused. Callers answer all of them alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not a token of ours: shape, algorithm, unknown key or signature.
    #[error("the access token is not valid")]
    Invalid,
    /// It was valid once.
    #[error("the access token has expired")]
    Expired,
}

/// A key as it is stored.
#[derive(Clone)]
pub struct SigningKey {
    /// The name in a token's header. At most 64 bytes.
    pub kid: String,
    /// The secret: 32 random bytes.
    pub secret: Vec<u8>,
    /// Since when.
    pub created_at: Timestamp,
}

impl SigningKey {
    /// A fresh key.
    pub fn generate(clock: &dyn Clock, rng: &dyn Rng) -> Self {
        let mut secret = vec![0u8; 32];
        rng.fill(&mut secret);
        let mut name = [0u8; 8];
        rng.fill(&mut name);
        Self {
            kid: name.iter().map(|byte| format!("{byte:02x}")).collect(),
            secret,
            created_at: clock.now(),
        }
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

struct Key {
    kid: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    created_at: Timestamp,
}

/// The keys of an installation: the newest signs, older ones verify until they are retired.
pub struct KeyRing {
    /// Newest first; never empty.
    keys: Vec<Key>,
    validation: Validation,
}

/// No key to sign with, or one that is too short to be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// There is no key.
    #[error("there is no key to sign access tokens with")]
    Empty,
    /// The secret of this key has fewer than 32 bytes.
    #[error("signing key {0} has fewer than 32 bytes")]
    Short(String),
}

impl KeyRing {
    /// A ring of these keys. Of more than [`MAX_KEYS`] the newest are kept.
    ///
    /// # Errors
    /// When there is none, or one is too short.
    pub fn new(mut keys: Vec<SigningKey>) -> Result<Self, KeyRingError> {
        if let Some(short) = keys.iter().find(|key| key.secret.len() < 32) {
            return Err(KeyRingError::Short(short.kid.clone()));
        }
        keys.sort_by(|a, b| (b.created_at, &b.kid).cmp(&(a.created_at, &a.kid)));
        keys.truncate(MAX_KEYS);
        if keys.is_empty() {
            return Err(KeyRingError::Empty);
        }
        let mut validation = Validation::new(Algorithm::HS256);
        // Time is a parameter here; the library would read the machine's clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["exp", "sub"]);
        Ok(Self {
            keys: keys
                .into_iter()
                .map(|key| Key {
                    encoding: EncodingKey::from_secret(&key.secret),
                    decoding: DecodingKey::from_secret(&key.secret),
                    kid: key.kid,
                    created_at: key.created_at,
                })
                .collect(),
            validation,
        })
    }

    /// Since when the signing key signs.
    pub fn signing_since(&self) -> Timestamp {
        self.keys
            .first()
            .map_or(Timestamp::from_micros(0), |key| key.created_at)
    }

    /// How many keys verify.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Never true: a ring has a key to sign with.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The instant before which a key, that another has replaced at `replaced`, must still verify: no token of it lives longer.
    pub fn retire_at(replaced: Timestamp) -> Timestamp {
        replaced.plus_seconds(LIFETIME_SECONDS + 2 * LEEWAY_SECONDS)
    }

    /// A fresh token for a session.
    ///
    /// # Errors
    /// Only when encoding fails, which no claims of this type cause.
    pub fn sign(
        &self,
        user: UserId,
        session: SessionId,
        clock: &dyn Clock,
        rng: &dyn Rng,
    ) -> Result<String, Refused> {
        let now = clock.now().seconds();
        let mut jti = [0u8; 16];
        rng.fill(&mut jti);
        let claims = Claims {
            sub: user,
            sid: session,
            iat: now,
            exp: now + LIFETIME_SECONDS,
            jti: uuid::Builder::from_random_bytes(jti).into_uuid(),
        };
        let key = self.keys.first().ok_or(Refused::Invalid)?;
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(key.kid.clone());
        jsonwebtoken::encode(&header, &claims, &key.encoding).map_err(|_| Refused::Invalid)
    }

    /// What a token says, when it is ours and of this time.
    ///
    /// # Errors
    /// When it is not.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, Refused> {
        if token.len() > MAX_BYTES {
            return Err(Refused::Invalid);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refused::Invalid)?;
        let kid = header.kid.ok_or(Refused::Invalid)?;
        let key = self
            .keys
            .iter()
            .find(|key| key.kid == kid)
            .ok_or(Refused::Invalid)?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &self.validation)
            .map_err(|_| Refused::Invalid)?
            .claims;
        let now = now.seconds();
        if claims.iat > now + LEEWAY_SECONDS || claims.exp > claims.iat + LIFETIME_SECONDS {
            return Err(Refused::Invalid);
        }
        if claims.exp + LEEWAY_SECONDS <= now {
            return Err(Refused::Expired);
        }
        Ok(claims)
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.keys.iter().map(|key| &key.kid))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use model::{ManualClock, SeededRng};

    struct World {
        clock: ManualClock,
        rng: SeededRng,
        user: UserId,
        session: SessionId,
    }

    fn world() -> World {
        let clock = ManualClock::new(Timestamp::from_micros(1_700_000_000_000_000));
        let rng = SeededRng::new(1);
        let user = UserId::new(&clock, &rng);
        let session = SessionId::new(&clock, &rng);
        World {
            clock,
            rng,
            user,
            session,
        }
    }

    impl World {
        fn key(&self) -> SigningKey {
            self.clock.advance_millis(1);
            SigningKey::generate(&self.clock, &self.rng)
        }
        fn sign(&self, ring: &KeyRing) -> String {
            ring.sign(self.user, self.session, &self.clock, &self.rng)
                .unwrap()
        }
    }

    #[test]
    fn a_token_says_who_and_lives_ten_minutes() {
        let w = world();
        let ring = KeyRing::new(vec![w.key()]).unwrap();
        let token = w.sign(&ring);
        assert!(token.len() < MAX_BYTES);
        let claims = ring.verify(&token, w.clock.now()).unwrap();
        assert_eq!((claims.sub, claims.sid), (w.user, w.session));
        assert_eq!(claims.exp - claims.iat, 600);
        assert_eq!(claims.expires().seconds(), claims.exp);
        w.clock.advance_millis(599_000);
        assert!(ring.verify(&token, w.clock.now()).is_ok());
        w.clock.advance_millis(LEEWAY_SECONDS * 1000 + 1_000);
        assert_eq!(ring.verify(&token, w.clock.now()), Err(Refused::Expired));
    }

    #[test]
    fn older_keys_verify_until_they_leave_the_ring() {
        let w = world();
        let (old, new) = (w.key(), w.key());
        let token = w.sign(&KeyRing::new(vec![old.clone()]).unwrap());
        let both = KeyRing::new(vec![old, new.clone()]).unwrap();
        assert!(both.verify(&token, w.clock.now()).is_ok());
        assert_eq!(both.signing_since(), new.created_at);
        let fresh = w.sign(&both);
        let only_new = KeyRing::new(vec![new]).unwrap();
        assert!(only_new.verify(&fresh, w.clock.now()).is_ok());
        assert_eq!(
            only_new.verify(&token, w.clock.now()),
            Err(Refused::Invalid)
        );
    }

    #[test]
    fn a_ring_is_bounded_and_never_empty() {
        let w = world();
        let keys: Vec<_> = (0..20).map(|_| w.key()).collect();
        let newest = keys[19].created_at;
        let ring = KeyRing::new(keys).unwrap();
        assert_eq!(ring.len(), MAX_KEYS);
        assert_eq!(ring.signing_since(), newest);
        assert_eq!(KeyRing::new(vec![]).unwrap_err(), KeyRingError::Empty);
        let mut short = w.key();
        short.secret.truncate(31);
        assert!(matches!(
            KeyRing::new(vec![short]),
            Err(KeyRingError::Short(_))
        ));
    }

    #[test]
    fn forged_tokens_are_refused() {
        let w = world();
        let key = w.key();
        let ring = KeyRing::new(vec![key.clone()]).unwrap();
        let token = w.sign(&ring);
        let now = w.clock.now();
        let parts: Vec<&str> = token.split('.').collect();
        let head = |json: &str| URL_SAFE_NO_PAD.encode(json);

        // No algorithm, another algorithm, no key name, another key's name.
        let none = head(&format!(r#"{{"alg":"none","kid":"{}"}}"#, key.kid));
        let hs512 = head(&format!(r#"{{"alg":"HS512","kid":"{}"}}"#, key.kid));
        let unnamed = head(r#"{"alg":"HS256"}"#);
        let other = head(r#"{"alg":"HS256","kid":"other"}"#);
        for header in [none, hs512, unnamed, other] {
            let forged = format!("{header}.{}.{}", parts[1], parts[2]);
            assert_eq!(ring.verify(&forged, now), Err(Refused::Invalid));
        }
        assert_eq!(
            ring.verify(&format!("{}.{}.", parts[0], parts[1]), now),
            Err(Refused::Invalid)
        );
        // Another signer who knows the key's name.
        let mut thief = w.key();
        thief.kid = key.kid;
        let forged = w.sign(&KeyRing::new(vec![thief]).unwrap());
        assert_eq!(ring.verify(&forged, now), Err(Refused::Invalid));
        // Noise.
        for noise in ["", ".", "..", "a.b.c", &"a".repeat(5000)] {
            assert_eq!(ring.verify(noise, now), Err(Refused::Invalid));
        }
    }

    #[test]
    fn a_token_of_our_key_that_claims_too_much_is_refused() {
        let w = world();
        let key = w.key();
        let ring = KeyRing::new(vec![key.clone()]).unwrap();
        let now = w.clock.now();
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(key.kid.clone());
        let sign = |iat: i64, exp: i64| {
            let claims = Claims {
                sub: w.user,
                sid: w.session,
                iat,
                exp,
                jti: Uuid::nil(),
            };
            let key = EncodingKey::from_secret(&key.secret);
            jsonwebtoken::encode(&header, &claims, &key).unwrap()
        };
        let t = now.seconds();
        assert!(ring.verify(&sign(t, t + 600), now).is_ok());
        assert_eq!(ring.verify(&sign(t, t + 601), now), Err(Refused::Invalid));
        assert_eq!(
            ring.verify(&sign(t + 60, t + 90), now),
            Err(Refused::Invalid)
        );
    }

    #[test]
    fn secrets_don_t_show_in_debug_output() {
        let w = world();
        let key = w.key();
        assert!(!format!("{key:?}").contains("secret"));
        let ring = KeyRing::new(vec![key.clone()]).unwrap();
        assert_eq!(format!("{ring:?}"), format!("[{:?}]", key.kid));
    }
}
