//! Invitations into an organization.

pub mod http;
pub(crate) mod ops;
