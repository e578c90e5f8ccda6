//! Who asks, and how they prove it.

pub mod actor;
mod cache;
pub(crate) mod cookie;
pub mod http;
pub(crate) mod live;
pub(crate) mod ops;
pub(crate) mod passwords;
