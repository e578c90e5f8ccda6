//! Images and other files of a project. Their bytes are elsewhere, under the organization and the hash.

use model::{FileId, OrgId, ProjectId, Timestamp, UserId};

use crate::dialect::text;
use crate::sql::{all, exec, one, one_shot_reads, records};
use crate::{Result, Tx};

records! {
    /// A file that somebody put into a project. It never changes.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct File {
        /// Its id.
        pub id: FileId,
        /// The organization that keeps its bytes.
        pub org: OrgId,
        /// The project that it belongs to.
        pub project: ProjectId,
        /// What people call it.
        pub name: String,
        /// What its bytes are.
        pub media_type: String,
        /// Its size in bytes.
        pub size: i64,
        /// SHA-256 of its bytes.
        pub hash: Vec<u8>,
        /// An image's width in pixels.
        pub width: Option<i64>,
        /// An image's height in pixels.
        pub height: Option<i64>,
        /// Who put it there.
        pub created_by: UserId,
        /// When.
        pub created_at: Timestamp,
    }
}

/// A file to create. Its bytes must be kept already.
pub type NewFile = File;

impl Tx {
    /// Creates a file. `false` when there is one with this id, of whatever organization.
    pub async fn create_file(&mut self, new: &NewFile) -> Result<bool> {
        let created = exec!(
            self,
            "INSERT INTO files (id, org_id, project_id, name, media_type, size, hash, width, \
             height, created_by, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING",
            new.id.0,
            new.org.0,
            new.project.0,
            text(&new.name),
            new.media_type.as_str(),
            new.size,
            new.hash.as_slice(),
            new.width,
            new.height,
            new.created_by.0,
            new.created_at.micros()
        )?;
        Ok(created > 0)
    }

    /// A file.
    pub async fn file(&mut self, id: FileId) -> Result<Option<File>> {
        one!(
            self,
            "SELECT id, org_id AS org, project_id AS project, name, media_type, size, hash, width, \
             height, created_by, created_at FROM files WHERE id = $1",
            id.0
        )
    }

    /// A project's files, at most `limit`, from after `after` in order of id.
    pub async fn files(
        &mut self,
        project: ProjectId,
        after: Option<FileId>,
        limit: i64,
    ) -> Result<Vec<File>> {
        all!(
            self,
            "SELECT id, org_id AS org, project_id AS project, name, media_type, size, hash, width, \
             height, created_by, created_at FROM files \
             WHERE project_id = $1 AND id > $2 ORDER BY id LIMIT $3",
            project.0,
            after.map(|id| id.0).unwrap_or_default(),
            limit
        )
    }

    /// The bytes that an organization's files take, each content counted once; and whether `hash` is among them.
    pub async fn file_bytes(&mut self, org: OrgId, hash: &[u8]) -> Result<(i64, bool)> {
        let row: Option<(i64, i64)> = one!(
            self,
            "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT), \
             CAST(COALESCE(MAX(CASE WHEN hash = $2 THEN 1 ELSE 0 END), 0) AS BIGINT) \
             FROM (SELECT DISTINCT hash, size FROM files WHERE org_id = $1) AS kept",
            org.0,
            hash
        )?;
        Ok(row.map_or((0, false), |(bytes, there)| (bytes, there > 0)))
    }
}

one_shot_reads! {
    file(id: FileId) -> Option<File>;
    files(project: ProjectId, after: Option<FileId>, limit: i64) -> Vec<File>;
    file_bytes(org: OrgId, hash: &[u8]) -> (i64, bool);
}
