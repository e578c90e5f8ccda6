//! `/me/tokens`.

use axum::extract::State;
use axum::http::StatusCode;
use model::{Action, Scope, Timestamp, TokenId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Problem, Result};
use crate::extract::{Json, Path};
use crate::tokens::ops;

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(tokens, create_token))
        .routes(routes!(revoke_token))
}

/// A token with which a script acts for a person, as far as its scopes reach. Of the account itself it can reach neither credentials nor sessions.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PersonalToken)]
pub struct TokenView {
    /// The token's id; not its text.
    pub id: TokenId,
    /// What the person calls it.
    pub name: String,
    /// What it may do: `read` to see; `write` to see, change and delete content. Managing people and settings is for people who sign in.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; `null` if never.
    #[schema(required)]
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute; `null` if never.
    #[schema(required)]
    pub last_used_at: Option<Timestamp>,
}

/// The caller's tokens.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PersonalTokens)]
pub struct Tokens {
    /// Latest first.
    pub tokens: Vec<TokenView>,
}

/// List my personal access tokens
#[utoipa::path(get, path = "/me/tokens", tag = "me", security(("bearer" = [])), responses(
    (status = 200, body = Tokens),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`token-scope`"),
))]
async fn tokens(State(ctx): State<Ctx>, actor: Actor) -> Result<Json<Tokens>> {
    let account = ctx.access().account(&actor, Action::Admin).await?;
    ops::list(&ctx, &account).await.map(Json)
}

/// A token to make.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewPersonalToken)]
pub struct CreateToken {
    /// What to call it: 1 to 100 characters.
    pub name: String,
    /// What it may do; at least one.
    pub scopes: Vec<Scope>,
    /// When it ends; never if absent.
    pub expires_at: Option<Timestamp>,
}

/// A token that was just made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MadePersonalToken)]
pub struct MadeToken {
    /// Its text, `canopy_pat_…`: send it as `Authorization: Bearer`, or as a socket's `token`. It is shown this once.
    pub token: String,
    /// What it is.
    #[serde(flatten)]
    pub made: TokenView,
}

/// Make a personal access token
///
/// There is no `Idempotency-Key`: its text is kept nowhere, so it couldn't be given again.
#[utoipa::path(post, path = "/me/tokens", tag = "me", request_body = CreateToken, security(("bearer" = [])), responses(
    (status = 201, body = MadeToken),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`token-scope`"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`too-many-tokens`"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
    (status = 429, body = Problem, content_type = "application/problem+json"),
))]
async fn create_token(
    State(ctx): State<Ctx>,
    actor: Actor,
    Json(body): Json<CreateToken>,
) -> Result<(StatusCode, Json<MadeToken>)> {
    let account = ctx.access().account(&actor, Action::Admin).await?;
    let made = ops::create(&ctx, &account, body).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Revoke a personal access token
///
/// Holds at once: its sockets close.
#[utoipa::path(delete, path = "/me/tokens/{id}", tag = "me", params(("id" = TokenId, Path)), security(("bearer" = [])), responses(
    (status = 204, description = "Revoked"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`token-scope`"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn revoke_token(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(id): Path<TokenId>,
) -> Result<StatusCode> {
    let account = ctx.access().account(&actor, Action::Admin).await?;
    ops::revoke(&ctx, &account, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
