//! What is done with organizations.

use model::{Abilities, Action, can};
use serde_json::json;

use crate::access::Authorized;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::organizations::http::OrganizationView;
use crate::words;

/// An organization as one of its members sees it.
pub(crate) fn membership_view(
    membership: store::Membership,
    reach: model::Reach,
) -> OrganizationView {
    OrganizationView {
        id: membership.id,
        name: membership.name,
        slug: membership.slug,
        created_at: membership.created_at,
        role: membership.role,
        abilities: Abilities::of(Some(membership.role)).within(reach),
    }
}

/// The organization and its version.
pub(crate) fn view(org: &Authorized<store::Organization>) -> (OrganizationView, i64) {
    let view = OrganizationView {
        id: org.id,
        name: org.name.clone(),
        slug: org.slug.clone(),
        created_at: org.created_at,
        role: org.role,
        abilities: org.abilities(),
    };
    (view, org.updated_at.micros())
}

/// Changes it, if it still has the version that the caller read.
pub(crate) async fn update(
    ctx: &Ctx,
    org: &Authorized<store::Organization>,
    name: Option<String>,
    expected: Option<i64>,
) -> Result<(OrganizationView, i64)> {
    let name = name.map(|name| words::name("name", &name)).transpose()?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin_write().await?;
    tx.lock(&format!("organization:{}", org.id)).await?;
    let current = tx.organization(org.id).await?.ok_or(Error::NotFound)?;
    if expected.is_some_and(|version| version != current.updated_at.micros()) {
        return Err(Error::PreconditionFailed);
    }
    if let Some(name) = &name {
        tx.update_organization(org.id, Some(name), None, now)
            .await?;
        org.actor
            .audit()
            .within(org.id)
            .write(
                ctx,
                &mut tx,
                "organization.changed",
                ("organization", org.id.0),
                &json!({ "name": name }),
            )
            .await?;
    }
    let changed = tx.organization(org.id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    debug_assert!(can(Some(org.role), Action::Admin));
    Ok((
        OrganizationView {
            id: changed.id,
            name: changed.name,
            slug: changed.slug,
            created_at: changed.created_at,
            role: org.role,
            abilities: org.abilities(),
        },
        changed.updated_at.micros(),
    ))
}
