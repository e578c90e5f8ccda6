//! Files: images and attachments of a project. Rows say what there is; the object store keeps the bytes.

pub mod http;
#[cfg(test)]
mod imitation;
pub mod objects;
pub(crate) mod ops;
pub(crate) mod serve;
pub(crate) mod sniff;

pub use objects::{Bucket, Objects, ObjectsError};
