//! A bare WebSocket broadcast: what a Rust server costs that does nothing but pass frames on. It answers a sync step 1
//! with the empty document, so that the same generator runs against it. It is the physical limit, not a product.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use parking_lot::Mutex;
use tokio::sync::mpsc;

type Room = Arc<Mutex<Vec<(u64, mpsc::UnboundedSender<Bytes>)>>>;

struct Bare {
    /// Write what is queued together with one flush, instead of one write per delivery.
    coalesce: bool,
    rooms: Mutex<HashMap<String, Room>>,
    next: AtomicU64,
}

pub(crate) async fn serve(listen: &str, coalesce: bool) -> Result<()> {
    let bare = Arc::new(Bare {
        coalesce,
        rooms: Mutex::default(),
        next: AtomicU64::new(0),
    });
    let app = Router::new()
        .route("/{*document}", get(upgrade))
        .with_state(bare);
    let listener = tokio::net::TcpListener::bind(listen).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("no TCP_NODELAY: {error}");
        }
    });
    axum::serve(listener, app).await?;
    Ok(())
}

async fn upgrade(
    State(bare): State<Arc<Bare>>,
    Path(document): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.on_upgrade(move |socket| join(bare, document, socket))
}

async fn join(bare: Arc<Bare>, document: String, socket: WebSocket) {
    let me = bare.next.fetch_add(1, Ordering::Relaxed);
    let room = bare.rooms.lock().entry(document).or_default().clone();
    let (mut sink, mut stream) = socket.split();
    let (queue, mut queued) = mpsc::unbounded_channel::<Bytes>();
    room.lock().push((me, queue.clone()));
    let coalesce = bare.coalesce;
    let writer = tokio::spawn(async move {
        let mut batch = Vec::new();
        while queued.recv_many(&mut batch, 1024).await > 0 {
            for bytes in batch.drain(..) {
                let sent = match coalesce {
                    true => sink.feed(Message::Binary(bytes)).await,
                    false => sink.send(Message::Binary(bytes)).await,
                };
                if sent.is_err() {
                    return;
                }
            }
            if sink.flush().await.is_err() {
                return;
            }
        }
    });
    while let Some(Ok(message)) = stream.next().await {
        let Message::Binary(bytes) = message else {
            continue;
        };
        if bytes.starts_with(&[0, 0]) {
            if queue.send(Bytes::from_static(&[0, 1, 2, 0, 0])).is_err() {
                break;
            }
            continue;
        }
        for (other, queue) in room.lock().iter() {
            if *other != me {
                // A socket that is closing has no use for it.
                let _ = queue.send(bytes.clone());
            }
        }
    }
    room.lock().retain(|(other, _)| *other != me);
    writer.abort();
}
