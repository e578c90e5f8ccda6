//! The rows that documents stand on.

use model::{DocumentId, DocumentKind, ItemId, ItemType, Priority, ProjectId, Status, Timestamp};
use store::{Db, NewDocument, NewItem, NewOrganization, NewProject};

use super::{ORG, user};

/// A project with its outline and one item, once.
pub async fn seed(db: &Db, project: ProjectId, item: ItemId) {
    if db
        .document(project.into())
        .await
        .expect("a query")
        .is_some()
    {
        return;
    }
    let at = Timestamp::from_micros(1_700_000_000_000_000);
    let mut tx = db.begin_write().await.expect("a transaction");
    if tx.organization(ORG).await.expect("a query").is_none() {
        let org = NewOrganization {
            id: ORG,
            name: "Org".into(),
            slug: "org".into(),
            created_at: at,
        };
        tx.create_organization(&org).await.expect("an organization");
    }
    let new = NewProject {
        id: project,
        org: ORG,
        name: "Project".into(),
        key: format!("P{}", &project.to_string()[24..]).to_uppercase(),
        description: String::new(),
        created_by: user("ann"),
        created_at: at,
    };
    tx.create_project(&new).await.expect("a project");
    let new = NewItem {
        id: item,
        org: ORG,
        project,
        title: String::new(),
        item_type: ItemType::Task,
        status: Status::Backlog,
        priority: Priority::None,
        parent: None,
        rank: String::new(),
        created_by: user("ann"),
        created_at: at,
    };
    tx.create_item(&new).await.expect("an item");
    for (id, kind) in [
        (DocumentId::from(project), DocumentKind::Outline),
        (DocumentId::from(item), DocumentKind::Item),
    ] {
        let exists = tx.document(id).await.expect("a query").is_some();
        if !exists {
            let new = NewDocument {
                id,
                org: ORG,
                project,
                kind,
                branch: None,
                created_at: at,
            };
            tx.create_document(&new).await.expect("a document");
        }
    }
    tx.commit().await.expect("a commit");
}
