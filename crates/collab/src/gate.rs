//! Who may join what, and how a refusal is told.

use std::sync::Arc;

use async_trait::async_trait;
use model::{DocumentId, OrgId, ProjectId, SessionId, UserId};

/// What a socket shows to prove who it is.
#[derive(Clone)]
pub enum Credential {
    /// An access token: the `token` parameter, an `Authorization` header, or a Hocuspocus auth message.
    Token(String),
    /// The refresh cookie of a same-origin page.
    Cookie(String),
    /// Nothing was shown.
    Missing,
}

/// What an admitted connection may do in one document.
#[derive(Debug, Clone)]
pub struct Pass {
    /// The person.
    pub user: UserId,
    /// Their session; when it ends, so does the connection.
    pub session: SessionId,
    /// The organization that the document belongs to.
    pub org: OrgId,
    /// The project that the document belongs to.
    pub project: ProjectId,
    /// Shown to others.
    pub name: String,
    /// Shown to others: a CSS colour, `#rrggbb`.
    pub color: String,
    /// Shown to others: the version of the person's picture.
    pub avatar: Option<String>,
    /// What the connection is, kept in the log: a browser's name, `api`, a script.
    pub agent: Arc<str>,
    /// May change the document.
    pub write: bool,
}

/// Decides who joins. The server implements it; collab never reads accounts.
#[async_trait]
pub trait Gate: Send + Sync + 'static {
    /// Authenticates the credential and authorizes it for the document.
    ///
    /// # Errors
    /// `SessionEnded` for a bad or ended credential, `NotFound` for what the caller may not see, `TryAgain` when it
    /// can't be decided now.
    async fn admit(&self, credential: &Credential, document: DocumentId) -> Result<Pass, Refusal>;

    /// Decides again for a connection that is open, after a change of roles or sessions.
    ///
    /// # Errors
    /// As [`Gate::admit`].
    async fn readmit(&self, pass: &Pass, document: DocumentId) -> Result<Pass, Refusal>;
}

/// Why a connection, or one document on it, is closed. Codes 4400-4499 are permanent for clients: they stop
/// reconnecting, keep their state and say so. 1013 means: the same again, later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The frame or the update is not sound.
    Invalid,
    /// No valid session.
    SessionEnded,
    /// The caller may look, not write.
    ReadOnly,
    /// The update holds unseen content under a client id that belongs to another user.
    ForeignAuthor,
    /// There is no such document for this caller, or it was deleted.
    NotFound,
    /// The client holds a past that was rewritten.
    Epoch,
    /// The message or the document would exceed its quota.
    TooLarge,
    /// Not now: overload, shutdown, the database away.
    TryAgain,
}

impl Refusal {
    /// The WebSocket close code.
    pub const fn code(self) -> u16 {
        match self {
            Self::Invalid => 4400,
            Self::SessionEnded => 4401,
            Self::ReadOnly | Self::ForeignAuthor => 4403,
            Self::NotFound => 4404,
            Self::Epoch => 4409,
            Self::TooLarge => 4413,
            Self::TryAgain => 1013,
        }
    }

    /// The close reason: a stable word, also the label in metrics.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::SessionEnded => "session-ended",
            Self::ReadOnly => "read-only",
            Self::ForeignAuthor => "foreign-author",
            Self::NotFound => "not-found",
            Self::Epoch => "epoch",
            Self::TooLarge => "too-large",
            Self::TryAgain => "try-again",
        }
    }
}

impl std::fmt::Display for Refusal {
    /// `code:reason`, as the Hocuspocus protocol's close and denial messages carry it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.code(), self.reason())
    }
}

impl std::error::Error for Refusal {}
