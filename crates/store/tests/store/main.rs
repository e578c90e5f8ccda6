//! Every public function of the store, on both databases.

mod accounts;
mod common;
mod content;
mod fields;
mod files;
mod happened;
mod heads;
mod imports;
mod links;
mod log;
mod migrations;
mod pack;
mod personal;
mod search;
