//! The one plain tree that every reader gives and every writer takes.

use model::{ItemType, Priority, Status};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::read::Error;
use crate::report::{Level, Report};

/// The most items of one file.
pub const MAX_ITEMS: usize = 50_000;
/// How deep items may stand in each other; deeper ones are lifted.
pub const MAX_DEPTH: usize = 50;
/// The longest title, in characters.
pub const MAX_TITLE: usize = 500;
/// The longest label, in characters.
pub const MAX_LABEL: usize = 100;
/// The most labels, and the most assignees, of one item.
pub const MAX_LIST: usize = 100;
/// The longest text of a criterion, in characters.
pub const MAX_CRITERION: usize = 4000;
/// The most criteria of one item.
pub const MAX_CRITERIA: usize = 1000;
/// The longest value of a custom field, in bytes.
pub const MAX_VALUE: usize = 3500;
/// The most custom fields of one file.
pub const MAX_FIELDS: usize = 80;

/// Items in tree order: an entry stands behind its parent and its elder siblings' subtrees.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// The items.
    pub entries: Vec<Entry>,
    /// The custom fields that they have values of.
    pub fields: Vec<Field>,
    /// Files that descriptions name as `file:{name}` of this list, with their bytes.
    #[serde(skip)]
    pub files: Vec<File>,
}

/// An item as a file says it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// What the file calls it: a key, a number. May be empty.
    pub key: String,
    /// The index of what it stands under, smaller than its own; `None` at the root.
    pub parent: Option<usize>,
    /// One line.
    pub title: String,
    /// What sort of work it is; a task if the file doesn't say.
    pub item_type: Option<ItemType>,
    /// How far it is; in the backlog if the file doesn't say.
    pub status: Option<Status>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// Who works on it: e-mail addresses or names.
    pub assignees: Vec<String>,
    /// Free words.
    pub labels: Vec<String>,
    /// Zero or more.
    pub estimate: Option<f64>,
    /// `YYYY-MM-DD`.
    pub start: Option<String>,
    /// `YYYY-MM-DD`.
    pub due: Option<String>,
    /// Values of custom fields: the index in [`Outline::fields`], and the value.
    pub custom: Vec<(usize, Value)>,
    /// Fields of an item's document that are known to nobody, kept as they are.
    pub other: Map<String, Value>,
    /// ProseMirror JSON; `None` is empty. Links to items have `id: "item:{key}"`, mentions `id:
    /// "user:{e-mail}"`, images and files `file: "file:{key}"` where the file says so.
    pub description: Option<Value>,
    /// What a diagram shows, as its own JSON says it. Cards have `item: "item:{key}"`, images `file: "file:{key}"`.
    pub diagram: Option<Value>,
    /// Acceptance criteria: what must hold, and whether it does.
    pub criteria: Vec<Criterion>,
    /// What was attached to it: names and addresses, for the report.
    pub attachments: Vec<String>,
    /// Where in the file it stands: a line, or a row; from 1.
    pub line: u64,
}

/// An acceptance criterion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// What must hold.
    pub text: String,
    /// Whether it does.
    pub done: bool,
}

/// A custom field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Its name, unique among the fields.
    pub name: String,
    /// `text`, `number`, `date`, `select`, `multi_select`, `person`, `checkbox` or `url`.
    pub kind: String,
    /// What a select may be. Values are options' names.
    #[serde(default)]
    pub options: Vec<FieldOption>,
}

/// One option of a select.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldOption {
    /// Its name.
    pub name: String,
    /// Its colour, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
}

/// A file that comes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What descriptions call it.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// An entry whose parent is named, not yet found.
pub(crate) struct Loose {
    pub(crate) entry: Entry,
    /// What else it is called.
    pub(crate) aliases: Vec<String>,
    /// What it stands under, the first that there is counts.
    pub(crate) parents: Vec<String>,
}

/// Makes the tree: finds parents by key, breaks cycles, lifts what is too deep, puts everything in
/// tree order. Nothing is lost: what has no parent is at the root, and reported.
pub(crate) fn assemble(loose: Vec<Loose>, fields: Vec<Field>, report: &mut Report) -> Outline {
    use std::collections::HashMap;

    let mut by_key: HashMap<&str, usize> = HashMap::with_capacity(loose.len());
    for (i, item) in loose.iter().enumerate() {
        for key in std::iter::once(&item.entry.key).chain(&item.aliases) {
            if key.is_empty() {
                continue;
            }
            if by_key.contains_key(key.as_str()) {
                report.add(
                    Level::Warning,
                    "duplicate_key",
                    format!(
                        "{} stands twice; the first one is meant by its children.",
                        short(key)
                    ),
                    item.entry.line,
                );
            } else {
                by_key.insert(key, i);
            }
        }
    }
    let mut parent: Vec<Option<usize>> = Vec::with_capacity(loose.len());
    for item in &loose {
        let mut found = None;
        for key in item.parents.iter().filter(|key| !key.is_empty()) {
            found = by_key.get(key.as_str()).copied();
            if found.is_some() {
                break;
            }
        }
        if let (None, Some(missing)) = (found, item.parents.iter().find(|key| !key.is_empty())) {
            report.add(
                Level::Warning,
                "missing_parent",
                format!(
                    "{} isn't in the file; what stands under it is put at the top.",
                    short(missing)
                ),
                item.entry.line,
            );
        }
        parent.push(found);
    }
    // A walk up that comes back to where it began is a cycle; its first entry goes to the root.
    let mut state = vec![0u8; loose.len()];
    for start in 0..loose.len() {
        let mut path = Vec::new();
        let mut at = Some(start);
        while let Some(i) = at {
            match state[i] {
                0 => {
                    state[i] = 1;
                    path.push(i);
                    at = parent[i];
                }
                1 => {
                    let first = path
                        .iter()
                        .skip_while(|p| **p != i)
                        .copied()
                        .min()
                        .unwrap_or(i);
                    parent[first] = None;
                    report.add(Level::Warning, "cycle", "Items stand under each other in a circle; the first of them is put at the top.".into(), loose[first].entry.line);
                    break;
                }
                _ => break,
            }
        }
        for i in path {
            state[i] = 2;
        }
    }
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); loose.len()];
    let mut roots = Vec::new();
    for (i, up) in parent.iter().enumerate() {
        match up {
            Some(up) => children[*up].push(i),
            None => roots.push(i),
        }
    }
    let mut slots: Vec<Option<Entry>> = loose.into_iter().map(|item| Some(item.entry)).collect();
    let mut entries: Vec<Entry> = Vec::with_capacity(slots.len());
    let mut stack: Vec<(usize, Option<usize>, usize)> =
        roots.into_iter().rev().map(|i| (i, None, 1)).collect();
    while let Some((i, up, depth)) = stack.pop() {
        let Some(mut entry) = slots[i].take() else {
            continue;
        };
        let here = entries.len();
        entry.parent = up;
        if entry.parent.is_some() && depth > MAX_DEPTH {
            report.add(
                Level::Warning,
                "too_deep",
                format!("Items deeper than {MAX_DEPTH} levels are lifted."),
                entry.line,
            );
        }
        // Below the deepest level, children become siblings.
        let below = if depth >= MAX_DEPTH {
            (up, depth + 1)
        } else {
            (Some(here), depth + 1)
        };
        entries.push(entry);
        stack.extend(
            children[i]
                .iter()
                .rev()
                .map(|child| (*child, below.0, below.1)),
        );
    }
    Outline {
        entries,
        fields,
        files: Vec::new(),
    }
}

/// Brings an entry within the bounds, and says what was cut.
///
/// # Errors
/// [`Error::TooRich`] when the descriptions so far are too large together: a table of two kilobytes may have a hundred thousand
/// cells.
pub(crate) fn bound(entry: &mut Entry, report: &mut Report) -> Result<(), Error> {
    let nodes = entry.description.as_ref().map_or(0, crate::rich::nodes);
    if !report.count_nodes(nodes) {
        return Err(Error::TooRich);
    }
    let line = entry.line;
    if cut(&mut entry.title, MAX_TITLE) {
        report.add(
            Level::Warning,
            "title_cut",
            format!("Titles are cut after {MAX_TITLE} characters."),
            line,
        );
    }
    if entry.title.is_empty() {
        report.add(
            Level::Info,
            "no_title",
            "Items without a title.".into(),
            line,
        );
    }
    let mut seen: Vec<String> = Vec::new();
    for mut label in std::mem::take(&mut entry.labels) {
        if cut(&mut label, MAX_LABEL) {
            report.add(
                Level::Warning,
                "label_cut",
                format!("Labels are cut after {MAX_LABEL} characters."),
                line,
            );
        }
        if !label.is_empty() && !seen.contains(&label) {
            seen.push(label);
        }
        if seen.len() > MAX_LIST {
            break;
        }
    }
    for (list, what) in [(&mut seen, "labels"), (&mut entry.assignees, "assignees")] {
        if list.len() > MAX_LIST {
            list.truncate(MAX_LIST);
            report.add(
                Level::Warning,
                "list_cut",
                format!("Only the first {MAX_LIST} {what} of an item are taken."),
                line,
            );
        }
    }
    entry.labels = seen;
    entry
        .criteria
        .retain(|criterion| !criterion.text.trim().is_empty());
    if entry.criteria.len() > MAX_CRITERIA {
        entry.criteria.truncate(MAX_CRITERIA);
        report.add(
            Level::Warning,
            "criteria_cut",
            format!("Only the first {MAX_CRITERIA} acceptance criteria of an item are taken."),
            line,
        );
    }
    for criterion in &mut entry.criteria {
        if cut(&mut criterion.text, MAX_CRITERION) {
            report.add(
                Level::Warning,
                "criterion_cut",
                format!("Acceptance criteria are cut after {MAX_CRITERION} characters."),
                line,
            );
        }
    }
    if entry.estimate.is_some_and(|n| !n.is_finite() || n < 0.0) {
        entry.estimate = None;
        report.add(
            Level::Warning,
            "estimate",
            "Estimates below zero are left out.".into(),
            line,
        );
    }
    if entry
        .description
        .as_ref()
        .is_some_and(|doc| doc["content"].as_array().is_none_or(Vec::is_empty))
    {
        entry.description = None;
    }
    entry.attachments.truncate(1000);
    Ok(())
}

/// Cuts `text` to so many characters; `true` if it was longer.
pub(crate) fn cut(text: &mut String, most: usize) -> bool {
    match text.char_indices().nth(most) {
        Some((at, _)) => {
            text.truncate(at);
            true
        }
        None => false,
    }
}

/// A text for a message.
pub(crate) fn short(text: &str) -> String {
    let mut out: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    if text.chars().nth(60).is_some() {
        out.push('…');
    }
    format!("“{out}”")
}

/// White space around it dropped, line breaks and their white space one space.
pub fn one_line(text: &str) -> String {
    let lines = text.split(['\n', '\r', '\u{2028}', '\u{2029}']);
    let lines = lines.map(str::trim).filter(|line| !line.is_empty());
    let clean = |line: &str| line.chars().filter(|c| !c.is_control()).collect::<String>();
    lines.map(clean).collect::<Vec<_>>().join(" ")
}

/// Paragraphs of plain text, a line break for each line break.
pub(crate) fn from_plain(text: &str) -> Value {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut blocks = Vec::new();
    for paragraph in text.split("\n\n") {
        let mut content: Vec<Value> = Vec::new();
        for line in paragraph
            .split('\n')
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
        {
            if !content.is_empty() {
                content.push(json!({ "type": "hardBreak" }));
            }
            let clean: String = line
                .chars()
                .filter(|c| !c.is_control() || *c == '\t')
                .collect();
            if !clean.is_empty() {
                content.push(json!({ "type": "text", "text": clean }));
            }
        }
        if !content.is_empty() {
            blocks.push(json!({ "type": "paragraph", "content": content }));
        }
    }
    json!({ "type": "doc", "content": blocks })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two kilobytes of Markdown may be a table of a hundred thousand cells, and a file may have thousands of them.
    #[test]
    fn descriptions_together_have_a_bound_in_every_format() {
        for (format, text) in [
            ("csv", "Title,Description\na,b"),
            ("markdown", "# a\n\nb"),
            ("list", "- a\n\n  b"),
            (
                "json",
                r#"{"format":"canopy/1","items":[{"id":"1","description":{"type":"doc","content":[{"type":"paragraph"}]}}]}"#,
            ),
        ] {
            for (before, fits) in [(0, true), (1_999_999, false)] {
                let mut report = Report::default();
                assert!(report.count_nodes(before));
                let read = match format {
                    "csv" => {
                        let table = crate::csv_read::table(text, b',', true, &mut report);
                        let table = table.unwrap();
                        let form = crate::TextForm::Markdown;
                        let mapping = crate::table::guess_mapping(&table, false, form);
                        crate::table::outline(table, &mapping, &mut report)
                    }
                    "json" => crate::package::read(text, &mut report),
                    _ => crate::markdown_outline::read(text, "a.md", &mut report),
                };
                let read = read.map(|outline| outline.entries.len());
                let expected = if fits { Ok(1) } else { Err(Error::TooRich) };
                assert_eq!(read, expected, "{format}");
            }
        }
    }
}
