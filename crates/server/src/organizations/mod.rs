//! Organizations.

pub mod http;
pub(crate) mod ops;
