//! Who may join which document: sessions and roles, from memory.

use std::sync::{Arc, Weak};

use async_trait::async_trait;
use collab::{Credential, Gate, Pass, Refusal};
use model::{Action, DocumentId, can};

use crate::auth::actor::Actor;
use crate::auth::live::LiveSession;
use crate::ctx::{Ctx, Inner};
use crate::error::Error;

/// The server's answer to the rooms. It is made before the context that it needs, since that holds the rooms.
#[derive(Default)]
pub(crate) struct ServerGate {
    ctx: std::sync::OnceLock<Weak<Inner>>,
}

impl ServerGate {
    pub(crate) fn open(&self, ctx: &Ctx) {
        // Set once, right after the context is made.
        let _ = self.ctx.set(ctx.weak());
    }

    fn ctx(&self) -> Result<Ctx, Refusal> {
        self.ctx
            .get()
            .and_then(Ctx::upgrade)
            .ok_or(Refusal::TryAgain)
    }
}

#[async_trait]
impl Gate for ServerGate {
    async fn admit(&self, credential: &Credential, document: DocumentId) -> Result<Pass, Refusal> {
        let ctx = self.ctx()?;
        let token = match credential {
            Credential::Token(token) | Credential::Cookie(token) => token,
            Credential::Missing => return Err(Refusal::SessionEnded),
        };
        let actor = Actor::from_token(&ctx, token, NOWHERE)
            .await
            .map_err(refusal)?;
        pass(&ctx, actor.session, &actor.live, document).await
    }

    async fn readmit(&self, pass_: &Pass, document: DocumentId) -> Result<Pass, Refusal> {
        let ctx = self.ctx()?;
        let live = ctx
            .live
            .session(&ctx, pass_.session)
            .await
            .map_err(refusal)?;
        pass(&ctx, pass_.session, &live, document).await
    }
}

/// The gate doesn't hear where a socket comes from; nothing it does is audited.
const NOWHERE: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);

async fn pass(
    ctx: &Ctx,
    session: model::SessionId,
    live: &Arc<LiveSession>,
    document: DocumentId,
) -> Result<Pass, Refusal> {
    let place = ctx
        .live
        .document(ctx, document)
        .await
        .map_err(refusal)?
        .filter(|place| !place.deleted)
        .ok_or(Refusal::NotFound)?;
    let role = ctx
        .live
        .role(ctx, live.user, place.org)
        .await
        .map_err(refusal)?;
    if !can(role, Action::View) {
        return Err(Refusal::NotFound);
    }
    Ok(Pass {
        user: live.user,
        session,
        org: place.org,
        project: place.project,
        name: live.name.clone(),
        color: live.colour.clone(),
        agent: live.agent.clone(),
        avatar: live.avatar.clone(),
        write: can(role, Action::Edit) && live.reach.allows(Action::Edit),
    })
}

/// Our error in the words of the socket protocols.
fn refusal(error: Error) -> Refusal {
    match error {
        Error::Unauthenticated { .. } => Refusal::SessionEnded,
        Error::NotFound | Error::Forbidden => Refusal::NotFound,
        error => {
            tracing::error!(%error, "a socket could not be admitted");
            Refusal::TryAgain
        }
    }
}
