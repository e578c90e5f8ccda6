//! Moves frames between a socket and the rooms: the loop that every connection runs, on one task.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::gate::{Credential, Refusal};
use crate::hub::Hub;
use crate::name::DocumentName;
use crate::outbox::Outbox;
use crate::room::{MemberId, Room};
use crate::socket::{Incoming, Socket};
use crate::wire::Wire;

/// A peer that takes nothing for this long is gone.
const STALLED: Duration = Duration::from_secs(30);
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(5);

/// What a protocol does with frames. Dropped when the socket is gone, in whatever way: it leaves its rooms then.
pub(crate) trait Handler: Send {
    /// Takes in a binary frame; an error ends the socket.
    fn frame(&mut self, frame: Bytes) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// A frame that shows a quiet client that the server lives.
    fn keep_alive(&self) -> Bytes;

    /// Whether anybody was ever let in on this socket.
    fn is_used(&self) -> bool;
}

/// Runs a connection until either side ends it.
pub(crate) async fn run<S: Socket, H: Handler>(
    hub: &Hub,
    mut socket: S,
    outbox: &Outbox,
    mut handler: H,
) {
    let open = metrics::gauge!("canopy_open_sockets");
    open.increment(1.0);
    let ended = exchange(hub, &mut socket, outbox, &mut handler).await;
    drop(handler);
    open.decrement(1.0);
    if let Some(refusal) = ended {
        close(&mut socket, refusal).await;
    }
}

/// `None` when the peer is gone.
async fn exchange<S: Socket, H: Handler>(
    hub: &Hub,
    socket: &mut S,
    outbox: &Outbox,
    handler: &mut H,
) -> Option<Refusal> {
    let mut budget = Budget::new(hub.config.messages_per_second);
    let opened = Instant::now();
    let mut heard = opened;
    let mut frames: Vec<Bytes> = Vec::new();
    let mut keep_alive = std::pin::pin!(tokio::time::sleep(hub.config.keep_alive));
    loop {
        // Reading pauses while too much of this socket waits for its commit, or it sends too fast: backpressure
        // instead of refusal.
        let may_read = !outbox.is_congested(hub.config.in_flight);
        tokio::select! {
            biased;
            () = outbox.ready() => {
                let closing = outbox.take(&mut frames);
                if !write(socket, &mut frames).await {
                    return None;
                }
                if closing.is_some() {
                    return closing;
                }
            }
            incoming = socket.receive(), if may_read => {
                heard = Instant::now();
                match incoming? {
                    Incoming::Binary(frame) => {
                        metrics::counter!("canopy_frames_received_total").increment(1);
                        if let Err(refusal) = handler.frame(frame).await {
                            // What was queued before is still due: acknowledgements of saved work among it.
                            let _ = outbox.take(&mut frames);
                            write(socket, &mut frames).await;
                            return Some(refusal);
                        }
                        if let Some(pause) = budget.spend() {
                            tokio::time::sleep(pause).await;
                        }
                    }
                    Incoming::Alive => {}
                    Incoming::Text => return Some(Refusal::Invalid),
                }
            }
            () = keep_alive.as_mut() => {
                // Nobody keeps a socket without showing who they are.
                if heard.elapsed() > hub.config.silence || (!handler.is_used() && opened.elapsed() > hub.config.silence) {
                    return Some(Refusal::TryAgain);
                }
                if !(socket.feed(handler.keep_alive()).await && socket.ping().await) {
                    return None;
                }
                keep_alive.as_mut().reset(tokio::time::Instant::now() + hub.config.keep_alive);
            }
        }
    }
}

/// Writes all frames with one flush. `false` when the peer is gone, or takes nothing for so long that it may as well be.
async fn write<S: Socket>(socket: &mut S, frames: &mut Vec<Bytes>) -> bool {
    let written = async {
        for frame in frames.drain(..) {
            if !socket.feed(frame).await {
                return false;
            }
        }
        socket.flush().await
    };
    let written = tokio::select! {
        biased;
        written = written => written,
        // Not armed unless the write has to wait.
        () = tokio::time::sleep(STALLED) => false,
    };
    if frames.capacity() > 64 {
        *frames = Vec::new();
    }
    written
}

/// Says goodbye, if the peer still listens.
pub(crate) async fn close<S: Socket>(socket: &mut S, refusal: Refusal) {
    count_refusal(refusal);
    let _ = tokio::time::timeout(GOODBYE, socket.close(refusal.code(), refusal.reason())).await;
}

/// Authenticates, authorizes, opens the room and joins it.
pub(crate) async fn admit(
    hub: &Arc<Hub>,
    name: DocumentName,
    credential: &Credential,
    outbox: &Arc<Outbox>,
    wire: &Wire,
) -> Result<(Arc<Room>, MemberId), Refusal> {
    for _ in 0..8 {
        let revision = hub.revision();
        let pass = hub.gate.admit(credential, name.id).await?;
        let room = hub.room(name.id).await?;
        if name.epoch.is_some_and(|epoch| epoch != room.epoch) {
            return Err(Refusal::Epoch);
        }
        let member = match room.join(pass, outbox.clone(), wire.clone()) {
            Ok(member) => member,
            Err(Refusal::TryAgain) if !hub.is_closing() => continue,
            Err(refusal) => return Err(refusal),
        };
        // Revoked while it was being admitted: look again.
        if hub.revision() == revision {
            return Ok((room, member));
        }
        room.leave(member);
    }
    Err(Refusal::TryAgain)
}

pub(crate) fn malformed(error: &ydoc::Error) -> Refusal {
    metrics::counter!("canopy_refused_updates_total", "reason" => error.reason()).increment(1);
    match error {
        ydoc::Error::TooLarge { .. } => Refusal::TooLarge,
        _ => Refusal::Invalid,
    }
}

pub(crate) fn count_refusal(refusal: Refusal) {
    metrics::counter!("canopy_refusals_total", "reason" => refusal.reason()).increment(1);
}

/// A token bucket of one second's worth of messages.
struct Budget {
    left: u32,
    per_second: u32,
    since: Instant,
}

impl Budget {
    fn new(per_second: u32) -> Self {
        Self {
            left: per_second,
            per_second,
            since: Instant::now(),
        }
    }

    /// Spends one message; how long to pause when there was none left.
    fn spend(&mut self) -> Option<Duration> {
        if self.left > 0 {
            self.left -= 1;
            return None;
        }
        let pause = Duration::from_secs(1).saturating_sub(self.since.elapsed());
        self.left = self.per_second;
        self.since = Instant::now() + pause;
        (!pause.is_zero()).then_some(pause)
    }
}
