//! Personal access tokens.

use model::{Scope, Timestamp, TokenId, UserId};

use crate::dialect::text;
use crate::sql::{all, exec, one, one_shot_reads, one_shot_writes, records};
use crate::{Result, Tx};

records! {
    /// A token with which a script acts for a person.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PersonalToken {
        /// Its id.
        pub id: TokenId,
        /// For whom it acts.
        pub user: UserId,
        /// What the person calls it.
        pub name: String,
        /// What it may do.
        pub scopes: Vec<Scope>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it ends, if ever.
        pub expires_at: Option<Timestamp>,
        /// When it was last used, to the minute or so.
        pub last_used_at: Option<Timestamp>,
        /// When it was ended.
        pub revoked_at: Option<Timestamp>,
    }
}

impl PersonalToken {
    /// Whether it still counts.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| at > now)
    }
}

/// A token to create.
#[derive(Debug, Clone)]
pub struct NewPersonalToken {
    /// Its id.
    pub id: TokenId,
    /// For whom it acts.
    pub user: UserId,
    /// What the person calls it.
    pub name: String,
    /// The hash of its text.
    pub hash: Vec<u8>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When.
    pub created_at: Timestamp,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
}

impl Tx {
    /// Creates a token.
    pub async fn create_personal_token(&mut self, new: &NewPersonalToken) -> Result<()> {
        let scopes = serde_json::to_string(&new.scopes)
            .map_err(|error| crate::Error::Corrupt(error.to_string()))?;
        exec!(
            self,
            "INSERT INTO personal_tokens (id, user_id, name, hash, scopes, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            new.id.0,
            new.user.0,
            text(&new.name),
            new.hash.as_slice(),
            scopes.as_str(),
            new.created_at.micros(),
            new.expires_at.map(Timestamp::micros)
        )?;
        Ok(())
    }

    /// A token; also one that has ended.
    pub async fn personal_token(&mut self, id: TokenId) -> Result<Option<PersonalToken>> {
        one!(
            self,
            "SELECT id, user_id AS \"user\", name, scopes, created_at, expires_at, last_used_at, \
             revoked_at FROM personal_tokens WHERE id = $1",
            id.0
        )
    }

    /// Which token has this hash; also one that has ended.
    pub async fn personal_token_by_hash(&mut self, hash: &[u8]) -> Result<Option<TokenId>> {
        let id: Option<(TokenId,)> =
            one!(self, "SELECT id FROM personal_tokens WHERE hash = $1", hash)?;
        Ok(id.map(|(id,)| id))
    }

    /// The live tokens of an account, latest first.
    pub async fn personal_tokens(
        &mut self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<PersonalToken>> {
        all!(
            self,
            "SELECT id, user_id AS \"user\", name, scopes, created_at, expires_at, last_used_at, \
             revoked_at FROM personal_tokens \
             WHERE user_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) \
             ORDER BY id DESC",
            user.0,
            now.micros()
        )
    }

    /// Records that a token was used.
    pub async fn touch_personal_token(&mut self, id: TokenId, at: Timestamp) -> Result<()> {
        exec!(
            self,
            "UPDATE personal_tokens SET last_used_at = $2 \
             WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)",
            id.0,
            at.micros()
        )?;
        Ok(())
    }

    /// Ends a token of an account. `false` when there is no such token that hasn't been ended.
    pub async fn revoke_personal_token(
        &mut self,
        id: TokenId,
        user: UserId,
        at: Timestamp,
    ) -> Result<bool> {
        let revoked = exec!(
            self,
            "UPDATE personal_tokens SET revoked_at = $3 \
             WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL",
            id.0,
            user.0,
            at.micros()
        )?;
        Ok(revoked > 0)
    }

    /// Ends all tokens of an account. Which ones.
    pub async fn revoke_personal_tokens(
        &mut self,
        user: UserId,
        at: Timestamp,
    ) -> Result<Vec<TokenId>> {
        let ids: Vec<(TokenId,)> = all!(
            self,
            "UPDATE personal_tokens SET revoked_at = $2 \
             WHERE user_id = $1 AND revoked_at IS NULL RETURNING id",
            user.0,
            at.micros()
        )?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }

    /// Ends the tokens whose time is over. Which ones.
    pub async fn end_expired_personal_tokens(&mut self, now: Timestamp) -> Result<Vec<TokenId>> {
        let ids: Vec<(TokenId,)> = all!(
            self,
            "UPDATE personal_tokens SET revoked_at = expires_at \
             WHERE revoked_at IS NULL AND expires_at <= $1 RETURNING id",
            now.micros()
        )?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }
}

one_shot_reads! {
    personal_token(id: TokenId) -> Option<PersonalToken>;
    personal_token_by_hash(hash: &[u8]) -> Option<TokenId>;
    personal_tokens(user: UserId, now: Timestamp) -> Vec<PersonalToken>;
}

one_shot_writes! {
    touch_personal_token(id: TokenId, at: Timestamp) -> ();
    end_expired_personal_tokens(now: Timestamp) -> Vec<TokenId>;
}
