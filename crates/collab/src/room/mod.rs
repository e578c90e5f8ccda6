//! A room: the live state of one open document on this node.
//!
//! It holds the document as bytes, never as a `Y.Doc`: a *head* up to a position, the *tail* of updates committed
//! since, and, once somebody writes, what is needed to judge an update (`ydoc::Known`). An update goes
//!
//! 1. `receive_update`: judged against committed and staged state, checked against the sender's rights, staged;
//! 2. `begin_commit`: the writer takes what is staged by now, of all rooms, into one transaction;
//! 3. `finish_commit`: only now it is broadcast, in commit order, and acknowledged.
//!
//! Joiners and diffs see committed state only.

mod commit;
mod join;
mod presence;
mod receive;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use model::{DocumentId, DocumentKind, OrgId, SessionId, Timestamp, UserId};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use store::DocumentMeta;
use tokio::sync::oneshot;
use ydoc::{ClientId, Known};

use crate::gate::{Pass, Refusal};
use crate::hub::Hub;
use crate::outbox::Outbox;
use crate::wire::Wire;
pub(crate) use commit::age;
use presence::Presence;
pub(crate) use receive::Arrival;

/// The update with nothing in it.
pub(crate) const EMPTY: [u8; 2] = [0, 0];

/// A connection's number in a room, never used again in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct MemberId(u64);

pub(crate) struct Room {
    pub(crate) id: DocumentId,
    pub(crate) org: OrgId,
    pub(crate) kind: DocumentKind,
    pub(crate) epoch: i64,
    hub: Arc<Hub>,
    state: Mutex<State>,
    /// One fold at a time: the others wait for its result.
    folding: tokio::sync::Mutex<()>,
    /// One server-side edit at a time, so that each sees the one before.
    pub(crate) editing: tokio::sync::Mutex<()>,
}

struct State {
    /// The head: garbage-collected state up to `head_position`.
    head: Bytes,
    head_position: i64,
    /// Position of the head that the store holds.
    stored_position: i64,
    /// Committed updates after `head_position`, in order.
    tail: VecDeque<Bytes>,
    tail_bytes: usize,
    /// The tail merged, at a position.
    recent: Option<(i64, Bytes)>,
    /// Diffs of the head that joiners asked for, by their state vector.
    diffs: Vec<(Vec<u8>, Bytes)>,
    /// Committed *and* staged, to judge the next update. Built when somebody first writes.
    known: Option<Known>,
    staged: Batch,
    /// With the writer.
    committing: Option<Batch>,
    /// The writer has been told, or will be when the pause is over.
    announced: bool,
    /// When a busy room commits again.
    pause_until: Option<Instant>,
    members: FxHashMap<MemberId, Member>,
    next_member: u64,
    presence: Presence,
    /// To whom each client id belongs.
    bindings: FxHashMap<ClientId, UserId>,
    /// Client ids of a rewritten past.
    retired: Vec<ClientId>,
    /// Client ids under which the server edits, one per user.
    editors: FxHashMap<UserId, ClientId>,
    /// Set once: the room is dead, whoever holds it must get a new one.
    closed: Option<Refusal>,
    active: Instant,
    /// Positions covered by packed log and by keyframes, as far as this room knows.
    packed_position: i64,
    keyframe_position: i64,
}

/// What is committed together.
#[derive(Default)]
struct Batch {
    entries: Vec<Entry>,
    /// Acknowledgements that wait for this batch without adding to it.
    waiting: Vec<(MemberId, u32)>,
    bindings: Vec<(ClientId, UserId)>,
    bytes: usize,
}

/// One update on its way to disk.
struct Entry {
    author: UserId,
    session: SessionId,
    agent: Arc<str>,
    at: Timestamp,
    update: Bytes,
    from: Origin,
}

enum Origin {
    /// A connection, which is owed this many acknowledgements.
    Member(MemberId, u32),
    /// The server, on behalf of a user, which waits for the position.
    Edit(Option<oneshot::Sender<Result<i64, Refusal>>>),
}

struct Member {
    outbox: Arc<Outbox>,
    wire: Wire,
    pass: Pass,
    /// Has asked for the state, and so receives what follows.
    synced: bool,
    /// What the client's next sync step 2s answer.
    questions: VecDeque<Question>,
    /// Updates with a gap that wait for the covering step 2.
    gapped: u32,
    /// Covering step 2s in a row that still had a gap.
    failed_covers: u8,
    /// Presence: the client ids that this connection speaks for.
    speaks_for: SmallVec<[ClientId; 1]>,
    /// Has sent presence before.
    introduced: bool,
    /// Missed a presence frame: gets a full one next.
    presence_lost: bool,
    /// Knows an older schema: reads only.
    outdated: bool,
}

impl Member {
    fn may_write(&self) -> bool {
        self.pass.write && !self.outdated
    }
}

/// Why the server sent a sync step 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    /// Part of the handshake; its answer is acknowledged.
    Handshake,
    /// An update had a gap; the answer acknowledges the updates that wait for it.
    Gap,
}

impl Room {
    pub(crate) fn new(hub: Arc<Hub>, stored: store::StoredDocument) -> Self {
        let DocumentMeta {
            id,
            org,
            kind,
            epoch,
            position,
            head_position,
            ..
        } = stored.meta;
        let tail: VecDeque<Bytes> = stored.tail.into_iter().map(|row| row.bytes).collect();
        let head = if stored.head.is_empty() {
            Bytes::from_static(&EMPTY)
        } else {
            Bytes::from(stored.head)
        };
        let tail_bytes = tail.iter().map(Bytes::len).sum();
        debug_assert_eq!(head_position + tail.len() as i64, position);
        Self {
            id,
            org,
            kind,
            epoch,
            hub,
            folding: tokio::sync::Mutex::default(),
            editing: tokio::sync::Mutex::default(),
            state: Mutex::new(State {
                head,
                head_position,
                stored_position: head_position,
                tail,
                tail_bytes,
                recent: None,
                diffs: Vec::new(),
                known: None,
                staged: Batch::default(),
                committing: None,
                announced: false,
                pause_until: None,
                members: FxHashMap::default(),
                next_member: 0,
                presence: Presence::default(),
                bindings: stored.bindings.into_iter().collect(),
                retired: stored.retired,
                editors: FxHashMap::default(),
                closed: None,
                active: Instant::now(),
                packed_position: 0,
                keyframe_position: 0,
            }),
        }
    }

    /// Ends the room: nothing staged will be committed, nobody is acknowledged, all members are closed.
    pub(crate) fn fail(&self, refusal: Refusal) {
        let mut state = self.state.lock();
        state.fail(refusal);
    }

    /// Removes the room from use if nobody needs it: no members, nothing staged, its head stored. After `true` it
    /// refuses everything with `TryAgain`, which makes callers get a fresh one.
    pub(crate) fn retire(&self, idle: Duration) -> bool {
        let mut state = self.state.lock();
        let unused = state.members.is_empty()
            && state.staged.is_empty()
            && state.committing.is_none()
            && state.stored_position == state.position()
            && state.active.elapsed() >= idle;
        if unused {
            state.closed.get_or_insert(Refusal::TryAgain);
        }
        unused || state.closed.is_some()
    }

    /// Gives back what an idle room with members doesn't need.
    pub(crate) fn slim(&self, idle: Duration) {
        let mut state = self.state.lock();
        if state.active.elapsed() >= idle && state.staged.is_empty() && state.committing.is_none() {
            state.known = None;
            state.diffs = Vec::new();
            state.recent = None;
        }
    }

    pub(crate) fn limits(&self) -> &ydoc::Limits {
        &self.hub.config.update
    }

    pub(crate) fn position(&self) -> i64 {
        self.state.lock().position()
    }

    /// Has been quiet for `idle`, and its head isn't stored yet.
    pub(crate) fn needs_head(&self, idle: Duration) -> bool {
        let state = self.state.lock();
        state.active.elapsed() >= idle && state.stored_position < state.position()
    }

    /// Has so much on top of its stored head that opening it would be slow.
    pub(crate) fn is_heavy(&self) -> bool {
        let state = self.state.lock();
        state.tail_bytes > (64 << 10).max(state.head.len() / 2)
    }

    /// Everything is on disk and acknowledged.
    pub(crate) fn is_settled(&self) -> bool {
        let state = self.state.lock();
        state.closed.is_some() || (state.staged.is_empty() && state.committing.is_none())
    }

    /// When the oldest update that waits for its commit arrived.
    pub(crate) fn waiting_since(&self) -> Option<Timestamp> {
        let state = self.state.lock();
        let committing = state
            .committing
            .iter()
            .flat_map(|batch| batch.entries.first());
        committing
            .chain(state.staged.entries.first())
            .map(|entry| entry.at)
            .min()
    }

    /// Whether the member is still in.
    pub(crate) fn has(&self, id: MemberId) -> bool {
        self.state.lock().members.contains_key(&id)
    }

    pub(crate) fn may_write(&self, id: MemberId) -> bool {
        self.state
            .lock()
            .members
            .get(&id)
            .is_some_and(Member::may_write)
    }

    /// The member's schema is too old to write, whatever its rights.
    pub(crate) fn hold_back(&self, id: MemberId) {
        if let Some(member) = self.state.lock().members.get_mut(&id) {
            member.outdated = true;
        }
    }

    /// Closes every member, after what is staged is committed and acknowledged.
    pub(crate) fn close(&self, refusal: Refusal) {
        let mut state = self.state.lock();
        let ids: Vec<MemberId> = state.members.keys().copied().collect();
        for id in ids {
            state.expel(id, refusal);
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state.lock().closed.is_some()
    }

    /// Every member's pass that `choose` picks, to check it again.
    pub(crate) fn passes(&self, choose: impl Fn(&Pass) -> bool) -> Vec<(MemberId, Pass)> {
        let state = self.state.lock();
        state
            .members
            .iter()
            .filter(|(_, member)| choose(&member.pass))
            .map(|(&id, member)| (id, member.pass.clone()))
            .collect()
    }

    /// Replaces a member's rights, or ends the member.
    pub(crate) fn set_pass(&self, id: MemberId, decided: Result<Pass, Refusal>) {
        let mut state = self.state.lock();
        let Some(member) = state.members.get_mut(&id) else {
            return;
        };
        match decided {
            Ok(pass) => {
                let before = member.may_write();
                member.pass = pass;
                if member.may_write() != before
                    && let Some(frame) = member.wire.scope(!before)
                {
                    member.outbox.push(frame);
                }
            }
            Err(refusal) => state.expel(id, refusal),
        }
    }

    /// Ends a member's stay, telling the client why.
    pub(crate) fn expel(self: &Arc<Self>, id: MemberId, refusal: Refusal) {
        self.state.lock().expel(id, refusal);
        self.presence_changed();
    }

    pub(crate) fn leave(&self, id: MemberId) {
        {
            let mut state = self.state.lock();
            if state.remove(id).is_none() {
                return;
            }
            state.active = Instant::now();
        }
        self.flush_presence();
    }
}

impl State {
    fn position(&self) -> i64 {
        self.head_position + self.tail.len() as i64
    }

    fn fail(&mut self, refusal: Refusal) {
        if self.closed.is_some() {
            return;
        }
        self.closed = Some(refusal);
        let ids: Vec<MemberId> = self.members.keys().copied().collect();
        let batches = [
            self.committing.take(),
            Some(std::mem::take(&mut self.staged)),
        ];
        for batch in batches.into_iter().flatten() {
            self.abandon(batch, refusal);
        }
        for id in ids {
            self.expel(id, refusal);
        }
    }

    /// Nothing of the batch was saved.
    fn abandon(&self, batch: Batch, refusal: Refusal) {
        for entry in batch.entries {
            match entry.from {
                Origin::Member(id, _) => {
                    if let Some(member) = self.members.get(&id) {
                        member.outbox.end(1, entry.update.len());
                    }
                }
                Origin::Edit(Some(waiter)) => drop(waiter.send(Err(refusal))),
                Origin::Edit(None) => {}
            }
        }
    }

    fn expel(&mut self, id: MemberId, refusal: Refusal) {
        if let Some(member) = self.remove(id) {
            // "Try again" is for the whole socket: clients reconnect sockets, not documents.
            let frame = (refusal != Refusal::TryAgain)
                .then(|| member.wire.closed(refusal))
                .flatten();
            match frame {
                Some(frame) => member.outbox.push(frame),
                None => member.outbox.close(refusal),
            }
        }
    }

    fn remove(&mut self, id: MemberId) -> Option<Member> {
        let member = self.members.remove(&id)?;
        self.presence.depart(id, &member.speaks_for);
        Some(member)
    }
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.waiting.is_empty()
    }
}
