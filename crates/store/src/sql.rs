//! One SQL text per query, expanded once per driver.
//!
//! The macros take a [`Tx`](crate::Tx), the text with `$1` parameters and the values to bind. The
//! text is a literal, or a [`Sql`] where the dialects differ.

use bytes::Bytes;
use model::{
    BranchId, DocumentId, FieldId, FileId, ImportId, InvitationId, ItemId, OrgId, ProjectId,
    SessionId, Timestamp, TokenId, UserId,
};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{ColumnIndex, Decode, Postgres, Row, Sqlite, Type};
use uuid::Uuid;

use crate::{Error, Result};

/// A query whose text differs by dialect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sql {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

impl From<&'static str> for Sql {
    fn from(both: &'static str) -> Self {
        Self {
            sqlite: both,
            postgres: both,
        }
    }
}

/// A row of either driver.
#[derive(Clone, Copy)]
pub(crate) enum RowRef<'r> {
    Sqlite(&'r SqliteRow),
    Postgres(&'r PgRow),
}

/// Names a column: by place or by name.
pub(crate) trait Column: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> + Copy {}
impl<T: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> + Copy> Column for T {}

/// A value both drivers can read.
pub(crate) trait Raw<'r>:
    Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}
impl<'r, T> Raw<'r> for T where
    T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}

impl<'r> RowRef<'r> {
    pub(crate) fn get<T: Raw<'r>>(self, column: impl Column) -> Result<T> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }
}

/// A column's value in the store's words.
pub(crate) trait Field: Sized {
    fn field(row: RowRef<'_>, column: impl Column) -> Result<Self>;
}

/// A whole row in the store's words.
pub(crate) trait Record: Sized {
    fn record(row: RowRef<'_>) -> Result<Self>;
}

macro_rules! fields {
    ($($t:ty: $raw:ty => $from:expr;)*) => {$(
        impl Field for $t {
            fn field(row: RowRef<'_>, column: impl Column) -> Result<Self> {
                let from: fn($raw) -> Result<$t> = $from;
                from(row.get::<$raw>(column)?)
            }
        }
        impl Field for Option<$t> {
            fn field(row: RowRef<'_>, column: impl Column) -> Result<Self> {
                let from: fn($raw) -> Result<$t> = $from;
                row.get::<Option<$raw>>(column)?.map(from).transpose()
            }
        }
    )*};
}

fn word<T: std::str::FromStr>(word: String) -> Result<T> {
    word.parse()
        .map_err(|_| Error::Corrupt(format!("unknown word {word:?} in a column")))
}

fn json<T: serde::de::DeserializeOwned>(text: String) -> Result<T> {
    serde_json::from_str(&text).map_err(|e| Error::Corrupt(format!("JSON in a column: {e}")))
}

fields! {
    i64: i64 => Ok;
    f64: f64 => Ok;
    String: String => Ok;
    Vec<u8>: Vec<u8> => Ok;
    Bytes: Vec<u8> => |bytes| Ok(Bytes::from(bytes));
    Uuid: Uuid => Ok;
    OrgId: Uuid => |id| Ok(OrgId(id));
    UserId: Uuid => |id| Ok(UserId(id));
    ProjectId: Uuid => |id| Ok(ProjectId(id));
    ItemId: Uuid => |id| Ok(ItemId(id));
    FieldId: Uuid => |id| Ok(FieldId(id));
    ImportId: Uuid => |id| Ok(ImportId(id));
    DocumentId: Uuid => |id| Ok(DocumentId(id));
    BranchId: Uuid => |id| Ok(BranchId(id));
    SessionId: Uuid => |id| Ok(SessionId(id));
    InvitationId: Uuid => |id| Ok(InvitationId(id));
    FileId: Uuid => |id| Ok(FileId(id));
    TokenId: Uuid => |id| Ok(TokenId(id));
    Timestamp: i64 => |at| Ok(Timestamp::from_micros(at));
    model::Role: String => word;
    model::ItemType: String => word;
    model::Status: String => word;
    model::Priority: String => word;
    model::DocumentKind: String => word;
    model::FieldKind: String => word;
    serde_json::Value: String => json;
    serde_json::Map<String, serde_json::Value>: String => json;
    Vec<String>: String => json;
    Vec<UserId>: String => json;
    Vec<model::Scope>: String => json;
}

macro_rules! tuple_records {
    ($(($($t:ident $n:tt),+);)*) => {$(
        impl<$($t: Field),+> Record for ($($t,)+) {
            fn record(row: RowRef<'_>) -> Result<Self> {
                Ok(($($t::field(row, $n)?,)+))
            }
        }
    )*};
}

tuple_records! {
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
}

/// Structs that are rows: each field is read from the column of its name.
macro_rules! records {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$fmeta:meta])* $vis:vis $field:ident: $t:ty,)* })*) => {$(
        $(#[$meta])*
        pub struct $name { $($(#[$fmeta])* $vis $field: $t,)* }

        impl $crate::sql::Record for $name {
            fn record(row: $crate::sql::RowRef<'_>) -> $crate::Result<Self> {
                Ok(Self { $($field: $crate::sql::Field::field(row, stringify!($field))?,)* })
            }
        }
    )*};
}
pub(crate) use records;

/// Runs `$body` with the driver's own query and connection.
macro_rules! query {
    ($tx:expr, $sql:expr, [$($arg:expr),*], |$q:ident, $c:ident, $row:ident| $body:expr) => {{
        let sql = $crate::sql::Sql::from($sql);
        match $tx.conn() {
            $crate::tx::Conn::Sqlite($c) => {
                #[allow(unused_imports)]
                use $crate::sql::RowRef::Sqlite as $row;
                let $q = ::sqlx::query::<::sqlx::Sqlite>(sql.sqlite)$(.bind($arg))*;
                $body
            }
            $crate::tx::Conn::Postgres($c) => {
                #[allow(unused_imports)]
                use $crate::sql::RowRef::Postgres as $row;
                let $q = ::sqlx::query::<::sqlx::Postgres>(sql.postgres)$(.bind($arg))*;
                $body
            }
        }
    }};
}
pub(crate) use query;

/// Executes; how many rows were affected.
macro_rules! exec {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::sql::query!($tx, $sql, [$($arg),*], |q, c, row| {
            q.execute(c).await.map(|done| done.rows_affected()).map_err($crate::Error::from)
        })
    };
}
pub(crate) use exec;

/// At most one row.
macro_rules! one {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::sql::query!($tx, $sql, [$($arg),*], |q, c, row| {
            match q.fetch_optional(c).await {
                Ok(Some(found)) => $crate::sql::Record::record(row(&found)).map(Some),
                Ok(None) => Ok(None),
                Err(error) => Err($crate::Error::from(error)),
            }
        })
    };
}
pub(crate) use one;

/// All rows.
macro_rules! all {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::sql::query!($tx, $sql, [$($arg),*], |q, c, row| {
            match q.fetch_all(c).await {
                Ok(found) => found
                    .iter()
                    .map(|found| $crate::sql::Record::record(row(found)))
                    .collect::<$crate::Result<Vec<_>>>(),
                Err(error) => Err($crate::Error::from(error)),
            }
        })
    };
}
pub(crate) use all;

/// One-shot forms of [`Tx`](crate::Tx) methods: reads of one statement outside of a transaction.
macro_rules! one_shot_reads {
    ($($name:ident($($arg:ident: $t:ty),*) -> $out:ty;)*) => {
        impl $crate::Db {$(
            #[doc = concat!("[`Tx::", stringify!($name), "`](crate::Tx::", stringify!($name), ") on its own.")]
            pub async fn $name(&self, $($arg: $t),*) -> $crate::Result<$out> {
                let mut tx = self.reader().await?;
                tx.$name($($arg),*).await
            }
        )*}
    };
}
pub(crate) use one_shot_reads;

/// One-shot forms of [`Tx`](crate::Tx) methods: writes, each in its own transaction.
macro_rules! one_shot_writes {
    ($($name:ident($($arg:ident: $t:ty),*) -> $out:ty;)*) => {
        impl $crate::Db {$(
            #[doc = concat!("[`Tx::", stringify!($name), "`](crate::Tx::", stringify!($name), ") in a transaction of its own.")]
            pub async fn $name(&self, $($arg: $t),*) -> $crate::Result<$out> {
                let mut tx = self.begin_write().await?;
                let out = tx.$name($($arg),*).await?;
                tx.commit().await?;
                Ok(out)
            }
        )*}
    };
}
pub(crate) use one_shot_writes;
