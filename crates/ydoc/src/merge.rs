//! Many updates as one: `Y.mergeUpdates`, in time that grows with the input and the logarithm of the number of updates.
//!
//! The output is Yjs' to the byte, so the order in which Yjs looks at updates that offer the same id matters: it sorts its
//! readers, stably, after each step, which puts the reader that was just used before its equals. One choice is left open by Yjs:
//! where one update has garbage and another has content at the same id, its comparison contradicts itself, and the engine's sort
//! decides. Here the rule is the same as for other equals.

use std::{borrow::Cow, cmp::Ordering, collections::BinaryHeap};

use crate::{
    ClientId, Error, IdSet, Limits,
    content::Content,
    id_set::IdSetBuilder,
    structs::{Struct, Structs, Writer},
};

/// Merges updates, in any order, overlapping or not. Where clocks are missing the result has a hole, as in Yjs. A single
/// update is returned as it is.
///
/// # Errors
/// When an update is malformed or over a limit.
pub fn merge<B: AsRef<[u8]>>(updates: &[B], limits: &Limits) -> Result<Vec<u8>, Error> {
    merge_parts(updates, limits).map(|merged| merged.update.into_owned())
}

/// A merge, and what else is known about it.
pub(crate) struct Merged<'a> {
    pub(crate) update: Cow<'a, [u8]>,
    pub(crate) deletes: IdSet,
    /// Whether a struct stands under a key of its parent.
    pub(crate) keys: bool,
}

pub(crate) fn merge_parts<'a, B: AsRef<[u8]>>(
    updates: &'a [B],
    limits: &Limits,
) -> Result<Merged<'a>, Error> {
    let mut keys = false;
    if let [update] = updates {
        let mut structs = Structs::new(update.as_ref(), limits)?;
        while let Some(item) = structs.next()? {
            keys |= item.parent_sub.is_some();
        }
        let mut rest = structs.rest()?;
        let deletes = IdSet::read(&mut rest)?;
        rest.finish()?;
        return Ok(Merged {
            update: Cow::Borrowed(update.as_ref()),
            deletes,
            keys,
        });
    }
    let mut sources = Vec::with_capacity(updates.len());
    for update in updates {
        sources.push(Source::new(update.as_ref(), limits)?);
    }
    let mut writer =
        Writer::with_capacity(updates.iter().map(|update| update.as_ref().len()).sum());
    merge_structs(&mut sources, |item| {
        keys |= item.parent_sub.is_some();
        writer.push(item);
    })?;

    let mut deletes = IdSetBuilder::default();
    for source in sources {
        let mut rest = source.structs.rest()?;
        deletes.read(&mut rest)?;
        rest.finish()?;
    }
    let deletes = deletes.finish();
    let mut update = writer.finish();
    deletes.write(&mut update);
    Ok(Merged {
        update: Cow::Owned(update),
        deletes,
        keys,
    })
}

/// One update on its way through a merge.
struct Source<'a> {
    structs: Structs<'a>,
    current: Option<Struct<'a>>,
}

impl<'a> Source<'a> {
    fn new(update: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let mut source = Self {
            structs: Structs::new(update, limits)?,
            current: None,
        };
        source.advance()?;
        Ok(source)
    }

    fn advance(&mut self) -> Result<(), Error> {
        loop {
            self.current = self.structs.next()?;
            if !self.current.is_some_and(|item| item.is_skip()) {
                return Ok(());
            }
        }
    }
}

/// Where a source stands in the queue. The greatest is next: higher clients first, then lower clocks, then lower turns.
#[derive(PartialEq, Eq)]
struct Turn {
    client: ClientId,
    clock: u64,
    turn: i64,
    source: usize,
}

impl Ord for Turn {
    fn cmp(&self, other: &Self) -> Ordering {
        self.client
            .cmp(&other.client)
            .then(other.clock.cmp(&self.clock))
            .then(other.turn.cmp(&self.turn))
    }
}

impl PartialOrd for Turn {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Hands out the merged structs in the order of the output.
fn merge_structs<'a>(
    sources: &mut [Source<'a>],
    mut emit: impl FnMut(&Struct<'a>),
) -> Result<(), Error> {
    let turn_of = |source: &Source<'_>, turn, index| {
        source.current.map(|item| Turn {
            client: item.client,
            clock: item.clock,
            turn,
            source: index,
        })
    };
    let mut queue: BinaryHeap<Turn> = sources
        .iter()
        .enumerate()
        .filter_map(|(index, source)| turn_of(source, index as i64, index))
        .collect();
    let mut turns = 0;
    let mut held: Option<Struct<'a>> = None;
    while let Some(mut top) = queue.peek_mut() {
        let index = top.source;
        step(&mut sources[index], &mut held, &mut emit)?;
        turns -= 1;
        match turn_of(&sources[index], turns, index) {
            Some(turn) => *top = turn,
            None => drop(std::collections::binary_heap::PeekMut::pop(top)),
        }
    }
    if let Some(last) = held {
        emit(&last);
    }
    Ok(())
}

/// Takes from one source what comes next in the output, and what follows it without a break.
fn step<'a>(
    source: &mut Source<'a>,
    held: &mut Option<Struct<'a>>,
    emit: &mut impl FnMut(&Struct<'a>),
) -> Result<(), Error> {
    let Some(first) = source.current else {
        return Ok(());
    };
    let client = first.client;
    let mut last = match *held {
        None => {
            source.advance()?;
            first
        }
        Some(mut last) => {
            // Step over what is written already.
            let mut stepped = false;
            while let Some(item) = source.current {
                if item.client < last.client || item.end() > last.end() {
                    break;
                }
                source.advance()?;
                stepped = true;
            }
            let Some(mut item) = source.current else {
                return Ok(());
            };
            if item.client != client || (stepped && item.clock > last.end()) {
                return Ok(());
            }
            if item.client != last.client {
                emit(&last);
                source.advance()?;
                item
            } else if last.end() < item.clock {
                emit(&last);
                let hole = Struct {
                    clock: last.end(),
                    len: item.clock - last.end(),
                    origin: None,
                    right_origin: None,
                    parent: None,
                    parent_sub: None,
                    content: Content::Skip,
                    client,
                };
                // What comes after the hole is taken from this source below.
                hole
            } else {
                let overlap = last.end() - item.clock;
                if overlap > 0 {
                    item = item.skip(overlap);
                }
                if last.is_gc() && item.is_gc() {
                    last.len += item.len;
                    last
                } else {
                    emit(&last);
                    source.advance()?;
                    item
                }
            }
        }
    };
    while let Some(item) = source.current {
        if item.client != client || item.clock != last.end() {
            break;
        }
        emit(&last);
        last = item;
        source.advance()?;
    }
    *held = Some(last);
    Ok(())
}
