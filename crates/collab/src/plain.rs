//! The plain y-websocket protocol: one document per socket, any stock Yjs client.

use std::sync::Arc;

use bytes::Bytes;
use ydoc::protocol::{Message, Sync};

use crate::gate::{Credential, Refusal};
use crate::hub::Hub;
use crate::name::DocumentName;
use crate::outbox::Outbox;
use crate::pump::{self, Handler};
use crate::room::{Arrival, MemberId, Room};
use crate::socket::Socket;
use crate::wire::Wire;

pub(crate) async fn serve<S: Socket>(
    hub: Arc<Hub>,
    mut socket: S,
    name: &str,
    credential: Credential,
) {
    let outbox = Arc::new(Outbox::new(hub.config.queue_bytes));
    // Boxed: the way in is long, and its state would stay in the task of every idle connection.
    let entered = Box::pin(enter(&hub, name, &credential, &outbox)).await;
    // The token is not needed any more, and not to be kept for the life of a connection.
    drop(credential);
    match entered {
        Ok((room, member)) => {
            let session = Plain { room, member };
            pump::run(&hub, socket, &outbox, session).await;
        }
        Err(refusal) => {
            let _ = socket.feed(Wire::Plain.denied(refusal)).await;
            pump::close(&mut socket, refusal).await;
        }
    }
}

async fn enter(
    hub: &Arc<Hub>,
    name: &str,
    credential: &Credential,
    outbox: &Arc<Outbox>,
) -> Result<(Arc<Room>, MemberId), Refusal> {
    let name: DocumentName = name.parse()?;
    let joined = pump::admit(hub, name, credential, outbox, &Wire::Plain).await?;
    joined.0.ask(joined.1)?;
    Ok(joined)
}

struct Plain {
    room: Arc<Room>,
    member: MemberId,
}

impl Handler for Plain {
    async fn frame(&mut self, frame: Bytes) -> Result<(), Refusal> {
        let (room, member) = (&self.room, self.member);
        let message =
            Message::decode(&frame, room.limits()).map_err(|error| pump::malformed(&error))?;
        match message {
            Message::Sync(sync) => sync_message(room, member, sync, false).await,
            Message::Awareness(update) => room.receive_presence(member, update),
            Message::QueryAwareness => {
                room.answer_presence_query(member);
                Ok(())
            }
            // Only servers deny.
            Message::PermissionDenied(_) => Ok(()),
        }
    }

    fn keep_alive(&self) -> Bytes {
        // Presence of nobody: stock clients count any message as life.
        Wire::Plain.presence(&[0])
    }

    fn is_used(&self) -> bool {
        true
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        self.room.leave(self.member);
    }
}

/// Takes in a sync message of either protocol. `ask`: a step 1 is answered with one of our own.
pub(crate) async fn sync_message(
    room: &Arc<Room>,
    member: MemberId,
    sync: Sync<'_>,
    ask: bool,
) -> Result<(), Refusal> {
    match sync {
        // Boxed: seldom, and large.
        Sync::Step1(state_vector) => Box::pin(room.answer(member, state_vector, ask)).await,
        Sync::Step2(update) => room.receive_update(member, update, Arrival::Step2),
        Sync::Update(update) => room.receive_update(member, update, Arrival::Update),
    }
}
