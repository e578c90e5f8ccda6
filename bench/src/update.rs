//! Yjs v1 updates, made and counted by hand: no document lives in the generator.
//!
//! A writer is a [`Chain`]: it types into a paragraph of its own at the root `description`, one character after the
//! other, as a person in our editor does. Clock 0 is the paragraph, clock 1 its text, every later clock one character,
//! which follows from the clock. So any part of a chain can be made again from two numbers, and any receiver can check it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::wire::{Cursor, put_bytes, put_var};

/// The first clock of a chain that is a typed character.
pub(crate) const FIRST_EDIT: u64 = 2;

/// The update that holds nothing.
pub(crate) const EMPTY: [u8; 2] = [0, 0];

/// One writer's text.
pub(crate) struct Chain {
    pub(crate) client: u64,
    next: AtomicU64,
}

impl Chain {
    pub(crate) fn new(client: u64) -> Self {
        Self {
            client,
            next: AtomicU64::new(0),
        }
    }

    /// The clock of the next edit.
    pub(crate) fn next(&self) -> u64 {
        self.next.load(Ordering::Acquire)
    }

    /// Makes the paragraph; the first thing that a chain writes.
    pub(crate) fn begin(&self) -> Vec<u8> {
        self.next.fetch_max(FIRST_EDIT, Ordering::AcqRel);
        range(self.client, 0, FIRST_EDIT)
    }

    /// Types one character. Only one task may write a chain.
    pub(crate) fn type_one(&self) -> Vec<u8> {
        let clock = self.next.fetch_add(1, Ordering::AcqRel);
        range(self.client, clock, clock + 1)
    }

    /// All from `clock` on, as the answer to a sync step 1.
    pub(crate) fn since(&self, clock: u64) -> Vec<u8> {
        range(self.client, clock, self.next())
    }
}

pub(crate) fn character(clock: u64) -> u8 {
    b'a' + (clock % 26) as u8
}

/// The clocks `from..to` of a client's chain as one update.
pub(crate) fn range(client: u64, from: u64, to: u64) -> Vec<u8> {
    if from >= to {
        return EMPTY.to_vec();
    }
    let structs =
        u64::from(from == 0) + u64::from(from <= 1 && to > 1) + u64::from(to > FIRST_EDIT);
    let mut out = Vec::with_capacity(24 + (to - from) as usize);
    for value in [1, structs, client, from] {
        put_var(&mut out, value);
    }
    if from == 0 {
        out.extend_from_slice(&[7, 1]);
        put_bytes(&mut out, b"description");
        out.push(3);
        put_bytes(&mut out, b"paragraph");
    }
    if from <= 1 && to > 1 {
        out.extend_from_slice(&[7, 0]);
        put_var(&mut out, client);
        out.extend_from_slice(&[0, 6]);
    }
    if to > FIRST_EDIT {
        let first = from.max(FIRST_EDIT);
        if first == FIRST_EDIT {
            out.extend_from_slice(&[4, 0]);
            put_var(&mut out, client);
            put_var(&mut out, 1);
        } else {
            out.push(0x84);
            put_var(&mut out, client);
            put_var(&mut out, first - 1);
        }
        put_var(&mut out, to - first);
        out.extend((first..to).map(character));
    }
    out.push(0);
    out
}

pub(crate) enum Content<'a> {
    Text(&'a str),
    /// Deleted, or collected.
    Gone,
    Other,
}

/// What [`scan`] reports of an update.
pub(crate) trait Visit {
    /// `len` clocks of `client` from `clock` on.
    fn insert(&mut self, client: u64, clock: u64, len: u64, content: Content<'_>);
    fn delete(&mut self, _client: u64, _clock: u64, _len: u64) {}
}

/// Reads an update without integrating it. `None`: it is not a well-formed v1 update.
pub(crate) fn scan(update: &[u8], visit: &mut impl Visit) -> Option<()> {
    let mut at = Cursor::new(update);
    for _ in 0..at.var()? {
        let structs = at.var()?;
        let client = at.var()?;
        let mut clock = at.var()?;
        for _ in 0..structs {
            clock = clock.checked_add(scan_struct(&mut at, client, clock, visit)?)?;
        }
    }
    for _ in 0..at.var()? {
        let client = at.var()?;
        for _ in 0..at.var()? {
            let (clock, len) = (at.var()?, at.var()?);
            visit.delete(client, clock, len);
        }
    }
    at.is_empty().then_some(())
}

fn scan_struct(
    at: &mut Cursor<'_>,
    client: u64,
    clock: u64,
    visit: &mut impl Visit,
) -> Option<u64> {
    let info = at.byte()?;
    match info & 31 {
        0 => {
            let len = at.var()?;
            visit.insert(client, clock, len, Content::Gone);
            return Some(len);
        }
        10 => return at.var(),
        _ => {}
    }
    for bit in [0x80, 0x40] {
        if info & bit != 0 {
            at.var()?;
            at.var()?;
        }
    }
    if info & 0xc0 == 0 {
        if at.var()? == 1 {
            at.bytes()?;
        } else {
            at.var()?;
            at.var()?;
        }
        if info & 0x20 != 0 {
            at.bytes()?;
        }
    }
    let (len, content) = match info & 31 {
        1 => (at.var()?, Content::Gone),
        2 => {
            let count = at.var()?;
            for _ in 0..count {
                at.bytes()?;
            }
            (count, Content::Other)
        }
        3 | 5 => {
            at.bytes()?;
            (1, Content::Other)
        }
        4 => {
            let text = at.str()?;
            let len = if text.is_ascii() {
                text.len()
            } else {
                text.encode_utf16().count()
            };
            (len as u64, Content::Text(text))
        }
        6 => {
            at.bytes()?;
            at.bytes()?;
            (1, Content::Other)
        }
        7 => {
            if matches!(at.var()?, 3 | 5) {
                at.bytes()?;
            }
            (1, Content::Other)
        }
        8 => {
            let count = at.var()?;
            for _ in 0..count {
                skip_any(at)?;
            }
            (count, Content::Other)
        }
        9 => {
            at.bytes()?;
            skip_any(at)?;
            (1, Content::Other)
        }
        _ => return None,
    };
    visit.insert(client, clock, len, content);
    Some(len)
}

/// Skips one value of any depth: a list of what is still to come, instead of recursion.
fn skip_any(at: &mut Cursor<'_>) -> Option<()> {
    let mut open: Vec<(u64, bool)> = vec![(1, false)];
    while let Some((left, keyed)) = open.last_mut() {
        if *left == 0 {
            open.pop();
            continue;
        }
        *left -= 1;
        if *keyed {
            at.bytes()?;
        }
        match at.byte()? {
            127 | 126 | 121 | 120 => {}
            125 => at.skip_signed()?,
            124 => drop(at.take(4)?),
            123 | 122 => drop(at.take(8)?),
            119 | 116 => drop(at.bytes()?),
            118 => open.push((at.var()?, true)),
            117 => open.push((at.var()?, false)),
            _ => return None,
        }
    }
    Some(())
}

/// Sums an update up.
#[derive(Default)]
pub(crate) struct Summary {
    /// Count this client only.
    pub(crate) only: Option<u64>,
    pub(crate) clocks: u64,
    pub(crate) deleted: u64,
}

impl Visit for Summary {
    fn insert(&mut self, client: u64, _clock: u64, len: u64, _content: Content<'_>) {
        if self.only.is_none_or(|only| only == client) {
            self.clocks += len;
        }
    }

    fn delete(&mut self, client: u64, _clock: u64, len: u64) {
        if self.only.is_none_or(|only| only == client) {
            self.deleted += len;
        }
    }
}

/// Sets of (client, clock), for comparing what several clients hold.
#[derive(Default, Clone, PartialEq, Eq, Debug)]
pub(crate) struct Ranges(std::collections::BTreeMap<u64, std::collections::BTreeMap<u64, u64>>);

impl Ranges {
    pub(crate) fn add(&mut self, client: u64, mut from: u64, len: u64) {
        if len == 0 {
            return;
        }
        let mut to = from.saturating_add(len);
        let ranges = self.0.entry(client).or_default();
        if let Some((&start, &end)) = ranges.range(..=from).next_back()
            && end >= from
        {
            if end >= to {
                return;
            }
            from = start;
        }
        while let Some((&start, &end)) = ranges.range(from..=to).next() {
            to = to.max(end);
            ranges.remove(&start);
        }
        ranges.insert(from, to);
    }

    /// The end of the range that starts at 0.
    pub(crate) fn reach(&self, client: u64) -> u64 {
        self.0
            .get(&client)
            .and_then(|ranges| ranges.get(&0))
            .copied()
            .unwrap_or(0)
    }

    /// Whether a client's clocks are there from the first to the last, or not at all.
    pub(crate) fn is_whole(&self, client: u64) -> bool {
        self.0
            .get(&client)
            .is_none_or(|ranges| ranges.len() == 1 && ranges.contains_key(&0))
    }

    pub(crate) fn total(&self) -> u64 {
        self.0
            .values()
            .flat_map(|ranges| ranges.iter())
            .map(|(from, to)| to - from)
            .sum()
    }
}

/// What a client holds: the ids inserted and the ids deleted.
#[derive(Default, Clone, PartialEq, Eq, Debug)]
pub(crate) struct Held {
    pub(crate) inserts: Ranges,
    pub(crate) deletes: Ranges,
}

impl Visit for Held {
    fn insert(&mut self, client: u64, clock: u64, len: u64, content: Content<'_>) {
        self.inserts.add(client, clock, len);
        if matches!(content, Content::Gone) {
            self.deletes.add(client, clock, len);
        }
    }

    fn delete(&mut self, client: u64, clock: u64, len: u64) {
        self.deletes.add(client, clock, len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_of_a_chain_is_one_update() {
        let mut whole = Held::default();
        scan(&range(7, 0, 40), &mut whole).unwrap();
        for cut in 0..=40 {
            let mut held = Held::default();
            scan(&range(7, 0, cut), &mut held).unwrap();
            scan(&range(7, cut, 40), &mut held).unwrap();
            assert_eq!(held, whole);
            assert_eq!(held.inserts.reach(7), 40);
        }
    }

    #[test]
    fn a_cut_update_is_not_one() {
        let update = range(1 << 40, 0, 9);
        for len in 0..update.len() {
            assert!(scan(&update[..len], &mut Summary::default()).is_none());
        }
        let mut summary = Summary::default();
        scan(&update, &mut summary).unwrap();
        assert_eq!(summary.clocks, 9);
    }

    #[test]
    fn ranges_join() {
        let mut ranges = Ranges::default();
        for (from, len) in [(5, 2), (0, 2), (9, 1), (2, 3), (7, 2)] {
            ranges.add(1, from, len);
        }
        assert_eq!(ranges.reach(1), 10);
        assert_eq!(ranges.total(), 10);
    }
}
