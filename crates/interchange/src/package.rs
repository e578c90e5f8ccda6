//! `canopy/1`: our own JSON, lossless.
//!
//! One object: `format`, `project`, `fields`, `items` in tree order, `members`, `files`. Items and
//! files have ids of the file's own; in descriptions, links are `item:{id}`, people `user:{e-mail}`,
//! files `file:{id}`. An item, and a file, is a line of its own, so that it streams and diffs well.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::{ItemType, Priority, Status};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::outline::{
    Criterion, Entry, Field, File, Loose, MAX_FIELDS, MAX_ITEMS, Outline, assemble, bound, short,
};
use crate::read::Error;
use crate::report::{Level, Report};
use crate::rich::defuse;

/// What stands in `format`.
pub const FORMAT: &str = "canopy/1";
/// Nodes of a description may stand in each other so deep.
const MAX_NESTING: usize = 90;

/// The project that was exported.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its short name.
    pub key: String,
    /// What it is about.
    pub description: String,
}

/// Somebody who is named by their e-mail address.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Member {
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
}

/// An item as it stands in the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Item {
    /// What it is called in this file.
    pub id: String,
    /// What it stands under.
    #[serde(default)]
    pub parent: Option<String>,
    /// Its title.
    #[serde(default)]
    pub title: String,
    /// What sort of work it is.
    pub r#type: Option<String>,
    /// How far it is.
    pub status: Option<String>,
    /// How urgent it is.
    pub priority: Option<String>,
    /// E-mail addresses.
    #[serde(default)]
    pub assignees: Vec<String>,
    /// Free words.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Zero or more.
    #[serde(default)]
    pub estimate: Option<f64>,
    /// `YYYY-MM-DD`.
    #[serde(default)]
    pub start_date: Option<String>,
    /// `YYYY-MM-DD`.
    #[serde(default)]
    pub due_date: Option<String>,
    /// Values of custom fields by name.
    #[serde(default)]
    pub custom: Map<String, Value>,
    /// Fields that nobody knows.
    #[serde(default)]
    pub other: Map<String, Value>,
    /// Acceptance criteria.
    #[serde(default)]
    pub criteria: Vec<Criterion>,
    /// ProseMirror JSON.
    #[serde(default)]
    pub description: Option<Value>,
    /// What a diagram shows; see [`Entry::diagram`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagram: Option<Value>,
}

impl Item {
    /// An entry as it is written; `key` and `parent` are what the file calls it and what it stands under.
    pub fn new(entry: &Entry, key: String, parent: Option<String>, fields: &[Field]) -> Self {
        let mut custom: Vec<(String, Value)> = entry
            .custom
            .iter()
            .filter_map(|(at, value)| Some((fields.get(*at)?.name.clone(), value.clone())))
            .collect();
        custom.sort_by(|a, b| a.0.cmp(&b.0));
        let mut other = entry.other.clone();
        other.sort_keys();
        Self {
            id: key,
            parent,
            title: entry.title.clone(),
            r#type: entry.item_type.map(|word| word.as_str().to_owned()),
            status: entry.status.map(|word| word.as_str().to_owned()),
            priority: entry.priority.map(|word| word.as_str().to_owned()),
            assignees: entry.assignees.clone(),
            labels: entry.labels.clone(),
            estimate: entry.estimate,
            start_date: entry.start.clone(),
            due_date: entry.due.clone(),
            custom: custom.into_iter().collect(),
            other,
            criteria: entry.criteria.clone(),
            description: entry.description.clone(),
            diagram: entry.diagram.clone(),
        }
    }
}

fn json(value: &impl Serialize) -> String {
    // Plain values always have a JSON form.
    serde_json::to_string(value).unwrap_or_else(|_| "null".into())
}

/// The file up to its first item.
pub fn begin(project: &Project, fields: &[Field]) -> String {
    format!(
        "{{\n\"format\": {},\n\"project\": {},\n\"fields\": {},\n\"items\": [",
        json(&FORMAT),
        json(project),
        json(&fields)
    )
}

/// One item; `first` of all.
pub fn item(item: &Item, first: bool) -> String {
    format!("{}\n{}", if first { "" } else { "," }, json(item))
}

/// Between items and files: the people that items name.
pub fn middle(members: &[Member]) -> String {
    format!("\n],\n\"members\": {},\n\"files\": [", json(&members))
}

/// A file up to its bytes in base64; behind them comes [`FILE_END`].
pub fn file_begin(key: &str, name: &str, first: bool) -> String {
    format!(
        "{}\n{{\"id\": {}, \"name\": {}, \"data\": \"",
        if first { "" } else { "," },
        json(&key),
        json(&name)
    )
}

/// Behind a file's bytes.
pub const FILE_END: &str = "\"}";

/// The end.
pub const END: &str = "\n]\n}\n";

/// Bytes in base64. Of a file in pieces, every piece but the last is a multiple of three long.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[derive(Deserialize)]
struct Package {
    #[serde(default)]
    format: String,
    #[serde(default)]
    fields: Vec<Field>,
    #[serde(default)]
    items: Vec<Item>,
    #[serde(default)]
    files: Vec<PackedFile>,
}

#[derive(Deserialize)]
struct PackedFile {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    data: String,
}

/// Reads a file of ours.
pub(crate) fn read(text: &str, report: &mut Report) -> Result<Outline, Error> {
    let error =
        |error: serde_json::Error| Error::Json(error.to_string().chars().take(200).collect());
    let package: Package =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(error)?;
    match package.format.strip_prefix("canopy/") {
        Some("1") => {}
        Some(_) => return Err(Error::Newer(package.format.chars().take(20).collect())),
        None => return Err(Error::Json("“format” isn't “canopy/1”".into())),
    }
    if package.items.len() > MAX_ITEMS {
        return Err(Error::TooManyRows);
    }
    let mut fields: Vec<Field> = Vec::new();
    for mut field in package.fields {
        crate::outline::cut(&mut field.name, 100);
        let taken = fields.iter().any(|other| other.name == field.name);
        if fields.len() >= MAX_FIELDS || taken || field.name.is_empty() {
            report.add(
                Level::Warning,
                "field",
                format!("The custom field {} is left out.", short(&field.name)),
                0,
            );
            continue;
        }
        fields.push(field);
    }
    let mut loose = Vec::with_capacity(package.items.len());
    for (n, item) in (1..).zip(package.items) {
        loose.push(entry(item, n, &fields, report)?);
    }
    let mut outline = assemble(loose, fields, report);
    for file in package.files {
        match STANDARD.decode(file.data.as_bytes()) {
            Ok(bytes) => outline.files.push(File {
                key: file.id,
                name: file.name,
                bytes,
            }),
            Err(_) => report.add(
                Level::Error,
                "file",
                format!("The file {} is broken.", short(&file.name)),
                0,
            ),
        }
    }
    Ok(outline)
}

fn entry(item: Item, line: u64, fields: &[Field], report: &mut Report) -> Result<Loose, Error> {
    fn word<T: std::str::FromStr>(
        text: Option<String>,
        what: &str,
        line: u64,
        report: &mut Report,
    ) -> Option<T> {
        let text = text?;
        let found = text.parse().ok();
        if found.is_none() {
            report.add(
                Level::Warning,
                "unknown_word",
                format!("The {what} {} isn't known.", short(&text)),
                line,
            );
        }
        found
    }
    let mut entry = Entry {
        key: item.id,
        title: crate::outline::one_line(&item.title),
        item_type: word::<ItemType>(item.r#type, "type", line, report),
        status: word::<Status>(item.status, "status", line, report),
        priority: word::<Priority>(item.priority, "priority", line, report),
        assignees: item.assignees,
        labels: item.labels,
        estimate: item.estimate,
        criteria: item.criteria,
        diagram: item.diagram,
        other: item.other,
        line,
        ..Entry::default()
    };
    for (date, to) in [
        (item.start_date, &mut entry.start),
        (item.due_date, &mut entry.due),
    ] {
        let Some(text) = date else { continue };
        *to = crate::words::date(&text, crate::words::DayOrder::Unknown);
        if to.is_none() {
            report.add(
                Level::Warning,
                "not_a_date",
                format!("{} isn't a date.", short(&text)),
                line,
            );
        }
    }
    for (name, value) in item.custom {
        match fields.iter().position(|field| field.name == name) {
            Some(at) => entry.custom.push((at, value)),
            None => report.add(
                Level::Warning,
                "unknown_field",
                format!("There is no custom field {}.", short(&name)),
                line,
            ),
        }
    }
    entry.description = item.description.filter(|doc| {
        let sound = doc["type"] == "doc" && is_sound(doc, 0);
        if !sound {
            report.add(
                Level::Error,
                "description",
                "A description isn't one and is left out.".into(),
                line,
            );
        }
        sound
    });
    if let Some(doc) = &mut entry.description {
        defuse(doc);
    }
    bound(&mut entry, report)?;
    Ok(Loose {
        entry,
        aliases: Vec::new(),
        parents: item.parent.into_iter().collect(),
    })
}

/// Whether a value has the shape of a ProseMirror node. Names are not checked: an editor of another
/// version may know more of them.
fn is_sound(node: &Value, depth: usize) -> bool {
    fn shallow(value: &Value, depth: usize) -> bool {
        match value {
            Value::Array(values) => {
                depth < 8 && values.iter().all(|value| shallow(value, depth + 1))
            }
            Value::Object(map) => depth < 8 && map.values().all(|value| shallow(value, depth + 1)),
            _ => true,
        }
    }
    let named = node["type"]
        .as_str()
        .is_some_and(|name| !name.is_empty() && name.len() <= 100);
    let text = node["type"] != "text" || node["text"].as_str().is_some_and(|text| !text.is_empty());
    let content = match &node["content"] {
        Value::Null => true,
        Value::Array(nodes) => {
            depth < MAX_NESTING && nodes.iter().all(|node| is_sound(node, depth + 1))
        }
        _ => false,
    };
    let marks = match &node["marks"] {
        Value::Null => true,
        Value::Array(marks) => marks.iter().all(|mark| {
            mark["type"]
                .as_str()
                .is_some_and(|name| !name.is_empty() && name.len() <= 100)
        }),
        _ => false,
    };
    named && text && content && marks && shallow(&node["attrs"], 0) && shallow(&node["marks"], 0)
}
