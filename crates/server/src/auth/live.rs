//! What holds right now: which sessions live, who has which role, where a document belongs. Kept in memory, because every socket and request asks.
//!
//! Changes made through this node are forgotten at once, by the operation that made them, after its commit. What another node changed is seen when
//! the entry's time is over.

use std::sync::Arc;

use identity::token::TokenHash;
use model::{DocumentId, OrgId, ProjectId, Reach, Role, SessionId, Timestamp, TokenId, UserId};

use crate::auth::cache::{Cache, Found};
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// Entries of each kind.
const CAPACITY: usize = 50_000;
/// How exactly it is known when a token was last used, in seconds: each use would be a write.
const LAST_USED: i64 = 60;

/// A session that lives, and its person. A personal access token is a session of its own: it has the token's id, and ends with it.
#[derive(Debug, Clone)]
pub(crate) struct LiveSession {
    /// Whose it is.
    pub(crate) user: UserId,
    /// What others see.
    pub(crate) name: String,
    /// The colour of their caret.
    pub(crate) colour: String,
    /// The version of their picture.
    pub(crate) avatar: Option<String>,
    /// How far it reaches.
    pub(crate) reach: Reach,
    /// The device.
    pub(crate) agent: Arc<str>,
    /// When it ends if nobody uses it; a token may have no end.
    pub(crate) expires_at: Option<Timestamp>,
}

/// Where a document belongs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) org: OrgId,
    pub(crate) project: ProjectId,
    pub(crate) deleted: bool,
}

pub(crate) struct Live {
    sessions: Cache<SessionId, Option<Arc<LiveSession>>>,
    roles: Cache<(UserId, OrgId), Option<Role>>,
    documents: Cache<DocumentId, Place>,
    /// Which token a hash is of. That never changes; whether the token lives is another question.
    tokens: Cache<[u8; 32], SessionId>,
}

impl Live {
    /// Entries are believed for `seconds`.
    pub(crate) fn new(seconds: i64) -> Self {
        Self {
            sessions: Cache::new(CAPACITY, seconds),
            roles: Cache::new(CAPACITY, seconds),
            documents: Cache::new(CAPACITY, seconds),
            tokens: Cache::new(CAPACITY, seconds),
        }
    }

    /// The session, if it lives.
    ///
    /// # Errors
    /// `session-ended`.
    pub(crate) async fn session(&self, ctx: &Ctx, id: SessionId) -> Result<Arc<LiveSession>> {
        let now = ctx.clock.now();
        let live = match self.sessions.get(&id, now) {
            Found::Hit(live) => live,
            Found::Miss(reading) => {
                let live = read_session(ctx, id, now).await?.map(Arc::new);
                self.sessions.put(reading, id, live.clone(), now);
                live
            }
        };
        live.filter(|live| live.expires_at.is_none_or(|at| at > now))
            .ok_or(Error::SESSION_ENDED)
    }

    /// The session that a personal access token is. `None` when there is no such token; it may have ended.
    pub(crate) async fn token(&self, ctx: &Ctx, hash: &TokenHash) -> Result<Option<SessionId>> {
        let now = ctx.clock.now();
        match self.tokens.get(hash.as_bytes(), now) {
            Found::Hit(id) => Ok(Some(id)),
            Found::Miss(reading) => {
                let id = ctx.db.personal_token_by_hash(hash.as_bytes()).await?;
                let id = id.map(session_of);
                if let Some(id) = id {
                    self.tokens.put(reading, *hash.as_bytes(), id, now);
                }
                Ok(id)
            }
        }
    }

    /// The role of somebody in an organization.
    pub(crate) async fn role(&self, ctx: &Ctx, user: UserId, org: OrgId) -> Result<Option<Role>> {
        let now = ctx.clock.now();
        match self.roles.get(&(user, org), now) {
            Found::Hit(role) => Ok(role),
            Found::Miss(reading) => {
                let role = ctx.db.member_role(org, user).await?;
                self.roles.put(reading, (user, org), role, now);
                Ok(role)
            }
        }
    }

    /// Where a document belongs. `None` when there is none.
    pub(crate) async fn document(&self, ctx: &Ctx, id: DocumentId) -> Result<Option<Place>> {
        let now = ctx.clock.now();
        match self.documents.get(&id, now) {
            Found::Hit(place) => Ok(Some(place)),
            Found::Miss(reading) => {
                let Some(meta) = ctx.db.document(id).await? else {
                    return Ok(None);
                };
                let place = Place {
                    org: meta.org,
                    project: meta.project,
                    deleted: meta.deleted(),
                };
                self.documents.put(reading, id, place, now);
                Ok(Some(place))
            }
        }
    }

    /// The session was ended or renewed.
    pub(crate) fn forget_session(&self, id: SessionId) {
        self.sessions.forget(&id);
    }

    /// The person's name, colour or account changed.
    pub(crate) fn forget_user(&self, user: UserId) {
        self.sessions
            .forget_where(|_, live| live.as_ref().is_some_and(|live| live.user == user));
    }

    /// The person's role in the organization changed.
    pub(crate) fn forget_role(&self, user: UserId, org: OrgId) {
        self.roles.forget(&(user, org));
    }

    /// The document was deleted or restored.
    pub(crate) fn forget_document(&self, id: DocumentId) {
        self.documents.forget(&id);
    }

    /// All documents of the project were deleted or restored.
    pub(crate) fn forget_project(&self, project: ProjectId) {
        self.documents
            .forget_where(|_, place| place.project == project);
    }
}

async fn read_session(ctx: &Ctx, id: SessionId, now: Timestamp) -> Result<Option<LiveSession>> {
    let found = match ctx.db.session(id).await? {
        Some(session) if session.is_live(now) => {
            let end = Some(session.expires_at);
            Some((session.user, session.agent, Reach::Full, end))
        }
        Some(_ended) => None,
        None => read_token(ctx, TokenId(id.0), now).await?,
    };
    let Some((user, agent, reach, expires_at)) = found else {
        return Ok(None);
    };
    let user = ctx.db.user(user).await?;
    Ok(user
        .filter(|user| user.suspended_at.is_none())
        .map(|user| LiveSession {
            user: user.id,
            name: user.name,
            colour: user.colour,
            avatar: user.avatar,
            reach,
            agent: agent.into(),
            expires_at,
        }))
}

type Credential = (UserId, String, Reach, Option<Timestamp>);

async fn read_token(ctx: &Ctx, id: TokenId, now: Timestamp) -> Result<Option<Credential>> {
    let token = ctx.db.personal_token(id).await?;
    let Some(token) = token.filter(|token| token.is_live(now)) else {
        return Ok(None);
    };
    let known = token.last_used_at.map(|at| at.plus_seconds(LAST_USED));
    if known.is_none_or(|until| until <= now)
        && let Err(error) = ctx.db.touch_personal_token(id, now).await
    {
        tracing::warn!(%error, "the use of a token could not be recorded");
    }
    let reach = Reach::of(&token.scopes);
    Ok(Some((token.user, token.name, reach, token.expires_at)))
}

/// The session that a token is.
pub(crate) fn session_of(token: TokenId) -> SessionId {
    SessionId(token.0)
}
