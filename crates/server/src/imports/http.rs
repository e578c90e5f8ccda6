//! `/projects/{project}/imports` and `/imports/{import}`.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use interchange::{Column, Format, Line, MAX_BYTES, Target, TextForm};
use model::{Action, ImportId, ItemId, ItemType, Priority, ProjectId, Status, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Error, Problem, Result};
use crate::extract::{Json, Path, Query};
use crate::imports::ops;

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(imports, create_import))
        .routes(routes!(import, update_import, delete_import))
        .routes(routes!(run_import))
        .routes(routes!(undo_import))
}

/// A file that is brought into a project: first a preview, then items.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Import)]
pub struct ImportView {
    /// The import.
    pub id: ImportId,
    /// The project that it goes into.
    pub project_id: ProjectId,
    /// What its items are put under; `null` is the root.
    #[schema(required)]
    pub parent: Option<ItemId>,
    /// The file's name.
    pub name: String,
    /// What the file is.
    pub format: Format,
    /// `preview`, `running`, `done`, `failed`, `undoing` or `undone`.
    pub state: String,
    /// A table's columns.
    pub columns: Option<Vec<Column>>,
    /// What the columns are, by their names. A column that isn't in it stays out.
    pub mapping: Option<BTreeMap<String, Target>>,
    /// How else a table is read.
    pub settings: Option<ImportSettings>,
    /// The first 200 items as a tree. Empty in lists.
    pub sample: Vec<Sample>,
    /// How much there is.
    pub counts: Counts,
    /// What could not be taken as it is.
    pub report: Vec<Line>,
    /// How many items are made.
    pub done: i64,
    /// How many there are to make.
    pub total: i64,
    /// Whose it is.
    pub created_by: UserId,
    /// When it was brought.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How a table is read, beside its columns. What is absent in a change stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ImportSettings {
    /// Types by the file's words.
    pub types: Option<BTreeMap<String, ItemType>>,
    /// Statuses by the file's words.
    pub statuses: Option<BTreeMap<String, Status>>,
    /// Priorities by the file's words.
    pub priorities: Option<BTreeMap<String, Priority>>,
    /// How descriptions are written.
    pub text: Option<TextForm>,
    /// Whether the first row has the columns' names. Another answer makes the columns be guessed anew.
    pub header: Option<bool>,
    /// The sign between cells, one ASCII character. Another one makes the columns be guessed anew.
    pub delimiter: Option<String>,
}

/// An item that would be made, with those inside it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ImportSample)]
pub struct Sample {
    /// Its title.
    pub title: String,
    /// What sort of work it is.
    #[serde(rename = "type")]
    pub item_type: ItemType,
    /// How far it is.
    pub status: Status,
    /// How many acceptance criteria it has.
    pub criteria: usize,
    /// Whether it has a description.
    pub has_description: bool,
    /// What stands under it.
    #[schema(no_recursion)]
    pub children: Vec<Sample>,
}

/// How much there is in a file.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = ImportCounts)]
pub struct Counts {
    /// Items.
    pub items: i64,
    /// Acceptance criteria.
    pub criteria: i64,
    /// Attached files that the report lists.
    pub attachments: i64,
    /// Items by type.
    pub by_type: BTreeMap<ItemType, i64>,
}

/// A project's imports.
#[derive(Debug, Serialize, ToSchema)]
pub struct Imports {
    /// The latest 50, the latest first, without samples.
    pub imports: Vec<ImportView>,
}

/// What an undo did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Undone {
    /// The import as it is now.
    #[serde(flatten)]
    pub import: ImportView,
    /// How many items went to the bin.
    pub deleted: i64,
    /// Those of them that somebody had changed since; at most 1,000. They can be restored.
    pub changed: Vec<ItemId>,
}

/// What a file is and where its items go.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Brought {
    /// What the file is; found out if absent or `auto`.
    #[serde(default)]
    format: Format,
    /// Its name.
    #[serde(default)]
    name: String,
    /// What to put the items under; the root if absent.
    parent: Option<ItemId>,
}

/// List imports
#[utoipa::path(get, path = "/projects/{project}/imports", tag = "imports", params(("project" = ProjectId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = Imports),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn imports(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(project): Path<ProjectId>,
) -> Result<Json<Imports>> {
    let project = ctx.access().project(&actor, project, Action::View).await?;
    ops::list(&ctx, &project).await.map(Json)
}

/// Bring a file
///
/// The body is the file, up to 50 MiB: Markdown, CSV, Jira's CSV or XML export, or our JSON. Answers with what would come of it; no item is made
/// until it is run. Of somebody's previews, the latest 10 are kept, for a week.
#[utoipa::path(post, path = "/projects/{project}/imports", tag = "imports", params(("project" = ProjectId, Path), Brought),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    security(("bearer" = [])), responses(
    (status = 201, body = ImportView),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 413, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "Nothing can be made of the file; `errors` says why"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "Too many files at once"),
))]
async fn create_import(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(project): Path<ProjectId>,
    Query(brought): Query<Brought>,
    body: Body,
) -> Result<(StatusCode, Json<ImportView>)> {
    let project = ctx.access().project(&actor, project, Action::Edit).await?;
    let _turn = ctx.imports.bringing.take(actor.user)?;
    let bytes = axum::body::to_bytes(body, MAX_BYTES + 1).await;
    let bytes = bytes.map_err(|error| too_large_or_broken(&error))?;
    let Brought {
        format,
        name,
        parent,
    } = brought;
    let made = ops::create(&ctx, &project, &name, format, parent, bytes.into()).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

fn too_large_or_broken(error: &axum::Error) -> Error {
    // The length limit's error says so in words only.
    if error.to_string().contains("length limit") {
        Error::TooLarge(interchange::Error::TooLarge.to_string())
    } else {
        Error::Malformed("The request body ended too early.".into())
    }
}

/// Get an import
#[utoipa::path(get, path = "/imports/{import}", tag = "imports", params(("import" = ImportId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = ImportView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn import(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(import): Path<ImportId>,
) -> Result<Json<ImportView>> {
    let import = ctx.access().import(&actor, import, Action::View).await?;
    Ok(Json(ops::view(&import)))
}

/// How to read a file instead.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateImport {
    /// What the file is.
    pub format: Option<Format>,
    /// What all of the columns are, by their names. A column that isn't in it stays out.
    pub mapping: Option<BTreeMap<String, Target>>,
    /// How else it is read; what is absent stays.
    pub settings: Option<ImportSettings>,
}

/// Read a file another way
///
/// While it is a preview. Answers with the new one.
#[utoipa::path(patch, path = "/imports/{import}", tag = "imports", request_body = UpdateImport, params(("import" = ImportId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = ImportView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`already-run`"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn update_import(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(import): Path<ImportId>,
    Json(body): Json<UpdateImport>,
) -> Result<Json<ImportView>> {
    let import = ctx.access().import(&actor, import, Action::Edit).await?;
    ops::update(&ctx, &import, body).await.map(Json)
}

/// Discard a preview
#[utoipa::path(delete, path = "/imports/{import}", tag = "imports", params(("import" = ImportId, Path)), security(("bearer" = [])), responses(
    (status = 204, description = "Discarded"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`already-run`: undo it instead"),
))]
async fn delete_import(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(import): Path<ImportId>,
) -> Result<StatusCode> {
    let import = ctx.access().import(&actor, import, Action::Edit).await?;
    ops::delete(&ctx, &import).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Run an import
///
/// Makes the items in the background; events `import.changed` and `GET` say how far it is. The same request again does nothing.
#[utoipa::path(post, path = "/imports/{import}/run", tag = "imports", params(("import" = ImportId, Path)), security(("bearer" = [])), responses(
    (status = 202, body = ImportView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`already-run`"),
))]
async fn run_import(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(import): Path<ImportId>,
) -> Result<(StatusCode, Json<ImportView>)> {
    let import = ctx.access().import(&actor, import, Action::Edit).await?;
    let started = ops::start(&ctx, &import).await?;
    Ok((StatusCode::ACCEPTED, Json(started)))
}

/// Undo an import
///
/// Stops it if it is running, and deletes all that it made, in one step. What people have changed since is named; everything can be restored from the
/// bin. One's own imports, or with the right to delete.
#[utoipa::path(post, path = "/imports/{import}/undo", tag = "imports", params(("import" = ImportId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = Undone),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`nothing-to-undo`"),
))]
async fn undo_import(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(import): Path<ImportId>,
) -> Result<Json<Undone>> {
    let import = ctx.access().import(&actor, import, Action::Edit).await?;
    ops::undo(&ctx, &import).await.map(Json)
}
