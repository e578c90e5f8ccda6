//! Search over everything that one may see.

pub mod http;
pub(crate) mod indexer;
pub(crate) mod ops;

use std::path::Path;

use store::Db;

use crate::error::{Error, Result};

/// Builds the index in `folder` anew, from an empty one; gives how many items it has. For the command line, while no server
/// runs on it.
///
/// # Errors
/// When another process has the index open, or the database or the folder fails.
pub async fn rebuild(db: &Db, folder: &Path) -> Result<u64> {
    indexer::Indexer::alone(db.clone(), folder.to_owned())
        .rebuild()
        .await
        .map_err(Error::internal)
}

/// Whether a server has the index in `folder` open.
pub fn is_in_use(folder: &Path) -> bool {
    matches!(
        search::Writer::open(&indexer::index_folder(folder)),
        Err(search::Error::InUse)
    )
}

/// Asks the server that has the index in `folder` open, or the next one, to build it anew.
///
/// # Errors
/// When the folder can't be written.
pub fn ask_for_rebuild(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(indexer::request_file(folder), "")
}
