//! Who is here and where their cursor is. Never stored.
//!
//! A connection speaks only for its own client ids: stock clients echo what they receive, and what they say of others
//! is dropped, not punished. Name, colour and user id are the server's. Changes within a tick go out as one frame,
//! each state encoded once. Outgoing clocks are the server's, ever growing, so that a client that comes back under
//! its old id is never taken for stale.

use std::sync::Arc;
use std::time::Instant;

use model::UserId;
use rustc_hash::FxHashMap;
use ydoc::ClientId;
use ydoc::awareness::{self, Entry};

use super::{MemberId, Room, State};
use crate::gate::Pass;
use crate::outbox::Pushed;
use crate::wire::Frames;

/// Client ids that one connection may speak for: its own, and one after a reload of the document on the same socket.
const IDS_PER_MEMBER: usize = 4;
/// Departed ids that are remembered, so that a late echo doesn't bring a ghost.
const DEPARTED: usize = 512;

#[derive(Default)]
pub(super) struct Presence {
    here: FxHashMap<ClientId, Here>,
    departed: FxHashMap<ClientId, u64>,
    /// Changed since the last frame.
    changed: Vec<ClientId>,
    scheduled: bool,
    last_frame: Option<Instant>,
}

struct Here {
    member: MemberId,
    user: UserId,
    /// The client's own clock.
    theirs: u64,
    /// The clock that others see.
    ours: u64,
    /// JSON with the server's stamp.
    state: String,
}

impl Presence {
    pub(super) fn user_of(&self, client: ClientId) -> Option<UserId> {
        self.here.get(&client).map(|here| here.user)
    }

    pub(super) fn depart(&mut self, member: MemberId, ids: &[ClientId]) {
        for &client in ids {
            let owned = self
                .here
                .get(&client)
                .is_some_and(|here| here.member == member);
            if let Some(here) = owned.then(|| self.here.remove(&client)).flatten() {
                if self.departed.len() >= DEPARTED {
                    self.departed.clear();
                }
                self.departed.insert(client, here.ours + 1);
                self.changed.push(client);
            }
        }
    }

    /// `(client, clock, state)` of one id as others are to see it; `null` for somebody who left.
    fn entry(&self, client: ClientId) -> Option<Entry<&str>> {
        match self.here.get(&client) {
            Some(here) => Some(Entry {
                client,
                clock: here.ours,
                state: &here.state,
            }),
            None => self.departed.get(&client).map(|&clock| Entry {
                client,
                clock,
                state: "null",
            }),
        }
    }
}

impl Room {
    /// Takes in a presence message.
    ///
    /// # Errors
    /// When it is malformed.
    pub(crate) fn receive_presence(
        self: &Arc<Self>,
        id: MemberId,
        payload: &[u8],
    ) -> Result<(), crate::Refusal> {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        let entries = match awareness::decode(payload, &self.hub.config.update) {
            Ok(entries) => entries,
            Err(error) => {
                metrics::counter!("canopy_refused_updates_total", "reason" => error.reason())
                    .increment(1);
                return Err(crate::Refusal::Invalid);
            }
        };
        let clock_floor = (self.hub.clock.now().micros() / 50_000).unsigned_abs();
        let mut changed = false;
        for entry in entries {
            changed |= state.take_presence(id, &entry, clock_floor, self.hub.config.presence_bytes);
        }
        if let Some(member) = state.members.get_mut(&id) {
            member.introduced = true;
        }
        drop(guard);
        if changed {
            self.presence_changed();
        }
        Ok(())
    }

    /// Sends a frame of what changed: now, if the last one is a tick ago, else at the next tick.
    pub(super) fn presence_changed(self: &Arc<Self>) {
        let tick = self.hub.config.presence_tick;
        let wait = {
            let mut state = self.state.lock();
            if state.presence.scheduled || state.presence.changed.is_empty() {
                return;
            }
            state.presence.scheduled = true;
            let since = state
                .presence
                .last_frame
                .map_or(tick, |last| last.elapsed());
            tick.saturating_sub(since)
        };
        let room = self.clone();
        self.hub.tasks.spawn(async move {
            tokio::time::sleep(wait).await;
            room.flush_presence();
        });
    }

    /// Sends a frame of what changed, at once.
    pub(super) fn flush_presence(&self) {
        let mut state = self.state.lock();
        state.presence.scheduled = false;
        state.presence.last_frame = Some(Instant::now());
        state.send_presence();
    }
}

impl State {
    /// Applies one entry of a member's message; `true` when others have to hear of it.
    fn take_presence(
        &mut self,
        id: MemberId,
        entry: &Entry<&str>,
        clock_floor: u64,
        max_bytes: usize,
    ) -> bool {
        let client = entry.client;
        let Some(member) = self.members.get_mut(&id) else {
            return false;
        };
        let gone = entry.is_gone();
        if let Some(here) = self.presence.here.get_mut(&client) {
            // Another's, or old: the common case is an echo, so this comes before all other work.
            if here.member != id
                || entry.clock < here.theirs
                || (entry.clock == here.theirs && !gone)
            {
                return false;
            }
            if gone {
                self.presence.depart(id, &[client]);
                return true;
            }
            let Some(state) = stamp(entry.state, &member.pass, max_bytes) else {
                return false;
            };
            here.theirs = entry.clock;
            here.ours += 1;
            here.state = state;
            self.presence.changed.push(client);
            return true;
        }
        let echo = member.introduced && self.presence.departed.contains_key(&client);
        let known_other = self
            .bindings
            .get(&client)
            .is_some_and(|&user| user != member.pass.user);
        let speaks_for = member.speaks_for.contains(&client);
        if gone
            || known_other
            || (!speaks_for && (echo || member.speaks_for.len() >= IDS_PER_MEMBER))
        {
            return false;
        }
        let Some(state) = stamp(entry.state, &member.pass, max_bytes) else {
            return false;
        };
        if !speaks_for {
            member.speaks_for.push(client);
        }
        let before = self.presence.departed.remove(&client).unwrap_or(0);
        self.presence.here.insert(
            client,
            Here {
                member: id,
                user: member.pass.user,
                theirs: entry.clock,
                ours: clock_floor.max(before + 1),
                state,
            },
        );
        self.presence.changed.push(client);
        true
    }

    fn send_presence(&mut self) {
        let mut changed = std::mem::take(&mut self.presence.changed);
        if changed.is_empty() {
            return;
        }
        changed.sort_unstable();
        changed.dedup();
        let entries: Vec<(Option<MemberId>, Entry<&str>)> = changed
            .iter()
            .filter_map(|&client| {
                let member = self.presence.here.get(&client).map(|here| here.member);
                Some((member, self.presence.entry(client)?))
            })
            .collect();
        let all = encode(entries.iter().map(|&(_, entry)| entry));
        let mut shared = Frames::new(|wire| wire.presence(&all));
        let mut lost = Vec::new();
        for (&id, member) in &self.members {
            if !member.synced {
                continue;
            }
            let own = entries
                .iter()
                .filter(|(owner, _)| *owner == Some(id))
                .count();
            if own == entries.len() {
                continue;
            }
            let frame = if member.presence_lost {
                // Everything, since something was missed.
                member.wire.presence(&self.full_presence(id))
            } else if own == 0 {
                shared.get(&member.wire)
            } else {
                let others = entries.iter().filter(|(owner, _)| *owner != Some(id));
                member
                    .wire
                    .presence(&encode(others.map(|&(_, entry)| entry)))
            };
            let pushed = member.outbox.push_presence(frame);
            if member.presence_lost != (pushed == Pushed::Dropped) {
                lost.push((id, pushed == Pushed::Dropped));
            }
        }
        for (id, is_lost) in lost {
            if let Some(member) = self.members.get_mut(&id) {
                member.presence_lost = is_lost;
            }
        }
    }

    /// Tells a new member who is here.
    pub(super) fn introduce(&mut self, id: MemberId) {
        if self.presence.here.is_empty() {
            return;
        }
        let payload = self.full_presence(id);
        if let Some(member) = self.members.get(&id) {
            member.outbox.push_presence(member.wire.presence(&payload));
        }
    }

    fn full_presence(&self, except: MemberId) -> Vec<u8> {
        let others = self
            .presence
            .here
            .iter()
            .filter(|(_, here)| here.member != except);
        encode(others.filter_map(|(&client, _)| self.presence.entry(client)))
    }
}

impl Room {
    /// Answers a query for everybody's presence.
    pub(crate) fn answer_presence_query(&self, id: MemberId) {
        let mut state = self.state.lock();
        state.introduce(id);
    }
}

fn encode<'a>(entries: impl Iterator<Item = Entry<&'a str>>) -> Vec<u8> {
    awareness::encode(&entries.collect::<Vec<_>>())
}

/// The state as others see it: what the client says, and over it who it really is. `None` when it isn't an object
/// or too large.
fn stamp(state: &str, pass: &Pass, max_bytes: usize) -> Option<String> {
    if state.len() > max_bytes {
        metrics::counter!("canopy_refused_updates_total", "reason" => "presence-size").increment(1);
        return None;
    }
    let mut object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(state).ok()?;
    object.insert(
        "user".into(),
        serde_json::json!({ "id": pass.user, "name": pass.name, "color": pass.color, "avatar": pass.avatar }),
    );
    serde_json::to_string(&object).ok()
}
