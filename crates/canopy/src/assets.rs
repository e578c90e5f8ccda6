//! The web client, in the binary. In development builds it is read from `web/dist` at run time.

use std::sync::Arc;

use bytes::Bytes;
use server::{Asset, Assets};

#[derive(rust_embed::RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Client;

pub(crate) fn assets() -> Assets {
    Assets::new(Arc::new(|path| {
        let file = Client::get(path)?;
        let bytes = match file.data {
            std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
        };
        Some(Asset {
            bytes,
            content_type: file.metadata.mimetype().to_owned(),
        })
    }))
}

/// Whether the client was built before the server.
pub(crate) fn are_built() -> bool {
    Client::get("index.html").is_some()
}
