//! From a document to plain values.

use std::collections::HashSet;
use std::hash::Hash;
use std::str::FromStr;

use serde_json::{Map as JsonMap, Value};
use yrs::{Any, GetString, Map, MapRef, Out, ReadTxn};

use super::{
    Criterion, Fields, ItemDoc, MAX_CRITERIA, MAX_CRITERION, MAX_CRITERION_ID, MAX_LABEL, MAX_LIST,
    MAX_OTHER, MAX_OTHER_VALUE, MAX_TEXT, MAX_TITLE, is_date, one_line,
};
use crate::error::{Error, Problems};
use crate::prosemirror::{self, children, push_limited};
use crate::{engine, schema};

/// Reads an item's document. Total: what is not of the schema is left out and reported.
///
/// # Errors
/// When `head` is no update, or the engine fails on it.
pub fn project(head: &[u8]) -> Result<ItemDoc, Error> {
    engine::read(head, |txn| {
        let mut problems = Problems::default();
        let title = title(txn, &mut problems);
        let description = match txn.get_xml_fragment(schema::DESCRIPTION) {
            Some(fragment) => prosemirror::read(&fragment, txn, &mut problems),
            None => prosemirror::doc([]),
        };
        let criteria = criteria(txn, &mut problems);
        let fields = fields(txn, &mut problems);

        let mut text = String::new();
        prosemirror::flatten(&description, MAX_TEXT, &mut text);
        for criterion in &criteria {
            push_limited(&mut text, &criterion.text, MAX_TEXT);
            push_limited(&mut text, "\n", MAX_TEXT);
        }
        text.truncate(text.trim_end().len());
        ItemDoc {
            title,
            description,
            text,
            criteria,
            fields,
            problems: problems.into_vec(),
        }
    })
}

fn title<T: ReadTxn>(txn: &T, problems: &mut Problems) -> String {
    let Some(text) = txn.get_text(schema::TITLE) else {
        return String::new();
    };
    let whole = text.get_string(txn);
    if yrs::Text::len(&text, txn) as usize != whole.encode_utf16().count() {
        problems.add("something other than text", || schema::TITLE.into());
    }
    let line = one_line(&whole);
    match line.char_indices().nth(MAX_TITLE) {
        Some((end, _)) => {
            problems.add("too long", || schema::TITLE.into());
            line[..end].trim_end().to_owned()
        }
        None => line,
    }
}

fn criteria<T: ReadTxn>(txn: &T, problems: &mut Problems) -> Vec<Criterion> {
    let Some(array) = txn.get_array(schema::CRITERIA) else {
        return Vec::new();
    };
    let entries = children(array.as_ref(), txn);
    let seen = entries.iter().map(width).sum::<usize>();
    if seen != yrs::Array::len(&array, txn) as usize {
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
        let Some(id) = criterion_id(txn, &map) else {
            problems.add("no id", || at(".id"));
            continue;
        };
        if out.len() >= MAX_CRITERIA {
            problems.add("too many criteria", || at(""));
            break;
        }
        // Two people who move one criterion at once leave two copies. The first counts.
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
        out.push(Criterion { id, text, done });
    }
    out
}

/// How many places of an array a child takes up.
pub(super) fn width(child: &Out) -> usize {
    match child {
        Out::Any(Any::String(text)) => text.encode_utf16().count(),
        _ => 1,
    }
}

pub(super) fn criterion_id<T: ReadTxn>(txn: &T, map: &MapRef) -> Option<String> {
    match map.get(txn, schema::ID) {
        Some(Out::Any(Any::String(id))) if !id.is_empty() && id.len() <= MAX_CRITERION_ID => {
            Some(id.as_ref().to_owned())
        }
        _ => None,
    }
}

fn fields<T: ReadTxn>(txn: &T, problems: &mut Problems) -> Fields {
    let mut fields = Fields::default();
    let Some(map) = txn.get_map(schema::FIELDS) else {
        return fields;
    };
    let mut entries: Vec<(&str, Out)> = map.iter(txn).collect();
    entries.sort_by_key(|(key, _)| *key);
    for (key, value) in entries {
        let value = match value {
            Out::Any(Any::Null | Any::Undefined) => continue,
            Out::Any(any) => prosemirror::json(&any, prosemirror::MAX_VALUE_DEPTH),
            _ => None,
        };
        let Some(value) = value else {
            problems.add("not a plain value", || at(key));
            continue;
        };
        let mut complain = |what| problems.add(what, || at(key));
        match key {
            schema::TYPE => word(&mut fields.item_type, &value, complain),
            schema::STATUS => word(&mut fields.status, &value, complain),
            schema::PRIORITY => word(&mut fields.priority, &value, complain),
            schema::ASSIGNEES => {
                fields.assignees = list(&value, complain, |text| text.parse().ok());
            }
            schema::LABELS => fields.labels = list(&value, complain, label),
            schema::ESTIMATE => match value.as_f64().filter(|n| *n >= 0.0) {
                Some(n) => fields.estimate = Some(n),
                None => complain("not a number of zero or more"),
            },
            schema::START_DATE => date(&mut fields.start, &value, complain),
            schema::DUE_DATE => date(&mut fields.due, &value, complain),
            _ => other(&mut fields.other, key, value, complain),
        }
    }
    fields
}

fn at(key: &str) -> String {
    let key: String = key.chars().take(40).collect();
    format!("{}.{key}", schema::FIELDS)
}

fn word<T: FromStr>(field: &mut T, value: &Value, mut complain: impl FnMut(&'static str)) {
    match value.as_str().map(T::from_str) {
        Some(Ok(word)) => *field = word,
        _ => complain("not one of the known words"),
    }
}

fn label(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= MAX_LABEL).then(|| text.to_owned())
}

fn list<T: Eq + Hash + Clone>(
    value: &Value,
    mut complain: impl FnMut(&'static str),
    read: impl Fn(&str) -> Option<T>,
) -> Vec<T> {
    let Some(values) = value.as_array() else {
        complain("not a list");
        return Vec::new();
    };
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for value in values {
        let Some(entry) = value.as_str().and_then(&read) else {
            complain("an invalid entry");
            continue;
        };
        if out.len() >= MAX_LIST {
            complain("too many entries");
            break;
        }
        if seen.insert(entry.clone()) {
            out.push(entry);
        }
    }
    out
}

fn date(field: &mut Option<String>, value: &Value, mut complain: impl FnMut(&'static str)) {
    match value.as_str().filter(|text| is_date(text)) {
        Some(text) => *field = Some(text.to_owned()),
        None => complain("not a date, YYYY-MM-DD"),
    }
}

fn other(
    map: &mut JsonMap<String, Value>,
    key: &str,
    value: Value,
    mut complain: impl FnMut(&'static str),
) {
    if map.len() >= MAX_OTHER {
        complain("too many fields");
    } else if key.len() > MAX_LABEL || value.to_string().len() > MAX_OTHER_VALUE {
        complain("too large");
    } else {
        map.insert(key.to_owned(), value);
    }
}
