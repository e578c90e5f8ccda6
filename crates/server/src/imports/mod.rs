//! Imports: a file becomes a preview, then items, in the background.

pub mod http;
pub(crate) mod make;
pub(crate) mod ops;
pub(crate) mod people;
pub(crate) mod run;
