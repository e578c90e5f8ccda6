//! The index: what stands in it, opening, feeding, committing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use model::{ItemId, ItemType, OrgId, ProjectId, Status, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::directory::error::LockError;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, TantivyError, Term};
use uuid::Uuid;

use crate::text::{Words, fold};

/// Changes with what an index holds, or how text becomes words. An index of another number is built anew.
const SCHEMA: u32 = 1;
/// Memory for what isn't committed yet, bytes. Over it a segment is written early.
const MEMORY: usize = 50_000_000;
/// Longest text of an item that is indexed, bytes.
const LONGEST: usize = 256 * 1024;

/// Why the index can't be used or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process, or another writer of this one, has it open for changes.
    #[error("the search index is in use by another process")]
    InUse,
    /// It isn't there, can't be read, or is of another release: build it anew.
    #[error("the search index can't be used: {0}")]
    Unusable(String),
    /// A disk or memory problem. What isn't committed is lost; open it again.
    #[error("the search index failed: {0}")]
    Failed(#[from] TantivyError),
    /// The folder can't be made or removed.
    #[error("{}: {source}", folder.display())]
    Io {
        /// Which folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// An item as the index takes it.
#[derive(Debug, Clone)]
pub struct Document {
    /// The item.
    pub id: ItemId,
    /// Its organization.
    pub org: OrgId,
    /// Its project.
    pub project: ProjectId,
    /// Its title.
    pub title: String,
    /// What sort of work it is.
    pub item_type: ItemType,
    /// How far it is.
    pub status: Status,
    /// Who works on it.
    pub assignees: Vec<UserId>,
    /// Its labels.
    pub labels: Vec<String>,
    /// Its acceptance criteria.
    pub criteria: String,
    /// The rest of its text.
    pub body: String,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How far the index has been fed. Stands in the commit, so it is as true as the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Which database it was fed from.
    pub database: String,
    /// All changes before this one are in.
    pub cursor: i64,
    /// Documents carry the number of the pass that put them in.
    pub pass: u64,
    /// The pass that goes on, if one does.
    pub rebuild: Option<Rebuild>,
}

/// A pass over all items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebuild {
    /// Items from this one on are done; `None` before the first.
    pub before: Option<Uuid>,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    schema: u32,
    state: State,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) key: Field,
    pub(crate) org: Field,
    pub(crate) project: Field,
    pub(crate) item_type: Field,
    pub(crate) status: Field,
    pub(crate) assignee: Field,
    /// Whole labels, folded, to filter by.
    pub(crate) label: Field,
    pub(crate) title: Field,
    /// The labels' words, to find by.
    pub(crate) labels: Field,
    pub(crate) criteria: Field,
    pub(crate) body: Field,
    pub(crate) updated: Field,
    pub(crate) pass: Field,
}

/// Who works on what nobody works on: to filter by.
pub const NOBODY: UserId = UserId(Uuid::nil());

/// The item's id in two halves, where hits are read from.
pub(crate) const HIGH: &str = "high";
pub(crate) const LOW: &str = "low";
pub(crate) const UPDATED: &str = "updated";

fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let words = |option| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer("words")
                .set_index_option(option),
        )
    };
    let word = || {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_fieldnorms(false)
                .set_index_option(IndexRecordOption::Basic),
        )
    };
    let positions = IndexRecordOption::WithFreqsAndPositions;
    let fields = Fields {
        key: schema.add_bytes_field("key", INDEXED),
        org: schema.add_bytes_field("org", INDEXED),
        project: schema.add_bytes_field("project", INDEXED),
        item_type: schema.add_text_field("type", word()),
        status: schema.add_text_field("status", word()),
        assignee: schema.add_bytes_field("assignee", INDEXED),
        label: schema.add_text_field("label", word()),
        title: schema.add_text_field("title", words(positions)),
        labels: schema.add_text_field("labels", words(positions)),
        criteria: schema.add_text_field("criteria", words(positions)),
        body: schema.add_text_field("body", words(positions)),
        updated: schema.add_i64_field(UPDATED, FAST),
        pass: schema.add_u64_field("pass", INDEXED),
    };
    schema.add_u64_field(HIGH, FAST);
    schema.add_u64_field(LOW, FAST);
    (schema.build(), fields)
}

/// The index, to search in. Clones share it.
#[derive(Clone)]
pub struct Index {
    pub(crate) reader: IndexReader,
    pub(crate) fields: Fields,
}

impl Index {
    /// How many items are in it.
    pub fn len(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The index, open for changes. There is one at a time, over all processes.
pub struct Writer {
    writer: IndexWriter,
    index: tantivy::Index,
    search: Index,
}

impl Writer {
    /// Opens the index in `folder` and checks that it is whole.
    ///
    /// # Errors
    /// [`Error::Unusable`] when it has to be built anew: see [`create`](Self::create).
    pub fn open(folder: &Path) -> Result<(Self, State), Error> {
        // Files that were cut off can make the library count below zero.
        catch_unwind(AssertUnwindSafe(|| Self::open_sound(folder)))
            .unwrap_or_else(|_| Err(Error::Unusable("reading it failed".into())))
    }

    fn open_sound(folder: &Path) -> Result<(Self, State), Error> {
        let unusable = |error: TantivyError| match error {
            TantivyError::LockFailure(LockError::LockBusy, _) => Error::InUse,
            error => Error::Unusable(error.to_string()),
        };
        if !folder.join("meta.json").is_file() {
            return Err(Error::Unusable("there is none".into()));
        }
        let index = tantivy::Index::open_in_dir(folder).map_err(unusable)?;
        if index.schema() != schema().0 {
            return Err(Error::Unusable("it is of another release".into()));
        }
        // First of all: nobody else may change it while it is looked at.
        let writer = writer(&index).map_err(unusable)?;
        let payload = index.load_metas().map_err(unusable)?.payload;
        let payload: Payload = payload
            .as_deref()
            .and_then(|payload| serde_json::from_str(payload).ok())
            .ok_or_else(|| Error::Unusable("it doesn't say how far it goes".into()))?;
        if payload.schema != SCHEMA {
            return Err(Error::Unusable("it is of another release".into()));
        }
        let damaged = index.validate_checksum().map_err(unusable)?;
        if let Some(file) = damaged.iter().next() {
            return Err(Error::Unusable(format!("{} is damaged", file.display())));
        }
        let writer = Self::finish(index, writer).map_err(|error| match error {
            Error::Failed(error) => unusable(error),
            error => error,
        })?;
        Ok((writer, payload.state))
    }

    /// Makes an empty index in `folder`, instead of the one that may be there.
    ///
    /// # Errors
    /// [`Error::InUse`]; or the folder can't be written.
    pub fn create(folder: &Path) -> Result<Self, Error> {
        let io = |source| Error::Io {
            folder: folder.to_owned(),
            source,
        };
        if folder.exists() {
            // Not under the feet of one that works on it.
            let busy = catch_unwind(AssertUnwindSafe(|| {
                let index = tantivy::Index::open_in_dir(folder)?;
                writer(&index).map(drop)
            }));
            if let Ok(Err(TantivyError::LockFailure(LockError::LockBusy, _))) = busy {
                return Err(Error::InUse);
            }
            std::fs::remove_dir_all(folder).map_err(io)?;
        }
        std::fs::create_dir_all(folder).map_err(io)?;
        let directory = MmapDirectory::open(folder).map_err(TantivyError::from)?;
        let index =
            tantivy::Index::create(directory, schema().0, tantivy::IndexSettings::default())?;
        let writer = writer(&index)?;
        Self::finish(index, writer)
    }

    /// An index in memory, gone with the process.
    ///
    /// # Errors
    /// When its thread can't be started.
    pub fn in_memory() -> Result<Self, Error> {
        let index = tantivy::Index::create_in_ram(schema().0);
        let writer = writer(&index)?;
        Self::finish(index, writer)
    }

    fn finish(mut index: tantivy::Index, writer: IndexWriter) -> Result<Self, Error> {
        index.set_tokenizers(tokenizers());
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        let fields = schema().1;
        Ok(Self {
            writer,
            index,
            search: Index { reader, fields },
        })
    }

    /// To search in.
    pub fn index(&self) -> Index {
        self.search.clone()
    }

    /// Puts items in, instead of what was there of them. Seen after [`commit`](Self::commit).
    ///
    /// # Errors
    /// When the index failed: open it again.
    pub fn put(&mut self, documents: &[Document], pass: u64) -> Result<(), Error> {
        let fields = self.search.fields;
        for document in documents {
            self.writer.delete_term(key(fields, document.id));
            let (high, low) = document.id.0.as_u64_pair();
            let mut doc = TantivyDocument::new();
            doc.add_bytes(fields.key, document.id.0.as_bytes());
            doc.add_bytes(fields.org, document.org.0.as_bytes());
            doc.add_bytes(fields.project, document.project.0.as_bytes());
            doc.add_text(fields.item_type, document.item_type.as_str());
            doc.add_text(fields.status, document.status.as_str());
            for assignee in &document.assignees {
                doc.add_bytes(fields.assignee, assignee.0.as_bytes());
            }
            if document.assignees.is_empty() {
                doc.add_bytes(fields.assignee, NOBODY.0.as_bytes());
            }
            for label in &document.labels {
                doc.add_text(fields.label, fold(label));
                doc.add_text(fields.labels, label);
            }
            doc.add_text(fields.title, &document.title);
            doc.add_text(fields.criteria, bounded(&document.criteria));
            doc.add_text(fields.body, bounded(&document.body));
            doc.add_i64(fields.updated, document.updated_at.micros());
            doc.add_u64(fields.pass, pass);
            for (name, half) in [(HIGH, high), (LOW, low)] {
                doc.add_u64(self.index.schema().get_field(name)?, half);
            }
            self.writer.add_document(doc)?;
        }
        Ok(())
    }

    /// Takes items out.
    pub fn remove(&mut self, items: &[ItemId]) {
        for item in items {
            self.writer.delete_term(key(self.search.fields, *item));
        }
    }

    /// Takes a project's items out.
    pub fn remove_project(&mut self, project: ProjectId) {
        let term = Term::from_field_bytes(self.search.fields.project, project.0.as_bytes());
        self.writer.delete_term(term);
    }

    /// Takes out what passes before `pass` put in: the rows are gone.
    pub fn sweep(&mut self, pass: u64) {
        for older in 0..pass {
            let term = Term::from_field_u64(self.search.fields.pass, older);
            self.writer.delete_term(term);
        }
    }

    /// Makes all changes so far durable and visible, with how far they go.
    ///
    /// # Errors
    /// Nothing was committed then: open it again.
    pub fn commit(&mut self, state: &State) -> Result<(), Error> {
        let payload = Payload {
            schema: SCHEMA,
            state: state.clone(),
        };
        let payload = serde_json::to_string(&payload)
            .map_err(|error| TantivyError::InternalError(error.to_string()))?;
        let mut commit = self.writer.prepare_commit()?;
        commit.set_payload(&payload);
        commit.commit()?;
        self.search.reader.reload()?;
        Ok(())
    }
}

fn tokenizers() -> TokenizerManager {
    let tokenizers = TokenizerManager::default();
    tokenizers.register("words", Words);
    tokenizers
}

fn writer(index: &tantivy::Index) -> Result<IndexWriter, TantivyError> {
    // The tokenizers have to be there before the first document.
    let mut index = index.clone();
    index.set_tokenizers(tokenizers());
    let options = IndexWriterOptions::builder()
        .memory_budget_per_thread(MEMORY)
        .num_worker_threads(1)
        .num_merge_threads(1)
        .build();
    let writer = index.writer_with_options(options)?;
    let mut merging = LogMergePolicy::default();
    merging.set_min_num_segments(6);
    merging.set_min_layer_size(5_000);
    merging.set_del_docs_ratio_before_merge(0.3);
    writer.set_merge_policy(Box::new(merging));
    Ok(writer)
}

fn key(fields: Fields, item: ItemId) -> Term {
    Term::from_field_bytes(fields.key, item.0.as_bytes())
}

fn bounded(text: &str) -> &str {
    match text.char_indices().find(|(at, _)| *at >= LONGEST) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
