//! `/organizations/{org}/members`.

use axum::extract::State;
use axum::http::StatusCode;
use model::{Abilities, Action, OrgId, Role, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Problem, Result};
use crate::extract::{Json, Path};
use crate::members::ops;

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(members))
        .routes(routes!(change_member, remove_member))
}

/// A person as other members see them.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Person)]
pub struct PersonView {
    /// The account.
    pub id: UserId,
    /// What others see.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The colour of their caret and avatar, `#rrggbb`.
    pub colour: String,
    /// The version of their picture at `/users/{user}/avatar?v=`; `null` without one.
    #[schema(required)]
    pub avatar: Option<String>,
}

/// Somebody in an organization.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberView {
    /// Who.
    pub user: PersonView,
    /// Their role.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
    /// What the caller may do with this membership: `admin` to change the role, `delete` to remove it.
    pub abilities: Abilities,
}

/// The people of an organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Members {
    /// By name.
    pub members: Vec<MemberView>,
}

/// List the members
#[utoipa::path(get, path = "/organizations/{org}/members", tag = "members", params(("org" = OrgId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = Members),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn members(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(org): Path<OrgId>,
) -> Result<Json<Members>> {
    let org = ctx.access().organization(&actor, org, Action::View).await?;
    ops::list(&ctx, &org).await.map(Json)
}

/// A role to give.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangeMember {
    /// The new role. Only an owner makes or unmakes owners.
    role: Role,
}

/// Change a member's role
///
/// Holds at once, on open sockets too. The last owner stays one.
#[utoipa::path(patch, path = "/organizations/{org}/members/{user}", tag = "members", request_body = ChangeMember,
    params(("org" = OrgId, Path), ("user" = UserId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = MemberView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`last-owner`"),
))]
async fn change_member(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path((org, user)): Path<(OrgId, UserId)>,
    Json(body): Json<ChangeMember>,
) -> Result<Json<MemberView>> {
    let org = ctx
        .access()
        .organization(&actor, org, Action::Admin)
        .await?;
    ops::change(&ctx, &org, user, body.role).await.map(Json)
}

/// Remove a member
///
/// Oneself (leaving) or, as an administrator, another. The last owner stays.
#[utoipa::path(delete, path = "/organizations/{org}/members/{user}", tag = "members",
    params(("org" = OrgId, Path), ("user" = UserId, Path)), security(("bearer" = [])), responses(
    (status = 204, description = "Removed"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`last-owner`"),
))]
async fn remove_member(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path((org, user)): Path<(OrgId, UserId)>,
) -> Result<StatusCode> {
    let action = if user == actor.user {
        Action::View
    } else {
        Action::Admin
    };
    let org = ctx.access().organization(&actor, org, action).await?;
    ops::remove(&ctx, &org, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
