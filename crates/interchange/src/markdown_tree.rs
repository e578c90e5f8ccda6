//! Items as a folder of Markdown files that is pleasant in a git repository.
//!
//! An item with children is a folder with a `README.md`, others are a file; both are named by their
//! titles. Each begins with front matter, then come its title, its description and its criteria.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use crate::outline::{Entry, Field};
use crate::rich::to_markdown;

/// The longest name of a file or folder, in bytes.
const MAX_NAME: usize = 48;
/// Folders in folders; what is deeper stands beside its parent.
const MAX_FOLDERS: usize = 8;

/// A title as a name of a file: lower case, words with hyphens, letters of any script.
pub fn slug(title: &str) -> String {
    let mut out = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if out.len() >= MAX_NAME {
            break;
        }
    }
    let out = out.trim_end_matches('-');
    // Names that one system or another keeps for itself.
    const TAKEN: [&str; 8] = ["", "readme", "index", "files", "con", "prn", "aux", "nul"];
    let numbered = |kind: &str| {
        let number = out.strip_prefix(kind);
        number.is_some_and(|number| number.chars().count() == 1 && number != "0")
    };
    if TAKEN.contains(&out) || numbered("com") || numbered("lpt") {
        format!("item-{out}").trim_end_matches('-').to_owned()
    } else {
        out.to_owned()
    }
}

/// Names that differ, whatever they are asked to be.
#[derive(Debug, Default)]
pub struct Names {
    taken: HashSet<String>,
    /// Where to go on counting: thousands may want the same one.
    next: HashMap<String, usize>,
}

impl Names {
    /// `stem` and `ending`, with a number between if need be.
    pub fn free(&mut self, stem: &str, ending: &str) -> String {
        let first = format!("{stem}{ending}");
        if self.taken.insert(first.clone()) {
            return first;
        }
        let n = self.next.entry(first).or_insert(2);
        loop {
            let name = format!("{stem}-{n}{ending}");
            *n += 1;
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// A path for each item of a tree: `titles[i]` and `parents[i]`, an index below `i`.
pub fn paths(titles: &[String], parents: &[Option<usize>]) -> Vec<String> {
    let mut has_children = vec![false; titles.len()];
    for parent in parents.iter().flatten() {
        has_children[*parent] = true;
    }
    // For each item, the folder of its children, and how deep that is.
    let mut folders: Vec<(String, usize)> = Vec::with_capacity(titles.len());
    let mut names = Names::default();
    let mut out = Vec::with_capacity(titles.len());
    for (i, title) in titles.iter().enumerate() {
        let (folder, depth) =
            parents[i].map_or_else(|| (String::new(), 0), |parent| folders[parent].clone());
        let own = has_children[i] && depth < MAX_FOLDERS;
        let name = names.free(&format!("{folder}{}", slug(title)), "");
        if own {
            out.push(format!("{name}/README.md"));
            folders.push((format!("{name}/"), depth + 1));
        } else {
            out.push(format!("{name}.md"));
            folders.push((folder, depth));
        }
    }
    out
}

/// The way from one file to another.
pub fn relative(from: &str, to: &str) -> String {
    let mut from: Vec<&str> = from.split('/').collect();
    from.pop();
    let to: Vec<&str> = to.split('/').collect();
    let same = from
        .iter()
        .zip(&to)
        .take_while(|(a, b)| a == b)
        .count()
        .min(to.len() - 1);
    let mut out = "../".repeat(from.len() - same);
    out.push_str(&to[same..].join("/"));
    out
}

/// One item's file. Its description's links are the caller's to make relative.
pub fn file(entry: &Entry, fields: &[Field]) -> String {
    let mut out = String::from("---\ncanopy: 1\n");
    // JSON is YAML; our own words need no quotes.
    let mut put = |key: &str, value: Value| match (key, value.as_str()) {
        ("type" | "status" | "priority", Some(word)) => out.push_str(&format!("{key}: {word}\n")),
        _ => out.push_str(&format!("{key}: {value}\n")),
    };
    if let Some(word) = entry.item_type {
        put("type", word.as_str().into());
    }
    if let Some(word) = entry.status {
        put("status", word.as_str().into());
    }
    if let Some(word) = entry.priority.filter(|word| *word != model::Priority::None) {
        put("priority", word.as_str().into());
    }
    if !entry.assignees.is_empty() {
        put("assignees", entry.assignees.clone().into());
    }
    if !entry.labels.is_empty() {
        put("labels", entry.labels.clone().into());
    }
    if let Some(estimate) = entry.estimate {
        put("estimate", estimate.into());
    }
    for (key, date) in [("start_date", &entry.start), ("due_date", &entry.due)] {
        if let Some(date) = date {
            put(key, date.clone().into());
        }
    }
    if !entry.custom.is_empty() {
        let custom: serde_json::Map<String, Value> = entry
            .custom
            .iter()
            .filter_map(|(at, value)| Some((fields.get(*at)?.name.clone(), value.clone())))
            .collect();
        put("custom", json!(custom));
    }
    out.push_str("---\n\n# ");
    let title = json!({ "type": "doc", "content": [{ "type": "heading", "attrs": { "level": 1 }, "content": text(&entry.title) }] });
    out.push_str(to_markdown(&title).trim_start_matches('#').trim_start());
    if let Some(description) = &entry.description {
        out.push('\n');
        out.push_str(&to_markdown(description));
    }
    if !entry.criteria.is_empty() {
        let items: Vec<Value> = entry
            .criteria
            .iter()
            .map(|criterion| {
                let mut lines: Vec<Value> = Vec::new();
                for line in criterion.text.split('\n') {
                    if !lines.is_empty() {
                        lines.push(json!({ "type": "hardBreak" }));
                    }
                    lines.extend(text(line));
                }
                json!({ "type": "taskItem", "attrs": { "checked": criterion.done }, "content": [{ "type": "paragraph", "content": lines }] })
            })
            .collect();
        out.push_str("\n## Acceptance criteria\n\n");
        out.push_str(&to_markdown(
            &json!({ "type": "doc", "content": [{ "type": "taskList", "content": items }] }),
        ));
    }
    out
}

fn text(text: &str) -> Vec<Value> {
    if text.is_empty() {
        Vec::new()
    } else {
        vec![json!({ "type": "text", "text": text })]
    }
}

/// One line of the index: a link, as deep as the item stands.
pub fn index_line(title: &str, path: &str, depth: usize) -> String {
    let mark = json!([{ "type": "link", "attrs": { "href": path } }]);
    let title = if title.is_empty() { "Untitled" } else { title };
    let line = json!({ "type": "doc", "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": title, "marks": mark }] }] });
    format!("{}- {}", "  ".repeat(depth), to_markdown(&line))
}
