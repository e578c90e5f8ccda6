//! A node in memory: real rooms over a real database, sockets made of channels, clients made of yrs.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses its own part"
)]

mod seed;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use collab::{Collab, Config, Credential, Gate, Incoming, Listener, Pass, Refusal, Socket};
use content::testing::Client;
use model::{
    DocumentId, ItemId, OrgId, ProjectId, SeededRng, SessionId, SystemClock, SystemRng, UserId,
};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use store::Db;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use ydoc::protocol::hocuspocus::{self, Auth, Frame};
use ydoc::protocol::{Message, Sync};

/// A gate that knows its people by their token: `viewer` and `editor` names, one session each.
#[derive(Default)]
pub struct TestGate {
    ended: Mutex<Vec<SessionId>>,
    read_only: Mutex<Vec<UserId>>,
}

pub fn user(name: &str) -> UserId {
    UserId(uuid::Uuid::from_u128(u128::from(hash(name))))
}

pub fn session(name: &str) -> SessionId {
    SessionId(uuid::Uuid::from_u128(u128::from(hash(name)) << 64))
}

fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    })
}

impl TestGate {
    pub fn end_session(&self, name: &str) {
        self.ended.lock().push(session(name));
    }

    pub fn demote(&self, name: &str) {
        self.read_only.lock().push(user(name));
    }

    fn decide(&self, user: UserId, session: SessionId, name: &str) -> Result<Pass, Refusal> {
        if self.ended.lock().contains(&session) {
            return Err(Refusal::SessionEnded);
        }
        Ok(Pass {
            user,
            session,
            org: ORG,
            project: PROJECT,
            name: name.to_owned(),
            color: "#336699".into(),
            avatar: None,
            agent: "test".into(),
            write: !name.starts_with("viewer") && !self.read_only.lock().contains(&user),
        })
    }
}

#[async_trait]
impl Gate for TestGate {
    async fn admit(&self, credential: &Credential, _: DocumentId) -> Result<Pass, Refusal> {
        let Credential::Token(name) = credential else {
            return Err(Refusal::SessionEnded);
        };
        // `{person}@{device}`: a person may have several sessions.
        let person = name.split('@').next().unwrap_or(name);
        self.decide(user(person), session(name), person)
    }

    async fn readmit(&self, pass: &Pass, _: DocumentId) -> Result<Pass, Refusal> {
        self.decide(pass.user, pass.session, &pass.name)
    }
}

pub struct Deaf;

impl Listener for Deaf {
    fn events_written(&self, _: OrgId) {}
}

pub const ORG: OrgId = OrgId(uuid::Uuid::from_u128(
    0x0af7_0000_0000_7000_8000_0000_0000_0001,
));
pub const PROJECT: ProjectId = ProjectId(uuid::Uuid::from_u128(
    0x0af7_0000_0000_7000_8000_0000_0000_0002,
));
pub const ITEM: DocumentId = DocumentId(uuid::Uuid::from_u128(
    0x0af7_0000_0000_7000_8000_0000_0000_0003,
));

/// A database and the engine on it. The engine can be stopped and started again.
pub struct Node {
    pub db: Db,
    pub gate: Arc<TestGate>,
    pub config: Config,
    engine: Mutex<Option<Collab>>,
}

pub fn config() -> Config {
    Config {
        projection_delay: Duration::from_millis(5),
        presence_tick: Duration::from_millis(10),
        // Small, so that tests meet folds, packing and keyframes.
        head_every: 16,
        pack_every: 32,
        keyframe_every: 64,
        ..Config::default()
    }
}

impl Node {
    /// On this database, with one item document and its project's outline.
    pub async fn start(db: Db, config: Config) -> Self {
        seed::seed(&db, PROJECT, ItemId(ITEM.0)).await;
        let node = Self {
            db,
            gate: Arc::default(),
            config,
            engine: Mutex::default(),
        };
        node.boot();
        node
    }

    /// A project and an item of their own.
    pub async fn fresh(&self, n: u128) -> (ProjectId, ItemId) {
        let id = |kind: u128| {
            uuid::Uuid::from_u128(0x0af7_0000_0000_7000_9000_0000_0000_0000 | (n << 8) | kind)
        };
        let (project, item) = (ProjectId(id(1)), ItemId(id(2)));
        seed::seed(&self.db, project, item).await;
        (project, item)
    }

    pub fn boot(&self) {
        let engine = Collab::start(
            self.db.clone(),
            self.config.clone(),
            Arc::new(SystemClock),
            Arc::new(SystemRng),
            self.gate.clone(),
            Arc::new(Deaf),
        );
        *self.engine.lock() = Some(engine);
    }

    pub fn collab(&self) -> Collab {
        self.engine.lock().clone().expect("the node runs")
    }

    /// Stops as on SIGTERM and starts again.
    pub async fn restart(&self) {
        self.collab().shutdown(Duration::from_secs(10)).await;
        self.boot();
    }

    /// Everything in memory is gone, nobody is told: what a kill leaves.
    pub fn crash(&self) {
        self.collab().kill();
        self.boot();
    }
}

/// Opens a plain socket on the node.
pub fn open_plain(node: &Node, document: &str, token: &str) -> Wire {
    let (wire, pipe) = pipe();
    let (collab, document) = (node.collab(), document.to_owned());
    let credential = Credential::Token(token.to_owned());
    let task = tokio::spawn(async move { collab.serve_plain(pipe, &document, credential).await });
    wire.with(task)
}

pub fn open_multiplexed(node: &Node) -> Wire {
    let (wire, pipe) = pipe();
    let collab = node.collab();
    let task =
        tokio::spawn(async move { collab.serve_multiplexed(pipe, Credential::Missing).await });
    wire.with(task)
}

/// The client's end of a socket.
pub struct Wire {
    pub to: mpsc::Sender<Bytes>,
    pub from: mpsc::UnboundedReceiver<FromServer>,
    task: Option<JoinHandle<()>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FromServer {
    Frame(Bytes),
    Closed(u16, &'static str),
}

pub struct Pipe {
    incoming: mpsc::Receiver<Bytes>,
    outgoing: mpsc::UnboundedSender<FromServer>,
}

fn pipe() -> (Wire, Pipe) {
    let (to, incoming) = mpsc::channel(1024);
    let (outgoing, from) = mpsc::unbounded_channel();
    (
        Wire {
            to,
            from,
            task: None,
        },
        Pipe { incoming, outgoing },
    )
}

impl Socket for Pipe {
    async fn receive(&mut self) -> Option<Incoming> {
        self.incoming.recv().await.map(Incoming::Binary)
    }

    async fn feed(&mut self, frame: Bytes) -> bool {
        self.outgoing.send(FromServer::Frame(frame)).is_ok()
    }

    async fn flush(&mut self) -> bool {
        true
    }

    async fn ping(&mut self) -> bool {
        true
    }

    async fn close(&mut self, code: u16, reason: &'static str) {
        let _ = self.outgoing.send(FromServer::Closed(code, reason));
    }
}

impl Wire {
    fn with(mut self, task: JoinHandle<()>) -> Self {
        self.task = Some(task);
        self
    }

    pub async fn send(&self, frame: impl Into<Bytes>) -> bool {
        self.to.send(frame.into()).await.is_ok()
    }

    /// The next frame; panics after five seconds of silence.
    pub async fn next(&mut self) -> FromServer {
        tokio::time::timeout(Duration::from_secs(5), self.from.recv())
            .await
            .expect("the server answers")
            .expect("the server's end lives")
    }

    /// Waits for the close and gives its code.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let FromServer::Closed(code, _) = self.next().await {
                return code;
            }
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

/// Which protocol a peer speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Plain,
    Multiplexed,
}

/// A client with a document, which survives its connections, as a browser tab does.
pub struct Peer {
    pub doc: Client,
    pub token: String,
    pub document: DocumentId,
    pub protocol: Protocol,
    wire: Option<Wire>,
    /// Multiplexed: what the provider shows as unsaved.
    pub unsaved: i64,
    /// The server's last word on this document.
    pub refused: Option<u16>,
    pub presence: FxHashMap<u64, serde_json::Value>,
}

impl Peer {
    pub fn new(client: u64, token: &str, document: DocumentId, protocol: Protocol) -> Self {
        Self {
            doc: Client::new(client),
            token: token.to_owned(),
            document,
            protocol,
            wire: None,
            unsaved: 0,
            refused: None,
            presence: FxHashMap::default(),
        }
    }

    pub fn is_connected(&self) -> bool {
        self.wire.is_some()
    }

    pub async fn connect(&mut self, node: &Node) {
        self.refused = None;
        let name = self.document.to_string();
        let step1 = self.doc.state_vector();
        match self.protocol {
            Protocol::Plain => {
                self.wire = Some(open_plain(node, &name, &self.token));
            }
            Protocol::Multiplexed => {
                self.wire = Some(open_multiplexed(node));
                let auth = Auth::Token {
                    token: &self.token.clone(),
                    version: None,
                };
                self.say(hocuspocus::Message::Auth(auth)).await;
                self.unsaved = 1;
            }
        }
        self.sync(Sync::Step1(&step1)).await;
    }

    pub fn disconnect(&mut self) {
        self.wire = None;
    }

    /// Sends an update that was made on `doc`, when connected.
    pub async fn send(&mut self, update: &[u8]) {
        if self.wire.is_some() && !ydoc::is_empty(update) {
            self.unsaved += 1;
            self.sync(Sync::Update(update)).await;
        }
    }

    pub async fn sync(&mut self, sync: Sync<'_>) {
        match self.protocol {
            Protocol::Plain => self.raw(Message::Sync(sync).encode()).await,
            Protocol::Multiplexed => self.say(hocuspocus::Message::Sync(sync)).await,
        }
    }

    async fn say(&mut self, message: hocuspocus::Message<'_>) {
        let document = &self.document.to_string();
        self.raw(Frame { document, message }.encode()).await;
    }

    pub async fn raw(&mut self, frame: Vec<u8>) {
        if let Some(wire) = &self.wire {
            // When the server's end is gone, reading will tell.
            let _ = wire.send(frame).await;
        }
    }

    /// Takes in all that has arrived.
    pub async fn pump(&mut self) {
        while let Some(wire) = &mut self.wire {
            match wire.from.try_recv() {
                Ok(message) => self.take(message).await,
                Err(mpsc::error::TryRecvError::Empty) => return,
                Err(mpsc::error::TryRecvError::Disconnected) => self.wire = None,
            }
        }
    }

    /// Takes in what arrives until it has been quiet for a moment and, where the protocol tells, all is saved.
    pub async fn settle(&mut self) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
        while let Some(wire) = &mut self.wire {
            match tokio::time::timeout(Duration::from_millis(120), wire.from.recv()).await {
                Ok(Some(message)) => self.take(message).await,
                Ok(None) => self.wire = None,
                Err(_) => {
                    let unsaved = self.protocol == Protocol::Multiplexed && self.unsaved > 0;
                    if !unsaved || self.refused.is_some() || tokio::time::Instant::now() > deadline
                    {
                        return;
                    }
                }
            }
        }
    }

    /// Waits for the server to refuse the document, and gives the code.
    pub async fn refusal(&mut self) -> u16 {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(code) = self.refused {
                return code;
            }
            let wire = self.wire.as_mut().expect("a connection, or a refusal");
            let message = tokio::time::timeout_at(deadline, wire.from.recv()).await;
            match message.expect("a refusal in time") {
                Some(message) => self.take(message).await,
                None => self.wire = None,
            }
        }
    }

    async fn take(&mut self, message: FromServer) {
        let frame = match message {
            FromServer::Closed(code, _) => {
                self.refused = Some(code);
                self.wire = None;
                return;
            }
            FromServer::Frame(frame) => frame,
        };
        let limits = ydoc::Limits::stored();
        match self.protocol {
            Protocol::Plain => match Message::decode(&frame, &limits).expect("a sound frame") {
                Message::Sync(sync) => self.take_sync(sync).await,
                Message::Awareness(update) => self.take_presence(update),
                Message::PermissionDenied(_) | Message::QueryAwareness => {}
            },
            Protocol::Multiplexed => match Frame::decode(&frame, &limits)
                .expect("a sound frame")
                .message
            {
                hocuspocus::Message::Sync(sync) => self.take_sync(sync).await,
                hocuspocus::Message::Awareness(update) => self.take_presence(update),
                hocuspocus::Message::SyncStatus(true) => self.unsaved -= 1,
                hocuspocus::Message::Auth(Auth::PermissionDenied(reason))
                | hocuspocus::Message::Close(Some(reason)) => {
                    self.refused = reason.split(':').next().and_then(|code| code.parse().ok());
                }
                _ => {}
            },
        }
    }

    async fn take_sync(&mut self, sync: Sync<'_>) {
        match sync {
            Sync::Step1(state_vector) => {
                let update = self.doc.update_since(state_vector);
                self.sync(Sync::Step2(&update)).await;
            }
            Sync::Step2(update) | Sync::Update(update) => {
                self.doc
                    .apply(update)
                    .expect("the server sends sound updates");
            }
        }
    }

    fn take_presence(&mut self, update: &[u8]) {
        for entry in
            ydoc::awareness::decode(update, &ydoc::Limits::default()).expect("sound presence")
        {
            if entry.is_gone() {
                self.presence.remove(&entry.client);
            } else {
                let state = serde_json::from_str(entry.state).expect("JSON");
                self.presence.insert(entry.client, state);
            }
        }
    }

    /// Says something of oneself, as another or oneself.
    pub async fn announce(&mut self, client: u64, clock: u64, state: &str) {
        let update = ydoc::awareness::encode(&[ydoc::awareness::Entry {
            client,
            clock,
            state,
        }]);
        match self.protocol {
            Protocol::Plain => self.raw(Message::Awareness(&update).encode()).await,
            Protocol::Multiplexed => self.say(hocuspocus::Message::Awareness(&update)).await,
        }
    }
}

/// Settles all peers until nobody hears anything new.
pub async fn settle_all(peers: &mut [Peer]) {
    for _ in 0..3 {
        for peer in peers.iter_mut() {
            peer.settle().await;
        }
    }
}

pub fn rng(seed: u64) -> SeededRng {
    SeededRng::new(seed)
}
