//! A connection joins and asks for what it doesn't have.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use smallvec::SmallVec;
use ydoc::StateVector;
use ydoc::protocol::Sync;

use super::{Member, MemberId, Question, Room, State};
use crate::gate::{Pass, Refusal};
use crate::outbox::Outbox;
use crate::wire::Wire;

/// Above this size, bytes are merged on a thread where that holds nobody up.
const INLINE_BYTES: usize = 256 << 10;

/// Up to so much after the head is sent beside it.
const RECENT_BYTES: usize = 32 << 10;
const RECENT_UPDATES: usize = 1024;

/// Diffs kept for the joiners of one head.
const CACHED_DIFFS: usize = 8;

impl Room {
    /// Adds a connection. It receives nothing until it asks with a sync step 1.
    ///
    /// # Errors
    /// When the room is closing.
    pub(crate) fn join(
        &self,
        pass: Pass,
        outbox: Arc<Outbox>,
        wire: Wire,
    ) -> Result<MemberId, Refusal> {
        let mut state = self.state.lock();
        if let Some(refusal) = state.closed {
            return Err(refusal);
        }
        state.active = Instant::now();
        let id = MemberId(state.next_member);
        state.next_member += 1;
        state.members.insert(
            id,
            Member {
                outbox,
                wire,
                pass,
                synced: false,
                questions: VecDeque::new(),
                gapped: 0,
                failed_covers: 0,
                speaks_for: SmallVec::new(),
                introduced: false,
                presence_lost: false,
                outdated: false,
            },
        );
        Ok(id)
    }

    /// Answers a sync step 1 with a step 2 of all committed state that the client lacks, and, when `ask` is set,
    /// with a step 1 of the server's own.
    ///
    /// # Errors
    /// `Epoch` when the client holds a rewritten past, `Invalid` for a malformed state vector.
    pub(crate) async fn answer(
        self: &Arc<Self>,
        id: MemberId,
        step1: &[u8],
        ask: bool,
    ) -> Result<(), Refusal> {
        let theirs =
            StateVector::decode(step1, &self.hub.config.update).map_err(|_| Refusal::Invalid)?;
        {
            let state = self.state.lock();
            if state.retired.iter().any(|&client| theirs.get(client) > 0) {
                return Err(Refusal::Epoch);
            }
        }
        for _ in 0..16 {
            let (position, head) = self.base().await?;
            let diff = self.diff(position, head, step1, &theirs).await?;
            let mut guard = self.state.lock();
            let state = &mut *guard;
            if let Some(refusal) = state.closed {
                return Err(refusal);
            }
            if state.head_position != position {
                continue;
            }
            let recent = state.recent()?;
            let Some(member) = state.members.get_mut(&id) else {
                return Ok(());
            };
            // What is newer than the head goes first: Yjs holds it back until the step 2 arrives, so that the client is
            // up to date at the moment it counts as synced.
            if let Some(recent) = recent {
                member.outbox.push(member.wire.sync(Sync::Update(&recent)));
            }
            member.outbox.push(member.wire.sync(Sync::Step2(&diff)));
            let first = !std::mem::replace(&mut member.synced, true);
            if ask {
                member.questions.push_back(Question::Handshake);
                let ours = state.state_vector()?;
                let member = &state.members[&id];
                member.outbox.push(member.wire.sync(Sync::Step1(&ours)));
            }
            if first {
                state.introduce(id);
            }
            return Ok(());
        }
        Err(Refusal::TryAgain)
    }

    /// The head to answer joiners from. A small one is folded first; a large one only when much has happened since, so
    /// that joining a busy document doesn't cost its size each time.
    async fn base(&self) -> Result<(i64, Bytes), Refusal> {
        {
            let state = self.state.lock();
            let few = state.tail_bytes <= RECENT_BYTES && state.tail.len() <= RECENT_UPDATES;
            if state.closed.is_none() && state.head.len() > RECENT_BYTES && few {
                return Ok((state.head_position, state.head.clone()));
            }
        }
        self.fold().await
    }

    /// The head with everything committed in it, and its position.
    ///
    /// # Errors
    /// When the room is closing or stored bytes are damaged.
    pub(crate) async fn fold(&self) -> Result<(i64, Bytes), Refusal> {
        if let Some(folded) = self.state.lock().folded()? {
            return Ok(folded);
        }
        let _one = self.folding.lock().await;
        let (head, tail, position) = {
            let state = self.state.lock();
            if let Some(folded) = state.folded()? {
                return Ok(folded);
            }
            let tail: Vec<Bytes> = state.tail.iter().cloned().collect();
            (state.head.clone(), tail, state.position())
        };
        let count = tail.len();
        let size = head.len() + tail.iter().map(Bytes::len).sum::<usize>();
        let limits = ydoc::Limits::stored();
        let folded = blocking(size, move || {
            let parts: Vec<&[u8]> = std::iter::once(head.as_ref())
                .chain(tail.iter().map(Bytes::as_ref))
                .collect();
            ydoc::head(&parts, &limits)
        })
        .await?;
        let folded = Bytes::from(folded);
        let mut state = self.state.lock();
        // Only this function shortens the tail, and the lock above makes it one at a time.
        let gone: usize = state.tail.drain(..count).map(|update| update.len()).sum();
        state.tail_bytes -= gone;
        state.head = folded.clone();
        state.head_position = position;
        state.diffs.clear();
        state.recent = None;
        Ok((position, folded))
    }

    async fn diff(
        &self,
        position: i64,
        head: Bytes,
        key: &[u8],
        theirs: &StateVector,
    ) -> Result<Bytes, Refusal> {
        if theirs.is_empty() {
            return Ok(head);
        }
        let cached = {
            let state = self.state.lock();
            let diffs = (state.head_position == position).then_some(&state.diffs);
            diffs
                .and_then(|diffs| diffs.iter().find(|(sv, _)| sv == key))
                .map(|(_, diff)| diff.clone())
        };
        if let Some(diff) = cached {
            return Ok(diff);
        }
        let limits = ydoc::Limits::stored();
        let theirs = theirs.clone();
        let diff =
            Bytes::from(blocking(head.len(), move || ydoc::diff(&head, &theirs, &limits)).await?);
        let mut state = self.state.lock();
        if state.head_position == position {
            if state.diffs.len() >= CACHED_DIFFS {
                state.diffs.remove(0);
            }
            state.diffs.push((key.to_vec(), diff.clone()));
        }
        Ok(diff)
    }

    /// Sends a sync step 1 to a new member, before it has asked anything.
    ///
    /// # Errors
    /// When stored bytes are damaged.
    pub(crate) fn ask(&self, id: MemberId) -> Result<(), Refusal> {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        let ours = state.state_vector()?;
        if let Some(member) = state.members.get_mut(&id) {
            member.questions.push_back(Question::Handshake);
            member.outbox.push(member.wire.sync(Sync::Step1(&ours)));
        }
        Ok(())
    }
}

impl State {
    /// What was committed after the head, as one update.
    fn recent(&mut self) -> Result<Option<Bytes>, Refusal> {
        if self.tail.is_empty() {
            return Ok(None);
        }
        let position = self.position();
        if let Some((of, merged)) = &self.recent
            && *of == position
        {
            return Ok(Some(merged.clone()));
        }
        let parts: Vec<&[u8]> = self.tail.iter().map(Bytes::as_ref).collect();
        let merged = Bytes::from(ydoc::merge(&parts, &ydoc::Limits::stored()).map_err(damaged)?);
        self.recent = Some((position, merged.clone()));
        Ok(Some(merged))
    }

    fn folded(&self) -> Result<Option<(i64, Bytes)>, Refusal> {
        match self.closed {
            Some(refusal) => Err(refusal),
            None if self.tail.is_empty() => Ok(Some((self.head_position, self.head.clone()))),
            None => Ok(None),
        }
    }

    /// The state vector to ask a client with: of all that is committed or staged, encoded.
    fn state_vector(&mut self) -> Result<Vec<u8>, Refusal> {
        if self.known.is_none() && self.tail.is_empty() {
            return ydoc::state_vector(&self.head, &ydoc::Limits::stored())
                .map(|sv| sv.encode())
                .map_err(damaged);
        }
        let known = match &self.known {
            Some(known) => known,
            None => {
                let built = super::receive::build(&self.head, self.tail.iter())?;
                self.known.insert(built)
            }
        };
        Ok(known.state_vector().encode())
    }
}

/// Runs `work` here when it is small, on a thread for blocking work when it is not.
async fn blocking<T: Send + 'static>(
    size: usize,
    work: impl FnOnce() -> Result<T, ydoc::Error> + Send + 'static,
) -> Result<T, Refusal> {
    let result = if size <= INLINE_BYTES {
        work()
    } else {
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "merging failed");
            Refusal::TryAgain
        })?
    };
    result.map_err(damaged)
}

fn damaged(error: ydoc::Error) -> Refusal {
    tracing::error!(%error, "stored state can't be read");
    Refusal::TryAgain
}
