//! The normal form of a document, and its plain text.

use serde_json::{Map, Value, json};

use super::MAX_ATTRIBUTE;

/// An attribute's text: bounded, without control characters.
pub(crate) fn attribute(text: &str) -> String {
    let mut out: String = text.chars().filter(|c| !c.is_control()).collect();
    out.truncate(out.floor_char_boundary(MAX_ATTRIBUTE));
    out
}

/// Whether an address would run something in the page that opens it. As a browser reads it: without control characters and the
/// space around it, in letters of either case.
pub(crate) fn is_script(address: &str) -> bool {
    const SCHEMES: [&str; 4] = ["javascript", "vbscript", "data", "blob"];
    let address: String = address
        .chars()
        .filter(|c| !c.is_control())
        .take(40)
        .collect();
    address.split_once(':').is_some_and(|(scheme, _)| {
        SCHEMES
            .iter()
            .any(|known| scheme.trim().eq_ignore_ascii_case(known))
    })
}

/// Takes addresses that would run something out of a document that somebody else has written.
pub(crate) fn defuse(node: &mut Value) {
    let runs = |value: &Value| value.as_str().is_some_and(is_script);
    if let Some(Value::Array(marks)) = node.get_mut("marks") {
        marks.retain(|mark| !runs(&mark["attrs"]["href"]));
    }
    if let Some(src) = node.pointer_mut("/attrs/src").filter(|src| runs(src)) {
        *src = Value::Null;
    }
    for child in node
        .get_mut("content")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        defuse(child);
    }
}

/// How many nodes a document is made of.
pub(crate) fn nodes(node: &Value) -> usize {
    let content = node["content"].as_array().into_iter().flatten();
    1 + content.map(nodes).sum::<usize>()
}

/// A language of code as both Markdown and the editor can say it.
pub(crate) fn language(text: &str) -> Option<String> {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "`\\&<>\"".contains(c);
    let language: String = text.chars().filter(|c| !odd(*c)).take(50).collect();
    (!language.is_empty()).then_some(language)
}

/// Whether `node` is a text with these marks; `Null` is none.
pub(crate) fn same_marks(node: &Value, marks: &Value) -> bool {
    node["type"] == "text" && node["marks"] == *marks
}

/// Appends text; joins it to the one before if the marks are the same.
pub(crate) fn push_text(content: &mut Vec<Value>, text: &str, marks: &Value) {
    if let Some(last) = content.last_mut()
        && same_marks(last, marks)
        && let Some(Value::String(before)) = last.get_mut("text")
    {
        before.push_str(text);
        return;
    }
    let mut node = Map::new();
    node.insert("type".into(), "text".into());
    node.insert("text".into(), text.into());
    if !marks.is_null() {
        node.insert("marks".into(), marks.clone());
    }
    content.push(Value::Object(node));
}

/// The normal form: no null attributes, nothing empty, marks by name, neighbouring texts with the
/// same marks as one. Two documents that show the same have the same normal form.
pub fn normalize(doc: &Value) -> Value {
    let mut node = Map::new();
    node.insert("type".into(), doc["type"].clone());
    if let Some(attrs) = doc["attrs"].as_object() {
        let attrs: Map<String, Value> = attrs
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if !attrs.is_empty() {
            node.insert("attrs".into(), Value::Object(attrs));
        }
    }
    if let Some(content) = doc["content"].as_array() {
        let mut out: Vec<Value> = Vec::with_capacity(content.len());
        for child in content {
            match child["text"].as_str() {
                Some("") => {}
                Some(text) => push_text(&mut out, text, &marks(child)),
                None => out.push(normalize(child)),
            }
        }
        if !out.is_empty() || doc["type"] == "doc" {
            node.insert("content".into(), Value::Array(out));
        }
    }
    Value::Object(node)
}

fn marks(node: &Value) -> Value {
    let Some(marks) = node["marks"].as_array().filter(|marks| !marks.is_empty()) else {
        return Value::Null;
    };
    let mut out: Vec<Value> = marks
        .iter()
        .map(|mark| match mark["attrs"]["href"].as_str() {
            Some(href) => json!({ "type": mark["type"], "attrs": { "href": href } }),
            None => json!({ "type": mark["type"] }),
        })
        .collect();
    out.sort_by(|a, b| a["type"].as_str().cmp(&b["type"].as_str()));
    out.dedup();
    Value::Array(out)
}

/// What an inline node shows: `@Ana`, `#Sign in`.
pub(crate) fn label(node: &Value) -> String {
    let label = node["attrs"]["label"].as_str().unwrap_or_default();
    match node["type"].as_str() {
        Some("mention") => format!("@{label}"),
        Some("itemLink") => format!("#{label}"),
        _ => String::new(),
    }
}

/// The text of a document: a line for each block of text and each break.
pub fn plain_text(doc: &Value) -> String {
    let mut out = String::new();
    lines(doc, &mut out, 0);
    out.truncate(out.trim_end().len());
    out
}

fn lines(node: &Value, out: &mut String, depth: usize) {
    match node["type"].as_str() {
        Some("text") => out.push_str(node["text"].as_str().unwrap_or_default()),
        Some("hardBreak") => out.push('\n'),
        Some("mention" | "itemLink") => out.push_str(&label(node)),
        _ => {
            for child in node["content"].as_array().into_iter().flatten() {
                if depth < 200 {
                    lines(child, out, depth + 1);
                }
            }
            if !out.is_empty() && !out.ends_with('\n') {
                out.push('\n');
            }
        }
    }
}

/// The text when the document is paragraphs without marks, one line each; `None` if it is richer.
pub fn bare_text(doc: &Value) -> Option<String> {
    let mut out: Vec<&str> = Vec::new();
    for block in doc["content"].as_array()? {
        if block["type"] != "paragraph" {
            return None;
        }
        match block["content"].as_array().map(Vec::as_slice) {
            None | Some([]) => out.push(""),
            Some([text]) if text["type"] == "text" && text["marks"].is_null() => {
                out.push(text["text"].as_str()?);
            }
            _ => return None,
        }
    }
    Some(out.join("\n"))
}
