//! How what a room says is framed on a socket: the two protocols differ only here.

use std::sync::Arc;

use bytes::Bytes;
use ydoc::protocol::hocuspocus::{self, Auth, Frame, Scope};
use ydoc::protocol::{Message, Sync};

use crate::gate::Refusal;

/// The protocol of a member, with what its frames begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wire {
    /// y-websocket: one document per socket.
    Plain,
    /// Hocuspocus: the document's name, as the client wrote it, starts every frame.
    Multiplexed(Arc<str>),
}

impl Wire {
    pub(crate) fn sync(&self, sync: Sync<'_>) -> Bytes {
        match self {
            Self::Plain => Message::Sync(sync).encode().into(),
            Self::Multiplexed(name) => about(name, hocuspocus::Message::Sync(sync)),
        }
    }

    pub(crate) fn presence(&self, update: &[u8]) -> Bytes {
        match self {
            Self::Plain => Message::Awareness(update).encode().into(),
            Self::Multiplexed(name) => about(name, hocuspocus::Message::Awareness(update)),
        }
    }

    pub(crate) fn denied(&self, refusal: Refusal) -> Bytes {
        let reason = refusal.to_string();
        match self {
            Self::Plain => Message::PermissionDenied(&reason).encode().into(),
            Self::Multiplexed(name) => about(
                name,
                hocuspocus::Message::Auth(Auth::PermissionDenied(&reason)),
            ),
        }
    }

    /// "An update of yours is on disk", where the protocol has a word for it.
    pub(crate) fn saved(&self) -> Option<Bytes> {
        self.named(hocuspocus::Message::SyncStatus(true))
    }

    /// What the member may do, where the protocol has a word for it.
    pub(crate) fn scope(&self, write: bool) -> Option<Bytes> {
        let scope = if write {
            Scope::ReadWrite
        } else {
            Scope::Readonly
        };
        self.named(hocuspocus::Message::Auth(Auth::Authenticated(scope)))
    }

    /// The end of this document on a socket that goes on; `None` where the socket itself has to close.
    pub(crate) fn closed(&self, refusal: Refusal) -> Option<Bytes> {
        self.named(hocuspocus::Message::Close(Some(&refusal.to_string())))
    }

    /// The client's schema is older than the server's: it has to be reloaded to write.
    pub(crate) fn outdated(&self) -> Option<Bytes> {
        self.named(hocuspocus::Message::Stateless(r#"{"type":"outdated"}"#))
    }

    fn named(&self, message: hocuspocus::Message<'_>) -> Option<Bytes> {
        match self {
            Self::Plain => None,
            Self::Multiplexed(name) => Some(about(name, message)),
        }
    }
}

fn about(document: &str, message: hocuspocus::Message<'_>) -> Bytes {
    Frame { document, message }.encode().into()
}

/// One message for many members, framed once per protocol and name.
pub(crate) struct Frames<F> {
    make: F,
    made: Vec<(Wire, Bytes)>,
}

impl<F: Fn(&Wire) -> Bytes> Frames<F> {
    pub(crate) fn new(make: F) -> Self {
        Self {
            make,
            made: Vec::new(),
        }
    }

    pub(crate) fn get(&mut self, wire: &Wire) -> Bytes {
        if let Some((_, frame)) = self.made.iter().find(|(made, _)| made == wire) {
            return frame.clone();
        }
        let frame = (self.make)(wire);
        self.made.push((wire.clone(), frame.clone()));
        frame
    }
}
