//! An entry of a file as an item of a project.

use std::collections::{BTreeMap, HashMap};

use content::item::{Criterion, NewItem};
use interchange::{Entry, Field, Level, Report};
use model::{FieldId, FieldKind, ImportId, ItemId, ItemType, Priority, Status, Timestamp, UserId};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::CustomField;
use uuid::Uuid;

use crate::imports::people::People;

/// The id of the `n`th thing of an import, decided by the import's own: a run that goes on after a crash finds what it has made. They sort in the
/// order of the file.
pub(crate) fn derived(import: ImportId, what: &str, at: Timestamp, n: usize) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(import.0);
    hash.update(what);
    hash.update((n as u64).to_be_bytes());
    let hash = hash.finalize();
    let mut random = [0; 10];
    random.copy_from_slice(&hash[..10]);
    let millis = u64::try_from(at.micros() / 1_000).unwrap_or(0) + n as u64;
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// The id of the `n`th item.
pub(crate) fn item_id(import: ImportId, at: Timestamp, n: usize) -> ItemId {
    ItemId(derived(import, "item", at, n))
}

/// What entries' words stand for in a project.
pub(crate) struct Meaning {
    pub(crate) people: People,
    /// For each of the file's fields, the project's; `None` when it has none.
    pub(crate) fields: Vec<Option<CustomField>>,
    /// Items by what the file calls them.
    pub(crate) items: HashMap<String, ItemId>,
    /// Ids of files by what the file calls them.
    pub(crate) files: HashMap<String, Uuid>,
}

impl Meaning {
    /// The item of an entry. `criterion` gives ids of criteria.
    pub(crate) fn item(&self, entry: &Entry, fields: &[Field], report: &mut Report) -> NewItem {
        let mut new = NewItem::new(
            entry.title.as_str(),
            entry.item_type.unwrap_or(ItemType::Task),
        );
        new.status = entry.status.unwrap_or(Status::Backlog);
        new.priority = entry.priority.unwrap_or(Priority::None);
        new.labels.clone_from(&entry.labels);
        new.estimate = entry.estimate;
        new.start.clone_from(&entry.start);
        new.due.clone_from(&entry.due);
        new.other.clone_from(&entry.other);
        for name in &entry.assignees {
            match self.people.find(name) {
                Some(user) if !new.assignees.contains(&user) => new.assignees.push(user),
                Some(_) => {}
                None => report.add(
                    Level::Warning,
                    "unknown_person",
                    format!("Nobody here is “{}”; they aren't assigned.", short(name)),
                    entry.line,
                ),
            }
        }
        new.criteria = (1..)
            .zip(&entry.criteria)
            .map(|(n, criterion)| Criterion {
                id: format!("c{n}"),
                text: criterion.text.clone(),
                done: criterion.done,
            })
            .collect();
        new.custom = self.custom(entry, fields, report);
        new.description = entry.description.clone().map(|mut doc| {
            self.point(&mut doc, entry.line, report);
            doc
        });
        if let Some(diagram) = &entry.diagram {
            let mut diagram = diagram.clone();
            self.point_shapes(&mut diagram, entry.line, report);
            match content::diagram::from_json(&diagram) {
                Ok((_, canvas)) => new.canvas = canvas,
                Err(error) => report.add(
                    Level::Error,
                    "diagram",
                    format!("A diagram could not be taken: {error}."),
                    entry.line,
                ),
            }
        }
        new
    }

    /// Has the cards and images of a diagram show items and files of the project.
    fn point_shapes(&self, diagram: &mut Value, line: u64, report: &mut Report) {
        let shapes = diagram["shapes"].as_array_mut().into_iter().flatten();
        for shape in shapes.filter_map(Value::as_object_mut) {
            for (key, code) in [("item", "link"), ("file", "file")] {
                let named = shape.get(key).and_then(Value::as_str);
                let Some(name) = named.and_then(|name| name.strip_prefix(key)?.strip_prefix(':'))
                else {
                    continue;
                };
                let known = match key {
                    "item" => self.items.get(name).map(|id| id.0),
                    _ => self.files.get(name).copied(),
                };
                match known {
                    Some(id) => drop(shape.insert(key.into(), id.to_string().into())),
                    None => {
                        drop(shape.remove(key));
                        report.add(Level::Warning, code, "Some shapes of diagrams show what isn't in the import; they are empty.".into(), line);
                    }
                }
            }
        }
    }

    fn custom(
        &self,
        entry: &Entry,
        fields: &[Field],
        report: &mut Report,
    ) -> BTreeMap<FieldId, Value> {
        let mut out = BTreeMap::new();
        for (at, value) in &entry.custom {
            let (Some(Some(field)), Some(named)) = (self.fields.get(*at), fields.get(*at)) else {
                continue;
            };
            match self.value(field, value) {
                Some(value) => drop(out.insert(field.id, value)),
                None => report.add(
                    Level::Warning,
                    "value",
                    format!(
                        "Some values of “{}” don't fit the field and are left out.",
                        short(&named.name)
                    ),
                    entry.line,
                ),
            }
        }
        out
    }

    /// A value as the project's field holds it; options and people are named in files.
    fn value(&self, field: &CustomField, value: &Value) -> Option<Value> {
        let text = || interchange::csv_write::cell(value);
        let option = |name: &str| {
            let options = field.options.as_array()?;
            let named = |option: &&Value| {
                option["name"]
                    .as_str()
                    .is_some_and(|n| n.eq_ignore_ascii_case(name.trim()))
            };
            Some(options.iter().find(named)?["id"].clone())
        };
        let value = match field.kind {
            FieldKind::Text | FieldKind::Url => Value::from(text()),
            FieldKind::Number => interchange::words::number(&text())?.into(),
            FieldKind::Date => {
                interchange::words::date(&text(), interchange::words::DayOrder::Unknown)?.into()
            }
            FieldKind::Checkbox => match text().trim().to_lowercase().as_str() {
                "true" | "yes" | "1" | "x" => true.into(),
                "false" | "no" | "0" => false.into(),
                _ => return None,
            },
            FieldKind::Person => self.people.find(&text())?.to_string().into(),
            FieldKind::Select => option(&text())?,
            FieldKind::MultiSelect => {
                let names: Vec<String> = match value {
                    Value::Array(values) => {
                        values.iter().map(interchange::csv_write::cell).collect()
                    }
                    _ => text().split(',').map(str::to_owned).collect(),
                };
                names
                    .iter()
                    .map(|name| option(name))
                    .collect::<Option<Vec<Value>>>()?
                    .into()
            }
        };
        let member = |user: UserId| self.people.member(user).is_some();
        crate::fields::ops::check(field, &value, member)
            .is_ok()
            .then_some(value)
    }

    /// Makes what a description names the project's own: items, people, files.
    fn point(&self, node: &mut Value, line: u64, report: &mut Report) {
        let attr = |node: &Value, key: &str| node["attrs"][key].as_str().map(str::to_owned);
        match node["type"].as_str() {
            Some("itemLink") => {
                let id = attr(node, "id").unwrap_or_default();
                if let Some(key) = id.strip_prefix("item:") {
                    match self.items.get(key) {
                        Some(id) => node["attrs"]["id"] = id.to_string().into(),
                        None => *node = label('#', node),
                    }
                }
            }
            Some("mention") => {
                let id = attr(node, "id").unwrap_or_default();
                let user = match id.strip_prefix("user:") {
                    Some(email) => self.people.find(email),
                    None => id
                        .parse()
                        .ok()
                        .filter(|id| self.people.member(*id).is_some()),
                };
                match user {
                    Some(user) => node["attrs"]["id"] = user.to_string().into(),
                    None => {
                        report.add(
                            Level::Info,
                            "mention",
                            "People who aren't here are named as text.".into(),
                            line,
                        );
                        *node = label('@', node);
                    }
                }
            }
            Some("image" | "file") => {
                let file = attr(node, "file").unwrap_or_default();
                if let Some(key) = file.strip_prefix("file:") {
                    match self.files.get(key) {
                        Some(id) => node["attrs"]["file"] = id.to_string().into(),
                        None => {
                            report.add(
                                Level::Warning,
                                "file",
                                "Files that aren't in the import are left out.".into(),
                                line,
                            );
                            *node = json!({ "type": "paragraph" });
                        }
                    }
                }
            }
            _ => {
                for child in children(node) {
                    self.point(child, line, report);
                }
            }
        }
    }
}

/// What stands in a node.
pub(crate) fn children(node: &mut Value) -> impl Iterator<Item = &mut Value> {
    node.get_mut("content")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

/// A name as text.
fn label(sign: char, node: &Value) -> Value {
    let label = node["attrs"]["label"].as_str().unwrap_or("?");
    json!({ "type": "text", "text": format!("{sign}{label}") })
}

/// A text for a message.
pub(crate) fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_decided_beforehand_and_sort_as_the_file() {
        let import = ImportId(Uuid::from_u128(7));
        let at = Timestamp::from_micros(1_790_000_000_000_000);
        let ids: Vec<ItemId> = (0..1000).map(|n| item_id(import, at, n)).collect();
        assert!(ids.is_sorted());
        assert_eq!(ids[3], item_id(import, at, 3));
        assert_ne!(ids[3], item_id(ImportId(Uuid::from_u128(8)), at, 3));
        assert!(ids.iter().all(|id| id.0.get_version_num() == 7));
    }
}
