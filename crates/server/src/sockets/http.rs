//! `/collab` and `/collab/{document}`: upgrades to a WebSocket.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use collab::Credential;
use serde::Deserialize;

use crate::auth::cookie;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::extract::{Path, Query};
use crate::sockets::adapter::Adapter;

pub(crate) fn routes() -> axum::Router<Ctx> {
    axum::Router::new()
        .route("/collab", get(multiplexed))
        .route("/collab/{document}", get(plain))
}

/// What a socket's address may carry. Never logged.
#[derive(Deserialize)]
struct Params {
    token: Option<String>,
}

/// Many documents on one socket: the Hocuspocus protocol.
async fn multiplexed(
    State(ctx): State<Ctx>,
    Query(params): Query<Params>,
    request: Request,
) -> Response {
    serve(ctx, params, request, |ctx, socket, credential| async move {
        ctx.collab.serve_multiplexed(socket, credential).await;
    })
    .await
    .into_response()
}

/// One document: the y-websocket protocol.
async fn plain(
    State(ctx): State<Ctx>,
    Path(document): Path<String>,
    Query(params): Query<Params>,
    request: Request,
) -> Response {
    serve(ctx, params, request, |ctx, socket, credential| async move {
        ctx.collab.serve_plain(socket, &document, credential).await;
    })
    .await
    .into_response()
}

async fn serve<F, Fut>(ctx: Ctx, params: Params, request: Request, run: F) -> Result<Response>
where
    F: FnOnce(Ctx, Adapter, Credential) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let (mut parts, _) = request.into_parts();
    let credential = credential(&ctx, params, &parts.headers)?;
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &ctx)
        .await
        .map_err(|rejection| Error::Malformed(rejection.body_text()))?;
    let message = ctx.config.limits.socket_message_bytes;
    Ok(upgrade
        // Thousands of sockets idle in memory: the library's own buffers of 128 KiB would be most of their cost.
        .read_buffer_size(2 * 1024)
        .write_buffer_size(4 * 1024)
        .max_message_size(message)
        .max_frame_size(message)
        .on_upgrade(move |socket| async move {
            run(ctx, Adapter(socket), credential).await;
        }))
}

/// The token in the address, the `Authorization` header, or the cookie of a page of ours. A browser sends cookies with sockets that other sites
/// open, so for those the page is checked.
fn credential(ctx: &Ctx, params: Params, headers: &HeaderMap) -> Result<Credential> {
    if let Some(token) = params.token.filter(|token| !token.is_empty()) {
        return Ok(Credential::Token(token));
    }
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    if let Some((_, token)) = bearer {
        return Ok(Credential::Token(token.trim().to_owned()));
    }
    match cookie::access(headers) {
        None => Ok(Credential::Missing),
        Some(_) if !ctx.config.public_url.is_own_page(headers) => Err(Error::ForeignOrigin),
        Some(token) => Ok(Credential::Cookie(token)),
    }
}
