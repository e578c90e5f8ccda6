//! What holds right now: which sessions live, who has which role, where a document belongs. Kept in memory, because every socket and request asks.
//!
//! Changes made through this node are forgotten at once, by the operation that made them, after its commit. What another node changed is seen when
//! the entry's time is over.

use std::sync::Arc;

use model::{DocumentId, OrgId, ProjectId, Role, SessionId, Timestamp, UserId};

use crate::auth::cache::{Cache, Found};
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// Entries of each kind.
const CAPACITY: usize = 50_000;

/// A session that lives, and its person.
#[derive(Debug, Clone)]
pub(crate) struct LiveSession {
    /// Whose it is.
    pub(crate) user: UserId,
    /// What others see.
    pub(crate) name: String,
    /// The colour of their caret.
    pub(crate) colour: String,
    /// The device.
    pub(crate) agent: Arc<str>,
    /// When it ends if nobody uses it.
    pub(crate) expires_at: Timestamp,
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
}

impl Live {
    /// Entries are believed for `seconds`.
    pub(crate) fn new(seconds: i64) -> Self {
        Self {
            sessions: Cache::new(CAPACITY, seconds),
            roles: Cache::new(CAPACITY, seconds),
            documents: Cache::new(CAPACITY, seconds),
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
        live.filter(|live| live.expires_at > now)
            .ok_or(Error::SESSION_ENDED)
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
    let Some(session) = ctx.db.session(id).await? else {
        return Ok(None);
    };
    if !session.is_live(now) {
        return Ok(None);
    }
    let user = ctx.db.user(session.user).await?;
    Ok(user
        .filter(|user| user.suspended_at.is_none())
        .map(|user| LiveSession {
            user: user.id,
            name: user.name,
            colour: user.colour,
            agent: session.agent.into(),
            expires_at: session.expires_at,
        }))
}
