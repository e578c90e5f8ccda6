//! `/organizations/{org}`.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName};
use model::{Abilities, Action, OrgId, Role, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Problem, Result};
use crate::extract::{Json, Path, etag, if_match};
use crate::organizations::ops;

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new().routes(routes!(organization, update_organization))
}

/// An organization.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Organization)]
pub struct OrganizationView {
    /// The organization.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// Since when.
    pub created_at: Timestamp,
    /// The caller's role in it.
    pub role: Role,
    /// What the caller may do in it.
    pub abilities: Abilities,
}

type Tagged<T> = ([(HeaderName, String); 1], Json<T>);

/// Get an organization
#[utoipa::path(get, path = "/organizations/{org}", tag = "organizations", params(("org" = OrgId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = OrganizationView, headers(("ETag" = String, description = "For If-Match"))),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn organization(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(org): Path<OrgId>,
) -> Result<Tagged<OrganizationView>> {
    let org = ctx.access().organization(&actor, org, Action::View).await?;
    let (view, version) = ops::view(&org);
    Ok((etag(version), Json(view)))
}

/// Changes of an organization. What is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateOrganization {
    /// Its name: 1 to 100 characters.
    name: Option<String>,
}

/// Change an organization
#[utoipa::path(patch, path = "/organizations/{org}", tag = "organizations", request_body = UpdateOrganization,
    params(("org" = OrgId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    security(("bearer" = [])), responses(
    (status = 200, body = OrganizationView, headers(("ETag" = String, description = "For If-Match"))),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 412, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn update_organization(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(org): Path<OrgId>,
    headers: HeaderMap,
    Json(body): Json<UpdateOrganization>,
) -> Result<Tagged<OrganizationView>> {
    let org = ctx
        .access()
        .organization(&actor, org, Action::Admin)
        .await?;
    let expected = if_match(&headers)?;
    let (view, version) = ops::update(&ctx, &org, body.name, expected).await?;
    Ok((etag(version), Json(view)))
}
