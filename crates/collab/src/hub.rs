//! What all rooms of a node share, and the rooms themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use model::{Clock, DocumentId, Rng};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use store::Db;
use tokio::sync::OnceCell;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::gate::{Gate, Refusal};
use crate::keeper::Keeper;
use crate::projector::Projector;
use crate::room::Room;
use crate::writer::Writer;

type Slot = Arc<OnceCell<Arc<Room>>>;

pub(crate) struct Hub {
    pub(crate) config: Config,
    pub(crate) db: Db,
    pub(crate) gate: Arc<dyn Gate>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) writer: Writer,
    pub(crate) projector: Projector,
    pub(crate) keeper: Keeper,
    pub(crate) tasks: TaskTracker,
    rooms: Mutex<FxHashMap<DocumentId, Slot>>,
    /// Grows with every revocation, so that somebody who was just being admitted is looked at again.
    revision: AtomicU64,
    closing: AtomicBool,
}

impl Hub {
    #[expect(clippy::too_many_arguments, reason = "built in one place")]
    pub(crate) fn new(
        config: Config,
        db: Db,
        gate: Arc<dyn Gate>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        writer: Writer,
        projector: Projector,
        keeper: Keeper,
    ) -> Self {
        Self {
            config,
            db,
            gate,
            clock,
            rng,
            writer,
            projector,
            keeper,
            tasks: TaskTracker::new(),
            rooms: Mutex::default(),
            revision: AtomicU64::new(0),
            closing: AtomicBool::new(false),
        }
    }

    /// The room of a document, opened if need be: once, however many ask at the same time.
    ///
    /// # Errors
    /// `NotFound` for an unknown or deleted document, `TryAgain` when it can't be loaded now.
    pub(crate) async fn room(self: &Arc<Self>, id: DocumentId) -> Result<Arc<Room>, Refusal> {
        if self.closing.load(Ordering::Relaxed) {
            return Err(Refusal::TryAgain);
        }
        for _ in 0..8 {
            let slot = self.rooms.lock().entry(id).or_default().clone();
            let loaded = slot.get_or_try_init(|| self.load(id)).await;
            match loaded {
                Ok(room) if room.is_closed() => self.forget(id, &slot),
                Ok(room) => return Ok(room.clone()),
                Err(refusal) => {
                    self.forget(id, &slot);
                    return Err(refusal);
                }
            }
        }
        Err(Refusal::TryAgain)
    }

    async fn load(self: &Arc<Self>, id: DocumentId) -> Result<Arc<Room>, Refusal> {
        let started = Instant::now();
        let stored = match self.db.load_document(id).await {
            Ok(Some(stored)) if !stored.meta.deleted() => stored,
            Ok(_) => return Err(Refusal::NotFound),
            Err(error) => {
                tracing::error!(%error, document = %id, "can't load a document");
                return Err(Refusal::TryAgain);
            }
        };
        let room = Arc::new(Room::new(self.clone(), stored));
        metrics::histogram!("canopy_room_load_seconds").record(started.elapsed().as_secs_f64());
        Ok(room)
    }

    fn forget(&self, id: DocumentId, slot: &Slot) {
        let mut rooms = self.rooms.lock();
        if rooms
            .get(&id)
            .is_some_and(|current| Arc::ptr_eq(current, slot))
        {
            rooms.remove(&id);
        }
    }

    /// The room, if it is open.
    pub(crate) fn open_room(&self, id: DocumentId) -> Option<Arc<Room>> {
        self.rooms
            .lock()
            .get(&id)
            .and_then(|slot| slot.get().cloned())
    }

    pub(crate) fn open_rooms(&self) -> Vec<Arc<Room>> {
        self.rooms
            .lock()
            .values()
            .filter_map(|slot| slot.get().cloned())
            .collect()
    }

    /// Drops the rooms that nobody has needed for `idle`.
    pub(crate) fn evict(&self, idle: Duration) {
        let mut rooms = self.rooms.lock();
        // Under the registry's lock nobody can join a room that is being retired and keep it.
        rooms.retain(|_, slot| match slot.get() {
            Some(room) => !room.retire(idle),
            None => Arc::strong_count(slot) > 1,
        });
        metrics::gauge!("canopy_rooms").set(rooms.len() as f64);
    }

    pub(crate) fn revision(&self) -> u64 {
        self.revision.load(Ordering::SeqCst)
    }

    pub(crate) fn revoke(&self) {
        self.revision.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn begin_closing(&self) {
        self.closing.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }
}
