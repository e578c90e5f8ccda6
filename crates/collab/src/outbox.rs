//! What waits to be written to one socket.
//!
//! Everything that happened since the last write goes out in one flush, because the write system call is the cost.
//! The queue is bounded: over the limit, superseded presence goes first, then the socket is closed with 1013 and the
//! client resyncs. Nothing is ever dropped in silence.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::gate::Refusal;

pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    wake: Notify,
    /// Updates received from this socket that are not committed yet, and their bytes.
    in_flight: AtomicUsize,
    in_flight_bytes: AtomicUsize,
    limit: usize,
}

#[derive(Default)]
struct Queue {
    items: VecDeque<Item>,
    bytes: usize,
    closing: Option<Refusal>,
}

struct Item {
    frame: Bytes,
    /// A later presence frame or a full snapshot makes this one superfluous.
    presence: bool,
}

/// What became of a presence frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    Queued,
    /// Dropped for lack of room: send a full snapshot next time.
    Dropped,
}

impl Outbox {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            queue: Mutex::default(),
            wake: Notify::new(),
            in_flight: AtomicUsize::new(0),
            in_flight_bytes: AtomicUsize::new(0),
            limit,
        }
    }

    /// Queues a frame that must arrive.
    pub(crate) fn push(&self, frame: Bytes) {
        let mut queue = self.queue.lock();
        if queue.closing.is_some() {
            return;
        }
        if queue.bytes + frame.len() > self.limit && !queue.items.is_empty() {
            queue.drop_presence();
            // One frame may be larger than the limit, a big document's first sync; a backlog may not.
            if queue.bytes + frame.len() > self.limit && !queue.items.is_empty() {
                queue.close(Refusal::TryAgain);
                metrics::counter!("canopy_slow_sockets_closed_total").increment(1);
                drop(queue);
                self.wake.notify_one();
                return;
            }
        }
        queue.bytes += frame.len();
        let first = queue.items.is_empty();
        queue.items.push_back(Item {
            frame,
            presence: false,
        });
        drop(queue);
        if first {
            self.wake.notify_one();
        }
    }

    /// Queues a presence frame, or drops it when the reader is slow.
    pub(crate) fn push_presence(&self, frame: Bytes) -> Pushed {
        let mut queue = self.queue.lock();
        if queue.closing.is_some() || queue.bytes + frame.len() > self.limit / 4 {
            queue.drop_presence();
            return Pushed::Dropped;
        }
        queue.bytes += frame.len();
        let first = queue.items.is_empty();
        queue.items.push_back(Item {
            frame,
            presence: true,
        });
        drop(queue);
        if first {
            self.wake.notify_one();
        }
        Pushed::Queued
    }

    /// Ends the socket after what is queued already.
    pub(crate) fn close(&self, refusal: Refusal) {
        self.queue.lock().close(refusal);
        self.wake.notify_one();
    }

    /// Waits for something to write. Wakes at once when something waits already.
    pub(crate) async fn ready(&self) {
        self.wake.notified().await;
    }

    /// Moves all that waits into `frames`; tells whether the socket is to be closed behind it.
    pub(crate) fn take(&self, frames: &mut Vec<Bytes>) -> Option<Refusal> {
        let mut queue = self.queue.lock();
        frames.extend(queue.items.drain(..).map(|item| item.frame));
        queue.bytes = 0;
        if queue.items.capacity() > 64 {
            queue.items.shrink_to(8);
        }
        queue.closing
    }

    /// An update of this socket went into a batch.
    pub(crate) fn begin(&self, bytes: usize) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        self.in_flight_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// `count` updates of this socket are committed, or never will be.
    pub(crate) fn end(&self, count: usize, bytes: usize) {
        self.in_flight.fetch_sub(count, Ordering::Relaxed);
        self.in_flight_bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.wake.notify_one();
    }

    /// Whether so much of this socket waits for its commit that reading more of it should wait, too.
    pub(crate) fn is_congested(&self, most: usize) -> bool {
        self.in_flight.load(Ordering::Relaxed) >= most
            || self.in_flight_bytes.load(Ordering::Relaxed) >= self.limit
    }
}

impl Queue {
    fn drop_presence(&mut self) {
        let before = self.items.len();
        self.items.retain(|item| !item.presence);
        if self.items.len() < before {
            self.bytes = self.items.iter().map(|item| item.frame.len()).sum();
        }
    }

    fn close(&mut self, refusal: Refusal) {
        self.closing.get_or_insert(refusal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(outbox: &Outbox) -> (Vec<Bytes>, Option<Refusal>) {
        let mut frames = Vec::new();
        let closing = outbox.take(&mut frames);
        (frames, closing)
    }

    #[test]
    fn presence_goes_first_then_the_socket() {
        let outbox = Outbox::new(100);
        outbox.push(Bytes::from(vec![1; 40]));
        assert_eq!(
            outbox.push_presence(Bytes::from(vec![2; 30])),
            Pushed::Dropped
        );
        let outbox = Outbox::new(100);
        assert_eq!(
            outbox.push_presence(Bytes::from(vec![2; 20])),
            Pushed::Queued
        );
        outbox.push(Bytes::from(vec![1; 90]));
        let (frames, closing) = drain(&outbox);
        assert_eq!((frames.len(), frames[0][0], closing), (1, 1, None));
        outbox.push(Bytes::from(vec![1; 90]));
        outbox.push(Bytes::from(vec![1; 90]));
        let (frames, closing) = drain(&outbox);
        assert_eq!((frames.len(), closing), (1, Some(Refusal::TryAgain)));
    }

    #[test]
    fn what_waits_for_its_commit_is_bounded_in_number_and_size() {
        let outbox = Outbox::new(100);
        outbox.begin(60);
        assert!(!outbox.is_congested(2));
        outbox.begin(10);
        assert!(outbox.is_congested(2));
        outbox.end(1, 10);
        outbox.begin(60);
        assert!(outbox.is_congested(100));
        outbox.end(2, 120);
        assert!(!outbox.is_congested(1));
    }

    #[test]
    fn one_frame_may_exceed_the_limit() {
        let outbox = Outbox::new(100);
        outbox.push(Bytes::from(vec![1; 1000]));
        assert_eq!(drain(&outbox).0.len(), 1);
    }
}
