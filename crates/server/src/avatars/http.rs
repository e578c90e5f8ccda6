//! `/me/avatar` and `/users/{user}/avatar`.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use model::{Action, UserId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::Actor;
use crate::avatars::ops;
use crate::ctx::Ctx;
use crate::error::{Problem, Result};
use crate::extract::{Json, Path, Query};
use crate::me::http::UserView;

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(set_avatar, remove_avatar))
        .routes(routes!(avatar))
}

/// Choose a picture
///
/// The body is a PNG, JPEG or WebP image of at most 2 MiB and 1,024 by 1,024 pixels. It is kept as it is sent,
/// with whatever a camera wrote into it.
#[utoipa::path(put, path = "/me/avatar", tag = "me",
    request_body(content = [u8], content_type = "application/octet-stream"),
    security(("bearer" = [])), responses(
    (status = 200, body = UserView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`token-scope`"),
    (status = 413, body = Problem, content_type = "application/problem+json", description = "`too-large`; `detail` says the limit"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 429, body = Problem, content_type = "application/problem+json"),
))]
async fn set_avatar(State(ctx): State<Ctx>, actor: Actor, body: Body) -> Result<Json<UserView>> {
    let account = ctx.access().account(&actor, Action::Edit).await?;
    ops::set(&ctx, &account, body.into_data_stream())
        .await
        .map(Json)
}

/// Have no picture
#[utoipa::path(delete, path = "/me/avatar", tag = "me", security(("bearer" = [])), responses(
    (status = 204, description = "None any more"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`token-scope`"),
))]
async fn remove_avatar(State(ctx): State<Ctx>, actor: Actor) -> Result<StatusCode> {
    let account = ctx.access().account(&actor, Action::Edit).await?;
    ops::remove(&ctx, &account).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which version of a picture.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Version {
    /// The `avatar` of the person: with it the answer may be kept for good. The current picture is sent in any case.
    v: Option<String>,
}

/// Get somebody's picture
///
/// Of people one is in an organization with.
#[utoipa::path(get, path = "/users/{user}/avatar", tag = "users", params(("user" = UserId, Path), Version), security(("bearer" = [])), responses(
    (status = 200, body = [u8], content_type = "application/octet-stream", description = "The image, under its own media type"),
    (status = 304, description = "The caller has it"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "No picture, or a stranger"),
))]
async fn avatar(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(user): Path<UserId>,
    Query(version): Query<Version>,
    headers: HeaderMap,
) -> Result<Response> {
    let person = ctx.access().person(&actor, user).await?;
    ops::send(&ctx, &headers, &person, version.v.as_deref()).await
}
