//! Bringing specs in and out: one plain tree, and its readers and writers.
//!
//! Pure: no I/O, no clock, no randomness. Whatever a file holds, a reader gives a tree and a
//! report, or an error; it never panics, and it is bounded in size, depth and rows.

mod csv_read;
pub mod csv_write;
mod encoding;
mod jira_xml;
mod markdown_outline;
pub mod markdown_tree;
pub mod outline;
pub mod package;
mod read;
pub mod report;
pub mod rich;
mod table;
pub mod words;

pub use outline::{Criterion, Entry, Field, FieldOption, File, Outline};
pub use read::{Column, Error, Format, MAX_BYTES, Mapping, Preview, TextForm, detect, read};
pub use report::{Level, Line, Report};
pub use table::Target;
