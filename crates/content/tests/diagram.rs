//! Diagrams: what is read, what is left out, and what they look like.

use std::collections::HashMap;
use std::path::PathBuf;

use content::diagram::svg::{Card, Given, svg};
use content::diagram::{Theme, from_json, to_json};
use content::item::{NewItem, initial, project};
use model::ItemType;
use serde_json::{Value, json};

fn fixtures() -> Vec<(PathBuf, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/diagrams");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 7);
    let read = |path: &PathBuf| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    files
        .iter()
        .map(|path| (path.clone(), read(path)))
        .collect()
}

fn given(value: &Value) -> Given {
    let card = |(id, card): (&String, &Value)| {
        let text = |key: &str| card[key].as_str().unwrap().to_owned();
        let done = (
            card["done"][0].as_i64().unwrap(),
            card["done"][1].as_i64().unwrap(),
        );
        (
            id.parse().unwrap(),
            Card {
                title: text("title"),
                label: text("label"),
                done,
            },
        )
    };
    Given {
        theme: if value["theme"] == "dark" {
            Theme::Dark
        } else {
            Theme::Light
        },
        cards: value["cards"]
            .as_object()
            .map(|cards| cards.iter().map(card).collect())
            .unwrap_or_default(),
        images: HashMap::new(),
        frame: value["frame"].as_str().map(str::to_owned),
    }
}

#[test]
fn diagrams_look_as_they_do_in_the_browser() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    for (path, mut fixture) in fixtures() {
        let (title, canvas) = from_json(&fixture["diagram"]).unwrap();
        let drawn = svg(&canvas, &given(&fixture["given"])).unwrap();
        if update {
            fixture["diagram"] = to_json(&title, &canvas);
            fixture["svg"] = drawn.into();
            std::fs::write(path, serde_json::to_string_pretty(&fixture).unwrap() + "\n").unwrap();
        } else {
            assert_eq!(fixture["svg"], drawn, "{}", path.display());
        }
    }
}

#[test]
fn a_diagram_goes_through_a_document_and_json_unchanged() {
    for (path, fixture) in fixtures() {
        let (title, canvas) = from_json(&fixture["diagram"]).unwrap();
        let new = NewItem {
            canvas: canvas.clone(),
            ..NewItem::new(&title, ItemType::Diagram)
        };
        let doc = project(&initial(7, &new).unwrap()).unwrap();
        assert_eq!(doc.problems, [], "{}", path.display());
        assert_eq!(doc.canvas, canvas, "{}", path.display());
        assert_eq!(
            to_json(&doc.title, &doc.canvas),
            fixture["diagram"],
            "{}",
            path.display()
        );
    }
}

fn read(shapes: Value, connectors: Value) -> Result<usize, String> {
    let diagram = json!({ "canopy": "diagram", "version": 1, "title": "", "shapes": shapes, "connectors": connectors });
    from_json(&diagram)
        .map(|(_, canvas)| canvas.shapes.len())
        .map_err(|error| error.to_string())
}

#[test]
fn what_is_no_diagram_is_refused_with_its_place() {
    let shape = json!({ "id": "a", "kind": "rectangle", "at": [0, 0], "size": [10, 10] });
    let with = |key: &str, value: Value| {
        let mut shape = shape.clone();
        shape[key] = value;
        json!([shape])
    };
    assert_eq!(read(json!([shape]), json!([])), Ok(1));
    for (shapes, wrong) in [
        (with("id", "a b".into()), "shapes[0]: not an id"),
        (with("id", json!("x".repeat(65))), "shapes[0]: not an id"),
        (with("kind", json!(7)), "shapes[0]: no kind"),
        (with("at", json!([1e7, 0])), "shapes[0]: no place"),
        (with("at", json!([1])), "shapes[0]: no place"),
        (with("size", json!([0, 10])), "shapes[0]: no size"),
        (with("kind", "draw".into()), "shapes[0]: no line"),
        (json!([shape, shape]), "shapes[1]: its id is there twice"),
        (json!({}), "shapes[0]: not a list"),
    ] {
        assert_eq!(
            read(shapes, json!([])).unwrap_err(),
            format!("invalid diagram: {wrong}")
        );
    }
    let dangling = json!([{ "id": "c", "from": { "shape": "a" }, "to": { "shape": "gone" } }]);
    let wrong = "invalid diagram: connectors[c]: a shape that it connects is gone";
    assert_eq!(read(json!([shape]), dangling).unwrap_err(), wrong);
    assert!(from_json(&json!({ "type": "excalidraw" })).is_err());
}

#[test]
fn nothing_that_is_written_becomes_markup() {
    let text = "</text><script>alert(1)</script>\u{0}\u{8}\" onload=\"x";
    let diagram = json!({ "canopy": "diagram", "version": 1, "title": "", "shapes": [
        { "id": "a", "kind": "rectangle", "at": [0, 0], "size": [900, 900], "text": text, "fill": "\"/><script>", "stroke": "url(https://example.com)" },
        { "id": "b", "kind": "image", "at": [0, 0], "size": [900, 900], "file": "x", "alt": text },
    ], "connectors": [{ "id": "c", "from": { "at": [0, 0] }, "to": { "at": [9, 9] }, "text": text, "startText": text, "stroke": "<b>" }] });
    let (_, canvas) = from_json(&diagram).unwrap();
    let images = HashMap::from([(
        "x".to_owned(),
        "data:image/png;base64,\"><script>".to_owned(),
    )]);
    let drawn = svg(
        &canvas,
        &Given {
            images,
            ..Given::default()
        },
    )
    .unwrap();
    assert!(
        !drawn.contains("<script")
            && !drawn.contains("url(")
            && !drawn.contains("\" onload")
            && !drawn.contains('\u{0}'),
        "{drawn}"
    );
}

#[test]
fn cards_are_references_and_text_is_found() {
    let item = "0190e0a0-0000-7000-8000-000000000001";
    let diagram = json!({ "canopy": "diagram", "version": 1, "title": "T", "shapes": [
        { "id": "f", "kind": "frame", "at": [0, 0], "size": [900, 900], "text": "Phase\none" },
        { "id": "k", "kind": "card", "at": [0, 0], "size": [90, 90], "item": item, "frame": "f" },
        { "id": "l", "kind": "card", "at": [0, 0], "size": [90, 90], "item": item },
    ], "connectors": [{ "id": "c", "from": { "shape": "k" }, "to": { "shape": "l" }, "text": "leads to" }] });
    let (title, canvas) = from_json(&diagram).unwrap();
    let new = NewItem {
        canvas,
        ..NewItem::new(title, ItemType::Diagram)
    };
    let doc = project(&initial(7, &new).unwrap()).unwrap();
    assert_eq!(doc.references.links.len(), 1);
    assert_eq!(
        (
            doc.references.links[0].item.to_string(),
            &*doc.references.links[0].excerpt
        ),
        (item.to_owned(), "Phase one")
    );
    assert_eq!(doc.text, "Phase\none\nleads to");
}
