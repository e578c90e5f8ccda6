//! Builders of ProseMirror JSON.

use model::{ItemId, UserId};
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

/// A numbered list that begins with `start`, one paragraph an entry.
pub fn numbered<S: AsRef<str>>(start: u32, entries: impl IntoIterator<Item = S>) -> Value {
    let entry = |s: S| json!({ "type": "listItem", "content": [paragraph(s.as_ref())] });
    let content = entries.into_iter().map(entry).collect::<Vec<_>>();
    json!({ "type": "orderedList", "attrs": { "start": start }, "content": content })
}

/// A line across.
pub fn rule() -> Value {
    json!({ "type": "horizontalRule" })
}

/// A line break inside a paragraph.
pub fn hard_break() -> Value {
    json!({ "type": "hardBreak" })
}

/// A table of rows of [`cell`]s and [`header`]s.
pub fn table(rows: impl IntoIterator<Item = Vec<Value>>) -> Value {
    let row = |cells: Vec<Value>| json!({ "type": "tableRow", "content": cells });
    json!({ "type": "table", "content": rows.into_iter().map(row).collect::<Vec<_>>() })
}

/// A cell of blocks.
pub fn cell(blocks: impl IntoIterator<Item = Value>) -> Value {
    table_cell("tableCell", blocks)
}

/// A cell of blocks that names its row or column.
pub fn header(blocks: impl IntoIterator<Item = Value>) -> Value {
    table_cell("tableHeader", blocks)
}

fn table_cell(name: &str, blocks: impl IntoIterator<Item = Value>) -> Value {
    let attrs = json!({ "colspan": 1, "rowspan": 1, "colwidth": null });
    json!({ "type": name, "attrs": attrs, "content": blocks.into_iter().collect::<Vec<_>>() })
}

/// Blocks set apart; `kind` is `note`, `tip`, `important`, `warning` or `caution`.
pub fn callout(kind: &str, blocks: impl IntoIterator<Item = Value>) -> Value {
    let content = blocks.into_iter().collect::<Vec<_>>();
    json!({ "type": "callout", "attrs": { "kind": kind }, "content": content })
}

/// A picture: a file of the project by its id, or an address elsewhere. `width` in CSS pixels.
pub fn image(file: Option<&str>, src: Option<&str>, alt: &str, width: Option<u32>) -> Value {
    let attrs = json!({ "file": file, "src": src, "alt": alt, "width": width });
    json!({ "type": "image", "attrs": attrs })
}

/// A file of the project. `size` in bytes.
pub fn file(id: &str, name: &str, size: u64, media_type: &str) -> Value {
    let attrs = json!({ "file": id, "name": name, "size": size, "media_type": media_type });
    json!({ "type": "file", "attrs": attrs })
}

/// A person named in a text.
pub fn mention(user: UserId, label: &str) -> Value {
    json!({ "type": "mention", "attrs": { "id": user, "label": label } })
}

/// An item named in a text.
pub fn item_link(item: ItemId, label: &str) -> Value {
    json!({ "type": "itemLink", "attrs": { "id": item, "label": label } })
}

/// A document of plain text: a paragraph per line, empty lines dropped.
pub fn from_plain(text: &str) -> Value {
    doc(text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .map(paragraph))
}
