//! A small world for the tests.
#![allow(dead_code)]

use model::*;
use store::*;
use uuid::Uuid;

pub fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

pub fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(0x1000 + n))
}

pub fn session(n: u128) -> SessionId {
    SessionId(Uuid::from_u128(0x2000 + n))
}

pub fn item_id(n: u128) -> ItemId {
    ItemId(Uuid::from_u128(0x3000 + n))
}

/// One organization with one project.
pub struct World {
    pub org: OrgId,
    pub project: ProjectId,
}

impl World {
    pub async fn new(db: &Db) -> Self {
        let world = Self {
            org: OrgId(Uuid::from_u128(0x10)),
            project: ProjectId(Uuid::from_u128(0x20)),
        };
        let mut tx = db.begin_write().await.unwrap();
        tx.create_organization(&NewOrganization {
            id: world.org,
            name: "Acme".into(),
            slug: "acme".into(),
            created_at: at(1),
        })
        .await
        .unwrap();
        tx.create_project(&NewProject {
            id: world.project,
            org: world.org,
            name: "Rocket".into(),
            key: "ROC".into(),
            description: String::new(),
            created_by: user(1),
            created_at: at(2),
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        world
    }

    pub fn new_document(&self, n: u128) -> NewDocument {
        NewDocument {
            id: item_id(n).into(),
            org: self.org,
            project: self.project,
            kind: DocumentKind::Item,
            branch: None,
            created_at: at(3),
        }
    }

    pub async fn document(&self, db: &Db, n: u128) -> DocumentId {
        let new = self.new_document(n);
        db.create_document(&new).await.unwrap();
        new.id
    }

    pub fn new_item(&self, n: u128) -> NewItem {
        NewItem {
            id: item_id(n),
            org: self.org,
            project: self.project,
            title: format!("Item {n}"),
            item_type: ItemType::Story,
            status: Status::Todo,
            priority: Priority::None,
            parent: None,
            rank: "a0".into(),
            created_by: user(1),
            created_at: at(3),
        }
    }
}

pub fn row(bytes: &[u8]) -> LogRow {
    LogRow {
        author: user(1),
        session: session(1),
        agent: "test".into(),
        at: at(7),
        bytes: bytes.to_vec().into(),
    }
}

pub fn append(document: DocumentId, expected: i64, rows: &[&[u8]]) -> Append {
    Append {
        document,
        expected,
        rows: rows.iter().map(|bytes| row(bytes)).collect(),
        bindings: Vec::new(),
    }
}

pub fn texts(rows: &[LogEntry]) -> Vec<String> {
    rows.iter()
        .map(|row| String::from_utf8(row.bytes.to_vec()).unwrap())
        .collect()
}
