//! How many rows a second the log takes: `cargo run --release -p store --features testing --example
//! append_rate [sqlite|postgres] [seconds]`.
//!
//! N documents are in flight. Each has one row of 60 bytes waiting, and the next as soon as that one
//! is committed; what waits while one batch commits is the next batch. The disk is as durable as in
//! production, except that PostgreSQL's is not when the tests' own server is used without fsync.

use std::time::{Duration, Instant};

use model::{
    Clock, DocumentId, DocumentKind, ItemId, OrgId, ProjectId, Rng, SessionId, SystemClock,
    SystemRng, UserId,
};
use store::testing::{Postgres, PostgresOptions, sqlite};
use store::{Append, Db, LogRow, NewDocument, NewProject, Options};

const DOCUMENTS: usize = 1000;

fn main() {
    let mut args = std::env::args().skip(1);
    let engine = args.next().unwrap_or_else(|| "sqlite".into());
    let seconds = args.next().and_then(|s| s.parse().ok()).unwrap_or(3);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        if engine == "postgres" {
            let server = Postgres::start(PostgresOptions { fsync: true }).await;
            let url = server.create_database("rate", None).await;
            let db = Db::connect(&url, &Options::default())
                .await
                .expect("connect");
            db.migrate().await.expect("migrate");
            measure(&db, Duration::from_secs(seconds)).await;
            db.close().await;
        } else {
            let ephemeral = sqlite().await;
            measure(&ephemeral.db, Duration::from_secs(seconds)).await;
            ephemeral.db.close().await;
        }
    });
}

async fn measure(db: &Db, time: Duration) {
    let documents = create(db).await;
    println!("{:?}", db.engine());
    println!("in flight   rows/s   batch p50 ms   batch p99 ms");
    let mut positions = vec![0i64; DOCUMENTS];
    for in_flight in [1, 8, 64, 256, DOCUMENTS] {
        let mut took = Vec::new();
        let mut rows = 0usize;
        let start = Instant::now();
        while start.elapsed() < time {
            let batch: Vec<Append> = (0..in_flight)
                .map(|n| (n * 7 + rows) % DOCUMENTS)
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .map(|n| Append {
                    document: documents[n],
                    expected: positions[n],
                    rows: vec![row()],
                    bindings: Vec::new(),
                })
                .collect();
            let began = Instant::now();
            let outcomes = db.append(&batch).await.expect("append");
            took.push(began.elapsed());
            assert!(outcomes.iter().all(|outcome| outcome.is_committed()));
            for append in &batch {
                let n = documents
                    .binary_search(&append.document)
                    .expect("a known document");
                positions[n] += 1;
            }
            rows += batch.len();
        }
        let rate = rows as f64 / start.elapsed().as_secs_f64();
        took.sort_unstable();
        let quantile = |q: f64| took[((took.len() - 1) as f64 * q) as usize].as_secs_f64() * 1e3;
        println!(
            "{in_flight:9} {rate:8.0} {:14.2} {:14.2}",
            quantile(0.5),
            quantile(0.99)
        );
    }
}

fn row() -> LogRow {
    LogRow {
        author: UserId(Default::default()),
        session: SessionId(Default::default()),
        agent: String::new(),
        at: SystemClock.now(),
        bytes: vec![7; 60].into(),
    }
}

async fn create(db: &Db) -> Vec<DocumentId> {
    let (clock, rng): (&dyn Clock, &dyn Rng) = (&SystemClock, &SystemRng);
    let org = OrgId::new(clock, rng);
    let project = ProjectId::new(clock, rng);
    let mut tx = db.begin_write().await.expect("begin");
    tx.create_project(&NewProject {
        id: project,
        org,
        name: "Rate".into(),
        key: "RATE".into(),
        description: String::new(),
        created_by: UserId::new(clock, rng),
        created_at: clock.now(),
    })
    .await
    .expect("project");
    let mut documents: Vec<DocumentId> = (0..DOCUMENTS)
        .map(|_| ItemId::new(clock, rng).into())
        .collect();
    documents.sort_unstable();
    for &id in &documents {
        tx.create_document(&NewDocument {
            id,
            org,
            project,
            kind: DocumentKind::Item,
            branch: None,
            created_at: clock.now(),
        })
        .await
        .expect("document");
    }
    tx.commit().await.expect("commit");
    documents
}
