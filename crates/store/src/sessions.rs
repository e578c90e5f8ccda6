//! Sessions, their refresh tokens, and the keys that sign access tokens.

use model::{SessionId, Timestamp, UserId};

use crate::sql::{all, exec, one, one_shot_reads, one_shot_writes, records};
use crate::{Result, Tx};

records! {
    /// A signed-in device.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Session {
        /// Its id.
        pub id: SessionId,
        /// Who is signed in.
        pub user: UserId,
        /// What the device says it is.
        pub agent: String,
        /// Where it signed in from.
        pub ip: String,
        /// When it signed in.
        pub created_at: Timestamp,
        /// When it was last heard of.
        pub last_seen_at: Timestamp,
        /// When it ends.
        pub expires_at: Timestamp,
        /// When it was ended early.
        pub revoked_at: Option<Timestamp>,
    }

    /// A key that signs access tokens.
    #[derive(Clone, PartialEq, Eq)]
    pub struct SigningKey {
        /// Its name in a token's header.
        pub kid: String,
        /// The key.
        pub secret: Vec<u8>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it no longer verifies.
        pub retires_at: Timestamp,
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .field("created_at", &self.created_at)
            .field("retires_at", &self.retires_at)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Whether it still counts.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at > now
    }
}

/// A session to create.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Who signs in.
    pub user: UserId,
    /// What the device says it is.
    pub agent: String,
    /// Where it signs in from.
    pub ip: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What came of handing in a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// The new token replaces it.
    Rotated(Session),
    /// It was used a moment ago, by a second tab or a lost answer: the new token works as well.
    Repeated(Session),
    /// It was used long ago: somebody else has it. The session is revoked now.
    Reused(Session),
    /// It is unknown or expired, or its session has ended.
    Refused,
}

impl Tx {
    /// Creates a session.
    pub async fn create_session(&mut self, new: &NewSession) -> Result<()> {
        exec!(
            self,
            "INSERT INTO sessions (id, user_id, agent, ip, created_at, last_seen_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $5, $6)",
            new.id.0,
            new.user.0,
            crate::dialect::text(&new.agent),
            new.ip.as_str(),
            new.created_at.micros(),
            new.expires_at.micros()
        )?;
        Ok(())
    }

    /// A session; also one that has ended.
    pub async fn session(&mut self, id: SessionId) -> Result<Option<Session>> {
        one!(
            self,
            "SELECT id, user_id AS \"user\", agent, ip, created_at, last_seen_at, expires_at, \
             revoked_at FROM sessions WHERE id = $1",
            id.0
        )
    }

    /// The live sessions of an account, latest first.
    pub async fn sessions(&mut self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        all!(
            self,
            "SELECT id, user_id AS \"user\", agent, ip, created_at, last_seen_at, expires_at, \
             revoked_at FROM sessions \
             WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 \
             ORDER BY last_seen_at DESC, id DESC",
            user.0,
            now.micros()
        )
    }

    /// Records that a session was heard of.
    pub async fn touch_session(&mut self, id: SessionId, at: Timestamp) -> Result<()> {
        exec!(
            self,
            "UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2",
            id.0,
            at.micros()
        )?;
        Ok(())
    }

    /// Ends a session of an account. `false` when there is no such live session.
    pub async fn revoke_session(
        &mut self,
        id: SessionId,
        user: UserId,
        at: Timestamp,
    ) -> Result<bool> {
        let revoked = exec!(
            self,
            "UPDATE sessions SET revoked_at = $3 \
             WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL",
            id.0,
            user.0,
            at.micros()
        )?;
        Ok(revoked > 0)
    }

    /// Ends all sessions of an account, but for `except`. Which ones.
    pub async fn revoke_sessions(
        &mut self,
        user: UserId,
        except: Option<SessionId>,
        at: Timestamp,
    ) -> Result<Vec<SessionId>> {
        let ids: Vec<(SessionId,)> = all!(
            self,
            "UPDATE sessions SET revoked_at = $3 \
             WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL RETURNING id",
            user.0,
            except.map(|id| id.0).unwrap_or_default(),
            at.micros()
        )?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }

    /// Removes sessions that ended before `before`, with their tokens. How many.
    pub async fn prune_sessions(&mut self, before: Timestamp) -> Result<u64> {
        exec!(
            self,
            "DELETE FROM sessions WHERE expires_at < $1 OR revoked_at < $1",
            before.micros()
        )
    }

    /// Records a session's first refresh token, by its hash.
    pub async fn create_refresh_token(
        &mut self,
        hash: &[u8],
        session: SessionId,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        exec!(
            self,
            "INSERT INTO refresh_tokens (hash, session_id, created_at, expires_at) \
             VALUES ($1, $2, $3, $4)",
            hash,
            session.0,
            at.micros(),
            expires_at.micros()
        )?;
        Ok(())
    }

    /// Exchanges a refresh token for the next one of its session, both by their hashes. The session
    /// then lasts until `expires_at`. A token that was used more than `grace_seconds` ago ends the
    /// session: commit in every case.
    pub async fn rotate_refresh_token(
        &mut self,
        old: &[u8],
        new: &[u8],
        at: Timestamp,
        expires_at: Timestamp,
        grace_seconds: i64,
    ) -> Result<Rotation> {
        let fresh: Option<(SessionId,)> = one!(
            self,
            "UPDATE refresh_tokens SET used_at = $2 \
             WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING session_id",
            old,
            at.micros()
        )?;
        let (id, used_at) = match fresh {
            Some((session,)) => (session, None),
            None => {
                let used: Option<(SessionId, Option<Timestamp>)> = one!(
                    self,
                    "SELECT session_id, used_at FROM refresh_tokens WHERE hash = $1",
                    old
                )?;
                match used {
                    Some((session, Some(used_at))) => (session, Some(used_at)),
                    _ => return Ok(Rotation::Refused),
                }
            }
        };
        let Some(mut session) = self.session(id).await? else {
            return Ok(Rotation::Refused);
        };
        if !session.is_live(at) {
            return Ok(Rotation::Refused);
        }
        if used_at.is_some_and(|used| used.plus_seconds(grace_seconds) < at) {
            self.revoke_session(id, session.user, at).await?;
            session.revoked_at = Some(at);
            return Ok(Rotation::Reused(session));
        }
        self.create_refresh_token(new, id, at, expires_at).await?;
        exec!(
            self,
            "UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id = $1",
            id.0,
            at.micros(),
            expires_at.micros()
        )?;
        session.last_seen_at = at;
        session.expires_at = expires_at;
        Ok(match used_at {
            None => Rotation::Rotated(session),
            Some(_) => Rotation::Repeated(session),
        })
    }

    /// The session that a refresh token belongs to, used or not. For signing out.
    pub async fn refresh_token_session(&mut self, hash: &[u8]) -> Result<Option<SessionId>> {
        let session: Option<(SessionId,)> = one!(
            self,
            "SELECT session_id FROM refresh_tokens WHERE hash = $1",
            hash
        )?;
        Ok(session.map(|(id,)| id))
    }

    /// Records a key that signs access tokens.
    pub async fn create_signing_key(&mut self, key: &SigningKey) -> Result<()> {
        exec!(
            self,
            "INSERT INTO signing_keys (kid, secret, created_at, retires_at) \
             VALUES ($1, $2, $3, $4)",
            key.kid.as_str(),
            key.secret.as_slice(),
            key.created_at.micros(),
            key.retires_at.micros()
        )?;
        Ok(())
    }

    /// The keys that verify access tokens, newest first. The newest signs.
    pub async fn signing_keys(&mut self, now: Timestamp) -> Result<Vec<SigningKey>> {
        all!(
            self,
            "SELECT kid, secret, created_at, retires_at FROM signing_keys \
             WHERE retires_at > $1 ORDER BY created_at DESC, kid DESC",
            now.micros()
        )
    }

    /// Removes keys that no longer verify. How many.
    pub async fn prune_signing_keys(&mut self, now: Timestamp) -> Result<u64> {
        exec!(
            self,
            "DELETE FROM signing_keys WHERE retires_at <= $1",
            now.micros()
        )
    }
}

one_shot_reads! {
    session(id: SessionId) -> Option<Session>;
    sessions(user: UserId, now: Timestamp) -> Vec<Session>;
    refresh_token_session(hash: &[u8]) -> Option<SessionId>;
    signing_keys(now: Timestamp) -> Vec<SigningKey>;
}

one_shot_writes! {
    touch_session(id: SessionId, at: Timestamp) -> ();
    rotate_refresh_token(old: &[u8], new: &[u8], at: Timestamp, expires_at: Timestamp, grace_seconds: i64) -> Rotation;
    prune_sessions(before: Timestamp) -> u64;
    prune_signing_keys(now: Timestamp) -> u64;
}
