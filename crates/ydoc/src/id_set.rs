//! Sets of ids, as ranges. Yjs' delete set is one.

use smallvec::SmallVec;

use crate::{
    ClientId, Error, Limits,
    limits::within,
    read::{MAX_SAFE, Reader},
    write::var_uint,
};

/// Start and end (exclusive), ascending, neither overlapping nor touching.
type Ranges = SmallVec<[(u64, u64); 1]>;

/// Ids of units of content: for each client, disjoint ranges of clocks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdSet {
    /// Ascending by client; none is empty.
    clients: Vec<(ClientId, Ranges)>,
}

impl IdSet {
    /// The empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// How many ranges it has.
    #[must_use]
    pub fn ranges_len(&self) -> usize {
        self.clients.iter().map(|(_, ranges)| ranges.len()).sum()
    }

    /// Adds the clocks from `start` up to, not including, `end`.
    pub fn insert(&mut self, client: ClientId, start: u64, end: u64) {
        if start >= end {
            return;
        }
        match self.find(client) {
            Ok(at) => insert(&mut self.clients[at].1, start, end),
            Err(at) => self
                .clients
                .insert(at, (client, Ranges::from_slice(&[(start, end)]))),
        }
    }

    /// Whether one unit is in it.
    #[must_use]
    pub fn contains(&self, client: ClientId, clock: u64) -> bool {
        self.ranges(client)
            .get(first_ending_after(self.ranges(client), clock))
            .is_some_and(|&(start, _)| start <= clock)
    }

    /// The clients, ascending.
    pub fn clients(&self) -> impl Iterator<Item = ClientId> + '_ {
        self.clients.iter().map(|&(client, _)| client)
    }

    /// A client's ranges, ascending: start and end (exclusive).
    #[must_use]
    pub fn ranges(&self, client: ClientId) -> &[(u64, u64)] {
        self.find(client).map_or(&[], |at| &self.clients[at].1)
    }

    /// All ranges, by client and clock.
    pub fn iter(&self) -> impl Iterator<Item = (ClientId, std::ops::Range<u64>)> + '_ {
        self.clients
            .iter()
            .flat_map(|(client, ranges)| ranges.iter().map(|&(start, end)| (*client, start..end)))
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Self {
        let mut rest = Self::new();
        for (client, ranges) in &self.clients {
            let holes = other.ranges(*client);
            let mut left = Ranges::new();
            for &(mut start, end) in ranges {
                let mut at = first_ending_after(holes, start);
                while start < end {
                    match holes.get(at) {
                        Some(&(from, to)) if from < end => {
                            if start < from {
                                left.push((start, from));
                            }
                            start = to;
                            at += 1;
                        }
                        _ => {
                            left.push((start, end));
                            break;
                        }
                    }
                }
            }
            if !left.is_empty() {
                rest.clients.push((*client, left));
            }
        }
        rest
    }

    /// Adds everything that is in the other set.
    pub fn union(&mut self, other: &Self) {
        if self.is_empty() {
            self.clone_from(other);
            return;
        }
        // One by one costs a move of what follows, so many are sorted in together; here for clients, below for ranges.
        if other.clients.len() > 8 {
            let known = self.clients.len();
            for (client, ranges) in &other.clients {
                match self.clients[..known].binary_search_by_key(client, |&(client, _)| client) {
                    Ok(at) => unite(&mut self.clients[at].1, ranges),
                    Err(_) => self.clients.push((*client, ranges.clone())),
                }
            }
            self.clients.sort_unstable_by_key(|&(client, _)| client);
            return;
        }
        for (client, ranges) in &other.clients {
            match self.find(*client) {
                Ok(at) => unite(&mut self.clients[at].1, ranges),
                Err(at) => self.clients.insert(at, (*client, ranges.clone())),
            }
        }
    }

    /// Decodes a delete set that fills the input.
    ///
    /// # Errors
    /// When the bytes are not one, or are over the update's limit.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        within("the delete set", bytes.len(), limits.update_bytes)?;
        let mut reader = Reader::new(bytes);
        let set = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(set)
    }

    /// Reads a delete set. Clients and ranges may come in any order, and more than once.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let mut builder = IdSetBuilder::default();
        builder.read(reader)?;
        Ok(builder.finish())
    }

    /// Encodes it as Yjs does a delete set: clients descending.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        var_uint(out, self.clients.len() as u64);
        for (client, ranges) in self.clients.iter().rev() {
            var_uint(out, *client);
            var_uint(out, ranges.len() as u64);
            for &(start, end) in ranges {
                var_uint(out, start);
                var_uint(out, end - start);
            }
        }
    }

    fn find(&self, client: ClientId) -> Result<usize, usize> {
        match self.clients.last() {
            Some(&(last, _)) if last < client => Err(self.clients.len()),
            _ => self
                .clients
                .binary_search_by_key(&client, |&(client, _)| client),
        }
    }
}

/// Collects ranges in any order at the price of one sort.
#[derive(Debug, Default)]
pub(crate) struct IdSetBuilder {
    ranges: Vec<(ClientId, u64, u64)>,
}

impl IdSetBuilder {
    pub(crate) fn insert(&mut self, client: ClientId, start: u64, end: u64) {
        match self.ranges.last_mut() {
            Some(last) if last.0 == client && last.2 == start => last.2 = end,
            _ => self.ranges.push((client, start, end)),
        }
    }

    pub(crate) fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        for _ in 0..reader.count(2)? {
            let client = reader.var_uint()?;
            for _ in 0..reader.count(2)? {
                let start = reader.var_uint()?;
                let end = start + reader.var_uint()?;
                if end > MAX_SAFE {
                    return Err(Error::BadNumber);
                }
                if start < end {
                    self.insert(client, start, end);
                }
            }
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> IdSet {
        if !self.ranges.is_sorted() {
            self.ranges.sort_unstable();
        }
        let mut set = IdSet::new();
        for (client, start, end) in self.ranges {
            match set.clients.last_mut() {
                Some((last, ranges)) if *last == client => match ranges.last_mut() {
                    Some(range) if start <= range.1 => range.1 = range.1.max(end),
                    _ => ranges.push((start, end)),
                },
                _ => set
                    .clients
                    .push((client, Ranges::from_slice(&[(start, end)]))),
            }
        }
        set
    }
}

fn first_ending_after(ranges: &[(u64, u64)], clock: u64) -> usize {
    match ranges.last() {
        Some(&(_, end)) if end > clock => ranges.partition_point(|&(_, end)| end <= clock),
        _ => ranges.len(),
    }
}

fn insert(ranges: &mut Ranges, start: u64, end: u64) {
    match ranges.last_mut() {
        Some(last) if last.1 < start => return ranges.push((start, end)),
        Some(last) if last.0 <= start => return last.1 = last.1.max(end),
        _ => {}
    }
    // Everything that overlaps or touches becomes one.
    let from = ranges.partition_point(|range| range.1 < start);
    let to = from + ranges[from..].partition_point(|range| range.0 <= end);
    if from == to {
        ranges.insert(from, (start, end));
    } else {
        ranges[from] = (ranges[from].0.min(start), ranges[to - 1].1.max(end));
        ranges.drain(from + 1..to);
    }
}

fn unite(own: &mut Ranges, ranges: &[(u64, u64)]) {
    if ranges.len() > 8 + own.len() / 16 {
        own.extend_from_slice(ranges);
        normalize(own);
    } else {
        for &(start, end) in ranges {
            insert(own, start, end);
        }
    }
}

fn normalize(ranges: &mut Ranges) {
    ranges.sort_unstable();
    ranges.dedup_by(|next, kept| {
        let joined = next.0 <= kept.1;
        if joined {
            kept.1 = kept.1.max(next.1);
        }
        joined
    });
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    type Spans = Vec<(u64, u64, u64)>;

    fn spans() -> impl Strategy<Value = Spans> {
        prop::collection::vec((0u64..12, 0u64..40, 0u64..6), 0..60)
    }

    fn build(spans: &Spans) -> (IdSet, BTreeSet<(u64, u64)>) {
        let mut set = IdSet::new();
        let mut model = BTreeSet::new();
        for &(client, start, len) in spans {
            set.insert(client, start, start + len);
            model.extend((start..start + len).map(|clock| (client, clock)));
        }
        (set, model)
    }

    fn ids(set: &IdSet) -> BTreeSet<(u64, u64)> {
        set.iter()
            .flat_map(|(client, range)| range.map(move |clock| (client, clock)))
            .collect()
    }

    proptest! {
        #[test]
        fn behaves_as_a_set_of_ids(left in spans(), right in spans()) {
            let (a, a_model) = build(&left);
            let (b, b_model) = build(&right);
            prop_assert_eq!(ids(&a), a_model.clone());
            prop_assert_eq!(ids(&a.subtract(&b)), a_model.difference(&b_model).copied().collect::<BTreeSet<_>>());
            let mut union = a.clone();
            union.union(&b);
            prop_assert_eq!(ids(&union), a_model.union(&b_model).copied().collect::<BTreeSet<_>>());
            for client in 0..12 {
                for clock in 0..50 {
                    prop_assert_eq!(a.contains(client, clock), a_model.contains(&(client, clock)));
                }
                prop_assert!(union.ranges(client).windows(2).all(|pair| pair[0].1 < pair[1].0));
            }
            prop_assert_eq!(IdSet::decode(&union.encode(), &Limits::default()), Ok(union.clone()));
            // Any order, any overlap.
            let mut builder = IdSetBuilder::default();
            for &(client, start, len) in left.iter().chain(&right) {
                if len > 0 {
                    builder.insert(client, start, start + len);
                }
            }
            prop_assert_eq!(builder.finish(), union);
        }
    }
}
