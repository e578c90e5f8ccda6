//! Accounts, their passwords, and the tokens sent to their addresses.

use model::{Timestamp, UserId};

use crate::sql::{all, exec, one, one_shot_reads, one_shot_writes, records};
use crate::{Error, Result, Tx, dialect};

records! {
    /// A person's account.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct User {
        /// Its id.
        pub id: UserId,
        /// The address as the person spells it.
        pub email: String,
        /// The person's name.
        pub name: String,
        /// The colour of the person's caret and avatar.
        pub colour: String,
        /// The version of the person's picture; `None` without one.
        pub avatar: Option<String>,
        /// When the address was proven.
        pub email_verified_at: Option<Timestamp>,
        /// When the account was suspended.
        pub suspended_at: Option<Timestamp>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it last changed.
        pub updated_at: Timestamp,
    }

    /// A token sent by e-mail.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EmailToken {
        /// Whose it is.
        pub user: UserId,
        /// The address it was sent to.
        pub email: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it stops working.
        pub expires_at: Timestamp,
        /// When it was used.
        pub used_at: Option<Timestamp>,
    }
}

/// What a token sent by e-mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailPurpose {
    /// To prove the address.
    Verify,
    /// To set a new password.
    Reset,
    /// To make the address the account's own.
    Change,
}

impl EmailPurpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::Change => "change",
        }
    }
}

/// An account to create.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Its id.
    pub id: UserId,
    /// The address as the person spells it. Unique in any spelling.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// The colour of the person's caret and avatar.
    pub colour: String,
    /// When the address was proven, if it was.
    pub email_verified_at: Option<Timestamp>,
    /// When.
    pub created_at: Timestamp,
}

/// The spelling by which addresses are compared: without surrounding space, in lower case.
pub fn email_key(email: &str) -> String {
    dialect::text(email.trim()).to_lowercase()
}

impl Tx {
    /// Creates an account. [`UniqueKey::UserEmail`](crate::UniqueKey::UserEmail) when the address has
    /// one.
    pub async fn create_user(&mut self, new: &NewUser) -> Result<()> {
        exec!(
            self,
            "INSERT INTO users (id, email, email_key, name, colour, email_verified_at, created_at, \
             updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
            new.id.0,
            dialect::text(new.email.trim()),
            email_key(&new.email),
            dialect::text(&new.name),
            dialect::text(&new.colour),
            new.email_verified_at.map(Timestamp::micros),
            new.created_at.micros()
        )?;
        Ok(())
    }

    /// An account.
    pub async fn user(&mut self, id: UserId) -> Result<Option<User>> {
        one!(
            self,
            "SELECT id, email, name, colour, avatar, email_verified_at, suspended_at, created_at, \
             updated_at FROM users WHERE id = $1",
            id.0
        )
    }

    /// The account with an address, in any spelling.
    pub async fn user_by_email(&mut self, email: &str) -> Result<Option<User>> {
        one!(
            self,
            "SELECT id, email, name, colour, avatar, email_verified_at, suspended_at, created_at, \
             updated_at FROM users WHERE email_key = $1",
            email_key(email)
        )
    }

    /// The accounts with these ids, in no order; unknown ids are left out.
    pub async fn users(&mut self, ids: &[UserId]) -> Result<Vec<User>> {
        all!(
            self,
            dialect::ids_sql!(
                "SELECT id, email, name, colour, avatar, email_verified_at, suspended_at, created_at, \
                 updated_at FROM users WHERE",
                "id" in "$1",
                ""
            ),
            dialect::Ids(ids.iter().map(|id| id.0).collect())
        )
    }

    /// How many accounts there are.
    pub async fn user_count(&mut self) -> Result<i64> {
        let count: Option<(i64,)> = one!(self, "SELECT COUNT(*) FROM users")?;
        Ok(count.map_or(0, |(n,)| n))
    }

    /// Gives an account another name.
    pub async fn rename_user(&mut self, id: UserId, name: &str, at: Timestamp) -> Result<()> {
        found(exec!(
            self,
            "UPDATE users SET name = $2, updated_at = $3 WHERE id = $1",
            id.0,
            dialect::text(name),
            at.micros()
        )?)
    }

    /// Gives an account another picture, or none.
    pub async fn set_avatar(
        &mut self,
        id: UserId,
        version: Option<&str>,
        at: Timestamp,
    ) -> Result<()> {
        found(exec!(
            self,
            "UPDATE users SET avatar = $2, updated_at = $3 WHERE id = $1",
            id.0,
            version,
            at.micros()
        )?)
    }

    /// Gives an account another address, which is proven.
    /// [`UniqueKey::UserEmail`](crate::UniqueKey::UserEmail) when another account has it.
    pub async fn change_email(&mut self, id: UserId, email: &str, at: Timestamp) -> Result<()> {
        found(exec!(
            self,
            "UPDATE users SET email = $2, email_key = $3, email_verified_at = $4, updated_at = $4 \
             WHERE id = $1",
            id.0,
            dialect::text(email.trim()),
            email_key(email),
            at.micros()
        )?)
    }

    /// Records that an account's address is proven, if it still is `email`. `false` when it isn't.
    pub async fn set_email_verified(
        &mut self,
        id: UserId,
        email: &str,
        at: Timestamp,
    ) -> Result<bool> {
        let changed = exec!(
            self,
            "UPDATE users SET email_verified_at = $3, updated_at = $3 \
             WHERE id = $1 AND email_key = $2",
            id.0,
            email_key(email),
            at.micros()
        )?;
        Ok(changed > 0)
    }

    /// Suspends an account, or lifts it with `None`. Its sessions are the caller's to revoke.
    pub async fn set_suspended(
        &mut self,
        id: UserId,
        suspended_at: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<()> {
        found(exec!(
            self,
            "UPDATE users SET suspended_at = $2, updated_at = $3 WHERE id = $1",
            id.0,
            suspended_at.map(Timestamp::micros),
            at.micros()
        )?)
    }

    /// Sets an account's password, as its hash.
    pub async fn set_password(&mut self, id: UserId, hash: &str, at: Timestamp) -> Result<()> {
        exec!(
            self,
            "INSERT INTO credentials (user_id, password_hash, changed_at) VALUES ($1, $2, $3) \
             ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash, \
             changed_at = excluded.changed_at",
            id.0,
            hash,
            at.micros()
        )?;
        Ok(())
    }

    /// The hash of an account's password, if it has one.
    pub async fn password_hash(&mut self, id: UserId) -> Result<Option<String>> {
        let hash: Option<(String,)> = one!(
            self,
            "SELECT password_hash FROM credentials WHERE user_id = $1",
            id.0
        )?;
        Ok(hash.map(|(hash,)| hash))
    }

    /// Records a token that is sent to an account's address, by its hash. Older ones of the same
    /// purpose stop working.
    pub async fn create_email_token(
        &mut self,
        hash: &[u8],
        user: UserId,
        purpose: EmailPurpose,
        email: &str,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        exec!(
            self,
            "DELETE FROM email_tokens WHERE user_id = $1 AND purpose = $2",
            user.0,
            purpose.as_str()
        )?;
        exec!(
            self,
            "INSERT INTO email_tokens (hash, user_id, purpose, email, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            hash,
            user.0,
            purpose.as_str(),
            email,
            at.micros(),
            expires_at.micros()
        )?;
        Ok(())
    }

    /// The address that an account is about to get: the one of its open token to change it.
    pub async fn pending_email(&mut self, user: UserId, now: Timestamp) -> Result<Option<String>> {
        let email: Option<(String,)> = one!(
            self,
            "SELECT email FROM email_tokens \
             WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3",
            user.0,
            EmailPurpose::Change.as_str(),
            now.micros()
        )?;
        Ok(email.map(|(email,)| email))
    }

    /// Makes the tokens of an account for a purpose stop working. How many there were.
    pub async fn drop_email_tokens(&mut self, user: UserId, purpose: EmailPurpose) -> Result<u64> {
        exec!(
            self,
            "DELETE FROM email_tokens WHERE user_id = $1 AND purpose = $2",
            user.0,
            purpose.as_str()
        )
    }

    /// Uses up a token: gives it once, while it works. `None` for one that is unknown, used or
    /// expired.
    pub async fn use_email_token(
        &mut self,
        hash: &[u8],
        purpose: EmailPurpose,
        at: Timestamp,
    ) -> Result<Option<EmailToken>> {
        one!(
            self,
            "UPDATE email_tokens SET used_at = $3 \
             WHERE hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3 \
             RETURNING user_id AS \"user\", email, created_at, expires_at, used_at",
            hash,
            purpose.as_str(),
            at.micros()
        )
    }

    /// Removes tokens that expired before `before`. How many.
    pub async fn prune_email_tokens(&mut self, before: Timestamp) -> Result<u64> {
        exec!(
            self,
            "DELETE FROM email_tokens WHERE expires_at < $1",
            before.micros()
        )
    }
}

/// A change that must have met a row.
pub(crate) fn found(rows: u64) -> Result<()> {
    if rows == 0 {
        return Err(Error::NotFound);
    }
    Ok(())
}

one_shot_reads! {
    user(id: UserId) -> Option<User>;
    user_by_email(email: &str) -> Option<User>;
    users(ids: &[UserId]) -> Vec<User>;
    user_count() -> i64;
    password_hash(id: UserId) -> Option<String>;
    pending_email(user: UserId, now: Timestamp) -> Option<String>;
}

one_shot_writes! {
    create_user(new: &NewUser) -> ();
    set_password(id: UserId, hash: &str, at: Timestamp) -> ();
    prune_email_tokens(before: Timestamp) -> u64;
}
