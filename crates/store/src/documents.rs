//! Documents: what collaboration opens.

use model::{BranchId, DocumentId, DocumentKind, OrgId, ProjectId, Timestamp, UserId};

use crate::log::{LogEntry, read_rows};
use crate::sql::{all, exec, one, one_shot_reads, one_shot_writes, records};
use crate::{Error, Result, Tx, heads};

/// A document to create, empty.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// On the main branch the id of what it describes.
    pub id: DocumentId,
    /// The organization it belongs to.
    pub org: OrgId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// What it describes.
    pub kind: DocumentKind,
    /// The branch, and the main-branch document it is a branch of. `None`: the main branch.
    pub branch: Option<(BranchId, DocumentId)>,
    /// When.
    pub created_at: Timestamp,
}

records! {
    /// What is known of a document beside its content.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct DocumentMeta {
        /// Its id.
        pub id: DocumentId,
        /// The organization it belongs to.
        pub org: OrgId,
        /// The project it belongs to.
        pub project: ProjectId,
        /// What it describes.
        pub kind: DocumentKind,
        /// `None` is the main branch.
        pub branch: Option<BranchId>,
        /// The main-branch document it is a branch of, or its own id.
        pub root: DocumentId,
        /// Changes when its past is rewritten.
        pub epoch: i64,
        /// The last log row's position; 0 is an empty log. Positions are dense.
        pub position: i64,
        /// What the stored head covers.
        pub head_position: i64,
        /// Bytes of the stored head.
        pub head_size: i64,
        /// What the projected rows cover.
        pub projected_position: i64,
        /// Bytes ever appended.
        pub size: i64,
        /// When it was created.
        pub created_at: Timestamp,
        /// When it, or its project, was deleted.
        pub deleted_at: Option<Timestamp>,
        pub(crate) head_generation: i64,
    }
}

impl DocumentMeta {
    /// Whether it, or its project, is deleted.
    pub fn deleted(&self) -> bool {
        self.deleted_at.is_some()
    }
}

/// A document as collaboration opens it: the head, and the log rows that came after it.
#[derive(Debug, Clone)]
pub struct StoredDocument {
    /// What is known of it.
    pub meta: DocumentMeta,
    /// The state up to `meta.head_position`, one v1 update. Empty when there is none yet.
    pub head: Vec<u8>,
    /// The rows after `meta.head_position`, in order.
    pub tail: Vec<LogEntry>,
    /// Which Yjs client ids belong to whom, in this document and all its branches.
    pub bindings: Vec<(u64, UserId)>,
    /// Client ids of earlier epochs, never to be seen again.
    pub retired: Vec<u64>,
}

const META: &str = "SELECT d.id AS id, d.org_id AS org, d.project_id AS project, d.kind AS kind, \
     d.branch_id AS branch, d.root_id AS root, d.epoch AS epoch, d.position AS position, \
     d.head_position AS head_position, d.head_size AS head_size, \
     d.head_generation AS head_generation, d.projected_position AS projected_position, \
     d.size AS size, d.created_at AS created_at, \
     COALESCE(d.deleted_at, p.deleted_at) AS deleted_at \
     FROM documents d JOIN projects p ON p.id = d.project_id WHERE d.id = $1";

/// A Yjs client id as a column holds it.
pub(crate) fn client_column(client: u64) -> i64 {
    // Ids are at most 2^53 - 1.
    i64::try_from(client).unwrap_or(i64::MAX)
}

fn client_id(column: i64) -> Result<u64> {
    u64::try_from(column).map_err(|_| Error::Corrupt(format!("client id {column}")))
}

impl Tx {
    /// Creates an empty document. [`UniqueKey::Id`](crate::UniqueKey::Id) when it exists.
    pub async fn create_document(&mut self, new: &NewDocument) -> Result<()> {
        let root = new.branch.map_or(new.id, |(_, root)| root);
        exec!(
            self,
            "INSERT INTO documents (id, org_id, project_id, kind, branch_id, root_id, epoch, \
             position, head_position, head_generation, head_size, generation, projected_position, \
             size, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 1, 0, 0, 0, 0, 0, 0, 0, $7)",
            new.id.0,
            new.org.0,
            new.project.0,
            new.kind.as_str(),
            new.branch.map(|(branch, _)| branch.0),
            root.0,
            new.created_at.micros(),
        )?;
        Ok(())
    }

    /// What is known of a document beside its content; also of a deleted one.
    pub async fn document(&mut self, id: DocumentId) -> Result<Option<DocumentMeta>> {
        one!(self, META, id.0)
    }

    /// All that collaboration needs to open a document. Call it on a read transaction: it sees one
    /// instant.
    pub async fn load_document(&mut self, id: DocumentId) -> Result<Option<StoredDocument>> {
        let Some(meta) = self.document(id).await? else {
            return Ok(None);
        };
        let head = heads::read_head(self, &meta).await?;
        let tail = if meta.position > meta.head_position {
            read_rows(self, id, meta.head_position, i64::MAX).await?
        } else {
            Vec::new()
        };
        let mut expected = meta.head_position;
        for entry in &tail {
            expected += 1;
            if entry.position != expected {
                return Err(Error::Corrupt(format!(
                    "document {id}: log position {expected} is missing"
                )));
            }
        }
        if expected != meta.position {
            return Err(Error::Corrupt(format!(
                "document {id}: the log ends at {expected}, not at {}",
                meta.position
            )));
        }
        let clients: Vec<(i64, Option<UserId>)> = all!(
            self,
            "SELECT client, user_id FROM client_bindings WHERE root_id = $1 \
             UNION ALL SELECT client, NULL FROM retired_clients WHERE root_id = $1",
            meta.root.0
        )?;
        let mut bindings = Vec::with_capacity(clients.len());
        let mut retired = Vec::new();
        for (client, user) in clients {
            match user {
                Some(user) => bindings.push((client_id(client)?, user)),
                None => retired.push(client_id(client)?),
            }
        }
        Ok(Some(StoredDocument {
            meta,
            head,
            tail,
            bindings,
            retired,
        }))
    }

    /// Documents with log rows that aren't projected yet, at most `limit`.
    pub async fn unprojected(&mut self, limit: i64) -> Result<Vec<DocumentId>> {
        let ids: Vec<(DocumentId,)> = all!(
            self,
            "SELECT id FROM documents WHERE projected_position < position \
             AND deleted_at IS NULL ORDER BY id LIMIT $1",
            limit
        )?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }

    /// Documents whose head lags at least `rows` log rows behind, at most `limit`, from after `after`
    /// in order of id. For compaction.
    pub async fn stale_heads(
        &mut self,
        after: Option<DocumentId>,
        rows: i64,
        limit: i64,
    ) -> Result<Vec<DocumentId>> {
        let ids: Vec<(DocumentId,)> = all!(
            self,
            "SELECT id FROM documents WHERE id > $1 AND position - head_position >= $2 \
             AND deleted_at IS NULL ORDER BY id LIMIT $3",
            after.map(|id| id.0).unwrap_or_default(),
            rows,
            limit
        )?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }

    /// Records that the rows projected from a document cover `position`. Never goes back.
    pub async fn set_projected(&mut self, id: DocumentId, position: i64) -> Result<()> {
        exec!(
            self,
            "UPDATE documents SET projected_position = $2 WHERE id = $1 AND projected_position < $2",
            id.0,
            position
        )?;
        Ok(())
    }

    /// Retires client ids in a document and all its branches: they are of an earlier epoch.
    pub async fn retire_clients(&mut self, root: DocumentId, clients: &[u64]) -> Result<()> {
        for &client in clients {
            exec!(
                self,
                "INSERT INTO retired_clients (root_id, client) VALUES ($1, $2) \
                 ON CONFLICT (root_id, client) DO NOTHING",
                root.0,
                client_column(client)
            )?;
        }
        Ok(())
    }
}

one_shot_reads! {
    document(id: DocumentId) -> Option<DocumentMeta>;
    unprojected(limit: i64) -> Vec<DocumentId>;
    stale_heads(after: Option<DocumentId>, rows: i64, limit: i64) -> Vec<DocumentId>;
}

one_shot_writes! {
    create_document(new: &NewDocument) -> ();
    set_projected(id: DocumentId, position: i64) -> ();
    retire_clients(root: DocumentId, clients: &[u64]) -> ();
}

impl crate::Db {
    /// All that collaboration needs to open a document, as of one instant.
    pub async fn load_document(&self, id: DocumentId) -> Result<Option<StoredDocument>> {
        let mut tx = self.begin_read().await?;
        let stored = tx.load_document(id).await?;
        tx.commit().await?;
        Ok(stored)
    }
}
