//! A WebSocket, as little of it as rooms need. The HTTP layer adapts its own to this.

use std::future::Future;

use bytes::Bytes;

/// What arrives.
#[derive(Debug)]
pub enum Incoming {
    /// A binary message.
    Binary(Bytes),
    /// A ping, pong or anything else that only shows life.
    Alive,
    /// A text message: no protocol here uses them.
    Text,
}

/// One open WebSocket.
pub trait Socket: Send {
    /// The next message; `None` when the peer is gone. Safe to cancel.
    fn receive(&mut self) -> impl Future<Output = Option<Incoming>> + Send;

    /// Hands over a binary message without flushing; `false` when the peer is gone.
    fn feed(&mut self, frame: Bytes) -> impl Future<Output = bool> + Send;

    /// Writes out what was fed; `false` when the peer is gone.
    fn flush(&mut self) -> impl Future<Output = bool> + Send;

    /// Sends a WebSocket ping and flushes.
    fn ping(&mut self) -> impl Future<Output = bool> + Send;

    /// Says goodbye with a code and a reason, and closes.
    fn close(&mut self, code: u16, reason: &'static str) -> impl Future<Output = ()> + Send;
}
