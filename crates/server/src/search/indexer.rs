//! Keeps this node's index like the rows: follows the outbox, commits, builds anew when it has to. Nothing waits for it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use model::{ItemId, ProjectId};
use parking_lot::RwLock;
use search::{Document, Index, Rebuild, State, Writer};
use store::{Db, Followed, Follower, SearchRow};
use tokio::sync::{Semaphore, watch};

/// Pause between looks at the outbox.
const TICK: Duration = Duration::from_millis(150);
/// Shortest time between two commits. The first after a quiet moment doesn't wait.
const PACE: Duration = Duration::from_millis(250);
/// Longest time that changes wait for their commit.
const PATIENCE: Duration = Duration::from_millis(700);
/// A commit that took long is followed by a pause of so many times that.
const REST: u32 = 4;
/// How often a cursor is kept that moved without a change.
const KEEP_CURSOR: Duration = Duration::from_secs(60);
/// How often somebody's wish to rebuild is looked for.
const LOOK: Duration = Duration::from_secs(1);
/// Changes read at once.
const CHANGES: i64 = 500;
/// Items read at once while building anew.
const PAGE: i64 = 500;
/// Pause after a failure.
const RETRY: Duration = Duration::from_secs(1);

/// The index itself, in the folder of the node's search files.
pub(crate) fn index_folder(folder: &Path) -> PathBuf {
    folder.join("index")
}

/// While it exists, somebody wants the index built anew.
pub(crate) fn request_file(folder: &Path) -> PathBuf {
    folder.join("rebuild")
}

/// What searches and the indexer share.
pub(crate) struct Shared {
    index: RwLock<Option<Index>>,
    indexing: AtomicBool,
    /// A search failed in a way that a sound index doesn't.
    suspect: AtomicBool,
    /// Searches at once: the work is on the processor.
    pub(crate) slots: Arc<Semaphore>,
}

impl Shared {
    pub(crate) fn new() -> Arc<Self> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Arc::new(Self {
            index: RwLock::new(None),
            indexing: AtomicBool::new(true),
            suspect: AtomicBool::new(false),
            slots: Arc::new(Semaphore::new(cores.max(2))),
        })
    }

    /// The index; `None` until it has been opened.
    pub(crate) fn index(&self) -> Option<Index> {
        self.index.read().clone()
    }

    /// Whether items may be missing because the index is still being built.
    pub(crate) fn indexing(&self) -> bool {
        self.indexing.load(Ordering::Relaxed)
    }

    /// A search failed: the index is looked at.
    pub(crate) fn suspect(&self) {
        self.suspect.store(true, Ordering::Relaxed);
    }

    fn set_indexing(&self, indexing: bool) {
        self.indexing.store(indexing, Ordering::Relaxed);
        metrics::gauge!("canopy_search_indexing").set(f64::from(u8::from(indexing)));
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Index(#[from] search::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("the indexer panicked")]
    Panicked,
    #[error("a search failed; the index is looked at")]
    Suspect,
}

/// Feeds an index.
pub(crate) struct Indexer {
    db: Db,
    /// `None`: in memory.
    folder: Option<PathBuf>,
    shared: Arc<Shared>,
}

/// The index while it is open.
struct Work {
    /// Away while a thread works with it.
    writer: Option<Writer>,
    state: State,
    follower: Follower,
    committed: i64,
    dirty: bool,
    last_commit: Instant,
    /// Until the next commit.
    pace: Duration,
}

impl Indexer {
    pub(crate) fn new(db: Db, folder: Option<PathBuf>, shared: Arc<Shared>) -> Self {
        Self { db, folder, shared }
    }

    /// One without a server.
    pub(crate) fn alone(db: Db, folder: PathBuf) -> Self {
        Self::new(db, Some(folder), Shared::new())
    }

    /// Works until it is stopped. After a failure it opens the index again and goes on from the last commit.
    pub(crate) async fn run(self, mut stopped: watch::Receiver<bool>) {
        while !*stopped.borrow() {
            match self.work(&mut stopped).await {
                Ok(()) => return,
                Err(Error::Index(search::Error::InUse)) => {
                    tracing::warn!("the search index is in use by another process; waiting for it");
                }
                Err(error) => {
                    metrics::counter!("canopy_search_failures_total").increment(1);
                    tracing::error!(%error, "the search index can't be kept up; trying again");
                }
            }
            tokio::select! {
                () = tokio::time::sleep(RETRY) => {}
                _ = stopped.changed() => {}
            }
        }
    }

    /// Builds it anew, to the end. How many items there are.
    pub(crate) async fn rebuild(&self) -> Result<u64, Error> {
        let mut work = self.create("asked for").await?;
        while work.state.rebuild.is_some() {
            self.rebuild_page(&mut work).await?;
            self.commit_if_due(&mut work, false).await?;
        }
        self.commit(&mut work).await?;
        Ok(self.shared.index().map_or(0, |index| index.len()))
    }

    async fn open(&self) -> Result<Work, Error> {
        let Some(folder) = self.folder.clone() else {
            return self.create("in memory").await;
        };
        let opened = blocking(move || Writer::open(&index_folder(&folder))).await?;
        let (writer, state) = match opened {
            Ok(opened) => opened,
            Err(search::Error::Unusable(reason)) => return self.create(&reason).await,
            Err(error) => return Err(error.into()),
        };
        let horizon = self.db.search_horizon().await?;
        if state.database != horizon.database {
            drop(writer);
            return self.create("it is of another database").await;
        }
        Ok(self.begin(writer, state))
    }

    /// An empty index, to be filled.
    async fn create(&self, reason: &str) -> Result<Work, Error> {
        if self.folder.is_some() {
            tracing::info!(reason, "building the search index");
            metrics::counter!("canopy_search_rebuilds_total").increment(1);
        }
        let folder = self.folder.clone();
        let writer = blocking(move || match folder {
            Some(folder) => {
                let _ = std::fs::remove_file(request_file(&folder));
                Writer::create(&index_folder(&folder))
            }
            None => Writer::in_memory(),
        })
        .await??;
        let horizon = self.db.search_horizon().await?;
        let state = State {
            database: horizon.database,
            cursor: horizon.next,
            pass: 0,
            rebuild: Some(Rebuild { before: None }),
        };
        let mut work = self.begin(writer, state);
        // From here on it is known how far it goes.
        self.commit(&mut work).await?;
        Ok(work)
    }

    fn begin(&self, writer: Writer, state: State) -> Work {
        let index = writer.index();
        metrics::gauge!("canopy_search_items").set(index.len() as f64);
        *self.shared.index.write() = Some(index);
        Work {
            writer: Some(writer),
            follower: Follower::new(state.cursor),
            committed: state.cursor,
            dirty: false,
            last_commit: Instant::now(),
            pace: Duration::ZERO,
            state,
        }
    }

    async fn work(&self, stopped: &mut watch::Receiver<bool>) -> Result<(), Error> {
        self.shared.set_indexing(true);
        self.shared.suspect.store(false, Ordering::Relaxed);
        let mut work = self.open().await?;
        let mut looked = Instant::now();
        while !*stopped.borrow() {
            if self.shared.suspect.load(Ordering::Relaxed) {
                return Err(Error::Suspect);
            }
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                if self.is_asked_for().await? {
                    self.start_over(&mut work, "asked for").await?;
                }
            }
            let pause = match self.step(&mut work).await {
                Ok(true) => continue,
                Ok(false) => TICK,
                // The database is away; the index is sound. What was read and not applied is read again.
                Err(Error::Store(error)) => {
                    tracing::warn!(%error, "search can't follow the database; trying again");
                    work.follower = Follower::new(work.committed);
                    RETRY
                }
                Err(error) => return Err(error),
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stopped.changed() => {}
            }
        }
        if work.dirty {
            self.commit(&mut work).await?;
        }
        // Merges are given up; the lock is free when the folder is needed next.
        blocking(move || drop(work)).await
    }

    /// Reads and applies the next changes, and a page of a rebuild when there are none. Whether there is more to do at once.
    async fn step(&self, work: &mut Work) -> Result<bool, Error> {
        let more = match work.follower.read(&self.db, CHANGES).await? {
            Followed::Changes(changes, more) => {
                self.apply(work, changes).await?;
                more
            }
            Followed::Missed => {
                self.start_over(work, "it has missed changes").await?;
                true
            }
        };
        if work.state.rebuild.is_some() && !more {
            self.rebuild_page(work).await?;
        }
        let busy = more || work.state.rebuild.is_some();
        self.commit_if_due(work, !busy).await?;
        if !busy && !work.dirty {
            self.shared.set_indexing(false);
        }
        Ok(busy)
    }

    /// Somebody wants it built anew; they are told once.
    async fn is_asked_for(&self) -> Result<bool, Error> {
        let Some(folder) = self.folder.clone() else {
            return Ok(false);
        };
        blocking(move || std::fs::remove_file(request_file(&folder)).is_ok()).await
    }

    /// A pass over all items, in place: what is there is found until it is replaced, and goes at the end if its row has gone.
    async fn start_over(&self, work: &mut Work, reason: &str) -> Result<(), Error> {
        tracing::info!(reason, "building the search index anew, in place");
        metrics::counter!("canopy_search_rebuilds_total").increment(1);
        self.shared.set_indexing(true);
        let horizon = self.db.search_horizon().await?;
        work.follower = Follower::new(horizon.next);
        work.state.pass += 1;
        work.state.rebuild = Some(Rebuild { before: None });
        self.commit(work).await
    }

    /// The next items of a pass, latest first.
    async fn rebuild_page(&self, work: &mut Work) -> Result<(), Error> {
        let Some(rebuild) = work.state.rebuild else {
            return Ok(());
        };
        let rows = self.db.search_page(rebuild.before, PAGE).await?;
        if let Some(last) = rows.last() {
            let before = Some(last.id.0);
            self.put(work, rows).await?;
            work.state.rebuild = Some(Rebuild { before });
            return Ok(());
        }
        let pass = work.state.pass;
        work.change(move |writer| {
            writer.sweep(pass);
            Ok(())
        })
        .await?;
        work.state.rebuild = None;
        self.commit(work).await?;
        tracing::info!("the search index is complete");
        Ok(())
    }

    async fn apply(&self, work: &mut Work, changes: Vec<store::SearchChange>) -> Result<(), Error> {
        let mut items = BTreeSet::new();
        let mut projects = BTreeSet::new();
        for change in changes {
            match change.kind.as_str() {
                "project" => projects.insert(ProjectId(change.id)),
                _ => items.insert(ItemId(change.id)),
            };
        }
        if !items.is_empty() {
            let items: Vec<ItemId> = items.into_iter().collect();
            let rows = self.db.search_rows(&items).await?;
            let there: BTreeSet<ItemId> = rows.iter().map(|row| row.id).collect();
            let gone: Vec<ItemId> = items.into_iter().filter(|id| !there.contains(id)).collect();
            work.change(move |writer| {
                writer.remove(&gone);
                Ok(())
            })
            .await?;
            self.put(work, rows).await?;
        }
        for project in projects {
            work.change(move |writer| {
                writer.remove_project(project);
                Ok(())
            })
            .await?;
            let mut after = None;
            loop {
                // None, when it is deleted.
                let rows = self.db.search_project_page(project, after, PAGE).await?;
                let Some(last) = rows.last() else { break };
                after = Some(last.id);
                self.put(work, rows).await?;
            }
        }
        Ok(())
    }

    async fn put(&self, work: &mut Work, rows: Vec<SearchRow>) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        metrics::counter!("canopy_search_indexed_total").increment(rows.len() as u64);
        let pass = work.state.pass;
        work.change(move |writer| {
            let documents: Vec<Document> = rows.into_iter().map(document).collect();
            writer.put(&documents, pass)
        })
        .await
    }

    /// Commits what is there, unless it was just done. `quiet`: nothing more is coming at once.
    async fn commit_if_due(&self, work: &mut Work, quiet: bool) -> Result<(), Error> {
        let since = work.last_commit.elapsed();
        let due = if work.dirty {
            since
                >= if quiet {
                    work.pace
                } else {
                    PATIENCE.max(work.pace)
                }
        } else {
            work.follower.cursor() != work.committed && since >= KEEP_CURSOR
        };
        if due {
            self.commit(work).await?;
        }
        Ok(())
    }

    async fn commit(&self, work: &mut Work) -> Result<(), Error> {
        let started = Instant::now();
        work.state.cursor = work.follower.cursor();
        let state = work.state.clone();
        work.change(move |writer| writer.commit(&state)).await?;
        work.dirty = false;
        work.committed = work.state.cursor;
        work.last_commit = Instant::now();
        work.pace = PACE.max(started.elapsed() * REST).min(PATIENCE);
        metrics::histogram!("canopy_search_commit_seconds").record(started.elapsed().as_secs_f64());
        if let Some(index) = self.shared.index() {
            metrics::gauge!("canopy_search_items").set(index.len() as f64);
        }
        Ok(())
    }
}

impl Work {
    /// Changes the index on a thread of its own: it waits for the disk.
    async fn change(
        &mut self,
        change: impl FnOnce(&mut Writer) -> Result<(), search::Error> + Send + 'static,
    ) -> Result<(), Error> {
        let mut writer = self.writer.take().ok_or(Error::Panicked)?;
        let (writer, outcome) = blocking(move || {
            let outcome = change(&mut writer);
            (writer, outcome)
        })
        .await?;
        self.writer = Some(writer);
        self.dirty = true;
        Ok(outcome?)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Error::Panicked)
}

/// A row as the index takes it. The text ends with the criteria, a line each; a criterion of several lines, or an empty one
/// at the end, shifts the border, which only ranking sees.
fn document(row: SearchRow) -> Document {
    let lines = usize::try_from(row.criteria_total).unwrap_or(0);
    let border = match lines {
        0 => row.text.len(),
        lines => row
            .text
            .rmatch_indices('\n')
            .nth(lines - 1)
            .map_or(0, |(at, _)| at),
    };
    let (body, criteria) = row.text.split_at(border);
    Document {
        id: row.id,
        org: row.org,
        project: row.project,
        title: row.title,
        item_type: row.item_type,
        status: row.status,
        assignees: row.assignees,
        labels: row.labels,
        criteria: criteria.to_owned(),
        body: body.to_owned(),
        updated_at: row.updated_at,
    }
}
