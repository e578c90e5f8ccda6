//! Migrations, opening, health.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use store::testing::{self, Postgres, PostgresOptions};
use store::*;

use crate::common::*;

fn folder(name: &str) -> BTreeMap<String, Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("migrations")
        .join(name);
    std::fs::read_dir(path)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn both_databases_have_the_same_migrations() {
    let sqlite: Vec<String> = folder("sqlite").into_keys().collect();
    let postgres: Vec<String> = folder("postgres").into_keys().collect();
    assert_eq!(sqlite, postgres);
    for (n, name) in sqlite.iter().enumerate() {
        assert!(
            name.starts_with(&format!("{:04}_", n + 1)),
            "{name} is out of line"
        );
    }
}

/// A migration that was released never changes: databases that have it would refuse to start. Add a
/// new one instead, and its line here.
#[test]
fn migrations_never_change() {
    let mut now = String::new();
    for engine in ["postgres", "sqlite"] {
        for (name, bytes) in folder(engine) {
            // FNV-1a, 64 bits.
            let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, &byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
            writeln!(now, "{hash:016x} {engine}/{name}").unwrap();
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/checksums");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(now, committed, "compare with migrations/checksums");
}

async fn forward(url: &str) {
    let options = Options::default();
    let db = Db::connect(url, &options).await.unwrap();
    assert_eq!(
        db.pending_migrations().await.unwrap().len(),
        folder("sqlite").len()
    );
    assert_eq!(db.pending_migrations().await.unwrap()[0], "0001_start");
    db.migrate().await.unwrap();
    assert!(db.pending_migrations().await.unwrap().is_empty());
    db.migrate().await.unwrap();
    db.ping().await.unwrap();
    World::new(&db).await;
    assert!(db.stats().connections >= 1);
    db.close().await;
    let after = db.ping().await.unwrap_err();
    assert!(after.is_retryable(), "{after}");
    drop(db);

    // It opens again with what was in it; and not after a newer release has migrated it.
    let db = Db::connect(url, &options).await.unwrap();
    assert_eq!(testing::count(&db, "projects").await, 1);
    testing::execute(
        &db,
        "UPDATE _sqlx_migrations SET version = 9999 WHERE version = 1",
    )
    .await;
    let refused = db.migrate().await.unwrap_err();
    assert!(
        matches!(refused, Error::NewerSchema { found: 9999, .. }),
        "{refused}"
    );
    db.close().await;
    drop(db);
    let refused = Db::connect(url, &options).await.unwrap_err();
    assert!(
        matches!(refused, Error::NewerSchema { found: 9999, .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn sqlite_migrates_forward_and_refuses_a_newer_schema() {
    let (url, _folder) = testing::empty_sqlite();
    forward(&url).await;
}

#[tokio::test]
async fn postgres_migrates_forward_and_refuses_a_newer_schema() {
    forward(&testing::empty_postgres().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_nodes_may_migrate_at_once() {
    let url = testing::empty_postgres().await;
    let mut nodes = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let url = url.clone();
        nodes.spawn(async move {
            let db = Db::connect(&url, &Options::default()).await.unwrap();
            db.migrate().await.unwrap();
            db.close().await;
        });
    }
    nodes.join_all().await;
}

#[tokio::test]
async fn a_sqlite_database_is_open_once() {
    let (url, _folder) = testing::empty_sqlite();
    let options = Options::default();
    let first = Db::connect(&url, &options).await.unwrap();
    let second = Db::connect(&url, &options).await.unwrap_err();
    assert!(matches!(second, Error::Locked(_)), "{second}");
    assert!(
        second
            .to_string()
            .contains("in use by another Canopy process")
    );
    assert_eq!(first.engine(), Engine::Sqlite);
    first.close().await;
    drop(first);
    let path = url.strip_prefix("sqlite://").unwrap();
    Db::connect_sqlite(path, &options).await.unwrap();
}

#[tokio::test]
async fn unusable_urls_say_why_and_keep_the_password() {
    let options = Options::default();
    for url in [
        "mysql://root:secret@x/y",
        "sqlite://",
        "sqlite:a?mode=ro",
        "postgres://u:secret@:x/",
    ] {
        let error = Db::connect(url, &options).await.unwrap_err();
        assert!(matches!(error, Error::Url(_)), "{url}: {error}");
        assert!(!format!("{error:?}").contains("secret"));
    }
    let missing = Db::connect("sqlite:///no/such/folder/x.db", &options)
        .await
        .unwrap_err();
    assert!(missing.to_string().contains("/no/such/folder"), "{missing}");
}

#[tokio::test]
async fn a_full_sqlite_disk_is_its_own_error_and_loses_nothing() {
    let ephemeral = testing::sqlite().await;
    let db = &ephemeral.db;
    let world = World::new(db).await;
    let doc = world.document(db, 1).await;
    testing::limit_sqlite_pages(db, 10).await;
    let full = db
        .append(&[append(doc, 0, &[&[7; 100_000]])])
        .await
        .unwrap_err();
    assert!(matches!(full, Error::DiskFull(_)), "{full}");
    assert!(full.is_retryable());
    assert!(full.to_string().contains("disk"));
    testing::limit_sqlite_pages(db, 1_000_000).await;
    let outcome = db
        .append(&[append(doc, 0, &[&[7; 100_000]])])
        .await
        .unwrap();
    assert_eq!(outcome, [AppendOutcome::Committed]);
}

#[tokio::test]
async fn commits_are_durable_whatever_the_database_says() {
    let url = testing::empty_postgres().await;
    let db = Db::connect(&url, &Options::default()).await.unwrap();
    let name = url.rsplit('/').next().unwrap().split('?').next().unwrap();
    for (setting, value) in [
        ("synchronous_commit", "off"),
        ("default_transaction_isolation", "serializable"),
    ] {
        testing::execute(
            &db,
            &format!("ALTER DATABASE \"{name}\" SET {setting} = '{value}'"),
        )
        .await;
    }
    db.close().await;
    let db = Db::connect(&url, &Options::default()).await.unwrap();
    let holds = "SELECT 1 WHERE current_setting('synchronous_commit') = 'on' \
                 AND current_setting('transaction_isolation') = 'read committed'";
    assert_eq!(testing::execute(&db, holds).await, 1);
}

/// What was committed before `kill -9` is there afterwards, and the pool finds back by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_postgres_is_unavailable_then_comes_back_with_everything() {
    let mut server = Postgres::start(PostgresOptions { fsync: true }).await;
    let url = server.create_database("canopy", None).await;
    assert!(server.url().starts_with("postgres://"));
    let options = Options {
        acquire_timeout: std::time::Duration::from_secs(5),
        ..Options::default()
    };
    let db = Db::connect(&url, &options).await.unwrap();
    db.migrate().await.unwrap();
    let world = World::new(&db).await;
    let doc = world.document(&db, 1).await;
    assert_eq!(db.engine(), Engine::Postgres);

    let mut position = 0;
    for round in 0..2 {
        for _ in 0..20 {
            db.append(&[append(doc, position, &[b"x"])]).await.unwrap();
            position += 1;
        }
        if round == 0 {
            server.kill().await;
        } else {
            server.stop().await;
        }
        let down = db
            .append(&[append(doc, position, &[b"lost"])])
            .await
            .unwrap_err();
        assert!(down.is_retryable(), "{down:?}");
        server.restart().await;
        let stored = loop {
            match db.load_document(doc).await {
                Ok(stored) => break stored.unwrap(),
                Err(e) => assert!(e.is_retryable(), "{e:?}"),
            }
        };
        assert_eq!(stored.meta.position, position);
        assert_eq!(stored.tail.len() as i64, position);
    }
}

/// A statement that only one database understands shows when it runs: so each has to.
#[test]
fn every_public_function_has_a_test() {
    let read = |folder: &str| -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        std::fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect()
    };
    let source = read("src");
    let tests = read("tests/store");
    let untested: Vec<&str> = source
        .split("pub async fn ")
        .skip(1)
        .filter_map(|rest| rest.split(['(', '<']).next())
        .filter(|name| !name.contains('$') && !tests.contains(&format!(".{name}(")))
        .filter(|name| !tests.contains(&format!("::{name}(")))
        .collect();
    assert!(source.contains("pub async fn append"));
    assert_eq!(untested, Vec::<&str>::new());
}
