//! What surrounds every request: its id, its span, its metrics, its time limit, and the headers that every answer carries.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http_body_util::BodyExt;
use tracing::Instrument;

use crate::config::PublicUrl;
use crate::ctx::Ctx;
use crate::error::Error;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request gets a second more for so many bytes of its body: a file on a slow line arrives, and who only drips is cut off.
const BODY_BYTES_PER_SECOND: u64 = 16 << 10;

/// Runs a request: bounded in time, never a dropped connection, always with its id. The span has the route's pattern, not its address: paths and
/// query strings carry tokens.
pub(crate) async fn surround(State(ctx): State<Ctx>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers(), &ctx);
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(page)", |path| path.as_str())
        .to_owned();
    let span = tracing::info_span!(
        "request",
        id = %id.to_str().unwrap_or_default(),
        %method,
        route = %route,
    );
    let limit = Duration::from_secs(ctx.config.limits.request_seconds);
    let received = Arc::new(AtomicU64::new(0));
    let request = counted(request, received.clone());
    let run = AssertUnwindSafe(next.run(request)).catch_unwind();
    let mut response = async {
        match in_time(run, limit, &received).await {
            Some(Ok(response)) => response,
            Some(Err(_panic)) => Error::internal("a handler panicked").into_response(),
            None => Error::Timeout.into_response(),
        }
    }
    .instrument(span.clone())
    .await;
    response.headers_mut().insert(REQUEST_ID, id);
    for (name, value) in &ctx.security_headers {
        response
            .headers_mut()
            .entry(name)
            .or_insert_with(|| value.clone());
    }
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    metrics::histogram!(
        "canopy_http_request_seconds",
        "method" => known(&method),
        "route" => route,
        "status" => status.to_string(),
    )
    .record(elapsed.as_secs_f64());
    span.in_scope(|| {
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        if status >= 500 {
            tracing::warn!(status, micros, "answered");
        } else {
            tracing::debug!(status, micros, "answered");
        }
    });
    response
}

/// The request, with a count of the bytes of its body that have come.
fn counted(request: Request, received: Arc<AtomicU64>) -> Request {
    request.map(|body| {
        Body::new(body.map_frame(move |frame| {
            if let Some(data) = frame.data_ref() {
                received.fetch_add(data.len() as u64, Ordering::Relaxed);
            }
            frame
        }))
    })
}

/// What comes of `run` within `limit`, and the time that its body earns. `None` when that is over.
async fn in_time<T>(
    run: impl Future<Output = T>,
    limit: Duration,
    received: &AtomicU64,
) -> Option<T> {
    let started = tokio::time::Instant::now();
    let mut run = std::pin::pin!(run);
    let mut deadline = started + limit;
    loop {
        if let Ok(done) = tokio::time::timeout_at(deadline, run.as_mut()).await {
            return Some(done);
        }
        let earned = received.load(Ordering::Relaxed) / BODY_BYTES_PER_SECOND;
        let next = started + limit + Duration::from_secs(earned);
        if next <= deadline {
            return None;
        }
        deadline = next;
    }
}

/// A label for a method. Callers may invent methods; the figures' memory is bounded.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// Answers of the API are for one caller at one time.
pub(crate) async fn never_cached(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The id that a proxy gave the request, when it is a plain word; else a fresh one.
fn request_id(headers: &HeaderMap, ctx: &Ctx) -> HeaderValue {
    let given = headers.get(REQUEST_ID).filter(|value| {
        (1..=64).contains(&value.len())
            && value
                .as_bytes()
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
    });
    match given {
        Some(value) => value.clone(),
        None => HeaderValue::from_str(&format!("{:016x}", ctx.rng.next_u64()))
            .unwrap_or(HeaderValue::from_static("unknown")),
    }
}

/// The headers that every answer carries. Scripts, styles and connections are our own only; `style-src-attr` lets the editor place carets and size
/// columns, which it does by style attributes.
pub(crate) fn security_headers(url: &PublicUrl) -> Vec<(HeaderName, HeaderValue)> {
    let socket = if url.is_https() { "wss" } else { "ws" };
    let csp = format!(
        "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; \
         font-src 'self' data:; connect-src 'self' {socket}://{host}; worker-src 'self'; manifest-src 'self'; object-src 'none'; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        host = url.host()
    );
    let mut headers = vec![
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_str(&csp).unwrap_or(HeaderValue::from_static("default-src 'self'")),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("same-origin"),
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-origin"),
        ),
        (
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static(
                "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            ),
        ),
    ];
    if url.is_https() {
        headers.push((
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        ));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_comes_in_earns_time() {
        let limit = Duration::from_secs(30);
        let received = AtomicU64::new(0);
        let second = Duration::from_secs(1);
        let steady = async {
            for _ in 0..100 {
                tokio::time::sleep(second).await;
                received.fetch_add(BODY_BYTES_PER_SECOND, Ordering::Relaxed);
            }
        };
        assert_eq!(in_time(steady, limit, &received).await, Some(()));
        let received = AtomicU64::new(0);
        let dripping = async {
            loop {
                tokio::time::sleep(second).await;
                received.fetch_add(1, Ordering::Relaxed);
            }
        };
        let started = tokio::time::Instant::now();
        assert_eq!(in_time(dripping, limit, &received).await, None::<()>);
        assert_eq!(started.elapsed(), limit);
    }

    #[test]
    fn scripts_are_ours_only_and_https_is_kept() {
        let of = |url| {
            security_headers(&PublicUrl::parse(url).unwrap())
                .into_iter()
                .collect::<HeaderMap>()
        };
        let plain = of("http://c.example:8080");
        let csp = plain[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(csp.contains("script-src 'self';"));
        assert!(csp.contains("connect-src 'self' ws://c.example:8080;"));
        assert!(!plain.contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert!(of("https://c.example").contains_key(header::STRICT_TRANSPORT_SECURITY));
    }
}
