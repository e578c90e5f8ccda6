//! The Hocuspocus protocol: many documents on one socket, authentication per document, acknowledgements.

use std::sync::Arc;

use bytes::Bytes;
use content::schema::SCHEMA;
use rustc_hash::FxHashMap;
use ydoc::protocol::hocuspocus::{Auth, Frame, Message};

use crate::gate::{Credential, Refusal};
use crate::hub::Hub;
use crate::name::DocumentName;
use crate::outbox::Outbox;
use crate::plain::sync_message;
use crate::pump::{self, Handler};
use crate::room::{MemberId, Room};
use crate::socket::Socket;
use crate::wire::Wire;

pub(crate) async fn serve<S: Socket>(hub: Arc<Hub>, socket: S, credential: Credential) {
    let outbox = Arc::new(Outbox::new(hub.config.queue_bytes));
    let session = Multiplexed {
        hub: hub.clone(),
        outbox: outbox.clone(),
        credential,
        seats: FxHashMap::default(),
        used: false,
    };
    pump::run(&hub, socket, &outbox, session).await;
}

struct Multiplexed {
    hub: Arc<Hub>,
    outbox: Arc<Outbox>,
    /// From the upgrade request; a document's own token comes first.
    credential: Credential,
    seats: FxHashMap<Arc<str>, (Arc<Room>, MemberId)>,
    used: bool,
}

impl Handler for Multiplexed {
    async fn frame(&mut self, frame: Bytes) -> Result<(), Refusal> {
        let limits = &self.hub.config.update;
        let frame = Frame::decode(&frame, limits).map_err(|error| pump::malformed(&error))?;
        let name = frame.document;
        match frame.message {
            // Boxed: seldom, and large.
            Message::Auth(Auth::Token { token, .. }) => Box::pin(self.open(name, token)).await,
            Message::Ping => {
                self.outbox.push(socket_frame(Message::Pong));
                Ok(())
            }
            Message::Close(_) => {
                if let Some((room, member)) = self.seats.remove(name) {
                    room.leave(member);
                }
                Ok(())
            }
            Message::Sync(_)
            | Message::SyncReply(_)
            | Message::Awareness(_)
            | Message::QueryAwareness => {
                let Some((room, member)) = self.seats.get(name) else {
                    // Sent before the client heard of a refusal or a close.
                    return Ok(());
                };
                let (room, member) = (room.clone(), *member);
                if let Err(refusal) = apply(&room, member, frame.message).await {
                    if refusal == Refusal::TryAgain {
                        return Err(refusal);
                    }
                    pump::count_refusal(refusal);
                    room.expel(member, refusal);
                    self.seats.remove(name);
                }
                Ok(())
            }
            // Nothing here uses them.
            Message::Auth(_)
            | Message::Stateless(_)
            | Message::BroadcastStateless(_)
            | Message::SyncStatus(_)
            | Message::Pong => Ok(()),
        }
    }

    fn keep_alive(&self) -> Bytes {
        socket_frame(Message::Ping)
    }

    fn is_used(&self) -> bool {
        self.used
    }
}

impl Drop for Multiplexed {
    fn drop(&mut self) {
        for (_, (room, member)) in self.seats.drain() {
            room.leave(member);
        }
    }
}

impl Multiplexed {
    async fn open(&mut self, name: &str, token: &str) -> Result<(), Refusal> {
        if let Some((room, member)) = self.seats.get(name) {
            if room.has(*member) {
                // A fresh token for a document that is open: the session decides, not the token.
                return Ok(());
            }
            self.seats.remove(name);
        }
        let wire = Wire::Multiplexed(name.into());
        let entered = self.enter(name, token, &wire).await;
        match entered {
            Ok((room, member, write)) => {
                if let Some(frame) = wire.scope(write) {
                    self.outbox.push(frame);
                }
                self.used = true;
                self.seats.insert(name.into(), (room, member));
            }
            // Nothing is wrong with the request: the whole socket comes back later.
            Err(Refusal::TryAgain) => return Err(Refusal::TryAgain),
            Err(refusal) => {
                pump::count_refusal(refusal);
                self.outbox.push(wire.denied(refusal));
            }
        }
        Ok(())
    }

    async fn enter(
        &mut self,
        name: &str,
        token: &str,
        wire: &Wire,
    ) -> Result<(Arc<Room>, MemberId, bool), Refusal> {
        if self.seats.len() >= self.hub.config.documents_per_socket {
            self.seats.retain(|_, (room, member)| room.has(*member));
            if self.seats.len() >= self.hub.config.documents_per_socket {
                return Err(Refusal::TryAgain);
            }
        }
        let (token, schema) = split_schema(token);
        // A provider with "session awareness" appends an id of its own.
        let document: DocumentName = name.split('\0').next().unwrap_or_default().parse()?;
        let credential = match token {
            "" => self.credential.clone(),
            token => Credential::Token(token.to_owned()),
        };
        let (room, member) =
            pump::admit(&self.hub, document, &credential, &self.outbox, wire).await?;
        // An editor deletes what its schema doesn't know.
        if schema.is_some_and(|schema| schema < SCHEMA) {
            room.hold_back(member);
            if let Some(frame) = wire.outdated() {
                self.outbox.push(frame);
            }
        }
        let write = room.may_write(member);
        Ok((room, member, write))
    }
}

async fn apply(room: &Arc<Room>, member: MemberId, message: Message<'_>) -> Result<(), Refusal> {
    match message {
        Message::Sync(sync) => sync_message(room, member, sync, true).await,
        Message::SyncReply(sync) => sync_message(room, member, sync, false).await,
        Message::Awareness(update) => room.receive_presence(member, update),
        Message::QueryAwareness => {
            room.answer_presence_query(member);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A message about the socket, not a document.
fn socket_frame(message: Message<'_>) -> Bytes {
    Frame {
        document: "",
        message,
    }
    .encode()
    .into()
}

/// `{token}#schema={number}`. Who names no schema is taken at their word.
fn split_schema(token: &str) -> (&str, Option<u32>) {
    match token.split_once("#schema=") {
        Some((token, schema)) => (token, schema.parse().ok().or(Some(0))),
        None => (token, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_may_carry_a_schema() {
        assert_eq!(split_schema("abc"), ("abc", None));
        assert_eq!(split_schema("abc#schema=2"), ("abc", Some(2)));
        assert_eq!(split_schema("abc#schema=x"), ("abc", Some(0)));
        assert_eq!(split_schema("#schema=1"), ("", Some(1)));
    }
}
