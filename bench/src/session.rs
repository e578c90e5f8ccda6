//! One client of one document.

use std::sync::Arc;

use anyhow::{Context, Result, bail};

use crate::update::Chain;
use crate::wire::{Framer, Incoming, Protocol, clock_in};
use crate::ws::{self, BINARY, Closed, Inbox, Socket};

/// Where and how to join a document.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) protocol: Protocol,
    /// host:port
    pub(crate) authority: String,
    /// Path before the document's name; for Hocuspocus the whole path.
    pub(crate) path: String,
    pub(crate) token: Option<String>,
}

impl Target {
    fn path_of(&self, document: &str) -> String {
        match (self.protocol, &self.token) {
            (Protocol::Hocuspocus, _) => self.path.clone(),
            (Protocol::YWebsocket, None) => format!("{}/{document}", self.path.trim_end_matches('/')),
            (Protocol::YWebsocket, Some(token)) => {
                format!("{}/{document}?token={token}", self.path.trim_end_matches('/'))
            }
        }
    }
}

/// What a scenario does with what arrives.
pub(crate) trait Handler: Send {
    /// An update, or the answer to our sync step 1.
    fn update(&mut self, update: &[u8]);
    fn awareness(&mut self, _states: &[u8], _session: &Session) {}
    /// Hocuspocus: the oldest of our unacknowledged updates is applied (`true`) or refused.
    fn acknowledged(&mut self, _applied: bool) {}
    /// We answered a sync step 1 with everything up to this clock.
    fn resent(&mut self, _upto: u64) {}
}

/// A handler for clients that only have to be there.
pub(crate) struct Ignore;

impl Handler for Ignore {
    fn update(&mut self, _update: &[u8]) {}
}

pub(crate) struct Session {
    pub(crate) socket: Arc<Socket>,
    pub(crate) framer: Framer,
    pub(crate) chain: Arc<Chain>,
}

/// Joins a document and waits until its state has arrived (which the handler gets too). Hocuspocus: authenticates first.
pub(crate) async fn join(
    target: &Target,
    document: &str,
    chain: Arc<Chain>,
    handler: &mut impl Handler,
) -> Result<(Arc<Session>, Inbox)> {
    let (socket, mut inbox) = ws::connect(&target.authority, &target.path_of(document)).await?;
    let session = Arc::new(Session { socket, framer: Framer::new(target.protocol, document), chain });
    match target.protocol {
        Protocol::YWebsocket => session.socket.send(&session.framer.step1(&[0])).await?,
        Protocol::Hocuspocus => {
            let token = target.token.as_deref().unwrap_or("none");
            session.socket.send(&session.framer.token(token)).await?;
        }
    }
    let mut synced = false;
    while !synced {
        if !inbox.fill().await? {
            bail!("the server hung up before it sent the document {document}");
        }
        synced = session.drain(&mut inbox, handler).map_err(|closed| {
            anyhow::anyhow!("the server closed {document} before it sent it: {} {}", closed.code, closed.reason)
        })?;
        session.socket.try_flush()?;
    }
    Ok((session, inbox))
}

impl Session {
    /// Handles what has arrived; `true` when a step 2 was in it.
    pub(crate) fn drain(&self, inbox: &mut Inbox, handler: &mut impl Handler) -> Result<bool, Closed> {
        let mut synced = false;
        while let Some(frame) = inbox.next()? {
            if frame.opcode != BINARY {
                continue;
            }
            let closed = |reason: &str| Closed { code: 0, reason: reason.to_owned() };
            match self.framer.parse(frame.payload) {
                Some(Incoming::Update(update)) => handler.update(update),
                Some(Incoming::Step2(update)) => {
                    synced = true;
                    handler.update(update);
                }
                Some(Incoming::Step1(state)) => {
                    let held = clock_in(state, self.chain.client).ok_or_else(|| closed("a malformed state vector"))?;
                    let upto = self.chain.next();
                    self.push(&self.framer.step2(&crate::update::range(self.chain.client, held, upto)));
                    handler.resent(upto);
                }
                Some(Incoming::Awareness(states)) => handler.awareness(states, self),
                Some(Incoming::Acknowledged(applied)) => handler.acknowledged(applied),
                Some(Incoming::Authenticated) => self.push(&self.framer.step1(&[0])),
                Some(Incoming::Ping) => self.push(&[10]),
                Some(Incoming::Denied(reason)) => return Err(closed(&format!("denied: {reason}"))),
                Some(Incoming::Closed(reason)) => return Err(closed(&format!("document closed: {reason}"))),
                Some(Incoming::QueryAwareness | Incoming::Other) => {}
                None => return Err(closed("a frame that is not of the protocol")),
            }
        }
        Ok(synced)
    }

    pub(crate) fn push(&self, message: &[u8]) {
        self.socket.push(BINARY, message);
    }

    pub(crate) fn push_edit(&self) {
        self.push(&self.framer.update(&self.chain.type_one()));
    }

    /// Makes the paragraph that the chain types into.
    pub(crate) async fn begin(&self) -> Result<()> {
        self.socket.send(&self.framer.update(&self.chain.begin())).await.context("the first update")
    }
}

/// Receives until the connection ends, and says why it did.
pub(crate) async fn receive(session: &Session, inbox: &mut Inbox, handler: &mut impl Handler) -> Closed {
    loop {
        match inbox.fill().await {
            Ok(true) => {}
            Ok(false) => return Closed { code: 0, reason: "hung up".into() },
            Err(error) => return Closed { code: 0, reason: error.to_string() },
        }
        if let Err(closed) = session.drain(inbox, handler) {
            return closed;
        }
        if let Err(error) = session.socket.try_flush() {
            return Closed { code: 0, reason: error.to_string() };
        }
    }
}
