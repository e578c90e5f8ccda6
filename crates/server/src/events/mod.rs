//! Live changes of everything that is not a document.

pub(crate) mod feed;
pub mod http;
mod merge;
