//! Projects.

pub mod http;
pub(crate) mod ops;
