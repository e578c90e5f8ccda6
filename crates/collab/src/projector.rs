//! Projects what documents say into rows, soon after each commit.
//!
//! A burst of commits is projected once. A document whose projection fails keeps syncing: it is reported and counted.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use content::{item, outline};
use model::{DocumentId, DocumentKind, ItemId, OrgId, ProjectId, Timestamp};
use parking_lot::Mutex;
use store::{ItemProjection, Link, Placed};
use tokio::sync::{Semaphore, mpsc};

use crate::gate::Refusal;
use crate::hub::Hub;

/// Documents projected at once: the work is on the processor.
const AT_ONCE: usize = 2;
/// Moved items written in one transaction: the writer is shared with everybody's edits.
const PLACEMENTS_AT_ONCE: usize = 500;
/// How long a document rests after its projection, at most: three times what it took.
const LONGEST_REST: Duration = Duration::from_millis(250);
/// Documents that a start looks at in one query.
const BACKLOG: i64 = 1000;
/// Pause before the next part.
const BACKLOG_PAUSE: Duration = Duration::from_secs(5);

/// Hears of rows that a projection changed.
pub trait Listener: Send + Sync + 'static {
    /// Events of this organization were written.
    fn events_written(&self, org: OrgId);
}

/// The rooms' end: says that a document has something to project.
pub(crate) struct Projector {
    sender: mpsc::UnboundedSender<DocumentId>,
    waiting: Arc<AtomicUsize>,
}

pub(crate) struct Changed {
    receiver: mpsc::UnboundedReceiver<DocumentId>,
    waiting: Arc<AtomicUsize>,
}

impl Projector {
    pub(crate) fn channel() -> (Self, Changed) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let waiting = Arc::<AtomicUsize>::default();
        (
            Self {
                sender,
                waiting: waiting.clone(),
            },
            Changed { receiver, waiting },
        )
    }

    pub(crate) fn changed(&self, document: DocumentId) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        if self.sender.send(document).is_err() {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Changes that are not projected yet.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

/// Works until the hub is gone.
pub(crate) async fn run(hub: Arc<Hub>, listener: Arc<dyn Listener>, mut changed: Changed) {
    tokio::spawn(backlog(hub.clone()));
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let (done, mut finished) = mpsc::unbounded_channel();
    // Those that have a task, and those that have changed since theirs read them.
    let mut running: HashSet<DocumentId> = HashSet::new();
    let behind: Arc<Mutex<HashSet<DocumentId>>> = Arc::default();
    let mut arrived = Vec::new();
    loop {
        // Those to begin with, and how long the rest of their burst is waited for.
        let mut ready = Vec::new();
        tokio::select! {
            count = changed.receiver.recv_many(&mut arrived, 4096) => {
                if count == 0 {
                    return;
                }
                for document in arrived.drain(..) {
                    if !behind.lock().insert(document) {
                        // It waits already.
                        changed.waiting.fetch_sub(1, Ordering::Relaxed);
                    }
                    if running.insert(document) {
                        ready.push((document, hub.config.projection_delay));
                    }
                }
            }
            Some(document) = finished.recv() => {
                if behind.lock().contains(&document) {
                    // It has rested meanwhile.
                    ready.push((document, Duration::ZERO));
                } else {
                    running.remove(&document);
                }
            }
        }
        for (document, delay) in ready {
            let (hub, listener, slots, done) =
                (hub.clone(), listener.clone(), slots.clone(), done.clone());
            let (waiting, behind) = (changed.waiting.clone(), behind.clone());
            tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                let slot = slots.acquire().await;
                // What was told up to here was committed, and is read now; what comes later is told again.
                if behind.lock().remove(&document) {
                    waiting.fetch_sub(1, Ordering::Relaxed);
                }
                let took = attempt(&hub, document, &*listener).await;
                drop(slot);
                // A large document that is typed in all the time doesn't get a processor of its own.
                let least = hub.config.projection_delay;
                tokio::time::sleep((took * 3).min(LONGEST_REST).max(least)).await;
                let _ = done.send(document);
            });
        }
        metrics::gauge!("canopy_projection_waiting").set(behind.lock().len() as f64);
    }
}

/// Projects a document; gives how long that took.
async fn attempt(hub: &Arc<Hub>, document: DocumentId, listener: &dyn Listener) -> Duration {
    let started = Instant::now();
    match project(hub, document, listener).await {
        Ok(()) => {
            metrics::histogram!("canopy_projection_seconds")
                .record(started.elapsed().as_secs_f64());
        }
        Err(error) => {
            tracing::error!(%error, %document, "can't project a document");
            metrics::counter!("canopy_projection_failures_total").increment(1);
            if error.is_passing() {
                // Not at once: the database may be away.
                let hub = hub.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_secs(2)).await;
                    hub.projector.changed(document);
                });
            }
        }
    }
    started.elapsed()
}

/// What was committed before the last stop and not projected, a part at a time.
async fn backlog(hub: Arc<Hub>) {
    loop {
        let more = match hub.db.unprojected(BACKLOG).await {
            Ok(documents) => {
                let full = documents.len() as i64 == BACKLOG;
                for document in documents {
                    hub.projector.changed(document);
                }
                full
            }
            Err(error) => {
                tracing::error!(%error, "can't look for unprojected documents; trying again");
                true
            }
        };
        if !more || hub.is_closing() {
            return;
        }
        tokio::time::sleep(BACKLOG_PAUSE).await;
    }
}

#[derive(Debug, thiserror::Error)]
enum ProjectError {
    #[error("can't open it: {0}")]
    Room(Refusal),
    #[error(transparent)]
    Content(#[from] content::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("the projection panicked")]
    Panicked,
}

impl ProjectError {
    fn is_passing(&self) -> bool {
        match self {
            Self::Room(refusal) => *refusal == Refusal::TryAgain,
            Self::Store(error) => error.is_retryable(),
            Self::Content(_) | Self::Panicked => false,
        }
    }
}

async fn project(
    hub: &Arc<Hub>,
    document: DocumentId,
    listener: &dyn Listener,
) -> Result<(), ProjectError> {
    let room = match hub.room(document).await {
        Ok(room) => room,
        // Deleted for good meanwhile, or the node is stopping: the next start catches up.
        Err(Refusal::NotFound) => return Ok(()),
        Err(Refusal::TryAgain) if hub.is_closing() => return Ok(()),
        Err(refusal) => return Err(ProjectError::Room(refusal)),
    };
    let (position, head) = room.fold().await.map_err(ProjectError::Room)?;
    let written = match room.kind {
        DocumentKind::Item => {
            let projected = blocking(move || item::project(&head)).await?;
            report(document, &projected.problems);
            project_item(hub, document, position, projected).await
        }
        DocumentKind::Outline => {
            let projected = blocking(move || outline::project(&head)).await?;
            report(document, &projected.problems);
            project_outline(hub, document, position, projected).await
        }
    }?;
    if written {
        listener.events_written(room.org);
    }
    Ok(())
}

/// The row of an item whose document says `doc` at `position`.
pub fn item_row(id: ItemId, position: i64, doc: item::ItemDoc, at: Timestamp) -> ItemProjection {
    let done = doc.criteria.iter().filter(|criterion| criterion.done);
    let links = doc.references.links.into_iter().map(|link| Link {
        target: link.item,
        excerpt: link.excerpt,
    });
    let custom = doc.fields.custom.into_iter();
    ItemProjection {
        id,
        position,
        title: doc.title,
        item_type: doc.fields.item_type,
        status: doc.fields.status,
        priority: doc.fields.priority,
        assignees: doc.fields.assignees,
        labels: doc.fields.labels,
        estimate: doc.fields.estimate,
        start_date: doc.fields.start,
        due_date: doc.fields.due,
        criteria_total: doc.criteria.len() as i64,
        criteria_done: done.count() as i64,
        custom: custom.map(|(id, value)| (id.to_string(), value)).collect(),
        links: links.collect(),
        mentions: doc.references.mentions,
        search_text: doc.text,
        updated_at: at,
    }
}

/// Writes an item's row; `true` when others have to hear of it.
async fn project_item(
    hub: &Hub,
    document: DocumentId,
    position: i64,
    projected: item::ItemDoc,
) -> Result<bool, ProjectError> {
    let at = hub.clock.now();
    let row = item_row(ItemId(document.0), position, projected, at);
    let mut tx = hub.db.begin_write().await?;
    // Item, document, organization: everybody locks in this order.
    let written = tx.upsert_item_projection(&row).await?;
    tx.set_projected(document, position).await?;
    let mut told = false;
    if let Some(written) = written {
        let (org, project) = (written.item.org, Some(written.item.project));
        if written.changed {
            let payload = serde_json::json!({ "id": row.id });
            tx.emit(org, project, "item.changed", &payload, at).await?;
            told = true;
        }
        // Who names them is shown with them.
        if !written.relinked.is_empty() {
            let payload = serde_json::json!({ "ids": written.relinked });
            tx.emit(org, project, "items.changed", &payload, at).await?;
            told = true;
        }
    }
    tx.commit().await?;
    Ok(told)
}

/// Writes where the items of a project stand; `true` when any moved.
async fn project_outline(
    hub: &Hub,
    document: DocumentId,
    position: i64,
    projected: outline::Outline,
) -> Result<bool, ProjectError> {
    let project = ProjectId(document.0);
    let rows = hub.db.placements(project).await?;
    let existing: Vec<ItemId> = rows.iter().map(|row| row.id).collect();
    let tree = blocking(move || Ok(outline::resolve(&projected.nodes, &existing))).await?;
    if !tree.unknown.is_empty() {
        // Deleted items keep their place in the outline, so that a restore finds it.
        tracing::debug!(%document, count = tree.unknown.len(), "the outline places items that are not there");
    }
    let before: HashMap<ItemId, &Placed> = rows.iter().map(|row| (row.id, row)).collect();
    let moved: Vec<Placed> = tree
        .rows
        .iter()
        .map(|row| Placed {
            id: row.id,
            parent: row.parent,
            rank: row.rank.clone(),
        })
        .filter(|placed| {
            before
                .get(&placed.id)
                .is_some_and(|before| **before != *placed)
        })
        .collect();
    let at = hub.clock.now();
    let mut written = false;
    for chunk in moved.chunks(PLACEMENTS_AT_ONCE) {
        let mut tx = hub.db.begin_write().await?;
        let ids = tx.set_placements(project, chunk, at).await?;
        if !ids.is_empty()
            && let Some(item) = tx.item(ids[0]).await?
        {
            let payload = serde_json::json!({ "ids": ids });
            tx.emit(item.org, Some(project), "items.moved", &payload, at)
                .await?;
            written = true;
        }
        tx.commit().await?;
    }
    hub.db.set_projected(document, position).await?;
    Ok(written)
}

fn report(document: DocumentId, problems: &[content::Problem]) {
    if !problems.is_empty() {
        tracing::warn!(%document, count = problems.len(), first = ?problems[0], "a document has parts that can't be read");
        metrics::counter!("canopy_projection_problems_total").increment(problems.len() as u64);
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, content::Error> + Send + 'static,
) -> Result<T, ProjectError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(ProjectError::Panicked),
    }
}
