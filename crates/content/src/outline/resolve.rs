//! From what is stored to the tree that everybody shows: one rule, for every order of arrival.

use std::cmp::Ordering;
use std::collections::HashMap;

use model::ItemId;
use serde::Serialize;

use super::{KIND_ITEM, Node};

/// One row of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What stands here.
    pub id: ItemId,
    /// Its kind; `item` when the outline doesn't have it.
    pub kind: String,
    /// What it stands under; `None` is the root.
    pub parent: Option<ItemId>,
    /// Its parent as stored, shown or not.
    pub stored_parent: Option<ItemId>,
    /// Its rank as stored; empty when the outline doesn't have it.
    pub rank: String,
    /// How many ancestors it has.
    pub depth: usize,
    /// Whether it stands at the root only because its stored parents lead back to itself.
    pub lifted: bool,
}

/// The tree, in the order of display: every row stands behind its parent and its elder siblings'
/// subtrees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// The rows.
    pub rows: Vec<Row>,
    /// Ids of the outline that are not of the project, ascending.
    pub unknown: Vec<ItemId>,
    #[serde(skip)]
    index: HashMap<ItemId, usize>,
}

impl Tree {
    /// The row of an id.
    pub fn get(&self, id: ItemId) -> Option<&Row> {
        self.position(id).map(|at| &self.rows[at])
    }

    /// The place of an id in [`rows`](Self::rows).
    pub fn position(&self, id: ItemId) -> Option<usize> {
        self.index.get(&id).copied()
    }

    /// The rows under `parent` (`None`: at the root), in order.
    pub fn children(&self, parent: Option<ItemId>) -> impl Iterator<Item = &Row> {
        let within = match parent {
            None => &self.rows[..],
            Some(id) => self.subtree(id).get(1..).unwrap_or(&[]),
        };
        within.iter().filter(move |row| row.parent == parent)
    }

    /// The row of `id` and all rows below it; empty when there is no such row.
    pub fn subtree(&self, id: ItemId) -> &[Row] {
        let Some(start) = self.position(id) else {
            return &[];
        };
        let depth = self.rows[start].depth;
        let len = self.rows[start + 1..]
            .iter()
            .take_while(|row| row.depth > depth)
            .count();
        &self.rows[start..=start + len]
    }

    /// Whether `id` is `ancestor` or stands below it.
    pub fn is_within(&self, id: ItemId, ancestor: ItemId) -> bool {
        let mut at = Some(id);
        while let Some(id) = at {
            if id == ancestor {
                return true;
            }
            at = self.get(id).and_then(|row| row.parent);
        }
        false
    }
}

/// Makes the tree of `existing` from the `nodes` of the outline.
///
/// `existing` are the ids to show: the caller leaves out what is deleted. Every one of them is in
/// the tree exactly once, whatever the outline says:
/// 1. A node of an id that is not in `existing` is reported as unknown.
/// 2. An id without a node stands at the root with an empty rank.
/// 3. A node whose parent is not in `existing`, or is itself, stands at the root. So the children
///    of a deleted item stand at the root unless the caller leaves them out too.
/// 4. Where parents make a cycle, its smallest id (the oldest item) is lifted to the root; the
///    others stay attached below it.
/// 5. Siblings are in the order of rank (bytewise), then id.
///
/// The order of the inputs means nothing. A repeated id counts once; of two nodes for one id the
/// smaller (rank, parent) counts. Takes O(n log n), without recursion.
/// `web/src/collab/outline.ts` is the same rule, on the same vectors.
pub fn resolve(nodes: &[Node], existing: &[ItemId]) -> Tree {
    const ROOT: usize = usize::MAX;
    const NEW: u32 = u32::MAX;

    let mut ids = existing.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let place: HashMap<ItemId, usize> = ids.iter().enumerate().map(|(i, &id)| (id, i)).collect();

    let mut stored: Vec<Option<&Node>> = vec![None; ids.len()];
    let mut unknown = Vec::new();
    for node in nodes {
        match place.get(&node.id) {
            Some(&i) => {
                let slot = &mut stored[i];
                if slot.is_none_or(|old| (&node.rank, node.parent) < (&old.rank, old.parent)) {
                    *slot = Some(node);
                }
            }
            None => unknown.push(node.id),
        }
    }
    unknown.sort_unstable();
    unknown.dedup();

    let mut parent: Vec<usize> = stored
        .iter()
        .enumerate()
        .map(|(i, node)| {
            let parent = node.and_then(|node| node.parent);
            let at = parent.and_then(|id| place.get(&id).copied());
            at.filter(|&at| at != i).unwrap_or(ROOT)
        })
        .collect();

    // Each node has one way up. Follow it from every node; a way that meets itself is a cycle.
    let mut lifted = vec![false; ids.len()];
    let mut seen = vec![NEW; ids.len()];
    for start in 0..ids.len() {
        let walk = start as u32;
        let mut at = start;
        while at != ROOT && seen[at] == NEW {
            seen[at] = walk;
            at = parent[at];
        }
        if at == ROOT || seen[at] != walk {
            continue;
        }
        let mut smallest = at;
        let mut next = parent[at];
        while next != at {
            smallest = smallest.min(next);
            next = parent[next];
        }
        parent[smallest] = ROOT;
        lifted[smallest] = true;
    }

    let rank = |i: usize| stored[i].map_or("", |node| node.rank.as_str());
    let mut order: Vec<usize> = (0..ids.len()).collect();
    order.sort_unstable_by(|&a, &b| match rank(a).cmp(rank(b)) {
        Ordering::Equal => a.cmp(&b),
        different => different,
    });
    // Lists of children, linked: filled from the back, each ends up in order.
    let mut first = vec![ROOT; ids.len()];
    let mut next = vec![ROOT; ids.len()];
    let mut first_root = ROOT;
    for &i in order.iter().rev() {
        let head = match parent[i] {
            ROOT => &mut first_root,
            up => &mut first[up],
        };
        next[i] = std::mem::replace(head, i);
    }

    let mut tree = Tree {
        rows: Vec::with_capacity(ids.len()),
        unknown,
        index: HashMap::with_capacity(ids.len()),
    };
    let mut path: Vec<usize> = Vec::new();
    let mut at = first_root;
    loop {
        if at == ROOT {
            let Some(up) = path.pop() else { break };
            at = next[up];
            continue;
        }
        tree.index.insert(ids[at], tree.rows.len());
        tree.rows.push(Row {
            id: ids[at],
            kind: stored[at].map_or(KIND_ITEM, |node| &node.kind).to_owned(),
            parent: path.last().map(|&up| ids[up]),
            stored_parent: stored[at].and_then(|node| node.parent),
            rank: rank(at).to_owned(),
            depth: path.len(),
            lifted: lifted[at],
        });
        path.push(at);
        at = first[at];
    }
    tree
}
