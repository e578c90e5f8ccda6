//! The web client's files, as the binary carries them.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use crate::error::Error;

/// One file.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Its bytes.
    pub bytes: Bytes,
    /// Its media type, e.g. `text/javascript`.
    pub content_type: String,
}

/// Finds a file by its path without a leading slash, e.g. `assets/index-3f2a.js`. `{path}.br` and `{path}.gz` are asked for as well and may exist.
pub type Lookup = Arc<dyn Fn(&str) -> Option<Asset> + Send + Sync>;

/// The files of the web client.
#[derive(Clone)]
pub struct Assets {
    lookup: Lookup,
}

/// What stands under `/assets/` has a hash of its content in its name.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Everything else is asked for again each time.
const REVALIDATE: &str = "no-cache";

impl Assets {
    /// Files that `lookup` finds.
    pub fn new(lookup: Lookup) -> Self {
        Self { lookup }
    }

    /// No files: an API server, and tests.
    pub fn none() -> Self {
        Self::new(Arc::new(|_| None))
    }

    /// The answer to a request for anything that no route has: a file, or `index.html` for the addresses inside of the client.
    pub fn serve(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response {
        let path = path.trim_start_matches('/');
        let in_api = path == "api" || path.starts_with("api/") || path.starts_with("collab/");
        if in_api || path.split('/').any(|part| part == "..") {
            return Error::NotFound.into_response();
        }
        if method != Method::GET && method != Method::HEAD {
            return Error::MethodNotAllowed.into_response();
        }
        let hashed = path.starts_with("assets/");
        if !path.is_empty()
            && path != "index.html"
            && let Some(response) = self.file(path, headers)
        {
            let cache = if hashed { IMMUTABLE } else { REVALIDATE };
            return with_cache(response, cache);
        }
        // A missing script must be an error, not a page.
        if hashed {
            return Error::NotFound.into_response();
        }
        match self.file("index.html", headers) {
            Some(page) => with_cache(page, REVALIDATE),
            None => Error::NotFound.into_response(),
        }
    }

    fn file(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        let plain = (self.lookup)(path)?;
        let accepts = |coding: &str| {
            headers
                .get_all(header::ACCEPT_ENCODING)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
                .any(|part| {
                    let mut part = part.split(';').map(str::trim);
                    part.next() == Some(coding) && !part.any(|q| q == "q=0" || q == "q=0.0")
                })
        };
        let packed = [("br", "br"), ("gzip", "gz")]
            .into_iter()
            .filter(|(coding, _)| accepts(coding))
            .find_map(|(coding, suffix)| {
                (self.lookup)(&format!("{path}.{suffix}")).map(|asset| (coding, asset.bytes))
            });
        let mut response = Response::new(Body::empty());
        let out = response.headers_mut();
        out.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_str(&plain.content_type)
                .unwrap_or(HeaderValue::from_static("application/octet-stream")),
        );
        out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        let bytes = match packed {
            Some((coding, bytes)) => {
                out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
                bytes
            }
            None => plain.bytes,
        };
        *response.body_mut() = Body::from(bytes);
        *response.status_mut() = StatusCode::OK;
        Some(response)
    }
}

fn with_cache(mut response: Response, cache: &'static str) -> Response {
    let value = HeaderValue::from_static(cache);
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assets() -> Assets {
        Assets::new(Arc::new(|path| {
            let (bytes, content_type) = match path {
                "index.html" => ("<!doctype html>", "text/html"),
                "assets/a-1.js" => ("let a", "text/javascript"),
                "assets/a-1.js.br" => ("br!", "application/octet-stream"),
                "sw.js" => ("self", "text/javascript"),
                _ => return None,
            };
            Some(Asset {
                bytes: Bytes::from_static(bytes.as_bytes()),
                content_type: content_type.into(),
            })
        }))
    }

    fn get(path: &str, accept: Option<&'static str>) -> (u16, HeaderMap) {
        let headers = accept
            .map(|value| (header::ACCEPT_ENCODING, HeaderValue::from_static(value)))
            .into_iter()
            .collect();
        let response = assets().serve(&Method::GET, path, &headers);
        (response.status().as_u16(), response.headers().clone())
    }

    #[test]
    fn hashed_files_are_kept_for_ever_and_pages_are_asked_for_again() {
        let (status, headers) = get("/assets/a-1.js", None);
        assert_eq!(
            (status, &headers[header::CACHE_CONTROL]),
            (200, &HeaderValue::from_static(IMMUTABLE))
        );
        for page in ["/", "/index.html", "/projects/1", "/invite/cnp_inv_x"] {
            let (status, headers) = get(page, None);
            assert_eq!(
                (status, &headers[header::CACHE_CONTROL]),
                (200, &HeaderValue::from_static(REVALIDATE))
            );
            assert_eq!(headers[header::CONTENT_TYPE], "text/html");
        }
        assert_eq!(
            get("/sw.js", None).1[header::CONTENT_TYPE],
            "text/javascript"
        );
    }

    #[test]
    fn what_is_missing_under_api_and_assets_is_not_a_page() {
        for path in [
            "/api",
            "/api/v1/nothing",
            "/assets/gone.js",
            "/assets/../index.html",
            "/collab/x/y",
        ] {
            assert_eq!(get(path, None).0, 404, "{path}");
        }
        let posted = assets().serve(&Method::POST, "/", &HeaderMap::new());
        assert_eq!(posted.status(), 405);
    }

    #[test]
    fn packed_files_go_to_who_accepts_them() {
        let (_, headers) = get("/assets/a-1.js", Some("gzip, br;q=0.9"));
        assert_eq!(headers[header::CONTENT_ENCODING], "br");
        assert_eq!(headers[header::CONTENT_TYPE], "text/javascript");
        for accept in ["gzip", "br;q=0", "identity"] {
            assert!(
                !get("/assets/a-1.js", Some(accept))
                    .1
                    .contains_key(header::CONTENT_ENCODING)
            );
        }
    }
}
