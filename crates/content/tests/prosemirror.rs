//! Descriptions, against what the editor writes and reads.

use std::path::PathBuf;

use base64::Engine;
use content::item::{self, NewItem};
use content::prosemirror as pm;
use model::ItemType;
use serde_json::{Value, json};

fn fixtures(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(folder)
}

fn base64(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap()
}

/// Marks have no order in a document: compare them sorted.
fn sort_marks(node: &Value) -> Value {
    let mut node = node.clone();
    if let Some(marks) = node["marks"].as_array_mut() {
        marks.sort_by_key(ToString::to_string);
    }
    if let Some(content) = node["content"].as_array_mut() {
        *content = content.iter().map(sort_marks).collect();
    }
    node
}

fn documents() -> Vec<(String, Value)> {
    let mut out: Vec<_> = std::fs::read_dir(fixtures("prosemirror"))
        .unwrap()
        .map(|entry| {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let fixture: Value = serde_json::from_str(&text).unwrap();
            (fixture["name"].as_str().unwrap().to_owned(), fixture)
        })
        .collect();
    out.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(out.len() > 20);
    out
}

fn with_description(description: &Value) -> NewItem {
    NewItem {
        description: Some(description.clone()),
        ..NewItem::new("", ItemType::Task)
    }
}

#[test]
fn what_the_editor_writes_is_read_as_the_editor_reads_it() {
    for (name, fixture) in documents() {
        let doc = item::project(&base64(&fixture["update"])).unwrap();
        assert_eq!(
            sort_marks(&doc.description),
            sort_marks(&fixture["expected"]),
            "{name}"
        );
        assert_eq!(doc.problems, [], "{name}");
    }
}

#[test]
fn what_is_written_reads_the_same() {
    for (name, fixture) in documents() {
        let update = item::initial(7, &with_description(&fixture["expected"])).unwrap();
        let doc = item::project(&update).unwrap();
        assert_eq!(
            sort_marks(&doc.description),
            sort_marks(&fixture["expected"]),
            "{name}"
        );
        assert_eq!(doc.problems, [], "{name}");
    }
}

/// The bytes that `fixtures/check.mjs` has opened with the editor's own reader.
fn written() -> Value {
    let list = documents().into_iter().map(|(name, fixture)| {
        let update = item::initial(7, &with_description(&fixture["expected"])).unwrap();
        let update = base64::engine::general_purpose::STANDARD.encode(update);
        json!({ "name": name, "update": update, "expected": fixture["expected"] })
    });
    list.collect()
}

#[test]
fn the_bytes_are_those_that_the_editor_has_been_shown() {
    let text = std::fs::read_to_string(fixtures("written.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), written());
}

/// After a change of the writer or of the fixtures; then run `npm run check` in `fixtures`.
#[test]
#[ignore = "writes fixtures/written.json"]
fn write_fixture() {
    let text = serde_json::to_string_pretty(&written()).unwrap();
    std::fs::write(fixtures("written.json"), text + "\n").unwrap();
}

#[test]
fn builders_make_documents_that_can_be_written() {
    let doc = pm::doc([
        pm::heading(2, "Goal"),
        pm::rich([
            pm::text("See "),
            pm::link("the docs", "https://example.com"),
            pm::bold("!"),
        ]),
        pm::paragraph(""),
        pm::bullets(["one", "two"]),
        pm::tasks([("open", false), ("done", true)]),
        pm::code(Some("rust"), "fn main() {}\n"),
        pm::quote("so it is"),
    ]);
    let update = item::initial(1, &with_description(&doc)).unwrap();
    let read = item::project(&update).unwrap();
    assert_eq!(
        read.text,
        "Goal\nSee the docs!\none\ntwo\nopen\ndone\nfn main() {}\nso it is"
    );
    assert_eq!(
        read.description["content"][0],
        json!({
            "type": "heading", "attrs": { "level": 2 }, "content": [{ "type": "text", "text": "Goal" }],
        })
    );
    assert_eq!(
        pm::from_plain("a\n\n b \n"),
        pm::doc([pm::paragraph("a"), pm::paragraph(" b")])
    );
}

#[test]
fn json_that_is_no_document_is_refused() {
    let mut deep = pm::paragraph("x");
    for _ in 0..200 {
        deep = json!({ "type": "blockquote", "content": [deep] });
    }
    let mut value = json!(1);
    for _ in 0..40 {
        value = json!([value]);
    }
    for bad in [
        json!(null),
        json!("text"),
        json!({ "type": "paragraph" }),
        json!({ "type": "doc", "content": 3 }),
        json!({ "type": "doc", "content": [{ "content": [] }] }),
        json!({ "type": "doc", "content": [{ "type": "text" }] }),
        json!({ "type": "doc", "content": [{ "type": "text", "text": "x", "marks": {} }] }),
        json!({ "type": "doc", "content": [{ "type": "text", "text": "x", "marks": [{}] }] }),
        json!({ "type": "doc", "content": [{ "type": "p", "attrs": [] }] }),
        json!({ "type": "doc", "content": [{ "type": "p", "attrs": { "x": value } }] }),
        json!({ "type": "doc", "content": [deep] }),
    ] {
        let refused = item::initial(1, &with_description(&bad));
        assert!(
            matches!(refused, Err(content::Error::Description(_))),
            "{bad}"
        );
    }
}
