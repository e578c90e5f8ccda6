//! The durable log writer: group commit.
//!
//! All rooms of a node share it. A batch is what arrived while the last one was syncing; there is no timer. Under
//! load batches grow, so the disk's sync rate doesn't set the limit. A batch that fails is split, so that one bad
//! document doesn't fail its neighbours.

use std::sync::Arc;
use std::time::{Duration, Instant};

use store::{Append, Db};
use tokio::sync::mpsc;

use crate::gate::Refusal;
use crate::room::Room;

/// Pause before a batch is tried once more.
const RETRY: Duration = Duration::from_millis(20);
/// Rooms committed in one transaction, at most.
const ROOMS_PER_BATCH: usize = 4096;

/// The rooms' end: tells the writer that a room has something staged.
#[derive(Clone)]
pub(crate) struct Writer(mpsc::UnboundedSender<Arc<Room>>);

impl Writer {
    pub(crate) fn channel() -> (Self, mpsc::UnboundedReceiver<Arc<Room>>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// A room sends itself once until its batch is taken, so the queue is bounded by the open rooms.
    pub(crate) fn send(&self, room: Arc<Room>) {
        if let Err(mpsc::error::SendError(room)) = self.0.send(room) {
            // Only after shutdown. Fails later, since the caller holds the room's lock.
            tokio::spawn(async move { room.fail(Refusal::TryAgain) });
        }
    }
}

/// Commits until every sender is gone.
pub(crate) async fn run(db: Db, mut receiver: mpsc::UnboundedReceiver<Arc<Room>>) {
    let mut announced = Vec::new();
    while receiver.recv_many(&mut announced, ROOMS_PER_BATCH).await > 0 {
        let mut rooms = Vec::with_capacity(announced.len());
        let mut appends = Vec::with_capacity(announced.len());
        for room in announced.drain(..) {
            if let Some(append) = room.begin_commit() {
                rooms.push(room);
                appends.push(append);
            }
        }
        if rooms.is_empty() {
            continue;
        }
        commit(&db, &rooms, &appends).await;
    }
}

async fn commit(db: &Db, rooms: &[Arc<Room>], appends: &[Append]) {
    let started = Instant::now();
    let updates: usize = appends.iter().map(|append| append.rows.len()).sum();
    let mut outcome = db.append(appends).await;
    if outcome.as_ref().is_err_and(store::Error::is_retryable) {
        // A deadlock, a connection that was lost. If the first one did commit after all, this one meets a conflict.
        tokio::time::sleep(RETRY).await;
        outcome = db.append(appends).await;
    }
    match outcome {
        Ok(outcomes) => {
            metrics::histogram!("canopy_commit_seconds").record(started.elapsed().as_secs_f64());
            metrics::histogram!("canopy_commit_updates").record(updates as f64);
            metrics::counter!("canopy_updates_committed_total").increment(updates as u64);
            for (room, outcome) in rooms.iter().zip(&outcomes) {
                room.finish_commit(outcome);
            }
        }
        Err(error) if rooms.len() > 1 && !error.is_retryable() => {
            tracing::error!(%error, rooms = rooms.len(), "a batch failed; trying its documents one by one");
            for (room, append) in rooms.iter().zip(appends) {
                Box::pin(commit(
                    db,
                    std::slice::from_ref(room),
                    std::slice::from_ref(append),
                ))
                .await;
            }
        }
        Err(error) => {
            // What was judged on top of this batch is void: the rooms end, clients come back and send again.
            tracing::error!(%error, rooms = rooms.len(), "can't save; closing the documents concerned");
            metrics::counter!("canopy_commit_failures_total").increment(1);
            for room in rooms {
                room.fail(Refusal::TryAgain);
            }
        }
    }
}
