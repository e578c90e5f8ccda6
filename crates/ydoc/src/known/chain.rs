//! The values of one key. Each names the one that it replaces as its origin, so they form a tree; of values that replace the
//! same one, Yjs puts those of higher clients to the right, and the rightmost value of all is the one that counts.

use super::List;
use crate::{
    content::{Content, Id},
    structs::Struct,
};

/// The way from the first value to the one that counts: each unit's origin is the one before.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    /// Neighbouring units of one client, with the rank of the first. Ascending by rank.
    runs: Vec<(u64, Id)>,
    /// The number of units.
    len: u64,
    /// A value was not inserted at the end, as Yjs always does: the order is not worked out here then.
    odd: bool,
}

/// A value to be added.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) list: List,
    rank: u32,
    id: Id,
    len: u64,
    origin: Option<Id>,
    odd: bool,
}

impl Link {
    pub(super) fn new(list: List, rank: u32, item: &Struct<'_>) -> Self {
        Self {
            list,
            rank,
            id: Id {
                client: item.client,
                clock: item.clock,
            },
            len: item.len,
            origin: item.origin,
            odd: item.right_origin.is_some()
                || rank == u32::MAX
                || (item.len > 1 && !matches!(item.content, Content::Deleted)),
        }
    }
}

impl Chain {
    pub(super) fn add(&mut self, link: &Link) {
        self.odd |= link.odd;
        if self.odd {
            self.runs = Vec::new();
            return;
        }
        let rank = u64::from(link.rank);
        // A value that replaces one which does not count, does not count either.
        if rank > self.len || (rank > 0 && self.at(rank - 1) != link.origin) {
            return;
        }
        if let Some(rival) = self.at(rank) {
            if rival.client >= link.id.client {
                return;
            }
            self.truncate(rank);
        }
        let joins = self.runs.last().is_some_and(|&(start, first)| {
            first.client == link.id.client && first.clock + (rank - start) == link.id.clock
        });
        if !joins {
            self.runs.push((rank, link.id));
        }
        self.len = rank + link.len;
    }

    /// The one value that counts; `None` when that is not known.
    pub(super) fn last(&self) -> Option<Id> {
        self.at(self.len.checked_sub(1)?)
    }

    fn at(&self, rank: u64) -> Option<Id> {
        if rank >= self.len {
            return None;
        }
        let at = self
            .runs
            .partition_point(|&(start, _)| start <= rank)
            .checked_sub(1)?;
        let (start, first) = self.runs[at];
        Some(Id {
            client: first.client,
            clock: first.clock + (rank - start),
        })
    }

    fn truncate(&mut self, rank: u64) {
        while self.runs.last().is_some_and(|&(start, _)| start >= rank) {
            self.runs.pop();
        }
        self.len = rank;
    }
}
