//! Edits that the server makes on behalf of somebody, through the same path as a client's.

use std::sync::Arc;

use bytes::Bytes;
use model::DocumentId;

use crate::gate::{Pass, Refusal};
use crate::hub::Hub;

/// Why a server-side edit didn't happen.
#[derive(Debug, thiserror::Error)]
pub enum EditError<E> {
    /// The room refused it.
    #[error("the document refused the edit: {0}")]
    Refused(Refusal),
    /// The edit itself failed.
    #[error(transparent)]
    Edit(E),
}

pub(crate) async fn edit<F, E>(
    hub: &Arc<Hub>,
    document: DocumentId,
    pass: &Pass,
    make: F,
) -> Result<i64, EditError<E>>
where
    F: Fn(&[u8], u64) -> Result<Vec<u8>, E> + Clone + Send + 'static,
    E: Send + 'static,
{
    for attempt in 0..3 {
        let room = hub.room(document).await.map_err(EditError::Refused)?;
        let _one = room.editing.lock().await;
        let outcome = async {
            let (_, head) = room.fold().await.map_err(EditError::Refused)?;
            let client = room.editor(pass.user);
            let make = make.clone();
            let update = tokio::task::spawn_blocking(move || make(&head, client))
                .await
                .map_err(|error| {
                    tracing::error!(%error, "an edit panicked");
                    EditError::Refused(Refusal::Invalid)
                })?
                .map_err(EditError::Edit)?;
            let committed = room
                .receive_edit(pass, &Bytes::from(update))
                .map_err(EditError::Refused)?;
            committed
                .await
                .unwrap_or(Err(Refusal::TryAgain))
                .map_err(EditError::Refused)
        }
        .await;
        match outcome {
            // The room ended under us: once more, on a fresh one. The edit was not saved.
            Err(EditError::Refused(Refusal::TryAgain)) if attempt < 2 && !hub.is_closing() => {}
            outcome => return outcome,
        }
    }
    Err(EditError::Refused(Refusal::TryAgain))
}
