//! What search reads: the items to index, and which of them have changed.
//!
//! Triggers write a row into `search_outbox` with each change, in its transaction. Every node follows the outbox by itself,
//! with a cursor that it keeps in its index: **everything before the cursor has been read**. Readers take the rows from the
//! cursor on, apply those that they haven't seen, and move the cursor to [`Horizon::next`] as it was *before* they read:
//! see [`Follower`].
//!
//! On SQLite the key of a row is its number: there is one writer, so numbers are in commit order. On PostgreSQL numbers
//! are given before the commit, and "all after n" would skip a row that commits late. There the key is the writing
//! transaction's id, and `next` is the oldest transaction that was still running: whatever commits later has that id or a
//! greater one, so it stands at or after the cursor. Nothing is skipped, nothing waits for a slow transaction; what was
//! seen already at or after the cursor is read again and told by its number.

use std::collections::HashMap;

use model::{ItemId, ItemType, OrgId, ProjectId, Status, Timestamp, UserId};
use uuid::Uuid;

use crate::dialect::{Ids, ids_sql};
use crate::projects::Project;
use crate::sql::{Sql, all, exec, one, one_shot_reads, one_shot_writes, records};
use crate::{Db, Error, Result, Tx};

records! {
    /// An item as search indexes it.
    #[derive(Debug, Clone, PartialEq)]
    pub struct SearchRow {
        /// The item.
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
        /// Who works on it.
        pub assignees: Vec<UserId>,
        /// Its labels.
        pub labels: Vec<String>,
        /// Description and acceptance criteria: a line for each block, the criteria last.
        pub text: String,
        /// How many acceptance criteria it has.
        pub criteria_total: i64,
        /// When it last changed.
        pub updated_at: Timestamp,
    }

    /// Something to look at again.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SearchChange {
        /// Its place: not in order of commits on PostgreSQL.
        pub key: i64,
        /// Its number, of no other one.
        pub seq: i64,
        /// `item` or `project`.
        pub kind: String,
        /// Which one.
        pub id: Uuid,
    }

    /// An item that another one stands under.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Ancestor {
        /// The one below.
        pub item: ItemId,
        /// 1 is what it stands under.
        pub depth: i64,
        /// Its title.
        pub title: String,
    }
}

/// How far the outbox goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Horizon {
    /// Where a reader that has read everything goes on.
    pub next: i64,
    /// The last key that was pruned; a reader whose cursor isn't behind it has missed something.
    pub pruned: Option<i64>,
    /// Which database it is.
    pub database: String,
}

/// Follows the outbox. What it gives has to be applied before its cursor is kept.
#[derive(Debug)]
pub struct Follower {
    cursor: i64,
    /// Key by number, of what was given and stands at or after the cursor.
    seen: HashMap<i64, i64>,
    /// While there are more pages: where the outbox ended when the first was read, and where the last one ended.
    pass: Option<(i64, (i64, i64))>,
}

/// What a [`Follower`] reads.
#[derive(Debug)]
pub enum Followed {
    /// Changes that it hasn't given before, and whether there may be more at once.
    Changes(Vec<SearchChange>, bool),
    /// It has missed some: they were pruned, or the database is older than the cursor. Start anew.
    Missed,
}

impl Follower {
    /// One that has read everything before `cursor`.
    pub fn new(cursor: i64) -> Self {
        Self {
            cursor,
            seen: HashMap::new(),
            pass: None,
        }
    }

    /// Everything before it has been given.
    pub fn cursor(&self) -> i64 {
        self.cursor
    }

    /// The next changes, at most `limit`.
    pub async fn read(&mut self, db: &Db, limit: i64) -> Result<Followed> {
        let (next, after) = match self.pass {
            Some((next, after)) => (next, Some(after)),
            None => {
                let horizon = db.search_horizon().await?;
                let pruned = horizon.pruned.is_some_and(|pruned| pruned >= self.cursor);
                if pruned || horizon.next < self.cursor {
                    return Ok(Followed::Missed);
                }
                (horizon.next, None)
            }
        };
        let mut page = db.search_changes(self.cursor, after, limit).await?;
        let last = page.last().map(|change| (change.key, change.seq));
        let more = page.len() as i64 >= limit;
        page.retain(|change| self.seen.insert(change.seq, change.key).is_none());
        let (passed, pass) = match last {
            // What is still to be seen before the last one's transaction belongs to one that ran when this began.
            Some(last) if more => (next.min(last.0), Some((next, last))),
            _ => (next, None),
        };
        self.pass = pass;
        self.cursor = self.cursor.max(passed);
        let cursor = self.cursor;
        self.seen.retain(|_, key| *key >= cursor);
        Ok(Followed::Changes(page, more))
    }
}

/// The setting that keeps [`Horizon::pruned`].
const PRUNED: &str = "search.pruned";
/// Ancestors deeper than this are not looked for; also what ends a circle.
const DEEPEST: i64 = 64;

macro_rules! select_row {
    ($rest:literal) => {
        concat!(
            "SELECT i.id AS id, i.org_id AS org, i.project_id AS project, i.title AS title, \
             i.type AS item_type, i.status AS status, i.assignees AS assignees, \
             i.labels AS labels, i.search_text AS text, i.criteria_total AS criteria_total, \
             i.updated_at AS updated_at \
             FROM items i JOIN projects p ON p.id = i.project_id \
             WHERE i.deleted_at IS NULL AND p.deleted_at IS NULL ",
            $rest
        )
    };
}

impl Tx {
    /// Of these items, those that can be found: neither they nor their projects are deleted.
    pub async fn search_rows(&mut self, ids: &[ItemId]) -> Result<Vec<SearchRow>> {
        all!(
            self,
            Sql {
                sqlite: select_row!("AND i.id IN (SELECT unhex(value) FROM json_each($1))"),
                postgres: select_row!("AND i.id = ANY($1)"),
            },
            Ids(ids.iter().map(|id| id.0).collect())
        )
    }

    /// All items that can be found, latest made first, from before `before`, at most `limit`.
    pub async fn search_page(
        &mut self,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<SearchRow>> {
        all!(
            self,
            select_row!("AND i.id < $1 ORDER BY i.id DESC LIMIT $2"),
            before.unwrap_or(Uuid::max()),
            limit
        )
    }

    /// A project's items that can be found, from after `after` in order of id, at most `limit`.
    pub async fn search_project_page(
        &mut self,
        project: ProjectId,
        after: Option<ItemId>,
        limit: i64,
    ) -> Result<Vec<SearchRow>> {
        all!(
            self,
            select_row!("AND i.project_id = $1 AND i.id > $2 ORDER BY i.id LIMIT $3"),
            project.0,
            after.map(|id| id.0).unwrap_or_default(),
            limit
        )
    }

    /// How far the outbox goes. Read it before the rows.
    pub async fn search_horizon(&mut self) -> Result<Horizon> {
        let found: Option<(i64, String, Option<String>)> = one!(
            self,
            Sql {
                sqlite: "SELECT COALESCE((SELECT seq FROM sqlite_sequence \
                         WHERE name = 'search_outbox'), 0) + 1, d.value, p.value \
                         FROM settings d LEFT JOIN settings p ON p.name = 'search.pruned' \
                         WHERE d.name = 'search.database'",
                postgres: "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, d.value, \
                           p.value FROM settings d LEFT JOIN settings p \
                           ON p.name = 'search.pruned' WHERE d.name = 'search.database'",
            }
        )?;
        let (next, database, pruned) =
            found.ok_or_else(|| Error::Corrupt("no setting search.database".into()))?;
        Ok(Horizon {
            next,
            // Beyond the end: of a database that this one was restored from.
            pruned: pruned
                .and_then(|pruned| pruned.parse().ok())
                .filter(|pruned| *pruned < next),
            database,
        })
    }

    /// What changed, from `cursor` on and after the place (key and number) `after`, in order of place, at most `limit`.
    pub async fn search_changes(
        &mut self,
        cursor: i64,
        after: Option<(i64, i64)>,
        limit: i64,
    ) -> Result<Vec<SearchChange>> {
        let (key, seq) = after.unwrap_or((cursor.saturating_sub(1), i64::MAX));
        all!(
            self,
            Sql {
                sqlite: "SELECT seq AS key, seq, kind, id FROM search_outbox \
                         WHERE seq >= $1 AND (seq, seq) > ($1, $2) ORDER BY seq LIMIT $3",
                postgres: "SELECT xid AS key, seq, kind, id FROM search_outbox \
                           WHERE (xid, seq) > ($1, $2) ORDER BY xid, seq LIMIT $3",
            },
            key,
            seq,
            limit
        )
    }

    /// Removes outbox rows from before `before`, and those beyond the latest `most`: at most `limit`. How many. Readers
    /// that hadn't come so far see it in the [`Horizon`].
    pub async fn prune_search_outbox(
        &mut self,
        before: Timestamp,
        most: i64,
        limit: i64,
    ) -> Result<u64> {
        self.lock("search_outbox").await?;
        let oldest: Vec<(i64, i64, i64)> = all!(
            self,
            Sql {
                sqlite: "SELECT seq, seq, at FROM search_outbox ORDER BY seq LIMIT $1",
                postgres: "SELECT xid, seq, at FROM search_outbox ORDER BY xid, seq LIMIT $1",
            },
            limit
        )?;
        let latest: Option<(i64,)> = one!(
            self,
            Sql {
                sqlite: "SELECT seq FROM search_outbox ORDER BY seq DESC LIMIT 1",
                postgres: "SELECT seq FROM search_outbox ORDER BY xid DESC, seq DESC LIMIT 1",
            }
        )?;
        let latest = latest.map_or(0, |(seq,)| seq);
        let last = oldest
            .iter()
            .take_while(|(_, seq, at)| *at < before.micros() || latest - seq >= most)
            .last();
        let Some(&(key, seq, _)) = last else {
            return Ok(0);
        };
        let removed = exec!(
            self,
            Sql {
                sqlite: "DELETE FROM search_outbox WHERE seq <= $1 AND (seq, seq) <= ($1, $2)",
                postgres: "DELETE FROM search_outbox WHERE (xid, seq) <= ($1, $2)",
            },
            key,
            seq
        )?;
        self.set_setting(PRUNED, Some(&key.to_string())).await?;
        Ok(removed)
    }

    /// What these items stand under, nearest first, up to the root or to something deleted.
    pub async fn ancestors(&mut self, ids: &[ItemId]) -> Result<Vec<Ancestor>> {
        let rows: Vec<Ancestor> = all!(
            self,
            Sql {
                sqlite: "WITH RECURSIVE up (item, depth, parent, title) AS ( \
                         SELECT id, 0, parent_id, '' FROM items \
                         WHERE id IN (SELECT unhex(value) FROM json_each($1)) \
                         UNION ALL SELECT up.item, up.depth + 1, i.parent_id, i.title FROM up \
                         JOIN items i ON i.id = up.parent \
                         WHERE i.deleted_at IS NULL AND up.depth < $2) \
                         SELECT item, depth, title FROM up WHERE depth > 0 ORDER BY item, depth",
                postgres: "WITH RECURSIVE up (item, depth, parent, title) AS ( \
                           SELECT id, CAST(0 AS BIGINT), parent_id, '' FROM items \
                           WHERE id = ANY($1) \
                           UNION ALL SELECT up.item, up.depth + 1, i.parent_id, i.title FROM up \
                           JOIN items i ON i.id = up.parent \
                           WHERE i.deleted_at IS NULL AND up.depth < $2) \
                           SELECT item, depth, title FROM up WHERE depth > 0 ORDER BY item, depth",
            },
            Ids(ids.iter().map(|id| id.0).collect()),
            DEEPEST
        )?;
        Ok(rows)
    }

    /// The projects with these ids, deleted ones too.
    pub async fn projects_by_id(&mut self, ids: &[ProjectId]) -> Result<Vec<Project>> {
        all!(
            self,
            ids_sql!(
                "SELECT id, org_id AS org, name, key, description, created_by, created_at, \
                 updated_at, deleted_at FROM projects WHERE",
                "id" in "$1",
                "ORDER BY id"
            ),
            Ids(ids.iter().map(|id| id.0).collect())
        )
    }
}

one_shot_reads! {
    search_rows(ids: &[ItemId]) -> Vec<SearchRow>;
    search_page(before: Option<Uuid>, limit: i64) -> Vec<SearchRow>;
    search_project_page(project: ProjectId, after: Option<ItemId>, limit: i64) -> Vec<SearchRow>;
    search_horizon() -> Horizon;
    search_changes(cursor: i64, after: Option<(i64, i64)>, limit: i64) -> Vec<SearchChange>;
    ancestors(ids: &[ItemId]) -> Vec<Ancestor>;
    projects_by_id(ids: &[ProjectId]) -> Vec<Project>;
}

one_shot_writes! {
    prune_search_outbox(before: Timestamp, most: i64, limit: i64) -> u64;
}
