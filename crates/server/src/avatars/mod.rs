//! People's pictures.

pub mod http;
pub(crate) mod ops;
