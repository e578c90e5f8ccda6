//! Makes the items of an import, in the background.
//!
//! First the places of some hundred items, which nobody sees while there are no items for them; then the items with their content, a few in a
//! transaction, so that SQLite's writer is left to others. Ids are decided by the import's own: a run that goes on after a stop finds what it has made.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use collab::{Pass, item_row};
use content::item::NewItem;
use content::outline::{self, Placement};
use interchange::{Format, Level, Mapping, Outline, Report};
use model::{Action, DocumentKind, FieldId, FieldKind, FileId, ImportId, ItemId, UserId, can};
use parking_lot::Mutex;
use serde_json::{Value, json};
use store::{Append, CustomField, Import, ItemProjection, LogRow, NewDocument};
use tokio::sync::Semaphore;

use crate::audit::Audit;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::fields::ops::is_colour;
use crate::files::ops::Owner;
use crate::imports::make::{Meaning, derived, item_id, short};
use crate::imports::ops::{read, told, with_lines};
use crate::imports::people::People;
use crate::items::ops::NOTHING;
use crate::limits::Turns;
use crate::words;

/// What log rows say of what an import made.
const AGENT: &str = "import";
/// Items whose places are one edit of the outline.
const PLACES: usize = 500;
/// Items made in one transaction: at first, at least, at most.
const PART: (usize, usize, usize) = (20, 4, 100);
/// How long a transaction is to hold the writer.
const HOLD: Duration = Duration::from_millis(10);
/// How often live clients hear of the progress.
const TELL: Duration = Duration::from_millis(300);
/// Pause before another try when the database is away, and how many.
const AGAIN: (Duration, usize) = (Duration::from_secs(2), 30);
/// The most fields of a project.
const MAX_FIELDS: usize = 50;

/// The imports of a node.
pub(crate) struct Work {
    /// Files that are read at the same time: each takes several times its size.
    pub(crate) reading: Semaphore,
    /// Files that somebody is bringing at the same time: each is in memory, and waits for its turn to be read.
    pub(crate) bringing: Turns<UserId>,
    running: Semaphore,
    known: Mutex<HashSet<ImportId>>,
    stopping: AtomicBool,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            reading: Semaphore::new(2),
            bringing: Turns::new(2),
            running: Semaphore::new(2),
            known: Mutex::default(),
            stopping: AtomicBool::new(false),
        }
    }
}

impl Work {
    /// Stops what runs, at its next transaction. The next start goes on with it.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }
}

/// Goes on with what a stop has interrupted.
pub(crate) async fn resume(ctx: &Ctx) -> Result<()> {
    for id in ctx.db.unfinished_imports().await? {
        begin(ctx, id);
    }
    Ok(())
}

/// Works on an import until it is done, unless that is being done already.
pub(crate) fn begin(ctx: &Ctx, id: ImportId) {
    if !ctx.imports.known.lock().insert(id) {
        return;
    }
    let ctx = ctx.clone();
    tokio::spawn(async move {
        if let Ok(_turn) = ctx.imports.running.acquire().await {
            work(&ctx, id).await;
        }
        ctx.imports.known.lock().remove(&id);
    });
}

async fn work(ctx: &Ctx, id: ImportId) {
    for _ in 0..AGAIN.1 {
        if ctx.imports.stopping.load(Ordering::SeqCst) {
            return;
        }
        let failed = match attempt(ctx, id).await {
            Ok(()) => return,
            Err(Error::Unavailable) => {
                tokio::time::sleep(AGAIN.0).await;
                continue;
            }
            Err(error) => error,
        };
        let told = match failed {
            Error::Internal(_) => {
                "Something went wrong on the server; its log says what.".to_owned()
            }
            ref error => error.to_string(),
        };
        tracing::error!(error = ?failed, import = %id, "an import failed");
        if let Err(error) = fail(ctx, id, told).await {
            tracing::error!(%error, import = %id, "an import's failure could not be written down");
        }
        return;
    }
}

async fn fail(ctx: &Ctx, id: ImportId, message: String) -> Result<()> {
    let Some(import) = ctx.db.import(id).await? else {
        return Ok(());
    };
    let mut report = Report::default();
    report.add(Level::Error, "failed", message, 0);
    finish(ctx, &import, "failed", report).await
}

/// Ends a run.
async fn finish(ctx: &Ctx, import: &Import, state: &str, report: Report) -> Result<()> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin_write().await?;
    if tx
        .change_import_state(import.id, "running", state, now)
        .await?
    {
        tx.report_import(import.id, &with_lines(&import.report, report.into_lines()))
            .await?;
        told(&mut tx, import, now).await?;
    }
    tx.commit().await?;
    ctx.db.forget_import_file(import.id).await?;
    ctx.feeds.wake(import.org);
    Ok(())
}

async fn attempt(ctx: &Ctx, id: ImportId) -> Result<()> {
    let Some(import) = ctx.db.import(id).await? else {
        return Ok(());
    };
    match import.state.as_str() {
        "running" => {}
        "undoing" => {
            crate::imports::ops::take_back(ctx, &import, import.created_by).await?;
            return Ok(());
        }
        _ => return Ok(()),
    }
    let bytes = crate::imports::ops::file(ctx, &import).await?;
    let mapping: Option<Mapping> =
        serde_json::from_value(import.mapping.clone()).unwrap_or_default();
    let format = Format::from_word(&import.format).unwrap_or_default();
    let preview = read(ctx, bytes, &import.name, format, mapping).await?;
    let run = Run::new(ctx, import, preview.outline).await?;
    run.all(ctx).await
}

struct Run {
    import: Import,
    pass: Pass,
    outline: Arc<Outline>,
    meaning: Arc<Meaning>,
    report: Mutex<Report>,
}

/// An item that is ready to be written.
struct Ready {
    row: store::NewItem,
    projection: ItemProjection,
    append: Append,
}

impl Run {
    async fn new(ctx: &Ctx, import: Import, outline: Outline) -> Result<Self> {
        let user = ctx
            .db
            .user(import.created_by)
            .await?
            .ok_or(Error::NotFound)?;
        let pass = Pass {
            user: user.id,
            session: import.session,
            org: import.org,
            project: import.project,
            name: user.name,
            color: user.colour,
            avatar: user.avatar,
            agent: Arc::from(AGENT),
            write: true,
        };
        let mut report = Report::default();
        let keyed = outline
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| !entry.key.is_empty());
        let items = keyed
            .map(|(n, entry)| (entry.key.clone(), item_id(import.id, import.created_at, n)))
            .collect();
        let fields = fields(ctx, &import, &outline, &mut report).await?;
        let files = files(ctx, &import, &outline, &mut report).await?;
        let people = People::of(ctx, import.org).await?;
        Ok(Self {
            import,
            pass,
            outline: Arc::new(outline),
            meaning: Arc::new(Meaning {
                people,
                fields,
                items,
                files,
            }),
            report: Mutex::new(report),
        })
    }

    fn id(&self, n: usize) -> ItemId {
        item_id(self.import.id, self.import.created_at, n)
    }

    async fn all(self, ctx: &Ctx) -> Result<()> {
        let total = self.outline.entries.len();
        let mut size = PART.0;
        let mut last_told = Instant::now();
        let mut from = 0;
        while from < total {
            let to = (from + PLACES).min(total);
            self.allowed(ctx).await?;
            let there: HashSet<ItemId> = {
                let ids: Vec<ItemId> = (from..to).map(|n| self.id(n)).collect();
                ctx.db
                    .items_by_id(&ids)
                    .await?
                    .into_iter()
                    .map(|item| item.id)
                    .collect()
            };
            let places = Arc::new(self.place(ctx, from, to, &there).await?);
            let mut at = from;
            while at < to {
                if ctx.imports.stopping.load(Ordering::SeqCst) {
                    return Ok(());
                }
                let end = (at + size).min(to);
                let wanted = (at..end)
                    .filter(|n| !there.contains(&self.id(*n)))
                    .collect();
                let ready = self.prepare(ctx, wanted, places.clone()).await?;
                let tell = end == total || last_told.elapsed() >= TELL;
                if tell {
                    last_told = Instant::now();
                }
                let Some(held) = self.write(ctx, ready, end, tell).await? else {
                    // Undone meanwhile.
                    return Ok(());
                };
                if held > HOLD {
                    size = (size / 2).max(PART.1);
                } else if held * 2 < HOLD {
                    size = (size + size / 4 + 1).min(PART.2);
                }
                ctx.feeds.wake(self.import.org);
                at = end;
                // Others' edits go first.
                tokio::task::yield_now().await;
            }
            from = to;
        }
        finish(ctx, &self.import, "done", self.report.into_inner()).await?;
        // What stands where depends on which items there are.
        ctx.collab.project(self.import.project.into());
        Ok(())
    }

    /// Whose import it is must still be allowed to make items.
    async fn allowed(&self, ctx: &Ctx) -> Result<()> {
        let project = ctx.db.project(self.import.project).await?;
        if project.is_none_or(|project| project.deleted_at.is_some()) {
            return Err(Error::NotFound);
        }
        let role = ctx
            .live
            .role(ctx, self.import.created_by, self.import.org)
            .await?;
        if can(role, Action::Edit) {
            Ok(())
        } else {
            Err(Error::Forbidden)
        }
    }

    /// Places items behind what stands there, unless they have their places. Gives them.
    async fn place(
        &self,
        ctx: &Ctx,
        from: usize,
        to: usize,
        there: &HashSet<ItemId>,
    ) -> Result<HashMap<ItemId, Placement>> {
        let root = self.import.parent;
        let wanted: Vec<(ItemId, Option<ItemId>)> = (from..to)
            .map(|n| {
                let up = self.outline.entries[n].parent;
                (self.id(n), up.map(|up| self.id(up)).or(root))
            })
            .filter(|(id, _)| !there.contains(id))
            .collect();
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let places = Arc::new(Mutex::new(HashMap::new()));
        let result = places.clone();
        ctx.collab
            .edit(
                self.import.project.into(),
                &self.pass,
                move |head, client| {
                    let nodes = outline::project(head)?.nodes;
                    let mut last: HashMap<Option<ItemId>, String> = HashMap::new();
                    for node in nodes
                        .iter()
                        .filter(|node| content::rank::is_valid(&node.rank))
                    {
                        let rank = last.entry(node.parent).or_default();
                        if node.rank > *rank {
                            rank.clone_from(&node.rank);
                        }
                    }
                    let stored: HashMap<ItemId, &Placement> =
                        nodes.iter().map(|node| (node.id, node)).collect();
                    let mut plan = Vec::with_capacity(wanted.len());
                    let mut all = HashMap::with_capacity(wanted.len());
                    for (id, parent) in &wanted {
                        if let Some(node) = stored.get(id) {
                            all.insert(*id, Placement::clone(node));
                            continue;
                        }
                        let before = last.get(parent).map(String::as_str);
                        let rank = outline::rank_between(before, None);
                        last.insert(*parent, rank.clone());
                        let place = Placement {
                            id: *id,
                            kind: outline::KIND_ITEM.into(),
                            parent: *parent,
                            rank,
                        };
                        all.insert(*id, place.clone());
                        plan.push(place);
                    }
                    *result.lock() = all;
                    if plan.is_empty() {
                        return Ok(NOTHING.to_vec());
                    }
                    outline::place(head, client, &plan)
                },
            )
            .await?;
        let places = std::mem::take(&mut *places.lock());
        Ok(places)
    }

    /// Makes documents and rows, on a thread that may block.
    async fn prepare(
        &self,
        ctx: &Ctx,
        wanted: Vec<usize>,
        places: Arc<HashMap<ItemId, Placement>>,
    ) -> Result<Vec<Ready>> {
        let (outline, meaning, import, pass) = (
            self.outline.clone(),
            self.meaning.clone(),
            self.import.clone(),
            self.pass.clone(),
        );
        let now = ctx.clock.now();
        let rng = ctx.rng.clone();
        let (ready, report) = tokio::task::spawn_blocking(move || {
            let mut report = Report::default();
            let mut ready = Vec::with_capacity(wanted.len());
            for n in wanted {
                let id = item_id(import.id, import.created_at, n);
                let entry = &outline.entries[n];
                let mut new = meaning.item(entry, &outline.fields, &mut report);
                // Yjs draws client ids of 32 bits.
                let client = (rng.next_u64() >> 32).max(1);
                let made = written(client, &new).or_else(|_| {
                    report.add(
                        Level::Error,
                        "description",
                        "A description could not be taken.".into(),
                        entry.line,
                    );
                    new.description = None;
                    written(client, &new)
                });
                let (bytes, doc) = made?;
                let place = places.get(&id);
                let row = store::NewItem {
                    id,
                    org: import.org,
                    project: import.project,
                    title: doc.title.clone(),
                    item_type: doc.fields.item_type,
                    status: doc.fields.status,
                    priority: doc.fields.priority,
                    parent: place.and_then(|place| place.parent),
                    rank: place.map(|place| place.rank.clone()).unwrap_or_default(),
                    created_by: pass.user,
                    created_at: now,
                };
                let append = Append {
                    document: id.into(),
                    expected: 0,
                    rows: vec![LogRow {
                        author: pass.user,
                        session: pass.session,
                        agent: AGENT.into(),
                        at: now,
                        bytes: bytes.into(),
                    }],
                    bindings: vec![(client, pass.user)],
                };
                ready.push(Ready {
                    row,
                    projection: item_row(id, 1, doc, now),
                    append,
                });
            }
            Ok::<_, content::Error>((ready, report))
        })
        .await??;
        let mut all = self.report.lock();
        for line in report.into_lines() {
            all.add(line.level, &line.code, line.message, line.line.unwrap_or(0));
        }
        drop(all);
        Ok(ready)
    }

    /// Writes items in one transaction; gives how long it held the writer. `None` when the import isn't running any more.
    async fn write(
        &self,
        ctx: &Ctx,
        ready: Vec<Ready>,
        done: usize,
        tell: bool,
    ) -> Result<Option<Duration>> {
        let now = ctx.clock.now();
        let mut tx = ctx.db.begin_write().await?;
        let started = Instant::now();
        let mut shown = Vec::with_capacity(ready.len());
        for item in &ready {
            let id = item.row.id;
            if !tx.create_item(&item.row).await? {
                continue;
            }
            tx.create_document(&NewDocument {
                id: id.into(),
                org: self.import.org,
                project: self.import.project,
                kind: DocumentKind::Item,
                branch: None,
                created_at: now,
            })
            .await?;
            let outcome = tx.append(std::slice::from_ref(&item.append)).await?;
            if !outcome.iter().all(|outcome| outcome.is_committed()) {
                return Err(Error::internal("a new document didn't take its content"));
            }
            let written = tx.upsert_item_projection(&item.projection).await?;
            tx.set_projected(id.into(), 1).await?;
            shown.push(id);
            shown.extend(written.map(|written| written.relinked).unwrap_or_default());
        }
        let done = i64::try_from(done).unwrap_or(i64::MAX);
        if !tx.advance_import(self.import.id, done, now).await? {
            return Ok(None);
        }
        if !shown.is_empty() {
            shown.sort_unstable();
            shown.dedup();
            let payload = json!({ "ids": shown });
            tx.emit(
                self.import.org,
                Some(self.import.project),
                "items.changed",
                &payload,
                now,
            )
            .await?;
        }
        if tell {
            told(&mut tx, &self.import, now).await?;
        }
        tx.commit().await?;
        let held = started.elapsed();
        metrics::histogram!("canopy_import_transaction_seconds").record(held.as_secs_f64());
        Ok(Some(held))
    }
}

/// A new item's document, and what it says when it is read.
fn written(
    client: u64,
    new: &NewItem,
) -> Result<(Vec<u8>, content::item::ItemDoc), content::Error> {
    let bytes = content::item::initial(client, new)?;
    let doc = content::item::project(&bytes)?;
    Ok((bytes, doc))
}

/// The project's fields for those of the file: of the same name, or new ones if whose import it is may make them.
async fn fields(
    ctx: &Ctx,
    import: &Import,
    outline: &Outline,
    report: &mut Report,
) -> Result<Vec<Option<CustomField>>> {
    let role = ctx.live.role(ctx, import.created_by, import.org).await?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin_write().await?;
    tx.lock(&format!("fields:{}", import.project)).await?;
    let mut there = tx.fields(import.project).await?;
    let mut out = Vec::with_capacity(outline.fields.len());
    let mut made = false;
    for field in &outline.fields {
        if let Some(known) = there
            .iter()
            .find(|known| known.name.eq_ignore_ascii_case(&field.name))
        {
            out.push(Some(known.clone()));
            continue;
        }
        let named = words::name("name", &field.name);
        if named.is_err() || !can(role, Action::Admin) || there.len() >= MAX_FIELDS {
            let why = if named.is_err() {
                "a field's name is one line of at most 100 characters"
            } else if there.len() >= MAX_FIELDS {
                "the project has as many fields as it may"
            } else {
                "making fields needs the administrator role"
            };
            let message = format!("Values of “{}” are left out: {why}.", short(&field.name));
            report.add(Level::Warning, "field_not_made", message, 0);
            out.push(None);
            continue;
        }
        let options: Vec<Value> = field
            .options
            .iter()
            .take(100)
            .filter(|option| words::name("options", &option.name).is_ok())
            .map(|option| {
                let colour = option.colour.clone().filter(|colour| is_colour(colour));
                let colour = colour.unwrap_or_else(|| words::colour(&*ctx.rng));
                json!({ "id": ItemId::new(&*ctx.clock, &*ctx.rng).to_string(), "name": option.name, "colour": colour })
            })
            .collect();
        let last = there.last().map(|field| field.rank.as_str());
        let new = CustomField {
            id: FieldId::new(&*ctx.clock, &*ctx.rng),
            org: import.org,
            project: import.project,
            name: field.name.clone(),
            kind: field.kind.parse().unwrap_or(FieldKind::Text),
            options: json!(options),
            rank: outline::rank_between(last, None),
            created_by: import.created_by,
            created_at: now,
            updated_at: now,
        };
        tx.create_field(&new).await?;
        made = true;
        there.push(new.clone());
        out.push(Some(new));
    }
    if made {
        tx.emit(
            import.org,
            Some(import.project),
            "fields.changed",
            &json!({}),
            now,
        )
        .await?;
    }
    tx.commit().await?;
    Ok(out)
}

/// Keeps the files that come along; gives their ids by what the file calls them.
async fn files(
    ctx: &Ctx,
    import: &Import,
    outline: &Outline,
    report: &mut Report,
) -> Result<HashMap<String, uuid::Uuid>> {
    let owner = Owner {
        org: import.org,
        project: import.project,
        user: import.created_by,
        audit: Audit::operator().by(import.created_by).within(import.org),
    };
    let mut out = HashMap::new();
    for (n, file) in outline.files.iter().enumerate() {
        let id = derived(import.id, "file", import.created_at, n);
        let bytes = bytes::Bytes::from(file.bytes.clone());
        let bytes = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
        match crate::files::ops::create(ctx, owner, FileId(id), &file.name, bytes).await {
            Ok(_) => drop(out.insert(file.key.clone(), id)),
            Err(Error::Unavailable) => return Err(Error::Unavailable),
            Err(error) => {
                report.add(
                    Level::Error,
                    "file",
                    format!("The file “{}” isn't taken: {error}", short(&file.name)),
                    0,
                );
            }
        }
    }
    Ok(out)
}
