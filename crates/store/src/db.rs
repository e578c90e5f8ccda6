//! The database: pools, migrations, health.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{Migrate, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool, SqliteConnection, SqlitePool};

use crate::sql::one;
use crate::{Error, Result, Tx};

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How the pools are set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// SQLite: connections that read beside the one that writes.
    pub sqlite_readers: u32,
    /// PostgreSQL: most connections.
    pub postgres_connections: u32,
    /// How long a call waits for a connection before it fails as unavailable.
    pub acquire_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sqlite_readers: 4,
            postgres_connections: 16,
            acquire_timeout: Duration::from_secs(30),
        }
    }
}

/// How busy the pools are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Open connections that may write.
    pub connections: u32,
    /// Of these, idle.
    pub idle: u32,
    /// Open connections that only read (SQLite).
    pub read_connections: u32,
    /// Of these, idle.
    pub read_idle: u32,
}

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file on this machine.
    Sqlite,
    /// A server.
    Postgres,
}

/// A database: SQLite or PostgreSQL. Clones share the pools.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
}

#[derive(Clone)]
enum Pools {
    Sqlite(Arc<SqliteDb>),
    Postgres(PgPool),
}

struct SqliteDb {
    write: SqlitePool,
    read: SqlitePool,
    path: PathBuf,
    /// Held for as long as the database is open; the lock ends with it.
    _lock: Lock,
}

struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough: a process that is just being spawned holds the file too, until it
        // becomes another program.
        let _ = self.0.unlock();
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.pools {
            Pools::Sqlite(db) => write!(f, "Db(SQLite {})", db.path.display()),
            Pools::Postgres(_) => f.write_str("Db(PostgreSQL)"),
        }
    }
}

/// Begins to the end, also when whoever asked has gone: a connection that is given up in the middle of `BEGIN` goes back to
/// the pool inside a transaction that sqlx knows nothing of, and what the next one writes on it would never be committed.
async fn begin(pool: &PgPool, how: &'static str) -> Result<Tx> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(how).await });
    Ok(begun.await.map_err(|_| sqlx::Error::WorkerCrashed)??.into())
}

impl Db {
    /// Opens the database at `url`: `sqlite:///absolute/path`, `sqlite:relative/path` or
    /// `postgres://user:password@host/name`. A SQLite file is made if missing; its folder must exist.
    ///
    /// Fails on a database that a newer release has migrated. Doesn't migrate: see
    /// [`migrate`](Self::migrate).
    pub async fn connect(url: &str, options: &Options) -> Result<Self> {
        let db = if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains(['?', '#']) {
                return Err(Error::Url(
                    "expected sqlite:///path/to/file, without parameters".into(),
                ));
            }
            Self::open_sqlite(Path::new(path), options).await?
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::open_postgres(url, options).await?
        } else {
            return Err(Error::Url(
                "expected sqlite:///path/to/file or postgres://user:password@host/name".into(),
            ));
        };
        db.pending_migrations().await?;
        Ok(db)
    }

    /// Opens the SQLite database in the file `path`; like [`connect`](Self::connect).
    pub async fn connect_sqlite(path: impl AsRef<Path>, options: &Options) -> Result<Self> {
        let db = Self::open_sqlite(path.as_ref(), options).await?;
        db.pending_migrations().await?;
        Ok(db)
    }

    async fn open_sqlite(path: &Path, options: &Options) -> Result<Self> {
        let lock = lock_file(path)?;
        let base = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // NORMAL can lose acknowledged commits at a power loss.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(512)
            .pragma("temp_store", "memory")
            .pragma("mmap_size", "268435456")
            .disable_statement_logging();
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(options.acquire_timeout)
            .idle_timeout(None)
            .max_lifetime(None)
            // The one connection never leaves this process; a lost one shows in the next statement.
            .test_before_acquire(false)
            .after_release(|conn, _| Box::pin(out_of_transaction(conn)))
            .connect_with(
                base.clone()
                    .pragma("cache_size", "-65536")
                    // Keep the WAL file instead of truncating and growing it again.
                    .pragma("journal_size_limit", "67108864"),
            )
            .await?;
        let read = SqlitePoolOptions::new()
            .max_connections(options.sqlite_readers.max(1))
            .acquire_timeout(options.acquire_timeout)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .after_release(|conn, _| Box::pin(out_of_transaction(conn)))
            .connect_with(
                base.create_if_missing(false)
                    .pragma("cache_size", "-16384")
                    .pragma("query_only", "on"),
            )
            .await?;
        Ok(Self {
            pools: Pools::Sqlite(Arc::new(SqliteDb {
                write,
                read,
                path: path.to_owned(),
                _lock: lock,
            })),
        })
    }

    async fn open_postgres(url: &str, options: &Options) -> Result<Self> {
        // The driver's own message may quote the URL, with its password.
        let connect = PgConnectOptions::from_str(url)
            .map_err(|_| Error::Url("expected postgres://user:password@host:port/name".into()))?
            .application_name("canopy")
            .statement_cache_capacity(512)
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(options.postgres_connections.max(2))
            .acquire_timeout(options.acquire_timeout)
            .test_before_acquire(false)
            .after_connect(|conn, _| Box::pin(session_settings(conn)))
            // A connection that has been idle may have died with a restarted server; a busy one pays
            // no round trip.
            .before_acquire(|conn, meta| {
                Box::pin(async move {
                    Ok(meta.idle_for < Duration::from_secs(1) || conn.ping().await.is_ok())
                })
            })
            .connect_with(connect)
            .await?;
        Ok(Self {
            pools: Pools::Postgres(pool),
        })
    }

    /// Which database this is.
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite(_) => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// Begins a transaction that may write. On SQLite waits for the one writer.
    pub async fn begin_write(&self) -> Result<Tx> {
        Ok(match &self.pools {
            // A deferred transaction that first reads and then writes fails despite the timeout.
            Pools::Sqlite(db) => db.write.begin_with("BEGIN IMMEDIATE").await?.into(),
            Pools::Postgres(pool) => begin(pool, "BEGIN").await?,
        })
    }

    /// Begins a transaction that only reads, and sees one instant throughout.
    pub async fn begin_read(&self) -> Result<Tx> {
        Ok(match &self.pools {
            Pools::Sqlite(db) => db.read.begin().await?.into(),
            Pools::Postgres(pool) => {
                begin(pool, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?
            }
        })
    }

    /// A connection for a read of one statement.
    pub(crate) async fn reader(&self) -> Result<Tx> {
        Ok(match &self.pools {
            Pools::Sqlite(db) => db.read.acquire().await?.into(),
            Pools::Postgres(pool) => pool.acquire().await?.into(),
        })
    }

    /// A connection for a write of one statement on PostgreSQL; a transaction on SQLite.
    pub(crate) async fn writer(&self) -> Result<Tx> {
        Ok(match &self.pools {
            Pools::Sqlite(_) => self.begin_write().await?,
            Pools::Postgres(pool) => pool.acquire().await?.into(),
        })
    }

    /// Brings the schema to this release's. Several processes may do so at once.
    pub async fn migrate(&self) -> Result<()> {
        self.pending_migrations().await?;
        match &self.pools {
            Pools::Sqlite(db) => SQLITE_MIGRATIONS.run(&db.write).await?,
            Pools::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await?,
        }
        Ok(())
    }

    /// The names of the migrations that [`migrate`](Self::migrate) would apply, in order. Fails on a
    /// database that a newer release has migrated. Changes nothing.
    pub async fn pending_migrations(&self) -> Result<Vec<String>> {
        let mut tx = self.reader().await?;
        let exists: Option<(i64,)> = match self.engine() {
            Engine::Sqlite => one!(
                tx,
                "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'"
            )?,
            Engine::Postgres => one!(
                tx,
                "SELECT CAST(1 AS BIGINT) WHERE to_regclass('_sqlx_migrations') IS NOT NULL"
            )?,
        };
        let applied = if exists.is_none() {
            Vec::new()
        } else {
            match tx.conn() {
                crate::tx::Conn::Sqlite(c) => {
                    SqliteConnection::list_applied_migrations(c, "_sqlx_migrations").await?
                }
                crate::tx::Conn::Postgres(c) => {
                    PgConnection::list_applied_migrations(c, "_sqlx_migrations").await?
                }
            }
        };
        let known = match self.engine() {
            Engine::Sqlite => &SQLITE_MIGRATIONS,
            Engine::Postgres => &POSTGRES_MIGRATIONS,
        };
        let newest = known.iter().map(|m| m.version).max().unwrap_or(0);
        if let Some(newer) = applied.iter().map(|m| m.version).max()
            && newer > newest
        {
            return Err(Error::NewerSchema {
                found: newer,
                known: newest,
            });
        }
        Ok(known
            .iter()
            .filter(|m| applied.iter().all(|a| a.version != m.version))
            .map(|m| format!("{:04}_{}", m.version, m.description.replace(' ', "_")))
            .collect())
    }

    /// Whether the database answers. For readiness.
    pub async fn ping(&self) -> Result<()> {
        match &self.pools {
            Pools::Sqlite(db) => db.read.acquire().await?.ping().await?,
            Pools::Postgres(pool) => pool.acquire().await?.ping().await?,
        }
        Ok(())
    }

    /// How busy the pools are. Cheap.
    pub fn stats(&self) -> Stats {
        let idle = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        match &self.pools {
            Pools::Sqlite(db) => Stats {
                connections: db.write.size(),
                idle: idle(db.write.num_idle()),
                read_connections: db.read.size(),
                read_idle: idle(db.read.num_idle()),
            },
            Pools::Postgres(pool) => Stats {
                connections: pool.size(),
                idle: idle(pool.num_idle()),
                read_connections: 0,
                read_idle: 0,
            },
        }
    }

    /// Closes all connections, after what they are doing.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite(db) => {
                db.read.close().await;
                // Last, so that it checkpoints the WAL.
                db.write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// What a connection needs, whatever the server's or the database's own defaults are.
async fn session_settings(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    // A commit that is acknowledged is on disk; stricter settings of the operator stay. Statements
    // see what others have committed up to now. A node that hangs doesn't hold its locks for ever.
    sqlx::query(
        "SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') \
         WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false), \
         set_config('default_transaction_isolation', 'read committed', false), \
         set_config('idle_in_transaction_session_timeout', '60s', false)",
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether a connection that comes back to its pool can be used again.
///
/// On a full disk, an I/O error or too little memory SQLite itself rolls back. The driver's own
/// `ROLLBACK` then fails, and it goes on believing in a transaction that isn't there: every later
/// `BEGIN` on this connection would fail.
async fn out_of_transaction(conn: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if conn.is_in_transaction() {
        // A rollback may still be queued; this waits for it.
        conn.ping().await?;
    }
    Ok(!conn.is_in_transaction())
}

/// Takes the lock beside the database file: two processes must not write one SQLite database, since
/// each keeps rooms in memory that would not hear of the other's edits.
fn lock_file(database: &Path) -> Result<Lock> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let failed = |source| Error::Io {
        path: path.clone(),
        source,
    };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(Error::Locked(database.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
