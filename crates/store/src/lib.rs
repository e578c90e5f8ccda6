//! SQL: all of it. `Db` and `Tx` over SQLite and PostgreSQL.
//!
//! One portable text per query, expanded once per driver (`sql`); what differs by dialect stands in
//! `dialect`. Ids and the time come from the caller. Timestamps are microseconds in BIGINT columns;
//! ids are native in PostgreSQL and 16-byte blobs in SQLite; JSON is text.
//!
//! Functions return rows. Who may see them is decided above.

mod db;
mod dialect;
mod documents;
mod error;
mod events;
mod fields;
mod files;
mod heads;
mod imports;
mod items;
mod links;
mod log;
mod organizations;
mod pack;
mod preferences;
mod projects;
mod search;
mod sessions;
mod sql;
#[cfg(feature = "testing")]
pub mod testing;
mod tokens;
mod tx;
mod users;

pub use db::{Db, Engine, Options, Stats};
pub use documents::{DocumentMeta, NewDocument, StoredDocument};
pub use error::{Error, Result, UniqueKey};
pub use events::{AuditEntry, Event, KeptAnswer};
pub use fields::CustomField;
pub use files::{File, NewFile};
pub use heads::Keyframe;
pub use imports::Import;
pub use items::{Doomed, Item, ItemProjection, NewItem, Placed, Projected};
pub use links::Link;
pub use log::{Append, AppendOutcome, LogEntry, LogRow};
pub use organizations::{
    Invitation, Member, Membership, NewInvitation, NewOrganization, Organization,
};
pub use pack::Packed;
pub use projects::{NewProject, Project};
pub use search::{Ancestor, Followed, Follower, Horizon, SearchChange, SearchRow};
pub use sessions::{NewSession, Rotation, Session, SigningKey};
pub use tokens::{NewPersonalToken, PersonalToken};
pub use tx::Tx;
pub use users::{EmailPurpose, EmailToken, NewUser, User, email_key};
