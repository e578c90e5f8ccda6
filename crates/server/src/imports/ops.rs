//! What is done with imports, but for the running.

use std::collections::{BTreeMap, HashSet};

use interchange::{Entry, Format, Level, Line, Mapping, Outline, Preview, Report, Target};
use model::{Action, ImportId, ItemId, ItemType, Timestamp, can};
use serde_json::{Value, json};
use store::{CustomField, Doomed, Import, Project};

use crate::access::Authorized;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::imports::http::{
    Counts, ImportSettings, ImportView, Imports, Sample, Undone, UpdateImport,
};
use crate::imports::make::{item_id, short};
use crate::imports::people::People;
use crate::imports::run;

/// Items that a preview shows.
const SAMPLE: usize = 200;
/// Imports that a list has.
const LISTED: i64 = 50;
/// Items deleted in one transaction.
const PART: usize = crate::items::bulk::ops::PART;
/// Changed items that an undo names.
const NAMED: usize = 1_000;
/// Previews that somebody keeps: each holds a file.
const PREVIEWS: usize = 10;
/// Words of a sort that a mapping names.
const WORDS: usize = 1_000;
/// A preview that nobody has touched for so long goes.
const PREVIEW_SECONDS: i64 = 7 * 86_400;

/// An import as the API shows it.
pub(crate) fn view(import: &Import) -> ImportView {
    let mapping: Option<Mapping> = serde_json::from_value(import.mapping.clone()).ok();
    let preview = &import.preview;
    let columns: Option<Vec<interchange::Column>> =
        serde_json::from_value(preview["columns"].clone()).ok();
    ImportView {
        id: import.id,
        project_id: import.project,
        parent: import.parent,
        name: import.name.clone(),
        format: Format::from_word(&import.format).unwrap_or_default(),
        state: import.state.clone(),
        mapping: columns.as_ref().map(|columns| {
            let taken = columns
                .iter()
                .filter(|column| column.target != Target::Ignore);
            taken
                .map(|column| (column.name.clone(), column.target))
                .collect()
        }),
        columns,
        settings: mapping.map(|mapping| ImportSettings {
            types: Some(mapping.types),
            statuses: Some(mapping.statuses),
            priorities: Some(mapping.priorities),
            text: Some(mapping.text),
            header: Some(mapping.header),
            delimiter: Some(mapping.delimiter),
        }),
        sample: serde_json::from_value(preview["sample"].clone()).unwrap_or_default(),
        counts: serde_json::from_value(preview["counts"].clone()).unwrap_or_default(),
        report: serde_json::from_value(import.report.clone()).unwrap_or_default(),
        done: import.done,
        total: import.total,
        created_by: import.created_by,
        created_at: import.created_at,
        updated_at: import.updated_at,
    }
}

/// Reads a file, on a thread that may block; a few at a time.
pub(crate) async fn read(
    ctx: &Ctx,
    bytes: Vec<u8>,
    name: &str,
    format: Format,
    mapping: Option<Mapping>,
) -> Result<Preview, ReadError> {
    let _turn = ctx.imports.reading.acquire().await;
    let name = name.to_owned();
    let read = move || interchange::read(&bytes, &name, format, mapping.as_ref());
    tokio::task::spawn_blocking(read)
        .await
        .map_err(|_| ReadError::Panicked)?
        .map_err(ReadError::File)
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("{0}")]
    File(interchange::Error),
    #[error("reading a file panicked")]
    Panicked,
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::File(interchange::Error::TooLarge) => {
                Self::TooLarge(interchange::Error::TooLarge.to_string())
            }
            ReadError::File(error) => Self::field("file", error.to_string()),
            ReadError::Panicked => Self::internal(error),
        }
    }
}

/// Takes a file in and shows what would come of it. No item is made.
pub(crate) async fn create(
    ctx: &Ctx,
    project: &Authorized<Project>,
    name: &str,
    format: Format,
    parent: Option<ItemId>,
    bytes: Vec<u8>,
) -> Result<ImportView> {
    if let Some(parent) = parent {
        let there = ctx.db.item(parent).await?;
        if there.is_none_or(|item| item.project != project.id || item.deleted_at.is_some()) {
            return Err(Error::field(
                "parent",
                "There is no such item in this project.",
            ));
        }
    }
    let mut name = interchange::outline::one_line(name);
    name.truncate(name.floor_char_boundary(200));
    let now = ctx.clock.now();
    let preview = read(ctx, bytes.clone(), &name, format, None).await?;
    let mut import = Import {
        id: ImportId::new(&*ctx.clock, &*ctx.rng),
        org: project.org,
        project: project.id,
        parent,
        name,
        format: String::new(),
        state: "preview".into(),
        mapping: Value::Null,
        preview: Value::Null,
        report: Value::Null,
        total: 0,
        done: 0,
        created_by: project.actor.user,
        session: project.actor.session,
        created_at: now,
        updated_at: now,
    };
    show(ctx, &mut import, preview).await?;
    import.preview["bytes"] = bytes.len().into();
    ctx.db.create_import(&import).await?;
    if let Err(error) = ctx.db.keep_import_file(import.id, &bytes).await {
        // The disk may be full: what is there of it makes room.
        if let Err(error) = ctx.db.delete_preview(import.id).await {
            tracing::warn!(%error, "an import that didn't come in whole could not be removed");
        }
        return Err(error.into());
    }
    let previews = ctx.db.previews_of(import.created_by).await?;
    // Of those made in the same moment any may be the latest; this one stays.
    let others = previews.into_iter().filter(|id| *id != import.id);
    for old in others.skip(PREVIEWS - 1) {
        ctx.db.delete_preview(old).await?;
    }
    Ok(view(&import))
}

/// The file of an import, if it came in whole: it is written in parts.
pub(crate) async fn file(ctx: &Ctx, import: &Import) -> Result<Vec<u8>> {
    let bytes = ctx.db.import_file(import.id).await?;
    let whole = import.preview["bytes"].as_u64();
    if whole.is_some_and(|whole| whole != bytes.len() as u64) {
        return Err(conflict(
            "file-broken",
            "The file didn't come in whole. Bring it again.",
        ));
    }
    Ok(bytes)
}

/// Puts what was read into an import, with what the project says to it.
async fn show(ctx: &Ctx, import: &mut Import, preview: Preview) -> Result<()> {
    let people = People::of(ctx, import.org).await?;
    let there = ctx.db.fields(import.project).await?;
    let mut shown = import.clone();
    // A file has room for millions of names.
    *import = tokio::task::spawn_blocking(move || {
        fill(&mut shown, preview, &people, &there);
        shown
    })
    .await?;
    Ok(())
}

fn fill(import: &mut Import, preview: Preview, people: &People, there: &[CustomField]) {
    let mut report = Report::default();
    let outline = &preview.outline;
    let mut unknown: HashSet<&str> = HashSet::new();
    for entry in &outline.entries {
        for name in &entry.assignees {
            if !unknown.contains(name.as_str()) && people.find(name).is_some() {
                continue;
            }
            unknown.insert(name);
            let message = format!("Nobody here is “{}”; they won't be assigned.", short(name));
            report.add(Level::Warning, "unknown_person", message, entry.line);
        }
    }
    for field in &outline.fields {
        let known = there
            .iter()
            .any(|known| known.name.eq_ignore_ascii_case(&field.name));
        let message = if known {
            format!(
                "“{}” goes into the project's field of that name.",
                short(&field.name)
            )
        } else {
            format!(
                "“{}” becomes a field of the project ({}), if you may make fields.",
                short(&field.name),
                field.kind
            )
        };
        report.add(Level::Info, "custom_field", message, 0);
    }
    let mut lines = preview.report;
    lines.extend(report.into_lines());
    lines.sort_by_key(|line| std::cmp::Reverse(line.level));
    import.format = preview.format.as_str().into();
    import.mapping = json!(preview.mapping);
    import.preview = json!({ "columns": preview.columns, "counts": counts(outline), "sample": sample(&outline.entries) });
    import.report = json!(lines);
    import.total = i64::try_from(outline.entries.len()).unwrap_or(i64::MAX);
}

fn counts(outline: &Outline) -> Counts {
    let mut by_type: BTreeMap<ItemType, i64> = BTreeMap::new();
    for entry in &outline.entries {
        *by_type
            .entry(entry.item_type.unwrap_or(ItemType::Task))
            .or_default() += 1;
    }
    Counts {
        items: i64::try_from(outline.entries.len()).unwrap_or(i64::MAX),
        criteria: outline
            .entries
            .iter()
            .map(|entry| entry.criteria.len() as i64)
            .sum(),
        attachments: outline
            .entries
            .iter()
            .map(|entry| entry.attachments.len() as i64)
            .sum(),
        by_type,
    }
}

/// The first items as a tree.
fn sample(entries: &[Entry]) -> Vec<Sample> {
    let entries = &entries[..entries.len().min(SAMPLE)];
    let mut made: Vec<Option<Sample>> = entries
        .iter()
        .map(|entry| {
            Some(Sample {
                title: entry.title.clone(),
                item_type: entry.item_type.unwrap_or(ItemType::Task),
                status: entry.status.unwrap_or(model::Status::Backlog),
                criteria: entry.criteria.len(),
                has_description: entry.description.is_some(),
                children: Vec::new(),
            })
        })
        .collect();
    let mut roots = Vec::new();
    // From the end: an entry has its children before it goes to its parent.
    for (i, entry) in entries.iter().enumerate().rev() {
        let Some(mut sample) = made[i].take() else {
            continue;
        };
        sample.children.reverse();
        match entry.parent.and_then(|parent| made[parent].as_mut()) {
            Some(parent) => parent.children.push(sample),
            None => roots.push(sample),
        }
    }
    roots.reverse();
    roots
}

/// A project's imports, the latest first.
pub(crate) async fn list(ctx: &Ctx, project: &Authorized<Project>) -> Result<Imports> {
    let imports = ctx.db.imports(project.id, LISTED).await?;
    Ok(Imports {
        imports: imports.iter().map(view).collect(),
    })
}

fn conflict(code: &'static str, detail: &str) -> Error {
    Error::Conflict {
        code,
        detail: detail.into(),
    }
}

/// Whose it is may change and run it, and so may who may delete what it makes.
fn own(import: &Authorized<Import>) -> Result<()> {
    if import.created_by == import.actor.user || can(Some(import.role), Action::Delete) {
        Ok(())
    } else {
        Err(Error::Forbidden)
    }
}

fn is_preview(import: &Import) -> Result<()> {
    if import.state == "preview" {
        Ok(())
    } else {
        Err(conflict("already-run", "This import was run already."))
    }
}

/// Reads the file again, another way.
pub(crate) async fn update(
    ctx: &Ctx,
    import: &Authorized<Import>,
    body: UpdateImport,
) -> Result<ImportView> {
    own(import)?;
    is_preview(import)?;
    let mut mapping: Mapping = serde_json::from_value(import.mapping.clone()).unwrap_or_default();
    let columns: Vec<interchange::Column> =
        serde_json::from_value(import.preview["columns"].clone()).unwrap_or_default();
    if let Some(targets) = &body.mapping {
        if let Some(unknown) = targets
            .keys()
            .find(|name| !columns.iter().any(|column| column.name == **name))
        {
            return Err(Error::field(
                "mapping",
                format!("There is no column “{}”.", short(unknown)),
            ));
        }
        mapping.columns = columns
            .iter()
            .map(|column| targets.get(&column.name).copied().unwrap_or(Target::Ignore))
            .collect();
    }
    if let Some(settings) = body.settings {
        mapping.types.extend(settings.types.into_iter().flatten());
        mapping
            .statuses
            .extend(settings.statuses.into_iter().flatten());
        mapping
            .priorities
            .extend(settings.priorities.into_iter().flatten());
        mapping.text = settings.text.unwrap_or(mapping.text);
        if let Some(delimiter) = settings.delimiter {
            if delimiter.len() != 1 || !delimiter.is_ascii() || delimiter == "\"" {
                return Err(Error::field(
                    "settings.delimiter",
                    "Use one ASCII character.",
                ));
            }
            mapping.columns.clear();
            mapping.delimiter = delimiter;
        }
        if let Some(header) = settings.header.filter(|header| *header != mapping.header) {
            mapping.columns.clear();
            mapping.header = header;
        }
    }
    let words = [
        mapping.types.len(),
        mapping.statuses.len(),
        mapping.priorities.len(),
    ];
    if words.into_iter().any(|words| words > WORDS) {
        return Err(Error::field(
            "settings",
            format!("Name at most {WORDS} words."),
        ));
    }
    let bytes = file(ctx, import).await?;
    let format = body
        .format
        .or(Format::from_word(&import.format))
        .unwrap_or_default();
    // Another format is another table.
    let mapping = body
        .format
        .is_none()
        .then_some(mapping)
        .filter(|_| !import.mapping.is_null());
    let preview = read(ctx, bytes, &import.name, format, mapping).await?;
    let mut changed = Import::clone(import);
    let size = changed.preview["bytes"].take();
    show(ctx, &mut changed, preview).await?;
    changed.preview["bytes"] = size;
    changed.updated_at = ctx.clock.now();
    if !ctx.db.change_preview(&changed).await? {
        return Err(conflict("already-run", "This import was run already."));
    }
    Ok(view(&changed))
}

/// Begins to make the items. They are made in the background.
pub(crate) async fn start(ctx: &Ctx, import: &Authorized<Import>) -> Result<ImportView> {
    own(import)?;
    if import.state != "running" {
        is_preview(import)?;
        let now = ctx.clock.now();
        let mut tx = ctx.db.begin_write().await?;
        if !tx
            .change_import_state(import.id, "preview", "running", now)
            .await?
        {
            return Err(conflict("already-run", "This import was run already."));
        }
        let detail =
            json!({ "project": import.project, "items": import.total, "format": import.format });
        let audit = import.actor.audit().within(import.org);
        audit
            .write(ctx, &mut tx, "import.run", ("import", import.id.0), &detail)
            .await?;
        told(&mut tx, import, now).await?;
        tx.commit().await?;
        ctx.feeds.wake(import.org);
        run::begin(ctx, import.id);
    }
    fresh(ctx, import.id).await
}

async fn fresh(ctx: &Ctx, id: ImportId) -> Result<ImportView> {
    Ok(view(&ctx.db.import(id).await?.ok_or(Error::NotFound)?))
}

/// Live clients hear that an import has changed. Last in its transaction.
pub(crate) async fn told(tx: &mut store::Tx, import: &Import, at: Timestamp) -> Result<()> {
    let payload = json!({ "id": import.id });
    tx.emit(
        import.org,
        Some(import.project),
        "import.changed",
        &payload,
        at,
    )
    .await?;
    Ok(())
}

/// Removes a preview.
pub(crate) async fn delete(ctx: &Ctx, import: &Authorized<Import>) -> Result<()> {
    own(import)?;
    is_preview(import)?;
    if !ctx.db.delete_preview(import.id).await? {
        return Err(conflict("already-run", "This import was run already."));
    }
    Ok(())
}

/// Stops an import if it is running, and deletes all that it made. What people have changed since goes to the bin with the rest, and is named.
pub(crate) async fn undo(ctx: &Ctx, import: &Authorized<Import>) -> Result<Undone> {
    own(import)?;
    let now = ctx.clock.now();
    let mut begun = import.state == "undoing";
    let mut tx = ctx.db.begin_write().await?;
    for from in ["running", "done", "failed"] {
        begun |= tx
            .change_import_state(import.id, from, "undoing", now)
            .await?;
    }
    if !begun {
        return Err(conflict(
            "nothing-to-undo",
            "This import has made nothing, or was undone already.",
        ));
    }
    let audit = import.actor.audit().within(import.org);
    let detail = json!({ "project": import.project });
    audit
        .write(
            ctx,
            &mut tx,
            "import.undone",
            ("import", import.id.0),
            &detail,
        )
        .await?;
    told(&mut tx, import, now).await?;
    tx.commit().await?;
    ctx.feeds.wake(import.org);
    // Nothing of it can be made from here on: each chunk asks in its transaction whether the import is running.
    let work = (ctx.clone(), Import::clone(import), import.actor.user);
    let (deleted, changed) = crate::items::bulk::ops::finish(async move {
        let (ctx, import, user) = work;
        take_back(&ctx, &import, user).await
    })
    .await?;
    Ok(Undone {
        import: fresh(ctx, import.id).await?,
        deleted,
        changed,
    })
}

/// Deletes what an import made, part by part, from below; gives how many those were, and which had been changed.
pub(crate) async fn take_back(
    ctx: &Ctx,
    import: &Import,
    user: model::UserId,
) -> Result<(i64, Vec<ItemId>)> {
    let ids: Vec<ItemId> = (0..usize::try_from(import.total).unwrap_or(0))
        .map(|n| item_id(import.id, import.created_at, n))
        .collect();
    let mut root = BTreeMap::new();
    let mut changed = Vec::new();
    let mut deleted = Vec::new();
    let made: HashSet<ItemId> = ids.iter().copied().collect();
    let mut doomed: Vec<Doomed> = Vec::new();
    for part in ids.chunks(1_000) {
        changed.extend(ctx.db.edited_items(part).await?);
        for item in ctx.db.items_by_id(part).await? {
            if item.project != import.project {
                continue;
            }
            // What stands at the top of what was made brings the rest back with it. Ids sort as the file did: parents come first.
            let above = item.parent.filter(|parent| made.contains(parent));
            let top = above
                .and_then(|parent| root.get(&parent).copied())
                .unwrap_or(item.id);
            root.insert(item.id, top);
            if item.deleted_at.is_none() {
                doomed.push(Doomed {
                    id: item.id,
                    root: top,
                });
            }
        }
    }
    doomed.reverse();
    let now = ctx.clock.now();
    for part in doomed.chunks(PART) {
        let mut tx = ctx.db.begin_write().await?;
        let gone = tx.delete_items(import.project, part, user, now).await?;
        if !gone.is_empty() {
            let payload = json!({ "ids": gone });
            tx.emit(
                import.org,
                Some(import.project),
                "item.deleted",
                &payload,
                now,
            )
            .await?;
        }
        tx.commit().await?;
        deleted.extend(gone);
    }
    let mut tx = ctx.db.begin_write().await?;
    tx.change_import_state(import.id, "undoing", "undone", now)
        .await?;
    told(&mut tx, import, now).await?;
    tx.commit().await?;
    ctx.db.forget_import_file(import.id).await?;
    crate::items::bulk::ops::settled(ctx, import.org, import.project, &deleted).await;
    changed.truncate(NAMED);
    Ok((i64::try_from(deleted.len()).unwrap_or(i64::MAX), changed))
}

/// Removes previews that nobody came back to.
pub(crate) async fn keep_house(ctx: &Ctx) -> Result<()> {
    let before = ctx.clock.now().plus_seconds(-PREVIEW_SECONDS);
    for id in ctx.db.old_previews(before, 100).await? {
        ctx.db.delete_preview(id).await?;
    }
    Ok(())
}

/// The lines of a report as they are stored, with more.
pub(crate) fn with_lines(report: &Value, more: Vec<Line>) -> Value {
    let mut lines: Vec<Line> = serde_json::from_value(report.clone()).unwrap_or_default();
    for line in more {
        // What the preview has said already isn't said again.
        if !lines.iter().any(|other| other.code == line.code) {
            lines.push(line);
        }
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.level));
    json!(lines)
}
