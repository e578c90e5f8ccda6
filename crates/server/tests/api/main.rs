//! The whole application in-process, on both databases: what a client sees, request by request.

mod account;
mod app;
mod auth;
mod authz_matrix;
mod bulk;
mod diagrams;
mod events;
mod files;
mod hostile;
mod hostile_diagrams;
mod interchange;
mod items;
mod people;
mod search;
mod shell;
mod sockets;
