//! `/setup`: the first account of an installation.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::Caller;
use crate::auth::http::{Auth, signed_in};
use crate::ctx::Ctx;
use crate::error::{Problem, Result};
use crate::extract::Json;
use crate::setup::ops;

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new().routes(routes!(setup_needed, set_up))
}

/// Whether there is no account yet.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetupNeeded {
    /// True until the first account exists.
    needed: bool,
}

/// Is set-up needed
#[utoipa::path(get, path = "/setup", tag = "setup", security(()), responses((status = 200, body = SetupNeeded)))]
async fn setup_needed(State(ctx): State<Ctx>) -> Result<Json<SetupNeeded>> {
    let needed = ops::needed(&ctx).await?;
    Ok(Json(SetupNeeded { needed }))
}

/// The first account and its organization.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Setup {
    /// From the one-time link that the server printed.
    token: String,
    /// The owner's address.
    email: String,
    /// The owner's name: 1 to 100 characters.
    name: String,
    /// The owner's password: 10 characters to 256 bytes.
    password: String,
    /// The organization's name: 1 to 100 characters.
    organization: String,
}

/// Set up this installation
///
/// Works once, with the token of the link that the server printed.
#[utoipa::path(post, path = "/setup", tag = "setup", request_body = Setup, security(()), responses(
    (status = 200, body = Auth, description = "Done and signed in; sets the refresh cookie"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`setup-token`: not the token, or an expired one"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`set-up-already`"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn set_up(
    State(ctx): State<Ctx>,
    caller: Caller,
    Json(body): Json<Setup>,
) -> Result<Response> {
    ctx.rates.auth(caller.address)?;
    let owner = ops::Owner {
        email: body.email,
        name: body.name,
        password: body.password,
        organization: body.organization,
    };
    let grant = ops::by_token(&ctx, &caller, &body.token, owner).await?;
    Ok(signed_in(&ctx, grant))
}
