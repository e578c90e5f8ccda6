//! An index of what a document holds, without its content.

mod judge;

use std::collections::BTreeMap;

use crate::{ClientId, Error, IdSet, Limits, StateVector, content::Id};

/// What a document holds: which ids, in which parent each, what is deleted. Enough to judge an update by.
///
/// Memory grows with runs, not with operations: text that one client typed into one parent is one run.
#[derive(Debug, Clone, Default)]
pub struct Known {
    clients: BTreeMap<ClientId, Client>,
    deletes: IdSet,
    roots: BTreeMap<Box<str>, Container>,
    /// How deep each container's content is nested: 0 in a root. Container numbers start at 1.
    depths: Vec<u32>,
    /// Changes with each admission, so that a judgement can't be applied to another state.
    generation: u64,
}

/// A root, or a type that an item holds. [`NOWHERE`] stands for a parent that is gone.
type Container = u32;

/// What is in here has no parent left: Yjs makes a GC struct of it.
const NOWHERE: Container = 0;

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
}

/// One of the two halves of a container: its sequence, and its map (or attributes). Content of the two never mixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    container: Container,
    map: bool,
}

impl Place {
    const NOWHERE: Self = Self {
        container: NOWHERE,
        map: false,
    };
}

impl Client {
    fn push(&mut self, run: Run, end: u64) {
        push_run(&mut self.runs, run);
        self.next = end;
    }
}

/// Appends a run, or lets the last one grow over it.
fn push_run(runs: &mut Vec<Run>, run: Run) {
    match runs.last() {
        Some(last) if last.opens == NOWHERE && run.opens == NOWHERE && last.place == run.place => {}
        _ => runs.push(run),
    }
}

/// The run that a clock is in. The runs are those of a client that has the clock.
fn find_run(runs: &[Run], clock: u64) -> Option<Run> {
    let last = *runs.last()?;
    if last.clock <= clock {
        return Some(last);
    }
    let at = runs
        .partition_point(|run| run.clock <= clock)
        .checked_sub(1)?;
    runs.get(at).copied()
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

    /// What is deleted: by delete sets, or because only a tombstone of it came.
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
                index.push(run, added.end);
            }
        }
        self.depths.extend_from_slice(&novel.depths);
        for (name, container) in &novel.roots {
            self.roots.insert(name.clone(), *container);
        }
        self.deletes.union(&novel.deletes);
        self.deletes.union(&novel.tombstones);
    }

    /// Whether an id is known to be in a parent's sequence, not under one of its keys.
    pub(crate) fn in_sequence(&self, id: Id) -> bool {
        self.run(id).is_some_and(|run| !run.place.map)
    }

    fn run(&self, id: Id) -> Option<Run> {
        let index = self.clients.get(&id.client)?;
        if id.clock < index.next {
            find_run(&index.runs, id.clock)
        } else {
            None
        }
    }

    fn depth(&self, container: Container) -> u32 {
        (container as usize)
            .checked_sub(1)
            .and_then(|at| self.depths.get(at))
            .copied()
            .unwrap_or(0)
    }
}

/// What an update is to a document.
#[derive(Debug, Clone)]
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
    added: Vec<Added>,
    depths: Vec<u32>,
    roots: Vec<(Box<str>, Container)>,
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
}
