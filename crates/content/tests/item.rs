//! Items and outlines as documents: what is written is read, edits are small and merge, and what
//! nobody should have written harms nothing.

use base64::Engine;
use content::item::{self, Criterion, CriterionEdit, ItemPatch, NewItem, Spot};
use content::outline::{self, Node};
use content::testing::{Client, node_id};
use content::{Error, prosemirror as pm};
use model::{ItemType, Priority, Status, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

/// The update with nothing in it.
const EMPTY: &[u8] = &[0, 0];

fn documents() -> Value {
    serde_json::from_str(include_str!("../fixtures/documents.json")).unwrap()
}

fn update(fixture: &Value) -> Vec<u8> {
    let text = fixture["update"].as_str().unwrap();
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap()
}

fn criterion(id: &str, text: &str, done: bool) -> Criterion {
    Criterion {
        id: id.into(),
        text: text.into(),
        done,
    }
}

fn full() -> NewItem {
    NewItem {
        status: Status::InReview,
        priority: Priority::High,
        description: Some(pm::doc([
            pm::heading(1, "Why"),
            pm::paragraph("Because 😀."),
        ])),
        criteria: vec![
            criterion("c1", "first 日本", false),
            criterion("c2", "second", true),
            criterion("c3", "", false),
        ],
        assignees: vec![UserId(Uuid::from_u128(5))],
        labels: vec!["ui".into(), "api".into()],
        estimate: Some(0.1),
        start: Some("2026-01-02".into()),
        due: Some("2026-12-31".into()),
        ..NewItem::new(" A title\nof two lines ", ItemType::Epic)
    }
}

fn titled(title: &str) -> Vec<u8> {
    item::initial(1, &NewItem::new(title, ItemType::Task)).unwrap()
}

fn merged(parts: &[&[u8]]) -> Vec<u8> {
    let client = Client::new(99);
    for part in parts {
        client.apply(part).unwrap();
    }
    assert!(!client.pending());
    client.update()
}

#[test]
fn a_new_item_reads_as_it_was_given_and_its_bytes_never_differ() {
    let new = full();
    let head = item::initial(42, &new).unwrap();
    assert_eq!(head, item::initial(42, &new).unwrap());
    let doc = item::project(&head).unwrap();
    assert_eq!(doc.title, "A title of two lines");
    assert_eq!(doc.criteria, new.criteria);
    assert_eq!(Some(&doc.description), new.description.as_ref());
    assert_eq!(doc.text, "Why\nBecause 😀.\nfirst 日本\nsecond");
    assert_eq!(doc.problems, []);
    assert_eq!(
        json!(doc.fields),
        json!({
            "item_type": "epic", "status": "in_review", "priority": "high",
            "assignees": [UserId(Uuid::from_u128(5))], "labels": ["ui", "api"], "estimate": 0.1,
            "start": "2026-01-02", "due": "2026-12-31", "other": {},
        })
    );
}

#[test]
fn documents_of_yjs_clients_mean_what_they_say() {
    let fixtures = documents();
    let doc = item::project(&update(&fixtures["item"])).unwrap();
    let expected = &fixtures["item"]["expected"];
    for key in ["title", "text", "criteria", "fields"] {
        assert_eq!(json!(doc)[key], expected[key], "{key}");
    }
    assert_eq!(doc.problems, []);
    let outline = outline::project(&update(&fixtures["outline"])).unwrap();
    assert_eq!(json!(outline.nodes), fixtures["outline"]["expected"]);
    assert_eq!(outline.problems, []);
}

#[test]
fn an_empty_document_is_an_empty_item() {
    for head in [&[][..], EMPTY] {
        let doc = item::project(head).unwrap();
        assert_eq!((doc.title.as_str(), doc.text.as_str()), ("", ""));
        assert_eq!(doc.description, pm::doc([]));
        assert_eq!(doc.fields, item::Fields::default());
        assert_eq!(outline::project(head).unwrap(), outline::Outline::default());
    }
}

#[test]
fn what_is_not_of_the_schema_is_skipped_and_reported() {
    let fixtures = documents();
    let doc = item::project(&update(&fixtures["odd"])).unwrap();
    assert_eq!(doc.title, "a b");
    assert_eq!(
        doc.criteria,
        [
            criterion("c1", "kept", false),
            criterion("c2", "a string", false)
        ]
    );
    assert_eq!(doc.fields, item::Fields::default());
    assert_eq!(doc.text, "kept\nbare\nkept\na string");
    let problems: Vec<String> = doc
        .problems
        .iter()
        .map(|p| format!("{}: {}", p.at, p.what))
        .collect();
    for expected in [
        "title: something other than text",
        "description: an object inside a text",
        "description: an attribute that JSON can't hold",
        "acceptanceCriteria: an entry is not a map",
        "acceptanceCriteria[1]: not a map",
        "acceptanceCriteria[2].id: no id",
        "acceptanceCriteria[3]: a second criterion of this id",
        "acceptanceCriteria[4].text: a plain string, not a Y.Text",
        "acceptanceCriteria[4].done: not a boolean",
        "fields.type: not one of the known words",
        "fields.status: not one of the known words",
        "fields.labels: not a list",
        "fields.assignees: an invalid entry",
        "fields.estimate: not a number of zero or more",
        "fields.dueDate: not a date, YYYY-MM-DD",
        "fields.nested: not a plain value",
        "fields.bytes: not a plain value",
    ] {
        assert!(
            problems.iter().any(|p| p == expected),
            "{expected} in {problems:#?}"
        );
    }
    let outline = outline::project(&update(&fixtures["odd"])).unwrap();
    assert_eq!(
        json!(outline.nodes),
        json!([
            { "id": "019a0000-0000-7000-8000-000000000003", "kind": "item", "parent": null, "rank": "" },
        ])
    );
    assert_eq!(outline.problems.len(), 6);
}

#[test]
fn roots_of_other_types_neither_hang_nor_fail() {
    let head = update(&documents()["mistyped"]);
    let doc = item::project(&head).unwrap();
    assert_eq!((doc.title.as_str(), doc.criteria.len()), ("", 0));
    assert_eq!(outline::project(&head).unwrap().nodes, []);
    let patch = ItemPatch {
        title: Some("now a title".into()),
        status: Some(Status::Done),
        criteria: vec![CriterionEdit::Add {
            id: "c".into(),
            text: "t".into(),
            done: true,
            at: Spot::Last,
        }],
        ..ItemPatch::default()
    };
    let edit = item::edit(&head, 5, &patch).unwrap();
    let doc = item::project(&merged(&[&head, &edit])).unwrap();
    assert_eq!(doc.title, "now a title");
    assert_eq!(doc.fields.status, Status::Done);
    assert_eq!(doc.criteria, [criterion("c", "t", true)]);
    let head = update(&documents()["odd"]);
    let refused = item::edit(&head, 5, &patch);
    assert!(
        matches!(refused, Err(Error::Malformed(_))),
        "plain values hide places"
    );
}

#[test]
fn bytes_that_are_no_update_are_an_error() {
    for bytes in [&[1][..], &[0xff; 40], &[1, 1, 1, 0, 0x44, 9, 9, 9]] {
        assert!(item::project(bytes).is_err(), "{bytes:?}");
        assert!(outline::project(bytes).is_err());
        assert!(item::edit(bytes, 1, &ItemPatch::default()).is_err());
    }
    let new = NewItem::new("x", ItemType::Task);
    assert!(matches!(
        item::initial(1 << 53, &new),
        Err(Error::ClientId(_))
    ));
    assert!(matches!(
        item::edit(&[], 1 << 53, &ItemPatch::default()),
        Err(Error::ClientId(_))
    ));
}

#[test]
fn what_is_read_is_bounded() {
    let client = Client::new(1);
    client.insert_text("title", 0, &"é".repeat(item::MAX_TITLE + 1));
    client.insert_block(0, "paragraph", &"long ".repeat(50_000));
    for i in 0..item::MAX_CRITERIA as u32 + 5 {
        client.add_criterion(i, &format!("c{i}"), "x", false);
    }
    client.type_criterion(0, 0, &"y".repeat(item::MAX_CRITERION));
    client.set("fields", "huge", &"z".repeat(5000).into());
    for i in 0..item::MAX_OTHER + 5 {
        client.set("fields", &format!("f{i:03}"), &i.into());
    }
    let doc = item::project(&client.update()).unwrap();
    assert_eq!(doc.title.chars().count(), item::MAX_TITLE);
    assert_eq!(doc.criteria.len(), item::MAX_CRITERIA);
    assert_eq!(doc.criteria[0].text.len(), item::MAX_CRITERION);
    assert!(doc.text.len() <= item::MAX_TEXT && doc.text.len() > item::MAX_TEXT - 10);
    assert_eq!(doc.fields.other.len(), item::MAX_OTHER);
    assert!(!doc.fields.other.contains_key("huge"));
    assert!(doc.problems.len() <= content::MAX_PROBLEMS);
}

#[test]
fn an_edited_title_is_the_smallest_change_and_merges_with_typing() {
    for (old, new, typed_at, typed, both) in [
        (
            "Sign in",
            "Sign in with a passkey",
            0,
            "Story: ",
            "Story: Sign in with a passkey",
        ),
        ("The old title", "The new title", 13, "!", "The new title!"),
        ("a 😀 b", "a 😁 b", 6, "?", "a 😁 b?"),
        ("aaa", "aa", 3, "b", "aab"),
        ("gone", "", 4, "!", "!"),
        ("", "first", 0, "", "first"),
    ] {
        let head = titled(old);
        let typist = Client::new(2);
        typist.apply(&head).unwrap();
        let typing = typist.insert_text("title", typed_at, typed);
        let patch = ItemPatch {
            title: Some(new.into()),
            ..ItemPatch::default()
        };
        let edit = item::edit(&head, 3, &patch).unwrap();
        let after = item::project(&merged(&[&head, &edit])).unwrap();
        assert_eq!(after.title, item::one_line(new));
        assert_eq!(
            item::project(&merged(&[&head, &typing, &edit]))
                .unwrap()
                .title,
            both
        );
        assert_eq!(
            item::project(&merged(&[&head, &edit, &typing]))
                .unwrap()
                .title,
            both
        );
    }
}

#[test]
fn an_edit_that_changes_nothing_is_empty() {
    let new = full();
    let head = item::initial(1, &new).unwrap();
    let patch = ItemPatch {
        title: Some("A title of two lines".into()),
        item_type: Some(ItemType::Epic),
        status: Some(Status::InReview),
        priority: Some(Priority::High),
        assignees: Some(new.assignees.clone()),
        labels: Some(new.labels.clone()),
        estimate: Some(Some(0.1)),
        start: Some(Some("2026-01-02".into())),
        due: Some(Some("2026-12-31".into())),
        criteria: vec![
            CriterionEdit::Text {
                id: "c1".into(),
                text: "first 日本".into(),
            },
            CriterionEdit::Check {
                id: "c2".into(),
                done: true,
            },
            CriterionEdit::Move {
                id: "c2".into(),
                at: Spot::After("c1".into()),
            },
            CriterionEdit::Move {
                id: "c1".into(),
                at: Spot::First,
            },
        ],
    };
    assert_eq!(item::edit(&head, 2, &patch).unwrap(), EMPTY);
    assert_eq!(item::edit(&head, 2, &ItemPatch::default()).unwrap(), EMPTY);
    let nothing = ItemPatch {
        estimate: Some(None),
        due: Some(None),
        ..ItemPatch::default()
    };
    assert_eq!(item::edit(&titled("x"), 2, &nothing).unwrap(), EMPTY);
}

#[test]
fn fields_are_set_and_taken_away() {
    let head = item::initial(1, &full()).unwrap();
    let patch = ItemPatch {
        item_type: Some(ItemType::Story),
        assignees: Some(vec![]),
        labels: Some(vec!["one".into()]),
        estimate: Some(Some(3.0)),
        start: Some(None),
        ..ItemPatch::default()
    };
    let edit = item::edit(&head, 2, &patch).unwrap();
    let fields = item::project(&merged(&[&head, &edit])).unwrap().fields;
    assert_eq!(fields.item_type, ItemType::Story);
    assert_eq!(fields.status, Status::InReview);
    assert_eq!(
        (fields.assignees.len(), fields.labels.as_slice()),
        (0, &["one".to_owned()][..])
    );
    assert_eq!((fields.estimate, fields.start), (Some(3.0), None));
    assert_eq!(fields.due.as_deref(), Some("2026-12-31"));
}

#[test]
fn criteria_are_added_changed_moved_and_removed() {
    let head = item::initial(1, &full()).unwrap();
    let add = |id: &str, at| CriterionEdit::Add {
        id: id.into(),
        text: id.into(),
        done: false,
        at,
    };
    let patch = |criteria| ItemPatch {
        criteria,
        ..ItemPatch::default()
    };
    let edits = patch(vec![
        add("new", Spot::After("c1".into())),
        add("top", Spot::First),
        CriterionEdit::Text {
            id: "c2".into(),
            text: "second, changed".into(),
        },
        CriterionEdit::Check {
            id: "c2".into(),
            done: false,
        },
        CriterionEdit::Move {
            id: "c2".into(),
            at: Spot::First,
        },
        CriterionEdit::Move {
            id: "c1".into(),
            at: Spot::Last,
        },
        CriterionEdit::Remove { id: "c3".into() },
    ]);
    let edit = item::edit(&head, 2, &edits).unwrap();
    let after = merged(&[&head, &edit]);
    assert_eq!(
        item::project(&after).unwrap().criteria,
        [
            criterion("c2", "second, changed", false),
            criterion("top", "top", false),
            criterion("new", "new", false),
            criterion("c1", "first 日本", false),
        ]
    );
    let unknown = item::edit(
        &head,
        2,
        &patch(vec![CriterionEdit::Remove { id: "c9".into() }]),
    );
    assert!(matches!(unknown, Err(Error::UnknownCriterion(id)) if id == "c9"));
    let taken = item::edit(&head, 2, &patch(vec![add("c1", Spot::Last)]));
    assert!(matches!(taken, Err(Error::CriterionId(id)) if id == "c1"));
    let twice = NewItem {
        criteria: vec![criterion("c", "", false), criterion("c", "", false)],
        ..NewItem::new("", ItemType::Task)
    };
    assert!(matches!(
        item::initial(1, &twice),
        Err(Error::CriterionId(_))
    ));

    // Two move one at once: two copies, of which one shows, and removing removes both.
    let moved = |client, at| {
        let edit = CriterionEdit::Move {
            id: "c1".into(),
            at,
        };
        item::edit(&head, client, &patch(vec![edit])).unwrap()
    };
    let both = merged(&[&head, &moved(2, Spot::Last), &moved(3, Spot::Last)]);
    let doc = item::project(&both).unwrap();
    assert_eq!(doc.criteria.iter().filter(|c| c.id == "c1").count(), 1);
    assert_eq!(doc.problems.len(), 1);
    let gone = item::edit(
        &both,
        4,
        &patch(vec![CriterionEdit::Remove { id: "c1".into() }]),
    )
    .unwrap();
    let doc = item::project(&merged(&[&both, &gone])).unwrap();
    assert_eq!(doc.criteria.len(), 2);
    assert_eq!(doc.problems, []);
}

#[test]
fn places_are_written_and_only_changes_of_them() {
    let node = |n, parent: Option<u32>, rank: &str| Node {
        id: node_id(n),
        kind: "item".into(),
        parent: parent.map(node_id),
        rank: rank.into(),
    };
    let first = [node(1, None, "a0"), node(2, Some(1), "a0")];
    let head = outline::place(&[], 1, &first).unwrap();
    assert_eq!(outline::project(&head).unwrap().nodes, first);
    assert_eq!(outline::place(&head, 2, &first).unwrap(), EMPTY);
    let moved = node(2, None, "a1");
    let edit = outline::place(&head, 2, std::slice::from_ref(&moved)).unwrap();
    assert_eq!(
        outline::project(&merged(&[&head, &edit])).unwrap().nodes,
        [first[0].clone(), moved]
    );
    let refused = outline::place(&head, 2, &[node(1, None, "")]);
    assert!(matches!(refused, Err(Error::Rank { .. })));
}
