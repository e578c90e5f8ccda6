//! The demo organization: the product spec of a field-service product, as a team would write it.
//!
//! The text is in `spec/*.md`, one file an epic; [`parse`] says how it is written. Before it stands a
//! diagram whose cards name items by their titles. [`items`] gives all as plain values,
//! [`seed_updates`] as the first updates of the documents.

mod parse;
mod rich;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;

use content::diagram::Canvas;
use content::item::{Criterion, NewItem};
use content::outline::{KIND_ITEM, Placement};
use model::{ItemId, ItemType, Priority, Status, UserId};
use serde_json::Value;

use parse::{ParseError, parse};

/// The name of the demo organization.
pub(crate) const ORGANIZATION: &str = "Ostvale Utilities";

/// The name of its project.
pub(crate) const PROJECT: &str = "Harbor";

/// What the project is, in a sentence.
pub(crate) const PROJECT_DESCRIPTION: &str =
    "Scheduling and dispatch of field work for a mid-sized utility: water, gas and district heat.";

/// The people of the demo organization: name and email. The local part of the email is the handle
/// that stands in the text (`@maya`).
pub(crate) const PEOPLE: [(&str, &str); 2] = [
    ("Maya Lindqvist", "maya@example.com"),
    ("Tomás Okafor", "tomas@example.com"),
];

/// The text, in the order of the tree: file name and content.
const SPEC: [(&str, &str); 10] = [
    ("scheduling", include_str!("spec/01-scheduling.md")),
    ("mobile", include_str!("spec/02-mobile.md")),
    ("offline", include_str!("spec/03-offline.md")),
    ("notifications", include_str!("spec/04-notifications.md")),
    ("portal", include_str!("spec/05-portal.md")),
    ("billing", include_str!("spec/06-billing.md")),
    ("reporting", include_str!("spec/07-reporting.md")),
    ("administration", include_str!("spec/08-administration.md")),
    ("integrations", include_str!("spec/09-integrations.md")),
    ("reliability", include_str!("spec/10-reliability.md")),
];

/// How it all fits together, as a diagram's JSON. A card's `item` is `item:` and a title.
const ARCHITECTURE: &str = include_str!("spec/00-architecture.json");

/// An item of the demo project.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DemoItem {
    /// Its place in tree order, from 0.
    pub key: usize,
    /// The key of what it stands under; smaller than its own.
    pub parent: Option<usize>,
    /// One line.
    pub title: String,
    /// What sort of work it is.
    pub item_type: ItemType,
    /// How far it is.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// Story points.
    pub estimate: Option<f64>,
    /// Without the `#`.
    pub labels: Vec<String>,
    /// Who works on it: an index into [`PEOPLE`].
    pub assignee: Option<usize>,
    /// ProseMirror JSON.
    pub description: Value,
    /// Acceptance criteria: what must hold, and whether it does.
    pub criteria: Vec<(String, bool)>,
    /// What a diagram shows, as JSON.
    pub diagram: Option<Value>,
}

/// The items of the demo project in tree order: an item stands behind its parent and its elder
/// siblings' subtrees, and its key is its index.
///
/// # Panics
/// Never: the text is compiled in, and a test parses it.
pub(crate) fn items() -> Vec<DemoItem> {
    let mut all = vec![architecture()];
    for (name, text) in SPEC {
        let offset = all.len();
        let demo = parse(text).unwrap_or_else(|e| panic!("demo spec {name}: {e}"));
        all.extend(demo.items.into_iter().map(|item| DemoItem {
            key: item.key + offset,
            parent: item.parent.map(|parent| parent + offset),
            ..item
        }));
    }
    all
}

fn architecture() -> DemoItem {
    let diagram: Value =
        serde_json::from_str(ARCHITECTURE).unwrap_or_else(|e| panic!("demo diagram: {e}"));
    DemoItem {
        key: 0,
        parent: None,
        title: diagram["title"].as_str().unwrap_or_default().to_owned(),
        item_type: ItemType::Diagram,
        status: Status::InProgress,
        priority: Priority::None,
        estimate: None,
        labels: Vec::new(),
        assignee: None,
        description: content::prosemirror::doc([]),
        criteria: Vec::new(),
        diagram: Some(diagram),
    }
}

/// Why the updates could not be made.
#[derive(Debug)]
pub(crate) enum SeedError {
    /// There are not as many ids as items, or a parent stands behind its child.
    Ids,
    /// A document could not be written.
    Content(content::Error),
}

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ids => f.write_str("ids and parents don't fit the items"),
            Self::Content(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for SeedError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Ids => None,
            Self::Content(e) => Some(e),
        }
    }
}

impl From<content::Error> for SeedError {
    fn from(e: content::Error) -> Self {
        Self::Content(e)
    }
}

/// The first update of every document, v1, each for an empty one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seed {
    /// In the order of the items.
    pub items: Vec<(ItemId, Vec<u8>)>,
    /// Places all of them.
    pub outline: Vec<u8>,
}

/// Writes the updates that fill the documents of `items` and the outline.
///
/// `ids[i]` is the id of `items[i]`, `people[i]` the account of `PEOPLE[i]`. `client` gives a
/// client id for each document, at most 2^53-1, which is used for nothing else there.
///
/// # Errors
/// See [`SeedError`].
pub(crate) fn seed_updates(
    items: &[DemoItem],
    ids: &[ItemId],
    people: &[UserId; 2],
    mut client: impl FnMut() -> u64,
) -> Result<Seed, SeedError> {
    if ids.len() != items.len() {
        return Err(SeedError::Ids);
    }
    let titles: HashMap<_, _> = items
        .iter()
        .zip(ids)
        .map(|(item, id)| (item.title.as_str(), *id))
        .collect();
    let mut updates = Vec::with_capacity(items.len());
    let mut placements: Vec<Placement> = Vec::with_capacity(items.len());
    // The rank of the last child so far: of the root, then of each item.
    let mut last: Vec<Option<String>> = vec![None; items.len() + 1];
    for (i, (item, &id)) in items.iter().zip(ids).enumerate() {
        updates.push((
            id,
            content::item::initial(client(), &new_item(item, people, &titles)?)?,
        ));
        let parent = match item.parent {
            Some(parent) if parent >= i => return Err(SeedError::Ids),
            parent => parent,
        };
        let elder = &mut last[parent.map_or(0, |parent| parent + 1)];
        let rank = content::outline::rank_between(elder.as_deref(), None);
        *elder = Some(rank.clone());
        placements.push(Placement {
            id,
            kind: KIND_ITEM.to_owned(),
            parent: parent.map(|parent| ids[parent]),
            rank,
        });
    }
    let outline = content::outline::place(&[], client(), &placements)?;
    Ok(Seed {
        items: updates,
        outline,
    })
}

fn new_item(
    item: &DemoItem,
    people: &[UserId; 2],
    titles: &HashMap<&str, ItemId>,
) -> Result<NewItem, SeedError> {
    let criteria = item.criteria.iter().enumerate();
    let canvas = match &item.diagram {
        None => Canvas::default(),
        Some(diagram) => canvas(diagram, titles)?,
    };
    Ok(NewItem {
        canvas,
        status: item.status,
        priority: item.priority,
        description: Some(item.description.clone()),
        criteria: criteria
            .map(|(i, (text, done))| Criterion {
                id: format!("c{}", i + 1),
                text: text.clone(),
                done: *done,
            })
            .collect(),
        assignees: item
            .assignee
            .and_then(|person| people.get(person).copied())
            .into_iter()
            .collect(),
        labels: item.labels.clone(),
        estimate: item.estimate,
        ..NewItem::new(item.title.as_str(), item.item_type)
    })
}

/// Reads a diagram; its cards show the items of these titles.
fn canvas(diagram: &Value, titles: &HashMap<&str, ItemId>) -> Result<Canvas, SeedError> {
    let mut diagram = diagram.clone();
    for shape in diagram["shapes"].as_array_mut().into_iter().flatten() {
        let Some(name) = shape.get("item").and_then(Value::as_str) else {
            continue;
        };
        let title = name.strip_prefix("item:").unwrap_or(name);
        let id = titles.get(title).ok_or(SeedError::Ids)?;
        shape["item"] = id.to_string().into();
    }
    Ok(content::diagram::from_json(&diagram)?.1)
}
