//! The outline as a document: read the nodes, write places.

use std::collections::BTreeMap;

use model::ItemId;
use serde::Serialize;
use yrs::{Any, Map, MapPrelim, MapRef, Out, ReadTxn, WriteTxn};

use super::{KIND_ITEM, MAX_KIND, MAX_STORED_RANK, Node, Placement};
use crate::engine;
use crate::error::{Error, Problem, Problems};
use crate::{rank, schema};

/// An outline document as stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Outline {
    /// One per id, by id.
    pub nodes: Vec<Node>,
    /// What was skipped.
    pub problems: Vec<Problem>,
}

/// Reads the nodes as stored. Whatever is not of the schema is skipped or replaced by its default,
/// and reported.
///
/// # Errors
/// When `head` is no update, or the engine fails on it.
pub fn project(head: &[u8]) -> Result<Outline, Error> {
    engine::read(head, |txn| {
        let mut problems = Problems::default();
        let mut nodes = BTreeMap::new();
        if let Some(map) = txn.get_map(schema::NODES) {
            for (key, value) in map.iter(txn) {
                if let Some(node) = read_node(txn, key, value, &mut problems) {
                    nodes.insert(node.id, node);
                }
            }
        }
        Outline {
            nodes: nodes.into_values().collect(),
            problems: sorted(problems),
        }
    })
}

/// Maps iterate in no order; a projection has one.
fn sorted(problems: Problems) -> Vec<Problem> {
    let mut problems = problems.into_vec();
    problems.sort_by(|a, b| (&a.at, a.what).cmp(&(&b.at, b.what)));
    problems
}

fn read_node<T: ReadTxn>(txn: &T, key: &str, value: Out, problems: &mut Problems) -> Option<Node> {
    let at = |field: &str| {
        let key: String = key.chars().take(40).collect();
        format!("{}[{key}]{field}", schema::NODES)
    };
    let Some(id) = canonical_id(key) else {
        problems.add("the key is not a canonical id", || at(""));
        return None;
    };
    let Out::YMap(map) = value else {
        problems.add("not a map", || at(""));
        return None;
    };
    let kind = match map.get(txn, schema::KIND) {
        Some(Out::Any(Any::String(kind))) if kind.len() <= MAX_KIND => kind.as_ref().to_owned(),
        _ => {
            problems.add("no kind", || at(".kind"));
            KIND_ITEM.to_owned()
        }
    };
    let parent = match map.get(txn, schema::PARENT) {
        None | Some(Out::Any(Any::Null | Any::Undefined)) => None,
        Some(Out::Any(Any::String(parent))) if canonical_id(&parent).is_some() => {
            canonical_id(&parent)
        }
        Some(_) => {
            problems.add("not a canonical id", || at(".parent"));
            None
        }
    };
    let rank = match map.get(txn, schema::RANK) {
        Some(Out::Any(Any::String(rank))) if rank.len() <= MAX_STORED_RANK => {
            rank.as_ref().to_owned()
        }
        _ => {
            problems.add("no rank", || at(".rank"));
            String::new()
        }
    };
    Some(Node {
        id,
        kind,
        parent,
        rank,
    })
}

/// An id in the one spelling that counts: lower case, with hyphens. Two spellings would be two
/// entries for one item.
fn canonical_id(text: &str) -> Option<ItemId> {
    let id: ItemId = text.parse().ok()?;
    let mut buffer = uuid::Uuid::encode_buffer();
    (id.0.hyphenated().encode_lower(&mut buffer) == text).then_some(id)
}

/// Places nodes: makes or moves them, in the order given. Gives the update to submit; nothing but
/// what changes is in it.
///
/// # Errors
/// [`Error::Rank`] for a rank that has no place to its sides; else as [`project`].
pub fn place(head: &[u8], client: u64, placements: &[Placement]) -> Result<Vec<u8>, Error> {
    for placement in placements {
        if !rank::is_valid(&placement.rank) {
            return Err(Error::Rank {
                id: placement.id,
                rank: placement.rank.chars().take(40).collect(),
            });
        }
    }
    engine::write(head, client, |txn| {
        let nodes = txn.get_or_insert_map(schema::NODES);
        for placement in placements {
            let key = placement.id.to_string();
            let node = match nodes.get(txn, &key) {
                Some(Out::YMap(node)) => node,
                _ => nodes.insert(txn, key, MapPrelim::default()),
            };
            let parent = placement
                .parent
                .map_or(Any::Null, |id| Any::from(id.to_string()));
            set(txn, &node, schema::KIND, Any::from(placement.kind.as_str()));
            set(txn, &node, schema::PARENT, parent);
            set(txn, &node, schema::RANK, Any::from(placement.rank.as_str()));
        }
        Ok(())
    })
}

/// Sets `key` unless it has the value already.
pub(crate) fn set(txn: &mut yrs::TransactionMut<'_>, map: &MapRef, key: &str, value: Any) {
    let same = match map.get(txn, key) {
        Some(Out::Any(old)) => same(&old, &value),
        _ => false,
    };
    if !same {
        map.insert(txn, key, value);
    }
}

/// Equal as JSON: 1 and 1.0 are one number.
fn same(a: &Any, b: &Any) -> bool {
    let depth = crate::prosemirror::MAX_VALUE_DEPTH;
    let json = |any| crate::prosemirror::json(any, depth);
    a == b || matches!((json(a), json(b)), (Some(a), Some(b)) if a == b)
}
