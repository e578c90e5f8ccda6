//! The people of an organization.

pub mod http;
pub(crate) mod ops;
