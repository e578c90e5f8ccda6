//! Items: rows, and the documents behind them.

pub mod bulk;
mod duplicate;
pub mod http;
pub(crate) mod made;
pub(crate) mod ops;
