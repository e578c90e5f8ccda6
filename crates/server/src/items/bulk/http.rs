//! `/projects/{project}/items/bulk` and `/projects/{project}/heads`.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use model::{Action, DocumentId, ItemId, ItemType, Priority, ProjectId, Status, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Problem, Result};
use crate::extract::{Json, Path};
use crate::items::bulk::ops;

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(set_items))
        .routes(routes!(delete_items))
        .routes(routes!(restore_items))
        .routes(routes!(move_items))
        .routes(routes!(heads))
}

/// Items to change, and how.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SetItems {
    /// 1 to 1,000 items of the project. One that is of no item of it refuses the request.
    pub ids: Vec<ItemId>,
    /// The same for all of them.
    pub set: ItemsChange,
}

/// A change of many items. What is absent stays.
#[derive(Debug, Default, Clone, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ItemsChange {
    /// How far they are.
    pub status: Option<Status>,
    /// What sort of work they are.
    #[serde(rename = "type")]
    pub item_type: Option<ItemType>,
    /// How urgent they are.
    pub priority: Option<Priority>,
    /// Who works on them, too: members of the organization.
    pub assignees_add: Vec<UserId>,
    /// Who doesn't work on them any more.
    pub assignees_remove: Vec<UserId>,
    /// Free words to add.
    pub labels_add: Vec<String>,
    /// Free words to take away.
    pub labels_remove: Vec<String>,
}

/// What became of a request about many items.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkOutcome {
    /// Those for which it holds now. After deleting and restoring: with all that went along.
    pub changed: Vec<ItemId>,
    /// Those for which it doesn't.
    pub failed: Vec<BulkFailure>,
}

/// An item that was left as it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkFailure {
    /// Which one.
    pub id: ItemId,
    /// The stable word for why, as in problem details: `deleted`, `too-large`, ….
    pub code: String,
    /// What is wrong and what to do, for a person.
    pub detail: String,
}

/// Change many items
///
/// Edits their documents, so that people who have them open see it.
#[utoipa::path(post, path = "/projects/{project}/items/bulk", tag = "items", request_body = SetItems, params(("project" = ProjectId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = BulkOutcome),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "Nothing was changed"),
))]
async fn set_items(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(project): Path<ProjectId>,
    Json(body): Json<SetItems>,
) -> Result<Json<BulkOutcome>> {
    let project = ctx.access().project(&actor, project, Action::Edit).await?;
    ops::set(&ctx, &project, body).await.map(Json)
}

/// Items that something is done with.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChosenItems {
    /// 1 to 1,000 items of the project. One that is of no item of it refuses the request.
    pub ids: Vec<ItemId>,
}

/// Delete many items
///
/// With all that stands under them. They can be restored, together or each for itself.
#[utoipa::path(post, path = "/projects/{project}/items/bulk/delete", tag = "items", request_body = ChosenItems, params(("project" = ProjectId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = BulkOutcome),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "Nothing was changed"),
))]
async fn delete_items(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(project): Path<ProjectId>,
    Json(body): Json<ChosenItems>,
) -> Result<Json<BulkOutcome>> {
    let access = ctx.access();
    let project = access.project(&actor, project, Action::Delete).await?;
    ops::delete(&ctx, &project, &body.ids).await.map(Json)
}

/// Restore many items
///
/// With all that was deleted together with them.
#[utoipa::path(post, path = "/projects/{project}/items/bulk/restore", tag = "items", request_body = ChosenItems, params(("project" = ProjectId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = BulkOutcome),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "Nothing was changed"),
))]
async fn restore_items(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(project): Path<ProjectId>,
    Json(body): Json<ChosenItems>,
) -> Result<Json<BulkOutcome>> {
    let access = ctx.access();
    let project = access.project(&actor, project, Action::Delete).await?;
    ops::restore(&ctx, &project, &body.ids).await.map(Json)
}

/// Items to move, and where.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MoveItems {
    /// 1 to 1,000 items of the project. One that stands under another of them goes along with it.
    pub ids: Vec<ItemId>,
    /// What to put them under; `null` is the root.
    pub parent: Option<ItemId>,
    /// Right behind this one.
    pub after: Option<ItemId>,
    /// Right before this one. With neither, behind all others.
    pub before: Option<ItemId>,
}

/// Move many items
///
/// Side by side, in the order that they have in the tree. One edit of the project's outline: all are moved, or none.
#[utoipa::path(post, path = "/projects/{project}/items/bulk/move", tag = "items", request_body = MoveItems, params(("project" = ProjectId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = BulkOutcome),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "Into itself, or beside something that isn't there. Nothing was changed"),
))]
async fn move_items(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(project): Path<ProjectId>,
    Json(body): Json<MoveItems>,
) -> Result<Json<BulkOutcome>> {
    let project = ctx.access().project(&actor, project, Action::Edit).await?;
    ops::move_to(&ctx, &project, body).await.map(Json)
}

/// Documents to read.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReadHeads {
    /// 1 to 500 documents of the project: items, and its outline by the project's own id. One that is of neither refuses the request.
    pub ids: Vec<DocumentId>,
}

/// Read many documents
///
/// For copies that are used without the network. The answer is, for each document that isn't deleted, in the order asked for: its id (16 bytes), its
/// epoch, its position and the length of what follows (each as lib0 writes an unsigned integer: 7 bits a byte, the lowest first), and its state as a
/// Yjs v1 update. An answer that was cut off ends inside a document.
#[utoipa::path(post, path = "/projects/{project}/heads", tag = "items", request_body = ReadHeads, params(("project" = ProjectId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = [u8], content_type = "application/octet-stream"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn heads(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(project): Path<ProjectId>,
    Json(body): Json<ReadHeads>,
) -> Result<Response> {
    let project = ctx.access().project(&actor, project, Action::View).await?;
    let stream = ops::heads(&ctx, &project, body.ids).await?;
    let mut response = Response::new(Body::from_stream(stream));
    let binary = HeaderValue::from_static("application/octet-stream");
    response.headers_mut().insert(header::CONTENT_TYPE, binary);
    Ok(response)
}
