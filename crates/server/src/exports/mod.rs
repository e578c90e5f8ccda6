//! Exports: a project or a part of it as a file, streamed.

pub mod http;
pub(crate) mod ops;
mod source;
