//! Rich text: ProseMirror JSON and its form in a Y.XmlFragment.
//!
//! The form is y-prosemirror's, as `@tiptap/y-tiptap` 3.0.9 writes it: a node is an XmlElement
//! with its attributes, a run of text nodes is one XmlText, marks are its format attributes. A
//! mark that may overlap itself has the hash of its JSON behind its name.

mod build;
mod read;
mod references;
mod write;

pub use build::{
    bold, bullets, callout, cell, code, doc, file, from_plain, hard_break, header, heading, image,
    item_link, link, mention, numbered, paragraph, quote, rich, rule, table, tasks, text,
};
pub(crate) use read::{children, json, push_limited, read};
pub use read::{flatten, plain_text};
pub use references::{Link, MAX_REFERENCES, References, point_links, references};
pub(crate) use write::{is_shallow, write};

/// How deep nodes may stand in each other. Deeper ones are skipped when read, refused when
/// written. An editor makes three levels a list, so this is 30 nested lists.
pub const MAX_DEPTH: usize = 100;

/// How many nodes of a description are read.
pub const MAX_NODES: usize = 200_000;

/// How deep an attribute's value may be.
pub const MAX_VALUE_DEPTH: usize = 16;

/// Marks that may overlap themselves (`excludes: ''` in the editor's schema).
const OVERLAPPING: &[&str] = &["comment"];
