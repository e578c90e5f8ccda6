//! `/diagrams/{diagram}/export`.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use model::{Action, ItemId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::diagrams::ops;
use crate::error::{Problem, Result};
use crate::exports::http::disposition;
use crate::extract::{Path, Query};
use crate::files::serve::ASK;

/// A page of a picture may do nothing but show the images in it.
const POLICY: HeaderValue =
    HeaderValue::from_static("sandbox; default-src 'none'; img-src data:; style-src 'none'");

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new().routes(routes!(export))
}

/// What a diagram is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiagramFormat {
    /// A picture, without scripts and without anything from elsewhere: images are in it.
    Svg,
    /// Lossless; an import reads it to the same.
    Json,
}

/// The colours of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum PictureTheme {
    Light,
    Dark,
}

/// What to export.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Drawn {
    /// What to write it in.
    pub(crate) format: DiagramFormat,
    /// Only this frame and what is in it; the whole diagram if absent. Pictures only.
    pub(crate) frame: Option<String>,
    /// `light` if absent. Pictures only.
    pub(crate) theme: Option<PictureTheme>,
}

/// Export a diagram
///
/// An item that is no diagram is not found. Cards show the items that the caller may see.
#[utoipa::path(get, path = "/diagrams/{diagram}/export", tag = "diagrams", params(("diagram" = ItemId, Path), Drawn), security(("bearer" = [])), responses(
    (status = 200, content_type = "application/octet-stream", body = Vec<u8>, description = "SVG or JSON, by `format`; `Content-Disposition` has a name"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 413, body = Problem, content_type = "application/problem+json", description = "Too large for one picture"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "Too many exports at once"),
))]
async fn export(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(diagram): Path<ItemId>,
    Query(drawn): Query<Drawn>,
) -> Result<Response> {
    let item = ctx.access().item(&actor, diagram, Action::View).await?;
    let (media_type, extension) = match drawn.format {
        DiagramFormat::Svg => ("image/svg+xml", "svg"),
        DiagramFormat::Json => ("application/json", "json"),
    };
    let (title, bytes) = ops::export(&ctx, &item, drawn).await?;
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, ASK);
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    if let Ok(value) = HeaderValue::from_str(&disposition(&format!("{title}.{extension}"))) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
