//! A project's outline: which item stands where.
//!
//! The document is one map, `nodes`: id -> `{kind, parent, rank}`. It only places; existence is
//! rows. [`project`] reads it as it is, [`resolve`] makes the tree that everybody shows,
//! [`plan_move`] and [`plan_insert`] say what to write, [`place`] writes it.

mod document;
mod moves;
mod resolve;

use model::ItemId;
use serde::{Deserialize, Serialize};

pub(crate) use document::set;
pub use document::{Outline, place, project};
pub use moves::{MoveError, Spot, plan_insert, plan_move, plan_moves, tops};
pub use resolve::{Row, Tree, resolve};

use crate::rank;

/// Where an item stands, as stored: the parent may be gone, or below the item itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// What is placed. A diagram has its id here too.
    pub id: ItemId,
    /// `item` or `diagram`; any word up to [`MAX_KIND`] bytes is kept.
    pub kind: String,
    /// The id it stands under; `None` is the root.
    pub parent: Option<ItemId>,
    /// Its place among its siblings. Empty when there is none.
    pub rank: String,
}

/// A place to write: a [`Node`] as it shall be stored.
pub type Placement = Node;

/// The kind of a work item.
pub const KIND_ITEM: &str = "item";

/// The longest kind that is read, in bytes.
pub const MAX_KIND: usize = 64;

/// The longest rank that is read, in bytes. A longer one counts as none.
pub const MAX_STORED_RANK: usize = 1024;

/// A rank after `a` and before `b`, as npm `fractional-indexing` 4.0.0 makes it.
///
/// Total: an invalid bound counts as the end of the list, and of bounds that are not in order the
/// lower alone counts. Where that matters, use [`rank::try_between`] or plan the move.
pub fn rank_between(a: Option<&str>, b: Option<&str>) -> String {
    let (a, b) = (
        a.filter(|rank| rank::is_valid(rank)),
        b.filter(|rank| rank::is_valid(rank)),
    );
    rank::try_between(a, b)
        .or_else(|| rank::try_between(a.min(b), None))
        .unwrap_or_else(|| "a0".into())
}
