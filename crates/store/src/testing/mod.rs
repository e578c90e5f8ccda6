//! Ephemeral databases for tests (feature `testing`).
//!
//! ```
//! store::db_test! {
//!     async fn it_answers(db: store::Db) {
//!         db.ping().await.unwrap();
//!     }
//! }
//! ```
//! makes the tests `it_answers::sqlite` and `it_answers::postgres`.
//!
//! PostgreSQL is the server named by `CANOPY_TEST_POSTGRES` (an administrator's URL) when that is set;
//! otherwise one that this process starts for itself, and that ends with it.

mod postgres;

use std::future::Future;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::AssertSqlSafe;
use tokio::sync::OnceCell;

use crate::tx::Conn;
use crate::{Db, Options};

pub use postgres::{Postgres, PostgresOptions};

/// One test on each database. See the [module](self).
#[macro_export]
macro_rules! db_test {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: $t:ty) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn test($db: $t) $body

            #[test]
            fn sqlite() {
                $crate::testing::run_sqlite(test);
            }

            #[test]
            fn postgres() {
                $crate::testing::run_postgres(test);
            }
        }
    )*};
}

/// A database of its own for a test, gone when dropped.
#[derive(Debug)]
pub struct TestDb {
    /// The database, migrated.
    pub db: Db,
    /// How another process, or a second pool, reaches it. SQLite: only after `db` is dropped.
    pub url: String,
    // Dropped last.
    _folder: Option<tempfile::TempDir>,
}

fn options() -> Options {
    Options {
        postgres_connections: 6,
        ..Options::default()
    }
}

/// A fresh SQLite database, migrated.
pub async fn sqlite() -> TestDb {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("canopy.db");
    let db = Db::connect_sqlite(&path, &options())
        .await
        .expect("open SQLite");
    db.migrate().await.expect("migrate SQLite");
    TestDb {
        db,
        url: sqlite_url(&path),
        _folder: Some(folder),
    }
}

/// A fresh, empty SQLite database file's URL, in a folder that is kept until the second part is dropped.
pub fn empty_sqlite() -> (String, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    (sqlite_url(&folder.path().join("canopy.db")), folder)
}

fn sqlite_url(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

/// A fresh PostgreSQL database, migrated.
pub async fn postgres() -> TestDb {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let server = postgres::shared().await;
    let template = TEMPLATE
        .get_or_init(|| async {
            let name = database_name("template");
            let url = server.create_database(&name, None).await;
            let db = Db::connect(&url, &options()).await.expect("connect");
            db.migrate().await.expect("migrate PostgreSQL");
            db.close().await;
            name
        })
        .await;
    let url = server
        .create_database(&database_name("test"), Some(template))
        .await;
    let db = Db::connect(&url, &options()).await.expect("connect");
    TestDb {
        db,
        url,
        _folder: None,
    }
}

/// A fresh, empty PostgreSQL database's URL.
pub async fn empty_postgres() -> String {
    let server = postgres::shared().await;
    server.create_database(&database_name("test"), None).await
}

/// Runs a statement of a test's own: to look behind the API, or to break something.
///
/// # Panics
/// When the statement fails.
pub async fn execute(db: &Db, sql: &str) -> u64 {
    let mut tx = db.begin_write().await.expect("begin");
    let rows = match tx.conn() {
        Conn::Sqlite(c) => sqlx::query(AssertSqlSafe(sql))
            .execute(c)
            .await
            .map(|done| done.rows_affected()),
        Conn::Postgres(c) => sqlx::query(AssertSqlSafe(sql))
            .execute(c)
            .await
            .map(|done| done.rows_affected()),
    };
    tx.commit().await.expect("commit");
    rows.expect("the test's own statement")
}

/// How many rows a table has.
///
/// # Panics
/// When there is no such table.
pub async fn count(db: &Db, table: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {table}");
    let mut tx = db.begin_read().await.expect("begin");
    match tx.conn() {
        Conn::Sqlite(c) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(c).await,
        Conn::Postgres(c) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(c).await,
    }
    .expect("count")
}

/// A name that neither this process nor another has used.
fn database_name(purpose: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let started = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| d.as_micros());
    format!("canopy_{purpose}_{}_{started}_{n}", std::process::id())
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

/// Runs a test on a fresh SQLite database.
pub fn run_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Db) -> F) {
    block_on(async {
        let ephemeral = sqlite().await;
        test(ephemeral.db.clone()).await;
        ephemeral.db.close().await;
    });
}

/// Runs a test on a fresh PostgreSQL database.
pub fn run_postgres<F: Future<Output = ()>>(test: impl FnOnce(Db) -> F) {
    block_on(async {
        let ephemeral = postgres().await;
        test(ephemeral.db.clone()).await;
        ephemeral.db.close().await;
    });
}

/// Limits how many pages a SQLite database may have, as a full disk would.
///
/// # Panics
/// When the database isn't SQLite.
pub async fn limit_sqlite_pages(db: &Db, pages: u32) {
    let mut tx = db.begin_write().await.expect("begin");
    let Conn::Sqlite(c) = tx.conn() else {
        panic!("not SQLite");
    };
    sqlx::query(AssertSqlSafe(format!("PRAGMA max_page_count = {pages}")))
        .execute(c)
        .await
        .expect("the limit");
    tx.commit().await.expect("commit");
}
