//! Heads and keyframes: a document's state in parts, written in short transactions.
//!
//! Each state that is being written has a generation, a number that only it uses. A head counts from
//! the moment `documents.head_generation` names its generation; a keyframe from the moment all of
//! its parts are there. A crash before leaves rows that nothing names; the next save removes them.

use model::DocumentId;

use crate::documents::DocumentMeta;
use crate::sql::{all, exec, one};
use crate::{Db, Error, Result, Tx};

/// Most bytes of one row: one row is one short write transaction.
const PART: usize = 1 << 20;

/// Heads and keyframes are text-like and written in the background.
const KEYFRAME_LEVEL: i32 = 3;

/// The full state of a document up to a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyframe {
    /// What it covers.
    pub position: i64,
    /// One v1 update, nothing garbage-collected.
    pub bytes: Vec<u8>,
}

/// `bytes` in parts of at most [`PART`]; one empty part for nothing.
fn parts(bytes: &[u8]) -> Vec<&[u8]> {
    if bytes.is_empty() {
        vec![bytes]
    } else {
        bytes.chunks(PART).collect()
    }
}

fn number(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl Db {
    /// Makes `bytes` the document's head: its state up to `position`. `false` when there is a head at
    /// least as new already, or the epoch is another; then nothing changes. Safe at any crash: the
    /// head is always a whole one.
    pub async fn save_head(
        &self,
        id: DocumentId,
        epoch: i64,
        position: i64,
        bytes: &[u8],
    ) -> Result<bool> {
        let parts = parts(bytes);
        let mut tx = self.begin_write().await?;
        let generation = next_generation(&mut tx, id).await?;
        for (n, part) in parts.iter().enumerate() {
            if n > 0 {
                tx.commit().await?;
                tx = self.begin_write().await?;
            }
            exec!(
                tx,
                "INSERT INTO heads (document_id, generation, part, bytes) VALUES ($1, $2, $3, $4)",
                id.0,
                generation,
                number(n),
                *part
            )?;
        }
        // The row is held from here on, so two savers follow each other.
        let current: Option<(i64,)> = one!(
            tx,
            "UPDATE documents SET generation = generation \
             WHERE id = $1 AND epoch = $2 AND head_position < $3 AND position >= $3 \
             RETURNING head_generation",
            id.0,
            epoch,
            position
        )?;
        // Another saver that was faster may have taken this one's parts for a crashed one's.
        let stored: Option<(i64,)> = one!(
            tx,
            "SELECT COUNT(*) FROM heads WHERE document_id = $1 AND generation = $2",
            id.0,
            generation
        )?;
        let whole = stored.is_some_and(|(n,)| n == number(parts.len()));
        if current.is_none() || !whole {
            exec!(
                tx,
                "DELETE FROM heads WHERE document_id = $1 AND generation = $2",
                id.0,
                generation
            )?;
            tx.commit().await?;
            return Ok(false);
        }
        exec!(
            tx,
            "UPDATE documents SET head_position = $2, head_generation = $3, head_size = $4 \
             WHERE id = $1",
            id.0,
            position,
            generation,
            number(bytes.len())
        )?;
        exec!(
            tx,
            "DELETE FROM heads WHERE document_id = $1 AND generation < $2",
            id.0,
            generation
        )?;
        tx.commit().await?;
        Ok(true)
    }

    /// Stores a keyframe: the full state up to `position`, so that any position near it loads fast.
    /// `false` when there is one already, or it was overtaken.
    pub async fn save_keyframe(&self, id: DocumentId, position: i64, bytes: &[u8]) -> Result<bool> {
        let packed = zstd::encode_all(bytes, KEYFRAME_LEVEL)
            .map_err(|e| Error::Corrupt(format!("packing a keyframe: {e}")))?;
        let parts = parts(&packed);
        let mut tx = self.begin_write().await?;
        if find_keyframe(&mut tx, id, position)
            .await?
            .is_some_and(|(found, _)| found == position)
        {
            return Ok(false);
        }
        let generation = next_generation(&mut tx, id).await?;
        for (n, part) in parts.iter().enumerate() {
            if n > 0 {
                tx.commit().await?;
                tx = self.begin_write().await?;
            }
            exec!(
                tx,
                "INSERT INTO keyframes (document_id, position, generation, part, parts, bytes) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
                id.0,
                position,
                generation,
                number(n),
                number(parts.len()),
                *part
            )?;
        }
        // What a crash left behind.
        exec!(
            tx,
            "DELETE FROM keyframes WHERE document_id = $1 AND generation < $2 AND generation IN ( \
                SELECT generation FROM keyframes WHERE document_id = $1 \
                GROUP BY generation HAVING COUNT(*) < MAX(parts))",
            id.0,
            generation
        )?;
        tx.commit().await?;
        Ok(true)
    }

    /// The newest keyframe at or before `position`.
    pub async fn load_keyframe(&self, id: DocumentId, position: i64) -> Result<Option<Keyframe>> {
        let mut tx = self.begin_read().await?;
        let Some((position, generation)) = find_keyframe(&mut tx, id, position).await? else {
            return Ok(None);
        };
        let parts: Vec<(Vec<u8>,)> = all!(
            tx,
            "SELECT bytes FROM keyframes WHERE document_id = $1 AND generation = $2 ORDER BY part",
            id.0,
            generation
        )?;
        tx.commit().await?;
        let packed: Vec<u8> = parts.into_iter().flat_map(|(part,)| part).collect();
        let bytes = zstd::decode_all(packed.as_slice())
            .map_err(|e| Error::Corrupt(format!("document {id}: keyframe at {position}: {e}")))?;
        Ok(Some(Keyframe { position, bytes }))
    }
}

/// A number for a state about to be written, that no other has.
async fn next_generation(tx: &mut Tx, id: DocumentId) -> Result<i64> {
    let row: Option<(i64,)> = one!(
        tx,
        "UPDATE documents SET generation = generation + 1 WHERE id = $1 RETURNING generation",
        id.0
    )?;
    row.map(|(generation,)| generation).ok_or(Error::NotFound)
}

/// The newest whole keyframe at or before `position`: its position and generation.
async fn find_keyframe(tx: &mut Tx, id: DocumentId, position: i64) -> Result<Option<(i64, i64)>> {
    one!(
        tx,
        "SELECT position, generation FROM keyframes WHERE document_id = $1 AND position <= $2 \
         GROUP BY position, generation HAVING COUNT(*) = MAX(parts) \
         ORDER BY position DESC, generation DESC LIMIT 1",
        id.0,
        position
    )
}

/// The head that `meta` names; empty when there is none.
pub(crate) async fn read_head(tx: &mut Tx, meta: &DocumentMeta) -> Result<Vec<u8>> {
    if meta.head_generation == 0 {
        return Ok(Vec::new());
    }
    let parts: Vec<(Vec<u8>,)> = all!(
        tx,
        "SELECT bytes FROM heads WHERE document_id = $1 AND generation = $2 ORDER BY part",
        meta.id.0,
        meta.head_generation
    )?;
    let mut parts = parts.into_iter().map(|(part,)| part);
    let mut head = parts.next().unwrap_or_default();
    for part in parts {
        head.extend_from_slice(&part);
    }
    if number(head.len()) != meta.head_size {
        return Err(Error::Corrupt(format!(
            "document {}: the head at {} has {} of {} bytes",
            meta.id,
            meta.head_position,
            head.len(),
            meta.head_size
        )));
    }
    Ok(head)
}
