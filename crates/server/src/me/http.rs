//! `/me`: one's own account and sessions.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use model::{Action, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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
        .routes(routes!(change_email, keep_email))
        .routes(routes!(preferences, set_preferences))
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
    /// The version of their picture at `/users/{user}/avatar?v=`; `null` without one.
    #[schema(required)]
    pub avatar: Option<String>,
    /// Whether the address is confirmed.
    pub email_verified: bool,
    /// The address that the account gets when its link is opened; `null` when none is on its way.
    #[schema(required)]
    pub pending_email: Option<String>,
}

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// The account.
    pub user: UserView,
    /// Where they belong, by name.
    pub organizations: Vec<OrganizationView>,
    /// The largest file that a project takes, in bytes.
    pub file_max_bytes: u64,
}

/// Who am I
#[utoipa::path(get, path = "/me", tag = "me", security(("bearer" = [])), responses(
    (status = 200, body = Me),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`token-scope`"),
))]
async fn me(State(ctx): State<Ctx>, actor: Actor) -> Result<Json<Me>> {
    let account = ctx.access().account(&actor, Action::View).await?;
    ops::me(&ctx, &account).await.map(Json)
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
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`token-scope`"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn update_me(
    State(ctx): State<Ctx>,
    actor: Actor,
    Json(body): Json<UpdateMe>,
) -> Result<Json<UserView>> {
    let account = ctx.access().account(&actor, Action::Edit).await?;
    ops::update(&ctx, &account, body.name).await.map(Json)
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
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`token-scope`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "The current password is wrong or the new one too weak"),
    (status = 429, body = Problem, content_type = "application/problem+json"),
))]
async fn change_password(
    State(ctx): State<Ctx>,
    caller: Caller,
    actor: Actor,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode> {
    let account = ctx.access().account(&actor, Action::Admin).await?;
    ops::change_password(&ctx, &caller, &account, &body.current, &body.new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The address to change to.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangeEmail {
    /// The new address.
    email: String,
    /// The account's password.
    password: String,
}

/// Ask to change the e-mail address
///
/// A link goes to the new address, a notice to the old one. Until the link is opened, the old one stays. Asking again, or changing the password, ends an
/// earlier link.
#[utoipa::path(put, path = "/me/email", tag = "me", request_body = ChangeEmail, security(("bearer" = [])), responses(
    (status = 202, description = "The link is on its way"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`token-scope`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "The password is wrong, or the address can't be one"),
    (status = 429, body = Problem, content_type = "application/problem+json"),
))]
async fn change_email(
    State(ctx): State<Ctx>,
    caller: Caller,
    actor: Actor,
    Json(body): Json<ChangeEmail>,
) -> Result<StatusCode> {
    let account = ctx.access().account(&actor, Action::Admin).await?;
    ops::change_email(&ctx, &caller, &account, &body.email, &body.password).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Keep the e-mail address
///
/// Ends the link that would change it.
#[utoipa::path(delete, path = "/me/email", tag = "me", security(("bearer" = [])), responses(
    (status = 204, description = "Kept"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`token-scope`"),
))]
async fn keep_email(State(ctx): State<Ctx>, actor: Actor) -> Result<StatusCode> {
    let account = ctx.access().account(&actor, Action::Admin).await?;
    ops::keep_email(&ctx, &account).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the person chose, by key.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Preferences(BTreeMap<String, Value>);

/// Get my preferences
///
/// What clients keep here for the person: theme, language, views.
#[utoipa::path(get, path = "/me/preferences", tag = "me", security(("bearer" = [])), responses(
    (status = 200, body = Preferences),
    (status = 401, body = Problem, content_type = "application/problem+json"),
))]
async fn preferences(State(ctx): State<Ctx>, actor: Actor) -> Result<Json<Preferences>> {
    let account = ctx.access().account(&actor, Action::View).await?;
    let kept = ops::preferences(&ctx, &account).await?;
    Ok(Json(Preferences(kept)))
}

/// Change my preferences
///
/// Keys that are `null` are forgotten, keys that are absent stay. Keys have at most 64 bytes, all of it together 64 KiB.
#[utoipa::path(patch, path = "/me/preferences", tag = "me", request_body = Preferences, security(("bearer" = [])), responses(
    (status = 200, body = Preferences, description = "All of them, as they are now"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`token-scope`"),
    (status = 413, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn set_preferences(
    State(ctx): State<Ctx>,
    actor: Actor,
    Json(Preferences(changes)): Json<Preferences>,
) -> Result<Json<Preferences>> {
    let account = ctx.access().account(&actor, Action::Edit).await?;
    let kept = ops::set_preferences(&ctx, &account, changes).await?;
    Ok(Json(Preferences(kept)))
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
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`token-scope`"),
))]
async fn sessions(State(ctx): State<Ctx>, actor: Actor) -> Result<Json<Sessions>> {
    let account = ctx.access().account(&actor, Action::Admin).await?;
    ops::sessions(&ctx, &account).await.map(Json)
}

/// End one of my sessions
///
/// Its sockets close at once.
#[utoipa::path(delete, path = "/me/sessions/{id}", tag = "me", params(("id" = SessionId, Path)), security(("bearer" = [])), responses(
    (status = 204, description = "Ended"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`token-scope`"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn revoke_session(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(session): Path<SessionId>,
) -> Result<StatusCode> {
    let account = ctx.access().account(&actor, Action::Admin).await?;
    crate::auth::ops::end_session(&ctx, &account, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
