//! From the table of events to the streams of those who listen.
//!
//! The table is the source: events stand there in commit order, numbered without gaps per organization. A wake-up after a commit says only that there
//! may be more; one reader per organization then reads them once for all streams of this node. A stream that is behind reads the table itself.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::{ItemId, OrgId, SessionId};
use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use store::Db;
use tokio::sync::watch;

use crate::error::{Error, Result};
use crate::items::ops::row_view;

/// Events kept in memory per organization that somebody listens to.
const RING: usize = 1_024;
/// Events read from the table at once.
const CHUNK: i64 = 500;
/// The most events that a stream catches up with; beyond it, fetching anew is cheaper.
pub(crate) const REPLAY: i64 = 2_000;

/// One event as streams send it: one or several messages under one number.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) seq: i64,
    pub(crate) messages: Vec<Message>,
}

/// A name and its JSON.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) kind: String,
    pub(crate) data: Map<String, Value>,
}

/// What a stream gets next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Events, in order.
    Frames(Vec<Arc<Frame>>),
    /// Some are gone: fetch everything anew, and go on from this number.
    Reset(i64),
}

struct Feed {
    org: OrgId,
    /// The number of the latest event in the ring, or where the ring began.
    tip: watch::Sender<i64>,
    ring: Mutex<VecDeque<Arc<Frame>>>,
    /// A read is due that hasn't begun.
    due: AtomicBool,
    reading: tokio::sync::Mutex<()>,
}

/// The feeds of a node.
#[derive(Clone)]
pub(crate) struct Feeds {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    feeds: Mutex<HashMap<OrgId, Arc<Feed>>>,
    sessions: Mutex<HashMap<SessionId, Streams>>,
    stopping: watch::Sender<bool>,
}

/// The open streams of a session.
struct Streams {
    count: usize,
    end: watch::Sender<bool>,
}

impl Feeds {
    pub(crate) fn new(db: Db) -> Self {
        Self {
            inner: Arc::new(Inner {
                db,
                feeds: Mutex::default(),
                sessions: Mutex::default(),
                stopping: watch::Sender::new(false),
            }),
        }
    }

    /// Events of this organization have been committed.
    pub(crate) fn wake(&self, org: OrgId) {
        let Some(feed) = self.inner.feeds.lock().get(&org).cloned() else {
            return;
        };
        if feed.due.swap(true, Ordering::SeqCst) {
            return;
        }
        let feeds = self.clone();
        tokio::spawn(async move {
            if let Err(error) = feeds.read(&feed).await {
                // Streams wake their feed again with their keep-alive.
                tracing::error!(%error, org = %feed.org, "events could not be read");
            }
        });
    }

    async fn read(&self, feed: &Feed) -> Result<()> {
        let _reading = feed.reading.lock().await;
        feed.due.store(false, Ordering::SeqCst);
        loop {
            let after = *feed.tip.borrow();
            let frames = self.load(feed.org, after, CHUNK).await?;
            let Some(last) = frames.last().map(|frame| frame.seq) else {
                return Ok(());
            };
            {
                let mut ring = feed.ring.lock();
                ring.extend(frames);
                let over = ring.len().saturating_sub(RING);
                ring.drain(..over);
            }
            feed.tip.send_replace(last);
        }
    }

    /// Reads events and puts into them what clients show. An item is shown as it is now: if it has changed once more, a later event says so again.
    async fn load(&self, org: OrgId, after: i64, limit: i64) -> Result<Vec<Arc<Frame>>> {
        let events = self.inner.db.events(org, after, limit).await?;
        let mut wanted: Vec<ItemId> = events.iter().flat_map(items_of).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut items = HashMap::new();
        for chunk in wanted.chunks(RING) {
            for item in self.inner.db.items_by_id(chunk).await? {
                // Whatever an event names: nothing of other organizations.
                if item.org != org {
                    continue;
                }
                let view = serde_json::to_value(row_view(&item)).map_err(Error::internal)?;
                items.insert(item.id, view);
            }
        }
        Ok(events
            .into_iter()
            .map(|event| Arc::new(frame(&event, &items)))
            .collect())
    }

    /// Listens to an organization from after event `after`, or from now.
    ///
    /// # Errors
    /// When the session has too many streams, or the database fails.
    pub(crate) async fn subscribe(
        &self,
        org: OrgId,
        session: SessionId,
        after: Option<i64>,
        most: usize,
    ) -> Result<Subscription> {
        let guard = self.open_stream(session, most)?;
        let known = self.inner.feeds.lock().get(&org).cloned();
        let feed = match known {
            Some(feed) => feed,
            None => {
                let tip = self.inner.db.event_seq(org).await?;
                let mut feeds = self.inner.feeds.lock();
                let feed = feeds.entry(org).or_insert_with(|| {
                    Arc::new(Feed {
                        org,
                        tip: watch::Sender::new(tip),
                        ring: Mutex::default(),
                        due: AtomicBool::new(false),
                        reading: tokio::sync::Mutex::default(),
                    })
                });
                feed.clone()
            }
        };
        // Up to date before it is compared with where the stream left off.
        self.read(&feed).await?;
        let tip = feed.tip.subscribe();
        let now = *tip.borrow();
        Ok(Subscription {
            feeds: self.clone(),
            at: after.unwrap_or(now),
            tip,
            feed: Some(feed),
            end: guard.end.subscribe(),
            stopping: self.inner.stopping.subscribe(),
            _guard: guard,
        })
    }

    fn open_stream(&self, session: SessionId, most: usize) -> Result<StreamGuard> {
        let mut sessions = self.inner.sessions.lock();
        let streams = sessions.entry(session).or_insert_with(|| Streams {
            count: 0,
            end: watch::Sender::new(false),
        });
        if streams.count >= most {
            return Err(Error::TooManyRequests { seconds: 5 });
        }
        streams.count += 1;
        Ok(StreamGuard {
            feeds: self.clone(),
            session,
            end: streams.end.clone(),
        })
    }

    /// Ends the streams of a session.
    pub(crate) fn close_session(&self, session: SessionId) {
        if let Some(streams) = self.inner.sessions.lock().get(&session) {
            streams.end.send_replace(true);
        }
    }

    /// Ends all streams.
    pub(crate) fn stop(&self) {
        self.inner.stopping.send_replace(true);
    }

    /// How many streams are open.
    pub(crate) fn open(&self) -> usize {
        self.inner.sessions.lock().values().map(|s| s.count).sum()
    }
}

impl collab::Listener for Feeds {
    fn events_written(&self, org: OrgId) {
        self.wake(org);
    }
}

struct StreamGuard {
    feeds: Feeds,
    session: SessionId,
    end: watch::Sender<bool>,
}

impl Drop for StreamGuard {
    fn drop(&mut self) {
        let mut sessions = self.feeds.inner.sessions.lock();
        if let Some(streams) = sessions.get_mut(&self.session) {
            streams.count -= 1;
            if streams.count == 0 {
                sessions.remove(&self.session);
            }
        }
    }
}

/// One stream's place in an organization's events.
pub(crate) struct Subscription {
    feeds: Feeds,
    feed: Option<Arc<Feed>>,
    /// The number of the last event that was given out.
    at: i64,
    tip: watch::Receiver<i64>,
    end: watch::Receiver<bool>,
    stopping: watch::Receiver<bool>,
    _guard: StreamGuard,
}

impl Subscription {
    /// Waits for events. `None` when the stream is to end.
    pub(crate) async fn next(&mut self) -> Result<Option<Next>> {
        loop {
            if *self.end.borrow() || *self.stopping.borrow() {
                return Ok(None);
            }
            let tip = *self.tip.borrow_and_update();
            if tip != self.at {
                return self.catch_up(tip).await.map(Some);
            }
            tokio::select! {
                changed = self.tip.changed() => if changed.is_err() { return Ok(None) },
                _ = self.end.changed() => {}
                _ = self.stopping.changed() => {}
            }
        }
    }

    async fn catch_up(&mut self, tip: i64) -> Result<Next> {
        // From another history, or too far behind.
        if self.at > tip || tip - self.at > REPLAY {
            return Ok(self.reset(tip));
        }
        let Some(feed) = &self.feed else {
            return Ok(self.reset(tip));
        };
        let mut frames: Vec<Arc<Frame>> = {
            let ring = feed.ring.lock();
            ring.iter()
                .filter(|frame| frame.seq > self.at)
                .cloned()
                .collect()
        };
        if frames.first().is_none_or(|frame| frame.seq != self.at + 1) {
            frames = self.feeds.load(feed.org, self.at, REPLAY).await?;
        }
        match (frames.first(), frames.last()) {
            (Some(first), Some(last)) if first.seq == self.at + 1 => {
                self.at = last.seq;
                Ok(Next::Frames(frames))
            }
            // Pruned.
            _ => Ok(self.reset(tip)),
        }
    }

    fn reset(&mut self, tip: i64) -> Next {
        self.at = tip;
        Next::Reset(tip)
    }

    /// Looks for events that another node has written.
    pub(crate) fn refresh(&self) {
        if let Some(feed) = &self.feed {
            self.feeds.wake(feed.org);
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let Some(feed) = self.feed.take() else { return };
        let mut feeds = self.feeds.inner.feeds.lock();
        // The map's and ours: nobody else listens. A read under way holds one more and leaves it to the next.
        if Arc::strong_count(&feed) <= 2 {
            feeds.remove(&feed.org);
        }
    }
}

/// The items that an event is about and shows.
fn items_of(event: &store::Event) -> Vec<ItemId> {
    let id = |value: &Value| value.as_str().and_then(|text| text.parse().ok());
    match event.kind.as_str() {
        "item.changed" => event.payload.get("id").and_then(id).into_iter().collect(),
        "items.moved" | "items.changed" => event
            .payload
            .get("ids")
            .and_then(Value::as_array)
            .map(|ids| ids.iter().filter_map(id).collect())
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn frame(event: &store::Event, items: &HashMap<ItemId, Value>) -> Frame {
    let message = |kind: &str, payload: Map<String, Value>| {
        let mut data = Map::new();
        data.insert("type".into(), kind.into());
        data.insert("organization_id".into(), json!(event.org));
        if let Some(project) = event.project {
            data.insert("project_id".into(), json!(project));
        }
        data.extend(payload);
        Message {
            kind: kind.into(),
            data,
        }
    };
    let messages = match event.kind.as_str() {
        "item.changed" | "items.moved" | "items.changed" => items_of(event)
            .iter()
            .filter_map(|id| items.get(id))
            .map(|item| {
                let payload = Map::from_iter([("item".to_owned(), item.clone())]);
                message("item.changed", payload)
            })
            .collect(),
        kind => {
            let payload = event.payload.as_object().cloned().unwrap_or_default();
            vec![message(kind, payload)]
        }
    };
    Frame {
        seq: event.seq,
        messages,
    }
}
