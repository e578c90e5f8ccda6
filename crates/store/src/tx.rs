//! A transaction on either database.

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

use crate::Result;

/// A transaction. Dropped without [`commit`](Tx::commit), it is rolled back.
///
/// After an error, give it up: PostgreSQL accepts nothing more in it. (Answers such as `false`, `None`
/// or an [`AppendOutcome`](crate::AppendOutcome) are not errors.)
///
/// A write transaction holds SQLite's only writer: never await the network, a lock or a person
/// while one is open, and keep it under 20 ms.
pub struct Tx {
    inner: Inner,
}

enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
    /// Outside of a transaction, for reads of one statement.
    SqliteBare(PoolConnection<Sqlite>),
    PostgresBare(PoolConnection<Postgres>),
}

/// The connection under a transaction.
pub(crate) enum Conn<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.inner {
            Inner::Sqlite(_) | Inner::SqliteBare(_) => "Tx(SQLite)",
            Inner::Postgres(_) | Inner::PostgresBare(_) => "Tx(PostgreSQL)",
        })
    }
}

impl From<Transaction<'static, Sqlite>> for Tx {
    fn from(tx: Transaction<'static, Sqlite>) -> Self {
        Self {
            inner: Inner::Sqlite(tx),
        }
    }
}

impl From<Transaction<'static, Postgres>> for Tx {
    fn from(tx: Transaction<'static, Postgres>) -> Self {
        Self {
            inner: Inner::Postgres(tx),
        }
    }
}

impl From<PoolConnection<Sqlite>> for Tx {
    fn from(conn: PoolConnection<Sqlite>) -> Self {
        Self {
            inner: Inner::SqliteBare(conn),
        }
    }
}

impl From<PoolConnection<Postgres>> for Tx {
    fn from(conn: PoolConnection<Postgres>) -> Self {
        Self {
            inner: Inner::PostgresBare(conn),
        }
    }
}

impl Tx {
    pub(crate) fn conn(&mut self) -> Conn<'_> {
        match &mut self.inner {
            Inner::Sqlite(tx) => Conn::Sqlite(&mut *tx),
            Inner::Postgres(tx) => Conn::Postgres(&mut *tx),
            Inner::SqliteBare(conn) => Conn::Sqlite(&mut *conn),
            Inner::PostgresBare(conn) => Conn::Postgres(&mut *conn),
        }
    }

    /// Makes the changes durable and visible, all or none. After an error the outcome is unknown:
    /// treat it as not committed, and read again before trusting either.
    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await?,
            Inner::Postgres(tx) => tx.commit().await?,
            Inner::SqliteBare(_) | Inner::PostgresBare(_) => {}
        }
        Ok(())
    }

    /// Undoes everything. Dropping does the same, a moment later.
    pub async fn rollback(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(tx) => tx.rollback().await?,
            Inner::Postgres(tx) => tx.rollback().await?,
            Inner::SqliteBare(_) | Inner::PostgresBare(_) => {}
        }
        Ok(())
    }
}
