//! Full-text search over items: an index in a folder, what people type, and where it matches.
//!
//! No I/O beyond the index folder, no database, no async: the caller feeds the index and checks what it finds. The index
//! can be thrown away at any time; everything in it comes from rows.
//!
//! - [`Writer`] holds the index open for changes. A commit carries a [`State`]: how far the caller has fed it.
//! - [`Index`] answers. Cheap to clone; it sees the latest commit.
//! - [`Asked`] is what somebody typed, read; [`Marker`] finds it again in a text, for highlighting.

mod find;
mod index;
mod mark;
mod parse;
mod text;
mod tier;

pub use find::{Found, Search, Snapshot};
pub use index::{Document, Error, Index, NOBODY, Rebuild, State, Writer};
pub use mark::{Marked, Marker};
pub use parse::{Asked, Filter, MAX_QUERY};
pub use text::fold;
