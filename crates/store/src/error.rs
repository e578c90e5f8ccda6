//! What can go wrong, in the caller's words.

use std::path::PathBuf;

use sqlx::error::{DatabaseError, ErrorKind};

/// The result of every call into the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call into the store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something that must be unique exists already.
    #[error("{0} exists already")]
    Unique(UniqueKey),
    /// The row a change was meant for isn't there.
    #[error("not found")]
    NotFound,
    /// The row has moved on since the caller looked at it.
    #[error("changed by somebody else meanwhile")]
    Conflict,
    /// The database can't be reached, or is too busy. Trying again can help.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// No space left where the database lives. Nothing was committed.
    #[error("the disk of the database is full: {0}")]
    DiskFull(#[source] sqlx::Error),
    /// Another process has this SQLite database open.
    #[error("{} is in use by another Canopy process", .0.display())]
    Locked(PathBuf),
    /// The database was migrated by a newer release.
    #[error(
        "the database has schema {found}, but this release knows schemas up to {known}: run a release at least as new as the one that migrated it"
    )]
    NewerSchema {
        /// The schema of the database.
        found: i64,
        /// The newest schema of this release.
        known: i64,
    },
    /// A migration failed, or one that was applied has been changed since.
    #[error("migrating the database failed: {0}")]
    Migrate(#[source] Box<sqlx::migrate::MigrateError>),
    /// A database URL that can't be used. Never contains the password.
    #[error("unusable database URL: {0}")]
    Url(String),
    /// A file of the database can't be opened or made.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Stored data that breaks an invariant of the store.
    #[error("corrupt data: {0}")]
    Corrupt(String),
    /// Any other failure of the database: a defect of the store.
    #[error("database error: {0}")]
    Database(#[source] sqlx::Error),
}

/// What must be unique, and wasn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UniqueKey {
    /// The id of a row: it was created before.
    Id,
    /// An account's e-mail address, in any spelling.
    UserEmail,
    /// An organization's short name.
    OrganizationSlug,
    /// A membership.
    Member,
    /// A project's key within its organization.
    ProjectKey,
    /// A token or its hash.
    Token,
    /// An idempotency key of a user.
    IdempotencyKey,
    /// Another key.
    Other,
}

impl std::fmt::Display for UniqueKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Id => "this id",
            Self::UserEmail => "an account with this e-mail address",
            Self::OrganizationSlug => "an organization with this short name",
            Self::Member => "this member",
            Self::ProjectKey => "a project with this key",
            Self::Token => "this token",
            Self::IdempotencyKey => "this idempotency key",
            Self::Other => "a row with the same key",
        })
    }
}

/// Each key as SQLite names its columns and as PostgreSQL names its constraint.
const KEYS: &[(UniqueKey, &str, &str)] = &[
    (
        UniqueKey::UserEmail,
        "users.email_key",
        "users_email_key_key",
    ),
    (
        UniqueKey::OrganizationSlug,
        "organizations.slug",
        "organizations_slug_key",
    ),
    (
        UniqueKey::Member,
        "org_members.org_id, org_members.user_id",
        "org_members_pkey",
    ),
    (
        UniqueKey::ProjectKey,
        "projects.org_id, projects.key",
        "projects_org_id_key_key",
    ),
    (
        UniqueKey::Token,
        "invitations.token_hash",
        "invitations_token_hash_key",
    ),
    (
        UniqueKey::Token,
        "refresh_tokens.hash",
        "refresh_tokens_pkey",
    ),
    (UniqueKey::Token, "email_tokens.hash", "email_tokens_pkey"),
    (
        UniqueKey::Token,
        "personal_tokens.hash",
        "personal_tokens_hash_key",
    ),
    (
        UniqueKey::IdempotencyKey,
        "idempotency_keys.user_id, idempotency_keys.key",
        "idempotency_keys_pkey",
    ),
    (UniqueKey::Id, "users.id", "users_pkey"),
    (UniqueKey::Id, "sessions.id", "sessions_pkey"),
    (UniqueKey::Id, "organizations.id", "organizations_pkey"),
    (UniqueKey::Id, "invitations.id", "invitations_pkey"),
    (UniqueKey::Id, "projects.id", "projects_pkey"),
    (UniqueKey::Id, "items.id", "items_pkey"),
    (UniqueKey::Id, "documents.id", "documents_pkey"),
    (UniqueKey::Id, "custom_fields.id", "custom_fields_pkey"),
    (UniqueKey::Id, "files.id", "files_pkey"),
    (UniqueKey::Id, "personal_tokens.id", "personal_tokens_pkey"),
    (UniqueKey::Id, "audit.id", "audit_pkey"),
    (UniqueKey::Id, "signing_keys.kid", "signing_keys_pkey"),
];

impl Error {
    /// Whether the same call can succeed a moment later, unchanged.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::DiskFull(_))
    }

    /// Whether this says that `key` is taken.
    pub fn is_taken(&self, key: UniqueKey) -> bool {
        matches!(self, Self::Unique(taken) if *taken == key)
    }
}

fn unique_key(error: &dyn DatabaseError) -> UniqueKey {
    let columns = error.message().rsplit(": ").next().unwrap_or_default();
    let constraint = error.constraint();
    KEYS.iter()
        .find(|(_, sqlite, postgres)| match constraint {
            Some(name) => name == *postgres,
            None => columns == *sqlite,
        })
        .map_or(UniqueKey::Other, |(key, _, _)| *key)
}

enum Sort {
    Unavailable,
    DiskFull,
    Other,
}

/// By the codes of SQLite (<https://sqlite.org/rescode.html>) and PostgreSQL
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
fn sort(error: &dyn DatabaseError) -> Sort {
    let code = error.code().unwrap_or_default();
    if error
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some()
    {
        // Extended codes keep the primary code in their low byte.
        return match code.parse::<u32>().unwrap_or(0) & 0xff {
            5 | 6 => Sort::Unavailable, // SQLITE_BUSY, SQLITE_LOCKED
            13 => Sort::DiskFull,       // SQLITE_FULL
            _ => Sort::Other,
        };
    }
    match code.as_ref() {
        "53100" => Sort::DiskFull,
        // Serialization failure, deadlock, lock not available, query cancelled.
        "40001" | "40P01" | "55P03" | "57014" => Sort::Unavailable,
        // Read-only: a standby after a failover.
        "25006" => Sort::Unavailable,
        c if c.starts_with("08") || c.starts_with("53") || c.starts_with("57P") => {
            Sort::Unavailable
        }
        _ => Sort::Other,
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(inner) => {
                if inner.kind() == ErrorKind::UniqueViolation {
                    return Self::Unique(unique_key(inner.as_ref()));
                }
                match sort(inner.as_ref()) {
                    Sort::Unavailable => Self::Unavailable(error),
                    Sort::DiskFull => Self::DiskFull(error),
                    Sort::Other => Self::Database(error),
                }
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error),
            sqlx::Error::RowNotFound => Self::NotFound,
            _ => Self::Database(error),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(inner) => inner.into(),
            other => Self::Migrate(Box::new(other)),
        }
    }
}
