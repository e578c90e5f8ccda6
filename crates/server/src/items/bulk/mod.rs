//! Many items at once.

pub mod http;
pub(crate) mod ops;
