//! A Y.XmlFragment as ProseMirror JSON, and JSON as plain text.

use serde_json::{Map, Value, json};
use yrs::types::text::YChange;
use yrs::{Any, Number, Out, ReadTxn, Text, TextRef, Xml, XmlElementRef, XmlTextRef};

use super::{MAX_DEPTH, MAX_NODES, MAX_VALUE_DEPTH};
use crate::error::Problems;

/// The children of any sequence type in order: runs of text, and what is embedded.
///
/// yrs' array and XML iterators spin for ever on a sequence that holds an astral character as
/// text, and stop at the first child of another kind. The delta of the same list does neither.
/// Plain values (ContentAny) are not in it.
pub(crate) fn children<T: ReadTxn>(sequence: &yrs::branch::Branch, txn: &T) -> Vec<Out> {
    let text = TextRef::from(yrs::branch::BranchPtr::from(sequence));
    text.diff(txn, YChange::identity)
        .into_iter()
        .map(|chunk| chunk.insert)
        .collect()
}

/// Reads `fragment` as `{type: "doc", content}`. Total: what is not of the form is left out.
pub(crate) fn read<T: ReadTxn>(
    fragment: &yrs::XmlFragmentRef,
    txn: &T,
    problems: &mut Problems,
) -> Value {
    let mut reader = Reader {
        txn,
        problems,
        nodes: 0,
    };
    let content = reader.content(fragment.as_ref(), 0);
    json!({ "type": "doc", "content": content })
}

struct Reader<'a, T> {
    txn: &'a T,
    problems: &'a mut Problems,
    nodes: usize,
}

impl<T: ReadTxn> Reader<'_, T> {
    fn content(&mut self, parent: &yrs::branch::Branch, depth: usize) -> Vec<Value> {
        let mut out = Vec::new();
        for child in children(parent, self.txn) {
            if self.nodes >= MAX_NODES {
                self.problem("too many nodes");
                break;
            }
            self.nodes += 1;
            match child {
                Out::YXmlText(text) => self.text(&text, &mut out),
                Out::YXmlElement(_) if depth >= MAX_DEPTH => self.problem("nested too deep"),
                Out::YXmlElement(element) => match self.element(&element, depth) {
                    Some(node) => out.push(node),
                    None => self.problem("an element without a name"),
                },
                _ => self.problem("neither an element nor a text"),
            }
        }
        out
    }

    fn element(&mut self, element: &XmlElementRef, depth: usize) -> Option<Value> {
        let mut node = Map::new();
        node.insert("type".into(), element.try_tag()?.as_ref().into());
        let mut attrs = Map::new();
        for (key, value) in element.attributes(self.txn) {
            match value {
                Out::Any(Any::Null | Any::Undefined) => {}
                Out::Any(any) => match json(&any, MAX_VALUE_DEPTH) {
                    Some(value) => drop(attrs.insert(key.into(), value)),
                    None => self.problem("an attribute that JSON can't hold"),
                },
                _ => self.problem("an attribute that is a shared type"),
            }
        }
        if !attrs.is_empty() {
            attrs.sort_keys();
            node.insert("attrs".into(), Value::Object(attrs));
        }
        let content = self.content(element.as_ref(), depth + 1);
        if !content.is_empty() {
            node.insert("content".into(), Value::Array(content));
        }
        Some(Value::Object(node))
    }

    fn text(&mut self, text: &XmlTextRef, out: &mut Vec<Value>) {
        for chunk in text.diff(self.txn, YChange::identity) {
            self.nodes += 1;
            let Out::Any(Any::String(string)) = chunk.insert else {
                self.problem("an object inside a text");
                continue;
            };
            let mut node = Map::new();
            node.insert("type".into(), "text".into());
            node.insert("text".into(), string.as_ref().into());
            let mut marks = Vec::new();
            for (key, value) in chunk.attributes.iter().flat_map(|attrs| attrs.iter()) {
                match json(value, MAX_VALUE_DEPTH) {
                    Some(Value::Null) => {}
                    Some(value) => marks.push((key.as_ref(), value)),
                    None => self.problem("a mark that JSON can't hold"),
                }
            }
            if !marks.is_empty() {
                marks.sort_by(|a, b| a.0.cmp(b.0));
                let marks = marks.into_iter().map(|(key, value)| mark(key, value));
                node.insert("marks".into(), marks.collect());
            }
            out.push(Value::Object(node));
        }
    }

    fn problem(&mut self, what: &'static str) {
        self.problems.add(what, || "description".into());
    }
}

/// A format attribute as a mark. The order of marks in the JSON is that of their keys, since a
/// delta has none; ProseMirror sorts them by its schema.
fn mark(key: &str, value: Value) -> Value {
    let mut mark = Map::new();
    mark.insert("type".into(), mark_name(key).into());
    if matches!(&value, Value::Object(attrs) if !attrs.is_empty()) {
        mark.insert("attrs".into(), value);
    }
    Value::Object(mark)
}

/// The mark's name of a key: without the `--` and eight base64 characters of an overlapping mark.
fn mark_name(key: &str) -> &str {
    let base64 = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'=');
    match key
        .len()
        .checked_sub(10)
        .map(|at| key.as_bytes().split_at(at))
    {
        Some((name, hash)) if hash.starts_with(b"--") && hash[2..].iter().copied().all(base64) => {
            &key[..name.len()]
        }
        _ => key,
    }
}

/// A plain value as JSON; `None` for binary data and what is nested deeper than `depth`.
pub(crate) fn json(any: &Any, depth: usize) -> Option<Value> {
    Some(match any {
        Any::Null | Any::Undefined => Value::Null,
        Any::Bool(b) => Value::Bool(*b),
        Any::Number(Number::Int(n)) => Value::from(*n),
        Any::Number(Number::Float(n)) if n.fract() == 0.0 && n.abs() < (1u64 << 53) as f64 => {
            Value::from(*n as i64)
        }
        Any::Number(Number::Float(n)) => Value::from(*n),
        Any::String(s) => Value::String(s.as_ref().into()),
        Any::Buffer(_) => return None,
        Any::Array(_) | Any::Map(_) if depth == 0 => return None,
        Any::Array(values) => values
            .iter()
            .map(|value| json(value, depth - 1))
            .collect::<Option<Vec<_>>>()?
            .into(),
        Any::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            entries
                .into_iter()
                .map(|(key, value)| Some((key.clone(), json(value, depth - 1)?)))
                .collect::<Option<Map<_, _>>>()?
                .into()
        }
    })
}

/// The text of a ProseMirror document: a line for each block of text.
pub fn plain_text(doc: &Value) -> String {
    let mut out = String::new();
    flatten(doc, usize::MAX, &mut out);
    out
}

/// Appends the text of a ProseMirror document to `out`, a line for each block of text, until
/// `out` has `limit` bytes or a few more.
pub fn flatten(node: &Value, limit: usize, out: &mut String) {
    // An explicit stack: the caller's may be small.
    enum Step<'a> {
        Enter(&'a Value),
        Leave,
    }
    let mut steps = vec![Step::Enter(node)];
    while let Some(step) = steps.pop() {
        if out.len() >= limit {
            return;
        }
        let Step::Enter(node) = step else {
            if !out.is_empty() && !out.ends_with('\n') {
                out.push('\n');
            }
            continue;
        };
        if let Some(text) = node["text"].as_str() {
            push_limited(out, text, limit);
            continue;
        }
        if let Some(text) = inline_text(node) {
            push_limited(out, &text, limit);
            continue;
        }
        steps.push(Step::Leave);
        let attrs = &node["attrs"];
        match node["type"].as_str() {
            Some("image") => push_limited(out, attrs["alt"].as_str().unwrap_or_default(), limit),
            Some("file") => push_limited(out, attrs["name"].as_str().unwrap_or_default(), limit),
            _ => {}
        }
        let content = node["content"].as_array().map_or(&[][..], Vec::as_slice);
        steps.extend(content.iter().rev().map(Step::Enter));
    }
}

/// What an inline node other than text reads as.
pub(super) fn inline_text(node: &Value) -> Option<String> {
    let label = || node["attrs"]["label"].as_str().unwrap_or_default();
    match node["type"].as_str()? {
        "hardBreak" => Some("\n".into()),
        "mention" => Some(format!("@{}", label())),
        "itemLink" => Some(format!("#{}", label())),
        _ => None,
    }
}

/// Appends as much of `text` as keeps `out` within `limit` bytes, whole characters only.
pub(crate) fn push_limited(out: &mut String, text: &str, limit: usize) {
    let room = limit.saturating_sub(out.len());
    let end = text.floor_char_boundary(room.min(text.len()));
    out.push_str(&text[..end]);
}
