//! What is done with items. Existence and deletion are rows; everything else is an edit of a document, through the same path as a client's.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use collab::{EditError, Pass, Refusal};
use content::item::{ItemPatch, NewItem};
use content::outline::{self, MoveError, Placement, Spot, Tree};
use model::{DocumentKind, FieldId, ItemId, OrgId, Priority, ProjectId, Status, UserId};
use parking_lot::Mutex;
use serde_json::{Value, json};
use store::{Item, NewDocument, Project};

use crate::access::Authorized;
use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::fields;
use crate::idempotency::{Answer, Key, Once};
use crate::items::bulk::ops::{self as bulk, Note};
use crate::items::http::{Backlink, Backlinks, CreateItem, ItemView, Items, MoveItem, UpdateItem};
use crate::paging;
use crate::words;

/// What a log row says of an edit through the API.
const AGENT: &str = "api";
/// The longest excerpt of an item's text, in characters.
const EXCERPT: i64 = 200;
/// The update that changes nothing.
pub(crate) const NOTHING: [u8; 2] = [0, 0];

/// An item's row as the API shows it.
pub(crate) fn row_view(item: &Item) -> ItemView {
    ItemView {
        id: item.id,
        project_id: item.project,
        title: item.title.clone(),
        item_type: item.item_type,
        status: item.status,
        priority: item.priority,
        assignees: item.assignees.clone(),
        labels: item.labels.clone(),
        estimate: item.estimate,
        start_date: item.start_date.clone(),
        due_date: item.due_date.clone(),
        criteria_total: item.criteria_total,
        criteria_done: item.criteria_done,
        custom: item.custom.clone(),
        position: item.position,
        parent: item.parent,
        rank: item.rank.clone(),
        deleted_at: item.deleted_at,
        deleted_by: item.deleted_by,
        created_at: item.created_at,
        updated_at: item.updated_at,
        excerpt: None,
        abilities: None,
    }
}

/// An item as the caller sees it.
pub(crate) fn view(item: &Authorized<Item>) -> ItemView {
    ItemView {
        abilities: Some(item.abilities()),
        ..row_view(item)
    }
}

/// An item with the start of its text.
pub(crate) async fn one(ctx: &Ctx, item: &Authorized<Item>) -> Result<ItemView> {
    let text = ctx.db.item_excerpt(item.id, 2 * EXCERPT).await?;
    let text = content::item::one_line(&text.unwrap_or_default());
    Ok(ItemView {
        excerpt: Some(text.chars().take(EXCERPT as usize).collect()),
        ..view(item)
    })
}

/// A page of a project's items, in the order of their ids.
pub(crate) async fn list(
    ctx: &Ctx,
    project: &Authorized<Project>,
    deleted: bool,
    cursor: Option<&str>,
    limit: Option<i64>,
) -> Result<Items> {
    let limit = paging::limit(limit, 1_000, 5_000)?;
    let after = paging::after(cursor)?.map(ItemId);
    let mut rows = ctx.db.items(project.id, deleted, after, limit + 1).await?;
    let next_cursor = paging::next(&mut rows, limit, |item| item.id.0);
    Ok(Items {
        items: rows.iter().map(row_view).collect(),
        next_cursor,
    })
}

/// The rooms let the actor write: the action has been authorized.
pub(crate) fn pass(actor: &Actor, org: model::OrgId, project: ProjectId) -> Pass {
    Pass {
        user: actor.user,
        session: actor.session,
        org,
        project,
        name: actor.live.name.clone(),
        color: actor.live.colour.clone(),
        avatar: actor.live.avatar.clone(),
        agent: Arc::from(AGENT),
        write: true,
    }
}

/// Why an edit of a document can't be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    #[error(transparent)]
    Content(#[from] content::Error),
    #[error(transparent)]
    Move(#[from] MoveError),
}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Content(error) => error.into(),
            PlanError::Move(MoveError::UnknownItem) => Self::NotFound,
            PlanError::Move(error @ MoveError::NotASibling) => {
                Self::field("after", format!("Not possible: {error}."))
            }
            PlanError::Move(error) => Self::field("parent", format!("Not possible: {error}.")),
        }
    }
}

impl From<content::Error> for Error {
    fn from(error: content::Error) -> Self {
        match error {
            content::Error::TooMany => Self::Conflict {
                code: "too-many",
                detail: format!(
                    "An item has at most {} assignees and {0} labels.",
                    content::item::MAX_LIST
                ),
            },
            content::Error::FixedType => Self::field(
                "type",
                "A diagram stays one, and no other item becomes one.",
            ),
            error => Self::internal(error),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::NotFound,
            Refusal::SessionEnded => Self::SESSION_ENDED,
            Refusal::ReadOnly => Self::Forbidden,
            Refusal::TooLarge => Self::TooLarge("The document would become too large.".into()),
            Refusal::TryAgain => Self::Unavailable,
            Refusal::Invalid | Refusal::ForeignAuthor | Refusal::Epoch => Self::internal(refusal),
        }
    }
}

impl<E: Into<Self>> From<EditError<E>> for Error {
    fn from(error: EditError<E>) -> Self {
        match error {
            EditError::Refused(refusal) => refusal.into(),
            EditError::Edit(error) => error.into(),
        }
    }
}

pub(crate) fn spot(after: Option<ItemId>, before: Option<ItemId>) -> Result<Spot> {
    match (after, before) {
        (None, None) => Ok(Spot::Last),
        (Some(id), None) => Ok(Spot::After(id)),
        (None, Some(id)) => Ok(Spot::Before(id)),
        (Some(_), Some(_)) => Err(Error::field("before", "Give after or before, not both.")),
    }
}

/// Makes an item: its row and document, then the document's content, then its place in the outline. Each step is skipped when it has been done, so
/// the same request after a crash or a lost answer finishes the work.
pub(crate) async fn create(
    ctx: &Ctx,
    project: &Authorized<Project>,
    body: CreateItem,
    key: Option<Key>,
) -> Result<Response> {
    let title = words::title("title", &body.title)?;
    let spot = spot(body.after, body.before)?;
    if let Some(parent) = body.parent {
        let there = ctx.db.item(parent).await?;
        if there.is_none_or(|item| item.project != project.id || item.deleted_at.is_some()) {
            return Err(Error::field(
                "parent",
                "There is no such item in this project.",
            ));
        }
    }
    if body.id.is_some_and(|id| id.0.get_version_num() != 7) {
        return Err(Error::field("id", "Use a UUID of version 7."));
    }
    let actor = &project.actor;
    let once = key
        .map(|key| Once::new(actor.user, key, &format!("item in {}", project.id), &body))
        .transpose()?;
    let id = register(ctx, project, &body, &title, once).await?;

    let pass = pass(actor, project.org, project.id);
    let mut new = NewItem::new(title, body.item_type);
    new.status = body.status.unwrap_or(Status::Backlog);
    ctx.collab
        .edit(id.into(), &pass, move |head, client| {
            if head.len() > NOTHING.len() {
                return Ok(NOTHING.to_vec());
            }
            content::item::initial(client, &new)
        })
        .await?;
    let placed = insert(ctx, project, &pass, id, body.parent, spot).await?;

    let item = ctx.db.item(id).await?.ok_or(Error::NotFound)?;
    let mut view = row_view(&item);
    if let Some(placed) = placed {
        view.parent = placed.parent;
        view.rank = placed.rank;
    }
    view.abilities = Some(project.abilities());
    Ok(Answer::created(&view)?.into_response())
}

/// The id that a client has made is another thing's.
pub(crate) fn id_taken() -> Error {
    Error::Conflict {
        code: "id-taken",
        detail: "Another thing has this id. Use a fresh one.".into(),
    }
}

/// Writes the row and the empty document, unless this request has done so before. Gives the item's id.
async fn register(
    ctx: &Ctx,
    project: &Authorized<Project>,
    body: &CreateItem,
    title: &str,
    once: Option<Once>,
) -> Result<ItemId> {
    let now = ctx.clock.now();
    let actor = &project.actor;
    let mut tx = ctx.db.begin_write().await?;
    let mut id = body.id;
    if let Some(once) = &once {
        once.lock(&mut tx).await?;
        if let Some(kept) = once.kept(&mut tx).await? {
            // What is kept is which item it was; the answer shows it as it is now.
            let kept = serde_json::from_str(kept.body()).map_err(Error::internal)?;
            id = Some(kept);
        }
    }
    let again = id;
    let id = id.unwrap_or_else(|| ItemId::new(&*ctx.clock, &*ctx.rng));
    let created = tx
        .create_item(&store::NewItem {
            id,
            org: project.org,
            project: project.id,
            title: title.to_owned(),
            item_type: body.item_type,
            status: body.status.unwrap_or(Status::Backlog),
            priority: Priority::None,
            parent: body.parent,
            rank: String::new(),
            created_by: actor.user,
            created_at: now,
        })
        .await?;
    if !created {
        let there = tx.item(id).await?;
        if again.is_none() || there.is_none_or(|item| item.project != project.id) {
            return Err(id_taken());
        }
        return Ok(id);
    }
    let document = tx
        .create_document(&NewDocument {
            id: id.into(),
            org: project.org,
            project: project.id,
            kind: DocumentKind::Item,
            branch: None,
            created_at: now,
        })
        .await;
    match document {
        Err(error) if error.is_taken(store::UniqueKey::Id) => {
            return Err(id_taken());
        }
        other => other?,
    }
    if let Some(once) = &once {
        once.keep(&mut tx, &Answer::created(&id)?, now).await?;
    }
    actor
        .audit()
        .within(project.org)
        .write(
            ctx,
            &mut tx,
            "item.created",
            ("item", id.0),
            &json!({ "project": project.id }),
        )
        .await?;
    let payload = json!({ "id": id });
    tx.emit(project.org, Some(project.id), "item.changed", &payload, now)
        .await?;
    tx.commit().await?;
    ctx.feeds.wake(project.org);
    Ok(id)
}

/// Places a new item, unless the outline has it. When the neighbour or the parent has just gone elsewhere, the nearest place that there is.
async fn insert(
    ctx: &Ctx,
    project: &Authorized<Project>,
    pass: &Pass,
    id: ItemId,
    parent: Option<ItemId>,
    spot: Spot,
) -> Result<Option<Placement>> {
    let existing = Arc::new(existing(ctx, project.id).await?);
    let placed = Arc::new(Mutex::new(None));
    let result = placed.clone();
    ctx.collab
        .edit(project.id.into(), pass, move |head, client| {
            let outline = outline::project(head)?;
            *result.lock() = None;
            if outline.nodes.iter().any(|node| node.id == id) {
                return Ok(NOTHING.to_vec());
            }
            let others: Vec<ItemId> = existing.iter().copied().filter(|e| *e != id).collect();
            let tree = outline::resolve(&outline.nodes, &others);
            let parent = parent.filter(|parent| tree.get(*parent).is_some());
            let plan = outline::plan_insert(&tree, id, outline::KIND_ITEM, parent, spot).or_else(
                |_| outline::plan_insert(&tree, id, outline::KIND_ITEM, parent, Spot::Last),
            )?;
            *result.lock() = plan.iter().find(|placement| placement.id == id).cloned();
            Ok::<_, PlanError>(outline::place(head, client, &plan)?)
        })
        .await?;
    let placed = placed.lock().take();
    Ok(placed)
}

/// The items of a project that are not deleted.
pub(crate) async fn existing(ctx: &Ctx, project: ProjectId) -> Result<Vec<ItemId>> {
    let placements = ctx.db.placements(project).await?;
    Ok(placements.into_iter().map(|placed| placed.id).collect())
}

pub(crate) fn not_deleted(item: &Item) -> Result<()> {
    if item.deleted_at.is_some() {
        return Err(Error::Conflict {
            code: "deleted",
            detail: "This item is deleted. Restore it first.".into(),
        });
    }
    Ok(())
}

/// Changes an item's title or fields by an edit of its document.
pub(crate) async fn update(
    ctx: &Ctx,
    item: &Authorized<Item>,
    body: UpdateItem,
) -> Result<ItemView> {
    not_deleted(item)?;
    let patch = patch(ctx, item, body).await?;
    let mut view = view(item);
    if patch == ItemPatch::default() {
        return Ok(view);
    }
    let pass = pass(&item.actor, item.org, item.project);
    let edit = patch.clone();
    ctx.collab
        .edit(item.id.into(), &pass, move |head, client| {
            content::item::edit(head, client, &edit)
        })
        .await?;
    // The row follows within moments; the answer doesn't wait for it.
    if let Some(row) = ctx.db.item(item.id).await? {
        view = ItemView {
            abilities: view.abilities,
            ..row_view(&row)
        };
    }
    view.title = patch.title.unwrap_or(view.title);
    view.item_type = patch.item_type.unwrap_or(view.item_type);
    view.status = patch.status.unwrap_or(view.status);
    view.priority = patch.priority.unwrap_or(view.priority);
    view.assignees = patch.assignees.unwrap_or(view.assignees);
    view.labels = patch.labels.unwrap_or(view.labels);
    view.estimate = patch.estimate.unwrap_or(view.estimate);
    view.start_date = patch.start.unwrap_or(view.start_date);
    view.due_date = patch.due.unwrap_or(view.due_date);
    for (id, value) in patch.custom {
        match value {
            Some(value) => drop(view.custom.insert(id.to_string(), value)),
            None => drop(view.custom.remove(&id.to_string())),
        }
    }
    Ok(view)
}

/// Checks the values of a change.
async fn patch(ctx: &Ctx, item: &Authorized<Item>, body: UpdateItem) -> Result<ItemPatch> {
    let title = body.title.map(|t| words::title("title", &t)).transpose()?;
    if let Some(assignees) = &body.assignees {
        check_assignees(ctx, item.org, "assignees", assignees).await?;
    }
    let labels = body.labels.map(|list| labels("labels", list)).transpose()?;
    let custom = custom(ctx, item, body.custom).await?;
    if let Some(Some(estimate)) = body.estimate
        && !(estimate.is_finite() && estimate >= 0.0)
    {
        return Err(Error::field("estimate", "Use a number, zero or more."));
    }
    for (field, date) in [
        ("start_date", &body.start_date),
        ("due_date", &body.due_date),
    ] {
        if let Some(Some(date)) = date
            && !content::item::is_date(date)
        {
            return Err(Error::field(field, "Use a date like 2026-01-31."));
        }
    }
    Ok(ItemPatch {
        title,
        item_type: body.item_type,
        status: body.status,
        priority: body.priority,
        assignees: body.assignees,
        labels,
        estimate: body.estimate,
        start: body.start_date,
        due: body.due_date,
        custom,
        ..ItemPatch::default()
    })
}

/// The people of an organization.
async fn members(ctx: &Ctx, org: OrgId) -> Result<HashSet<UserId>> {
    let members = ctx.db.members(org).await?;
    Ok(members.into_iter().map(|member| member.user).collect())
}

/// Refuses assignees who aren't of the organization.
pub(crate) async fn check_assignees(
    ctx: &Ctx,
    org: OrgId,
    field: &str,
    assignees: &[UserId],
) -> Result<()> {
    if assignees.is_empty() {
        return Ok(());
    }
    let members = members(ctx, org).await?;
    if assignees.len() > content::item::MAX_LIST || assignees.iter().any(|id| !members.contains(id))
    {
        return Err(Error::field(field, "Assign members of the organization."));
    }
    Ok(())
}

/// Checks values of the project's own fields. What is taken away needs no field: one that is gone leaves its values behind.
async fn custom(
    ctx: &Ctx,
    item: &Item,
    values: BTreeMap<FieldId, Option<Value>>,
) -> Result<BTreeMap<FieldId, Option<Value>>> {
    if values.values().all(Option::is_none) {
        return Ok(values);
    }
    let known = ctx.db.fields(item.project).await?;
    let members = members(ctx, item.org).await?;
    for (id, value) in &values {
        let Some(value) = value else { continue };
        let checked = match known.iter().find(|field| field.id == *id) {
            Some(field) => fields::ops::check(field, value, |user| members.contains(&user)),
            None => Err("There is no such field in this project."),
        };
        checked.map_err(|message| Error::field(format!("custom.{id}"), message))?;
    }
    Ok(values)
}

pub(crate) fn labels(field: &str, labels: Vec<String>) -> Result<Vec<String>> {
    let mut neat: Vec<String> = Vec::new();
    for label in labels {
        let label = content::item::one_line(&label);
        if label.is_empty() || label.chars().count() > content::item::MAX_LABEL {
            return Err(Error::field(field, "Use labels of 1 to 100 characters."));
        }
        if !neat.contains(&label) {
            neat.push(label);
        }
        // At once: a body has room for so many that comparing them would take minutes.
        if neat.len() > content::item::MAX_LIST {
            return Err(Error::field(field, "Use at most 100 labels."));
        }
    }
    Ok(neat)
}

/// Moves an item, with all that stands under it, by an edit of the outline.
pub(crate) async fn move_to(
    ctx: &Ctx,
    item: &Authorized<Item>,
    body: MoveItem,
) -> Result<ItemView> {
    not_deleted(item)?;
    let spot = spot(body.after, body.before)?;
    let (id, parent) = (item.id, body.parent);
    let existing = Arc::new(existing(ctx, item.project).await?);
    let placed = Arc::new(Mutex::new(None));
    let result = placed.clone();
    let pass = pass(&item.actor, item.org, item.project);
    ctx.collab
        .edit(item.project.into(), &pass, move |head, client| {
            let tree = tree(head, &existing)?;
            let plan = outline::plan_move(&tree, id, parent, spot)?;
            *result.lock() = plan.iter().find(|placement| placement.id == id).cloned();
            Ok::<_, PlanError>(outline::place(head, client, &plan)?)
        })
        .await?;
    let mut view = view(item);
    if let Some(placed) = placed.lock().take() {
        view.parent = placed.parent;
        view.rank = placed.rank;
    }
    Ok(view)
}

pub(crate) fn tree(head: &[u8], existing: &[ItemId]) -> Result<Tree, content::Error> {
    Ok(outline::resolve(&outline::project(head)?.nodes, existing))
}

/// Deletes an item and all that stands under it, softly.
pub(crate) async fn delete(ctx: &Ctx, item: &Authorized<Item>) -> Result<()> {
    if item.deleted_at.is_some() {
        return Ok(());
    }
    let note = Note {
        action: "item.deleted",
        target: ("item", item.id.0),
        detail: json!({ "title": item.title }),
    };
    bulk::delete_trees(ctx, item.into(), vec![item.id], note).await?;
    Ok(())
}

/// Brings back an item and what was deleted together with it.
pub(crate) async fn restore(ctx: &Ctx, item: &Authorized<Item>) -> Result<ItemView> {
    let Some(root) = item.deleted_root.filter(|_| item.deleted_at.is_some()) else {
        return Ok(view(item));
    };
    let note = Note {
        action: "item.restored",
        target: ("item", root.0),
        detail: json!({}),
    };
    bulk::restore_trees(ctx, item.into(), vec![root], note).await?;
    let row = ctx.db.item(item.id).await?.ok_or(Error::NotFound)?;
    Ok(ItemView {
        abilities: Some(item.abilities()),
        ..row_view(&row)
    })
}

/// The items that name this one in their descriptions, and the diagrams that show it.
pub(crate) async fn backlinks(
    ctx: &Ctx,
    item: &Authorized<Item>,
    cursor: Option<&str>,
    limit: Option<i64>,
) -> Result<Backlinks> {
    let limit = paging::limit(limit, 100, 200)?;
    let after = paging::after(cursor)?.map(ItemId);
    let db = &ctx.db;
    let mut links = db.backlinks(item.id, item.org, after, limit + 1).await?;
    let next_cursor = paging::next(&mut links, limit, |link| link.target.0);
    let ids: Vec<ItemId> = links.iter().map(|link| link.target).collect();
    let rows = ctx.access().visible(&item.actor, &ids).await?;
    let rows: HashMap<ItemId, Item> = rows.into_iter().map(|row| (row.id, row)).collect();
    let items = links.into_iter().filter_map(|link| {
        Some(Backlink {
            item: row_view(rows.get(&link.target)?),
            excerpt: link.excerpt,
        })
    });
    Ok(Backlinks {
        items: items.collect(),
        next_cursor,
    })
}
