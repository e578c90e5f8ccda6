//! One client of one document.

use std::collections::VecDeque;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use parking_lot::Mutex;

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
    pub(crate) fn path_of(&self, document: &str) -> String {
        match (self.protocol, &self.token) {
            (Protocol::Hocuspocus, _) => self.path.clone(),
            (Protocol::YWebsocket, None) => {
                format!("{}/{document}", self.path.trim_end_matches('/'))
            }
            (Protocol::YWebsocket, Some(token)) => {
                format!(
                    "{}/{document}?token={token}",
                    self.path.trim_end_matches('/')
                )
            }
        }
    }
}

/// What a scenario does with what arrives.
pub(crate) trait Handler: Send {
    /// An update, or the answer to our sync step 1.
    fn update(&mut self, update: &[u8]);
    fn awareness(&mut self, _states: &[u8], _session: &Session) {}
    /// The document's state is here; what came before it may have been ahead of it.
    fn synced(&mut self) {}
    /// Hocuspocus: what we sent up to this clock of our chain is applied (`true`) or refused.
    fn acknowledged(&mut self, _upto: u64, _applied: bool) {}
}

pub(crate) struct Session {
    pub(crate) socket: Arc<Socket>,
    pub(crate) framer: Framer,
    pub(crate) chain: Arc<Chain>,
    /// Hocuspocus: for each frame that awaits its acknowledgement, how far it took the chain. Locked while such a frame
    /// is queued, so that both are in the same order.
    unacknowledged: Mutex<VecDeque<u64>>,
}

/// Joins a document and waits until its state has arrived (which the handler gets too). Hocuspocus: authenticates first.
pub(crate) async fn join(
    target: &Target,
    document: &str,
    chain: Arc<Chain>,
    handler: &mut impl Handler,
) -> Result<(Arc<Session>, Inbox)> {
    let (socket, mut inbox) = ws::connect(&target.authority, &target.path_of(document)).await?;
    let session = Arc::new(Session {
        socket,
        framer: Framer::new(target.protocol, document),
        chain,
        unacknowledged: Mutex::default(),
    });
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
            anyhow::anyhow!(
                "the server closed {document} before it sent it: {} {}",
                closed.code,
                closed.reason
            )
        })?;
        session.socket.try_flush()?;
    }
    Ok((session, inbox))
}

impl Session {
    /// Handles what has arrived; `true` when a step 2 was in it.
    pub(crate) fn drain(
        &self,
        inbox: &mut Inbox,
        handler: &mut impl Handler,
    ) -> Result<bool, Closed> {
        let mut synced = false;
        while let Some(frame) = inbox.next()? {
            if frame.opcode != BINARY {
                continue;
            }
            let closed = |reason: &str| Closed {
                code: 0,
                reason: reason.to_owned(),
            };
            match self.framer.parse(frame.payload) {
                Some(Incoming::Update(update)) => handler.update(update),
                Some(Incoming::Step2(update)) => {
                    synced = true;
                    handler.update(update);
                    handler.synced();
                }
                Some(Incoming::Step1(state)) => {
                    let held = clock_in(state, self.chain.client)
                        .ok_or_else(|| closed("a malformed state vector"))?;
                    self.push_counted(|| self.framer.step2(&self.chain.since(held)));
                }
                Some(Incoming::Awareness(states)) => handler.awareness(states, self),
                Some(Incoming::Acknowledged(applied)) => {
                    let upto = self.unacknowledged.lock().pop_front();
                    handler.acknowledged(
                        upto.ok_or_else(|| closed("an acknowledgement of nothing"))?,
                        applied,
                    );
                }
                Some(Incoming::Authenticated) => self.push(&self.framer.step1(&[0])),
                Some(Incoming::Ping) => self.push(&[10]),
                Some(Incoming::Denied(reason)) => return Err(closed(&format!("denied: {reason}"))),
                Some(Incoming::Closed(reason)) => {
                    return Err(closed(&format!("document closed: {reason}")));
                }
                Some(Incoming::QueryAwareness | Incoming::Other) => {}
                None => return Err(closed("a frame that is not of the protocol")),
            }
        }
        Ok(synced)
    }

    pub(crate) fn push(&self, message: &[u8]) {
        self.socket.push(BINARY, message);
    }

    /// Queues what a server of the Hocuspocus protocol acknowledges.
    fn push_counted(&self, message: impl FnOnce() -> Vec<u8>) {
        if self.framer.protocol == Protocol::YWebsocket {
            return self.push(&message());
        }
        let mut unacknowledged = self.unacknowledged.lock();
        self.push(&message());
        unacknowledged.push_back(self.chain.next());
    }

    pub(crate) fn push_edit(&self) {
        self.push_counted(|| self.framer.update(&self.chain.type_one()));
    }

    /// Queues an update that is not of the chain.
    pub(crate) fn push_update(&self, update: &[u8]) {
        self.push_counted(|| self.framer.update(update));
    }

    /// Makes the paragraph that the chain types into.
    pub(crate) async fn begin(&self) -> Result<()> {
        self.push_counted(|| self.framer.update(&self.chain.begin()));
        self.socket.flush().await.context("the first update")
    }
}

/// Receives until the connection ends, and says why it did.
pub(crate) async fn receive(
    session: &Session,
    inbox: &mut Inbox,
    handler: &mut impl Handler,
) -> Closed {
    loop {
        match inbox.fill().await {
            Ok(true) => {}
            Ok(false) => {
                return Closed {
                    code: 0,
                    reason: "hung up".into(),
                };
            }
            Err(error) => {
                return Closed {
                    code: 0,
                    reason: error.to_string(),
                };
            }
        }
        if let Err(closed) = session.drain(inbox, handler) {
            return closed;
        }
        if let Err(error) = session.socket.try_flush() {
            return Closed {
                code: 0,
                reason: error.to_string(),
            };
        }
    }
}
