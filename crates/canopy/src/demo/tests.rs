//! The shipped text, the parser, and the way through the documents and back.

use std::collections::{HashMap, HashSet};

use content::prosemirror::plain_text;
use model::{ItemId, ItemType, Priority, SeededRng, Status, SystemClock, UserId};
use serde_json::json;

use super::*;

#[test]
fn every_file_of_the_spec_parses() {
    for (name, text) in SPEC {
        let demo = parse(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(demo.items[0].item_type, ItemType::Epic, "{name}");
        let roots = demo.items.iter().filter(|item| item.parent.is_none());
        assert_eq!(roots.count(), 1, "{name}");
    }
}

#[test]
fn the_spec_is_of_a_realistic_size_and_mix() {
    let items = items();
    assert!((140..=175).contains(&items.len()), "{} items", items.len());
    let count = |f: &dyn Fn(&DemoItem) -> bool| items.iter().filter(|item| f(item)).count();
    for (item_type, at_least) in [
        (ItemType::Epic, 9),
        (ItemType::Feature, 25),
        (ItemType::Story, 60),
        (ItemType::Task, 35),
    ] {
        let n = count(&|item| item.item_type == item_type);
        assert!(n >= at_least, "{n} of {item_type}");
    }
    for &status in Status::ALL {
        assert!(count(&|item| item.status == status) >= 3, "{status}");
    }
    for &priority in Priority::ALL {
        assert!(count(&|item| item.priority == priority) >= 3, "{priority}");
    }
    let stories = count(&|item| item.item_type == ItemType::Story);
    let with_criteria =
        count(&|item| item.item_type == ItemType::Story && !item.criteria.is_empty());
    assert!(
        with_criteria * 10 >= stories * 6,
        "{with_criteria} of {stories}"
    );
    for person in 0..PEOPLE.len() {
        assert!(count(&|item| item.assignee == Some(person)) >= 10);
    }
    let described = count(&|item| !plain_text(&item.description).is_empty());
    assert!(described * 10 >= items.len() * 8, "{described}");
}

#[test]
fn items_are_consistent() {
    let items = items();
    let mut titles = HashSet::new();
    for (i, item) in items.iter().enumerate() {
        let title = &item.title;
        assert_eq!(item.key, i);
        assert!(titles.insert(title), "twice: {title}");
        assert!(title.chars().count() <= 90, "{title}");
        let parent = item.parent.map(|parent| {
            assert!(parent < i);
            items[parent].item_type
        });
        // A story stands under a feature, and so on; a task may stand under any of them.
        let fits = match item.item_type {
            ItemType::Epic => parent.is_none(),
            ItemType::Feature => parent == Some(ItemType::Epic),
            ItemType::Story => parent == Some(ItemType::Feature),
            ItemType::Task => parent.is_some_and(|parent| parent != ItemType::Task),
            ItemType::Diagram => true,
        };
        assert!(fits, "{title} stands under {parent:?}");
        if item.status == Status::Done {
            assert!(item.criteria.iter().all(|(_, done)| *done), "{title}");
            for child in items.iter().filter(|child| child.parent == Some(i)) {
                let over = [Status::Done, Status::Cancelled].contains(&child.status);
                assert!(over, "{title} is done, {} is not", child.title);
            }
        }
        if [Status::Backlog, Status::Todo].contains(&item.status) {
            for child in items.iter().filter(|child| child.parent == Some(i)) {
                let started = [Status::InProgress, Status::InReview, Status::Done];
                assert!(
                    !started.contains(&child.status),
                    "{title} is not started, {} is",
                    child.title
                );
            }
            assert!(item.criteria.iter().all(|(_, done)| !*done), "{title}");
        }
    }
}

#[test]
fn updates_project_back_to_the_items() {
    let items = items();
    let rng = SeededRng::new(7);
    let ids: Vec<_> = items
        .iter()
        .map(|_| ItemId::new(&SystemClock, &rng))
        .collect();
    let people = [(); 2].map(|()| UserId::new(&SystemClock, &rng));
    let mut clients = 1..;
    let seed = seed_updates(&items, &ids, &people, || clients.next().unwrap()).unwrap();

    assert_eq!(seed.items.len(), items.len());
    for ((item, &id), (written, update)) in items.iter().zip(&ids).zip(&seed.items) {
        assert_eq!(*written, id);
        let doc = content::item::project(update).unwrap();
        assert_eq!(doc.problems, [], "{}", item.title);
        assert_eq!(doc.title, item.title);
        assert_eq!(doc.fields.item_type, item.item_type);
        assert_eq!(doc.fields.status, item.status);
        assert_eq!(doc.fields.priority, item.priority);
        assert_eq!(doc.fields.estimate, item.estimate);
        assert_eq!(doc.fields.labels, item.labels);
        let assignees: Vec<_> = item
            .assignee
            .map(|person| people[person])
            .into_iter()
            .collect();
        assert_eq!(doc.fields.assignees, assignees);
        let criteria: Vec<_> = doc.criteria.into_iter().map(|c| (c.text, c.done)).collect();
        assert_eq!(criteria, item.criteria);
        assert_eq!(doc.description, item.description, "{}", item.title);
        let drawn = item
            .diagram
            .as_ref()
            .map_or(0, |diagram| diagram["shapes"].as_array().unwrap().len());
        assert_eq!(doc.canvas.shapes.len(), drawn, "{}", item.title);
    }

    let nodes = content::outline::project(&seed.outline).unwrap();
    assert_eq!(nodes.problems, []);
    let tree = content::outline::resolve(&nodes.nodes, &ids);
    assert!(tree.unknown.is_empty());
    let key: HashMap<_, _> = ids.iter().enumerate().map(|(key, id)| (*id, key)).collect();
    let resolved: Vec<_> = tree
        .rows
        .iter()
        .map(|row| (key[&row.id], row.parent.map(|parent| key[&parent])))
        .collect();
    let expected: Vec<_> = items.iter().map(|item| (item.key, item.parent)).collect();
    assert_eq!(resolved, expected);
}

#[test]
fn the_diagram_comes_first_and_its_cards_show_items() {
    let items = items();
    assert_eq!(items[0].item_type, ItemType::Diagram);
    let rng = SeededRng::new(7);
    let ids: Vec<_> = items
        .iter()
        .map(|_| ItemId::new(&SystemClock, &rng))
        .collect();
    let people = [(); 2].map(|()| UserId::new(&SystemClock, &rng));
    let seed = seed_updates(&items, &ids, &people, || 1).unwrap();
    let doc = content::item::project(&seed.items[0].1).unwrap();
    let shown: Vec<_> = doc.references.links.iter().map(|link| link.item).collect();
    assert!(shown.len() >= 5, "{} cards", shown.len());
    assert!(shown.iter().all(|id| ids[1..].contains(id)));
    let connectors = &items[0].diagram.as_ref().unwrap()["connectors"];
    assert_eq!(
        doc.canvas.connectors.len(),
        connectors.as_array().unwrap().len(),
        "none dangles"
    );
}

#[test]
fn ids_must_fit_the_items() {
    let items = items();
    let people = [UserId::new(&SystemClock, &SeededRng::new(1)); 2];
    let error = seed_updates(&items, &[], &people, || 1).unwrap_err();
    assert!(matches!(error, SeedError::Ids));
}

#[test]
fn a_text_is_read_as_written() {
    let text = "\
# Root [epic]

One **bold** and *it* line,
`code` [a](https://example.com/a) [b].

## Child [story done high 5 #x #y @tomas]
- one
  goes on
- two
1. first
2. second
= Why
> said
> so
```sql
# not an item

select 1
```
- [ ] Given a
  then b
- [x] c
# Next [task]
";
    let items = parse(text).unwrap().items;
    assert_eq!(items.len(), 3);
    assert_eq!(
        items.iter().map(|item| item.parent).collect::<Vec<_>>(),
        [None, Some(0), None]
    );
    let link = content::prosemirror::link("a", "https://example.com/a");
    assert_eq!(
        items[0].description["content"][0]["content"],
        json!([
            { "type": "text", "text": "One " },
            { "type": "text", "text": "bold", "marks": [{ "type": "bold" }] },
            { "type": "text", "text": " and " },
            { "type": "text", "text": "it", "marks": [{ "type": "italic" }] },
            { "type": "text", "text": " line, " },
            { "type": "text", "text": "code", "marks": [{ "type": "code" }] },
            { "type": "text", "text": " " },
            link,
            { "type": "text", "text": " [b]." },
        ])
    );
    let child = &items[1];
    assert_eq!(child.title, "Child");
    assert_eq!(child.item_type, ItemType::Story);
    assert_eq!(child.status, Status::Done);
    assert_eq!(child.priority, Priority::High);
    assert_eq!(child.estimate, Some(5.0));
    assert_eq!(child.labels, ["x", "y"]);
    assert_eq!(child.assignee, Some(1));
    assert_eq!(
        child.criteria,
        [("Given a then b".into(), false), ("c".into(), true)]
    );
    let blocks = child.description["content"].as_array().unwrap();
    let types: Vec<_> = blocks.iter().map(|b| b["type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        [
            "bulletList",
            "orderedList",
            "heading",
            "blockquote",
            "codeBlock"
        ]
    );
    assert_eq!(blocks[0]["content"].as_array().unwrap().len(), 2);
    assert_eq!(blocks[4]["attrs"]["language"], "sql");
    assert_eq!(blocks[4]["content"][0]["text"], "# not an item\n\nselect 1");
    assert_eq!(items[2].status, Status::Backlog);
}

#[test]
fn errors_name_the_line() {
    for (text, line) in [
        ("\nx\n# A [task]", 2),
        ("# A", 1),
        ("#A [task]", 1),
        ("# [task]", 1),
        ("# A [todo]", 1),
        ("# A [task task]", 1),
        ("# A [task soon]", 1),
        ("# A [task @nobody]", 1),
        ("# A [task #]", 1),
        ("# A [epic]\n\n### B [task]", 3),
        ("# A [task]\n  indented", 2),
        ("# A [task]\n- one\ntext", 3),
        ("# A [task]\n2. two", 2),
        ("# A [task]\n\n```\ncode", 3),
        ("# A [task]\nok **bold", 2),
        ("# A [task]\n- ok\n- `code", 3),
        ("# A [task]\n****", 2),
        ("# A [task]\n- [x] `plain`", 2),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.line, line, "{text:?}: {error}");
        assert!(error.to_string().starts_with(&format!("line {line}: ")));
    }
    assert_eq!(parse(""), Ok(parse::Demo::default()));
}
