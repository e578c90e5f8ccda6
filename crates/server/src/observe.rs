//! What an operator asks: is it alive, is it ready, what do the figures say.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use crate::config::MetricsAccess;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::extract::Json;

/// Renders the figures in Prometheus' text format.
pub type MetricsText = Arc<dyn Fn() -> String + Send + Sync>;

/// Over so many documents behind, the projection counts as lagging.
const LAG: usize = 10_000;

pub(crate) fn routes() -> axum::Router<Ctx> {
    axum::Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(figures))
}

/// The process answers.
async fn healthz() -> &'static str {
    "ok\n"
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    database: bool,
    /// Documents whose rows are behind.
    unprojected: usize,
}

/// Requests can be served: the database answers and the projection keeps up.
async fn readyz(State(ctx): State<Ctx>) -> Response {
    let database = match ctx.db.ping().await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            false
        }
    };
    let unprojected = ctx.collab.stats().unprojected;
    let ready = database && unprojected < LAG;
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = Readiness {
        ready,
        database,
        unprojected,
    };
    (status, Json(body)).into_response()
}

/// The figures, for whom the configuration names.
async fn figures(State(ctx): State<Ctx>, request: Request) -> Result<Response> {
    let allowed = match &ctx.config.metrics {
        MetricsAccess::Off => false,
        // The connection's own address: a proxy's header says nothing here, and a proxy on this machine forwards strangers.
        MetricsAccess::Loopback => {
            !request.headers().contains_key("x-forwarded-for")
                && !request.headers().contains_key(header::FORWARDED)
                && request
                    .extensions()
                    .get::<ConnectInfo<SocketAddr>>()
                    .is_some_and(|info| info.0.ip().to_canonical().is_loopback())
        }
        MetricsAccess::Token(token) => request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .is_some_and(|shown| identity::token::equal(shown.as_bytes(), token.as_bytes())),
    };
    if !allowed {
        return Err(Error::NotFound);
    }
    metrics::gauge!("canopy_event_streams").set(ctx.feeds.open() as f64);
    let stats = ctx.db.stats();
    metrics::gauge!("canopy_database_connections").set(f64::from(stats.connections));
    metrics::gauge!("canopy_database_connections_idle").set(f64::from(stats.idle));
    let text = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, text)], (ctx.metrics)()).into_response())
}
