//! The only code that touches Yjs bytes which nobody vouches for.
//!
//! It reads, checks, merges and cuts v1 updates as npm `yjs` 13.6 does, to the byte, without building a document; keeps an
//! index of what a document holds ([`Known`]) to judge incoming updates by; makes the [`head`] that clients receive; and frames
//! messages of y-protocols and Hocuspocus ([`protocol`]).
//!
//! No function panics, recurses without bound, or takes memory out of proportion to its input, whatever the bytes are.

mod content;
mod diff;
mod error;
mod head;
mod id_set;
mod json;
mod known;
mod limits;
mod merge;
pub mod protocol;
mod read;
mod state_vector;
mod structs;
mod update;
mod write;

pub use diff::diff;
pub use error::Error;
pub use head::head;
pub use id_set::IdSet;
pub use known::{Known, Novel, Verdict};
pub use limits::Limits;
pub use merge::merge;
pub use protocol::awareness;
pub use state_vector::StateVector;
pub use update::{ContentIds, content_ids, is_empty, state_vector, validate};

/// A Yjs client: one editing session of one replica. At most 2^53 - 1; Yjs itself draws 32 bits.
pub type ClientId = u64;
