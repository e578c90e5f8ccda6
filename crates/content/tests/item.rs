//! Items and outlines as documents: what is written is read, edits are small and merge, and what
//! nobody should have written harms nothing.

use base64::Engine;
use content::item::{self, Criterion, CriterionEdit, ItemPatch, ListChange, NewItem, Spot};
use content::outline::{self, Node};
use content::testing::{Client, node_id};
use content::{Error, prosemirror as pm};
use model::{FieldId, ItemType, Priority, Status, UserId};
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

fn field(n: u128) -> FieldId {
    FieldId(Uuid::from_u128(n))
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
        custom: [(field(9), json!(["x", 1.5, true]))].into(),
        other: json!({ "team": "Identity" }).as_object().unwrap().clone(),
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
            "start": "2026-01-02", "due": "2026-12-31",
            "custom": { (field(9).to_string()): ["x", 1.5, true] }, "other": { "team": "Identity" },
        })
    );
    // And once more from what was read.
    let again = NewItem::from(doc);
    assert_eq!(item::initial(42, &again).unwrap(), head);
}

/// A whole item that `fixtures/check.mjs` has read with yjs.
fn initial_fixture() -> Value {
    let update = item::initial(7, &full()).unwrap();
    json!({
        "update": base64::engine::general_purpose::STANDARD.encode(update),
        "title": "A title of two lines",
        "criteria": full().criteria,
        "fields": {
            "type": "epic", "status": "in_review", "priority": "high",
            "assignees": full().assignees, "labels": full().labels,
            "estimate": 0.1, "startDate": "2026-01-02", "dueDate": "2026-12-31",
            (format!("custom:{}", field(9))): ["x", 1.5, true], "team": "Identity",
        },
    })
}

#[test]
fn the_bytes_are_those_that_yjs_has_been_shown() {
    let fixture: Value = serde_json::from_str(include_str!("../fixtures/initial.json")).unwrap();
    assert_eq!(fixture, initial_fixture());
}

/// After a change of the writer; then run `npm run check` in `fixtures`.
#[test]
#[ignore = "writes fixtures/initial.json"]
fn write_fixture() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/initial.json");
    let text = serde_json::to_string_pretty(&initial_fixture()).unwrap();
    std::fs::write(path, text + "\n").unwrap();
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
fn a_head_with_a_gap_is_read_but_not_edited() {
    let client = Client::new(1);
    let whole = client.insert_text("title", 0, "whole");
    client.insert_text("title", 5, " and more");
    let late = client.update_since(&[1, 1, 5]);
    assert_eq!(item::project(&whole).unwrap().title, "whole");
    assert_eq!(item::project(&late).unwrap().title, "");
    let patch = ItemPatch {
        title: Some("x".into()),
        ..ItemPatch::default()
    };
    let refused = item::edit(&late, 2, &patch);
    assert!(matches!(refused, Err(Error::Malformed(_))));
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
        assignees_change: ListChange {
            add: new.assignees.clone(),
            remove: vec![],
        },
        labels_change: ListChange {
            add: vec![],
            remove: vec!["not there".into()],
        },
        custom: new
            .custom
            .iter()
            .map(|(&id, value)| (id, Some(value.clone())))
            .collect(),
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

    // Two move one at once, a third types into it: it is still one, with what was typed.
    let moved = |client, at| {
        let edit = CriterionEdit::Move {
            id: "c1".into(),
            at,
        };
        item::edit(&head, client, &patch(vec![edit])).unwrap()
    };
    let typist = Client::new(5);
    typist.apply(&head).unwrap();
    let typed = typist.type_criterion(0, 0, "typed ");
    let last = moved(2, Spot::Last);
    let second = moved(3, Spot::After("c2".into()));
    let both = merged(&[&head, &last, &second, &typed]);
    let doc = item::project(&both).unwrap();
    assert_eq!(
        doc,
        item::project(&merged(&[&head, &typed, &second, &last])).unwrap()
    );
    let c1: Vec<_> = doc.criteria.iter().filter(|c| c.id == "c1").collect();
    assert_eq!(c1, [&criterion("c1", "typed first 日本", false)]);
    assert_eq!(doc.problems, []);
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

/// The cases that `web/src/features/item/model.test.ts` has too.
#[test]
fn criteria_stand_in_one_order_for_everybody() {
    let cases: Value =
        serde_json::from_str(include_str!("../fixtures/criteria/cases.json")).unwrap();
    for case in cases.as_array().unwrap() {
        let name = &case["name"];
        let start = Client::new(1);
        for (i, entry) in case["start"].as_array().unwrap().iter().enumerate() {
            let id = entry[0].as_str().unwrap();
            start.add_criterion(i as u32, id, id, false);
            if let Some(rank) = entry[1].as_str() {
                start.rank_criterion(i as u32, rank);
            }
        }
        let mut head = start.update();
        for (n, edit) in case["edits"].as_array().unwrap().iter().enumerate() {
            let id = |key: &str| edit[key].as_str().map(str::to_owned);
            let at = id("after").map_or(Spot::First, Spot::After);
            let edit = match (id("add"), id("move"), id("remove")) {
                (Some(id), _, _) => CriterionEdit::Add {
                    text: id.clone(),
                    id,
                    done: false,
                    at,
                },
                (_, Some(id), _) => CriterionEdit::Move { id, at },
                (_, _, Some(id)) => CriterionEdit::Remove { id },
                _ => panic!("{edit}"),
            };
            let patch = ItemPatch {
                criteria: vec![edit],
                ..ItemPatch::default()
            };
            head = merged(&[&head, &item::edit(&head, 10 + n as u64, &patch).unwrap()]);
        }
        let client = Client::new(99);
        client.apply(&head).unwrap();
        let stored = client.snapshot()["acceptanceCriteria"].clone();
        let rank = |id: &str| {
            let list = stored.as_array().unwrap().iter();
            let found = list.clone().find(|c| c["id"] == id).unwrap();
            let rank = found["rank"].as_str();
            rank.filter(|rank| content::rank::is_valid(rank))
                .map(str::to_owned)
        };
        let shown: Value = item::project(&head)
            .unwrap()
            .criteria
            .iter()
            .map(|c| json!([c.id, rank(&c.id)]))
            .collect();
        assert_eq!(shown, case["shown"], "{name}");
    }
}

#[test]
fn lists_change_by_what_goes_in_and_out() {
    let head = item::initial(1, &full()).unwrap();
    let (ada, bob) = (UserId(Uuid::from_u128(5)), UserId(Uuid::from_u128(6)));
    let change = |assignees_change, labels_change| ItemPatch {
        assignees_change,
        labels_change,
        ..ItemPatch::default()
    };
    let patch = change(
        ListChange {
            add: vec![bob, ada],
            remove: vec![],
        },
        ListChange {
            add: vec!["new".into()],
            remove: vec!["ui".into(), "none".into()],
        },
    );
    let edit = item::edit(&head, 2, &patch).unwrap();
    let fields = item::project(&merged(&[&head, &edit])).unwrap().fields;
    assert_eq!(fields.assignees, [ada, bob]);
    assert_eq!(fields.labels, ["api", "new"]);
    let many = (0..item::MAX_LIST).map(|n| format!("l{n}")).collect();
    let patch = change(
        ListChange::default(),
        ListChange {
            add: many,
            remove: vec![],
        },
    );
    assert!(matches!(item::edit(&head, 2, &patch), Err(Error::TooMany)));
}

#[test]
fn the_projects_own_fields_are_set_and_taken_away() {
    let head = item::initial(1, &full()).unwrap();
    let patch = ItemPatch {
        custom: [
            (field(9), None),
            (field(10), Some(json!(3))),
            (field(11), None),
        ]
        .into(),
        ..ItemPatch::default()
    };
    let edit = item::edit(&head, 2, &patch).unwrap();
    let doc = item::project(&merged(&[&head, &edit])).unwrap();
    assert_eq!(doc.fields.custom, [(field(10), json!(3))].into());
    assert_eq!(doc.fields.other.len(), 1);
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

#[test]
fn deep_nesting_is_cut_off() {
    use yrs::{WriteTxn, XmlElementPrelim, XmlFragment};
    // yrs recurses when it drops a document: built where there is room.
    let deep = std::thread::Builder::new().stack_size(64 << 20).spawn(|| {
        let client = Client::new(1);
        client.edit(|txn| {
            let root = txn.get_or_insert_xml_fragment("description");
            let mut at = root.insert(txn, 0, XmlElementPrelim::empty("blockquote"));
            for _ in 0..2000 {
                at = at.insert(txn, 0, XmlElementPrelim::empty("blockquote"));
            }
        })
    });
    let head = deep.unwrap().join().unwrap();
    let doc = item::project(&head).unwrap();
    assert!(doc.problems.iter().any(|p| p.what == "nested too deep"));
    let mut depth = 0;
    let mut node = &doc.description["content"][0];
    while node.is_object() {
        depth += 1;
        node = &node["content"][0];
    }
    assert_eq!(depth, pm::MAX_DEPTH);
    let patch = ItemPatch {
        title: Some("still edited".into()),
        ..ItemPatch::default()
    };
    let edit = item::edit(&head, 2, &patch).unwrap();
    assert!(edit.len() < 60);
}
