//! How long what is done with many items holds SQLite's writer: `cargo run --release -p store
//! --features testing --example long_writes [part]`. The bound is 20 ms a transaction.

use std::time::{Duration, Instant};

use model::{
    Clock, DocumentKind, ItemId, ItemType, OrgId, Priority, ProjectId, Rng, SessionId, Status,
    SystemClock, SystemRng, UserId,
};
use store::testing::sqlite;
use store::{
    Append, Doomed, ItemProjection, Link, LogRow, NewDocument, NewItem, NewOrganization,
    NewProject, Placed, Tx,
};

const ITEMS: usize = 10_000;
const COPIES: usize = 20;

/// The longest transaction, and all together.
#[derive(Default)]
struct Times {
    most: Duration,
    all: Duration,
    count: u32,
}

impl Times {
    fn add(&mut self, since: Instant) {
        let took = since.elapsed();
        self.most = self.most.max(took);
        self.all += took;
        self.count += 1;
    }

    fn print(&self, what: &str) {
        let (most, mean, all) = (self.most, self.all / self.count.max(1), self.all);
        println!(
            "{what:10} {:4} transactions, longest {most:7.1?}, mean {mean:7.1?}, all {all:7.1?}",
            self.count
        );
    }
}

#[tokio::main]
async fn main() {
    let part = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(250);
    let test = sqlite().await;
    let db = &test.db;
    let (clock, rng) = (SystemClock, SystemRng);
    let org = OrgId::new(&clock, &rng);
    let project = ProjectId::new(&clock, &rng);
    let user = UserId::new(&clock, &rng);
    let session = SessionId::new(&clock, &rng);
    let mut tx = db.begin_write().await.expect("begin");
    tx.create_organization(&NewOrganization {
        id: org,
        name: "Acme".into(),
        slug: "acme".into(),
        created_at: clock.now(),
    })
    .await
    .expect("an organization");
    tx.create_project(&NewProject {
        id: project,
        org,
        name: "Rocket".into(),
        key: "ROC".into(),
        description: String::new(),
        created_by: user,
        created_at: clock.now(),
    })
    .await
    .expect("a project");
    tx.commit().await.expect("commit");

    let ids: Vec<ItemId> = (0..ITEMS).map(|_| ItemId::new(&clock, &rng)).collect();
    let mut made = Times::default();
    for chunk in ids.chunks(COPIES) {
        let since = Instant::now();
        let mut tx = db.begin_write().await.expect("begin");
        for &id in chunk {
            create(&mut tx, id, ids[0], org, project, user, session).await;
        }
        tx.commit().await.expect("commit");
        made.add(since);
    }
    made.print("copied");

    let mut placed = Times::default();
    let tree: Vec<Placed> = ids
        .iter()
        .map(|&id| Placed {
            id,
            parent: (id != ids[0]).then_some(ids[0]),
            rank: "a1".into(),
        })
        .collect();
    for chunk in tree.chunks(500) {
        let since = Instant::now();
        db.set_placements(project, chunk, clock.now())
            .await
            .expect("placements");
        placed.add(since);
    }
    placed.print("placed");

    let mut deleted = Times::default();
    let doomed: Vec<Doomed> = ids.iter().map(|&id| Doomed { id, root: ids[0] }).collect();
    for chunk in doomed.chunks(part) {
        let since = Instant::now();
        let mut tx = db.begin_write().await.expect("begin");
        let gone = tx
            .delete_items(project, chunk, user, clock.now())
            .await
            .expect("deleted");
        let payload = serde_json::json!({ "ids": gone });
        tx.emit(org, Some(project), "item.deleted", &payload, clock.now())
            .await
            .expect("told");
        tx.commit().await.expect("commit");
        deleted.add(since);
    }
    deleted.print("deleted");

    let mut restored = Times::default();
    for chunk in ids.chunks(part) {
        let since = Instant::now();
        let mut tx = db.begin_write().await.expect("begin");
        let back = tx
            .restore_items(project, chunk, clock.now())
            .await
            .expect("restored");
        let payload = serde_json::json!({ "ids": back });
        tx.emit(org, Some(project), "item.restored", &payload, clock.now())
            .await
            .expect("told");
        tx.commit().await.expect("commit");
        restored.add(since);
    }
    restored.print("restored");
}

async fn create(
    tx: &mut Tx,
    id: ItemId,
    target: ItemId,
    org: OrgId,
    project: ProjectId,
    user: UserId,
    session: SessionId,
) {
    let (clock, rng) = (SystemClock, SystemRng);
    let at = clock.now();
    let row = NewItem {
        id,
        org,
        project,
        title: "A title of some length, as they are".into(),
        item_type: ItemType::Task,
        status: Status::Todo,
        priority: Priority::None,
        parent: None,
        rank: "a0".into(),
        created_by: user,
        created_at: at,
    };
    assert!(tx.create_item(&row).await.expect("an item"));
    let document = NewDocument {
        id: id.into(),
        org,
        project,
        kind: DocumentKind::Item,
        branch: None,
        created_at: at,
    };
    tx.create_document(&document).await.expect("a document");
    let log = LogRow {
        author: user,
        session,
        agent: "api".into(),
        at,
        bytes: vec![7; 4_000].into(),
    };
    let append = Append {
        document: id.into(),
        expected: 0,
        rows: vec![log],
        bindings: vec![(rng.next_u64() >> 32, user)],
    };
    assert!(tx.append(&[append]).await.expect("its content")[0].is_committed());
    let projection = ItemProjection {
        id,
        position: 1,
        title: row.title,
        item_type: row.item_type,
        status: row.status,
        priority: row.priority,
        assignees: vec![user],
        labels: vec!["ui".into()],
        estimate: None,
        start_date: None,
        due_date: None,
        criteria_total: 3,
        criteria_done: 1,
        custom: serde_json::Map::new(),
        links: vec![Link {
            target,
            excerpt: "see #it".into(),
        }],
        mentions: vec![user],
        search_text: "some words of the text ".repeat(40),
        updated_at: at,
    };
    tx.upsert_item_projection(&projection)
        .await
        .expect("a projection");
    tx.set_projected(id.into(), 1).await.expect("projected");
}
