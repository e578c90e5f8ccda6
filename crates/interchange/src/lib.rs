//! Bringing specs in and out: one plain tree, and its readers and writers.
//!
//! Pure: no I/O, no clock, no randomness. Whatever a file holds, a reader gives a tree and a
//! report, or an error; it never panics, and it is bounded in size, depth and rows.

pub mod rich;
