//! The log: what was committed, in order.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use model::{DocumentId, SessionId, Timestamp, UserId};
use uuid::Uuid;

use crate::documents::client_column;
use crate::sql::{all, exec, one, records};
use crate::{Db, Error, Result, Tx, dialect, pack};

/// What one session had committed in one batch: one position of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Whose edit it is.
    pub author: UserId,
    /// The session that sent it.
    pub session: SessionId,
    /// The program that sent it; empty for a person.
    pub agent: String,
    /// When it was committed.
    pub at: Timestamp,
    /// A Yjs v1 update.
    pub bytes: Bytes,
}

records! {
    /// A stored [`LogRow`] with its position.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LogEntry {
        /// Dense, from 1.
        pub position: i64,
        /// Whose edit it is.
        pub author: UserId,
        /// The session that sent it.
        pub session: SessionId,
        /// The program that sent it; empty for a person.
        pub agent: String,
        /// When it was committed.
        pub at: Timestamp,
        /// A Yjs v1 update.
        pub bytes: Bytes,
    }
}

/// What to append to one document.
#[derive(Debug, Clone)]
pub struct Append {
    /// The document.
    pub document: DocumentId,
    /// The position its last row must have, for the rows were validated against that state.
    pub expected: i64,
    /// Rows for the positions `expected + 1 ..`.
    pub rows: Vec<LogRow>,
    /// Client ids that the rows use for the first time, with their user.
    pub bindings: Vec<(u64, UserId)>,
}

/// What became of one [`Append`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendOutcome {
    /// All its rows are on disk.
    Committed,
    /// The document is at another position; nothing was written. Read the log, validate again.
    Conflict {
        /// Where it is.
        position: i64,
    },
    /// There is no such document, or it is deleted. Nothing was written.
    Missing,
    /// A client id belongs to another user already. Nothing was written.
    ClientTaken {
        /// The id.
        client: u64,
        /// Its owner.
        owner: UserId,
    },
}

impl AppendOutcome {
    /// Whether the rows are on disk.
    pub fn is_committed(self) -> bool {
        self == Self::Committed
    }
}

/// Two transactions bound one client id at the same moment; do it again.
struct BindingRace;

impl Db {
    /// Appends to many documents in one transaction, durably. The answers are in the order of
    /// `batch`. What is wrong with one document leaves the others untouched; an `Err` means that
    /// nothing is known to be committed, so nothing may be acknowledged: load the documents again.
    ///
    /// A document may stand in the batch more than once, if the later one expects the earlier.
    pub async fn append(&self, batch: &[Append]) -> Result<Vec<AppendOutcome>> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        // On PostgreSQL a batch without new clients and repeated documents is one statement.
        let mut tx = if plain(batch) {
            self.writer().await?
        } else {
            self.begin_write().await?
        };
        for solo in [false, true] {
            match append_waves(&mut tx, batch, solo).await? {
                Ok(outcomes) => {
                    tx.commit().await?;
                    return Ok(outcomes);
                }
                Err(BindingRace) => {
                    tx.rollback().await?;
                    tx = self.begin_write().await?;
                }
            }
        }
        Err(Error::Conflict)
    }

    /// At most `limit` rows after position `after`, in order, packed or not.
    pub async fn read_log(&self, id: DocumentId, after: i64, limit: i64) -> Result<Vec<LogEntry>> {
        let mut tx = self.begin_read().await?;
        let rows = tx.read_log(id, after, limit).await?;
        tx.commit().await?;
        Ok(rows)
    }
}

impl Tx {
    /// [`Db::append`] within a transaction, such as the one that creates the document. After
    /// [`Error::Conflict`] the transaction must be given up.
    pub async fn append(&mut self, batch: &[Append]) -> Result<Vec<AppendOutcome>> {
        // One at a time, so that a batch can't conflict with itself.
        append_waves(self, batch, true)
            .await?
            .map_err(|BindingRace| Error::Conflict)
    }

    /// At most `limit` rows after position `after`, in order, packed or not. Call it on a read
    /// transaction: packing may move rows between two statements.
    pub async fn read_log(
        &mut self,
        id: DocumentId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<LogEntry>> {
        let after = after.max(0);
        let limit = limit.max(0);
        let rows = read_rows(self, id, after, limit).await?;
        if limit == 0
            || rows
                .first()
                .is_some_and(|first| first.position == after + 1)
        {
            return Ok(rows);
        }
        let mut out = pack::read_blocks(self, id, after, limit).await?;
        out.extend(rows);
        out.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        for (entry, expected) in out.iter().zip(after + 1..) {
            if entry.position != expected {
                return Err(Error::Corrupt(format!(
                    "document {id}: log position {expected} is missing"
                )));
            }
        }
        Ok(out)
    }
}

/// Rows that aren't packed.
pub(crate) async fn read_rows(
    tx: &mut Tx,
    id: DocumentId,
    after: i64,
    limit: i64,
) -> Result<Vec<LogEntry>> {
    all!(
        tx,
        "SELECT position, author_id AS author, session_id AS session, agent, at, bytes FROM log \
         WHERE document_id = $1 AND position > $2 ORDER BY position LIMIT $3",
        id.0,
        after,
        limit
    )
}

/// Splits a batch so that no part has a document twice, keeping the order of each document's parts.
fn waves(batch: &[Append], solo: bool) -> Vec<Vec<usize>> {
    let mut waves: Vec<Vec<usize>> = Vec::new();
    let mut next: HashMap<DocumentId, usize> = HashMap::with_capacity(batch.len());
    for (i, append) in batch.iter().enumerate() {
        let wave = if solo {
            i
        } else {
            let n = next.entry(append.document).or_default();
            *n += 1;
            *n - 1
        };
        if wave == waves.len() {
            waves.push(Vec::new());
        }
        waves[wave].push(i);
    }
    waves
}

/// Whether the batch has neither new clients nor a document twice.
fn plain(batch: &[Append]) -> bool {
    let mut seen = HashSet::with_capacity(batch.len());
    batch
        .iter()
        .all(|append| append.bindings.is_empty() && seen.insert(append.document))
}

async fn append_waves(
    tx: &mut Tx,
    batch: &[Append],
    solo: bool,
) -> Result<Result<Vec<AppendOutcome>, BindingRace>> {
    let roots = if plain(batch) {
        HashMap::new()
    } else {
        // All at once and in order of id, as every append does, so that two nodes can't deadlock.
        let mut ids: Vec<Uuid> = batch.iter().map(|append| append.document.0).collect();
        ids.sort_unstable();
        ids.dedup();
        dialect::lock_documents(tx, ids).await?
    };
    let mut outcomes = vec![AppendOutcome::Missing; batch.len()];
    for wave in waves(batch, solo) {
        if let Err(race) = append_wave(tx, batch, &wave, &roots, &mut outcomes).await? {
            return Ok(Err(race));
        }
    }
    Ok(Ok(outcomes))
}

/// Appends `batch[i]` for each `i` of `wave`, all of different documents.
async fn append_wave(
    tx: &mut Tx,
    batch: &[Append],
    wave: &[usize],
    roots: &HashMap<DocumentId, Uuid>,
    outcomes: &mut [AppendOutcome],
) -> Result<Result<(), BindingRace>> {
    let mut wanted: Vec<usize> = Vec::with_capacity(wave.len());
    let mut fresh: Vec<(usize, Uuid, u64, UserId)> = Vec::new();
    for &i in wave {
        let append = &batch[i];
        match check_bindings(tx, append, roots).await? {
            Ok(new) => {
                fresh.extend(
                    new.into_iter()
                        .map(|(root, client, user)| (i, root, client, user)),
                );
                wanted.push(i);
            }
            Err(refused) => outcomes[i] = refused,
        }
    }

    let appends: Vec<&Append> = wanted.iter().map(|&i| &batch[i]).collect();
    let committed = dialect::append_rows(tx, &appends).await?;
    for &i in &wanted {
        outcomes[i] = if committed.contains(&batch[i].document) {
            AppendOutcome::Committed
        } else {
            match tx.document(batch[i].document).await? {
                Some(meta) if !meta.deleted() => AppendOutcome::Conflict {
                    position: meta.position,
                },
                _ => AppendOutcome::Missing,
            }
        };
    }

    // Only what is committed binds its clients. In order, so that two nodes can't deadlock.
    fresh.retain(|&(i, ..)| outcomes[i].is_committed());
    fresh.sort_unstable_by_key(|&(_, root, client, _)| (root, client));
    for (_, root, client, user) in fresh {
        let inserted = exec!(
            tx,
            "INSERT INTO client_bindings (root_id, client, user_id) VALUES ($1, $2, $3) \
             ON CONFLICT (root_id, client) DO NOTHING",
            root,
            client_column(client),
            user.0
        )?;
        if inserted == 0 && owner(tx, root, client).await? != Some(user) {
            return Ok(Err(BindingRace));
        }
    }
    Ok(Ok(()))
}

/// Which bindings of an append are new; or what refuses it.
async fn check_bindings(
    tx: &mut Tx,
    append: &Append,
    roots: &HashMap<DocumentId, Uuid>,
) -> Result<Result<Vec<(Uuid, u64, UserId)>, AppendOutcome>> {
    let mut fresh = Vec::new();
    let Some(&root) = roots.get(&append.document) else {
        return Ok(Ok(fresh));
    };
    for &(client, user) in &append.bindings {
        match owner(tx, root, client).await? {
            None => fresh.push((root, client, user)),
            Some(owner) if owner == user => {}
            Some(owner) => return Ok(Err(AppendOutcome::ClientTaken { client, owner })),
        }
    }
    Ok(Ok(fresh))
}

/// Whose client id it is.
async fn owner(tx: &mut Tx, root: Uuid, client: u64) -> Result<Option<UserId>> {
    let owner: Option<(UserId,)> = one!(
        tx,
        "SELECT user_id FROM client_bindings WHERE root_id = $1 AND client = $2",
        root,
        client_column(client)
    )?;
    Ok(owner.map(|(owner,)| owner))
}
