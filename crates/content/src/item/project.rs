//! From a document to plain values.

use std::collections::HashSet;
use std::hash::Hash;
use std::str::FromStr;

use model::FieldId;
use serde_json::{Map as JsonMap, Value};
use yrs::{Any, GetString, Map, Out, ReadTxn};

use super::{
    Fields, ItemDoc, MAX_LABEL, MAX_LIST, MAX_OTHER, MAX_OTHER_VALUE, MAX_TEXT, MAX_TITLE,
    criteria, is_date, one_line,
};
use crate::diagram::Canvas;
use crate::error::{Error, Problems};
use crate::prosemirror::{self, References, push_limited};
use crate::{diagram, engine, schema};

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
        let canvas = diagram::read(txn, &mut problems);
        let criteria = criteria::project(txn, &mut problems);
        let fields = fields(txn, &mut problems);

        let mut text = String::new();
        prosemirror::flatten(&description, MAX_TEXT, &mut text);
        canvas.flatten(MAX_TEXT, &mut text);
        for criterion in &criteria {
            push_limited(&mut text, &criterion.text, MAX_TEXT);
            push_limited(&mut text, "\n", MAX_TEXT);
        }
        text.truncate(text.trim_end().len());
        let references = references(&description, &canvas);
        ItemDoc {
            title,
            description,
            text,
            criteria,
            fields,
            canvas,
            references,
            problems: problems.into_vec(),
        }
    })
}

/// Whom and what an item names: its description does, and its canvas.
pub fn references(description: &Value, canvas: &Canvas) -> References {
    let mut references = prosemirror::references(description);
    references.add(canvas.links());
    references
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
            _ => match custom(key) {
                Some(id) if fields.custom.len() < MAX_OTHER && fits(&value) => {
                    fields.custom.insert(id, value);
                }
                Some(_) => complain("too many fields, or too large"),
                None => other(&mut fields.other, key, value, complain),
            },
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

/// The project's own field that a key names, in the one spelling that counts.
fn custom(key: &str) -> Option<FieldId> {
    let text = key.strip_prefix(schema::CUSTOM)?;
    let id: FieldId = text.parse().ok()?;
    (id.to_string() == text).then_some(id)
}

/// Whether a field of this name is none of those that items have, with a value that a document can hold.
pub(super) fn is_other(key: &str, value: &Value) -> bool {
    const KNOWN: [&str; 8] = [
        schema::TYPE,
        schema::STATUS,
        schema::PRIORITY,
        schema::ASSIGNEES,
        schema::LABELS,
        schema::ESTIMATE,
        schema::START_DATE,
        schema::DUE_DATE,
    ];
    let named = key.len() <= MAX_LABEL && !KNOWN.contains(&key) && custom(key).is_none();
    named && fits(value) && prosemirror::is_shallow(value)
}

fn fits(value: &Value) -> bool {
    value.to_string().len() <= MAX_OTHER_VALUE
}

pub(super) fn label(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= MAX_LABEL).then(|| text.to_owned())
}

pub(super) fn list<T: Eq + Hash + Clone>(
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
    } else if key.len() > MAX_LABEL || !fits(&value) {
        complain("too large");
    } else {
        map.insert(key.to_owned(), value);
    }
}
