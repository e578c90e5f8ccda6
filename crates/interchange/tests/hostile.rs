//! Files that are made to hurt. Each is read to the end, or refused: without the bounds that these tests are about, they would
//! take hours, all of the memory, or the stack.

use interchange::rich::{from_html, from_markdown, from_wiki, to_markdown};
use interchange::{Error, Format, Preview, markdown_tree, read};
use serde_json::{Value, json};

fn ok(text: &str, format: Format) -> Preview {
    read(text.as_bytes(), "x", format, None).unwrap_or_else(|e| panic!("{e}"))
}

fn package(item: &Value) -> String {
    json!({ "format": "canopy/1", "items": [item] }).to_string()
}

#[test]
fn a_line_of_boxes_does_not_use_up_the_stack() {
    for line in [
        "{info}{note}",
        "{quote}{quote}",
        "{panel:title=x}{tip}a",
        "{info}",
    ] {
        let doc = from_wiki(&line.repeat(100_000));
        assert_eq!(doc["type"], "doc");
    }
    let doc = from_wiki("{info}a{info}{quote}b{quote} c");
    let kinds: Vec<&str> = doc["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["callout", "blockquote", "paragraph"]);
}

#[test]
fn marks_that_never_end_are_few() {
    for tag in ["<b>a", "<a href=x>a", "<u>a<b>a"] {
        let doc = from_markdown(&format!("x {}", tag.repeat(60_000)));
        assert_eq!(doc["content"][0]["type"], "paragraph");
    }
}

#[test]
fn cells_and_code_are_found_in_one_pass() {
    let cells = format!("||[{}]", "|".repeat(400_000));
    assert_eq!(from_wiki(&cells)["content"][0]["type"], "table");
    let code = "{code}{code}".repeat(40_000);
    assert_eq!(from_wiki(&code)["type"], "doc");
    let code = from_wiki("a {code:rust}b{code} c");
    assert_eq!(code["content"][1]["attrs"]["language"], "rust");
}

#[test]
fn a_hundred_thousand_labels_are_a_hundred() {
    let labels: Vec<String> = (0..400_000).map(|n| format!("l{n}")).collect();
    let preview = ok(
        &package(&json!({ "id": "1", "labels": labels })),
        Format::Json,
    );
    assert_eq!(preview.outline.entries[0].labels.len(), 100);
    assert!(preview.report.iter().any(|line| line.code == "list_cut"));
}

#[test]
fn columns_without_values_cost_nothing() {
    let names: String = (0..900).map(|n| format!("c{n},")).collect();
    let mut file = format!("Title,{names}\n");
    for n in 0..3_000 {
        file.push_str(&format!("t{n},{}\n", "x,".repeat(40)));
    }
    let preview = ok(&file, Format::Csv);
    assert_eq!(
        (preview.outline.entries.len(), preview.outline.fields.len()),
        (3_000, 40)
    );
}

#[test]
fn no_address_that_runs_something_comes_in_or_goes_out() {
    let scripts = [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\tscript:alert(1)",
        " javascript:alert(1)",
        "vbscript:x",
        "data:text/html,<script>x</script>",
    ];
    for script in scripts {
        let typed = script.replace('\t', "&Tab;");
        let docs = [
            from_markdown(&format!(
                "[a](<{script}>) ![b](<{script}>) <a href=\"{script}\">c</a>"
            )),
            from_markdown(&format!("[a](<{typed}>)")),
            from_html(&format!(
                "<p><a href=\"{script}\">a</a><img src=\"{script}\"></p>"
            )),
            from_wiki(&format!("[a|{script}] [a|{script}//x] [a|{script}://x]")),
        ];
        for doc in docs {
            assert!(runs(&doc).is_none(), "{script}: {doc}");
        }
        let link = json!({ "type": "doc", "content": [
            { "type": "paragraph", "content": [{ "type": "text", "text": "a", "marks": [{ "type": "bold" }, { "type": "link", "attrs": { "href": script } }] }] },
            { "type": "image", "attrs": { "src": script } },
        ] });
        let preview = ok(
            &package(&json!({ "id": "1", "description": link })),
            Format::Json,
        );
        let read = preview.outline.entries[0].description.clone().unwrap();
        assert!(runs(&read).is_none(), "{read}");
        assert_eq!(
            read["content"][0]["content"][0]["marks"],
            json!([{ "type": "bold" }])
        );
        let written = to_markdown(&link);
        assert!(
            !written.contains("alert") && !written.contains("script"),
            "{written}"
        );
    }
    for fine in [
        "https://a.example/javascript:x",
        "mailto:a@x.io",
        "/data:x",
        "#javascript",
        "obsidian://x",
    ] {
        let doc = from_markdown(&format!("[a](<{fine}>)"));
        assert_eq!(
            doc["content"][0]["content"][0]["marks"][0]["attrs"]["href"],
            fine
        );
    }
}

/// An address in a document that a browser would run.
fn runs(node: &Value) -> Option<String> {
    let own = match node {
        Value::Object(map) => ["href", "src"]
            .iter()
            .find_map(|key| map.get(*key)?.as_str()),
        _ => None,
    };
    let plain = |text: &str| {
        text.chars()
            .filter(|c| !c.is_control() && *c != ' ')
            .collect::<String>()
            .to_lowercase()
    };
    let bad = |text: &str| {
        ["javascript:", "vbscript:", "data:"]
            .iter()
            .any(|scheme| plain(text).starts_with(scheme))
    };
    if let Some(own) = own.filter(|own| bad(own)) {
        return Some(own.to_owned());
    }
    match node {
        Value::Object(map) => map.values().find_map(runs),
        Value::Array(list) => list.iter().find_map(runs),
        _ => None,
    }
}

#[test]
fn names_of_an_export_are_safe_on_every_system_and_found_at_once() {
    let titles: Vec<String> = vec!["x".into(); 20_000];
    let paths = markdown_tree::paths(&titles, &vec![None; titles.len()]);
    assert_eq!(
        (paths[0].as_str(), paths[1].as_str(), paths[19_999].as_str()),
        ("x.md", "x-2.md", "x-20000.md")
    );
    let differ: std::collections::HashSet<&String> = paths.iter().collect();
    assert_eq!(differ.len(), paths.len());
    for title in [
        "../../etc/passwd",
        "/etc",
        "C:\\x",
        "..",
        "",
        "\0",
        "CON",
        "com7",
        "LPT1",
        "a".repeat(9_000).as_str(),
        "\u{202e}gpj.exe",
        "Files",
        "readme",
    ] {
        let paths = markdown_tree::paths(&[title.to_owned(), title.to_owned()], &[None, Some(0)]);
        for path in &paths {
            let parts: Vec<&str> = path.split('/').collect();
            assert!(
                parts
                    .iter()
                    .all(|part| !part.is_empty() && !part.starts_with('.') && part.len() < 64),
                "{path}"
            );
            assert!(!path.contains(['\\', ':', '\0', '\u{202e}']), "{path}");
            let stem = parts[0].trim_end_matches(".md");
            assert!(
                !["con", "com7", "lpt1", "files", "readme"].contains(&stem),
                "{path}"
            );
        }
    }
}

#[test]
fn depth_is_bounded_whatever_nests() {
    for (format, text) in [
        (
            Format::Markdown,
            format!("# a\n\n{}x", "> ".repeat(100_000)),
        ),
        (Format::Markdown, format!("{}x", "- ".repeat(100_000))),
        (
            Format::Markdown,
            format!("# a\n\n<div>{}", "<table><tr><td>".repeat(50_000)),
        ),
        (
            Format::JiraXml,
            format!(
                "<rss><channel><item><summary>a</summary><description>{}</description></item></channel></rss>",
                "&lt;ul&gt;&lt;li&gt;".repeat(20_000)
            ),
        ),
    ] {
        assert!(!ok(&text, format).outline.entries.is_empty());
    }
    let deep = format!(
        "{{\"format\":\"canopy/1\",\"items\":[{{\"id\":\"1\",\"description\":{}",
        "[".repeat(100_000)
    );
    assert_eq!(
        read(deep.as_bytes(), "x", Format::Json, None)
            .unwrap_err()
            .code(),
        "not-json"
    );
    let xml = format!("<rss>{}", "<a>".repeat(100_000));
    assert_eq!(
        read(xml.as_bytes(), "x", Format::JiraXml, None)
            .unwrap_err()
            .code(),
        "not-xml"
    );
    for laughs in [
        "<!DOCTYPE lolz [<!ENTITY lol \"lol\">]><rss/>",
        "<?xml version=\"1.0\"?><!DOCTYPE a SYSTEM \"file:///etc/passwd\"><rss/>",
    ] {
        assert_eq!(
            read(laughs.as_bytes(), "x", Format::JiraXml, None).unwrap_err(),
            Error::Dtd
        );
    }
}
