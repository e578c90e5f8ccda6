//! Items that come into being with their content: copies, and what imports make.

use collab::{Pass, item_row};
use content::item::ItemDoc;
use content::outline::Placement;
use model::{DocumentKind, ItemId, Timestamp};
use store::{Append, ItemProjection, LogRow, NewDocument, Tx, UniqueKey};

use crate::error::{Error, Result};

/// An item that is ready to be written: its row, its document, and what the row says of the document.
pub(crate) struct Made {
    row: store::NewItem,
    append: Append,
    projection: ItemProjection,
}

/// What became of one.
pub(crate) enum Written {
    /// It is there now. These are what lists have to show anew: the item, and those that its links changed.
    Now(Vec<ItemId>),
    /// An earlier try has made it.
    Before,
    /// Its id is another thing's.
    Taken,
}

impl Made {
    /// An item of `pass`'s project, written by `pass`. `bytes` is what [`content::item::initial`] gave for `doc` under `client`.
    pub(crate) fn new(
        pass: &Pass,
        id: ItemId,
        place: Option<&Placement>,
        client: u64,
        bytes: Vec<u8>,
        doc: ItemDoc,
        now: Timestamp,
    ) -> Self {
        let row = store::NewItem {
            id,
            org: pass.org,
            project: pass.project,
            title: doc.title.clone(),
            item_type: doc.fields.item_type,
            status: doc.fields.status,
            priority: doc.fields.priority,
            parent: place.and_then(|place| place.parent),
            rank: place.map(|place| place.rank.clone()).unwrap_or_default(),
            created_by: pass.user,
            created_at: now,
        };
        let append = Append {
            document: id.into(),
            expected: 0,
            rows: vec![LogRow {
                author: pass.user,
                session: pass.session,
                agent: pass.agent.to_string(),
                at: now,
                bytes: bytes.into(),
            }],
            bindings: vec![(client, pass.user)],
        };
        Self {
            row,
            append,
            projection: item_row(id, 1, doc, now),
        }
    }

    /// Writes it. After an error the transaction is to be given up.
    pub(crate) async fn write(&self, tx: &mut Tx) -> Result<Written> {
        let (id, project) = (self.row.id, self.row.project);
        if !tx.create_item(&self.row).await? {
            let there = tx.item(id).await?;
            return Ok(match there {
                Some(item) if item.project == project => Written::Before,
                _ => Written::Taken,
            });
        }
        let document = NewDocument {
            id: id.into(),
            org: self.row.org,
            project,
            kind: DocumentKind::Item,
            branch: None,
            created_at: self.row.created_at,
        };
        match tx.create_document(&document).await {
            Err(error) if error.is_taken(UniqueKey::Id) => return Err(super::ops::id_taken()),
            other => other?,
        }
        let outcome = tx.append(std::slice::from_ref(&self.append)).await?;
        if !outcome.iter().all(|outcome| outcome.is_committed()) {
            return Err(Error::internal("a new document didn't take its content"));
        }
        let written = tx.upsert_item_projection(&self.projection).await?;
        tx.set_projected(id.into(), 1).await?;
        let relinked = written.map(|written| written.relinked).unwrap_or_default();
        Ok(Written::Now([vec![id], relinked].concat()))
    }
}
