//! All that differs between SQLite and PostgreSQL.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use model::{DocumentId, ItemId, ProjectId, Timestamp, UserId};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo};
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo};
use sqlx::{Encode, PgConnection, Postgres, Row, Sqlite, SqliteConnection, Type};
use uuid::Uuid;

use crate::items::{Doomed, Placed};
use crate::links::Link;
use crate::log::Append;
use crate::sql::{all, exec};
use crate::tx::Conn;
use crate::{Result, Tx};

/// A set of ids as one parameter: an array on PostgreSQL, JSON on SQLite. Goes with [`ids_sql`].
#[derive(Debug, Clone)]
pub(crate) struct Ids(pub(crate) Vec<Uuid>);

impl Type<Sqlite> for Ids {
    fn type_info() -> SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Ids {
    fn encode_by_ref(&self, buf: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        let mut json = String::with_capacity(self.0.len() * 35 + 2);
        json.push('[');
        for (i, id) in self.0.iter().enumerate() {
            if i > 0 {
                json.push(',');
            }
            let _ = write!(json, "\"{}\"", id.simple());
        }
        json.push(']');
        <String as Encode<'_, Sqlite>>::encode(json, buf)
    }
}

impl Type<Postgres> for Ids {
    fn type_info() -> PgTypeInfo {
        <Vec<Uuid> as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Ids {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <Vec<Uuid> as Encode<'_, Postgres>>::encode_by_ref(&self.0, buf)
    }
}

/// A query with a condition that `$column` is one of the [`Ids`] in parameter `$n`.
macro_rules! ids_sql {
    ($before:literal, $column:literal in $n:literal, $after:literal) => {
        $crate::sql::Sql {
            sqlite: concat!(
                $before,
                " ",
                $column,
                " IN (SELECT unhex(value) FROM json_each(",
                $n,
                ")) ",
                $after
            ),
            postgres: concat!($before, " ", $column, " = ANY(", $n, ") ", $after),
        }
    };
}
pub(crate) use ids_sql;

/// Holds the named lock until the transaction ends. On SQLite a write transaction is alone anyway.
pub(crate) async fn lock(tx: &mut Tx, name: &str) -> Result<()> {
    if let Conn::Postgres(_) = tx.conn() {
        exec!(
            tx,
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
            name
        )?;
    }
    Ok(())
}

/// Locks the documents until the transaction ends, in order of id; gives each one's root.
pub(crate) async fn lock_documents(
    tx: &mut Tx,
    ids: Vec<Uuid>,
) -> Result<HashMap<DocumentId, Uuid>> {
    let rows: Vec<(DocumentId, Uuid)> = all!(
        tx,
        crate::sql::Sql {
            sqlite: "SELECT id, root_id FROM documents \
                     WHERE id IN (SELECT unhex(value) FROM json_each($1))",
            postgres: "SELECT id, root_id FROM documents WHERE id = ANY($1) \
                       ORDER BY id FOR UPDATE",
        },
        Ids(ids)
    )?;
    Ok(rows.into_iter().collect())
}

/// Moves each document on from its expected position and writes its rows; gives those that were at
/// their expected position and not deleted. The documents must differ.
pub(crate) async fn append_rows(tx: &mut Tx, appends: &[&Append]) -> Result<HashSet<DocumentId>> {
    if appends.is_empty() {
        return Ok(HashSet::new());
    }
    match tx.conn() {
        Conn::Sqlite(conn) => append_sqlite(conn, appends).await,
        Conn::Postgres(conn) => append_postgres(conn, appends).await,
    }
}

fn count(append: &Append) -> i64 {
    i64::try_from(append.rows.len()).unwrap_or(i64::MAX)
}

fn size(append: &Append) -> i64 {
    let bytes: usize = append.rows.iter().map(|row| row.bytes.len()).sum();
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// One statement: locks the rows in order of id, moves those that are where they should be, inserts.
async fn append_postgres(
    conn: &mut PgConnection,
    appends: &[&Append],
) -> Result<HashSet<DocumentId>> {
    const SQL: &str = "\
        WITH want AS ( \
            SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[]) \
            AS w (id, expected, rows, size) \
        ), held AS ( \
            SELECT id, position FROM documents \
            WHERE id = ANY($1) AND deleted_at IS NULL ORDER BY id FOR UPDATE \
        ), moved AS ( \
            UPDATE documents d \
            SET position = w.expected + w.rows, size = d.size + w.size \
            FROM want w JOIN held h ON h.id = w.id AND h.position = w.expected \
            WHERE d.id = w.id \
            RETURNING d.id \
        ), written AS ( \
            INSERT INTO log (document_id, position, author_id, session_id, agent, at, bytes) \
            SELECT r.* FROM UNNEST($5::uuid[], $6::bigint[], $7::uuid[], $8::uuid[], $9::text[], \
                                   $10::bigint[], $11::bytea[]) \
            AS r (document_id, position, author_id, session_id, agent, at, bytes) \
            JOIN moved ON moved.id = r.document_id \
        ) \
        SELECT id FROM moved";
    let rows = || {
        appends.iter().flat_map(|append| {
            append
                .rows
                .iter()
                .zip(append.expected + 1..)
                .map(|(row, position)| (append.document, position, row))
        })
    };
    let moved = sqlx::query(SQL)
        .bind(appends.iter().map(|a| a.document.0).collect::<Vec<_>>())
        .bind(appends.iter().map(|a| a.expected).collect::<Vec<_>>())
        .bind(appends.iter().map(|a| count(a)).collect::<Vec<_>>())
        .bind(appends.iter().map(|a| size(a)).collect::<Vec<_>>())
        .bind(rows().map(|(id, _, _)| id.0).collect::<Vec<_>>())
        .bind(rows().map(|(_, at, _)| at).collect::<Vec<_>>())
        .bind(rows().map(|(_, _, r)| r.author.0).collect::<Vec<_>>())
        .bind(rows().map(|(_, _, r)| r.session.0).collect::<Vec<_>>())
        .bind(rows().map(|(_, _, r)| text(&r.agent)).collect::<Vec<_>>())
        .bind(rows().map(|(_, _, r)| r.at.micros()).collect::<Vec<_>>())
        .bind(rows().map(|(_, _, r)| r.bytes.as_ref()).collect::<Vec<_>>())
        .fetch_all(conn)
        .await?;
    moved
        .iter()
        .map(|row| Ok(DocumentId(row.try_get(0)?)))
        .collect()
}

/// Statements of a few fixed lengths, so that each is prepared once per connection.
struct Lengths(Vec<(usize, &'static str)>);

impl Lengths {
    /// For each length the text `make(values)`, where `values` is `(?,?,…),(…)` with `columns` each.
    ///
    /// Nameless parameters: SQLite looks a name like `$7` up in a list, for each value it is given.
    fn new(columns: usize, make: impl Fn(&str) -> String) -> Self {
        let texts = [64, 16, 4, 1].map(|length| {
            let row = format!("({})", vec!["?"; columns].join(","));
            let values = vec![row; length].join(",");
            // Made once for the life of the process.
            (length, &*make(&values).leak())
        });
        Self(texts.to_vec())
    }

    /// The longest statement that `left` rows fill.
    fn fitting(&self, left: usize) -> (usize, &'static str) {
        self.0
            .iter()
            .copied()
            .find(|&(length, _)| length <= left)
            .unwrap_or(self.0[self.0.len() - 1])
    }
}

static MOVE: LazyLock<Lengths> = LazyLock::new(|| {
    Lengths::new(4, |values| {
        format!(
            "UPDATE documents SET position = v.column2 + v.column3, size = size + v.column4 \
             FROM (VALUES {values}) AS v \
             WHERE documents.id = v.column1 AND documents.position = v.column2 \
             AND documents.deleted_at IS NULL RETURNING id"
        )
    })
});

static WRITE: LazyLock<Lengths> = LazyLock::new(|| {
    Lengths::new(7, |values| {
        format!(
            "INSERT INTO log (document_id, position, author_id, session_id, agent, at, bytes) \
             VALUES {values}"
        )
    })
});

async fn append_sqlite(
    conn: &mut SqliteConnection,
    appends: &[&Append],
) -> Result<HashSet<DocumentId>> {
    let mut moved = HashSet::with_capacity(appends.len());
    let mut left = appends;
    while !left.is_empty() {
        let (length, sql) = MOVE.fitting(left.len());
        let (now, rest) = left.split_at(length);
        left = rest;
        let mut query = sqlx::query(sql);
        for append in now {
            query = query
                .bind(append.document.0)
                .bind(append.expected)
                .bind(count(append))
                .bind(size(append));
        }
        for row in query.fetch_all(&mut *conn).await? {
            moved.insert(DocumentId(row.try_get(0)?));
        }
    }

    let rows: Vec<_> = appends
        .iter()
        .filter(|append| moved.contains(&append.document))
        .flat_map(|append| {
            append
                .rows
                .iter()
                .zip(append.expected + 1..)
                .map(|(row, position)| (append.document, position, row))
        })
        .collect();
    let mut left = rows.as_slice();
    while !left.is_empty() {
        let (length, sql) = WRITE.fitting(left.len());
        let (now, rest) = left.split_at(length);
        left = rest;
        let mut query = sqlx::query(sql);
        for (document, position, row) in now {
            query = query
                .bind(document.0)
                .bind(position)
                .bind(row.author.0)
                .bind(row.session.0)
                .bind(text(&row.agent))
                .bind(row.at.micros())
                .bind(row.bytes.as_ref());
        }
        query.execute(&mut *conn).await?;
    }
    Ok(moved)
}

/// Text as both databases can hold it: PostgreSQL has no place for U+0000.
pub(crate) fn text(text: &str) -> String {
    if text.contains('\0') {
        text.replace('\0', "")
    } else {
        text.to_owned()
    }
}

/// Writes where items stand; gives those that moved. `placements` has each item once.
pub(crate) async fn set_placements(
    tx: &mut Tx,
    project: ProjectId,
    placements: &[Placed],
    at: Timestamp,
) -> Result<Vec<ItemId>> {
    match tx.conn() {
        Conn::Sqlite(conn) => {
            let rows: Vec<_> = placements
                .iter()
                .map(|p| {
                    serde_json::json!([
                        p.id.0.simple().to_string(),
                        p.parent.map(|parent| parent.0.simple().to_string()),
                        p.rank,
                    ])
                })
                .collect();
            // The plus keeps SQLite from going through the whole project for each of them.
            let moved = sqlx::query(
                "UPDATE items SET parent_id = v.parent, rank = v.rank, updated_at = $3 \
                 FROM (SELECT unhex(value ->> 0) AS id, unhex(value ->> 1) AS parent, \
                       value ->> 2 AS rank FROM json_each($1)) AS v \
                 WHERE items.id = v.id AND +items.project_id = $2 \
                 AND (items.parent_id IS NOT v.parent OR items.rank <> v.rank) \
                 RETURNING id",
            )
            .bind(serde_json::Value::Array(rows).to_string())
            .bind(project.0)
            .bind(at.micros())
            .fetch_all(conn)
            .await?;
            moved
                .iter()
                .map(|row| Ok(ItemId(row.try_get(0)?)))
                .collect()
        }
        Conn::Postgres(conn) => {
            let moved = sqlx::query(
                "UPDATE items SET parent_id = v.parent, rank = v.rank, updated_at = $5 \
                 FROM UNNEST($1::uuid[], $2::uuid[], $3::text[]) AS v (id, parent, rank) \
                 WHERE items.id = v.id AND items.project_id = $4 \
                 AND (items.parent_id IS DISTINCT FROM v.parent OR items.rank <> v.rank) \
                 RETURNING items.id",
            )
            .bind(placements.iter().map(|p| p.id.0).collect::<Vec<_>>())
            .bind(
                placements
                    .iter()
                    .map(|p| p.parent.map(|parent| parent.0))
                    .collect::<Vec<_>>(),
            )
            .bind(placements.iter().map(|p| text(&p.rank)).collect::<Vec<_>>())
            .bind(project.0)
            .bind(at.micros())
            .fetch_all(conn)
            .await?;
            moved
                .iter()
                .map(|row| Ok(ItemId(row.try_get(0)?)))
                .collect()
        }
    }
}

/// Marks items of a project deleted, with those that took them along; gives those that weren't before.
pub(crate) async fn delete_items(
    tx: &mut Tx,
    project: ProjectId,
    doomed: &[Doomed],
    by: UserId,
    at: Timestamp,
) -> Result<Vec<ItemId>> {
    match tx.conn() {
        Conn::Sqlite(conn) => {
            // The plus keeps SQLite from going through the whole project for each of them.
            let simple = |id: ItemId| id.0.simple().to_string();
            let rows = doomed.iter().map(|d| [simple(d.id), simple(d.root)]);
            let deleted = sqlx::query(
                "UPDATE items SET deleted_at = $3, deleted_by = $4, deleted_root = v.root, \
                 updated_at = $3 \
                 FROM (SELECT unhex(value ->> 0) AS id, unhex(value ->> 1) AS root \
                       FROM json_each($1)) AS v \
                 WHERE items.id = v.id AND +items.project_id = $2 AND items.deleted_at IS NULL \
                 RETURNING id",
            )
            .bind(serde_json::json!(rows.collect::<Vec<_>>()).to_string())
            .bind(project.0)
            .bind(at.micros())
            .bind(by.0)
            .fetch_all(conn)
            .await?;
            deleted
                .iter()
                .map(|row| Ok(ItemId(row.try_get(0)?)))
                .collect()
        }
        Conn::Postgres(conn) => {
            let deleted = sqlx::query(
                "UPDATE items SET deleted_at = $4, deleted_by = $5, deleted_root = v.root, \
                 updated_at = $4 FROM UNNEST($1::uuid[], $2::uuid[]) AS v (id, root) \
                 WHERE items.id = v.id AND items.project_id = $3 AND items.deleted_at IS NULL \
                 RETURNING items.id",
            )
            .bind(doomed.iter().map(|d| d.id.0).collect::<Vec<_>>())
            .bind(doomed.iter().map(|d| d.root.0).collect::<Vec<_>>())
            .bind(project.0)
            .bind(at.micros())
            .bind(by.0)
            .fetch_all(conn)
            .await?;
            deleted
                .iter()
                .map(|row| Ok(ItemId(row.try_get(0)?)))
                .collect()
        }
    }
}

/// Writes which items an item names; those that are there get their new text.
pub(crate) async fn put_links(tx: &mut Tx, item: ItemId, links: &[&Link]) -> Result<()> {
    match tx.conn() {
        Conn::Sqlite(conn) => {
            let rows = links
                .iter()
                .map(|link| [link.target.0.simple().to_string(), text(&link.excerpt)]);
            sqlx::query(
                "INSERT INTO item_links (item_id, target_id, excerpt) \
                 SELECT $1, unhex(value ->> 0), value ->> 1 FROM json_each($2) WHERE true \
                 ON CONFLICT (item_id, target_id) DO UPDATE SET excerpt = excluded.excerpt",
            )
            .bind(item.0)
            .bind(serde_json::json!(rows.collect::<Vec<_>>()).to_string())
            .execute(conn)
            .await?;
        }
        Conn::Postgres(conn) => {
            sqlx::query(
                "INSERT INTO item_links (item_id, target_id, excerpt) \
                 SELECT $1, v.target, v.excerpt \
                 FROM UNNEST($2::uuid[], $3::text[]) AS v (target, excerpt) \
                 ON CONFLICT (item_id, target_id) DO UPDATE SET excerpt = excluded.excerpt",
            )
            .bind(item.0)
            .bind(links.iter().map(|link| link.target.0).collect::<Vec<_>>())
            .bind(
                links
                    .iter()
                    .map(|link| text(&link.excerpt))
                    .collect::<Vec<_>>(),
            )
            .execute(conn)
            .await?;
        }
    }
    Ok(())
}

/// Writes whom an item names. None of them may be there.
pub(crate) async fn put_mentions(tx: &mut Tx, item: ItemId, users: Vec<Uuid>) -> Result<()> {
    exec!(
        tx,
        crate::sql::Sql {
            sqlite: "INSERT INTO item_mentions (item_id, user_id) \
                     SELECT $1, unhex(value) FROM json_each($2)",
            postgres: "INSERT INTO item_mentions (item_id, user_id) SELECT $1, UNNEST($2)",
        },
        item.0,
        Ids(users)
    )?;
    Ok(())
}
