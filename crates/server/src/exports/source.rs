//! What an export reads: items in the order of the tree, as entries.

use std::collections::{BTreeMap, HashMap};

use content::item::ItemDoc;
use interchange::{Criterion, Entry, Field, FieldOption};
use model::{FieldId, FieldKind, FileId, ItemId, ItemType, UserId};
use serde_json::Value;
use store::{CustomField, Project};

use crate::access::Authorized;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::imports::people::People;
use crate::items::ops;

/// A part of a project's tree, and what its items' values mean.
pub(crate) struct Source {
    /// Items in tree order: parents first, and the index of each one's parent.
    pub(crate) items: Vec<(ItemId, Option<usize>)>,
    /// The index of each item.
    pub(crate) index: HashMap<ItemId, usize>,
    /// The project's fields, by names that are unique.
    pub(crate) fields: Vec<Field>,
    known: Vec<CustomField>,
    /// The project's files: no others come along, whatever a description names.
    pub(crate) files: HashMap<FileId, store::File>,
    pub(crate) people: People,
}

impl Source {
    /// A project's items, or those of the subtree of `item`.
    pub(crate) async fn new(
        ctx: &Ctx,
        project: &Authorized<Project>,
        item: Option<ItemId>,
    ) -> Result<Self> {
        let existing = ops::existing(ctx, project.id).await?;
        let head = ctx.collab.peek(project.id.into()).await?.head;
        let tree = tokio::task::spawn_blocking(move || ops::tree(&head, &existing)).await??;
        let rows: Vec<_> = match item {
            None => tree.rows.iter().collect(),
            Some(item) => tree.subtree(item).iter().collect(),
        };
        if item.is_some() && rows.is_empty() {
            return Err(Error::NotFound);
        }
        let mut index = HashMap::with_capacity(rows.len());
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            let parent = row.parent.and_then(|parent| index.get(&parent).copied());
            index.insert(row.id, items.len());
            items.push((row.id, parent));
        }
        let known = ctx.db.fields(project.id).await?;
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        let fields = known
            .iter()
            .map(|field| {
                let n = names.entry(field.name.to_lowercase()).or_default();
                *n += 1;
                let options = field.options.as_array().into_iter().flatten();
                Field {
                    name: if *n == 1 {
                        field.name.clone()
                    } else {
                        format!("{} ({n})", field.name)
                    },
                    kind: field.kind.as_str().into(),
                    options: options
                        .map(|option| FieldOption {
                            name: option["name"].as_str().unwrap_or_default().into(),
                            colour: option["colour"].as_str().map(str::to_owned),
                        })
                        .collect(),
                }
            })
            .collect();
        let mut files = HashMap::new();
        let mut after = None;
        loop {
            let page = ctx.db.files(project.id, after, 1_000).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            files.extend(page.into_iter().map(|file| (file.id, file)));
        }
        Ok(Self {
            items,
            index,
            fields,
            known,
            files,
            people: People::of(ctx, project.org).await?,
        })
    }

    /// An item's document as an entry; its description is as it is stored.
    pub(crate) fn entry(&self, doc: ItemDoc) -> Entry {
        let fields = doc.fields;
        let custom = fields
            .custom
            .iter()
            .filter_map(|(id, value)| self.value(*id, value));
        Entry {
            title: doc.title,
            item_type: Some(fields.item_type),
            status: Some(fields.status),
            priority: Some(fields.priority),
            assignees: fields
                .assignees
                .iter()
                .map(|user| self.email(*user))
                .collect(),
            labels: fields.labels,
            estimate: fields.estimate,
            start: fields.start,
            due: fields.due,
            custom: custom.collect(),
            other: fields.other,
            description: Some(doc.description).filter(|doc| {
                doc["content"]
                    .as_array()
                    .is_some_and(|content| !content.is_empty())
            }),
            diagram: (fields.item_type == ItemType::Diagram)
                .then(|| content::diagram::to_json("", &doc.canvas)),
            criteria: doc
                .criteria
                .into_iter()
                .map(|criterion| Criterion {
                    text: criterion.text,
                    done: criterion.done,
                })
                .collect(),
            ..Entry::default()
        }
    }

    /// Somebody's address; the id of somebody who isn't here any more.
    pub(crate) fn email(&self, user: UserId) -> String {
        self.people
            .member(user)
            .map_or_else(|| user.to_string(), |member| member.email.clone())
    }

    /// A custom field's value in words: options and people by name.
    fn value(&self, id: FieldId, value: &Value) -> Option<(usize, Value)> {
        let at = self.known.iter().position(|field| field.id == id)?;
        let field = &self.known[at];
        let option = |value: &Value| {
            let options = field.options.as_array()?;
            Some(options.iter().find(|option| option["id"] == *value)?["name"].clone())
        };
        let value = match field.kind {
            FieldKind::Select => option(value)?,
            FieldKind::MultiSelect => value.as_array()?.iter().filter_map(option).collect(),
            FieldKind::Person => self.email(value.as_str()?.parse().ok()?).into(),
            _ => value.clone(),
        };
        Some((at, value))
    }
}
