//! Packing: older log rows move into compressed blocks, with all that is known of them.
//!
//! A block, uncompressed: the version byte 1, then for each position from the first to the last:
//! author (16 bytes), session (16), time in microseconds (8, little-endian), agent length (4) and
//! agent, update length (4) and update.

use bytes::{Buf, Bytes};
use model::{DocumentId, SessionId, Timestamp, UserId};
use uuid::Uuid;

use crate::log::{LogEntry, read_rows};
use crate::sql::{all, exec, one};
use crate::{Db, Error, Result, Tx};

const VERSION: u8 = 1;
/// Most rows of a block: moving one is one short write transaction.
const BLOCK_ROWS: i64 = 1000;
/// A block closes when it has at least this many bytes, uncompressed.
const BLOCK_BYTES: usize = 1 << 20;
const LEVEL: i32 = 3;

/// What packing did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Packed {
    /// Rows moved.
    pub rows: i64,
    /// Blocks written.
    pub blocks: i64,
}

impl Db {
    /// Moves the document's rows up to `upto` into blocks, as far as its head covers them. Every
    /// position stays readable at any instant, with its author, session, agent and time. Several
    /// short transactions; safe at any crash; may be called again at any time.
    pub async fn pack_log(&self, id: DocumentId, upto: i64) -> Result<Packed> {
        let mut packed = Packed::default();
        let Some(meta) = self.document(id).await? else {
            return Err(Error::NotFound);
        };
        // Opening a document reads the rows after its head from the log alone.
        let upto = upto.min(meta.head_position);
        loop {
            let mut tx = self.reader().await?;
            let last: Option<(Option<i64>,)> = one!(
                tx,
                "SELECT MAX(last_position) FROM log_blocks WHERE document_id = $1",
                id.0
            )?;
            let after = last.and_then(|(last,)| last).unwrap_or(0);
            let mut rows = if after < upto {
                read_rows(&mut tx, id, after, BLOCK_ROWS.min(upto - after)).await?
            } else {
                Vec::new()
            };
            drop(tx);
            truncate_to_block(&mut rows);
            let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
                return Ok(packed);
            };
            let (first, last) = (first.position, last.position);
            let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
            if first != after + 1 || last - first + 1 != count {
                return Err(Error::Corrupt(format!(
                    "document {id}: log positions between {after} and {last} are missing"
                )));
            }
            let block = tokio::task::spawn_blocking(move || encode(&rows))
                .await
                .map_err(|e| Error::Corrupt(format!("packing: {e}")))??;

            let mut tx = self.begin_write().await?;
            let deleted = exec!(
                tx,
                "DELETE FROM log WHERE document_id = $1 AND position >= $2 AND position <= $3",
                id.0,
                first,
                last
            )?;
            if i64::try_from(deleted) != Ok(count) {
                // Another packer was faster.
                tx.rollback().await?;
                return Ok(packed);
            }
            exec!(
                tx,
                "INSERT INTO log_blocks (document_id, first_position, last_position, bytes) \
                 VALUES ($1, $2, $3, $4)",
                id.0,
                first,
                last,
                block
            )?;
            tx.commit().await?;
            packed.rows += count;
            packed.blocks += 1;
        }
    }
}

impl Tx {
    /// Documents with at least `rows` unpacked rows that their head covers, at most `limit`, from
    /// after `after` in order of id. For compaction.
    pub async fn packable(
        &mut self,
        after: Option<DocumentId>,
        rows: i64,
        limit: i64,
    ) -> Result<Vec<DocumentId>> {
        let ids: Vec<(DocumentId,)> = all!(
            self,
            "SELECT d.id FROM documents d WHERE d.id > $1 AND d.head_position >= $2 + COALESCE( \
                (SELECT MAX(b.last_position) FROM log_blocks b WHERE b.document_id = d.id), 0) \
             ORDER BY d.id LIMIT $3",
            after.map(|id| id.0).unwrap_or_default(),
            rows,
            limit
        )?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }
}

crate::sql::one_shot_reads! {
    packable(after: Option<DocumentId>, rows: i64, limit: i64) -> Vec<DocumentId>;
}

fn truncate_to_block(rows: &mut Vec<LogEntry>) {
    let mut bytes = 0;
    let keep = rows.iter().position(|row| {
        bytes += row.bytes.len();
        bytes >= BLOCK_BYTES
    });
    if let Some(last) = keep {
        rows.truncate(last + 1);
    }
}

/// At most `limit` rows after position `after` from blocks.
pub(crate) async fn read_blocks(
    tx: &mut Tx,
    id: DocumentId,
    after: i64,
    limit: i64,
) -> Result<Vec<LogEntry>> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut out = Vec::new();
    let mut after = after;
    while out.len() < limit {
        let block: Option<(i64, i64, Vec<u8>)> = one!(
            tx,
            "SELECT first_position, last_position, bytes FROM log_blocks \
             WHERE document_id = $1 AND last_position > $2 ORDER BY first_position LIMIT 1",
            id.0,
            after
        )?;
        let Some((first, last, bytes)) = block else {
            break;
        };
        let rows = decode(first, last, &bytes)
            .map_err(|why| Error::Corrupt(format!("document {id}: block at {first}: {why}")))?;
        out.extend(rows.into_iter().filter(|row| row.position > after));
        after = last;
    }
    out.truncate(limit);
    Ok(out)
}

fn length(n: usize) -> Result<[u8; 4]> {
    u32::try_from(n)
        .map(u32::to_le_bytes)
        .map_err(|_| Error::Corrupt("a log row of more than 4 GiB".into()))
}

fn encode(rows: &[LogEntry]) -> Result<Vec<u8>> {
    let mut raw = vec![VERSION];
    for row in rows {
        raw.extend_from_slice(row.author.0.as_bytes());
        raw.extend_from_slice(row.session.0.as_bytes());
        raw.extend_from_slice(&row.at.micros().to_le_bytes());
        raw.extend_from_slice(&length(row.agent.len())?);
        raw.extend_from_slice(row.agent.as_bytes());
        raw.extend_from_slice(&length(row.bytes.len())?);
        raw.extend_from_slice(&row.bytes);
    }
    zstd::encode_all(raw.as_slice(), LEVEL)
        .map_err(|e| Error::Corrupt(format!("packing a block: {e}")))
}

fn decode(first: i64, last: i64, block: &[u8]) -> Result<Vec<LogEntry>, String> {
    const SHORT: &str = "it ends too early";
    fn id(raw: &mut Bytes) -> Result<Uuid, String> {
        let mut id = [0; 16];
        raw.try_copy_to_slice(&mut id).map_err(|_| SHORT)?;
        Ok(Uuid::from_bytes(id))
    }
    fn chunk(raw: &mut Bytes) -> Result<Bytes, String> {
        let length = raw.try_get_u32_le().map_err(|_| SHORT)?;
        let length = usize::try_from(length).map_err(|_| SHORT)?;
        if length > raw.len() {
            return Err(SHORT.into());
        }
        Ok(raw.split_to(length))
    }
    let mut raw = Bytes::from(zstd::decode_all(block).map_err(|e| e.to_string())?);
    match raw.try_get_u8() {
        Ok(VERSION) => {}
        _ => return Err("unknown version".into()),
    }
    let mut rows = Vec::new();
    for position in first..=last {
        let author = UserId(id(&mut raw)?);
        let session = SessionId(id(&mut raw)?);
        let at = Timestamp::from_micros(raw.try_get_i64_le().map_err(|_| SHORT)?);
        let agent = String::from_utf8(chunk(&mut raw)?.to_vec()).map_err(|e| e.to_string())?;
        let bytes = chunk(&mut raw)?;
        rows.push(LogEntry {
            position,
            author,
            session,
            agent,
            at,
            bytes,
        });
    }
    if raw.has_remaining() {
        return Err("it goes on after its last row".into());
    }
    Ok(rows)
}
