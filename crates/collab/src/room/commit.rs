//! From staged to saved to seen.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use model::Timestamp;
use rustc_hash::FxHashMap;
use store::{Append, AppendOutcome, LogRow};
use ydoc::protocol::Sync;

use super::{Batch, Entry, MemberId, Origin, Room, State};
use crate::gate::Refusal;
use crate::wire::Frames;

/// A few times what a delivery costs.
const PAUSE_PER_MEMBER: Duration = Duration::from_micros(30);
const LONGEST_PAUSE: Duration = Duration::from_millis(6);

impl Room {
    /// Tells the writer, once, that something is staged: at once, or, in a busy room, when its pause is over.
    pub(super) fn announce(self: &Arc<Self>, state: &mut State) {
        if std::mem::replace(&mut state.announced, true) {
            return;
        }
        let room = self.clone();
        match state.pause_until.filter(|until| *until > Instant::now()) {
            None => self.hub.writer.send(room),
            Some(until) => drop(self.hub.tasks.spawn(async move {
                tokio::time::sleep_until(until.into()).await;
                room.hub.writer.send(room.clone());
            })),
        }
    }

    /// Takes all that is staged, for one transaction. `None` when the room has nothing to save.
    pub(crate) fn begin_commit(&self) -> Option<Append> {
        let mut state = self.state.lock();
        state.announced = false;
        if state.closed.is_some() || state.staged.is_empty() {
            return None;
        }
        debug_assert!(state.committing.is_none(), "one commit of a room at a time");
        let batch = std::mem::take(&mut state.staged);
        let append = Append {
            document: self.id,
            expected: state.position(),
            rows: batch.entries.iter().map(Entry::row).collect(),
            bindings: batch.bindings.clone(),
        };
        state.committing = Some(batch);
        Some(append)
    }

    /// The batch is on disk, or is not. Only here is anything broadcast or acknowledged.
    pub(crate) fn finish_commit(self: &Arc<Self>, outcome: &AppendOutcome) {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        match outcome {
            AppendOutcome::Committed => {}
            AppendOutcome::Missing => return state.fail(Refusal::NotFound),
            AppendOutcome::ClientTaken { .. } | AppendOutcome::Conflict { .. } => {
                // Somebody else wrote to the document. What was judged here was judged against an old state.
                tracing::warn!(document = %self.id, ?outcome, "the document moved; its room starts afresh");
                return state.fail(Refusal::TryAgain);
            }
        }
        let Some(mut batch) = state.committing.take() else {
            return;
        };
        let before = state.position();
        if let Some(first) = batch.entries.first() {
            metrics::histogram!("canopy_acknowledge_seconds")
                .record(age(first.at, self.hub.clock.now()));
        }
        for entry in &batch.entries {
            state.tail_bytes += entry.update.len();
            state.tail.push_back(entry.update.clone());
        }
        state.active = Instant::now();
        state.pause_until = pause(state.members.len()).map(|pause| state.active + pause);
        state.broadcast(&batch);
        state.settle(&mut batch, before);
        if !state.staged.is_empty() {
            self.announce(state);
        }
        let heavy = state.tail.len() >= self.hub.config.head_every
            || state.tail_bytes > (64 << 10).max(state.head.len() / 2);
        let pack = state.position() - state.packed_position >= self.hub.config.pack_every;
        drop(guard);
        self.hub.projector.changed(self.id);
        if heavy || pack {
            self.hub.keeper.tend(self.clone());
        }
    }

    /// What the keeper has to know, and what it tells.
    pub(crate) fn stored_position(&self) -> i64 {
        self.state.lock().stored_position
    }

    pub(crate) fn head_stored(&self, position: i64) {
        let mut state = self.state.lock();
        state.stored_position = state.stored_position.max(position);
    }

    /// Notes that the log is packed, or a keyframe saved, up to a position; gives the marks before.
    pub(crate) fn marks(&self) -> (i64, i64) {
        let state = self.state.lock();
        (state.packed_position, state.keyframe_position)
    }

    pub(crate) fn set_marks(&self, packed: i64, keyframe: i64) {
        let mut state = self.state.lock();
        state.packed_position = state.packed_position.max(packed);
        state.keyframe_position = state.keyframe_position.max(keyframe);
    }
}

impl State {
    /// Sends what was committed to every synced member: one frame for the whole batch.
    fn broadcast(&self, batch: &Batch) {
        let (update, only_from) = match batch.entries.as_slice() {
            [] => return,
            [entry] => (entry.update.clone(), entry.member()),
            entries => {
                let parts: Vec<&[u8]> = entries.iter().map(|entry| entry.update.as_ref()).collect();
                match ydoc::merge(&parts, &ydoc::Limits::stored()) {
                    // Own content comes back to its sender, who knows it and ignores it.
                    Ok(merged) => (Bytes::from(merged), None),
                    Err(error) => {
                        tracing::error!(%error, "a committed batch can't be merged; sent one by one");
                        for entry in entries {
                            self.send_update(&entry.update, entry.member());
                        }
                        return;
                    }
                }
            }
        };
        self.send_update(&update, only_from);
    }

    fn send_update(&self, update: &Bytes, except: Option<MemberId>) {
        let mut frames = Frames::new(|wire| wire.sync(Sync::Update(update)));
        let mut deliveries = 0;
        for (&id, member) in &self.members {
            if member.synced && Some(id) != except {
                member.outbox.push(frames.get(&member.wire));
                deliveries += 1;
            }
        }
        metrics::counter!("canopy_deliveries_total").increment(deliveries);
    }

    /// Acknowledges every update of a committed batch to whoever sent it.
    fn settle(&self, batch: &mut Batch, before: i64) {
        /// Acknowledgements, committed updates and their bytes.
        #[derive(Default)]
        struct Owed {
            acks: u32,
            updates: usize,
            bytes: usize,
        }
        let mut owed: FxHashMap<MemberId, Owed> = FxHashMap::default();
        for (index, entry) in batch.entries.iter_mut().enumerate() {
            match &mut entry.from {
                Origin::Member(id, acks) => {
                    let owed = owed.entry(*id).or_default();
                    owed.acks += *acks;
                    owed.updates += 1;
                    owed.bytes += entry.update.len();
                }
                Origin::Edit(waiter) => {
                    if let Some(waiter) = waiter.take() {
                        let _ = waiter.send(Ok(before + index as i64 + 1));
                    }
                }
            }
        }
        for &(id, acks) in &batch.waiting {
            owed.entry(id).or_default().acks += acks;
        }
        for (id, owed) in owed {
            if let Some(member) = self.members.get(&id) {
                member.acknowledge(owed.acks);
                if owed.updates > 0 {
                    member.outbox.end(owed.updates, owed.bytes);
                }
            }
        }
    }
}

/// How long a room waits after a commit before the next. Writing to so many sockets is the cost of a busy room, so what
/// is typed meanwhile goes out together; the first edit after a quiet moment never waits.
fn pause(members: usize) -> Option<Duration> {
    let pause = LONGEST_PAUSE.min(PAUSE_PER_MEMBER * u32::try_from(members).unwrap_or(u32::MAX));
    // Timers tick in milliseconds.
    (pause >= Duration::from_millis(1)).then_some(pause)
}

/// Seconds from `since` to `now`; none when the clock went back.
pub(crate) fn age(since: Timestamp, now: Timestamp) -> f64 {
    (now.micros() - since.micros()).max(0) as f64 / 1e6
}

impl Entry {
    fn row(&self) -> LogRow {
        LogRow {
            author: self.author,
            session: self.session,
            agent: self.agent.to_string(),
            at: self.at,
            bytes: self.update.clone(),
        }
    }

    fn member(&self) -> Option<MemberId> {
        match self.from {
            Origin::Member(id, _) => Some(id),
            Origin::Edit(_) => None,
        }
    }
}
