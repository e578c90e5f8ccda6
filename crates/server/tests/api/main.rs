//! The whole application in-process, on both databases: what a client sees, request by request.

mod app;
mod auth;
mod authz_matrix;
mod events;
mod items;
mod people;
mod search;
mod shell;
mod sockets;
