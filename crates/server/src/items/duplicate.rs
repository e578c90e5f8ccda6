//! Copies of items with all that stands under them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use collab::Pass;
use content::item::ItemDoc;
use content::outline::{self, Placement, Spot, Tree};
use content::prosemirror;
use futures_util::{StreamExt, TryStreamExt, stream};
use model::ItemId;
use parking_lot::Mutex;
use serde_json::json;
use store::Item;

use crate::access::Authorized;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::idempotency::{Answer, Key, Once};
use crate::items::bulk::ops::{Place, finish};
use crate::items::http::{DuplicateItem, Duplicated};
use crate::items::made::{Made, Written};
use crate::items::ops::{self, NOTHING, PlanError};

/// The most items of one copy.
const MAX_ITEMS: usize = 2_000;
/// Items made in one transaction: under 20 ms of SQLite's writer.
const PART: usize = 20;
/// Documents read at the same time.
const AT_ONCE: usize = 4;

/// Copies an item and all that stands under it. First the places, which nobody sees while there are no items for them; then the items with their
/// content, in parts and from above. The same request again, with the same ids, does what is left.
pub(crate) async fn duplicate(
    ctx: &Ctx,
    item: &Authorized<Item>,
    body: DuplicateItem,
    key: Option<Key>,
) -> Result<Answer> {
    ops::not_deleted(item)?;
    let once = key
        .map(|key| Once::new(item.actor.user, key, &format!("copy of {}", item.id), &body))
        .transpose()?;
    let given: HashSet<ItemId> = body.ids.values().copied().collect();
    if given.len() != body.ids.len() || given.iter().any(|id| id.0.get_version_num() != 7) {
        return Err(Error::field("ids", "Use different UUIDs of version 7."));
    }
    let place = Place::from(item);
    let existing = ops::existing(ctx, place.project).await?;
    let (_, head) = ctx.collab.head(place.project.into()).await?;
    let id = item.id;
    // Copies that an earlier try has made are no part of what is copied.
    let others = existing
        .iter()
        .copied()
        .filter(|id| !given.contains(id))
        .collect::<Vec<_>>();
    let tree = tokio::task::spawn_blocking(move || ops::tree(&head, &others)).await??;
    let old: Vec<ItemId> = tree.subtree(id).iter().map(|row| row.id).collect();
    if old.is_empty() {
        return Err(Error::NotFound);
    }
    if old.len() > MAX_ITEMS {
        return Err(Error::TooLarge(format!(
            "At most {MAX_ITEMS} items can be copied at once."
        )));
    }
    let target = body.after.unwrap_or(id);
    if tree.get(target).is_none() {
        let message = "There is no such item in this project.";
        return Err(Error::field("after", message));
    }
    let fresh = |old: &ItemId| {
        let new = body.ids.get(old).copied();
        (
            *old,
            new.unwrap_or_else(|| ItemId::new(&*ctx.clock, &*ctx.rng)),
        )
    };
    let ids: HashMap<ItemId, ItemId> = old.iter().map(fresh).collect();
    free(ctx, &place, &given).await?;
    let made = Duplicated {
        root: ids[&id],
        ids,
    };
    let (answer, made) = begin(ctx, item, made, once).await?;
    let ctx = ctx.clone();
    finish(async move {
        let copy = Copy {
            pass: ops::pass(&place.actor, place.org, place.project),
            place,
            ids: Arc::new(made.ids),
        };
        let places = copy.put(&ctx, &tree, made.root, target).await?;
        for part in old.chunks(PART) {
            copy.fill(&ctx, part, &places).await?;
        }
        ctx.feeds.wake(copy.place.org);
        ctx.collab.project(copy.place.project.into());
        Ok(answer)
    })
    .await
}

/// Refuses ids that are something else's already.
async fn free(ctx: &Ctx, place: &Place, ids: &HashSet<ItemId>) -> Result<()> {
    let ids: Vec<ItemId> = ids.iter().copied().collect();
    let there = ctx.db.items_by_id(&ids).await?;
    if there.iter().any(|item| item.project != place.project) {
        return Err(ops::id_taken());
    }
    Ok(())
}

/// Writes down that it is done, once, and which ids the copies have.
async fn begin(
    ctx: &Ctx,
    item: &Authorized<Item>,
    made: Duplicated,
    once: Option<Once>,
) -> Result<(Answer, Duplicated)> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin_write().await?;
    if let Some(once) = &once {
        once.lock(&mut tx).await?;
        if let Some(kept) = once.kept(&mut tx).await? {
            let made = serde_json::from_str(kept.body()).map_err(Error::internal)?;
            return Ok((kept, made));
        }
    }
    let answer = Answer::created(&made)?;
    if let Some(once) = &once {
        once.keep(&mut tx, &answer, now).await?;
    }
    let detail = json!({ "copy": made.root, "count": made.ids.len() });
    let audit = item.actor.audit().within(item.org);
    audit
        .write(
            ctx,
            &mut tx,
            "item.duplicated",
            ("item", item.id.0),
            &detail,
        )
        .await?;
    tx.commit().await?;
    Ok((answer, made))
}

struct Copy {
    place: Place,
    pass: Pass,
    /// Each copy by what it is a copy of.
    ids: Arc<HashMap<ItemId, ItemId>>,
}

impl Copy {
    /// Places the copies as what they are copies of, the first right behind `target`. Gives their places.
    async fn put(
        &self,
        ctx: &Ctx,
        tree: &Tree,
        root: ItemId,
        target: ItemId,
    ) -> Result<HashMap<ItemId, Placement>> {
        let below = below(tree, &self.ids);
        let existing: Vec<ItemId> = tree.rows.iter().map(|row| row.id).collect();
        let places = Arc::new(Mutex::new(HashMap::new()));
        let result = places.clone();
        ctx.collab
            .edit(
                self.place.project.into(),
                &self.pass,
                move |head, client| {
                    let nodes = outline::project(head)?.nodes;
                    let there = |id: ItemId| nodes.iter().find(|node| node.id == id);
                    let mut plan = match there(root) {
                        Some(_) => Vec::new(),
                        None => {
                            let tree = outline::resolve(&nodes, &existing);
                            let parent = tree.get(target).and_then(|row| row.parent);
                            let (kind, spot) = (outline::KIND_ITEM, Spot::After(target));
                            outline::plan_insert(&tree, root, kind, parent, spot)?
                        }
                    };
                    let stored: HashSet<ItemId> = nodes.iter().map(|node| node.id).collect();
                    let new = below.iter().filter(|place| !stored.contains(&place.id));
                    plan.extend(new.cloned());
                    let mut places = result.lock();
                    places.clear();
                    places.extend(nodes.iter().chain(&plan).map(|p| (p.id, p.clone())));
                    drop(places);
                    if plan.is_empty() {
                        return Ok(NOTHING.to_vec());
                    }
                    Ok::<_, PlanError>(outline::place(head, client, &plan)?)
                },
            )
            .await?;
        let places = std::mem::take(&mut *places.lock());
        Ok(places)
    }

    /// Makes the copies of some items, with their content.
    async fn fill(
        &self,
        ctx: &Ctx,
        old: &[ItemId],
        places: &HashMap<ItemId, Placement>,
    ) -> Result<()> {
        let copies: Vec<Option<Made>> = stream::iter(old.to_vec())
            .map(|id| self.read(ctx, id, places))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let now = ctx.clock.now();
        let mut tx = ctx.db.begin_write().await?;
        let mut told = Vec::new();
        for copy in copies.into_iter().flatten() {
            match copy.write(&mut tx).await? {
                Written::Now(shown) => told.extend(shown),
                Written::Before => {}
                Written::Taken => return Err(ops::id_taken()),
            }
        }
        if !told.is_empty() {
            told.sort_unstable();
            told.dedup();
            let (project, payload) = (Some(self.place.project), json!({ "ids": told }));
            tx.emit(self.place.org, project, "items.changed", &payload, now)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Reads an item's content and makes it the copy's. `None` when it has just been deleted.
    async fn read(
        &self,
        ctx: &Ctx,
        old: ItemId,
        places: &HashMap<ItemId, Placement>,
    ) -> Result<Option<Made>> {
        let head = match ctx.collab.peek(old.into()).await {
            Ok(snapshot) => snapshot.head,
            Err(collab::Refusal::NotFound) => return Ok(None),
            Err(refusal) => return Err(refusal.into()),
        };
        let id = self.ids[&old];
        let now = ctx.clock.now();
        // Yjs draws client ids of 32 bits.
        let client = (ctx.rng.next_u64() >> 32).max(1);
        let (links, work) = (self.ids.clone(), ctx.clone());
        let (doc, bytes) = tokio::task::spawn_blocking(move || {
            let mut doc: ItemDoc = content::item::project(&head)?;
            prosemirror::point_links(&mut doc.description, &links);
            doc.canvas.point_links(&links);
            doc.references = content::item::references(&doc.description, &doc.canvas);
            for criterion in &mut doc.criteria {
                criterion.id = ItemId::new(&*work.clock, &*work.rng).to_string();
            }
            let bytes = content::item::initial(client, &doc.clone().into())?;
            Ok::<_, content::Error>((doc, bytes))
        })
        .await??;
        let place = places.get(&id);
        Ok(Some(Made::new(
            &self.pass, id, place, client, bytes, doc, now,
        )))
    }
}

/// Where the copies stand that are not the first: with fresh ranks, in the order of what they are copies of.
fn below(tree: &Tree, ids: &HashMap<ItemId, ItemId>) -> Vec<Placement> {
    let mut out = Vec::with_capacity(ids.len());
    let rows = tree.rows.iter().filter(|row| ids.contains_key(&row.id));
    for parent in rows {
        let children: Vec<_> = tree
            .children(Some(parent.id))
            .filter(|row| ids.contains_key(&row.id))
            .collect();
        let ranks = content::rank::try_n_between(None, None, children.len()).unwrap_or_default();
        out.extend(children.iter().zip(ranks).map(|(row, rank)| Placement {
            id: ids[&row.id],
            kind: row.kind.clone(),
            parent: Some(ids[&parent.id]),
            rank,
        }));
    }
    out
}
