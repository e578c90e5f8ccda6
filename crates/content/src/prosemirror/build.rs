//! Builders of ProseMirror JSON.

use serde_json::{Value, json};

/// A document of blocks.
pub fn doc(blocks: impl IntoIterator<Item = Value>) -> Value {
    json!({ "type": "doc", "content": blocks.into_iter().collect::<Vec<_>>() })
}

/// A text without marks. Not for the empty string: ProseMirror has no empty text.
pub fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

/// A bold text.
pub fn bold(text: &str) -> Value {
    json!({ "type": "text", "text": text, "marks": [{ "type": "bold" }] })
}

/// A link.
pub fn link(text: &str, href: &str) -> Value {
    let attrs = json!({
        "href": href, "target": "_blank", "rel": "noopener noreferrer nofollow",
        "class": null, "title": null,
    });
    json!({ "type": "text", "text": text, "marks": [{ "type": "link", "attrs": attrs }] })
}

fn inline(line: &str) -> Vec<Value> {
    if line.is_empty() {
        vec![]
    } else {
        vec![text(line)]
    }
}

/// A paragraph of plain text.
pub fn paragraph(text: &str) -> Value {
    rich(inline(text))
}

/// A paragraph of inline nodes.
pub fn rich(nodes: impl IntoIterator<Item = Value>) -> Value {
    json!({ "type": "paragraph", "content": nodes.into_iter().collect::<Vec<_>>() })
}

/// A heading; `level` is 1 to 6.
pub fn heading(level: u8, text: &str) -> Value {
    json!({ "type": "heading", "attrs": { "level": level.clamp(1, 6) }, "content": inline(text) })
}

/// A bullet list, one paragraph an entry.
pub fn bullets<S: AsRef<str>>(entries: impl IntoIterator<Item = S>) -> Value {
    let entry = |s: S| json!({ "type": "listItem", "content": [paragraph(s.as_ref())] });
    json!({ "type": "bulletList", "content": entries.into_iter().map(entry).collect::<Vec<_>>() })
}

/// A list of tasks, each done or not.
pub fn tasks<S: AsRef<str>>(entries: impl IntoIterator<Item = (S, bool)>) -> Value {
    let entry = |(s, done): (S, bool)| {
        let content = [paragraph(s.as_ref())];
        json!({ "type": "taskItem", "attrs": { "checked": done }, "content": content })
    };
    json!({ "type": "taskList", "content": entries.into_iter().map(entry).collect::<Vec<_>>() })
}

/// A block of code.
pub fn code(language: Option<&str>, source: &str) -> Value {
    json!({ "type": "codeBlock", "attrs": { "language": language }, "content": inline(source) })
}

/// A quotation of one paragraph.
pub fn quote(text: &str) -> Value {
    json!({ "type": "blockquote", "content": [paragraph(text)] })
}

/// A document of plain text: a paragraph per line, empty lines dropped.
pub fn from_plain(text: &str) -> Value {
    doc(text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .map(paragraph))
}
