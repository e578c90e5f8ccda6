//! Edits that the server makes for the API: as small as what changes.

use std::sync::Arc;

use model::{ItemType, Priority, Status, UserId};
use yrs::{
    Any, Array, ArrayRef, GetString, Map, MapPrelim, MapRef, Out, ReadTxn, Text, TextPrelim,
    TextRef, TransactionMut, WriteTxn,
};

use super::project::{criterion_id, width};
use super::{MAX_CRITERION_ID, one_line};
use crate::engine;
use crate::error::Error;
use crate::outline::set;
use crate::prosemirror::children;
use crate::schema;

/// What to change in an item. `None` leaves a thing as it is; `Some(None)` takes it away.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ItemPatch {
    /// The new title: written as the smallest change of the text, so that typing merges.
    pub title: Option<String>,
    /// The new type.
    pub item_type: Option<ItemType>,
    /// The new status.
    pub status: Option<Status>,
    /// The new priority.
    pub priority: Option<Priority>,
    /// The new list, as a whole.
    pub assignees: Option<Vec<UserId>>,
    /// The new list, as a whole.
    pub labels: Option<Vec<String>>,
    /// Zero or more.
    pub estimate: Option<Option<f64>>,
    /// `YYYY-MM-DD`.
    pub start: Option<Option<String>>,
    /// `YYYY-MM-DD`.
    pub due: Option<Option<String>>,
    /// Edits of the acceptance criteria, one after the other.
    pub criteria: Vec<CriterionEdit>,
}

/// A place among the acceptance criteria.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// Before all others.
    First,
    /// Behind all others.
    Last,
    /// Right behind the one of this id.
    After(String),
}

/// An edit of one acceptance criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CriterionEdit {
    /// A new one.
    Add {
        /// Unique in the item, 1 to 64 bytes.
        id: String,
        /// What must hold.
        text: String,
        /// Whether it does.
        done: bool,
        /// Where.
        at: Spot,
    },
    /// Another text: written as the smallest change.
    Text {
        /// Which one.
        id: String,
        /// What must hold.
        text: String,
    },
    /// Check or uncheck.
    Check {
        /// Which one.
        id: String,
        /// Whether it holds.
        done: bool,
    },
    /// To another place. Yjs has no move: it is a copy, and typing in the old one at the same
    /// time is lost.
    Move {
        /// Which one.
        id: String,
        /// Where.
        at: Spot,
    },
    /// Away.
    Remove {
        /// Which one.
        id: String,
    },
}

/// The v1 update that makes `patch` of the document `head`, under `client`. Nothing but what
/// changes is in it; when nothing does, it is the empty update.
///
/// # Errors
/// [`Error::UnknownCriterion`], [`Error::CriterionId`]; else when the engine fails on `head`.
pub fn edit(head: &[u8], client: u64, patch: &ItemPatch) -> Result<Vec<u8>, Error> {
    engine::write(head, client, |txn| {
        if let Some(title) = &patch.title {
            let text = txn.get_or_insert_text(schema::TITLE);
            set_text(txn, &text, &one_line(title));
        }
        fields(txn, patch);
        if !patch.criteria.is_empty() {
            let array = txn.get_or_insert_array(schema::CRITERIA);
            for edit in &patch.criteria {
                criterion(txn, &array, edit)?;
            }
        }
        Ok(())
    })
}

fn fields(txn: &mut TransactionMut<'_>, patch: &ItemPatch) {
    let map = txn.get_or_insert_map(schema::FIELDS);
    let mut put = |key: &str, value: Option<Any>| {
        if let Some(value) = value {
            match value {
                Any::Null if !map.contains_key(txn, key) => {}
                Any::Null => drop(map.remove(txn, key)),
                value => set(txn, &map, key, value),
            }
        }
    };
    let word = |word: &'static str| Any::from(word);
    let optional = |text: &Option<String>| text.as_deref().map_or(Any::Null, Any::from);
    put(schema::TYPE, patch.item_type.map(|t| word(t.as_str())));
    put(schema::STATUS, patch.status.map(|s| word(s.as_str())));
    put(schema::PRIORITY, patch.priority.map(|p| word(p.as_str())));
    let ids = patch.assignees.as_ref();
    put(
        schema::ASSIGNEES,
        ids.map(|ids| strings(ids.iter().map(ToString::to_string))),
    );
    let labels = patch.labels.as_ref();
    put(
        schema::LABELS,
        labels.map(|labels| strings(labels.iter().cloned())),
    );
    let estimate = patch.estimate.map(|n| n.filter(|n| n.is_finite()));
    put(
        schema::ESTIMATE,
        estimate.map(|n| n.map_or(Any::Null, Any::from)),
    );
    put(schema::START_DATE, patch.start.as_ref().map(optional));
    put(schema::DUE_DATE, patch.due.as_ref().map(optional));
}

fn strings(list: impl Iterator<Item = String>) -> Any {
    Any::Array(list.map(Any::from).collect::<Arc<[Any]>>())
}

/// Makes `text` read `wanted` by replacing what lies between their common ends.
pub(crate) fn set_text(txn: &mut TransactionMut<'_>, text: &TextRef, wanted: &str) {
    let old = text.get_string(txn);
    let units = |s: &str| s.encode_utf16().count() as u32;
    let len = text.len(txn);
    if len != units(&old) {
        // Something else stands between the characters; offsets of the string mean nothing. A
        // list takes away what a text can't.
        let list = ArrayRef::from(yrs::branch::BranchPtr::from(
            text.as_ref() as &yrs::branch::Branch
        ));
        list.remove_range(txn, 0, len);
        text.insert(txn, 0, wanted);
        return;
    }
    let prefix: usize = old
        .chars()
        .zip(wanted.chars())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum();
    let (old_rest, new_rest) = (&old[prefix..], &wanted[prefix..]);
    let suffix: usize = old_rest
        .chars()
        .rev()
        .zip(new_rest.chars().rev())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum();
    let at = units(&old[..prefix]);
    let gone = units(&old_rest[..old_rest.len() - suffix]);
    if gone > 0 {
        text.remove_range(txn, at, gone);
    }
    text.insert(txn, at, &new_rest[..new_rest.len() - suffix]);
}

/// The criteria with their places in the array.
fn entries<T: ReadTxn>(txn: &T, array: &ArrayRef) -> Result<Vec<(u32, String, MapRef)>, Error> {
    let mut out = Vec::new();
    let mut at = 0;
    for child in children(array.as_ref(), txn) {
        let width = width(&child) as u32;
        if let Out::YMap(map) = child
            && let Some(id) = criterion_id(txn, &map)
        {
            out.push((at, id, map));
        }
        at += width;
    }
    if at != array.len(txn) {
        // Plain values among the maps are not seen here, so the places would be wrong.
        let what = "acceptanceCriteria holds plain values";
        return Err(Error::Malformed(what.into()));
    }
    Ok(out)
}

fn criterion(
    txn: &mut TransactionMut<'_>,
    array: &ArrayRef,
    edit: &CriterionEdit,
) -> Result<(), Error> {
    let entries = entries(txn, array)?;
    let find = |id: &str| {
        let entry = entries.iter().find(|(_, other, _)| other == id);
        entry.ok_or_else(|| Error::UnknownCriterion(id.chars().take(80).collect()))
    };
    let place = |at: &Spot| {
        Ok::<u32, Error>(match at {
            Spot::First => 0,
            Spot::Last => array.len(txn),
            Spot::After(id) => find(id)?.0 + 1,
        })
    };
    match edit {
        CriterionEdit::Add { id, text, done, at } => {
            if id.is_empty() || id.len() > MAX_CRITERION_ID || find(id).is_ok() {
                return Err(Error::CriterionId(id.chars().take(80).collect()));
            }
            let at = place(at)?;
            insert(txn, array, at, id, text, *done);
        }
        CriterionEdit::Text { id, text } => {
            let map = &find(id)?.2;
            match map.get(txn, schema::TEXT) {
                Some(Out::YText(old)) => set_text(txn, &old, text),
                _ => drop(map.insert(txn, schema::TEXT, TextPrelim::new(text.as_str()))),
            }
        }
        CriterionEdit::Check { id, done } => {
            let map = &find(id)?.2;
            set(txn, map, schema::DONE, Any::from(*done));
        }
        CriterionEdit::Move { id, at } => {
            let (from, _, map) = find(id)?;
            let to = place(at)?;
            if to == *from || to == from + 1 {
                return Ok(());
            }
            let text = match map.get(txn, schema::TEXT) {
                Some(Out::YText(text)) => text.get_string(txn),
                Some(Out::Any(Any::String(text))) => text.as_ref().to_owned(),
                _ => String::new(),
            };
            let done = matches!(map.get(txn, schema::DONE), Some(Out::Any(Any::Bool(true))));
            insert(txn, array, to, id, &text, done);
            array.remove(txn, if to <= *from { from + 1 } else { *from });
        }
        CriterionEdit::Remove { id } => {
            find(id)?;
            // All copies that concurrent moves have left, from the back.
            for (at, other, _) in entries.iter().rev() {
                if other == id {
                    array.remove(txn, *at);
                }
            }
        }
    }
    Ok(())
}

fn insert(
    txn: &mut TransactionMut<'_>,
    array: &ArrayRef,
    at: u32,
    id: &str,
    text: &str,
    done: bool,
) {
    let map = array.insert(txn, at, MapPrelim::default());
    map.insert(txn, schema::ID, id);
    map.insert(txn, schema::DONE, done);
    map.insert(txn, schema::TEXT, TextPrelim::new(text));
}
