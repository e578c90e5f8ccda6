//! Rich text to Markdown and back.

use std::path::PathBuf;

use interchange::rich::{from_markdown, normalize, to_markdown};
use proptest::prelude::*;
use serde_json::{Value, json};

fn fixtures(folder: &str) -> Vec<(PathBuf, Value)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../content/fixtures")
        .join(folder);
    let mut out: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path, serde_json::from_str(&text).unwrap())
        })
        .collect();
    out.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!out.is_empty());
    out
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

#[test]
fn fixtures_both_ways() {
    for (path, fixture) in fixtures("markdown") {
        let markdown = fixture["markdown"].as_str().unwrap();
        let name = path.display();
        assert_eq!(
            normalize(&fixture["doc"]),
            fixture["doc"],
            "{name}: not in normal form"
        );
        assert_eq!(to_markdown(&fixture["doc"]), markdown, "{name}");
        assert_eq!(
            from_markdown(markdown),
            fixture["doc"],
            "{name}\n{}",
            pretty(&from_markdown(markdown))
        );
    }
}

#[test]
fn fixtures_read() {
    for (path, fixture) in fixtures("markdown/read") {
        let markdown = fixture["markdown"].as_str().unwrap();
        assert_eq!(
            from_markdown(markdown),
            fixture["doc"],
            "{}\n{}",
            path.display(),
            pretty(&from_markdown(markdown))
        );
    }
}

/// Fills in what is missing in new fixtures. Look at what it wrote.
#[test]
#[ignore = "writes fixtures"]
fn write_fixtures() {
    for (path, mut fixture) in fixtures("markdown")
        .into_iter()
        .chain(fixtures("markdown/read"))
    {
        if fixture["markdown"].is_null() {
            fixture["markdown"] = to_markdown(&fixture["doc"]).into();
        } else if fixture["doc"].is_null() {
            fixture["doc"] = from_markdown(fixture["markdown"].as_str().unwrap());
        } else {
            continue;
        }
        std::fs::write(path, pretty(&fixture) + "\n").unwrap();
    }
}

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{1,4}",
        2 => " {1,2}",
        3 => r"[*_~=`#|<>&\[\]()!\\+.:{}^$@/-]{1,3}",
        1 => prop::sample::select(vec![
            "1. ", "- ", "+ ", "# ", "> ", "&amp;", "&nbsp;", "\u{a0}", "[x] ", "---", "===", "<br>", "<b>", "==",
            "https://a.example/x?y=1&z=2", "a_b_c", "~~~", "```", "\u{2003}", "é", "日本", "😀", "[^1]", "1) ", "\t",
            "!", "{width=3}", "| - |", ":-", "\\", "\"", "'", "*a*", "[!NOTE]", "<!-- -->", "www.a.example", "- [ ] ",
        ]).prop_map(str::to_owned),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(word(), 1..4).prop_map(|words| words.concat())
}

fn marked() -> impl Strategy<Value = Value> {
    let names = ["bold", "italic", "strike", "underline", "highlight", "code"];
    let marks = prop::collection::vec(prop::sample::select(names.to_vec()), 0..3);
    let link = prop::option::weighted(
        0.15,
        prop::sample::select(vec![
            "https://a.example/",
            "/x y(z)",
            "mailto:a@b.example",
            "https://a.example/?a=b&amp;c|d",
        ]),
    );
    (text(), marks, link).prop_map(|(text, marks, link)| {
        let mut marks: Vec<Value> = marks.into_iter().map(|m| json!({ "type": m })).collect();
        if let Some(href) = link {
            marks.push(json!({ "type": "link", "attrs": { "href": href } }));
        }
        json!({ "type": "text", "text": text, "marks": marks })
    })
}

fn inline() -> impl Strategy<Value = Vec<Value>> {
    let node = prop_oneof![
        10 => marked(),
        1 => Just(json!({ "type": "hardBreak" })),
        1 => "[a-z\\[\\]*|]{0,5}".prop_map(|label| json!({ "type": "mention", "attrs": { "id": ID, "label": format!("A{label}") } })),
        1 => "[a-z #\\]]{0,5}".prop_map(|label| json!({ "type": "itemLink", "attrs": { "id": ID, "label": format!("{label}z") } })),
    ];
    prop::collection::vec(node, 0..5)
}

fn leaf() -> impl Strategy<Value = Value> {
    let source = prop::collection::vec(prop_oneof![word(), Just("\n".to_owned())], 0..8)
        .prop_map(|w| w.concat());
    prop_oneof![
        8 => inline().prop_map(|content| json!({ "type": "paragraph", "content": content })),
        2 => (1..=3, inline()).prop_map(|(level, content)| json!({ "type": "heading", "attrs": { "level": level }, "content": content })),
        2 => (source, prop::option::of("[a-z+#]{1,5}")).prop_map(|(source, language)| json!({
            "type": "codeBlock", "attrs": { "language": language }, "content": [{ "type": "text", "text": source }] })),
        1 => Just(json!({ "type": "horizontalRule" })),
        1 => ("[a-z |*\\[\\]]{0,6}", prop::option::of(1u32..2000)).prop_map(|(alt, width)| json!({
            "type": "image", "attrs": { "file": ID, "alt": format!("a{alt}z"), "width": width } })),
        1 => Just(json!({ "type": "image", "attrs": { "src": "https://a.example/b (1).png" } })),
        1 => ("[a-z \\]]{0,6}", prop::option::of(0u64..9_000_000)).prop_map(|(name, size)| json!({
            "type": "file", "attrs": { "file": ID, "name": format!("{name}.pdf"), "size": size, "media_type": "application/pdf" } })),
        2 => table(inline().prop_map(|content| vec![json!({ "type": "paragraph", "content": content })]).boxed(), true),
    ]
}

fn paragraph() -> impl Strategy<Value = Value> {
    inline().prop_map(|content| json!({ "type": "paragraph", "content": content }))
}

fn table(cell: BoxedStrategy<Vec<Value>>, plain: bool) -> BoxedStrategy<Value> {
    (1usize..4, 1usize..4)
        .prop_flat_map(move |(width, height)| {
            let span = if plain { 1u32..2 } else { 1u32..3 };
            let cell = (cell.clone(), span, any::<bool>());
            prop::collection::vec(prop::collection::vec(cell, width), height)
        })
        .prop_map(move |rows| {
            let rows: Vec<Value> = rows
                .into_iter()
                .enumerate()
                .map(|(i, row)| {
                    let cells: Vec<Value> = row
                        .into_iter()
                        .map(|(content, span, head)| {
                            let head = if plain { i == 0 } else { head };
                            json!({
                                "type": if head { "tableHeader" } else { "tableCell" },
                                "attrs": { "colspan": span, "rowspan": 1, "colwidth": (span == 2).then(|| vec![100, 80]) },
                                "content": content,
                            })
                        })
                        .collect();
                    json!({ "type": "tableRow", "content": cells })
                })
                .collect();
            json!({ "type": "table", "content": rows })
        })
        .boxed()
}

fn block() -> impl Strategy<Value = Value> {
    leaf().boxed().prop_recursive(4, 40, 4, |inner| {
        let blocks = prop::collection::vec(inner.clone(), 1..4);
        let entry = (paragraph(), prop::collection::vec(inner.clone(), 0..3)).prop_map(|(first, rest)| {
            let mut content = vec![first];
            content.extend(rest);
            content
        }).boxed();
        let items = |name: &'static str, entry: BoxedStrategy<Vec<Value>>| {
            prop::collection::vec((entry, any::<bool>()), 1..4).prop_map(move |entries| -> Vec<Value> {
                entries
                    .into_iter()
                    .map(|(content, done)| match name {
                        "taskItem" => json!({ "type": name, "attrs": { "checked": done }, "content": content }),
                        _ => json!({ "type": name, "content": content }),
                    })
                    .collect()
            })
        };
        prop_oneof![
            2 => items("listItem", entry.clone()).prop_map(|content| json!({ "type": "bulletList", "content": content })),
            2 => (items("listItem", entry.clone()), 0u32..12).prop_map(|(content, start)| json!({ "type": "orderedList", "attrs": { "start": start }, "content": content })),
            2 => items("taskItem", entry).prop_map(|content| json!({ "type": "taskList", "content": content })),
            1 => blocks.clone().prop_map(|content| json!({ "type": "blockquote", "content": content })),
            1 => (blocks.clone(), prop::sample::select(vec!["note", "tip", "important", "warning", "caution"]))
                .prop_map(|(content, kind)| json!({ "type": "callout", "attrs": { "kind": kind }, "content": content })),
            1 => table(blocks.boxed(), false),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_editor_can_make_comes_back(blocks in prop::collection::vec(block(), 0..5)) {
        let doc = normalize(&json!({ "type": "doc", "content": blocks }));
        let markdown = to_markdown(&doc);
        let back = from_markdown(&markdown);
        prop_assert!(back == doc, "{}\n--- back\n{}\n--- doc\n{}", markdown, back, doc);
        prop_assert_eq!(to_markdown(&back), markdown);
    }

    #[test]
    fn any_text_is_a_document(source in prop_oneof![".{0,200}", text(), r"[ \t\n>*+=\-#`\[\]<a-c/!1.|&;]{0,80}"]) {
        let doc = from_markdown(&source);
        let again = from_markdown(&to_markdown(&doc));
        prop_assert!(again == doc, "{}\n---\n{}", source, to_markdown(&doc));
    }
}
