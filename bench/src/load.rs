//! What the scenarios share: a room full of clients, and a board on which they note what has reached them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::{StreamExt, TryStreamExt, stream};
use parking_lot::Mutex;
use tokio::task::JoinHandle;

use crate::measure::{Histogram, Stamps};
use crate::session::{self, Handler, Session, Target};
use crate::update::{Chain, Content, FIRST_EDIT, Visit, scan};

/// How far each client of one document has received each writer's chain.
pub(crate) struct Board {
    base: u64,
    writers: usize,
    /// Per client, per writer: the first clock that it has not received.
    seen: Vec<AtomicU64>,
    /// Per client: edits of others received.
    delivered: Vec<AtomicU64>,
    latencies: Vec<Mutex<Histogram>>,
    stamps: Option<Stamps>,
    /// Updates that arrived before what they follow.
    gaps: AtomicU64,
    malformed: AtomicU64,
    refused: AtomicU64,
}

impl Board {
    /// `stamped`: the number of clocks per writer whose latency is measured, 0 for none.
    pub(crate) fn new(clients: usize, writers: usize, stamped: usize) -> Arc<Self> {
        // Yjs ids are 53 bits wide, but y-protocols' clients choose 32.
        let base = u64::from(rand::random::<u32>() >> 1) + 1;
        let zeros = |count| (0..count).map(|_| AtomicU64::new(0)).collect::<Vec<_>>();
        Arc::new(Self {
            base,
            writers,
            seen: zeros(clients * writers),
            delivered: zeros(clients),
            latencies: (0..clients).map(|_| Mutex::default()).collect(),
            stamps: (stamped > 0).then(|| Stamps::new(base, writers, stamped)),
            gaps: AtomicU64::new(0),
            malformed: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        })
    }

    pub(crate) fn clients(&self) -> usize {
        self.delivered.len()
    }

    pub(crate) fn client_id(&self, index: usize) -> u64 {
        self.base + index as u64
    }

    /// How far everybody else has received a writer's chain.
    pub(crate) fn reached(&self, writer: usize) -> u64 {
        (0..self.clients())
            .filter(|client| *client != writer)
            .map(|client| self.seen[client * self.writers + writer].load(Ordering::Acquire))
            .min()
            .unwrap_or(u64::MAX)
    }

    pub(crate) fn delivered(&self) -> u64 {
        self.delivered
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum()
    }

    pub(crate) fn latency(&self) -> Histogram {
        let mut all = Histogram::default();
        for one in &self.latencies {
            all.merge(&one.lock());
        }
        all
    }

    pub(crate) fn reset_latency(&self) {
        for one in &self.latencies {
            *one.lock() = Histogram::default();
        }
    }

    /// An error when anything arrived out of order or broken.
    pub(crate) fn check(&self) -> Result<()> {
        let (gaps, malformed) = (
            self.gaps.load(Ordering::Relaxed),
            self.malformed.load(Ordering::Relaxed),
        );
        let refused = self.refused.load(Ordering::Relaxed);
        if gaps + malformed + refused > 0 {
            bail!(
                "{gaps} updates arrived before what they follow, {malformed} were malformed, {refused} were refused"
            );
        }
        Ok(())
    }

    /// Waits until everybody has received all that the writers wrote.
    pub(crate) async fn settle(&self, sessions: &[Arc<Session>], patience: Duration) -> Result<()> {
        let end = tokio::time::Instant::now() + patience;
        loop {
            let behind = (0..self.writers)
                .filter(|writer| self.reached(*writer) < sessions[*writer].chain.next())
                .count();
            if behind == 0 {
                return self.check();
            }
            if tokio::time::Instant::now() > end {
                self.check()?;
                bail!("edits of {behind} writers did not reach everybody within {patience:?}");
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Sends one edit of a writer; its latency counts from here.
    pub(crate) async fn edit(&self, session: &Session) -> Result<()> {
        if let Some(stamps) = &self.stamps {
            stamps.sent(session.chain.client, session.chain.next());
        }
        session.push_edit();
        session.socket.flush().await.context("sending an edit")
    }
}

/// Notes on the board what one client receives.
pub(crate) struct Receiver {
    pub(crate) board: Arc<Board>,
    pub(crate) index: usize,
}

struct Arrival<'a> {
    receiver: &'a Receiver,
    now: Option<u64>,
}

impl Visit for Arrival<'_> {
    fn insert(&mut self, client: u64, clock: u64, len: u64, _content: Content<'_>) {
        let (board, index) = (&self.receiver.board, self.receiver.index);
        let writer = client.wrapping_sub(board.base) as usize;
        if writer >= board.writers || writer == index {
            return;
        }
        let seen = &board.seen[index * board.writers + writer];
        // Only this client's task writes its cells.
        let (old, end) = (seen.load(Ordering::Relaxed), clock + len);
        if clock > old {
            board.gaps.fetch_add(1, Ordering::Relaxed);
        }
        if end <= old {
            return;
        }
        seen.store(end, Ordering::Release);
        let fresh = clock.max(old).max(FIRST_EDIT)..end;
        let delivered = &board.delivered[index];
        delivered.store(
            delivered.load(Ordering::Relaxed) + fresh.end.saturating_sub(fresh.start),
            Ordering::Relaxed,
        );
        if let Some(stamps) = &board.stamps {
            let now = *self.now.get_or_insert_with(|| stamps.now());
            let mut latency = board.latencies[index].lock();
            for age in fresh.filter_map(|clock| stamps.age(client, clock, now)) {
                latency.add(age);
            }
        }
    }
}

impl Handler for Receiver {
    fn update(&mut self, update: &[u8]) {
        if scan(
            update,
            &mut Arrival {
                receiver: self,
                now: None,
            },
        )
        .is_none()
        {
            self.board.malformed.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn acknowledged(&mut self, _upto: u64, applied: bool) {
        if !applied {
            self.board.refused.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The clients of one document.
pub(crate) struct Room {
    pub(crate) board: Arc<Board>,
    pub(crate) sessions: Vec<Arc<Session>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Room {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Room {
    /// Everybody joins, and every writer's paragraph has reached everybody.
    pub(crate) async fn open(target: &Target, document: &str, board: Arc<Board>) -> Result<Self> {
        let room = Self::join(target, document, board, 32).await?;
        for session in &room.sessions[..room.board.writers] {
            session.begin().await?;
        }
        room.board
            .settle(&room.sessions, Duration::from_secs(20))
            .await?;
        Ok(room)
    }

    /// Everybody joins, `together` at a time.
    pub(crate) async fn join(
        target: &Target,
        document: &str,
        board: Arc<Board>,
        together: usize,
    ) -> Result<Self> {
        let joined: Vec<_> = stream::iter(0..board.clients())
            .map(|index| {
                let mut receiver = Receiver {
                    board: board.clone(),
                    index,
                };
                async move {
                    let chain = Arc::new(Chain::new(receiver.board.client_id(index)));
                    let (session, inbox) =
                        session::join(target, document, chain, &mut receiver).await?;
                    anyhow::Ok((session, inbox, receiver))
                }
            })
            .buffered(together)
            .try_collect()
            .await?;
        let mut room = Self {
            board,
            sessions: Vec::new(),
            tasks: Vec::new(),
        };
        for (session, mut inbox, mut receiver) in joined {
            room.sessions.push(session.clone());
            room.tasks.push(tokio::spawn(async move {
                let closed = session::receive(&session, &mut inbox, &mut receiver).await;
                eprintln!("a client was closed: {} {}", closed.code, closed.reason);
            }));
        }
        Ok(room)
    }

    pub(crate) async fn close(mut self) {
        for task in self.tasks.drain(..) {
            task.abort();
        }
        for session in &self.sessions {
            session.socket.close().await;
        }
    }
}
