//! An axum WebSocket as the rooms see it.

use std::future::Future;
use std::task::Poll;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::Bytes;
use collab::{Incoming, Socket};
use futures_util::{Sink, SinkExt, StreamExt};

pub(crate) struct Adapter(pub(crate) WebSocket);

impl Socket for Adapter {
    async fn receive(&mut self) -> Option<Incoming> {
        Some(match self.0.next().await?.ok()? {
            Message::Binary(bytes) => Incoming::Binary(bytes),
            Message::Text(_) => Incoming::Text,
            Message::Ping(_) | Message::Pong(_) => Incoming::Alive,
            Message::Close(_) => return None,
        })
    }

    fn feed(&mut self, frame: Bytes) -> impl Future<Output = bool> + Send {
        let mut frame = Some(frame);
        std::future::poll_fn(move |cx| {
            let mut socket = std::pin::Pin::new(&mut self.0);
            match socket.as_mut().poll_ready(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Err(_)) => Poll::Ready(false),
                Poll::Ready(Ok(())) => {
                    let frame = frame.take().unwrap_or_default();
                    Poll::Ready(socket.start_send(Message::Binary(frame)).is_ok())
                }
            }
        })
    }

    async fn flush(&mut self) -> bool {
        self.0.flush().await.is_ok()
    }

    async fn ping(&mut self) -> bool {
        self.0.send(Message::Ping(Bytes::new())).await.is_ok()
    }

    async fn close(&mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        // The peer may be gone already: then there is nobody to tell.
        if self.0.send(Message::Close(Some(frame))).await.is_ok() {
            let _ = self.0.close().await;
        }
    }
}
