//! `/me`: one's own account and sessions.

use axum::extract::State;
use axum::http::StatusCode;
use model::{SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::{Actor, Caller};
use crate::ctx::Ctx;
use crate::error::{Problem, Result};
use crate::extract::{Json, Path};
use crate::me::ops;
use crate::organizations::http::OrganizationView;

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(me, update_me))
        .routes(routes!(change_password))
        .routes(routes!(sessions))
        .routes(routes!(revoke_session))
}

/// A person's own account.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    /// The account.
    pub id: UserId,
    /// What others see.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// The colour of their caret and avatar, `#rrggbb`.
    pub colour: String,
    /// Whether the address is confirmed.
    pub email_verified: bool,
}

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// The account.
    pub user: UserView,
    /// Where they belong, by name.
    pub organizations: Vec<OrganizationView>,
}

/// Who am I
#[utoipa::path(get, path = "/me", tag = "me", security(("bearer" = [])), responses(
    (status = 200, body = Me),
    (status = 401, body = Problem, content_type = "application/problem+json"),
))]
async fn me(State(ctx): State<Ctx>, actor: Actor) -> Result<Json<Me>> {
    ops::me(&ctx, &actor).await.map(Json)
}

/// Changes of the account. What is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateMe {
    /// What others see: 1 to 100 characters.
    name: Option<String>,
}

/// Change the account
#[utoipa::path(patch, path = "/me", tag = "me", request_body = UpdateMe, security(("bearer" = [])), responses(
    (status = 200, body = UserView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn update_me(
    State(ctx): State<Ctx>,
    actor: Actor,
    Json(body): Json<UpdateMe>,
) -> Result<Json<UserView>> {
    ops::update(&ctx, &actor, body.name).await.map(Json)
}

/// The current password and the one to replace it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangePassword {
    /// The current one.
    current: String,
    /// The new one: 10 characters to 256 bytes.
    new: String,
}

/// Change the password
///
/// Ends every other session of the account.
#[utoipa::path(put, path = "/me/password", tag = "me", request_body = ChangePassword, security(("bearer" = [])), responses(
    (status = 204, description = "Changed"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "The current password is wrong or the new one too weak"),
    (status = 429, body = Problem, content_type = "application/problem+json"),
))]
async fn change_password(
    State(ctx): State<Ctx>,
    caller: Caller,
    actor: Actor,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode> {
    ops::change_password(&ctx, &caller, &actor, &body.current, &body.new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A signed-in device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// The session.
    pub id: SessionId,
    /// When it was signed in.
    pub created_at: Timestamp,
    /// When it last renewed its access.
    pub last_seen_at: Timestamp,
    /// The device: "Firefox on Linux".
    pub agent: String,
    /// The address it was last seen at.
    pub ip: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// The caller's sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sessions {
    /// Last seen first.
    pub sessions: Vec<SessionView>,
}

/// List my sessions
#[utoipa::path(get, path = "/me/sessions", tag = "me", security(("bearer" = [])), responses(
    (status = 200, body = Sessions),
    (status = 401, body = Problem, content_type = "application/problem+json"),
))]
async fn sessions(State(ctx): State<Ctx>, actor: Actor) -> Result<Json<Sessions>> {
    ops::sessions(&ctx, &actor).await.map(Json)
}

/// End one of my sessions
///
/// Its sockets close at once.
#[utoipa::path(delete, path = "/me/sessions/{id}", tag = "me", params(("id" = SessionId, Path)), security(("bearer" = [])), responses(
    (status = 204, description = "Ended"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn revoke_session(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(session): Path<SessionId>,
) -> Result<StatusCode> {
    crate::auth::ops::end_session(&ctx, &actor, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
