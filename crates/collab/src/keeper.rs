//! Keeps documents fast to open: stores heads, packs logs, makes keyframes, lets idle rooms go.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::gate::Refusal;
use crate::hub::Hub;
use crate::room::{EMPTY, Room};

/// How often idle rooms are looked for.
const ROUND: Duration = Duration::from_secs(5);
/// Log rows read at once when a keyframe is made.
const KEYFRAME_CHUNK: i64 = 4096;

/// The rooms' end: asks for a room's upkeep.
#[derive(Clone)]
pub(crate) struct Keeper(mpsc::Sender<Arc<Room>>);

impl Keeper {
    pub(crate) fn channel() -> (Self, mpsc::Receiver<Arc<Room>>) {
        let (sender, receiver) = mpsc::channel(1024);
        (Self(sender), receiver)
    }

    /// Asks for the room's upkeep soon. Under pressure it waits for the next round.
    pub(crate) fn tend(&self, room: Arc<Room>) {
        let _ = self.0.try_send(room);
    }
}

/// Works until the hub closes.
pub(crate) async fn run(hub: Arc<Hub>, mut receiver: mpsc::Receiver<Arc<Room>>) {
    let mut round = tokio::time::interval(ROUND);
    round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut asked = Vec::new();
    loop {
        tokio::select! {
            count = receiver.recv_many(&mut asked, 1024) => {
                if count == 0 {
                    return;
                }
                asked.sort_by_key(|room: &Arc<Room>| room.id);
                asked.dedup_by_key(|room| room.id);
                for room in asked.drain(..) {
                    tend(&hub, &room).await;
                }
            }
            _ = round.tick() => {
                for room in hub.open_rooms() {
                    if room.needs_head(hub.config.idle_room) {
                        store_head(&hub, &room).await;
                    }
                    room.slim(hub.config.idle_room);
                }
                hub.evict(hub.config.idle_room);
            }
        }
        if hub.is_closing() {
            return;
        }
    }
}

async fn tend(hub: &Hub, room: &Room) {
    if room.position() - room.stored_position() >= hub.config.head_every as i64 || room.is_heavy() {
        store_head(hub, room).await;
    }
    let position = room.stored_position();
    let (packed, keyframe) = room.marks();
    if position - packed >= hub.config.pack_every {
        match hub.db.pack_log(room.id, position).await {
            Ok(_) => room.set_marks(position, 0),
            Err(error) => tracing::warn!(%error, document = %room.id, "can't pack the log"),
        }
        if position - keyframe >= hub.config.keyframe_every {
            match make_keyframe(hub, room, position).await {
                Ok(()) => room.set_marks(0, position),
                Err(error) => {
                    tracing::warn!(error = %error, document = %room.id, "can't make a keyframe")
                }
            }
        }
    }
}

/// Stores the head with all that is committed in it.
pub(crate) async fn store_head(hub: &Hub, room: &Room) {
    let (position, head) = match room.fold().await {
        Ok(folded) => folded,
        Err(Refusal::TryAgain | Refusal::NotFound) => return,
        Err(refusal) => {
            tracing::warn!(%refusal, document = %room.id, "can't fold a document");
            return;
        }
    };
    if position <= room.stored_position() {
        return;
    }
    match hub.db.save_head(room.id, room.epoch, position, &head).await {
        // `false`: there is one at least as new.
        Ok(_) => room.head_stored(position),
        Err(error) => tracing::warn!(%error, document = %room.id, "can't store a head"),
    }
}

/// Merges the last keyframe and the log since, with all that was deleted, so that any position opens in bounded time.
async fn make_keyframe(hub: &Hub, room: &Room, upto: i64) -> anyhow_lite::Result {
    let (mut position, mut state) = match hub.db.load_keyframe(room.id, upto).await? {
        Some(keyframe) => (keyframe.position, keyframe.bytes),
        None => (0, EMPTY.to_vec()),
    };
    if upto - position < hub.config.keyframe_every {
        return Ok(());
    }
    let limits = ydoc::Limits::stored();
    while position < upto {
        let rows = hub
            .db
            .read_log(room.id, position, KEYFRAME_CHUNK.min(upto - position))
            .await?;
        let Some(last) = rows.last() else {
            break;
        };
        position = last.position;
        let limits = limits.clone();
        state = tokio::task::spawn_blocking(move || {
            let parts: Vec<&[u8]> = std::iter::once(state.as_slice())
                .chain(rows.iter().map(|row| row.bytes.as_ref()))
                .collect();
            ydoc::merge(&parts, &limits)
        })
        .await??;
    }
    hub.db.save_keyframe(room.id, position, &state).await?;
    Ok(())
}

mod anyhow_lite {
    pub(super) type Result = std::result::Result<(), Box<dyn std::error::Error + Send + Sync>>;
}
