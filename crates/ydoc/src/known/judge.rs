//! The judgement of one update. Time grows with the update, and the logarithm of what is known.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::{
    Added, Container, Known, Link, List, NOWHERE, Novel, Opened, Place, Run, SEQUENCE, Verdict,
    find_run, push_run,
};
use crate::{
    ClientId, Error, IdSet, Limits,
    content::{Content, Id, Parent, kind},
    structs::{Struct, Structs, Writer},
};

/// Judges an update. With `trusted`, relations that a client must not send are taken as Yjs would take them.
pub(super) fn judge(
    known: &Known,
    update: &[u8],
    limits: &Limits,
    trusted: bool,
) -> Result<Verdict, Error> {
    let mut scan = Scan {
        sections: SmallVec::new(),
        gap: false,
        whole: true,
    };
    let mut structs = Structs::new(update, limits)?;
    while let Some(item) = structs.next()? {
        if !trusted && !limits.subdocuments && item.content.number() == kind::DOC {
            return Err(Error::Unsupported("subdocuments"));
        }
        scan.take(known, item, &structs);
    }
    let mut rest = structs.rest()?;
    let sent = IdSet::read(&mut rest)?;
    rest.finish()?;

    let deletes = known.without_gone(sent.subtract(&known.deletes));
    if scan.sections.is_empty() && deletes.is_empty() {
        return Ok(Verdict::Nothing);
    }
    if scan.gap {
        return Ok(Verdict::Gap);
    }
    let whole = scan.whole && deletes.ranges_len() == sent.ranges_len() && deletes == sent;
    let mut judgement = Judgement {
        known,
        limits,
        trusted,
        sections: scan.sections,
        sent: &sent,
        containers: Vec::new(),
        roots: BTreeMap::new(),
        keys: BTreeMap::new(),
        links: Vec::new(),
    };
    if !judgement.integrate()? || !judgement.covers(&deletes) {
        return Ok(Verdict::Gap);
    }

    let update = if whole {
        update.to_vec()
    } else {
        judgement.write(&deletes, update.len())?
    };
    let Judgement {
        sections,
        containers,
        roots,
        keys,
        links,
        ..
    } = judgement;
    let mut inserts = IdSet::new();
    let mut tombstones = IdSet::new();
    let mut formats = IdSet::new();
    for section in sections.iter().rev() {
        inserts.insert(section.client, section.known, section.end);
        for &(start, end) in &section.tombstones {
            tombstones.insert(section.client, start, end);
        }
        for &(start, end) in &section.formats {
            formats.insert(section.client, start, end);
        }
    }
    let added = sections
        .into_iter()
        .map(|section| Added {
            client: section.client,
            runs: section.runs,
            end: section.end,
        })
        .collect();
    let unformats_only = inserts.is_empty() && deletes.subtract(&known.formats).is_empty();
    Ok(Verdict::New(Novel {
        unformats_only,
        update,
        inserts,
        deletes,
        tombstones,
        formats,
        added,
        containers,
        roots: roots
            .into_iter()
            .map(|(name, container)| (name.into(), container))
            .collect(),
        keys: keys
            .into_iter()
            .map(|((container, key), list)| ((container, key.into()), list))
            .collect(),
        links,
        generation: known.generation,
    }))
}

/// The new structs of one client.
struct Section<'a> {
    client: ClientId,
    /// What was known before: the clock of the first new unit.
    known: u64,
    /// The end of the last new struct.
    end: u64,
    /// The first new struct, without what is known of it, and the reader behind it.
    first: (Struct<'a>, Structs<'a>),
    /// The next struct to integrate; `None` when all are.
    current: Option<Struct<'a>>,
    structs: Structs<'a>,
    /// Where the integrated ones end.
    next: u64,
    /// A struct of it waits for one of another client.
    waiting: bool,
    runs: Vec<Run>,
    /// GC structs and deleted contents, as starts and ends.
    tombstones: Vec<(u64, u64)>,
    /// Marks of formatting, likewise.
    formats: Vec<(u64, u64)>,
}

impl<'a> Section<'a> {
    /// Keeps what matters of an item's content.
    fn note(&mut self, item: &Struct<'_>) {
        let ranges = match item.content {
            Content::Gc | Content::Deleted => &mut self.tombstones,
            Content::One(kind::FORMAT, _) => &mut self.formats,
            _ => return,
        };
        match ranges.last_mut() {
            Some(last) if last.1 == item.clock => last.1 = item.end(),
            _ => ranges.push((item.clock, item.end())),
        }
    }

    fn buried(&self, clock: u64) -> bool {
        let at = self.tombstones.partition_point(|&(_, end)| end <= clock);
        self.tombstones
            .get(at)
            .is_some_and(|&(start, _)| start <= clock)
    }

    fn advance(&mut self) -> Result<(), Error> {
        self.current = if self.next < self.end {
            self.structs.next()?
        } else {
            None
        };
        Ok(())
    }
}

type Sections<'a> = SmallVec<[Section<'a>; 1]>;

struct Scan<'a> {
    /// Descending by client, as in the update.
    sections: Sections<'a>,
    /// Something is missing before a struct that is new.
    gap: bool,
    /// Nothing was left out.
    whole: bool,
}

impl<'a> Scan<'a> {
    fn take(&mut self, known: &Known, mut item: Struct<'a>, behind: &Structs<'a>) {
        if item.is_skip() {
            self.whole = false;
            return;
        }
        if let Some(section) = self.sections.last_mut()
            && section.client == item.client
        {
            // A hole leaves the clocks apart.
            self.gap |= section.end != item.clock;
            section.end = item.end();
            return;
        }
        let next = known.next_clock(item.client);
        if item.end() <= next {
            self.whole = false;
            return;
        }
        self.gap |= item.clock > next;
        if item.clock < next {
            self.whole = false;
            item = item.skip(next - item.clock);
        }
        self.sections.push(Section {
            client: item.client,
            known: next,
            end: item.end(),
            first: (item, *behind),
            current: Some(item),
            structs: *behind,
            next,
            waiting: false,
            runs: Vec::new(),
            tombstones: Vec::new(),
            formats: Vec::new(),
        });
    }
}

struct Judgement<'a, 'k> {
    known: &'k Known,
    limits: &'k Limits,
    trusted: bool,
    sections: Sections<'a>,
    /// The update's whole delete set.
    sent: &'k IdSet,
    /// What the update opens.
    containers: Vec<Opened>,
    roots: BTreeMap<&'a str, Container>,
    keys: BTreeMap<(Container, &'a str), List>,
    links: Vec<Link>,
}

impl<'a> Judgement<'a, '_> {
    /// Goes through the structs in an order in which each finds what it refers to. False when there is none.
    fn integrate(&mut self) -> Result<bool, Error> {
        // Clients that wait for each other, and up to which clock each is needed.
        let mut stack: SmallVec<[(usize, u64); 4]> = SmallVec::new();
        for first in 0..self.sections.len() {
            stack.push((first, u64::MAX));
            self.sections[first].waiting = true;
            while let Some(&(at, until)) = stack.last() {
                let current = match self.sections[at].current {
                    Some(item) if item.clock <= until => item,
                    _ => {
                        self.sections[at].waiting = false;
                        stack.pop();
                        continue;
                    }
                };
                match self.missing(&current)? {
                    None => {
                        let run = self.place(&current)?;
                        let section = &mut self.sections[at];
                        section.note(&current);
                        push_run(&mut section.runs, run);
                        section.next = current.end();
                        section.advance()?;
                    }
                    Some(id) => match self.section(id.client) {
                        // A client that waits already would wait for itself.
                        Some(other)
                            if id.clock < self.sections[other].end
                                && !self.sections[other].waiting =>
                        {
                            self.sections[other].waiting = true;
                            stack.push((other, id.clock));
                        }
                        _ => return Ok(false),
                    },
                }
            }
        }
        Ok(true)
    }

    fn section(&self, client: ClientId) -> Option<usize> {
        match &self.sections[..] {
            [only] => (only.client == client).then_some(0),
            sections => sections
                .binary_search_by(|section| client.cmp(&section.client))
                .ok(),
        }
    }

    /// The clock of the first unit of a client that is neither known nor integrated.
    fn next(&self, client: ClientId) -> u64 {
        self.section(client).map_or_else(
            || self.known.next_clock(client),
            |at| self.sections[at].next,
        )
    }

    /// The first thing that an item refers to and that is not there yet.
    fn missing(&self, item: &Struct<'_>) -> Result<Option<Id>, Error> {
        let parent = match item.parent {
            Some(Parent::Item(id)) => Some(id),
            _ => None,
        };
        for id in [item.origin, item.right_origin, parent]
            .into_iter()
            .flatten()
        {
            if id.client == item.client {
                // Yjs throws on it: what comes earlier of the same client is always there.
                if id.clock >= item.clock {
                    return Err(Error::Malformed(
                        "an item refers to itself, or to what its client made later",
                    ));
                }
            } else if id.clock >= self.next(id.client) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    fn run(&self, id: Id) -> Option<Run> {
        if let Some(at) = self.section(id.client) {
            let section = &self.sections[at];
            if id.clock >= section.known {
                return if id.clock < section.next {
                    find_run(&section.runs, id.clock).map(|at| section.runs[at])
                } else {
                    None
                };
            }
        }
        self.known.run(id)
    }

    /// Where an item belongs, and what it opens.
    fn place(&mut self, item: &Struct<'a>) -> Result<Run, Error> {
        let place = if item.is_gc() {
            Place::NOWHERE
        } else {
            self.parent(item)?
        };
        let mut run = Run {
            clock: item.clock,
            place,
            opens: NOWHERE,
            rank: 0,
        };
        if item.content.number() == kind::TYPE && place.container != NOWHERE {
            let depth = self.depth(place.container) + 1;
            if !self.trusted && depth as usize > self.limits.type_depth {
                return Err(Error::TooDeep {
                    what: "a shared type",
                    limit: self.limits.type_depth as u64,
                });
            }
            run.opens = self.open(Opened {
                depth,
                by: Some(Id {
                    client: item.client,
                    clock: item.clock,
                }),
            })?;
        }
        if place.list != SEQUENCE {
            run.rank = item
                .origin
                .map_or(0, |origin| self.rank(origin).saturating_add(1));
            self.links.push(Link::new(place.list, run.rank, item));
        }
        Ok(run)
    }

    fn rank(&self, id: Id) -> u32 {
        self.run(id).map_or(0, |run| {
            u32::try_from(u64::from(run.rank) + (id.clock - run.clock)).unwrap_or(u32::MAX)
        })
    }

    fn parent(&mut self, item: &Struct<'a>) -> Result<Place, Error> {
        let place = |id: Option<Id>| id.and_then(|id| self.run(id)).map(|run| run.place);
        match (place(item.origin), place(item.right_origin)) {
            (Some(left), Some(right)) if left != right => {
                // Next to what is gone, Yjs lets the item go too.
                if left.container == NOWHERE || right.container == NOWHERE {
                    return Ok(Place::NOWHERE);
                }
                if self.trusted {
                    Ok(left)
                } else {
                    Err(Error::Malformed("origins in different parents"))
                }
            }
            (Some(place), _) | (None, Some(place)) => Ok(place),
            (None, None) => {
                let container = match item.parent {
                    Some(Parent::Root(name)) => self.root(name)?,
                    Some(Parent::Item(id)) => self.container(id)?,
                    None => return Err(Error::Malformed("an item without a parent")),
                };
                match item.parent_sub {
                    _ if container == NOWHERE => Ok(Place::NOWHERE),
                    None => Ok(Place {
                        container,
                        list: SEQUENCE,
                    }),
                    Some(key) => Ok(Place {
                        container,
                        list: self.list(container, key)?,
                    }),
                }
            }
        }
    }

    fn list(&mut self, container: Container, key: &'a str) -> Result<List, Error> {
        // What the update itself opened has no keys yet.
        if container as usize <= self.known.containers.len()
            && let Some(&list) = self
                .known
                .keys
                .get(&container)
                .and_then(|keys| keys.get(key))
        {
            return Ok(list);
        }
        let next = self.known.chains.len() + self.keys.len() + 1;
        let next = List::try_from(next).map_err(|_| Error::Malformed("too many keys"))?;
        Ok(*self.keys.entry((container, key)).or_insert(next))
    }

    /// The container that an item opens; nowhere when the item is deleted, or its own parent is gone.
    fn container(&self, id: Id) -> Result<Container, Error> {
        let run = self
            .run(id)
            .ok_or(Error::Malformed("an item without a parent"))?;
        let gone = || {
            run.place.container == NOWHERE
                || self.known.deletes.contains(id.client, id.clock)
                || self
                    .section(id.client)
                    .is_some_and(|at| self.sections[at].buried(id.clock))
                || self.sent.contains(id.client, id.clock)
        };
        if run.opens != NOWHERE || self.trusted || gone() {
            return Ok(run.opens);
        }
        Err(Error::Malformed("a parent that is not a shared type"))
    }

    fn root(&mut self, name: &'a str) -> Result<Container, Error> {
        if let Some(&container) = self.known.roots.get(name).or_else(|| self.roots.get(name)) {
            return Ok(container);
        }
        let container = self.open(Opened { depth: 0, by: None })?;
        self.roots.insert(name, container);
        Ok(container)
    }

    fn open(&mut self, opened: Opened) -> Result<Container, Error> {
        self.containers.push(opened);
        Container::try_from(self.known.containers.len() + self.containers.len())
            .map_err(|_| Error::Malformed("too many shared types"))
    }

    fn depth(&self, container: Container) -> u32 {
        match (container as usize).checked_sub(self.known.containers.len() + 1) {
            Some(at) => self.containers.get(at).map_or(0, |opened| opened.depth),
            None => self.known.depth(container),
        }
    }

    /// Whether everything that is deleted exists.
    fn covers(&self, deletes: &IdSet) -> bool {
        deletes.clients().all(|client| {
            deletes
                .ranges(client)
                .last()
                .is_none_or(|&(_, end)| end <= self.next(client))
        })
    }

    /// The new part as an update of its own.
    fn write(&self, deletes: &IdSet, capacity: usize) -> Result<Vec<u8>, Error> {
        let mut writer = Writer::with_capacity(capacity);
        for section in &self.sections {
            let (mut item, mut structs) = section.first;
            loop {
                writer.push(&item);
                if item.end() >= section.end {
                    break;
                }
                match structs.next()? {
                    Some(next) => item = next,
                    None => break,
                }
            }
        }
        let mut out = writer.finish();
        deletes.write(&mut out);
        Ok(out)
    }
}
