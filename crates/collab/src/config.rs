//! Limits and intervals of the collaboration engine.

use std::time::Duration;

/// Limits and intervals. The defaults are for production.
#[derive(Debug, Clone)]
pub struct Config {
    /// What one update may be.
    pub update: ydoc::Limits,
    /// Largest head of a document, in bytes.
    pub document_bytes: usize,
    /// Bytes that may wait for one slow reader before presence is dropped, then the socket closed with 1013.
    pub queue_bytes: usize,
    /// Updates of one socket that may wait for their commit before reading from it pauses.
    pub in_flight: usize,
    /// Documents that one multiplexed socket may have open.
    pub documents_per_socket: usize,
    /// Sustained messages per second of one socket; over it, reading pauses.
    pub messages_per_second: u32,
    /// Least time between two presence frames of a room.
    pub presence_tick: Duration,
    /// Largest presence state of one client, in bytes of JSON.
    pub presence_bytes: usize,
    /// Time between two signs of life on a quiet socket. Stock clients give up after 30 s of silence.
    pub keep_alive: Duration,
    /// A socket that has sent nothing, not even a pong, for this long is closed.
    pub silence: Duration,
    /// A room without members leaves memory after this long.
    pub idle_room: Duration,
    /// Committed updates on top of the stored head before a new head is stored.
    pub head_every: usize,
    /// Rows of a document's log before they are packed into blocks.
    pub pack_every: i64,
    /// Positions between two keyframes.
    pub keyframe_every: i64,
    /// Pause between a commit and the projection of the document, so that a burst is projected once, and the least between two
    /// projections of it.
    pub projection_delay: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            update: ydoc::Limits::default(),
            document_bytes: 64 << 20,
            queue_bytes: 16 << 20,
            in_flight: 4096,
            documents_per_socket: 256,
            messages_per_second: 50_000,
            presence_tick: Duration::from_millis(40),
            presence_bytes: 8 << 10,
            keep_alive: Duration::from_secs(20),
            silence: Duration::from_secs(75),
            idle_room: Duration::from_secs(30),
            head_every: 256,
            pack_every: 512,
            keyframe_every: 8192,
            projection_delay: Duration::from_millis(200),
        }
    }
}
