//! What is done with many items at once. Fields are edits of their documents, some at a time; places one edit of the outline; deleting and restoring are
//! rows, in parts that leave SQLite's writer to others in between.

use std::collections::{HashMap, HashSet};
use std::future::Future;

use bytes::Bytes;
use collab::{Refusal, Scope};
use content::item::{ItemPatch, ListChange};
use content::outline::{self, Node, Spot};
use futures_util::{Stream, StreamExt, stream};
use model::{DocumentId, ItemId, OrgId, ProjectId};
use serde_json::{Value, json};
use store::{Doomed, Item, Placed, Project};

use crate::access::Authorized;
use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::items::bulk::http::{BulkFailure, BulkOutcome, MoveItems, SetItems};
use crate::items::ops::{self, PlanError};

/// The most items of one request.
const MAX_ITEMS: usize = 1_000;
/// The most documents of one request for heads.
const MAX_HEADS: usize = 500;
/// Documents that one request edits or reads at the same time.
const AT_ONCE: usize = 16;
/// Rows deleted or restored in one transaction: under 20 ms of SQLite's writer.
pub(crate) const PART: usize = 250;

/// Who does something, and where.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) org: OrgId,
    pub(crate) project: ProjectId,
    pub(crate) actor: Actor,
}

impl From<&Authorized<Project>> for Place {
    fn from(project: &Authorized<Project>) -> Self {
        Self {
            org: project.org,
            project: project.id,
            actor: project.actor.clone(),
        }
    }
}

impl From<&Authorized<Item>> for Place {
    fn from(item: &Authorized<Item>) -> Self {
        Self {
            org: item.org,
            project: item.project,
            actor: item.actor.clone(),
        }
    }
}

/// What the audit says of it: an action, what it was done to, more about it.
pub(crate) struct Note {
    pub(crate) action: &'static str,
    pub(crate) target: (&'static str, uuid::Uuid),
    pub(crate) detail: Value,
}

/// Goes on to the end when the caller hangs up: what takes several transactions isn't left half done.
pub(crate) async fn finish<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(work).await?
}

/// The items of a project that a request names, in its order, each once. Nothing is done when one of them isn't there.
async fn chosen(ctx: &Ctx, project: ProjectId, ids: &[ItemId], most: usize) -> Result<Vec<Item>> {
    if ids.is_empty() || ids.len() > most {
        let message = format!("Name 1 to {most} items.");
        return Err(Error::field("ids", message));
    }
    let found = ctx.db.items_by_id(ids).await?;
    let mut found: HashMap<ItemId, Item> = found
        .into_iter()
        .filter(|item| item.project == project)
        .map(|item| (item.id, item))
        .collect();
    let mut seen = HashSet::new();
    ids.iter()
        .filter(|id| seen.insert(**id))
        .map(|id| found.remove(id))
        .collect::<Option<Vec<Item>>>()
        .ok_or_else(|| {
            Error::field(
                "ids",
                "Some of these are no items of this project. Nothing was changed.",
            )
        })
}

fn failure(id: ItemId, error: &Error) -> BulkFailure {
    BulkFailure {
        id,
        code: error.code().into(),
        detail: error.to_string(),
    }
}

/// Those that aren't deleted, and what is said of the others.
fn living(items: &[Item]) -> (Vec<ItemId>, Vec<BulkFailure>) {
    let mut ids = Vec::with_capacity(items.len());
    let mut failed = Vec::new();
    for item in items {
        match ops::not_deleted(item) {
            Ok(()) => ids.push(item.id),
            Err(error) => failed.push(failure(item.id, &error)),
        }
    }
    (ids, failed)
}

/// Changes fields of many items.
pub(crate) async fn set(
    ctx: &Ctx,
    project: &Authorized<Project>,
    body: SetItems,
) -> Result<BulkOutcome> {
    let items = chosen(ctx, project.id, &body.ids, MAX_ITEMS).await?;
    let set = body.set;
    ops::check_assignees(ctx, project.org, "set.assignees_add", &set.assignees_add).await?;
    if set.assignees_remove.len() > content::item::MAX_LIST {
        let message = "Name at most 100 people.";
        return Err(Error::field("set.assignees_remove", message));
    }
    let patch = ItemPatch {
        status: set.status,
        item_type: set.item_type,
        priority: set.priority,
        assignees_change: ListChange {
            add: set.assignees_add,
            remove: set.assignees_remove,
        },
        labels_change: ListChange {
            add: ops::labels("set.labels_add", set.labels_add)?,
            remove: ops::labels("set.labels_remove", set.labels_remove)?,
        },
        ..ItemPatch::default()
    };
    let (ids, mut failed) = living(&items);
    if patch == ItemPatch::default() {
        return Ok(BulkOutcome {
            changed: ids,
            failed,
        });
    }
    let place = Place::from(project);
    let ctx = ctx.clone();
    finish(async move {
        let pass = ops::pass(&place.actor, place.org, place.project);
        let edits = ids.into_iter().map(|id| {
            let (ctx, pass, patch) = (&ctx, &pass, patch.clone());
            async move {
                let edited = ctx.collab.edit(id.into(), pass, move |head, client| {
                    content::item::edit(head, client, &patch)
                });
                (id, edited.await.map_err(Error::from))
            }
        });
        let mut changed = Vec::new();
        let mut edited = stream::iter(edits).buffered(AT_ONCE);
        while let Some((id, result)) = edited.next().await {
            match result {
                Ok(_) => changed.push(id),
                Err(error) => failed.push(failure(id, &error)),
            }
        }
        Ok(BulkOutcome { changed, failed })
    })
    .await
}

/// Moves many items by one edit of the outline.
pub(crate) async fn move_to(
    ctx: &Ctx,
    project: &Authorized<Project>,
    body: MoveItems,
) -> Result<BulkOutcome> {
    let items = chosen(ctx, project.id, &body.ids, MAX_ITEMS).await?;
    let spot: Spot = ops::spot(body.after, body.before)?;
    let (ids, failed) = living(&items);
    let existing = ops::existing(ctx, project.id).await?;
    let pass = ops::pass(&project.actor, project.org, project.id);
    let (moved, parent) = (ids.clone(), body.parent);
    ctx.collab
        .edit(project.id.into(), &pass, move |head, client| {
            let tree = ops::tree(head, &existing)?;
            let plan = outline::plan_moves(&tree, &moved, parent, spot)?;
            Ok::<_, PlanError>(outline::place(head, client, &plan)?)
        })
        .await?;
    Ok(BulkOutcome {
        changed: ids,
        failed,
    })
}

/// Deletes many items and all that stands under them, softly.
pub(crate) async fn delete(
    ctx: &Ctx,
    project: &Authorized<Project>,
    ids: &[ItemId],
) -> Result<BulkOutcome> {
    let items = chosen(ctx, project.id, ids, MAX_ITEMS).await?;
    let (ids, _deleted_before) = living(&items);
    let note = Note {
        action: "items.deleted",
        target: ("project", project.id.0),
        detail: json!({ "ids": ids }),
    };
    let changed = delete_trees(ctx, project.into(), ids, note).await?;
    Ok(BulkOutcome {
        changed,
        failed: Vec::new(),
    })
}

/// Brings back many items and what was deleted together with them.
pub(crate) async fn restore(
    ctx: &Ctx,
    project: &Authorized<Project>,
    ids: &[ItemId],
) -> Result<BulkOutcome> {
    let items = chosen(ctx, project.id, ids, MAX_ITEMS).await?;
    let mut roots: Vec<ItemId> = items.iter().filter_map(|item| item.deleted_root).collect();
    roots.sort_unstable();
    roots.dedup();
    let note = Note {
        action: "items.restored",
        target: ("project", project.id.0),
        detail: json!({ "ids": roots }),
    };
    let changed = restore_trees(ctx, project.into(), roots, note).await?;
    Ok(BulkOutcome {
        changed,
        failed: Vec::new(),
    })
}

/// Deletes items and all that stands under them; gives all of these.
///
/// In parts, from below: what is left is a whole tree at any moment, also after a crash, and the same request again does the rest. Listeners are woken
/// at the end, so they see one step.
pub(crate) async fn delete_trees(
    ctx: &Ctx,
    place: Place,
    ids: Vec<ItemId>,
    note: Note,
) -> Result<Vec<ItemId>> {
    if ids.is_empty() {
        return Ok(ids);
    }
    let existing = ops::existing(ctx, place.project).await?;
    let (_, head) = ctx.collab.head(place.project.into()).await?;
    let doomed: Vec<Doomed> = tokio::task::spawn_blocking(move || {
        let tree = ops::tree(&head, &existing)?;
        // Who was deleted a moment ago isn't there any more.
        let ids: Vec<ItemId> = ids
            .into_iter()
            .filter(|id| tree.get(*id).is_some())
            .collect();
        let mut doomed = Vec::new();
        for root in outline::tops(&tree, &ids)? {
            let below = tree.subtree(root).iter();
            doomed.extend(below.map(|row| Doomed { id: row.id, root }));
        }
        doomed.reverse();
        Ok::<_, PlanError>(doomed)
    })
    .await??;
    let ctx = ctx.clone();
    finish(async move {
        let mut deleted = Vec::with_capacity(doomed.len());
        let now = ctx.clock.now();
        let user = place.actor.user;
        for (n, part) in doomed.chunks(PART).enumerate() {
            let mut tx = ctx.db.begin_write().await?;
            let ids = tx.delete_items(place.project, part, user, now).await?;
            if n == 0 {
                write_note(&ctx, &mut tx, &place, &note, doomed.len()).await?;
            }
            told(&ctx, &mut tx, &place, "item.deleted", &ids).await?;
            tx.commit().await?;
            deleted.extend(ids);
        }
        settled(&ctx, place.org, place.project, &deleted).await;
        Ok(deleted)
    })
    .await
}

/// Brings back what the deletion of `roots` took along; gives all of these. In parts, from above.
pub(crate) async fn restore_trees(
    ctx: &Ctx,
    place: Place,
    roots: Vec<ItemId>,
    note: Note,
) -> Result<Vec<ItemId>> {
    let rows = ctx.db.deleted_with(place.project, &roots).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = tokio::task::spawn_blocking(move || from_above(rows)).await?;
    let ctx = ctx.clone();
    finish(async move {
        let mut restored = Vec::with_capacity(ids.len());
        let now = ctx.clock.now();
        for (n, part) in ids.chunks(PART).enumerate() {
            let mut tx = ctx.db.begin_write().await?;
            let back = tx.restore_items(place.project, part, now).await?;
            if n == 0 {
                write_note(&ctx, &mut tx, &place, &note, ids.len()).await?;
            }
            told(&ctx, &mut tx, &place, "item.restored", &back).await?;
            tx.commit().await?;
            restored.extend(back);
        }
        settled(&ctx, place.org, place.project, &restored).await;
        Ok(restored)
    })
    .await
}

/// The ids, parents before what stands under them.
fn from_above(rows: Vec<Placed>) -> Vec<ItemId> {
    let ids: Vec<ItemId> = rows.iter().map(|row| row.id).collect();
    let nodes: Vec<Node> = rows
        .into_iter()
        .map(|row| Node {
            id: row.id,
            kind: outline::KIND_ITEM.into(),
            parent: row.parent,
            rank: row.rank,
        })
        .collect();
    let tree = outline::resolve(&nodes, &ids);
    tree.rows.iter().map(|row| row.id).collect()
}

async fn write_note(
    ctx: &Ctx,
    tx: &mut store::Tx,
    place: &Place,
    note: &Note,
    count: usize,
) -> Result<()> {
    let mut detail = note.detail.clone();
    if let Some(detail) = detail.as_object_mut() {
        detail.insert("count".into(), count.into());
    }
    let audit = place.actor.audit().within(place.org);
    audit
        .write(ctx, tx, note.action, note.target, &detail)
        .await
}

async fn told(
    ctx: &Ctx,
    tx: &mut store::Tx,
    place: &Place,
    kind: &str,
    ids: &[ItemId],
) -> Result<()> {
    if !ids.is_empty() {
        let (project, payload) = (Some(place.project), json!({ "ids": ids }));
        let now = ctx.clock.now();
        tx.emit(place.org, project, kind, &payload, now).await?;
    }
    Ok(())
}

/// Items were deleted or restored: streams hear of it, and open documents are decided again.
pub(crate) async fn settled(ctx: &Ctx, org: OrgId, project: ProjectId, ids: &[ItemId]) {
    ctx.feeds.wake(org);
    for &id in ids {
        ctx.live.forget_document(id.into());
    }
    for &id in ids {
        ctx.collab.recheck(Scope::Document(id.into())).await;
    }
    // What stands where depends on which items there are.
    ctx.collab.project(project.into());
}

/// The states of many documents, as they are asked for: a few are read ahead, none is kept.
pub(crate) async fn heads(
    ctx: &Ctx,
    project: &Authorized<Project>,
    ids: Vec<DocumentId>,
) -> Result<impl Stream<Item = Result<Bytes>> + use<>> {
    let outline = DocumentId::from(project.id);
    let items: Vec<ItemId> = ids
        .iter()
        .filter(|id| **id != outline)
        .map(|id| ItemId(id.0))
        .collect();
    if ids != [outline] {
        chosen(ctx, project.id, &items, MAX_HEADS).await?;
    }
    // Each once: an answer is no larger than what there is.
    let mut seen = HashSet::new();
    let ids = ids.into_iter().filter(move |id| seen.insert(*id));
    let ctx = ctx.clone();
    Ok(stream::iter(ids)
        .map(move |id| {
            let ctx = ctx.clone();
            async move {
                match ctx.collab.peek(id).await {
                    Ok(snapshot) => Ok(record(id, &snapshot)),
                    Err(Refusal::NotFound) => Ok(Bytes::new()),
                    Err(refusal) => Err(Error::from(refusal)),
                }
            }
        })
        .buffered(AT_ONCE / 4)
        .filter(|part| {
            let there = part.as_ref().map_or(true, |bytes| !bytes.is_empty());
            std::future::ready(there)
        }))
}

/// A document in an answer about many.
fn record(id: DocumentId, snapshot: &collab::Snapshot) -> Bytes {
    let mut out = Vec::with_capacity(snapshot.head.len() + 40);
    out.extend_from_slice(id.0.as_bytes());
    for number in [snapshot.epoch, snapshot.position] {
        put_uint(&mut out, number.unsigned_abs());
    }
    put_uint(&mut out, snapshot.head.len() as u64);
    out.extend_from_slice(&snapshot.head);
    out.into()
}

/// lib0's `writeVarUint`.
fn put_uint(out: &mut Vec<u8>, mut n: u64) {
    while n > 0x7f {
        out.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn parents_come_back_before_what_stands_under_them() {
        let id = |n: u128| ItemId(Uuid::from_u128(n));
        let placed = |n, parent: Option<u128>| Placed {
            id: id(n),
            parent: parent.map(id),
            rank: "a0".into(),
        };
        let rows = vec![placed(1, Some(3)), placed(2, Some(1)), placed(3, Some(9))];
        assert_eq!(from_above(rows), [id(3), id(1), id(2)]);
    }

    #[test]
    fn numbers_are_as_lib0_writes_them() {
        for (n, bytes) in [
            (0, &[0][..]),
            (127, &[127]),
            (128, &[128, 1]),
            (300, &[172, 2]),
        ] {
            let mut out = Vec::new();
            put_uint(&mut out, n);
            assert_eq!(out, bytes);
        }
    }
}
