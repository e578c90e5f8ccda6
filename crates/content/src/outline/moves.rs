//! What to write so that an item stands where somebody put it.

use std::collections::HashSet;

use model::ItemId;
use serde::{Deserialize, Serialize};

use super::{Placement, Row, Tree};
use crate::rank;

/// A place among the children of a parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spot {
    /// Before all others.
    First,
    /// Behind all others.
    Last,
    /// Right before this one.
    Before(ItemId),
    /// Right behind this one.
    After(ItemId),
}

/// Why an item can't be put there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum MoveError {
    /// The parent is the item itself or stands below it.
    #[error("an item can't be moved into itself")]
    IntoItself,
    /// The item is not in the tree.
    #[error("no such item")]
    UnknownItem,
    /// The parent is not in the tree.
    #[error("no such parent")]
    UnknownParent,
    /// The item of `Before` or `After` doesn't stand under the parent.
    #[error("the neighbour does not stand under that parent")]
    NotASibling,
}

/// Above this length of a rank, in bytes, all siblings get short ones.
const LONG_RANK: usize = 100;

/// What to write to move `id`: itself first, then those whose place must be written with it.
///
/// - Siblings, when ranks beside the new place are equal or invalid: the shortest row of them.
/// - The item at the root of its tree, when that was lifted out of a cycle: moving one of the
///   cycle would otherwise take that item along.
///
/// `After(id)` and `Before(id)` name a place beside the item itself: it stays.
///
/// # Errors
/// See [`MoveError`].
pub fn plan_move(
    tree: &Tree,
    id: ItemId,
    parent: Option<ItemId>,
    spot: Spot,
) -> Result<Vec<Placement>, MoveError> {
    plan_moves(tree, &[id], parent, spot)
}

/// What to write to move several at once, side by side in the order of the tree. One that stands below
/// another of them goes along with it. A neighbour that is one of them is the place where it stands.
///
/// # Errors
/// See [`MoveError`].
pub fn plan_moves(
    tree: &Tree,
    ids: &[ItemId],
    parent: Option<ItemId>,
    spot: Spot,
) -> Result<Vec<Placement>, MoveError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut moved = Vec::with_capacity(ids.len());
    for id in tops(tree, ids)? {
        if parent.is_some_and(|parent| tree.is_within(parent, id)) {
            return Err(MoveError::IntoItself);
        }
        moved.extend(tree.get(id));
    }
    let what: Vec<(ItemId, &str)> = moved
        .iter()
        .map(|row| (row.id, row.kind.as_str()))
        .collect();
    let mut plan = plan(tree, &what, parent, spot)?;
    for row in moved {
        let top = top(tree, row);
        if top.lifted {
            settle(tree, top, &mut plan);
        }
    }
    Ok(plan)
}

/// Those of `ids` that don't stand below another of them, each once, in the order of the tree.
///
/// # Errors
/// [`MoveError::UnknownItem`].
pub fn tops(tree: &Tree, ids: &[ItemId]) -> Result<Vec<ItemId>, MoveError> {
    let mut places = ids
        .iter()
        .map(|&id| tree.position(id).ok_or(MoveError::UnknownItem))
        .collect::<Result<Vec<usize>, _>>()?;
    places.sort_unstable();
    let mut out = Vec::with_capacity(places.len());
    let mut covered = 0;
    for place in places {
        if place >= covered {
            let id = tree.rows[place].id;
            covered = place + tree.subtree(id).len();
            out.push(id);
        }
    }
    Ok(out)
}

/// What to write to place an item that is not in the tree yet. Items whose stored parent it is
/// stand below it from then on; only the one at the root above its new place is kept there.
///
/// # Errors
/// See [`MoveError`].
pub fn plan_insert(
    tree: &Tree,
    id: ItemId,
    kind: &str,
    parent: Option<ItemId>,
    spot: Spot,
) -> Result<Vec<Placement>, MoveError> {
    if tree.get(id).is_some() {
        return plan_move(tree, id, parent, spot);
    }
    let mut plan = plan(tree, &[(id, kind)], parent, spot)?;
    if let Some(row) = parent.and_then(|parent| tree.get(parent)) {
        let top = top(tree, row);
        if top.stored_parent == Some(id) {
            settle(tree, top, &mut plan);
        }
    }
    Ok(plan)
}

/// Has a row of the root stored as one, unless the plan does already.
fn settle(tree: &Tree, row: &Row, plan: &mut Vec<Placement>) {
    if plan.iter().all(|placement| placement.id != row.id) {
        plan.push(Placement {
            id: row.id,
            kind: row.kind.clone(),
            parent: None,
            rank: rank_at_root(tree, row, plan),
        });
    }
}

/// The rank of a root row, or one before all others when it has none that is valid.
fn rank_at_root(tree: &Tree, row: &Row, plan: &[Placement]) -> String {
    if rank::is_valid(&row.rank) {
        return row.rank.clone();
    }
    let rows = tree.children(None).map(|row| row.rank.as_str());
    let planned = plan.iter().filter(|placement| placement.parent.is_none());
    let smallest = rows
        .chain(planned.map(|placement| placement.rank.as_str()))
        .filter(|rank| rank::is_valid(rank))
        .min();
    super::rank_between(None, smallest)
}

/// The root of the tree that `row` stands in.
fn top<'a>(tree: &'a Tree, row: &'a Row) -> &'a Row {
    let mut top = row;
    while let Some(up) = top.parent.and_then(|id| tree.get(id)) {
        top = up;
    }
    top
}

/// Places `moved` side by side, in this order.
fn plan(
    tree: &Tree,
    moved: &[(ItemId, &str)],
    parent: Option<ItemId>,
    spot: Spot,
) -> Result<Vec<Placement>, MoveError> {
    if parent.is_some_and(|parent| tree.get(parent).is_none()) {
        return Err(MoveError::UnknownParent);
    }
    let ids: HashSet<ItemId> = moved.iter().map(|(id, _)| *id).collect();
    let all: Vec<&Row> = tree.children(parent).collect();
    let stays = |row: &&&Row| !ids.contains(&row.id);
    let siblings: Vec<&Row> = all.iter().filter(stays).copied().collect();
    let beside = |other: ItemId, behind: usize| {
        let own = all.iter().position(|row| row.id == other);
        let own = own.ok_or(MoveError::NotASibling)?;
        let before = all[..own].iter().filter(stays).count();
        Ok(before + if ids.contains(&other) { 0 } else { behind })
    };
    let at = match spot {
        Spot::First => 0,
        Spot::Last => siblings.len(),
        Spot::Before(other) => beside(other, 0)?,
        Spot::After(other) => beside(other, 1)?,
    };

    let (mut from, mut to) = window(&siblings, at);
    let bound = |i: Option<usize>| i.and_then(|i| siblings.get(i)).map(|row| row.rank.as_str());
    let lower = bound(from.checked_sub(1));
    let mut ranks = ranks(lower, bound(Some(to)), to - from + moved.len());
    if ranks.iter().any(|rank| rank.len() > LONG_RANK) {
        (from, to) = (0, siblings.len());
        ranks = self::ranks(None, None, to + moved.len());
    }

    let before = at - from;
    let own: Vec<String> = ranks.splice(before..before + moved.len(), []).collect();
    let place = |id: ItemId, kind: &str, rank: String| Placement {
        id,
        kind: kind.to_owned(),
        parent,
        rank,
    };
    let others = siblings[from..to].iter();
    let moved = moved.iter().zip(own);
    let mut plan: Vec<Placement> = moved
        .map(|((id, kind), rank)| place(*id, kind, rank))
        .collect();
    plan.extend(
        others
            .zip(ranks)
            .map(|(row, rank)| place(row.id, &row.kind, rank)),
    );
    Ok(plan)
}

/// The bounds are valid and in order by the choice of the window.
fn ranks(a: Option<&str>, b: Option<&str>, n: usize) -> Vec<String> {
    rank::try_n_between(a, b, n)
        .or_else(|| rank::try_n_between(None, None, n))
        .unwrap_or_default()
}

/// The shortest row `from..to` of siblings around the gap `at` that needs new ranks, so that what
/// stands on either side is valid and in order: empty when the neighbours are. Of two of one
/// length, the one that starts later.
fn window(siblings: &[&Row], at: usize) -> (usize, usize) {
    let end = siblings.len();
    let valid = |i: usize| rank::is_valid(&siblings[i].rank);
    // The next valid one from each place on.
    let mut next_valid = vec![end; end + 1];
    for i in (at..end).rev() {
        next_valid[i] = if valid(i) { i } else { next_valid[i + 1] };
    }
    let mut best = (0, end);
    for from in (0..=at).rev() {
        // No window from here on is shorter than its way to the gap.
        if at - from >= best.1 - best.0 {
            break;
        }
        let to = match from.checked_sub(1) {
            None => next_valid[at],
            Some(left) if valid(left) => {
                let left = &siblings[left].rank;
                // Siblings are in the order of their ranks.
                next_valid[at + siblings[at..].partition_point(|row| row.rank <= *left)]
            }
            Some(_) => continue,
        };
        if to - from < best.1 - best.0 {
            best = (from, to);
        }
    }
    best
}
