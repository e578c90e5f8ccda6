//! What diagrams have that other items don't: pictures of themselves.

pub mod http;
pub(crate) mod ops;
