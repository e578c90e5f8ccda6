//! The acceptance criteria: their order, and edits of them.
//!
//! A Y.Array can't move what is in it, so a criterion that is moved gets a rank: what somebody else
//! types into it at that moment stays. `web/src/features/item/model.ts` has the same rules, on the
//! same cases.

use std::cmp::Ordering;
use std::collections::HashSet;

use yrs::{
    Any, Array, ArrayRef, GetString, Map, MapPrelim, MapRef, Out, ReadTxn, TextPrelim,
    TransactionMut,
};

use super::edit::set_text;
use super::{Criterion, CriterionEdit, MAX_CRITERIA, MAX_CRITERION, MAX_CRITERION_ID, Spot};
use crate::error::{Error, Problems};
use crate::outline::set;
use crate::prosemirror::children;
use crate::{rank, schema};

/// Above this length of a rank, in bytes, all criteria get short ones.
const LONG_RANK: usize = 100;

/// A criterion in the array.
struct Entry {
    at: u32,
    id: String,
    rank: Option<String>,
    map: MapRef,
}

/// Reads the criteria in order: those with a rank by it, then the others; where that says nothing,
/// as they stand in the array.
pub(super) fn project<T: ReadTxn>(txn: &T, problems: &mut Problems) -> Vec<Criterion> {
    let Some(array) = txn.get_array(schema::CRITERIA) else {
        return Vec::new();
    };
    let entries = children(array.as_ref(), txn);
    let seen = entries.iter().map(width).sum::<usize>();
    if seen != Array::len(&array, txn) as usize {
        problems.add("an entry is not a map", || schema::CRITERIA.into());
    }
    let mut ids = HashSet::new();
    let mut out = Vec::new();
    for (i, entry) in entries.into_iter().enumerate() {
        let at = |field: &str| format!("{}[{i}]{field}", schema::CRITERIA);
        let Out::YMap(map) = entry else {
            problems.add("not a map", || at(""));
            continue;
        };
        let Some(id) = id_of(txn, &map) else {
            problems.add("no id", || at(".id"));
            continue;
        };
        if out.len() >= MAX_CRITERIA {
            problems.add("too many criteria", || at(""));
            break;
        }
        // Clients of the first schema moved by copying: two at once left two copies. The first counts.
        if !ids.insert(id.clone()) {
            problems.add("a second criterion of this id", || at(""));
            continue;
        }
        let mut text = match map.get(txn, schema::TEXT) {
            Some(Out::YText(text)) => text.get_string(txn),
            Some(Out::Any(Any::String(text))) => {
                problems.add("a plain string, not a Y.Text", || at(".text"));
                text.as_ref().to_owned()
            }
            _ => {
                problems.add("no text", || at(".text"));
                String::new()
            }
        };
        if let Some((end, _)) = text.char_indices().nth(MAX_CRITERION) {
            problems.add("too long", || at(".text"));
            text.truncate(end);
        }
        let done = match map.get(txn, schema::DONE) {
            Some(Out::Any(Any::Bool(done))) => done,
            _ => {
                problems.add("not a boolean", || at(".done"));
                false
            }
        };
        let rank = rank_of(txn, &map);
        if rank.is_none() && map.get(txn, schema::RANK).is_some() {
            problems.add("not a rank", || at(".rank"));
        }
        out.push((rank, Criterion { id, text, done }));
    }
    out.sort_by(|(a, _), (b, _)| by_rank(a.as_deref(), b.as_deref()));
    out.into_iter().map(|(_, criterion)| criterion).collect()
}

fn by_rank(a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.cmp(b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// How many places of an array a child takes up.
fn width(child: &Out) -> usize {
    match child {
        Out::Any(Any::String(text)) => text.encode_utf16().count(),
        _ => 1,
    }
}

fn id_of<T: ReadTxn>(txn: &T, map: &MapRef) -> Option<String> {
    match map.get(txn, schema::ID) {
        Some(Out::Any(Any::String(id))) if !id.is_empty() && id.len() <= MAX_CRITERION_ID => {
            Some(id.as_ref().to_owned())
        }
        _ => None,
    }
}

fn rank_of<T: ReadTxn>(txn: &T, map: &MapRef) -> Option<String> {
    match map.get(txn, schema::RANK) {
        Some(Out::Any(Any::String(rank))) if rank::is_valid(&rank) => Some(rank.as_ref().into()),
        _ => None,
    }
}

/// The criteria as they stand in the array, copies too.
fn entries<T: ReadTxn>(txn: &T, array: &ArrayRef) -> Result<Vec<Entry>, Error> {
    let mut out = Vec::new();
    let mut at = 0;
    for child in children(array.as_ref(), txn) {
        let width = width(&child) as u32;
        if let Out::YMap(map) = child
            && let Some(id) = id_of(txn, &map)
        {
            let rank = rank_of(txn, &map);
            out.push(Entry { at, id, rank, map });
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

/// Those that are shown, in order.
fn shown(entries: &[Entry]) -> Vec<&Entry> {
    let mut ids = HashSet::new();
    let mut out: Vec<&Entry> = entries.iter().filter(|e| ids.insert(&e.id)).collect();
    out.sort_by(|a, b| by_rank(a.rank.as_deref(), b.rank.as_deref()));
    out
}

fn position(list: &[&Entry], id: &str) -> Result<usize, Error> {
    let at = list.iter().position(|entry| entry.id == id);
    at.ok_or_else(|| Error::UnknownCriterion(id.chars().take(80).collect()))
}

/// The gap of a list that a spot names.
fn gap(list: &[&Entry], spot: &Spot) -> Result<usize, Error> {
    Ok(match spot {
        Spot::First => 0,
        Spot::Last => list.len(),
        Spot::After(id) => position(list, id)? + 1,
    })
}

/// Makes one edit.
pub(super) fn edit(
    txn: &mut TransactionMut<'_>,
    array: &ArrayRef,
    edit: &CriterionEdit,
) -> Result<(), Error> {
    let entries = entries(txn, array)?;
    let list = shown(&entries);
    match edit {
        CriterionEdit::Add { id, text, done, at } => {
            if id.is_empty() || id.len() > MAX_CRITERION_ID || position(&list, id).is_ok() {
                return Err(Error::CriterionId(id.chars().take(80).collect()));
            }
            let to = gap(&list, at)?;
            let (before, after) = (to.checked_sub(1).map(|i| list[i]), list.get(to));
            let index = match (before, after) {
                (_, None) => array.len(txn),
                (Some(before), _) => before.at + 1,
                (None, Some(after)) => after.at,
            };
            let map = array.insert(txn, index, MapPrelim::default());
            map.insert(txn, schema::ID, id.as_str());
            map.insert(txn, schema::DONE, *done);
            map.insert(txn, schema::TEXT, TextPrelim::new(text.as_str()));
            // Without a rank it stands behind all that have one, and among the others by its index.
            let ranked = |entry: &Entry| entry.rank.is_some();
            if after.is_some_and(|after| ranked(after) || before.is_some_and(ranked)) {
                let mut order = places(&list);
                order.insert(to, (map, None));
                settle(txn, &order, to);
            }
        }
        CriterionEdit::Text { id, text } => {
            let map = &list[position(&list, id)?].map;
            match map.get(txn, schema::TEXT) {
                Some(Out::YText(old)) => set_text(txn, &old, text),
                _ => drop(map.insert(txn, schema::TEXT, TextPrelim::new(text.as_str()))),
            }
        }
        CriterionEdit::Check { id, done } => {
            let map = &list[position(&list, id)?].map;
            set(txn, map, schema::DONE, Any::from(*done));
        }
        CriterionEdit::Move { id, at } => {
            let from = position(&list, id)?;
            let mut others = list.clone();
            others.remove(from);
            let to = match at {
                Spot::After(other) if other == id => from,
                at => gap(&others, at)?,
            };
            if to != from {
                let mut order = places(&list);
                rank_all(txn, &mut order);
                let moved = order.remove(from);
                order.insert(to, moved);
                settle(txn, &order, to);
            }
        }
        CriterionEdit::Remove { id } => {
            position(&list, id)?;
            // All copies, from the back.
            for entry in entries.iter().rev().filter(|entry| entry.id == *id) {
                array.remove(txn, entry.at);
            }
        }
    }
    Ok(())
}

type Place = (MapRef, Option<String>);

fn places(list: &[&Entry]) -> Vec<Place> {
    list.iter()
        .map(|entry| (entry.map.clone(), entry.rank.clone()))
        .collect()
}

/// Gives those that have no rank one, where they stand: behind all that have.
fn rank_all(txn: &mut TransactionMut<'_>, order: &mut [Place]) {
    let ranked = order.iter().take_while(|(_, rank)| rank.is_some()).count();
    let last = ranked.checked_sub(1).and_then(|i| order[i].1.clone());
    let ranks = rank::try_n_between(last.as_deref(), None, order.len() - ranked);
    for ((map, slot), rank) in order[ranked..].iter_mut().zip(ranks.unwrap_or_default()) {
        set(txn, map, schema::RANK, Any::from(rank.as_str()));
        *slot = Some(rank);
    }
}

/// Gives the one at `at` a rank between its neighbours, or all of them new ones when there is none.
fn settle(txn: &mut TransactionMut<'_>, order: &[Place], at: usize) {
    let rank = |i: Option<usize>| i.and_then(|i| order.get(i)?.1.as_deref());
    let between = rank::try_between(rank(at.checked_sub(1)), rank(at.checked_add(1)));
    match between.filter(|rank| rank.len() <= LONG_RANK) {
        Some(rank) => set(txn, &order[at].0, schema::RANK, Any::from(rank)),
        None => {
            let ranks = rank::try_n_between(None, None, order.len()).unwrap_or_default();
            for ((map, _), rank) in order.iter().zip(ranks) {
                set(txn, map, schema::RANK, Any::from(rank));
            }
        }
    }
}
