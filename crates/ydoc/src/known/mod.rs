//! An index of what a document holds, without its content.

mod chain;
mod judge;

use std::collections::BTreeMap;

use self::chain::{Chain, Link};
use crate::{ClientId, Error, IdSet, Limits, StateVector, content::Id};

/// What a document holds: which ids, in which parent each, what is deleted. Enough to judge an update by.
///
/// Memory grows with runs, not with operations: text that one client typed into one parent is one run.
#[derive(Debug, Clone, Default)]
pub struct Known {
    clients: BTreeMap<ClientId, Client>,
    deletes: IdSet,
    /// Marks of formatting.
    formats: IdSet,
    roots: BTreeMap<Box<str>, Container>,
    /// Number 1 is the first.
    containers: Vec<Opened>,
    keys: BTreeMap<Container, BTreeMap<Box<str>, List>>,
    /// Number 1 is the first.
    chains: Vec<Chain>,
    /// Changes with each admission, so that a judgement can't be applied to another state.
    generation: u64,
}

/// A root, or a type that an item holds. [`NOWHERE`] stands for a parent that is gone.
type Container = u32;

/// What is in here has no parent left: Yjs makes a GC struct of it.
const NOWHERE: Container = 0;

/// The values of one key of a container, or its [`SEQUENCE`].
type List = u32;

const SEQUENCE: List = 0;

/// Where a container comes from.
#[derive(Debug, Clone, Copy)]
struct Opened {
    /// How deep its content is nested: 0 in a root.
    depth: u32,
    /// The type's item; `None` for a root.
    by: Option<Id>,
}

#[derive(Debug, Clone, Default)]
struct Client {
    /// The clock of the first unit that is not known.
    next: u64,
    /// Ascending, without gaps: a run ends where the next starts. The first starts at 0.
    runs: Vec<Run>,
}

/// Neighbouring units of one client in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    clock: u64,
    place: Place,
    /// The container that the unit opens, if it is a type.
    opens: Container,
    /// Under a key: how many values the first unit replaced, one after the other. Each unit replaces the one before.
    rank: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    container: Container,
    list: List,
}

impl Place {
    const NOWHERE: Self = Self {
        container: NOWHERE,
        list: SEQUENCE,
    };
}

/// Appends a run, or lets the last one grow over it.
fn push_run(runs: &mut Vec<Run>, run: Run) {
    if let Some(last) = runs.last()
        && last.opens == NOWHERE
        && run.opens == NOWHERE
        && last.place == run.place
        && (run.place.list == SEQUENCE
            || u64::from(run.rank) == u64::from(last.rank) + (run.clock - last.clock))
    {
        return;
    }
    runs.push(run);
}

/// Which of the runs a clock is in. They are those of a client that has the clock.
fn find_run(runs: &[Run], clock: u64) -> Option<usize> {
    let last = runs.len().checked_sub(1)?;
    if runs[last].clock <= clock {
        return Some(last);
    }
    runs.partition_point(|run| run.clock <= clock)
        .checked_sub(1)
}

impl Known {
    /// An empty document.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What a stored update holds. It was judged when it came, so only its form is checked again, not how its parts relate.
    ///
    /// # Errors
    /// When the update is malformed, over a limit, or has a gap.
    pub fn from_update(update: &[u8], limits: &Limits) -> Result<Self, Error> {
        let mut known = Self::new();
        match judge::judge(&known, update, limits, true)? {
            Verdict::Nothing => {}
            Verdict::Gap => return Err(Error::Malformed("a stored update has a gap")),
            Verdict::New(novel) => known.admit(&novel),
        }
        Ok(known)
    }

    /// How much of each client's work is known.
    #[must_use]
    pub fn state_vector(&self) -> StateVector {
        self.clients
            .iter()
            .map(|(&client, index)| (client, index.next))
            .collect()
    }

    /// The clock of the first unit of a client that is not known.
    #[must_use]
    pub fn next_clock(&self, client: ClientId) -> u64 {
        self.clients.get(&client).map_or(0, |index| index.next)
    }

    /// What is deleted: by delete sets, or because only a tombstone of it came. What is gone because a parent is deleted, or a
    /// value replaced, need not be in it.
    #[must_use]
    pub fn deletes(&self) -> &IdSet {
        &self.deletes
    }

    /// How many runs the index has. Its memory is in proportion.
    #[must_use]
    pub fn runs_len(&self) -> usize {
        self.clients.values().map(|index| index.runs.len()).sum()
    }

    /// Subtracts what is known from an update and judges the rest: it has to be free of gaps, integrable in some order, with
    /// parents that are types, origins that share a parent, and types nested within the limit.
    ///
    /// A delete of what is gone anyway is known too. Every replica of two clients that set one key at once, or of an insert
    /// into what another client deletes, has such deletes, though nobody ever sent them.
    ///
    /// # Errors
    /// When the update is malformed, over a limit, or can't have been made by a working client.
    pub fn judge(&self, update: &[u8], limits: &Limits) -> Result<Verdict, Error> {
        judge::judge(self, update, limits, false)
    }

    /// Takes in what a judgement found to be new.
    ///
    /// # Panics
    /// When something else was admitted since the judgement: it does not hold any more, and the index would be wrong.
    pub fn admit(&mut self, novel: &Novel) {
        assert_eq!(
            self.generation, novel.generation,
            "admitted what was judged against another state"
        );
        self.generation += 1;
        for added in &novel.added {
            let index = self.clients.entry(added.client).or_default();
            for &run in &added.runs {
                push_run(&mut index.runs, run);
            }
            index.next = added.end;
        }
        self.containers.extend_from_slice(&novel.containers);
        self.roots.extend(novel.roots.iter().cloned());
        self.chains
            .resize_with(self.chains.len() + novel.keys.len(), Chain::default);
        for ((container, key), list) in &novel.keys {
            self.keys
                .entry(*container)
                .or_default()
                .insert(key.clone(), *list);
        }
        for link in &novel.links {
            if let Some(chain) = (link.list as usize)
                .checked_sub(1)
                .and_then(|at| self.chains.get_mut(at))
            {
                chain.add(link);
            }
        }
        self.deletes.union(&novel.deletes);
        self.deletes.union(&novel.tombstones);
        self.formats.union(&novel.formats);
    }

    /// Whether an id is known to be in a parent's sequence, not under one of its keys.
    pub(crate) fn in_sequence(&self, id: Id) -> bool {
        self.run(id)
            .is_some_and(|run| run.place.container != NOWHERE && run.place.list == SEQUENCE)
    }

    /// The run that an id is in.
    fn run(&self, id: Id) -> Option<Run> {
        let index = self.clients.get(&id.client)?;
        if id.clock < index.next {
            find_run(&index.runs, id.clock).map(|at| index.runs[at])
        } else {
            None
        }
    }

    fn depth(&self, container: Container) -> u32 {
        self.opened(container).map_or(0, |opened| opened.depth)
    }

    fn opened(&self, container: Container) -> Option<&Opened> {
        (container as usize)
            .checked_sub(1)
            .and_then(|at| self.containers.get(at))
    }

    /// Takes from deletes what is gone without them.
    fn without_gone(&self, deletes: IdSet) -> IdSet {
        let mut gone = IdSet::new();
        for (client, range) in deletes.iter() {
            let Some(index) = self.clients.get(&client) else {
                continue;
            };
            let Some(first) = find_run(&index.runs, range.start) else {
                continue;
            };
            for (at, run) in index.runs.iter().enumerate().skip(first) {
                let start = range.start.max(run.clock);
                let end = range
                    .end
                    .min(index.runs.get(at + 1).map_or(index.next, |next| next.clock));
                if start >= end {
                    break;
                }
                if self.is_gone(run.place.container) {
                    gone.insert(client, start, end);
                } else if let Some(chain) = self.chain(run.place.list) {
                    // All but the last value of a key.
                    match chain.last() {
                        Some(last)
                            if last.client == client && (start..end).contains(&last.clock) =>
                        {
                            gone.insert(client, start, last.clock);
                            gone.insert(client, last.clock + 1, end);
                        }
                        Some(_) => gone.insert(client, start, end),
                        None => {}
                    }
                }
            }
        }
        if gone.is_empty() {
            deletes
        } else {
            deletes.subtract(&gone)
        }
    }

    /// Whether a container, or one that it is in, is deleted.
    fn is_gone(&self, mut container: Container) -> bool {
        loop {
            if container == NOWHERE {
                return true;
            }
            let Some(id) = self.opened(container).and_then(|opened| opened.by) else {
                return false;
            };
            if self.deletes.contains(id.client, id.clock) {
                return true;
            }
            let Some(run) = self.run(id) else {
                return false;
            };
            if self
                .chain(run.place.list)
                .is_some_and(|chain| chain.last().is_some_and(|last| last != id))
            {
                return true;
            }
            container = run.place.container;
        }
    }

    fn chain(&self, list: List) -> Option<&Chain> {
        (list as usize)
            .checked_sub(1)
            .and_then(|at| self.chains.get(at))
    }
}

/// What an update is to a document.
#[derive(Debug, Clone)]
#[allow(
    clippy::large_enum_variant,
    reason = "made, looked at and dropped at once; a box would cost an allocation each"
)]
pub enum Verdict {
    /// Everything in it is known.
    Nothing,
    /// It rests on something that is not known: earlier work of a client, an origin, a parent, or what it deletes.
    Gap,
    /// This part of it is new, and sound.
    New(Novel),
}

/// The part of an update that is new to a document.
#[derive(Debug, Clone)]
pub struct Novel {
    update: Vec<u8>,
    inserts: IdSet,
    deletes: IdSet,
    /// GC structs and deleted contents among the inserts.
    tombstones: IdSet,
    formats: IdSet,
    unformats_only: bool,
    added: Vec<Added>,
    containers: Vec<Opened>,
    roots: Vec<(Box<str>, Container)>,
    keys: Vec<((Container, Box<str>), List)>,
    /// Values under keys, in the order in which they were integrated.
    links: Vec<Link>,
    generation: u64,
}

#[derive(Debug, Clone)]
struct Added {
    client: ClientId,
    runs: Vec<Run>,
    end: u64,
}

impl Novel {
    /// The new part alone, as an update. The judged bytes themselves when all of it is new.
    #[must_use]
    pub fn update(&self) -> &[u8] {
        &self.update
    }

    /// The same, without a copy.
    #[must_use]
    pub fn into_update(self) -> Vec<u8> {
        self.update
    }

    /// The ids that are new.
    #[must_use]
    pub fn inserts(&self) -> &IdSet {
        &self.inserts
    }

    /// What its delete set deletes that was not deleted before.
    #[must_use]
    pub fn deletes(&self) -> &IdSet {
        &self.deletes
    }

    /// The clients that it brings work of, ascending.
    pub fn clients(&self) -> impl Iterator<Item = ClientId> + '_ {
        self.inserts.clients()
    }

    /// Whether it brings no content, only deletes.
    #[must_use]
    pub fn delete_only(&self) -> bool {
        self.inserts.is_empty()
    }

    /// Whether it only deletes marks of formatting.
    ///
    /// Yjs deletes marks that it finds redundant after a remote change, and sends the deletes as if its user had made them:
    /// a client that may only read sends them too.
    #[must_use]
    pub fn unformats_only(&self) -> bool {
        self.unformats_only
    }
}
