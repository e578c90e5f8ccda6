//! Work items: rows projected from documents, and what isn't in documents: existence and deletion.

use model::{ItemId, ItemType, OrgId, Priority, ProjectId, Status, Timestamp, UserId};
use serde_json::{Map, Value};

use crate::dialect::{self, Ids, ids_sql, text};
use crate::links::{self, Link};
use crate::sql::{all, exec, one, one_shot_reads, one_shot_writes, records};
use crate::{Result, Tx};

records! {
    /// A work item as lists show it.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Item {
        /// Its id; also its document's.
        pub id: ItemId,
        /// The organization it belongs to.
        pub org: OrgId,
        /// The project it belongs to.
        pub project: ProjectId,
        /// Its title.
        pub title: String,
        /// What sort of work it is.
        pub item_type: ItemType,
        /// How far it is.
        pub status: Status,
        /// How urgent it is.
        pub priority: Priority,
        /// Who works on it.
        pub assignees: Vec<UserId>,
        /// Its labels.
        pub labels: Vec<String>,
        /// How much work it is.
        pub estimate: Option<f64>,
        /// The day it starts, `YYYY-MM-DD`.
        pub start_date: Option<String>,
        /// The day it is due, `YYYY-MM-DD`.
        pub due_date: Option<String>,
        /// How many acceptance criteria it has.
        pub criteria_total: i64,
        /// How many of them are met.
        pub criteria_done: i64,
        /// Values of the project's own fields, by id.
        pub custom: Map<String, Value>,
        /// The position of its document that these columns show.
        pub position: i64,
        /// The item it stands under; `None` at the root.
        pub parent: Option<ItemId>,
        /// Its place among its siblings, by bytes.
        pub rank: String,
        /// Who made it.
        pub created_by: UserId,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it last changed.
        pub updated_at: Timestamp,
        /// When it was deleted.
        pub deleted_at: Option<Timestamp>,
        /// By whom.
        pub deleted_by: Option<UserId>,
        /// The item whose deletion took it along.
        pub deleted_root: Option<ItemId>,
    }
}

/// An item to create. Its document, with content, is the caller's to create in the same transaction.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// Its id.
    pub id: ItemId,
    /// The organization it belongs to.
    pub org: OrgId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// Its title.
    pub title: String,
    /// What sort of work it is.
    pub item_type: ItemType,
    /// How far it is.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// The item it stands under; `None` at the root.
    pub parent: Option<ItemId>,
    /// Its place among its siblings.
    pub rank: String,
    /// Who makes it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
}

/// What an item's document says, up to a position.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemProjection {
    /// Which item.
    pub id: ItemId,
    /// The document's position that this shows.
    pub position: i64,
    /// Its title.
    pub title: String,
    /// What sort of work it is.
    pub item_type: ItemType,
    /// How far it is.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// Who works on it.
    pub assignees: Vec<UserId>,
    /// Its labels.
    pub labels: Vec<String>,
    /// How much work it is.
    pub estimate: Option<f64>,
    /// The day it starts, `YYYY-MM-DD`.
    pub start_date: Option<String>,
    /// The day it is due, `YYYY-MM-DD`.
    pub due_date: Option<String>,
    /// How many acceptance criteria it has.
    pub criteria_total: i64,
    /// How many of them are met.
    pub criteria_done: i64,
    /// Values of the project's own fields, by id.
    pub custom: Map<String, Value>,
    /// The items that its description names, each once.
    pub links: Vec<Link>,
    /// The people that its description names, each once.
    pub mentions: Vec<UserId>,
    /// Its text, for search.
    pub search_text: String,
    /// When.
    pub updated_at: Timestamp,
}

/// An item's row after a projection was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Projected {
    /// The row as it is now, deleted or not.
    pub item: Item,
    /// Whether something that lists show is different, beside `position` and `updated_at`.
    pub changed: bool,
    /// Items of its organization that its description names now, and didn't before, or the other way round.
    pub relinked: Vec<ItemId>,
}

/// Where an item stands in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Which item.
    pub id: ItemId,
    /// The item it stands under; `None` at the root.
    pub parent: Option<ItemId>,
    /// Its place among its siblings.
    pub rank: String,
}

/// An item to delete, and the one whose deletion takes it along; that may be itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doomed {
    /// Which item.
    pub id: ItemId,
    /// The one that was meant.
    pub root: ItemId,
}

/// How many placements go into one statement.
const PLACEMENTS: usize = 500;

/// `SELECT` of a whole [`Item`], with the rest of the query.
macro_rules! select_item {
    ($rest:literal) => {
        concat!(
            "SELECT id, org_id AS org, project_id AS project, title, type AS item_type, status, \
             priority, assignees, labels, estimate, start_date, due_date, criteria_total, \
             criteria_done, custom, position, parent_id AS parent, rank, created_by, created_at, \
             updated_at, deleted_at, deleted_by, deleted_root FROM items ",
            $rest
        )
    };
}

fn json<T: serde::Serialize>(value: &[T]) -> String {
    // Ids and strings always have a JSON form.
    serde_json::to_string(value).unwrap_or_else(|_| "[]".into())
}

fn object(map: &Map<String, Value>) -> String {
    // What was JSON has a JSON form.
    serde_json::to_string(map).unwrap_or_else(|_| "{}".into())
}

impl Tx {
    /// Creates an item. `false` when one with this id exists, in whatever project: then nothing is
    /// written.
    pub async fn create_item(&mut self, new: &NewItem) -> Result<bool> {
        let created = exec!(
            self,
            "INSERT INTO items (id, org_id, project_id, title, type, status, priority, assignees, \
             labels, criteria_total, criteria_done, search_text, position, parent_id, rank, \
             created_by, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, '[]', '[]', 0, 0, '', 0, $8, $9, $10, $11, $11) \
             ON CONFLICT (id) DO NOTHING",
            new.id.0,
            new.org.0,
            new.project.0,
            text(&new.title),
            new.item_type.as_str(),
            new.status.as_str(),
            new.priority.as_str(),
            new.parent.map(|id| id.0),
            text(&new.rank),
            new.created_by.0,
            new.created_at.micros()
        )?;
        Ok(created > 0)
    }

    /// An item; also a deleted one.
    pub async fn item(&mut self, id: ItemId) -> Result<Option<Item>> {
        one!(self, select_item!("WHERE id = $1"), id.0)
    }

    /// The items with these ids, deleted ones too, in order of id; unknown ids are left out.
    pub async fn items_by_id(&mut self, ids: &[ItemId]) -> Result<Vec<Item>> {
        all!(
            self,
            crate::sql::Sql {
                sqlite: select_item!(
                    "WHERE id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY id"
                ),
                postgres: select_item!("WHERE id = ANY($1) ORDER BY id"),
            },
            Ids(ids.iter().map(|id| id.0).collect())
        )
    }

    /// A project's items, deleted ones or the others, at most `limit`, from after `after` in order of
    /// id.
    pub async fn items(
        &mut self,
        project: ProjectId,
        deleted: bool,
        after: Option<ItemId>,
        limit: i64,
    ) -> Result<Vec<Item>> {
        all!(
            self,
            select_item!(
                "WHERE project_id = $1 AND id > $2 AND (deleted_at IS NOT NULL) = $3 \
                 ORDER BY id LIMIT $4"
            ),
            project.0,
            after.map(|id| id.0).unwrap_or_default(),
            deleted,
            limit
        )
    }

    /// The tree of a project: where each item that isn't deleted stands.
    pub async fn placements(&mut self, project: ProjectId) -> Result<Vec<Placed>> {
        let rows: Vec<(ItemId, Option<ItemId>, String)> = all!(
            self,
            "SELECT id, parent_id, rank FROM items \
             WHERE project_id = $1 AND deleted_at IS NULL ORDER BY id",
            project.0
        )?;
        Ok(rows
            .into_iter()
            .map(|(id, parent, rank)| Placed { id, parent, rank })
            .collect())
    }

    /// An item's text for search.
    pub async fn item_text(&mut self, id: ItemId) -> Result<Option<String>> {
        let text: Option<(String,)> =
            one!(self, "SELECT search_text FROM items WHERE id = $1", id.0)?;
        Ok(text.map(|(text,)| text))
    }

    /// The start of an item's text, at most so many characters.
    pub async fn item_excerpt(&mut self, id: ItemId, characters: i64) -> Result<Option<String>> {
        let text: Option<(String,)> = one!(
            self,
            "SELECT substr(search_text, 1, CAST($2 AS INTEGER)) FROM items WHERE id = $1",
            id.0,
            characters
        )?;
        Ok(text.map(|(text,)| text))
    }

    /// Writes what an item's document says. `None` when there is no such item, or its row shows a
    /// later position already; then nothing is written.
    pub async fn upsert_item_projection(
        &mut self,
        p: &ItemProjection,
    ) -> Result<Option<Projected>> {
        let before = self.item(p.id).await?;
        let written = exec!(
            self,
            "UPDATE items SET position = $2, title = $3, type = $4, status = $5, priority = $6, \
             assignees = $7, labels = $8, estimate = $9, start_date = $10, due_date = $11, \
             criteria_total = $12, criteria_done = $13, search_text = $14, updated_at = $15, \
             custom = $16 \
             WHERE id = $1 AND position <= $2",
            p.id.0,
            p.position,
            text(&p.title),
            p.item_type.as_str(),
            p.status.as_str(),
            p.priority.as_str(),
            json(&p.assignees),
            json(&p.labels),
            p.estimate,
            p.start_date.as_deref().map(text),
            p.due_date.as_deref().map(text),
            p.criteria_total,
            p.criteria_done,
            text(&p.search_text),
            p.updated_at.micros(),
            text(&object(&p.custom))
        )?;
        if written == 0 {
            return Ok(None);
        }
        let (Some(before), Some(item)) = (before, self.item(p.id).await?) else {
            return Ok(None);
        };
        // Where it stands and whether it is deleted is written by others, also in the meantime.
        let changed = item
            != Item {
                position: item.position,
                updated_at: item.updated_at,
                parent: item.parent,
                rank: item.rank.clone(),
                deleted_at: item.deleted_at,
                deleted_by: item.deleted_by,
                deleted_root: item.deleted_root,
                ..before
            };
        links::put_mentions(self, p.id, &p.mentions).await?;
        let relinked = links::put_links(self, p.id, item.org, &p.links).await?;
        Ok(Some(Projected {
            item,
            changed,
            relinked,
        }))
    }

    /// Writes where items of a project stand; gives those that moved. Ids of other projects are left
    /// alone.
    pub async fn set_placements(
        &mut self,
        project: ProjectId,
        placements: &[Placed],
        at: Timestamp,
    ) -> Result<Vec<ItemId>> {
        let mut moved = Vec::new();
        for chunk in placements.chunks(PLACEMENTS) {
            moved.extend(dialect::set_placements(self, project, chunk, at).await?);
        }
        Ok(moved)
    }

    /// Deletes items of a project, softly, with their documents. Gives those that weren't deleted before.
    pub async fn delete_items(
        &mut self,
        project: ProjectId,
        doomed: &[Doomed],
        by: UserId,
        at: Timestamp,
    ) -> Result<Vec<ItemId>> {
        let deleted = dialect::delete_items(self, project, doomed, by, at).await?;
        self.mark_documents(&deleted, Some(at)).await?;
        Ok(deleted)
    }

    /// What the deletion of `roots` took along, themselves too: where each stood.
    pub async fn deleted_with(
        &mut self,
        project: ProjectId,
        roots: &[ItemId],
    ) -> Result<Vec<Placed>> {
        let rows: Vec<(ItemId, Option<ItemId>, String)> = all!(
            self,
            ids_sql!(
                "SELECT id, parent_id, rank FROM items WHERE project_id = $2 AND",
                "deleted_root" in "$1",
                "ORDER BY id"
            ),
            Ids(roots.iter().map(|id| id.0).collect()),
            project.0
        )?;
        Ok(rows
            .into_iter()
            .map(|(id, parent, rank)| Placed { id, parent, rank })
            .collect())
    }

    /// Brings back deleted items of a project, with their documents. Gives those that were deleted.
    pub async fn restore_items(
        &mut self,
        project: ProjectId,
        ids: &[ItemId],
        at: Timestamp,
    ) -> Result<Vec<ItemId>> {
        let restored: Vec<(ItemId,)> = all!(
            self,
            ids_sql!(
                "UPDATE items SET deleted_at = NULL, deleted_by = NULL, deleted_root = NULL, \
                 updated_at = $3 WHERE project_id = $2 AND deleted_at IS NOT NULL AND",
                "id" in "$1",
                "RETURNING id"
            ),
            Ids(ids.iter().map(|id| id.0).collect()),
            project.0,
            at.micros()
        )?;
        let restored: Vec<ItemId> = restored.into_iter().map(|(id,)| id).collect();
        self.mark_documents(&restored, None).await?;
        Ok(restored)
    }

    /// Marks items' main-branch documents deleted, or not.
    async fn mark_documents(&mut self, ids: &[ItemId], deleted: Option<Timestamp>) -> Result<()> {
        let mut ids: Vec<_> = ids.iter().map(|id| id.0).collect();
        // In order, as appends lock them.
        ids.sort_unstable();
        dialect::lock_documents(self, ids.clone()).await?;
        exec!(
            self,
            ids_sql!("UPDATE documents SET deleted_at = $2 WHERE", "id" in "$1", ""),
            Ids(ids),
            deleted.map(Timestamp::micros)
        )?;
        Ok(())
    }
}

one_shot_reads! {
    item(id: ItemId) -> Option<Item>;
    items_by_id(ids: &[ItemId]) -> Vec<Item>;
    items(project: ProjectId, deleted: bool, after: Option<ItemId>, limit: i64) -> Vec<Item>;
    placements(project: ProjectId) -> Vec<Placed>;
    item_text(id: ItemId) -> Option<String>;
    item_excerpt(id: ItemId, characters: i64) -> Option<String>;
    deleted_with(project: ProjectId, roots: &[ItemId]) -> Vec<Placed>;
}

one_shot_writes! {
    upsert_item_projection(p: &ItemProjection) -> Option<Projected>;
    set_placements(project: ProjectId, placements: &[Placed], at: Timestamp) -> Vec<ItemId>;
}
