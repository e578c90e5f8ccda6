//! What somebody chose, for the client to remember.

use model::UserId;
use serde_json::Value;

use crate::dialect::text;
use crate::sql::{all, exec, one, one_shot_reads};
use crate::{Result, Tx};

impl Tx {
    /// All of it, by key.
    pub async fn preferences(&mut self, user: UserId) -> Result<Vec<(String, Value)>> {
        all!(
            self,
            "SELECT key, value FROM preferences WHERE user_id = $1 ORDER BY key",
            user.0
        )
    }

    /// Sets a key, or with `None` forgets it.
    pub async fn set_preference(
        &mut self,
        user: UserId,
        key: &str,
        value: Option<&Value>,
    ) -> Result<()> {
        match value.map(Value::to_string) {
            Some(value) => exec!(
                self,
                "INSERT INTO preferences (user_id, key, value) VALUES ($1, $2, $3) \
                 ON CONFLICT (user_id, key) DO UPDATE SET value = excluded.value",
                user.0,
                text(key),
                value.as_str()
            )?,
            None => exec!(
                self,
                "DELETE FROM preferences WHERE user_id = $1 AND key = $2",
                user.0,
                text(key)
            )?,
        };
        Ok(())
    }

    /// How long keys and values are, together, in bytes.
    pub async fn preferences_size(&mut self, user: UserId) -> Result<i64> {
        let size: Option<(i64,)> = one!(
            self,
            "SELECT CAST(COALESCE(SUM(OCTET_LENGTH(key) + OCTET_LENGTH(value)), 0) AS BIGINT) \
             FROM preferences WHERE user_id = $1",
            user.0
        )?;
        Ok(size.map_or(0, |(size,)| size))
    }
}

one_shot_reads! {
    preferences(user: UserId) -> Vec<(String, Value)>;
}
