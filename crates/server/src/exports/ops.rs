//! Writes exports: items are read some at a time, and nothing is kept but what a chunk needs.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use content::diagram::svg::Given;
use futures_util::{Stream, StreamExt, stream};
use interchange::package::{self, Member};
use interchange::{Entry, csv_write, markdown_tree};
use model::{Action, FileId, ItemId, ProjectId};
use serde_json::{Value, json};
use store::Project;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use zip::write::SimpleFileOptions;

use crate::access::Authorized;
use crate::auth::actor::Actor;
use crate::ctx::Ctx;
use crate::diagrams;
use crate::error::{Error, Result};
use crate::exports::http::ExportFormat;
use crate::exports::source::Source;
use crate::imports::make::children;

/// Documents read at the same time, and how many of them on one thread.
const AT_ONCE: usize = 4;
const PART: usize = 25;
/// Pieces that wait for a slow reader.
const WAITING: usize = 8;
/// A piece is sent when it is as large as this.
const PIECE: usize = 64 << 10;

type Sender = mpsc::Sender<std::io::Result<Bytes>>;

/// An export and its file's name. What goes wrong on the way breaks the stream off.
pub(crate) async fn export(
    ctx: &Ctx,
    project: &Authorized<Project>,
    format: ExportFormat,
    item: Option<ItemId>,
) -> Result<(String, impl Stream<Item = std::io::Result<Bytes>> + use<>)> {
    let turn = ctx.exports.take(project.actor.user)?;
    let source = Source::new(ctx, project, item).await?;
    let called = match item {
        None => project.name.clone(),
        Some(item) => ctx.db.item(item).await?.ok_or(Error::NotFound)?.title,
    };
    let extension = match format {
        ExportFormat::Json => "json",
        ExportFormat::Markdown => "zip",
        ExportFormat::Csv => "csv",
    };
    let name = format!("{}.{extension}", markdown_tree::slug(&called));
    let (sender, receiver) = mpsc::channel(WAITING);
    let about = package::Project {
        name: project.name.clone(),
        key: project.key.clone(),
        description: project.description.clone(),
    };
    let export = Export {
        ctx: ctx.clone(),
        source: Arc::new(source),
        about,
        actor: project.actor.clone(),
        project: project.id,
    };
    tokio::spawn(async move {
        let _turn = turn;
        let broken = sender.clone();
        let result = match format {
            ExportFormat::Json => export.json(sender).await,
            ExportFormat::Markdown => export.markdown(sender).await,
            ExportFormat::Csv => export.csv(sender).await,
        };
        if let Err(error) = result {
            tracing::error!(%error, "an export broke off");
            let _ = broken
                .send(Err(std::io::Error::other("the export broke off")))
                .await;
        }
    });
    Ok((name, ReceiverStream::new(receiver)))
}

struct Export {
    ctx: Ctx,
    source: Arc<Source>,
    about: package::Project,
    actor: Actor,
    project: ProjectId,
}

/// Text on its way; sent in larger pieces.
struct Out {
    sender: Sender,
    text: String,
}

impl Out {
    fn new(sender: Sender) -> Self {
        Self {
            sender,
            text: String::new(),
        }
    }

    async fn push(&mut self, text: &str) -> Result<()> {
        self.text.push_str(text);
        if self.text.len() >= PIECE {
            self.flush().await
        } else {
            Ok(())
        }
    }

    async fn flush(&mut self) -> Result<()> {
        if self.text.is_empty() {
            return Ok(());
        }
        let piece = std::mem::take(&mut self.text);
        // Whoever asked has gone.
        self.sender
            .send(Ok(piece.into()))
            .await
            .map_err(|_| Error::Unavailable)
    }
}

impl Export {
    /// The items in tree order, a few read ahead. One that has just been deleted is an empty entry.
    fn entries(&self) -> impl Stream<Item = Result<Vec<(usize, Entry)>>> + use<'_> {
        let all: Vec<usize> = (0..self.source.items.len()).collect();
        let parts: Vec<Vec<usize>> = all.chunks(PART).map(<[usize]>::to_vec).collect();
        stream::iter(parts)
            .map(|part| self.part(part))
            .buffered(AT_ONCE)
    }

    /// An export may take long: who may not see the project any more gets nothing more of it.
    async fn allowed(&self) -> Result<()> {
        let access = self.ctx.access();
        self.ctx.live.session(&self.ctx, self.actor.session).await?;
        access
            .project(&self.actor, self.project, Action::View)
            .await?;
        Ok(())
    }

    async fn part(&self, part: Vec<usize>) -> Result<Vec<(usize, Entry)>> {
        self.allowed().await?;
        let mut heads = Vec::with_capacity(part.len());
        for n in part {
            match self.ctx.collab.peek(self.source.items[n].0.into()).await {
                Ok(snapshot) => heads.push((n, snapshot.head)),
                Err(collab::Refusal::NotFound) => {}
                Err(refusal) => return Err(refusal.into()),
            }
        }
        let source = self.source.clone();
        tokio::task::spawn_blocking(move || {
            heads
                .into_iter()
                .map(|(n, head)| -> Result<_> {
                    Ok((n, source.entry(content::item::project(&head)?)))
                })
                .collect()
        })
        .await?
    }

    async fn csv(self, sender: Sender) -> Result<()> {
        let mut out = Out::new(sender);
        out.push(&csv_write::header(&self.source.fields)).await?;
        let mut entries = std::pin::pin!(self.entries());
        while let Some(part) = entries.next().await {
            for (n, entry) in part? {
                let parent = self.source.items[n]
                    .1
                    .map(|parent| (parent + 1).to_string());
                let row = csv_write::row(
                    &entry,
                    &(n + 1).to_string(),
                    parent.as_deref().unwrap_or_default(),
                    self.source.fields.len(),
                );
                out.push(&row).await?;
            }
        }
        out.flush().await
    }

    async fn json(self, sender: Sender) -> Result<()> {
        let mut out = Out::new(sender);
        out.push(&package::begin(&self.about, &self.source.fields))
            .await?;
        let mut named = Named::default();
        let mut first = true;
        {
            let mut entries = std::pin::pin!(self.entries());
            while let Some(part) = entries.next().await {
                for (n, mut entry) in part? {
                    if let Some(doc) = &mut entry.description {
                        self.name(doc, &mut named);
                    }
                    if let Some(diagram) = &mut entry.diagram {
                        self.name_shapes(diagram, &mut named);
                    }
                    for email in &entry.assignees {
                        self.named(email, &mut named);
                    }
                    let parent = self.source.items[n]
                        .1
                        .map(|parent| (parent + 1).to_string());
                    let item = package::Item::new(
                        &entry,
                        (n + 1).to_string(),
                        parent,
                        &self.source.fields,
                    );
                    out.push(&package::item(&item, first)).await?;
                    first = false;
                }
            }
        }
        let members: Vec<Member> = named
            .members
            .into_iter()
            .map(|(email, name)| Member { email, name })
            .collect();
        out.push(&package::middle(&members)).await?;
        for (n, id) in named.files.iter().enumerate() {
            let file = &self.source.files[id];
            self.allowed().await?;
            out.push(&package::file_begin(
                &(n + 1).to_string(),
                &file.name,
                n == 0,
            ))
            .await?;
            let mut bytes = crate::files::ops::read(&self.ctx, file, None).await?;
            // Three bytes are four letters.
            let mut rest: Vec<u8> = Vec::new();
            while let Some(piece) = bytes.next().await {
                rest.extend_from_slice(&piece?);
                let whole = rest.len() / 3 * 3;
                out.push(&package::base64(&rest[..whole])).await?;
                rest.drain(..whole);
            }
            out.push(&package::base64(&rest)).await?;
            out.push(package::FILE_END).await?;
        }
        out.push(package::END).await?;
        out.flush().await
    }

    fn named(&self, email: &str, named: &mut Named) {
        if let Some(member) = self
            .source
            .people
            .find(email)
            .and_then(|user| self.source.people.member(user))
        {
            named
                .members
                .insert(member.email.clone(), member.name.clone());
        }
    }

    /// Makes what a description names the file's own: items by number, people by address.
    fn name(&self, node: &mut Value, named: &mut Named) {
        let id = |node: &Value, key: &str| node["attrs"][key].as_str().map(str::to_owned);
        match node["type"].as_str() {
            Some("itemLink") => {
                let n = id(node, "id")
                    .and_then(|id| id.parse::<ItemId>().ok())
                    .and_then(|id| self.source.index.get(&id).copied());
                if let Some(n) = n {
                    node["attrs"]["id"] = format!("item:{}", n + 1).into();
                }
            }
            Some("mention") => {
                let member = id(node, "id")
                    .and_then(|id| id.parse().ok())
                    .and_then(|user| self.source.people.member(user));
                if let Some(member) = member {
                    node["attrs"]["id"] = format!("user:{}", member.email).into();
                    named
                        .members
                        .insert(member.email.clone(), member.name.clone());
                }
            }
            Some("image" | "file") => {
                let file = node["attrs"]["file"]
                    .as_str()
                    .and_then(|id| id.parse().ok());
                if let Some(file) = file.filter(|file| self.source.files.contains_key(file)) {
                    node["attrs"]["file"] = named.file(file).into();
                }
            }
            _ => {
                for child in children(node) {
                    self.name(child, named);
                }
            }
        }
    }

    /// The same for what a diagram shows.
    fn name_shapes(&self, diagram: &mut Value, named: &mut Named) {
        let shapes = diagram["shapes"].as_array_mut().into_iter().flatten();
        for shape in shapes {
            let item = shape["item"].as_str().and_then(|id| id.parse().ok());
            if let Some(n) = item.and_then(|id: ItemId| self.source.index.get(&id)) {
                shape["item"] = format!("item:{}", n + 1).into();
            }
            let file = shape["file"].as_str().and_then(|id| id.parse().ok());
            if let Some(file) = file.filter(|file| self.source.files.contains_key(file)) {
                shape["file"] = named.file(file).into();
            }
        }
    }

    async fn markdown(self, sender: Sender) -> Result<()> {
        let rows = self.titles().await?;
        let parents: Vec<Option<usize>> = self
            .source
            .items
            .iter()
            .map(|(_, parent)| *parent)
            .collect();
        let paths = Arc::new(markdown_tree::paths(&rows, &parents));
        let (files, mut waiting) = mpsc::channel::<Packed>(WAITING);
        let packing = tokio::task::spawn_blocking(move || {
            let mut zip = zip::ZipWriter::new_stream(Pieces {
                sender,
                bytes: Vec::with_capacity(PIECE),
            });
            let options = SimpleFileOptions::default();
            while let Some((path, bytes)) = waiting.blocking_recv() {
                if let Some(path) = path {
                    zip.start_file(path, options).map_err(Error::internal)?;
                }
                zip.write_all(&bytes).map_err(Error::internal)?;
            }
            let mut inner = zip.finish().map_err(Error::internal)?.into_inner();
            inner.flush().map_err(Error::internal)
        });
        let mut index = format!("# {}\n\n", self.about.name);
        let mut depths: Vec<usize> = Vec::with_capacity(paths.len());
        for (n, path) in paths.iter().enumerate() {
            let depth = parents[n].map_or(0, |parent| depths[parent] + 1);
            depths.push(depth);
            index.push_str(&markdown_tree::index_line(&rows[n], path, depth));
        }
        let gone = |_| Error::Unavailable;
        files
            .send((Some("README.md".into()), index.into()))
            .await
            .map_err(gone)?;
        let mut shown = Shown::default();
        {
            let mut entries = std::pin::pin!(self.entries());
            while let Some(part) = entries.next().await {
                for (n, mut entry) in part? {
                    if let Some(doc) = &mut entry.description {
                        self.relative(doc, &paths, n, &mut shown);
                    }
                    if let Some(diagram) = entry.diagram.take() {
                        let canvas = diagrams::ops::blocking(&self.ctx, move || {
                            Ok(content::diagram::from_json(&diagram)?.1)
                        });
                        let canvas = canvas.await?;
                        let picture =
                            diagrams::ops::draw(&self.ctx, &self.actor, canvas, Given::default());
                        // One that is too large for a picture is a page without one.
                        if let Some(picture) = picture.await? {
                            let path = format!("{}.svg", paths[n].trim_end_matches(".md"));
                            let name = path.rsplit('/').next().unwrap_or(&path);
                            entry.description = Some(json!({ "type": "doc", "content": [
                                { "type": "image", "attrs": { "src": name, "alt": entry.title } },
                            ] }));
                            files
                                .send((Some(path), picture.into()))
                                .await
                                .map_err(gone)?;
                        }
                    }
                    let text = markdown_tree::file(&entry, &self.source.fields);
                    files
                        .send((Some(paths[n].clone()), text.into()))
                        .await
                        .map_err(gone)?;
                }
            }
        }
        for (id, path) in shown.paths {
            self.allowed().await?;
            let mut path = Some(path);
            let mut bytes =
                crate::files::ops::read(&self.ctx, &self.source.files[&id], None).await?;
            while let Some(piece) = bytes.next().await {
                files.send((path.take(), piece?)).await.map_err(gone)?;
            }
            if path.is_some() {
                files.send((path, Bytes::new())).await.map_err(gone)?;
            }
        }
        drop(files);
        packing.await?
    }

    /// The titles in tree order, as the rows say.
    async fn titles(&self) -> Result<Vec<String>> {
        let mut titles: HashMap<ItemId, String> = HashMap::with_capacity(self.source.items.len());
        let ids: Vec<ItemId> = self.source.items.iter().map(|(id, _)| *id).collect();
        for part in ids.chunks(1_000) {
            titles.extend(
                self.ctx
                    .db
                    .items_by_id(part)
                    .await?
                    .into_iter()
                    .map(|item| (item.id, item.title)),
            );
        }
        Ok(ids
            .iter()
            .map(|id| titles.remove(id).unwrap_or_default())
            .collect())
    }

    /// Makes links of what a description names: to other files of the export, to people's addresses.
    fn relative(&self, node: &mut Value, paths: &[String], from: usize, shown: &mut Shown) {
        let label = |node: &Value| node["attrs"]["label"].as_str().unwrap_or("?").to_owned();
        let id = |node: &Value| node["attrs"]["id"].as_str().map(str::to_owned);
        let link = |text: String, href: String| json!({ "type": "text", "text": text, "marks": [{ "type": "link", "attrs": { "href": href } }] });
        match node["type"].as_str() {
            Some("itemLink") => {
                let to = id(node)
                    .and_then(|id| id.parse::<ItemId>().ok())
                    .and_then(|id| self.source.index.get(&id).copied());
                *node = match to {
                    Some(to) => link(
                        format!("#{}", label(node)),
                        markdown_tree::relative(&paths[from], &paths[to]),
                    ),
                    None => json!({ "type": "text", "text": format!("#{}", label(node)) }),
                };
            }
            Some("mention") => {
                let member = id(node)
                    .and_then(|id| id.parse().ok())
                    .and_then(|user| self.source.people.member(user));
                *node = match member {
                    Some(member) => link(
                        format!("@{}", label(node)),
                        format!("mailto:{}", member.email),
                    ),
                    None => json!({ "type": "text", "text": format!("@{}", label(node)) }),
                };
            }
            Some(kind @ ("image" | "file")) => {
                let file = node["attrs"]["file"]
                    .as_str()
                    .and_then(|id| id.parse().ok());
                let Some(file) = file.and_then(|id| self.source.files.get(&id)) else {
                    return;
                };
                let to = markdown_tree::relative(&paths[from], shown.path(file));
                if kind == "image" {
                    node["attrs"]["file"] = Value::Null;
                    node["attrs"]["src"] = to.into();
                } else {
                    *node =
                        json!({ "type": "paragraph", "content": [link(file.name.clone(), to)] });
                }
            }
            _ => {
                for child in children(node) {
                    self.relative(child, paths, from, shown);
                }
            }
        }
    }
}

/// What an export's descriptions have named so far.
#[derive(Default)]
struct Named {
    members: BTreeMap<String, String>,
    files: Vec<FileId>,
}

impl Named {
    /// What a file is called in the export.
    fn file(&mut self, file: FileId) -> String {
        let there = self.files.iter().position(|other| *other == file);
        let n = there.unwrap_or_else(|| {
            self.files.push(file);
            self.files.len() - 1
        });
        format!("file:{}", n + 1)
    }
}

/// A file of a zip, or more bytes of the one before.
type Packed = (Option<String>, Bytes);

/// The files that come along in a zip, under names that differ.
#[derive(Default)]
struct Shown {
    paths: Vec<(FileId, String)>,
    places: HashMap<FileId, usize>,
    names: markdown_tree::Names,
}

impl Shown {
    fn path(&mut self, file: &store::File) -> &str {
        let at = *self.places.entry(file.id).or_insert_with(|| {
            let (stem, extension) = file.name.rsplit_once('.').unwrap_or((&file.name, ""));
            let extension: String = extension
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .take(10)
                .collect();
            let dot = if extension.is_empty() { "" } else { "." };
            let stem = format!("files/{}", markdown_tree::slug(stem));
            let path = self.names.free(&stem, &format!("{dot}{extension}"));
            self.paths.push((file.id, path));
            self.paths.len() - 1
        });
        &self.paths[at].1
    }
}

/// Sends what is written to it, in pieces.
struct Pieces {
    sender: Sender,
    bytes: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let piece = std::mem::take(&mut self.bytes);
        self.sender
            .blocking_send(Ok(piece.into()))
            .map_err(std::io::Error::other)
    }
}
