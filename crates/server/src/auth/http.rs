//! `/auth`: signing in, staying signed in, signing out, the ways back in.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use model::Action;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::{Actor, Caller};
use crate::auth::{cookie, ops};
use crate::ctx::Ctx;
use crate::error::{Error, Problem, Result};
use crate::extract::Json;
use crate::me::http::UserView;

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(forgot_password))
        .routes(routes!(reset_password))
        .routes(routes!(verify_email))
        .routes(routes!(resend_verification))
        .routes(routes!(confirm_email_change))
}

/// What a client needs to act as somebody. The refresh token comes as the cookie `canopy_refresh` beside it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Auth {
    /// Send it as `Authorization: Bearer`, or as a socket's `token`.
    pub access_token: String,
    /// Seconds until it ends. Refresh before.
    pub expires_in: i64,
    /// Who is signed in.
    pub user: UserView,
    /// The session, as `/me/sessions` lists it.
    pub session_id: model::SessionId,
}

/// A session that begins: its tokens leave as body and cookies.
pub(crate) fn signed_in(ctx: &Ctx, grant: ops::Grant) -> Response {
    let mut headers = HeaderMap::new();
    if let Some(refresh) = &grant.refresh {
        cookie::set_refresh(&mut headers, ctx, refresh);
    }
    cookie::set_access(&mut headers, ctx, &grant.access);
    let body = Auth {
        access_token: grant.access,
        expires_in: identity::access::LIFETIME_SECONDS,
        user: grant.user,
        session_id: grant.session,
    };
    (headers, Json(body)).into_response()
}

/// E-mail address and password.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Login {
    /// The address of the account.
    email: String,
    /// Its password.
    password: String,
}

/// Sign in
///
/// An unknown address and a wrong password are answered alike.
#[utoipa::path(
    post, path = "/auth/login", tag = "auth", request_body = Login, security(()),
    responses(
        (status = 200, body = Auth, description = "Signed in; sets the refresh cookie"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`invalid-credentials`"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "Too many attempts"),
    )
)]
async fn login(
    State(ctx): State<Ctx>,
    caller: Caller,
    Json(body): Json<Login>,
) -> Result<Response> {
    ctx.rates.auth(caller.address)?;
    let grant = ops::login(&ctx, &caller, &body.email, &body.password).await?;
    Ok(signed_in(&ctx, grant))
}

/// Renew the access token
///
/// By the refresh cookie, which is replaced. Using a replaced one ends the session: it has been stolen.
#[utoipa::path(
    post, path = "/auth/refresh", tag = "auth", security(("refresh_cookie" = [])),
    responses(
        (status = 200, body = Auth, description = "Renewed; replaces the refresh cookie"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "`session-ended`: sign in again"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "`foreign-origin`"),
    )
)]
async fn refresh(State(ctx): State<Ctx>, caller: Caller, headers: HeaderMap) -> Result<Response> {
    ctx.rates.auth(caller.address)?;
    let Some(token) = cookie::refresh(&headers) else {
        return Err(Error::SIGN_IN);
    };
    if !ctx.config.public_url.is_own_page(&headers) {
        return Err(Error::ForeignOrigin);
    }
    match ops::refresh(&ctx, &caller, &token).await {
        Ok(grant) => Ok(signed_in(&ctx, grant)),
        Err(error @ Error::Unauthenticated { .. }) => {
            let mut headers = HeaderMap::new();
            cookie::clear(&mut headers, &ctx);
            Ok((headers, error).into_response())
        }
        Err(error) => Err(error),
    }
}

/// Sign out
///
/// Ends the session of the refresh cookie, or of the bearer token. Its sockets close. Always 204.
#[utoipa::path(
    post, path = "/auth/logout", tag = "auth", security((), ("refresh_cookie" = []), ("bearer" = [])),
    responses(
        (status = 204, description = "Signed out; clears the cookies"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "`foreign-origin`"),
    )
)]
async fn logout(State(ctx): State<Ctx>, caller: Caller, headers: HeaderMap) -> Result<Response> {
    ctx.rates.auth(caller.address)?;
    if let Some(token) = cookie::refresh(&headers) {
        if !ctx.config.public_url.is_own_page(&headers) {
            return Err(Error::ForeignOrigin);
        }
        ops::logout_by_refresh(&ctx, &caller, &token).await?;
    }
    // A personal access token doesn't sign out; it is revoked.
    if let Ok(actor) = Actor::from_headers(&ctx, &headers, caller.address).await
        && let Ok(account) = ctx.access().account(&actor, Action::Admin).await
    {
        ops::end_session(&ctx, &account, actor.session).await?;
    }
    let mut headers = HeaderMap::new();
    cookie::clear(&mut headers, &ctx);
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}

/// An e-mail address.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ForgotPassword {
    /// The address of the account.
    email: String,
}

/// Ask for a link to set a new password
///
/// Answers alike whether the account exists or not.
#[utoipa::path(
    post, path = "/auth/password/forgot", tag = "auth", request_body = ForgotPassword, security(()),
    responses(
        (status = 202, description = "A link is on its way, if there is such an account"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "Too many attempts"),
    )
)]
async fn forgot_password(
    State(ctx): State<Ctx>,
    caller: Caller,
    Json(body): Json<ForgotPassword>,
) -> Result<StatusCode> {
    ctx.rates.auth(caller.address)?;
    ops::forgot_password(&ctx, &caller, &body.email)?;
    Ok(StatusCode::ACCEPTED)
}

/// The token of a reset link, and the new password.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ResetPassword {
    /// From the link.
    token: String,
    /// The new password: 10 characters to 256 bytes.
    password: String,
}

/// Set a new password
///
/// Ends every session and personal access token of the account.
#[utoipa::path(
    post, path = "/auth/password/reset", tag = "auth", request_body = ResetPassword, security(()),
    responses(
        (status = 204, description = "Set"),
        (status = 410, body = Problem, content_type = "application/problem+json", description = "`link-used`: ask for a new link"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "The password is too weak"),
    )
)]
async fn reset_password(
    State(ctx): State<Ctx>,
    caller: Caller,
    Json(body): Json<ResetPassword>,
) -> Result<StatusCode> {
    ctx.rates.auth(caller.address)?;
    ops::reset_password(&ctx, &caller, &body.token, &body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The token of a verification link.
#[derive(Debug, Deserialize, ToSchema)]
pub struct VerifyEmail {
    /// From the link.
    token: String,
}

/// Confirm an e-mail address
#[utoipa::path(
    post, path = "/auth/email/verify", tag = "auth", request_body = VerifyEmail, security(()),
    responses(
        (status = 204, description = "Confirmed"),
        (status = 410, body = Problem, content_type = "application/problem+json", description = "`link-used`: ask for a new link"),
    )
)]
async fn verify_email(
    State(ctx): State<Ctx>,
    caller: Caller,
    Json(body): Json<VerifyEmail>,
) -> Result<StatusCode> {
    ctx.rates.auth(caller.address)?;
    ops::verify_email(&ctx, &caller, &body.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The token of the link that was sent to a new address.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ConfirmEmailChange {
    /// From the link.
    token: String,
}

/// Change the e-mail address
///
/// To the one that the link was sent to (`PUT /me/email`). Sessions go on; links that were sent to the old address end.
#[utoipa::path(
    post, path = "/auth/email/change", tag = "auth", request_body = ConfirmEmailChange, security(()),
    responses(
        (status = 204, description = "Changed, and confirmed"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`address-taken`: another account has the address"),
        (status = 410, body = Problem, content_type = "application/problem+json", description = "`link-used`: ask for a new link"),
    )
)]
async fn confirm_email_change(
    State(ctx): State<Ctx>,
    caller: Caller,
    Json(body): Json<ConfirmEmailChange>,
) -> Result<StatusCode> {
    ctx.rates.auth(caller.address)?;
    ops::change_email(&ctx, &caller, &body.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send the verification link again
#[utoipa::path(
    post, path = "/auth/email/verify/resend", tag = "auth", security(("bearer" = [])),
    responses(
        (status = 202, description = "On its way, unless the address is confirmed already"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "`token-scope`"),
    )
)]
async fn resend_verification(
    State(ctx): State<Ctx>,
    caller: Caller,
    actor: Actor,
) -> Result<StatusCode> {
    ctx.rates.auth(caller.address)?;
    let account = ctx.access().account(&actor, Action::Admin).await?;
    ops::resend_verification(&ctx, &account).await?;
    Ok(StatusCode::ACCEPTED)
}
