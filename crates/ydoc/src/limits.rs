//! How much one input may hold.

use crate::Error;

/// Bounds on one input. The default is for what a client sends; [`Limits::stored`] is for what the server itself made of
/// accepted updates, such as a head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one update.
    pub update_bytes: usize,
    /// Structs of one update, all clients together.
    pub structs: usize,
    /// Entries of one state vector.
    pub state_vector_entries: usize,
    /// Nesting of one `Any` or JSON value: arrays and objects in each other. At most 128 is honoured.
    pub any_depth: usize,
    /// Nesting of shared types in each other. A type in a root has depth 1.
    pub type_depth: usize,
    /// Whether [`Known::judge`](crate::Known::judge) accepts subdocuments.
    pub subdocuments: bool,
    /// Bytes of one protocol message, its header included.
    pub message_bytes: usize,
    /// Bytes of a document's name in a message.
    pub name_bytes: usize,
    /// Bytes of a token in a message.
    pub token_bytes: usize,
    /// Bytes of a reason, or of a stateless payload, in a message.
    pub text_bytes: usize,
    /// Entries of one awareness message.
    pub awareness_entries: usize,
    /// Bytes of one client's awareness state.
    pub awareness_state_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            update_bytes: 16 << 20,
            structs: 2 << 20,
            state_vector_entries: 1 << 16,
            any_depth: 64,
            type_depth: 256,
            subdocuments: false,
            message_bytes: (16 << 20) + 1024,
            name_bytes: 512,
            token_bytes: 16 << 10,
            text_bytes: 64 << 10,
            awareness_entries: 1024,
            awareness_state_bytes: 16 << 10,
        }
    }
}

impl Limits {
    /// Bounds for bytes that were accepted before and merged since: sizes are wide, depths are as in the default.
    #[must_use]
    pub fn stored() -> Self {
        Self {
            update_bytes: i32::MAX as usize,
            structs: i32::MAX as usize,
            state_vector_entries: 1 << 24,
            subdocuments: true,
            ..Self::default()
        }
    }
}

pub(crate) fn within(what: &'static str, size: usize, limit: usize) -> Result<(), Error> {
    if size > limit {
        return Err(Error::TooLarge {
            what,
            size: size as u64,
            limit: limit as u64,
        });
    }
    Ok(())
}
