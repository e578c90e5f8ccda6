//! What a document holds, without a room.

use bytes::Bytes;
use model::DocumentId;

use crate::gate::Refusal;
use crate::hub::Hub;

/// The committed state of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Changes when its past is rewritten.
    pub epoch: i64,
    /// The position of the last update that is in it.
    pub position: i64,
    /// The state as one Yjs v1 update.
    pub head: Bytes,
}

pub(crate) async fn peek(hub: &Hub, document: DocumentId) -> Result<Snapshot, Refusal> {
    if let Some(room) = hub.open_room(document)
        && let Ok((position, head)) = room.fold().await
    {
        let epoch = room.epoch;
        return Ok(Snapshot {
            epoch,
            position,
            head,
        });
    }
    let stored = hub.db.load_document(document).await.map_err(|error| {
        tracing::error!(%error, %document, "can't read a document");
        Refusal::TryAgain
    })?;
    let stored = stored
        .filter(|stored| !stored.meta.deleted())
        .ok_or(Refusal::NotFound)?;
    let (epoch, position) = (stored.meta.epoch, stored.meta.position);
    let head = if stored.tail.is_empty() && !stored.head.is_empty() {
        stored.head
    } else {
        let fold = move || {
            let parts = std::iter::once(stored.head.as_slice())
                .filter(|head| !head.is_empty())
                .chain(stored.tail.iter().map(|row| row.bytes.as_ref()));
            ydoc::head(&parts.collect::<Vec<_>>(), &ydoc::Limits::stored())
        };
        let folded = tokio::task::spawn_blocking(fold).await;
        folded.ok().and_then(Result::ok).ok_or_else(|| {
            tracing::error!(%document, "a stored document can't be merged");
            Refusal::TryAgain
        })?
    };
    Ok(Snapshot {
        epoch,
        position,
        head: head.into(),
    })
}
