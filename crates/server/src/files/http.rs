//! `/projects/{project}/files/{file}` and `/files/{file}`.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use model::{Action, FileId, ProjectId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Problem, Result};
use crate::extract::{Json, Path, Query};
use crate::files::ops;

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(put_file))
        .routes(routes!(file))
        .routes(routes!(file_meta))
}

/// An image or another file of a project. It never changes.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = File)]
pub struct FileView {
    /// The file.
    pub id: FileId,
    /// The project that it belongs to: who sees that, sees it.
    pub project_id: ProjectId,
    /// What it is called.
    pub name: String,
    /// What its bytes are: `image/png`, `image/jpeg`, `image/gif`, `image/webp` and `image/avif` may be shown; everything else is a download.
    pub media_type: String,
    /// In bytes.
    pub size: i64,
    /// An image's width in pixels.
    #[schema(required)]
    pub width: Option<i64>,
    /// An image's height in pixels.
    #[schema(required)]
    pub height: Option<i64>,
    /// When it was put there.
    pub created_at: Timestamp,
}

/// What a file is called.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Called {
    /// Its name, as a download will have it. A path in front of it is left out.
    #[serde(default)]
    name: String,
}

/// Put a file into a project
///
/// The body is the file. Its id is a UUIDv7 made by the client: the same file again makes nothing. The type is found out from the bytes.
#[utoipa::path(put, path = "/projects/{project}/files/{file}", tag = "files",
    params(("project" = ProjectId, Path), ("file" = FileId, Path), Called),
    request_body(content = [u8], content_type = "application/octet-stream"),
    security(("bearer" = [])), responses(
    (status = 201, body = FileView),
    (status = 400, body = Problem, content_type = "application/problem+json", description = "The body broke off"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`id-taken`: another file has this id; `file-quota`: the organization's files take all the room that they may"),
    (status = 413, body = Problem, content_type = "application/problem+json", description = "`too-large`; `detail` says the limit"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "Too many uploads at once"),
))]
async fn put_file(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path((project, file)): Path<(ProjectId, FileId)>,
    Query(called): Query<Called>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<FileView>)> {
    let project = ctx.access().project(&actor, project, Action::Edit).await?;
    let length = length(&headers);
    let body = body.into_data_stream();
    let made = ops::upload(&ctx, (&project).into(), file, &called.name, length, body).await?;
    Ok((StatusCode::CREATED, Json(ops::view(&made))))
}

/// The length that a request says its body has.
pub(crate) fn length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// Get a file
///
/// Ranges and `If-None-Match` are heeded. Images that hold no scripts are `inline`, everything else is an `attachment`.
#[utoipa::path(get, path = "/files/{file}", tag = "files", params(("file" = FileId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = [u8], content_type = "application/octet-stream", description = "The bytes, under their own media type"),
    (status = 206, description = "The part that was asked for"),
    (status = 304, description = "The caller has it"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 416, description = "There is no such part"),
))]
async fn file(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(file): Path<FileId>,
    headers: HeaderMap,
) -> Result<Response> {
    let file = ctx.access().file(&actor, file, Action::View).await?;
    ops::send(&ctx, &headers, &file).await
}

/// Get what a file is
#[utoipa::path(get, path = "/files/{file}/meta", tag = "files", params(("file" = FileId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = FileView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn file_meta(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(file): Path<FileId>,
) -> Result<Json<FileView>> {
    let file = ctx.access().file(&actor, file, Action::View).await?;
    Ok(Json(ops::view(&file)))
}
