//! Ids: UUIDv7 newtypes, so that one kind can't be passed for another and rows sort by age.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Clock, Rng};

/// A string that is not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id: expected a UUID")]
pub struct ParseIdError;

/// A UUIDv7 (RFC 9562) of `clock`'s millisecond and `rng`'s bits.
fn uuid_v7(clock: &dyn Clock, rng: &dyn Rng) -> Uuid {
    let millis = u64::try_from(clock.now().micros() / 1000).unwrap_or(0);
    let mut random = [0u8; 10];
    rng.fill(&mut random);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh id of this instant.
            pub fn new(clock: &dyn Clock, rng: &dyn Rng) -> Self {
                Self(uuid_v7(clock, rng))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(s: &str) -> Result<Self, ParseIdError> {
                Uuid::parse_str(s).map(Self).map_err(|_| ParseIdError)
            }
        }
    )*};
}

ids! {
    /// An organization: the tenant. Everything belongs to exactly one.
    OrgId,
    /// A person's account.
    UserId,
    /// A team inside an organization.
    TeamId,
    /// One spec tree with its diagrams and branches.
    ProjectId,
    /// A work item.
    ItemId,
    /// One of a project's own fields.
    FieldId,
    /// One Yjs document. On the main branch it has the id of what it describes.
    DocumentId,
    /// A copy-on-write line of documents.
    BranchId,
    /// A signed-in device.
    SessionId,
    /// An invitation into an organization.
    InvitationId,
    /// A file that is brought into a project.
    ImportId,
    /// An image or another file that somebody put into a project.
    FileId,
    /// A personal access token.
    TokenId,
}

impl From<ItemId> for DocumentId {
    /// The main-branch document of an item.
    fn from(id: ItemId) -> Self {
        Self(id.0)
    }
}

impl From<ProjectId> for DocumentId {
    /// The main-branch outline of a project.
    fn from(id: ProjectId) -> Self {
        Self(id.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ManualClock, SeededRng, Timestamp};

    #[test]
    fn ids_are_version_7_and_sort_by_time() {
        let clock = ManualClock::new(Timestamp::from_micros(1_700_000_000_000_000));
        let rng = SeededRng::new(1);
        let first = ItemId::new(&clock, &rng);
        clock.advance_millis(1);
        let second = ItemId::new(&clock, &rng);
        assert_eq!(first.0.get_version_num(), 7);
        assert!(first < second);
        assert_eq!(first.to_string().parse(), Ok(first));
        assert_eq!("x".parse::<ItemId>(), Err(ParseIdError));
    }
}
