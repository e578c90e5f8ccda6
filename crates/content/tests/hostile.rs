//! Diagrams that somebody wrote to do harm: whatever stands in a document, it is read, drawn, exported and copied, in time and
//! memory that its size bounds, and never becomes markup.

use std::collections::HashMap;

use content::diagram::svg::{Card, Given, MAX_PICTURE, svg};
use content::diagram::{Canvas, MAX_ELEMENTS, MAX_TEXT, from_json, to_json};
use content::item::{ItemDoc, NewItem, initial, project};
use content::testing::{Client, below};
use content::{Error, MAX_PROBLEMS};
use model::{ItemType, Rng, SeededRng};
use quick_xml::events::Event;
use serde_json::{Value, json};

const SHAPES: &str = "shapes";
const CONNECTORS: &str = "connectors";

/// Fails unless it is XML with nothing in it but pictures: no script, nothing from elsewhere.
#[track_caller]
fn inert(picture: &str) {
    const ELEMENTS: [&str; 6] = ["svg", "rect", "g", "path", "text", "image"];
    let character = |c: char| matches!(c, '\n' | '\r' | '\t' | ' '..='\u{fffd}' | '\u{10000}'..);
    assert!(picture.chars().all(character), "no character of XML");
    let mut reader = quick_xml::Reader::from_str(picture);
    reader.config_mut().check_end_names = true;
    let mut depth = 0;
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(start) | Event::Empty(start)
                if !ELEMENTS.contains(&start.name().as_ref()) =>
            {
                panic!("{start:?}")
            }
            Event::Start(ref start) | Event::Empty(ref start) => {
                for attribute in start.attributes() {
                    let attribute = attribute.expect("well-formed");
                    let (key, value) = (attribute.key.as_ref(), attribute.value.as_ref());
                    assert!(!key.starts_with("on") && key != "style", "{start:?}");
                    let local = key != "href" || value.starts_with("data:image/");
                    assert!(local && !value.contains("url("), "{start:?}");
                    assert!(
                        !value.contains("NaN") && !value.contains("inf"),
                        "{start:?}"
                    );
                }
            }
            Event::End(_) | Event::Text(_) | Event::GeneralRef(_) => {}
            Event::Eof => break,
            other => panic!("{other:?}"),
        }
        depth += 1;
    }
    assert!(depth > 2);
}

/// Everything that is done with a document. Gives what it says.
#[track_caller]
fn survives(update: &[u8]) -> ItemDoc {
    let doc = project(update).unwrap();
    assert!(doc.problems.len() <= MAX_PROBLEMS);
    let card = Card {
        title: "</text><script>\u{0}".into(),
        label: "\"".into(),
        done: (i64::MIN, i64::MAX),
    };
    let cards = doc
        .canvas
        .shapes
        .iter()
        .filter_map(|shape| Some((shape.item?, card.clone())));
    let given = Given {
        cards: cards.collect(),
        images: HashMap::new(),
        ..Given::default()
    };
    inert(&svg(&doc.canvas, &given).unwrap());
    for shape in doc.canvas.shapes.iter().take(3) {
        let frame = Some(shape.id.clone());
        inert(
            &svg(
                &doc.canvas,
                &Given {
                    frame,
                    ..Given::default()
                },
            )
            .unwrap(),
        );
    }
    // What is exported is imported to the same, and so is what is copied.
    let exported = serde_json::to_string(&to_json(&doc.title, &doc.canvas)).unwrap();
    let imported = from_json(&serde_json::from_str(&exported).unwrap())
        .unwrap()
        .1;
    same(&imported, &doc.canvas);
    let copy = project(&initial(7, &NewItem::from(doc.clone())).unwrap()).unwrap();
    assert_eq!(copy.problems, []);
    same(&copy.canvas, &doc.canvas);
    assert_eq!(copy.text, doc.text);
    doc
}

#[track_caller]
fn same(a: &Canvas, b: &Canvas) {
    assert_eq!(to_json("", a), to_json("", b));
}

fn shape(keys: Value) -> Value {
    let mut shape = json!({ "kind": "rectangle", "at": [0, 0], "size": [100, 50] });
    for (key, value) in keys.as_object().unwrap() {
        shape[key] = value.clone();
    }
    shape
}

#[test]
fn wrong_types_are_left_out_and_reported() {
    let client = Client::new(1);
    client.wrong_canvas();
    client.put_element(SHAPES, "good", &shape(json!({})), "Still here");
    let doc = survives(&client.update());
    assert_eq!(doc.problems.len(), MAX_PROBLEMS);
    assert!(doc.canvas.shapes.iter().any(|shape| shape.id == "good"));
    assert!(doc.text.contains("Still here"));
    // Roots that are used as other sorts of types.
    let other = Client::new(2);
    other.insert_text(SHAPES, 0, "🦀 text where a map is expected");
    other.insert_block(0, "paragraph", "a");
    other.put_element(SHAPES, "good", &shape(json!({})), "Both");
    assert_eq!(survives(&other.update()).canvas.shapes.len(), 1);
}

#[test]
fn circles_and_connectors_to_nothing_are_read() {
    let client = Client::new(1);
    for (id, frame) in [
        ("a", "b"),
        ("b", "c"),
        ("c", "a"),
        ("d", "d"),
        ("e", "gone"),
    ] {
        let keys = shape(
            json!({ "kind": "frame", "frame": frame, "groups": [id, id, frame], "rank": "\u{0}" }),
        );
        client.put_element(SHAPES, id, &keys, "F");
    }
    for (id, from, to) in [
        ("self", "a", "a"),
        ("gone", "a", "nobody"),
        ("line", "self", "a"),
        ("", "a", "b"),
    ] {
        let keys = json!({ "from": { "shape": from, "side": 7 }, "to": { "shape": to, "at": "x" }, "route": id });
        client.put_element(CONNECTORS, id, &keys, "C");
    }
    for route in ["straight", "curved", "orthogonal"] {
        let keys = json!({ "from": { "shape": "a" }, "to": { "shape": "a" }, "route": route, "start": "zero_many", "end": "circle_open" });
        client.put_element(CONNECTORS, route, &keys, "");
    }
    let doc = survives(&client.update());
    assert_eq!(
        (doc.canvas.shapes.len(), doc.canvas.connectors.len()),
        (5, 4)
    );
}

#[test]
fn whatever_a_key_holds_it_never_becomes_markup() {
    let texts = [
        "\"/><script>alert(1)</script>",
        "javascript:alert(1)",
        "url(https://evil.test)",
        "]]>",
        "&lt;&#x3c;&bogus;",
        "<!--",
        "<![CDATA[",
        "\u{0}\u{1}\u{8}\u{b}\u{c}\r\n\t\u{7f}\u{85}\u{2028}\u{202e}\u{feff}\u{fffe}\u{ffff}",
        "🦀\u{300}\u{200d}",
        "",
        " ",
        "#123456\" onload=\"x",
        "none",
        "blue",
    ];
    let values = |rng: &dyn Rng| -> Value {
        match below(rng, 8) {
            0 => json!([1e6, -1e6]),
            1 => json!([0.001, 1e-9]),
            2 => json!(-1e308),
            3 => json!([[1, 2], [3], "x", [1e7, 0]]),
            4 => json!({ "shape": texts[below(rng, texts.len() as u32) as usize], "at": [1, 1] }),
            5 => json!({ "at": [below(rng, 99), 1] }),
            6 => json!([1, 1, 0.5, -1e6, 1e6, 2]),
            _ => texts[below(rng, texts.len() as u32) as usize].into(),
        }
    };
    const KINDS: [&str; 12] = [
        "rectangle",
        "draw",
        "image",
        "card",
        "frame",
        "class",
        "cloud",
        "person",
        "note",
        "cylinder",
        "boundary",
        "\"><script>",
    ];
    const KEYS: [&str; 22] = [
        "angle",
        "rank",
        "frame",
        "groups",
        "locked",
        "fill",
        "stroke",
        "color",
        "strokeWidth",
        "strokeStyle",
        "opacity",
        "fontSize",
        "bold",
        "align",
        "valign",
        "link",
        "points",
        "base",
        "item",
        "file",
        "alt",
        "xml:base",
    ];
    for seed in 0..60 {
        let rng = SeededRng::new(seed);
        let client = Client::new(1);
        for n in 0..20 {
            let mut keys =
                shape(json!({ "kind": KINDS[below(&rng, 12) as usize], "points": [1, 2, 0.5] }));
            for _ in 0..4 {
                keys[KEYS[below(&rng, 22) as usize]] = values(&rng);
            }
            let text = texts[below(&rng, texts.len() as u32) as usize].repeat(3);
            client.put_element(SHAPES, &format!("s{n}"), &keys, &text);
            let end = |n: u32| json!({ "shape": format!("s{n}"), "side": "auto" });
            let mut line = json!({ "from": end(below(&rng, 20)), "to": end(below(&rng, 20)) });
            for key in [
                "route",
                "points",
                "startText",
                "endText",
                "start",
                "end",
                "stroke",
                "opacity",
                "to",
            ] {
                if below(&rng, 3) == 0 {
                    line[key] = values(&rng);
                }
            }
            client.put_element(CONNECTORS, &format!("c{n}"), &line, &text);
        }
        survives(&client.update());
    }
}

/// A canvas of one sort of shape, made without a document.
fn many(count: usize, keys: &Value, text: &str) -> Canvas {
    let element = |n: usize| {
        let mut element = keys.clone();
        element["id"] = format!("s{n}").into();
        element["text"] = text.into();
        element
    };
    let shapes: Vec<Value> = (0..count).map(element).collect();
    from_json(&json!({ "canopy": "diagram", "version": 1, "shapes": shapes }))
        .unwrap()
        .1
}

#[test]
fn lines_cost_what_their_characters_do() {
    // Broken anew for each word, or cut anew for each character, these would take minutes.
    let wide = json!({ "kind": "rectangle", "at": [0, 0], "size": [1e5, 50], "fontSize": 8 });
    let short = "i ".repeat(MAX_TEXT / 2);
    let drawn = svg(&many(100, &wide, &short), &Given::default()).unwrap();
    assert_eq!(drawn.matches("<text ").count(), 100);
    let name = json!({ "kind": "frame", "at": [0, 0], "size": [500, 50] });
    let marks = format!("{}{}", "\u{300}".repeat(MAX_TEXT - 100), "W".repeat(100));
    let drawn = svg(&many(100, &name, &marks), &Given::default()).unwrap();
    assert_eq!(drawn.matches('…').count(), 100);
}

#[test]
fn a_picture_is_bounded() {
    // Every character is a line: a few megabytes would be gigabytes.
    let narrow = json!({ "kind": "rectangle", "at": [0, 0], "size": [1, 1] });
    let canvas = many(1_000, &narrow, &"x".repeat(MAX_TEXT));
    let picture = svg(&canvas, &Given::default());
    assert!(matches!(picture, Err(Error::Picture)));
    let canvas = many(50, &narrow, &"x".repeat(MAX_TEXT));
    assert!(svg(&canvas, &Given::default()).unwrap().len() < MAX_PICTURE);
}

#[test]
fn what_is_too_much_is_left_out() {
    let shape = shape(json!({}));
    let mut elements: Vec<Value> = (0..=MAX_ELEMENTS)
        .map(|n| {
            let mut one = shape.clone();
            one["id"] = format!("s{n}").into();
            one
        })
        .collect();
    let json = |shapes: &[Value]| json!({ "canopy": "diagram", "version": 1, "shapes": shapes });
    assert!(from_json(&json(&elements)).is_err());
    elements.pop();
    let canvas = from_json(&json(&elements)).unwrap().1;
    let doc = NewItem {
        canvas,
        ..NewItem::new("T", ItemType::Diagram)
    };
    let client = Client::new(9);
    client.apply(&initial(7, &doc).unwrap()).unwrap();
    client.put_element(SHAPES, "zz", &shape, "too much");
    let doc = project(&client.update()).unwrap();
    assert_eq!(doc.canvas.shapes.len(), MAX_ELEMENTS);
    assert_eq!(doc.problems[0].what, "too many");
    let long = Client::new(1);
    long.put_element(SHAPES, "a", &shape, &"é".repeat(MAX_TEXT + 5));
    assert_eq!(
        project(&long.update()).unwrap().canvas.shapes[0]
            .text
            .chars()
            .count(),
        MAX_TEXT
    );
}

#[test]
fn what_no_document_can_hold_is_not_imported() {
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    for keys in [json!({ "x": deep }), json!({ "groups": deep })] {
        let mut element = shape(keys);
        element["id"] = "a".into();
        let failed = from_json(&json!({ "canopy": "diagram", "version": 1, "shapes": [element] }));
        assert!(
            matches!(failed, Err(Error::Diagram(what)) if what == "shapes[0]: nested too deep")
        );
    }
}

#[test]
fn fields_of_a_file_break_no_document() {
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    let mut item = NewItem::new("T", ItemType::Task);
    item.other =
        json!({ "type": "diagram", "deep": deep, "long": "x".repeat(5_000), "kept": { "a": [1] } })
            .as_object()
            .unwrap()
            .clone();
    let head = initial(7, &item).unwrap();
    assert!(ydoc::head(&[&head], &ydoc::Limits::stored()).is_ok());
    let doc = project(&head).unwrap();
    assert_eq!(
        (doc.fields.item_type, doc.problems),
        (ItemType::Task, vec![])
    );
    assert_eq!(
        Value::Object(doc.fields.other),
        json!({ "kept": { "a": [1] } })
    );
}

#[test]
fn deleting_and_connecting_at_once_leaves_nothing_dangling() {
    let clients = [Client::new(1), Client::new(2)];
    let base = Client::new(9);
    base.put_element(SHAPES, "f", &shape(json!({ "kind": "frame" })), "Frame");
    for id in ["a", "b", "c"] {
        base.put_element(SHAPES, id, &shape(json!({ "frame": "f" })), id);
    }
    for client in &clients {
        client.apply(&base.update()).unwrap();
    }
    let line = |from: &str, to: &str| json!({ "from": { "shape": from, "at": [1, 1] }, "to": { "shape": to, "at": [2, 2] } });
    clients[0].unset(SHAPES, "a");
    clients[0].unset(SHAPES, "f");
    clients[1].put_element(CONNECTORS, "l", &line("a", "b"), "dangling");
    clients[1].put_element(CONNECTORS, "k", &line("f", "b"), "dangling");
    clients[1].put_element(CONNECTORS, "ok", &line("b", "c"), "kept");
    clients[1].set_element(SHAPES, "a", "at", &json!([500, 500]));
    clients[1].put_element(SHAPES, "n", &shape(json!({ "frame": "f" })), "new");
    let updates = [clients[0].update(), clients[1].update()];
    let mut seen = Vec::new();
    for order in [[0, 1], [1, 0]] {
        let merged = Client::new(5);
        order
            .iter()
            .for_each(|n| merged.apply(&updates[*n]).unwrap());
        let doc = survives(&merged.update());
        assert_eq!(doc.canvas.connectors.len(), 1);
        let drawn = svg(&doc.canvas, &Given::default()).unwrap();
        assert!(drawn.contains("kept") && drawn.contains("new") && !drawn.contains("dangling"));
        assert!(!doc.text.contains("dangling"));
        let gone = doc
            .problems
            .iter()
            .filter(|problem| problem.what == "a shape that it connects is gone");
        assert_eq!(gone.count(), 2);
        seen.push(to_json("", &doc.canvas));
    }
    assert_eq!(seen[0], seen[1]);
}
