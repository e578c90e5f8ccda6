//! Imports: a file, what is to become of it, and how far that is.

use model::{ImportId, ItemId, OrgId, ProjectId, SessionId, Timestamp, UserId};
use serde_json::Value;

use crate::dialect::{Ids, ids_sql, text};
use crate::sql::{all, exec, one, one_shot_reads, one_shot_writes, records};
use crate::{Db, Error, Result, Tx};

/// Bytes of a file in one row: one row is one short write transaction.
const PART: usize = 1 << 20;
/// A file is kept for as long as somebody thinks about its preview.
const LEVEL: i32 = 1;

records! {
    /// A file that is brought into a project.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Import {
        /// Its id.
        pub id: ImportId,
        /// The organization it belongs to.
        pub org: OrgId,
        /// The project it belongs to.
        pub project: ProjectId,
        /// What the items are put under; `None` at the root.
        pub parent: Option<ItemId>,
        /// The file's name.
        pub name: String,
        /// What the file is.
        pub format: String,
        /// `preview`, `running`, `done`, `failed`, `undoing` or `undone`.
        pub state: String,
        /// How a table is read; null for other formats.
        pub mapping: Value,
        /// Columns, counts and the first items. Null in lists.
        pub preview: Value,
        /// What could not be taken as it is: a list.
        pub report: Value,
        /// How many items there are to make.
        pub total: i64,
        /// How many are made.
        pub done: i64,
        /// Whose it is.
        pub created_by: UserId,
        /// The session that brought it.
        pub session: SessionId,
        /// When it was brought.
        pub created_at: Timestamp,
        /// When it last changed.
        pub updated_at: Timestamp,
    }
}

/// `SELECT` of a whole [`Import`] with the given preview, and the rest of the query.
macro_rules! select_import {
    ($preview:literal, $rest:literal) => {
        concat!(
            "SELECT id, org_id AS org, project_id AS project, parent_id AS parent, name, format, \
             state, mapping, ",
            $preview,
            " AS preview, report, total, done, created_by, session_id AS session, created_at, \
             updated_at FROM imports ",
            $rest
        )
    };
}

impl Tx {
    /// Creates an import.
    pub async fn create_import(&mut self, new: &Import) -> Result<()> {
        exec!(
            self,
            "INSERT INTO imports (id, org_id, project_id, parent_id, name, format, state, mapping, \
             preview, report, total, done, created_by, session_id, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
            new.id.0,
            new.org.0,
            new.project.0,
            new.parent.map(|id| id.0),
            text(&new.name),
            new.format.as_str(),
            new.state.as_str(),
            text(&new.mapping.to_string()),
            text(&new.preview.to_string()),
            text(&new.report.to_string()),
            new.total,
            new.done,
            new.created_by.0,
            new.session.0,
            new.created_at.micros(),
            new.updated_at.micros()
        )?;
        Ok(())
    }

    /// An import.
    pub async fn import(&mut self, id: ImportId) -> Result<Option<Import>> {
        one!(self, select_import!("preview", "WHERE id = $1"), id.0)
    }

    /// A project's imports, the latest first, without their previews.
    pub async fn imports(&mut self, project: ProjectId, limit: i64) -> Result<Vec<Import>> {
        all!(
            self,
            select_import!("'null'", "WHERE project_id = $1 ORDER BY id DESC LIMIT $2"),
            project.0,
            limit
        )
    }

    /// The imports that something is being done with.
    pub async fn unfinished_imports(&mut self) -> Result<Vec<ImportId>> {
        let ids: Vec<(ImportId,)> = all!(
            self,
            "SELECT id FROM imports WHERE state IN ('running', 'undoing') ORDER BY id"
        )?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }

    /// Writes another preview of an import that hasn't been run. `false` when it has.
    pub async fn change_preview(&mut self, import: &Import) -> Result<bool> {
        let changed = exec!(
            self,
            "UPDATE imports SET format = $2, mapping = $3, preview = $4, report = $5, total = $6, \
             updated_at = $7 WHERE id = $1 AND state = 'preview'",
            import.id.0,
            import.format.as_str(),
            text(&import.mapping.to_string()),
            text(&import.preview.to_string()),
            text(&import.report.to_string()),
            import.total,
            import.updated_at.micros()
        )?;
        Ok(changed > 0)
    }

    /// Takes an import from one state to another. `false` when it isn't in that one.
    pub async fn change_import_state(
        &mut self,
        id: ImportId,
        from: &str,
        to: &str,
        at: Timestamp,
    ) -> Result<bool> {
        let changed = exec!(
            self,
            "UPDATE imports SET state = $3, updated_at = $4 WHERE id = $1 AND state = $2",
            id.0,
            from,
            to,
            at.micros()
        )?;
        Ok(changed > 0)
    }

    /// Says how far a running import is. `false` when it isn't running any more: then give the
    /// transaction up.
    pub async fn advance_import(&mut self, id: ImportId, done: i64, at: Timestamp) -> Result<bool> {
        let changed = exec!(
            self,
            "UPDATE imports SET done = $2, updated_at = $3 WHERE id = $1 AND state = 'running'",
            id.0,
            done,
            at.micros()
        )?;
        Ok(changed > 0)
    }

    /// Writes an import's report.
    pub async fn report_import(&mut self, id: ImportId, report: &Value) -> Result<()> {
        exec!(
            self,
            "UPDATE imports SET report = $2 WHERE id = $1",
            id.0,
            text(&report.to_string())
        )?;
        Ok(())
    }

    /// Removes an import that hasn't been run, with its file. `false` when it has.
    pub async fn delete_preview(&mut self, id: ImportId) -> Result<bool> {
        let gone = exec!(
            self,
            "DELETE FROM imports WHERE id = $1 AND state = 'preview'",
            id.0
        )?;
        if gone > 0 {
            // The database has done it, but SQLite only if it is told to. Not before: somebody may be starting to run it.
            self.forget_import_file(id).await?;
        }
        Ok(gone > 0)
    }

    /// Previews that nobody has touched since.
    pub async fn old_previews(&mut self, before: Timestamp, limit: i64) -> Result<Vec<ImportId>> {
        let ids: Vec<(ImportId,)> = all!(
            self,
            "SELECT id FROM imports WHERE state = 'preview' AND updated_at < $1 \
             ORDER BY id LIMIT $2",
            before.micros(),
            limit
        )?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }

    /// Somebody's imports that haven't been run, the latest first.
    pub async fn previews_of(&mut self, user: UserId) -> Result<Vec<ImportId>> {
        let ids: Vec<(ImportId,)> = all!(
            self,
            "SELECT id FROM imports WHERE created_by = $1 AND state = 'preview' ORDER BY id DESC",
            user.0
        )?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }

    /// Forgets the file of an import.
    pub async fn forget_import_file(&mut self, id: ImportId) -> Result<()> {
        exec!(self, "DELETE FROM import_parts WHERE import_id = $1", id.0)?;
        Ok(())
    }

    /// Which of these items' documents have been edited since their content was first written, and
    /// aren't deleted.
    pub async fn edited_items(&mut self, ids: &[ItemId]) -> Result<Vec<ItemId>> {
        let edited: Vec<(ItemId,)> = all!(
            self,
            ids_sql!(
                "SELECT id FROM documents WHERE position > 1 AND deleted_at IS NULL AND",
                "id" in "$1",
                "ORDER BY id"
            ),
            Ids(ids.iter().map(|id| id.0).collect())
        )?;
        Ok(edited.into_iter().map(|(id,)| id).collect())
    }
}

impl Db {
    /// Keeps the file of an import, piece by piece.
    pub async fn keep_import_file(&self, id: ImportId, bytes: &[u8]) -> Result<()> {
        for (part, piece) in (0_i64..).zip(bytes.chunks(PART)) {
            let packed = zstd::encode_all(piece, LEVEL)
                .map_err(|e| Error::Corrupt(format!("packing an import: {e}")))?;
            let mut tx = self.begin_write().await?;
            exec!(
                tx,
                "INSERT INTO import_parts (import_id, part, bytes) VALUES ($1, $2, $3)",
                id.0,
                part,
                packed
            )?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// The file of an import. Empty when it has been forgotten.
    pub async fn import_file(&self, id: ImportId) -> Result<Vec<u8>> {
        let mut tx = self.begin_read().await?;
        let parts: Vec<(Vec<u8>,)> = all!(
            tx,
            "SELECT bytes FROM import_parts WHERE import_id = $1 ORDER BY part",
            id.0
        )?;
        tx.commit().await?;
        let mut out = Vec::new();
        for (part,) in parts {
            let piece = zstd::decode_all(part.as_slice())
                .map_err(|e| Error::Corrupt(format!("import {id}: {e}")))?;
            out.extend(piece);
        }
        Ok(out)
    }
}

one_shot_reads! {
    import(id: ImportId) -> Option<Import>;
    imports(project: ProjectId, limit: i64) -> Vec<Import>;
    unfinished_imports() -> Vec<ImportId>;
    edited_items(ids: &[ItemId]) -> Vec<ItemId>;
    old_previews(before: Timestamp, limit: i64) -> Vec<ImportId>;
    previews_of(user: UserId) -> Vec<ImportId>;
}

one_shot_writes! {
    create_import(new: &Import) -> ();
    change_preview(import: &Import) -> bool;
    change_import_state(id: ImportId, from: &str, to: &str, at: Timestamp) -> bool;
    report_import(id: ImportId, report: &Value) -> ();
    delete_preview(id: ImportId) -> bool;
    forget_import_file(id: ImportId) -> ();
}
