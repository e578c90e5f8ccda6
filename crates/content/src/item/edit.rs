//! Edits that the server makes for the API: as small as what changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{FieldId, ItemType, Priority, Status, UserId};
use serde_json::Value;
use yrs::{Any, Array, ArrayRef, GetString, Map, Out, Text, TextRef, TransactionMut, WriteTxn};

use super::project::{label, list};
use super::{MAX_LIST, criteria, one_line};
use crate::outline::set;
use crate::{Error, engine, prosemirror, schema};

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
    /// Into and out of the list as it is.
    pub assignees_change: ListChange<UserId>,
    /// Into and out of the list as it is.
    pub labels_change: ListChange<String>,
    /// Zero or more.
    pub estimate: Option<Option<f64>>,
    /// `YYYY-MM-DD`.
    pub start: Option<Option<String>>,
    /// `YYYY-MM-DD`.
    pub due: Option<Option<String>>,
    /// Values of the project's own fields.
    pub custom: BTreeMap<FieldId, Option<Value>>,
    /// Edits of the acceptance criteria, one after the other.
    pub criteria: Vec<CriterionEdit>,
}

/// What to put into a list and what to take out of it, whatever else is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListChange<T> {
    /// Put at the end, unless they are there.
    pub add: Vec<T>,
    /// Taken out, if they are there.
    pub remove: Vec<T>,
}

impl<T> Default for ListChange<T> {
    fn default() -> Self {
        Self {
            add: Vec::new(),
            remove: Vec::new(),
        }
    }
}

impl<T: PartialEq + Clone> ListChange<T> {
    /// The list after it; `None` when it is the same.
    fn of(&self, old: &[T]) -> Result<Option<Vec<T>>, Error> {
        let mut new: Vec<T> = old.to_vec();
        new.retain(|entry| !self.remove.contains(entry));
        for entry in &self.add {
            if !new.contains(entry) {
                new.push(entry.clone());
            }
        }
        if new.len() > MAX_LIST && new.len() > old.len() {
            return Err(Error::TooMany);
        }
        Ok((new != old).then_some(new))
    }
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
    /// To another place: writes its rank, and nothing else unless others have none yet.
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
/// [`Error::UnknownCriterion`], [`Error::CriterionId`], [`Error::TooMany`]; else when the engine fails on `head`.
pub fn edit(head: &[u8], client: u64, patch: &ItemPatch) -> Result<Vec<u8>, Error> {
    engine::write(head, client, |txn| {
        if let Some(title) = &patch.title {
            let text = txn.get_or_insert_text(schema::TITLE);
            set_text(txn, &text, &one_line(title));
        }
        fields(txn, patch)?;
        if !patch.criteria.is_empty() {
            let array = txn.get_or_insert_array(schema::CRITERIA);
            for edit in &patch.criteria {
                criteria::edit(txn, &array, edit)?;
            }
        }
        Ok(())
    })
}

fn fields(txn: &mut TransactionMut<'_>, patch: &ItemPatch) -> Result<(), Error> {
    let map = txn.get_or_insert_map(schema::FIELDS);
    let stored = |txn: &TransactionMut<'_>, key: &str| match map.get(txn, key) {
        Some(Out::Any(any)) => prosemirror::json(&any, prosemirror::MAX_VALUE_DEPTH),
        _ => None,
    };
    let assignees = match &patch.assignees {
        Some(whole) => Some(whole.clone()),
        None => {
            let old = stored(txn, schema::ASSIGNEES).unwrap_or_default();
            patch
                .assignees_change
                .of(&list(&old, |_| {}, |text| text.parse().ok()))?
        }
    };
    let labels = match &patch.labels {
        Some(whole) => Some(whole.clone()),
        None => {
            let old = stored(txn, schema::LABELS).unwrap_or_default();
            patch.labels_change.of(&list(&old, |_| {}, label))?
        }
    };
    if let Some(new) = patch.item_type {
        let old = stored(txn, schema::TYPE).and_then(|old| old.as_str()?.parse().ok());
        if (new == ItemType::Diagram) != (old == Some(ItemType::Diagram)) {
            return Err(Error::FixedType);
        }
    }
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
    put(
        schema::ASSIGNEES,
        assignees.map(|ids| strings(ids.iter().map(ToString::to_string))),
    );
    put(
        schema::LABELS,
        labels.map(|labels| strings(labels.into_iter())),
    );
    let estimate = patch.estimate.map(|n| n.filter(|n| n.is_finite()));
    put(
        schema::ESTIMATE,
        estimate.map(|n| n.map_or(Any::Null, Any::from)),
    );
    put(schema::START_DATE, patch.start.as_ref().map(optional));
    put(schema::DUE_DATE, patch.due.as_ref().map(optional));
    for (field, value) in &patch.custom {
        let value = value.as_ref().map_or(Any::Null, plain);
        put(&format!("{}{field}", schema::CUSTOM), Some(value));
    }
    Ok(())
}

/// JSON as a plain value.
fn plain(value: &Value) -> Any {
    Any::from_json(&value.to_string()).unwrap_or(Any::Null)
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
