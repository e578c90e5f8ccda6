//! `/projects/{project}/items` and `/items/{item}`.

use std::collections::{BTreeMap, HashMap};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use model::{
    Abilities, Action, FieldId, ItemId, ItemType, Priority, ProjectId, Status, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Problem, Result};
use crate::extract::{Json, Path, Query, present};
use crate::idempotency;
use crate::items::{duplicate, ops};

pub(crate) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(items, create_item))
        .routes(routes!(item, update_item, delete_item))
        .routes(routes!(move_item))
        .routes(routes!(restore_item))
        .routes(routes!(duplicate_item))
        .routes(routes!(backlinks))
        .merge(crate::items::bulk::http::routes())
}

/// An item as lists show it. Its content is its document, which has the same id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Item)]
pub struct ItemView {
    /// The item.
    pub id: ItemId,
    /// The project that it belongs to.
    pub project_id: ProjectId,
    /// Its title, one line.
    pub title: String,
    /// What sort of work it is.
    #[serde(rename = "type")]
    pub item_type: ItemType,
    /// How far it is.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// Who works on it.
    pub assignees: Vec<UserId>,
    /// Free words.
    pub labels: Vec<String>,
    /// The effort, in the unit of the organization.
    pub estimate: Option<f64>,
    /// `YYYY-MM-DD`.
    pub start_date: Option<String>,
    /// `YYYY-MM-DD`.
    pub due_date: Option<String>,
    /// How many acceptance criteria it has.
    pub criteria_total: i64,
    /// How many of them hold.
    pub criteria_done: i64,
    /// Values of the project's own fields, by the field's id. Also of fields that are gone.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub custom: Map<String, Value>,
    /// The position of its document that this shows.
    pub position: i64,
    /// What it stands under, as the outline says; `null` is the root. It may name an item that is gone: then it shows at the root.
    pub parent: Option<ItemId>,
    /// Its place among its siblings: compared as bytes, then by id. Empty when the outline doesn't place it.
    pub rank: String,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// Who deleted it.
    pub deleted_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its row last changed.
    pub updated_at: Timestamp,
    /// The start of its text, one line, at most 200 characters: in the answer about one item.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub excerpt: Option<String>,
    /// What the caller may do with it: in answers about one item. In lists and events it is what the project says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub abilities: Option<Abilities>,
}

/// A page of items.
#[derive(Debug, Serialize, ToSchema)]
pub struct Items {
    /// In the order of their ids.
    pub items: Vec<ItemView>,
    /// For the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

/// Which items, and where the page begins.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ItemsPage {
    /// The deleted ones instead of those that are there.
    #[serde(default)]
    deleted: bool,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// At most so many, 1 to 5,000; 1,000 if absent.
    limit: Option<i64>,
}

/// List the items of a project
///
/// All of them, in pages; `parent` and `rank` make the tree.
#[utoipa::path(get, path = "/projects/{project}/items", tag = "items", params(("project" = ProjectId, Path), ItemsPage), security(("bearer" = [])), responses(
    (status = 200, body = Items),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn items(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(project): Path<ProjectId>,
    Query(page): Query<ItemsPage>,
) -> Result<Json<Items>> {
    let project = ctx.access().project(&actor, project, Action::View).await?;
    ops::list(
        &ctx,
        &project,
        page.deleted,
        page.cursor.as_deref(),
        page.limit,
    )
    .await
    .map(Json)
}

/// An item to make.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = NewItem)]
pub struct CreateItem {
    /// A UUIDv7 made by the client. The same request again finds the item instead of making another.
    pub id: Option<ItemId>,
    /// Its title: at most 500 characters; may be empty.
    pub title: String,
    /// What sort of work it is.
    #[serde(rename = "type")]
    pub item_type: ItemType,
    /// How far it is; `backlog` if absent.
    pub status: Option<Status>,
    /// What to put it under; the root if absent.
    pub parent: Option<ItemId>,
    /// Right behind this one.
    pub after: Option<ItemId>,
    /// Right before this one. With neither, behind all others.
    pub before: Option<ItemId>,
}

/// Make an item
///
/// With an `id`, or an `Idempotency-Key`, the same request again makes nothing.
#[utoipa::path(post, path = "/projects/{project}/items", tag = "items", request_body = CreateItem,
    params(("project" = ProjectId, Path), ("Idempotency-Key" = Option<String>, Header, description = "1 to 100 visible ASCII characters, fresh per intent")),
    security(("bearer" = [])), responses(
    (status = 201, body = ItemView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`id-taken`: another thing has this id"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn create_item(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(project): Path<ProjectId>,
    headers: HeaderMap,
    Json(body): Json<CreateItem>,
) -> Result<Response> {
    let project = ctx.access().project(&actor, project, Action::Edit).await?;
    let key = idempotency::key(&headers)?;
    ops::create(&ctx, &project, body, key).await
}

/// Get an item
///
/// A deleted one too, with `deleted_at`.
#[utoipa::path(get, path = "/items/{item}", tag = "items", params(("item" = ItemId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = ItemView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn item(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(item): Path<ItemId>,
) -> Result<Json<ItemView>> {
    let item = ctx.access().item(&actor, item, Action::View).await?;
    ops::one(&ctx, &item).await.map(Json)
}

/// Changes of an item. What is absent stays; `null` takes away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ItemPatch)]
pub struct UpdateItem {
    /// Its title: at most 500 characters. Merges with typing that goes on.
    pub title: Option<String>,
    /// What sort of work it is.
    #[serde(rename = "type")]
    pub item_type: Option<ItemType>,
    /// How far it is.
    pub status: Option<Status>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// Who works on it, the whole list.
    pub assignees: Option<Vec<UserId>>,
    /// Free words, the whole list.
    pub labels: Option<Vec<String>>,
    /// The effort: zero or more.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<f64>)]
    pub estimate: Option<Option<f64>>,
    /// `YYYY-MM-DD`.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub start_date: Option<Option<String>>,
    /// `YYYY-MM-DD`.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub due_date: Option<Option<String>>,
    /// Values of the project's own fields, by the field's id; those that are absent stay.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub custom: BTreeMap<FieldId, Option<Value>>,
}

/// Change an item
///
/// Edits its document, so that people who have it open see it.
#[utoipa::path(patch, path = "/items/{item}", tag = "items", request_body = UpdateItem, params(("item" = ItemId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = ItemView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`deleted`: restore it first"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn update_item(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(item): Path<ItemId>,
    Json(body): Json<UpdateItem>,
) -> Result<Json<ItemView>> {
    let item = ctx.access().item(&actor, item, Action::Edit).await?;
    ops::update(&ctx, &item, body).await.map(Json)
}

/// Where to put an item.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MoveItem {
    /// What to put it under; `null` is the root.
    pub parent: Option<ItemId>,
    /// Right behind this one.
    pub after: Option<ItemId>,
    /// Right before this one. With neither, behind all others.
    pub before: Option<ItemId>,
}

/// Move an item
///
/// With all that stands under it. Edits the project's outline.
#[utoipa::path(post, path = "/items/{item}/move", tag = "items", request_body = MoveItem, params(("item" = ItemId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = ItemView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`deleted`: restore it first"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "Into itself, or beside something that isn't there"),
))]
async fn move_item(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(item): Path<ItemId>,
    Json(body): Json<MoveItem>,
) -> Result<Json<ItemView>> {
    let item = ctx.access().item(&actor, item, Action::Edit).await?;
    ops::move_to(&ctx, &item, body).await.map(Json)
}

/// Delete an item
///
/// With all that stands under it. It can be restored. Their documents close for everybody.
#[utoipa::path(delete, path = "/items/{item}", tag = "items", params(("item" = ItemId, Path)), security(("bearer" = [])), responses(
    (status = 204, description = "Deleted, or was deleted already"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn delete_item(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(item): Path<ItemId>,
) -> Result<StatusCode> {
    let item = ctx.access().item(&actor, item, Action::Delete).await?;
    ops::delete(&ctx, &item).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Restore an item
///
/// With all that was deleted together with it, where it stood, or at the root when that is gone.
#[utoipa::path(post, path = "/items/{item}/restore", tag = "items", params(("item" = ItemId, Path)), security(("bearer" = [])), responses(
    (status = 200, body = ItemView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn restore_item(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(item): Path<ItemId>,
) -> Result<Json<ItemView>> {
    let item = ctx.access().item(&actor, item, Action::Delete).await?;
    ops::restore(&ctx, &item).await.map(Json)
}

/// How to copy an item.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct DuplicateItem {
    /// Ids for the copies, by what they are copies of: UUIDv7, made by the client. Fresh ones for what is not named. With ids for all, the same request
    /// again does what is left to do and makes nothing twice.
    pub ids: HashMap<ItemId, ItemId>,
    /// Put the copy right behind this one; behind what it is a copy of if absent.
    pub after: Option<ItemId>,
}

/// The copy of an item.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Duplicated {
    /// The copy of the item itself. Deleting it takes all of the copy away.
    pub root: ItemId,
    /// All copies, by what they are copies of.
    pub ids: HashMap<ItemId, ItemId>,
}

/// Copy an item
///
/// With all that stands under it, at most 2,000 items, and their content. What links among them points to the copies.
#[utoipa::path(post, path = "/items/{item}/duplicate", tag = "items", request_body = DuplicateItem,
    params(("item" = ItemId, Path), ("Idempotency-Key" = Option<String>, Header, description = "1 to 100 visible ASCII characters, fresh per intent")),
    security(("bearer" = [])), responses(
    (status = 201, body = Duplicated),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`deleted`: restore it first. `id-taken`: another thing has this id"),
    (status = 413, body = Problem, content_type = "application/problem+json", description = "More than 2,000 items"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn duplicate_item(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(item): Path<ItemId>,
    headers: HeaderMap,
    Json(body): Json<DuplicateItem>,
) -> Result<Response> {
    let item = ctx.access().item(&actor, item, Action::Edit).await?;
    let key = idempotency::key(&headers)?;
    let answer = duplicate::duplicate(&ctx, &item, body, key).await?;
    Ok(answer.into_response())
}

/// An item that names another one.
#[derive(Debug, Serialize, ToSchema)]
pub struct Backlink {
    /// The one that names it.
    pub item: ItemView,
    /// The text around the link, one line, at most 200 characters.
    pub excerpt: String,
}

/// A page of items that name another one.
#[derive(Debug, Serialize, ToSchema)]
pub struct Backlinks {
    /// Oldest first.
    pub items: Vec<Backlink>,
    /// For the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

/// Where a page of backlinks begins.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BacklinksPage {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// At most so many, 1 to 200; 100 if absent.
    limit: Option<i64>,
}

/// List the items that link to an item
///
/// By `itemLink` in their descriptions. When that changes, `item.changed` tells of the item that is linked to.
#[utoipa::path(get, path = "/items/{item}/backlinks", tag = "items", params(("item" = ItemId, Path), BacklinksPage), security(("bearer" = [])), responses(
    (status = 200, body = Backlinks),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn backlinks(
    State(ctx): State<Ctx>,
    actor: Actor,
    Path(item): Path<ItemId>,
    Query(page): Query<BacklinksPage>,
) -> Result<Json<Backlinks>> {
    let item = ctx.access().item(&actor, item, Action::View).await?;
    ops::backlinks(&ctx, &item, page.cursor.as_deref(), page.limit)
        .await
        .map(Json)
}
