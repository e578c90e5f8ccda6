//! The content of a new item.

use std::collections::BTreeMap;

use model::{FieldId, ItemType, Priority, Status, UserId};
use serde_json::{Map, Value};

use super::project::is_other;
use super::{Criterion, ItemDoc, MAX_CRITERION_ID, MAX_OTHER, is_date, one_line};
use crate::diagram::Canvas;
use crate::engine::MAX_CLIENT_ID;
use crate::wire::{Kind, Parent, Sequence, Writer};
use crate::{Error, diagram, prosemirror, schema};

/// What a new item starts with.
#[derive(Debug, Clone, PartialEq)]
pub struct NewItem {
    /// Line breaks become spaces.
    pub title: String,
    /// What sort of work it is.
    pub item_type: ItemType,
    /// How far it is.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// ProseMirror JSON; see [`prosemirror::doc`].
    pub description: Option<Value>,
    /// In order, ids unique.
    pub criteria: Vec<Criterion>,
    /// Who works on it.
    pub assignees: Vec<UserId>,
    /// Free words.
    pub labels: Vec<String>,
    /// Zero or more.
    pub estimate: Option<f64>,
    /// `YYYY-MM-DD`; anything else is left out.
    pub start: Option<String>,
    /// `YYYY-MM-DD`; anything else is left out.
    pub due: Option<String>,
    /// Values of the project's own fields.
    pub custom: BTreeMap<FieldId, Value>,
    /// Fields of other names. One that an item has anyway, and a value that is too large or nested too deep, is left out.
    pub other: Map<String, Value>,
    /// What a diagram shows.
    pub canvas: Canvas,
}

impl From<ItemDoc> for NewItem {
    /// An item that says the same.
    fn from(doc: ItemDoc) -> Self {
        Self {
            title: doc.title,
            item_type: doc.fields.item_type,
            status: doc.fields.status,
            priority: doc.fields.priority,
            description: Some(doc.description),
            criteria: doc.criteria,
            assignees: doc.fields.assignees,
            labels: doc.fields.labels,
            estimate: doc.fields.estimate,
            start: doc.fields.start,
            due: doc.fields.due,
            custom: doc.fields.custom,
            other: doc.fields.other,
            canvas: doc.canvas,
        }
    }
}

impl NewItem {
    /// An item with a title and a type, else empty, in the backlog.
    pub fn new(title: impl Into<String>, item_type: ItemType) -> Self {
        Self {
            title: title.into(),
            item_type,
            status: Status::Backlog,
            priority: Priority::None,
            description: None,
            criteria: Vec::new(),
            assignees: Vec::new(),
            labels: Vec::new(),
            estimate: None,
            start: None,
            due: None,
            custom: BTreeMap::new(),
            other: Map::new(),
            canvas: Canvas::default(),
        }
    }
}

/// The v1 update that fills an empty document, all of it under `client`. The same input gives the
/// same bytes. Only the server initializes documents, once, with a client id that is used for
/// nothing else.
///
/// # Errors
/// [`Error::Description`], [`Error::CriterionId`], [`Error::ClientId`].
pub fn initial(client: u64, new: &NewItem) -> Result<Vec<u8>, Error> {
    if client > MAX_CLIENT_ID {
        return Err(Error::ClientId(client));
    }
    let mut writer = Writer::new(client);
    let fields = Parent::Root(schema::FIELDS);
    writer.set(fields, schema::TYPE, &new.item_type.as_str().into());
    writer.set(fields, schema::STATUS, &new.status.as_str().into());
    writer.set(fields, schema::PRIORITY, &new.priority.as_str().into());
    if !new.assignees.is_empty() {
        let ids = new.assignees.iter().map(|id| Value::from(id.to_string()));
        writer.set(fields, schema::ASSIGNEES, &ids.collect());
    }
    if !new.labels.is_empty() {
        writer.set(fields, schema::LABELS, &new.labels.clone().into());
    }
    if let Some(estimate) = new.estimate.filter(|n| n.is_finite() && *n >= 0.0) {
        writer.set(fields, schema::ESTIMATE, &estimate.into());
    }
    let dates = [
        (schema::START_DATE, &new.start),
        (schema::DUE_DATE, &new.due),
    ];
    for (key, date) in dates {
        if let Some(date) = date.as_deref().filter(|date| is_date(date)) {
            writer.set(fields, key, &date.into());
        }
    }

    for (id, value) in &new.custom {
        writer.set(fields, &format!("{}{id}", schema::CUSTOM), value);
    }
    let other = new.other.iter().filter(|(key, value)| is_other(key, value));
    for (key, value) in other.take(MAX_OTHER) {
        writer.set(fields, key, value);
    }

    let mut title = Sequence::new(Parent::Root(schema::TITLE));
    writer.text(&mut title, &one_line(&new.title));

    if let Some(description) = &new.description {
        prosemirror::write(&mut writer, Parent::Root(schema::DESCRIPTION), description)?;
    }

    let mut criteria = Sequence::new(Parent::Root(schema::CRITERIA));
    for (i, criterion) in new.criteria.iter().enumerate() {
        let taken = new.criteria[..i].iter().any(|c| c.id == criterion.id);
        if taken || criterion.id.is_empty() || criterion.id.len() > MAX_CRITERION_ID {
            return Err(Error::CriterionId(criterion.id.chars().take(80).collect()));
        }
        let map = Parent::Type(writer.child(&mut criteria, Kind::Map));
        writer.set(map, schema::ID, &criterion.id.clone().into());
        writer.set(map, schema::DONE, &criterion.done.into());
        let text = writer.set_type(map, schema::TEXT, Kind::Text);
        writer.text(&mut Sequence::new(Parent::Type(text)), &criterion.text);
    }
    diagram::write(&mut writer, &new.canvas);
    Ok(writer.finish())
}
