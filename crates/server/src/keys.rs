//! The keys that sign access tokens: in the database, so that every node and every start has the same.

use std::sync::Arc;

use identity::access::{KeyRing, LIFETIME_SECONDS, SigningKey};
use model::{Clock, Rng};
use store::Db;

use crate::error::{Error, Result};

/// How much longer than it signs a key verifies: the life of a token, and room for clocks that differ.
const MARGIN: i64 = 6 * LIFETIME_SECONDS;
/// Held while a key is made, so that nodes that start together make one.
const LOCK: &str = "signing-keys";

/// The ring as it stands now. Makes a new key when there is none, or when the newest has signed for `signs_for` seconds.
pub(crate) async fn load(
    db: &Db,
    clock: &dyn Clock,
    rng: &dyn Rng,
    signs_for: i64,
) -> Result<Arc<KeyRing>> {
    let now = clock.now();
    let mut keys = db.signing_keys(now).await?;
    let is_due = |keys: &[store::SigningKey]| {
        keys.first()
            .is_none_or(|newest| newest.created_at.plus_seconds(signs_for) <= now)
    };
    if is_due(&keys) {
        let mut tx = db.begin_write().await?;
        tx.lock(LOCK).await?;
        keys = tx.signing_keys(now).await?;
        if is_due(&keys) {
            let key = SigningKey::generate(clock, rng);
            let row = store::SigningKey {
                kid: key.kid,
                secret: key.secret,
                created_at: key.created_at,
                retires_at: key.created_at.plus_seconds(signs_for + MARGIN),
            };
            tx.create_signing_key(&row).await?;
            tx.prune_signing_keys(now).await?;
            keys.insert(0, row);
        }
        tx.commit().await?;
    }
    let keys = keys
        .into_iter()
        .map(|key| SigningKey {
            kid: key.kid,
            secret: key.secret,
            created_at: key.created_at,
        })
        .collect();
    KeyRing::new(keys).map(Arc::new).map_err(Error::internal)
}
