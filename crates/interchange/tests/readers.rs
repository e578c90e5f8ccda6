//! Files of other tools, and broken ones.

use interchange::rich::{from_html, from_wiki, plain_text, to_markdown};
use interchange::{Error, Format, Mapping, Outline, Preview, Target, read};
use model::{ItemType, Priority, Status};
use proptest::prelude::*;

fn ok(text: &[u8], name: &str, format: Format) -> Preview {
    read(text, name, format, None).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn tree(outline: &Outline) -> Vec<String> {
    let mut depths: Vec<usize> = Vec::new();
    let mut out = Vec::new();
    for (i, entry) in outline.entries.iter().enumerate() {
        assert!(
            entry.parent.is_none_or(|parent| parent < i),
            "parents come first"
        );
        let depth = entry.parent.map_or(0, |parent| depths[parent] + 1);
        depths.push(depth);
        out.push(format!("{}{}", "  ".repeat(depth), entry.title));
    }
    out
}

fn codes(preview: &Preview) -> Vec<&str> {
    preview
        .report
        .iter()
        .map(|line| line.code.as_str())
        .collect()
}

#[test]
fn jira_csv() {
    let preview = ok(include_bytes!("files/jira.csv"), "jira.csv", Format::Auto);
    assert_eq!(preview.format, Format::JiraCsv);
    let outline = &preview.outline;
    assert_eq!(
        tree(outline),
        ["Accounts", "  Sign in", "    Check", "Crash"]
    );
    let [epic, story, sub, bug] = &outline.entries[..] else {
        panic!()
    };
    assert_eq!(
        (epic.item_type, epic.status, epic.priority),
        (
            Some(ItemType::Epic),
            Some(Status::InProgress),
            Some(Priority::High)
        )
    );
    assert_eq!(epic.due.as_deref(), Some("2026-01-12"));
    assert_eq!(story.estimate, Some(5.0));
    assert_eq!(story.status, Some(Status::InProgress), "by its category");
    assert_eq!(story.assignees, ["Nobody Here"]);
    assert_eq!(sub.item_type, Some(ItemType::Task));
    assert_eq!(
        (bug.item_type, bug.status, &bug.labels[..]),
        (
            Some(ItemType::Task),
            Some(Status::Cancelled),
            &["bug".to_owned()][..]
        )
    );
    assert_eq!(outline.fields.len(), 1);
    assert_eq!(
        (outline.fields[0].name.as_str(), &bug.custom[0].1),
        ("Team", &"Blue".into())
    );
    for code in [
        "missing_parent",
        "attachment",
        "status_mapped",
        "type_mapped",
    ] {
        assert!(
            codes(&preview).contains(&code),
            "{code}: {:?}",
            preview.report
        );
    }
    let text = to_markdown(epic.description.as_ref().unwrap());
    for part in [
        "# Accounts",
        "**e-mail**",
        "*passkey*",
        "- one\n  - nested",
        "1. first",
        "| Case | Result |",
        "`error`",
        "```java\nif (a < b) { }\n```",
        "> [!NOTE]\n> **Careful**",
        "Never store it.",
        "[the site](https://a.example/)",
        "@ana",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn jira_xml() {
    let preview = ok(include_bytes!("files/jira.xml"), "x.xml", Format::Auto);
    assert_eq!(preview.format, Format::JiraXml);
    assert_eq!(
        tree(&preview.outline),
        ["Accounts & more", "  Sign in", "    Check"]
    );
    let [epic, story, sub] = &preview.outline.entries[..] else {
        panic!()
    };
    assert_eq!(
        (epic.estimate, &epic.labels[..], epic.due.as_deref()),
        (
            Some(8.0),
            &["web".to_owned(), "auth".to_owned()][..],
            Some("2026-01-12")
        )
    );
    assert_eq!(
        (story.status, &story.assignees[..]),
        (Some(Status::Todo), &[][..])
    );
    assert_eq!(sub.status, Some(Status::Done));
    assert_eq!(
        preview
            .outline
            .fields
            .iter()
            .map(|f| f.name.as_str())
            .collect::<Vec<_>>(),
        ["Team"]
    );
    assert_eq!(
        to_markdown(epic.description.as_ref().unwrap()),
        "With **bold**,\\\na [link](https://a.example/).\n\n- one\n  - two\n\n```java\na < b\n```\n"
    );
    assert!(codes(&preview).contains(&"comments") && codes(&preview).contains(&"attachment"));
}

#[test]
fn xml_expands_nothing() {
    let bomb = br#"<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x">]><rss><channel><item><summary>&b;</summary></item></channel></rss>"#;
    assert_eq!(
        read(bomb, "a.xml", Format::JiraXml, None).unwrap_err(),
        Error::Dtd
    );
    let deep = format!("<rss>{}", "<a>".repeat(100_000));
    assert!(matches!(
        read(deep.as_bytes(), "a.xml", Format::JiraXml, None),
        Err(Error::Xml(_))
    ));
    assert_eq!(
        read(b"<rss></rss>", "a.xml", Format::Auto, None).unwrap_err(),
        Error::Empty
    );
    assert_eq!(
        read(b"<?xml version='1.0'?><svg/>", "a.xml", Format::Auto, None).unwrap_err(),
        Error::NotJiraXml
    );
}

#[test]
fn csv_guesses_and_mapping() {
    let csv = "Titel;Status;Estimate;Team\r\n\"Erste; \"\"Sache\"\"\nzweite Zeile\";done;1,5;Blau\r\n;;;\r\n'=1+1;;;\r\n";
    let preview = ok(csv.as_bytes(), "a.csv", Format::Auto);
    let columns = preview.columns.as_ref().unwrap();
    assert_eq!(
        columns.iter().map(|c| c.target).collect::<Vec<_>>(),
        [
            Target::Title,
            Target::Status,
            Target::Estimate,
            Target::Custom
        ]
    );
    let [first, second] = &preview.outline.entries[..] else {
        panic!()
    };
    assert_eq!(
        (
            first.title.as_str(),
            first.status,
            first.estimate,
            first.line
        ),
        (
            "Erste; \"Sache\" zweite Zeile",
            Some(Status::Done),
            Some(1.5),
            2
        )
    );
    assert_eq!(second.title, "=1+1", "the apostrophe of an export goes");

    let mut mapping: Mapping = preview.mapping.clone().unwrap();
    mapping.columns = vec![
        Target::Ignore,
        Target::Ignore,
        Target::Ignore,
        Target::Title,
    ];
    let again = read(csv.as_bytes(), "a.csv", Format::Csv, Some(&mapping)).unwrap();
    assert_eq!(again.outline.entries[0].title, "Blau");
}

#[test]
fn csv_hierarchies() {
    let by_id = "id,parent,title\n3,2,c\n2,1,b\n1,,a\n4,9,lost\n5,6,x\n6,5,y\n";
    let preview = ok(by_id.as_bytes(), "a.csv", Format::Csv);
    assert_eq!(
        tree(&preview.outline),
        ["a", "  b", "    c", "lost", "x", "  y"]
    );
    assert!(codes(&preview).contains(&"missing_parent") && codes(&preview).contains(&"cycle"));
    let by_level = "Level,Title\n1,a\n2,b\n3,c\n2,d\n1,e\n";
    assert_eq!(
        tree(&ok(by_level.as_bytes(), "a.csv", Format::Csv).outline),
        ["a", "  b", "    c", "  d", "e"]
    );
    let by_indent = "Title,Status\na,\n  b,\n    c,\n  d,\n";
    assert_eq!(
        tree(&ok(by_indent.as_bytes(), "a.csv", Format::Csv).outline),
        ["a", "  b", "    c", "  d"]
    );
}

#[test]
fn encodings() {
    let text = "Title,Labels\nGrüße aus Köln,für alle\n";
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    let mut wide: Vec<u8> = vec![0xff, 0xfe];
    wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let bare: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for bytes in [latin.to_vec(), wide, bare, marked, text.as_bytes().to_vec()] {
        let preview = ok(&bytes, "a.csv", Format::Csv);
        assert_eq!(preview.outline.entries[0].title, "Grüße aus Köln");
        assert_eq!(preview.columns.unwrap()[0].name, "Title");
    }
}

#[test]
fn markdown_outlines() {
    let text = "# Shop\n\nAll of it.\n\n## Sign in\n\nStatus: in progress · Assignee: ana@x.io, ben\nLabels: web\n\nWith a passkey.\n\n### Acceptance criteria\n\n- [x] Works\n- [ ] Is *fast*\n\n### Task: Button\n\n## Basket\n";
    let preview = ok(text.as_bytes(), "a.md", Format::Auto);
    assert_eq!(
        tree(&preview.outline),
        ["Shop", "  Sign in", "    Button", "  Basket"]
    );
    let story = &preview.outline.entries[1];
    assert_eq!(
        (story.status, &story.assignees[..], story.item_type),
        (
            Some(Status::InProgress),
            &["ana@x.io".to_owned(), "ben".to_owned()][..],
            Some(ItemType::Feature)
        )
    );
    assert_eq!(
        story
            .criteria
            .iter()
            .map(|c| (c.text.as_str(), c.done))
            .collect::<Vec<_>>(),
        [("Works", true), ("Is fast", false)]
    );
    assert_eq!(
        plain_text(story.description.as_ref().unwrap()),
        "With a passkey."
    );
    assert_eq!(preview.outline.entries[2].item_type, Some(ItemType::Task));
    let list = "- Shop\n  - [x] Sign in\n\n    With text.\n\n    - deeper\n- Other\n";
    let preview = ok(list.as_bytes(), "a.md", Format::Auto);
    assert_eq!(
        tree(&preview.outline),
        ["Shop", "  Sign in", "    deeper", "Other"]
    );
    assert_eq!(preview.outline.entries[1].status, Some(Status::Done));
}

#[test]
fn our_own_markdown_comes_back() {
    use interchange::{Criterion, Entry, Field, markdown_tree};
    let fields = [Field {
        name: "Team: \"x\"".into(),
        kind: "text".into(),
        options: Vec::new(),
    }];
    let entry = Entry {
        title: "# A *title*".into(),
        item_type: Some(ItemType::Story),
        status: Some(Status::InReview),
        priority: Some(Priority::High),
        assignees: vec!["ana@x.io".into()],
        labels: vec!["a, b".into(), "c".into()],
        estimate: Some(2.5),
        due: Some("2026-02-01".into()),
        custom: vec![(0, "v".into())],
        description: Some(interchange::rich::from_markdown(
            "# Heading\n\ntext\n\n## Sub\n",
        )),
        criteria: vec![
            Criterion {
                text: "It *works*".into(),
                done: true,
            },
            Criterion {
                text: "- [ ] odd".into(),
                done: false,
            },
        ],
        ..Entry::default()
    };
    let file = markdown_tree::file(&entry, &fields);
    let back = ok(file.as_bytes(), "a.md", Format::Auto).outline;
    let expected = Entry { line: 1, ..entry };
    assert_eq!(back.entries, [expected], "{file}");
    assert_eq!(back.fields, fields);
}

#[test]
fn our_csv_comes_back() {
    use interchange::{Criterion, Entry, csv_write};
    let entry = Entry {
        key: "1".into(),
        title: "=HYPERLINK(\"x\")".into(),
        item_type: Some(ItemType::Story),
        status: Some(Status::Done),
        priority: Some(Priority::None),
        labels: vec!["a".into(), "b c".into()],
        estimate: Some(-0.0),
        description: Some(interchange::rich::from_markdown("- a\n- b\n\n@x\n")),
        criteria: vec![Criterion {
            text: "yes".into(),
            done: true,
        }],
        line: 2,
        ..Entry::default()
    };
    let csv = csv_write::header(&[])
        + &csv_write::row(&entry, "1", "", 0)
        + &csv_write::row(
            &Entry {
                title: "child".into(),
                ..Entry::default()
            },
            "2",
            "1",
            0,
        );
    assert!(csv.contains("\"'=HYPERLINK"), "{csv}");
    let back = ok(csv.as_bytes(), "a.csv", Format::Auto).outline;
    assert_eq!(tree(&back), ["=HYPERLINK(\"x\")", "  child"]);
    assert_eq!(back.entries[0], entry);
}

#[test]
fn ten_thousand_rows_and_too_many() {
    let mut csv = String::from("id,parent,title\n");
    for n in 0..10_000 {
        csv.push_str(&format!(
            "{n},{},\"row {n}\"\n",
            if n % 10 == 0 {
                String::new()
            } else {
                (n - 1).to_string()
            }
        ));
    }
    let preview = ok(csv.as_bytes(), "a.csv", Format::Auto);
    assert_eq!(preview.outline.entries.len(), 10_000);
    assert!(preview.report.is_empty(), "{:?}", preview.report);
    let many = "a\n".repeat(50_002);
    assert_eq!(
        read(many.as_bytes(), "a.csv", Format::Csv, None).unwrap_err(),
        Error::TooManyRows
    );
    let wide = ",".repeat(100_000);
    assert_eq!(
        read(wide.as_bytes(), "a.csv", Format::Csv, None).unwrap_err(),
        Error::TooManyColumns
    );
    // A chain deeper than a tree may be keeps all of its items.
    let chain: String = (0..2_000)
        .map(|n| format!("{n},{},t{n}\n", n + 1))
        .collect();
    let preview = ok(
        format!("id,parent,title\n{chain}").as_bytes(),
        "a.csv",
        Format::Csv,
    );
    assert_eq!(preview.outline.entries.len(), 2_000);
    assert!(codes(&preview).contains(&"too_deep"));
}

#[test]
fn json_refuses_what_it_does_not_know() {
    let read = |text: &str| read(text.as_bytes(), "a.json", Format::Json, None);
    assert!(matches!(read("{}"), Err(Error::Json(_))));
    assert!(matches!(
        read("{\"format\":\"canopy/2\"}"),
        Err(Error::Newer(_))
    ));
    assert!(matches!(read(&"[".repeat(100_000)), Err(Error::Json(_))));
    let odd = r#"{"format":"canopy/1","items":[{"id":"1","title":"a","status":"x","custom":{"No":1},"description":{"type":"doc","content":[{"type":"text","text":""}]}}]}"#;
    let preview = read(odd).unwrap();
    assert_eq!(preview.outline.entries[0].description, None);
    assert!(
        ["unknown_word", "unknown_field", "description"]
            .iter()
            .all(|code| codes(&preview).contains(code))
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn garbage_is_an_error_or_a_report(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..400),
            "[-#*|\"',;{}<>/a-d \n\t\\[\\]!&:=.0-9]{0,300}".prop_map(String::into_bytes),
            "(<(rss|item|channel|description|key|p|table|td|li|ul|pre|customfield)>|</(item|p|td|ul|pre)>|&(amp|lt|x);|[a-z ]){0,60}".prop_map(|s| format!("<rss><channel>{s}").into_bytes()),
        ],
    ) {
        for format in [Format::Auto, Format::Markdown, Format::Csv, Format::JiraCsv, Format::JiraXml, Format::Json] {
            let _ = read(&bytes, "x", format, None);
        }
    }

    #[test]
    fn any_markup_is_a_document(text in "([*_+{}!|#-]|h1\\. |\\{code\\}|\\{quote\\}|\\{panel\\}|<(p|ul|li|table|td|pre|b)>|</(ul|td|b)>|[a-c ]|\n){0,80}") {
        for doc in [from_wiki(&text), from_html(&text)] {
            let markdown = to_markdown(&doc);
            prop_assert_eq!(interchange::rich::from_markdown(&markdown), doc, "{}", markdown);
        }
    }
}
