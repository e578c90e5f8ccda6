//! `/projects/{project}/export`.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use model::{Action, ItemId, ProjectId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Problem, Result};
use crate::exports::ops;
use crate::extract::{Path, Query};

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new().routes(routes!(export))
}

/// What an export is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Lossless; an import reads it to the same.
    Json,
    /// A zip of Markdown files in folders like the tree, with the files that they show.
    Markdown,
    /// A table for spreadsheets.
    Csv,
}

/// What to export.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Exported {
    /// What to write it in.
    format: ExportFormat,
    /// This item and all that stands under it; the whole project if absent.
    item: Option<ItemId>,
}

/// Export a project, or a part of it
///
/// Streamed; it breaks off for who may not see the project any more. In CSV, a cell that a spreadsheet would take for a formula has an apostrophe in front of it.
#[utoipa::path(get, path = "/projects/{project}/export", tag = "exports", params(("project" = ProjectId, Path), Exported), security(("bearer" = [])), responses(
    (status = 200, content_type = "application/octet-stream", body = Vec<u8>, description = "JSON, a zip, or CSV, by `format`; `Content-Disposition` has a name"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "Too many exports at once"),
))]
async fn export(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(project): Path<ProjectId>,
    Query(exported): Query<Exported>,
) -> Result<Response> {
    let project = ctx.access().project(&actor, project, Action::View).await?;
    let (name, stream) = ops::export(&ctx, &project, exported.format, exported.item).await?;
    let media_type = match exported.format {
        ExportFormat::Json => "application/json",
        ExportFormat::Markdown => "application/zip",
        ExportFormat::Csv => "text/csv; charset=utf-8",
    };
    let mut response = Response::new(Body::from_stream(stream));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(value) = HeaderValue::from_str(&disposition(&name)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// A name for the browser to save as (RFC 6266): in ASCII, and as it is.
pub(crate) fn disposition(name: &str) -> String {
    use std::fmt::Write as _;
    let plain = name.replace(
        |c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c),
        "-",
    );
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}
