//! Items: rows, and the documents behind them.

pub mod http;
pub(crate) mod ops;
