//! One's own account and sessions.

pub mod http;
pub(crate) mod ops;
