//! ProseMirror JSON into a new Y.XmlFragment.

use base64::Engine;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{MAX_DEPTH, MAX_VALUE_DEPTH, OVERLAPPING};
use crate::Error;
use crate::wire::{Kind, Parent, Sequence, Writer, put_any};

/// Writes the blocks of `doc` under `parent`.
pub(crate) fn write(writer: &mut Writer, parent: Parent<'_>, doc: &Value) -> Result<(), Error> {
    if doc["type"] != "doc" {
        return Err(Error::Description("the outermost node must be a doc"));
    }
    children(writer, &mut Sequence::new(parent), doc, 0)
}

fn children(
    writer: &mut Writer,
    at: &mut Sequence<'_>,
    node: &Value,
    depth: usize,
) -> Result<(), Error> {
    let content = match &node["content"] {
        Value::Null => return Ok(()),
        Value::Array(content) => content,
        _ => return Err(Error::Description("content must be a list")),
    };
    if depth > MAX_DEPTH {
        return Err(Error::Description("nested too deep"));
    }
    let mut rest = content.as_slice();
    while let Some(first) = rest.first() {
        let texts = rest.iter().take_while(|node| is_text(node)).count();
        if texts > 0 {
            run(writer, at, &rest[..texts])?;
            rest = &rest[texts..];
        } else {
            element(writer, at, first, depth)?;
            rest = &rest[1..];
        }
    }
    Ok(())
}

fn is_text(node: &Value) -> bool {
    node["type"] == "text"
}

fn element(
    writer: &mut Writer,
    at: &mut Sequence<'_>,
    node: &Value,
    depth: usize,
) -> Result<(), Error> {
    let name = match node["type"].as_str() {
        Some(name) if !name.is_empty() && name.len() <= 100 => name,
        _ => return Err(Error::Description("a node needs a type")),
    };
    let id = writer.child(at, Kind::XmlElement(name));
    let parent = Parent::Type(id);
    match &node["attrs"] {
        Value::Null => {}
        Value::Object(attrs) => {
            let mut attrs: Vec<_> = attrs.iter().collect();
            attrs.sort_by_key(|(key, _)| key.as_str());
            for (key, value) in attrs {
                shallow(value)?;
                if !value.is_null() && key != "ychange" {
                    writer.set(parent, key, value);
                }
            }
        }
        _ => return Err(Error::Description("attrs must be an object")),
    }
    children(writer, &mut Sequence::new(parent), node, depth + 1)
}

/// A run of text nodes: one XmlText. Marks are switched only where they change.
fn run(writer: &mut Writer, at: &mut Sequence<'_>, nodes: &[Value]) -> Result<(), Error> {
    let id = writer.child(at, Kind::XmlText);
    let mut inner = Sequence::new(Parent::Type(id));
    let mut active: Vec<(String, Value)> = Vec::new();
    for node in nodes {
        let Some(text) = node["text"].as_str() else {
            return Err(Error::Description("a text node needs a text"));
        };
        if text.is_empty() {
            continue;
        }
        let wanted = marks(node)?;
        for (key, _) in &active {
            if !wanted.iter().any(|(k, _)| k == key) {
                writer.format(&mut inner, key, &Value::Null);
            }
        }
        for (key, value) in &wanted {
            if !active.iter().any(|(k, v)| k == key && v == value) {
                writer.format(&mut inner, key, value);
            }
        }
        active = wanted;
        writer.text(&mut inner, text);
    }
    for (key, _) in &active {
        writer.format(&mut inner, key, &Value::Null);
    }
    Ok(())
}

/// The format attributes of a text node's marks, sorted by key.
fn marks(node: &Value) -> Result<Vec<(String, Value)>, Error> {
    let list = match &node["marks"] {
        Value::Null => return Ok(Vec::new()),
        Value::Array(list) => list,
        _ => return Err(Error::Description("marks must be a list")),
    };
    let mut out: Vec<(String, Value)> = Vec::with_capacity(list.len());
    for mark in list {
        let name = match mark["type"].as_str() {
            Some("ychange") => continue,
            Some(name) if !name.is_empty() && name.len() <= 100 => name,
            _ => return Err(Error::Description("a mark needs a type")),
        };
        let attrs = match &mark["attrs"] {
            Value::Null => Value::Object(serde_json::Map::new()),
            attrs @ Value::Object(_) => attrs.clone(),
            _ => return Err(Error::Description("attrs must be an object")),
        };
        shallow(&attrs)?;
        let key = if OVERLAPPING.contains(&name) {
            format!("{name}--{}", hash(name, &attrs))
        } else {
            name.to_owned()
        };
        // ProseMirror allows a mark that excludes itself once: the last one stands.
        out.retain(|(k, _)| *k != key);
        out.push((key, attrs));
    }
    out.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(out)
}

/// y-prosemirror's hash of a mark: SHA-256 of its JSON in lib0's encoding, folded to six bytes.
/// Equal to the editor's when the mark's attributes stand in the order of their names.
fn hash(name: &str, attrs: &Value) -> String {
    let mut mark = vec![118];
    let no_attrs = attrs.as_object().is_none_or(serde_json::Map::is_empty);
    mark.push(if no_attrs { 1 } else { 2 });
    let mut entry = |key: &str, value: &Value| {
        mark.push(key.len() as u8);
        mark.extend_from_slice(key.as_bytes());
        put_any(&mut mark, value);
    };
    entry("type", &Value::from(name));
    if !no_attrs {
        entry("attrs", attrs);
    }
    let mut digest: [u8; 32] = Sha256::digest(&mark).into();
    for i in 6..32 {
        digest[i % 6] ^= digest[i];
    }
    base64::engine::general_purpose::STANDARD.encode(&digest[..6])
}

/// Refuses a value that is nested too deep.
fn shallow(value: &Value) -> Result<(), Error> {
    if is_shallow(value) {
        Ok(())
    } else {
        Err(Error::Description("an attribute is nested too deep"))
    }
}

/// Whether a value is not nested deeper than [`MAX_VALUE_DEPTH`].
pub(crate) fn is_shallow(value: &Value) -> bool {
    fn fits(value: &Value, depth: usize) -> bool {
        match value {
            Value::Array(values) => depth > 0 && values.iter().all(|v| fits(v, depth - 1)),
            Value::Object(map) => depth > 0 && map.values().all(|v| fits(v, depth - 1)),
            _ => true,
        }
    }
    fits(value, MAX_VALUE_DEPTH)
}
