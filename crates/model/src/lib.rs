//! The words of Canopy as types: ids, time, roles and what they allow, the kinds of things.
//!
//! Pure rules. No I/O, no async, no database, no HTTP.

mod id;
mod kinds;
mod permission;
mod time;

pub use id::{
    BranchId, DocumentId, FieldId, FileId, ImportId, InvitationId, ItemId, OrgId, ParseIdError,
    ProjectId, SessionId, TeamId, TokenId, UserId,
};
pub use kinds::{DocumentKind, FieldKind, ItemType, ParseKindError, Priority, Status};
pub use permission::{Abilities, Action, Reach, Role, Scope, can};
pub use time::{Clock, ManualClock, Rng, SeededRng, SystemClock, SystemRng, Timestamp};
