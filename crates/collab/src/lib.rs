//! The collaboration engine: rooms, the durable log writer, presence, and the two socket protocols.
//!
//! *If you saw it, it is saved*: an update reaches others, or is acknowledged to its author, only after its commit.
//! No HTTP here: the server hands over sockets (see [`Socket`]) and decides who may join (see [`Gate`]).

mod config;
mod describe;
mod edit;
mod gate;
mod hub;
mod keeper;
mod multiplexed;
mod name;
mod outbox;
mod peek;
mod plain;
mod projector;
mod pump;
mod room;
mod socket;
mod wire;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use model::{Clock, DocumentId, OrgId, Rng, SessionId, UserId};
use store::Db;
use tokio::task::JoinHandle;

pub use config::Config;
pub use describe::describe_metrics;
pub use edit::EditError;
pub use gate::{Credential, Gate, Pass, Refusal};
pub use peek::Snapshot;
pub use projector::{Listener, item_row};
pub use socket::{Incoming, Socket};

use hub::Hub;

/// The engine of one node. Cheap to clone.
#[derive(Clone)]
pub struct Collab {
    hub: Arc<Hub>,
    services: Arc<parking_lot::Mutex<Vec<JoinHandle<()>>>>,
}

/// Whose rights changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One person's, everywhere.
    User(UserId),
    /// Everybody's in an organization.
    Org(OrgId),
    /// Everybody's in one document: it was deleted or restored.
    Document(DocumentId),
}

impl Collab {
    /// Starts the writer, the keeper and the projector. Call it in a Tokio runtime.
    pub fn start(
        db: Db,
        config: Config,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        gate: Arc<dyn Gate>,
        listener: Arc<dyn Listener>,
    ) -> Self {
        let (writer, announced) = writer::Writer::channel();
        let (keeper, asked) = keeper::Keeper::channel();
        let (projector, changed) = projector::Projector::channel();
        let hub = Arc::new(Hub::new(
            config,
            db.clone(),
            gate,
            clock,
            rng,
            writer,
            projector,
            keeper,
        ));
        let services = vec![
            tokio::spawn(writer::run(db, announced)),
            tokio::spawn(keeper::run(hub.clone(), asked)),
            tokio::spawn(projector::run(hub.clone(), listener, changed)),
        ];
        Self {
            hub,
            services: Arc::new(parking_lot::Mutex::new(services)),
        }
    }

    /// Serves a socket of the plain y-websocket protocol until it ends. `name` is `{document}` or
    /// `{document}~{epoch}`.
    pub async fn serve_plain<S: Socket>(&self, socket: S, name: &str, credential: Credential) {
        plain::serve(self.hub.clone(), socket, name, credential).await;
    }

    /// Serves a socket of the Hocuspocus protocol until it ends. `credential` is for documents whose auth message
    /// holds no token.
    pub async fn serve_multiplexed<S: Socket>(&self, socket: S, credential: Credential) {
        multiplexed::serve(self.hub.clone(), socket, credential).await;
    }

    /// Edits a document on behalf of somebody, through the same path as a client's edit. `make` gets the head and
    /// the client id to use, and gives a Yjs update; it runs on a blocking thread and may run again. Returns the
    /// document's position after the commit.
    ///
    /// # Errors
    /// When the document refuses the edit or `make` fails. Nothing was changed then.
    pub async fn edit<F, E>(
        &self,
        document: DocumentId,
        pass: &Pass,
        make: F,
    ) -> Result<i64, EditError<E>>
    where
        F: Fn(&[u8], u64) -> Result<Vec<u8>, E> + Clone + Send + 'static,
        E: Send + 'static,
    {
        edit::edit(&self.hub, document, pass, make).await
    }

    /// The committed state of a document as a Yjs update, and its position.
    ///
    /// # Errors
    /// `NotFound`, or `TryAgain` when it can't be loaded now.
    pub async fn head(&self, document: DocumentId) -> Result<(i64, Bytes), Refusal> {
        self.hub.room(document).await?.fold().await
    }

    /// The committed state of a document, without opening a room for it: for many of them, or one that nobody edits.
    ///
    /// # Errors
    /// `NotFound` for an unknown or deleted document, `TryAgain` when it can't be read now.
    pub async fn peek(&self, document: DocumentId) -> Result<Snapshot, Refusal> {
        peek::peek(&self.hub, document).await
    }

    /// Ends every connection of a session, at once.
    pub fn close_session(&self, session: SessionId) {
        self.hub.revoke();
        for room in self.hub.open_rooms() {
            for (member, _) in room.passes(|pass| pass.session == session) {
                room.expel(member, Refusal::SessionEnded);
            }
        }
    }

    /// Decides again about open connections after rights changed: they are ended or downgraded.
    pub async fn recheck(&self, scope: Scope) {
        self.hub.revoke();
        let rooms = match scope {
            Scope::Document(id) => self.hub.open_room(id).into_iter().collect(),
            Scope::User(_) | Scope::Org(_) => self.hub.open_rooms(),
        };
        for room in rooms {
            let concerned = room.passes(|pass| match scope {
                Scope::User(user) => pass.user == user,
                Scope::Org(org) => pass.org == org,
                Scope::Document(_) => true,
            });
            for (member, pass) in concerned {
                let decided = self.hub.gate.readmit(&pass, room.id).await;
                room.set_pass(member, decided);
            }
        }
    }

    /// Asks for the projection of a document, as after a commit: when rows it depends on changed.
    pub fn project(&self, document: DocumentId) {
        self.hub.projector.changed(document);
    }

    /// Refuses newcomers, commits and acknowledges what is staged, stores heads, closes every socket with 1013.
    /// Waits at most `patience` for the commits.
    pub async fn shutdown(&self, patience: Duration) {
        self.hub.begin_closing();
        let deadline = tokio::time::Instant::now() + patience;
        let rooms = self.hub.open_rooms();
        while rooms.iter().any(|room| !room.is_settled()) && tokio::time::Instant::now() < deadline
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        for room in &rooms {
            room.close(Refusal::TryAgain);
        }
        for room in &rooms {
            if tokio::time::Instant::now() < deadline {
                keeper::store_head(&self.hub, room).await;
            }
        }
        for service in self.services.lock().drain(..) {
            service.abort();
        }
    }

    /// Stops at once, as a kill would: nothing more is saved or told. For tests.
    pub fn kill(&self) {
        self.hub.begin_closing();
        for service in self.services.lock().drain(..) {
            service.abort();
        }
    }

    /// Numbers for readiness and tests.
    pub fn stats(&self) -> Stats {
        Stats {
            rooms: self.hub.open_rooms().len(),
            unprojected: self.hub.projector.waiting(),
        }
    }

    /// Drops every room that has no members and whose head is stored, at once. For tests.
    pub async fn evict_idle(&self) {
        for room in self.hub.open_rooms() {
            keeper::store_head(&self.hub, &room).await;
        }
        self.hub.evict(Duration::ZERO);
    }
}

/// A moment's numbers of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Rooms in memory.
    pub rooms: usize,
    /// Documents whose projection is behind.
    pub unprojected: usize,
}
