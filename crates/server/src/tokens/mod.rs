//! Personal access tokens: a script's way in.

pub mod http;
pub(crate) mod ops;
