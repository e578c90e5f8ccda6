//! Tables as HTML, for those that Markdown can't say.

use serde_json::Value;

use super::markdown_write::{content, image_address};
use super::normal::label;

/// A table as HTML without an empty line: one block of HTML to Markdown. A row is a line.
pub(crate) fn html_table(table: &Value) -> String {
    let mut out = String::from("<table>\n");
    for row in content(table) {
        out.push_str("<tr>");
        for cell in content(row) {
            let tag = if cell["type"] == "tableHeader" {
                "th"
            } else {
                "td"
            };
            out.push('<');
            out.push_str(tag);
            for span in ["colspan", "rowspan"] {
                match cell["attrs"][span].as_u64() {
                    None | Some(1) => {}
                    Some(n) => attribute(&mut out, span, &n.to_string()),
                }
            }
            if let Some(widths) = cell["attrs"]["colwidth"].as_array() {
                let widths: Vec<String> = widths.iter().map(Value::to_string).collect();
                attribute(&mut out, "data-colwidth", &widths.join(","));
            }
            out.push('>');
            blocks(&mut out, content(cell));
            out.push_str(&format!("</{tag}>"));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>");
    out
}

fn attribute(out: &mut String, name: &str, value: &str) {
    out.push_str(&format!(" {name}=\""));
    text(out, value);
    out.push('"');
}

fn text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c != ' ' && (c.is_whitespace() || c.is_control() || c == '\u{feff}') => {
                out.push_str(&format!("&#{};", u32::from(c)));
            }
            c => out.push(c),
        }
    }
}

fn blocks(out: &mut String, nodes: &[Value]) {
    for node in nodes {
        block(out, node);
    }
}

fn wrap(out: &mut String, tag: &str, inside: impl FnOnce(&mut String)) {
    out.push_str(&format!("<{tag}>"));
    inside(out);
    out.push_str(&format!("</{tag}>"));
}

fn block(out: &mut String, node: &Value) {
    let attrs = &node["attrs"];
    let inner = content(node);
    match node["type"].as_str().unwrap_or_default() {
        "heading" => {
            let level = attrs["level"].as_u64().unwrap_or(1).clamp(1, 3);
            wrap(out, &format!("h{level}"), |out| inline(out, inner));
        }
        "bulletList" => wrap(out, "ul", |out| blocks(out, inner)),
        "orderedList" => {
            out.push_str("<ol");
            match attrs["start"].as_u64() {
                None | Some(1) => {}
                Some(start) => attribute(out, "start", &start.to_string()),
            }
            out.push('>');
            blocks(out, inner);
            out.push_str("</ol>");
        }
        "taskList" => {
            out.push_str("<ul data-type=\"taskList\">");
            blocks(out, inner);
            out.push_str("</ul>");
        }
        "listItem" => wrap(out, "li", |out| blocks(out, inner)),
        "taskItem" => {
            let done = attrs["checked"] == true;
            out.push_str("<li data-type=\"taskItem\"");
            attribute(out, "data-checked", if done { "true" } else { "false" });
            out.push('>');
            blocks(out, inner);
            out.push_str("</li>");
        }
        "blockquote" => wrap(out, "blockquote", |out| blocks(out, inner)),
        "callout" => {
            out.push_str("<div data-type=\"callout\"");
            attribute(out, "data-kind", attrs["kind"].as_str().unwrap_or("note"));
            out.push('>');
            blocks(out, inner);
            out.push_str("</div>");
        }
        "codeBlock" => {
            out.push_str("<pre><code");
            if let Some(language) = attrs["language"].as_str() {
                attribute(out, "class", &format!("language-{language}"));
            }
            out.push('>');
            for child in inner {
                text(out, child["text"].as_str().unwrap_or_default());
            }
            out.push_str("</code></pre>");
        }
        "horizontalRule" => out.push_str("<hr>"),
        "table" => {
            // Line breaks would be text in nothing; one line is as good.
            out.push_str(&html_table(node).replace('\n', ""));
        }
        "image" => {
            out.push_str("<img");
            attribute(out, "src", &image_address(attrs));
            if let Some(alt) = attrs["alt"].as_str() {
                attribute(out, "alt", alt);
            }
            if let Some(width) = attrs["width"].as_u64() {
                attribute(out, "width", &width.to_string());
            }
            out.push('>');
        }
        "file" => {
            out.push_str("<div data-type=\"file\"");
            for (name, key) in [
                ("data-file", "file"),
                ("data-name", "name"),
                ("data-media-type", "media_type"),
            ] {
                if let Some(value) = attrs[key].as_str() {
                    attribute(out, name, value);
                }
            }
            if let Some(size) = attrs["size"].as_u64() {
                attribute(out, "data-size", &size.to_string());
            }
            out.push_str("></div>");
        }
        _ => wrap(out, "p", |out| inline(out, inner)),
    }
}

fn inline(out: &mut String, nodes: &[Value]) {
    for node in nodes {
        match node["type"].as_str().unwrap_or_default() {
            "hardBreak" => out.push_str("<br>"),
            "mention" | "itemLink" => {
                out.push_str("<span");
                attribute(out, "data-type", node["type"].as_str().unwrap_or_default());
                for (name, key) in [("data-id", "id"), ("data-label", "label")] {
                    if let Some(value) = node["attrs"][key].as_str() {
                        attribute(out, name, value);
                    }
                }
                out.push('>');
                text(out, &label(node));
                out.push_str("</span>");
            }
            _ => marked(out, node),
        }
    }
}

fn marked(out: &mut String, node: &Value) {
    let mut close = String::new();
    for mark in node["marks"].as_array().into_iter().flatten() {
        let tag = match mark["type"].as_str().unwrap_or_default() {
            "bold" => "strong",
            "italic" => "em",
            "strike" => "s",
            "code" => "code",
            "underline" => "u",
            "highlight" => "mark",
            "link" => {
                out.push_str("<a");
                attribute(
                    out,
                    "href",
                    mark["attrs"]["href"].as_str().unwrap_or_default(),
                );
                out.push('>');
                close.insert_str(0, "</a>");
                continue;
            }
            _ => continue,
        };
        out.push_str(&format!("<{tag}>"));
        close.insert_str(0, &format!("</{tag}>"));
    }
    text(out, node["text"].as_str().unwrap_or_default());
    out.push_str(&close);
}
