//! An update arrives: is it sound, is it new, may this person write it?

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use model::UserId;
use tokio::sync::oneshot;
use ydoc::protocol::Sync;
use ydoc::{Known, Novel, Verdict};

use super::{Entry, MemberId, Origin, Question, Room, State};
use crate::gate::{Pass, Refusal};

/// How an update came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// As the answer to a sync step 1.
    Step2,
    /// On its own.
    Update,
}

impl Room {
    /// Takes in an update from a connection. It is acknowledged, and others see it, when it is committed.
    ///
    /// # Errors
    /// What ends this document on this connection. The document itself is unharmed.
    pub(crate) fn receive_update(
        self: &Arc<Self>,
        id: MemberId,
        update: &[u8],
        arrival: Arrival,
    ) -> Result<(), Refusal> {
        if self.hub.is_closing() {
            return Err(Refusal::TryAgain);
        }
        let mut guard = self.state.lock();
        let state = &mut *guard;
        if let Some(refusal) = state.closed {
            return Err(refusal);
        }
        let Some(member) = state.members.get_mut(&id) else {
            return Ok(());
        };
        let question = match arrival {
            Arrival::Update => None,
            Arrival::Step2 => Some(member.questions.pop_front().unwrap_or(Question::Handshake)),
        };
        let mut acks = u32::from(question != Some(Question::Gap));
        let mut verdict = state.judge(update, &self.hub.config.update)?;
        let Some(member) = state.members.get_mut(&id) else {
            return Ok(());
        };
        if !member.may_write() {
            match &verdict {
                Verdict::Nothing => {}
                // Yjs tidies formatting up after others' edits and sends that as its user's own doing, a reader's too.
                Verdict::New(novel) if novel.unformats_only() => verdict = Verdict::Nothing,
                _ => return Err(Refusal::ReadOnly),
            }
        }
        if matches!(verdict, Verdict::Gap) {
            return member.gap(&self.hub.config, question, state.known.as_ref());
        }
        if question == Some(Question::Gap) {
            acks += std::mem::take(&mut member.gapped);
            member.failed_covers = 0;
        }
        match verdict {
            Verdict::Nothing => state.acknowledge(id, acks),
            Verdict::Gap => {}
            Verdict::New(novel) => {
                let pass = member.pass.clone();
                let outbox = member.outbox.clone();
                let size = novel.update().len();
                let entry = Entry {
                    author: pass.user,
                    session: pass.session,
                    agent: pass.agent.clone(),
                    at: self.hub.clock.now(),
                    update: Bytes::copy_from_slice(novel.update()),
                    from: Origin::Member(id, acks),
                };
                state.stage(&novel, entry, &pass, self.hub.config.document_bytes)?;
                outbox.begin(size);
                self.announce(state);
            }
        }
        Ok(())
    }

    /// Takes in an update that the server made on behalf of a user.
    ///
    /// # Errors
    /// `Invalid` when it doesn't fit the document, `TooLarge` over the quota, `TryAgain` when the room is closing.
    pub(crate) fn receive_edit(
        self: &Arc<Self>,
        pass: &Pass,
        update: &[u8],
    ) -> Result<oneshot::Receiver<Result<i64, Refusal>>, Refusal> {
        let (sender, receiver) = oneshot::channel();
        let mut guard = self.state.lock();
        let state = &mut *guard;
        if let Some(refusal) = state.closed {
            return Err(refusal);
        }
        match state.judge(update, &self.hub.config.update)? {
            Verdict::Nothing => {
                let _ = sender.send(Ok(state.position()));
            }
            Verdict::Gap => return Err(Refusal::Invalid),
            Verdict::New(novel) => {
                let entry = Entry {
                    author: pass.user,
                    session: pass.session,
                    agent: pass.agent.clone(),
                    at: self.hub.clock.now(),
                    update: Bytes::copy_from_slice(novel.update()),
                    from: Origin::Edit(Some(sender)),
                };
                state.stage(&novel, entry, pass, self.hub.config.document_bytes)?;
                self.announce(state);
            }
        }
        Ok(receiver)
    }

    /// The client id under which the server edits this document for a user, while the room lives.
    pub(crate) fn editor(&self, user: UserId) -> u64 {
        let mut state = self.state.lock();
        if let Some(&client) = state.editors.get(&user) {
            return client;
        }
        loop {
            // Yjs draws client ids of 32 bits.
            let client = self.hub.rng.next_u64() >> 32;
            if client != 0
                && !state.bindings.contains_key(&client)
                && !state.retired.contains(&client)
            {
                state.editors.insert(user, client);
                state.bindings.insert(client, user);
                state.staged.bindings.push((client, user));
                return client;
            }
        }
    }
}

impl State {
    fn judge(&mut self, update: &[u8], limits: &ydoc::Limits) -> Result<Verdict, Refusal> {
        self.active = Instant::now();
        if ydoc::is_empty(update) {
            return Ok(Verdict::Nothing);
        }
        let known = match &mut self.known {
            Some(known) => known,
            none => none.insert(build(&self.head, self.tail.iter())?),
        };
        known.judge(update, limits).map_err(|error| {
            tracing::debug!(%error, "refused an update");
            metrics::counter!("canopy_refused_updates_total", "reason" => error.reason())
                .increment(1);
            match error {
                ydoc::Error::TooLarge { .. } => Refusal::TooLarge,
                _ => Refusal::Invalid,
            }
        })
    }

    /// Checks authorship, epoch and size, and puts the update in line for the next commit.
    fn stage(
        &mut self,
        novel: &Novel,
        entry: Entry,
        pass: &Pass,
        document_bytes: usize,
    ) -> Result<(), Refusal> {
        let size = self.head.len() + self.tail_bytes + self.staged.bytes + entry.update.len();
        if size > document_bytes {
            return Err(Refusal::TooLarge);
        }
        for client in novel.clients() {
            if self.retired.contains(&client) {
                return Err(Refusal::Epoch);
            }
            let owner = self
                .bindings
                .get(&client)
                .copied()
                .or_else(|| self.presence.user_of(client));
            if owner.is_some_and(|owner| owner != pass.user) {
                return Err(Refusal::ForeignAuthor);
            }
        }
        for client in novel.clients() {
            if let std::collections::hash_map::Entry::Vacant(vacant) = self.bindings.entry(client) {
                vacant.insert(pass.user);
                self.staged.bindings.push((client, pass.user));
            }
        }
        if let Some(known) = &mut self.known {
            known.admit(novel);
        }
        self.staged.bytes += entry.update.len();
        self.staged.entries.push(entry);
        Ok(())
    }

    /// Acknowledges something that added nothing: at once, or with the commit that holds what it repeats.
    fn acknowledge(&mut self, id: MemberId, count: u32) {
        if count == 0 {
            return;
        }
        if !self.staged.is_empty() {
            self.staged.waiting.push((id, count));
        } else if let Some(committing) = &mut self.committing {
            committing.waiting.push((id, count));
        } else if let Some(member) = self.members.get(&id) {
            member.acknowledge(count);
        }
    }
}

impl super::Member {
    pub(super) fn acknowledge(&self, count: u32) {
        if let Some(frame) = self.wire.saved() {
            for _ in 0..count {
                self.outbox.push(frame.clone());
            }
        }
    }

    /// The update needs something that the server doesn't have. It isn't stored; the client is asked, once at a
    /// time, for all that is missing.
    fn gap(
        &mut self,
        config: &crate::Config,
        question: Option<Question>,
        known: Option<&Known>,
    ) -> Result<(), Refusal> {
        metrics::counter!("canopy_gaps_total").increment(1);
        if question.is_some() {
            self.failed_covers += 1;
            if self.failed_covers > 3 {
                return Err(Refusal::Invalid);
            }
        }
        if question != Some(Question::Gap) {
            self.gapped += 1;
        }
        if self.gapped as usize > config.in_flight {
            return Err(Refusal::Invalid);
        }
        if !self.questions.contains(&Question::Gap) {
            let state_vector = known.map(Known::state_vector).unwrap_or_default();
            self.questions.push_back(Question::Gap);
            self.outbox
                .push(self.wire.sync(Sync::Step1(&state_vector.encode())));
        }
        Ok(())
    }
}

/// What the head and the tail hold. Both are our own bytes, so an error is damage, not somebody's fault.
pub(super) fn build<'a>(
    head: &[u8],
    tail: impl Iterator<Item = &'a Bytes>,
) -> Result<Known, Refusal> {
    let damaged = |error: ydoc::Error| {
        tracing::error!(%error, "stored state can't be read");
        Refusal::TryAgain
    };
    let limits = ydoc::Limits::stored();
    let mut known = Known::from_update(head, &limits).map_err(damaged)?;
    for update in tail {
        match known.judge(update, &limits).map_err(damaged)? {
            Verdict::New(novel) => known.admit(&novel),
            Verdict::Nothing => {}
            Verdict::Gap => {
                tracing::error!("the stored log has a gap");
                return Err(Refusal::TryAgain);
            }
        }
    }
    Ok(known)
}
