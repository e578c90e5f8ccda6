//! The words of Canopy as types: ids, time, roles and what they allow, the kinds of things.
//!
//! Pure rules. No I/O, no async, no database, no HTTP.

mod id;
mod kinds;
mod permission;
mod time;

pub use id::{
    BranchId, DocumentId, FieldId, InvitationId, ItemId, OrgId, ParseIdError, ProjectId, SessionId, TeamId,
    UserId,
};
pub use kinds::{DocumentKind, FieldKind, ItemType, ParseKindError, Priority, Status};
pub use permission::{Abilities, Action, Role, can};
pub use time::{Clock, ManualClock, Rng, SeededRng, SystemClock, SystemRng, Timestamp};
