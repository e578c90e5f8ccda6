//! WebSockets: the way into the rooms.

mod adapter;
pub(crate) mod gate;
pub(crate) mod http;
