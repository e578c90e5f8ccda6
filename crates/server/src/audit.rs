//! The record of who did what, written in the transaction that does it.

use std::net::IpAddr;

use model::{Clock, OrgId, Rng, SessionId, UserId};
use serde::Serialize;
use store::{AuditEntry, Tx};
use uuid::Uuid;

use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// Who does it, from where, and in which organization.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Audit {
    org: Option<OrgId>,
    actor: Option<UserId>,
    session: Option<SessionId>,
    address: Option<IpAddr>,
}

impl Audit {
    /// Somebody in a session.
    pub(crate) fn of(actor: UserId, session: SessionId, address: IpAddr) -> Self {
        Self {
            org: None,
            actor: Some(actor),
            session: Some(session),
            address: Some(address),
        }
    }

    /// Somebody who is not signed in.
    pub(crate) fn anonymous(address: IpAddr) -> Self {
        Self {
            org: None,
            actor: None,
            session: None,
            address: Some(address),
        }
    }

    /// The server itself, from the command line.
    pub(crate) fn operator() -> Self {
        Self {
            org: None,
            actor: None,
            session: None,
            address: None,
        }
    }

    /// By this account.
    #[must_use]
    pub(crate) fn by(mut self, actor: UserId) -> Self {
        self.actor = Some(actor);
        self
    }

    /// In this organization, whose administrators see it.
    #[must_use]
    pub(crate) fn within(mut self, org: OrgId) -> Self {
        self.org = Some(org);
        self
    }

    /// Writes it down. `detail` is JSON and holds no secrets.
    pub(crate) async fn write(
        self,
        ctx: &Ctx,
        tx: &mut Tx,
        action: &str,
        target: (&str, Uuid),
        detail: &impl Serialize,
    ) -> Result<()> {
        record(self, tx, &*ctx.clock, &*ctx.rng, action, target, detail).await
    }
}

/// Writes an entry where there is no context: on the command line.
pub(crate) async fn record(
    audit: Audit,
    tx: &mut Tx,
    clock: &dyn Clock,
    rng: &dyn Rng,
    action: &str,
    (target_kind, target): (&str, Uuid),
    detail: &impl Serialize,
) -> Result<()> {
    tx.audit(&AuditEntry {
        // Any UUIDv7 will do.
        id: SessionId::new(clock, rng).0,
        org: audit.org,
        actor: audit.actor,
        session: audit.session,
        action: action.into(),
        target_kind: target_kind.into(),
        target_id: Some(target),
        detail: serde_json::to_value(detail).map_err(Error::internal)?,
        ip: audit.address.map(|ip| ip.to_string()).unwrap_or_default(),
        at: clock.now(),
    })
    .await?;
    Ok(())
}
