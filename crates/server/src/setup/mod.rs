//! The first account of an installation.

pub mod http;
pub mod ops;
