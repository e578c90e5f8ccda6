//! What Canopy's documents mean: the schemas of items, diagrams and outlines, their projection to plain
//! values, and edits of them as Yjs updates.
//!
//! yrs lives here and only here. Input bytes are heads that `ydoc` has validated, or empty for an
//! empty document. All functions are synchronous and take as long as the document is large: call
//! them from a thread that may block. A document that yrs fails on is an [`Error`], nothing else.

pub mod diagram;
mod engine;
mod error;
pub mod item;
pub mod outline;
pub mod prosemirror;
pub mod rank;
pub mod schema;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod wire;

pub use error::{Error, MAX_PROBLEMS, Problem};
