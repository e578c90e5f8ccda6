//! Descriptions, against what the editor writes and reads.

use std::path::PathBuf;

use base64::Engine;
use content::item::NewItem;
use content::prosemirror as pm;
use model::{ItemId, ItemType, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

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
        let doc = content::item::project(&base64(&fixture["update"])).unwrap();
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
        let update = content::item::initial(7, &with_description(&fixture["expected"])).unwrap();
        let doc = content::item::project(&update).unwrap();
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
        let update = content::item::initial(7, &with_description(&fixture["expected"])).unwrap();
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
        pm::callout("note", [pm::paragraph("mind"), pm::rule()]),
        pm::numbered(3, ["three"]),
        pm::table([
            vec![
                pm::header([pm::paragraph("Head")]),
                pm::header([pm::paragraph("")]),
            ],
            vec![
                pm::cell([pm::paragraph("a")]),
                pm::cell([pm::paragraph("b")]),
            ],
        ]),
        pm::image(Some("f1"), None, "The sketch", Some(320)),
        pm::file("f2", "prices.csv", 12, "text/csv"),
        pm::rich([
            pm::mention(UserId(Uuid::from_u128(1)), "Ada"),
            pm::text(" on "),
            pm::item_link(item(2), "Checkout"),
            pm::hard_break(),
            pm::text("and more"),
        ]),
    ]);
    let update = content::item::initial(1, &with_description(&doc)).unwrap();
    let read = content::item::project(&update).unwrap();
    assert_eq!(
        read.text,
        "Goal\nSee the docs!\none\ntwo\nopen\ndone\nfn main() {}\nso it is\nmind\nthree\nHead\na\nb\n\
         The sketch\nprices.csv\n@Ada on #Checkout\nand more"
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

fn item(n: u128) -> ItemId {
    ItemId(Uuid::from_u128(n))
}

#[test]
fn whom_and_what_a_description_names_is_found() {
    let fixture = documents();
    let (_, fixture) = fixture
        .iter()
        .find(|(name, _)| name == "references")
        .unwrap();
    let found = content::item::project(&base64(&fixture["update"]))
        .unwrap()
        .references;
    let id = |end: &str| format!("019a0000-0000-7000-8000-0000000000{end}");
    assert_eq!(
        json!(found),
        json!({
            "mentions": [id("a1")],
            "links": [
                { "item": id("b1"), "excerpt": "Ask @Ada about #Checkout twice #Checkout" },
                { "item": id("b2"), "excerpt": "#Payment" },
            ],
        })
    );

    let long = format!("{}the end of it ", "before ".repeat(40));
    let mut doc = pm::doc([
        pm::rich([
            pm::text(&long),
            pm::item_link(item(2), "Checkout"),
            pm::text(&" after".repeat(60)),
        ]),
        pm::rich([
            json!({ "type": "itemLink" }),
            json!({ "type": "mention", "attrs": { "id": 3 } }),
        ]),
        json!({ "type": "itemLink", "attrs": { "id": item(3), "label": null } }),
        json!(7),
    ]);
    let found = pm::references(&doc);
    assert_eq!(found.links.len(), 2);
    let excerpt = &found.links[0].excerpt;
    assert!(
        excerpt.starts_with("…before ") && excerpt.ends_with("…"),
        "{excerpt}"
    );
    assert!(excerpt.contains("of it #Checkout after"), "{excerpt}");
    assert!(excerpt.chars().count() <= 200, "{excerpt}");

    let there = doc.clone();
    pm::point_links(&mut doc, &[(item(2), item(20))].into());
    let found = pm::references(&doc);
    assert_eq!(
        (found.links[0].item, found.links[1].item),
        (item(20), item(3))
    );
    pm::point_links(&mut doc, &[(item(20), item(2))].into());
    assert_eq!(doc, there);

    let many = (1..=600).map(|n| pm::item_link(item(n), "x"));
    assert_eq!(
        pm::references(&pm::doc([pm::rich(many)])).links.len(),
        pm::MAX_REFERENCES
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
        let refused = content::item::initial(1, &with_description(&bad));
        assert!(
            matches!(refused, Err(content::Error::Description(_))),
            "{bad}"
        );
    }
}
