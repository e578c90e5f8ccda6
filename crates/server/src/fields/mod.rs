//! A project's own fields: what they are, and what may stand in them.

pub mod http;
pub(crate) mod ops;
