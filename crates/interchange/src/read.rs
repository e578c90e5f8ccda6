//! Any file into a tree: what format it is, how it is mapped, what comes of it.

use std::collections::BTreeMap;

use model::{ItemType, Priority, Status};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::outline::Outline;
use crate::report::{Line, Report};
use crate::table::{self, Table, Target};
use crate::{csv_read, encoding, jira_xml, markdown_outline, package};

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 50 << 20;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// To be found out.
    #[default]
    Auto,
    /// An outline: headings, or nested lists.
    Markdown,
    /// A table.
    Csv,
    /// Jira's CSV export.
    JiraCsv,
    /// Jira's XML export.
    JiraXml,
    /// Our own JSON.
    Json,
}

impl Format {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Markdown => "markdown",
            Self::Csv => "csv",
            Self::JiraCsv => "jira_csv",
            Self::JiraXml => "jira_xml",
            Self::Json => "json",
        }
    }

    /// The format of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Auto,
            Self::Markdown,
            Self::Csv,
            Self::JiraCsv,
            Self::JiraXml,
            Self::Json,
        ]
        .into_iter()
        .find(|format| format.as_str() == word)
    }
}

/// How descriptions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextForm {
    /// Markdown.
    #[default]
    Markdown,
    /// As it is; a line break is a line break.
    Plain,
    /// Jira's markup.
    Wiki,
    /// HTML.
    Html,
}

/// How a table is read. What is absent in a change stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ImportMapping)]
#[serde(default)]
pub struct Mapping {
    /// What each column is, in order.
    pub columns: Vec<Target>,
    /// Types by the file's words.
    pub types: BTreeMap<String, ItemType>,
    /// Statuses by the file's words.
    pub statuses: BTreeMap<String, Status>,
    /// Priorities by the file's words.
    pub priorities: BTreeMap<String, Priority>,
    /// How descriptions are written.
    pub text: TextForm,
    /// Whether the first row has the columns' names.
    pub header: bool,
    /// The sign between cells, one ASCII character.
    pub delimiter: String,
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            types: BTreeMap::new(),
            statuses: BTreeMap::new(),
            priorities: BTreeMap::new(),
            text: TextForm::default(),
            header: true,
            delimiter: String::new(),
        }
    }
}

/// A column of a table, for the person who maps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ImportColumn)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Up to three different values.
    pub samples: Vec<String>,
    /// What it is taken for.
    pub target: Target,
}

/// What would come of a file.
#[derive(Debug, Clone)]
pub struct Preview {
    /// What it is; never [`Format::Auto`].
    pub format: Format,
    /// Its columns, if it has any.
    pub columns: Option<Vec<Column>>,
    /// How it was mapped, if it has columns.
    pub mapping: Option<Mapping>,
    /// The items.
    pub outline: Outline,
    /// What could not be taken as it is.
    pub report: Vec<Line>,
}

/// Why a file can't be read at all. The texts are for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is nothing in it.
    #[error("There are no items in this file.")]
    Empty,
    /// It is larger than [`MAX_BYTES`].
    #[error("The file is larger than {} MiB. Split it.", MAX_BYTES >> 20)]
    TooLarge,
    /// It has more rows than [`MAX_ITEMS`](crate::outline::MAX_ITEMS).
    #[error("The file has more than {} rows. Split it.", crate::outline::MAX_ITEMS)]
    TooManyRows,
    /// It has more columns than [`MAX_COLUMNS`](table::MAX_COLUMNS).
    #[error("The file has more than {} columns.", table::MAX_COLUMNS)]
    TooManyColumns,
    /// Its descriptions would take too much room.
    #[error("The descriptions in this file are too large together. Split it.")]
    TooRich,
    /// The CSV is broken.
    #[error("The file isn't CSV: {0}.")]
    Csv(String),
    /// The XML is broken.
    #[error("The file isn't XML: {0}.")]
    Xml(String),
    /// XML with a document type, which could name files and grow without bound.
    #[error("XML with a document type (<!DOCTYPE>) isn't read.")]
    Dtd,
    /// XML of another kind.
    #[error("The file isn't an XML export of Jira's issue search.")]
    NotJiraXml,
    /// The JSON is broken, or of another kind.
    #[error("The file isn't an export of Canopy: {0}.")]
    Json(String),
    /// JSON of a later version.
    #[error("The file was written by a newer version ({0}).")]
    Newer(String),
}

impl Error {
    /// A constant word for it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge => "too-large",
            Self::TooManyRows => "too-many-rows",
            Self::TooManyColumns => "too-many-columns",
            Self::TooRich => "too-rich",
            Self::Csv(_) => "not-csv",
            Self::Xml(_) => "not-xml",
            Self::Dtd => "document-type",
            Self::NotJiraXml => "not-jira-xml",
            Self::Json(_) => "not-json",
            Self::Newer(_) => "newer-version",
        }
    }
}

/// What a file is, by its beginning and its name.
pub fn detect(text: &str, name: &str) -> Format {
    let begin = text.trim_start();
    let first = begin.lines().next().unwrap_or_default();
    let name = name.to_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if begin.starts_with('{')
        && (begin[..begin.floor_char_boundary(begin.len().min(300))].contains("\"canopy/")
            || ends(&[".json"]))
    {
        Format::Json
    } else if begin.starts_with("<?xml")
        || begin.starts_with("<rss")
        || begin.starts_with("<!--") && ends(&[".xml"])
    {
        Format::JiraXml
    } else if first.contains("Issue key") && first.contains("Summary") {
        Format::JiraCsv
    } else if ends(&[".csv", ".tsv", ".tab"]) {
        Format::Csv
    } else if ends(&[".md", ".markdown", ".txt"]) {
        Format::Markdown
    } else if !begin.starts_with(['#', '-', '*'])
        && first.contains([',', ';', '\t'])
        && csv_head(begin)
    {
        Format::Csv
    } else {
        Format::Markdown
    }
}

/// Whether the first lines are cut into as many columns each.
fn csv_head(text: &str) -> bool {
    let sign = char::from(csv_read::delimiter(text));
    let mut counts = text.lines().take(3).map(|line| line.matches(sign).count());
    let first = counts.next().unwrap_or(0);
    first > 0 && counts.all(|count| count == first)
}

/// Reads a file. `name` is its name, `mapping` how a table is to be read instead of the guess.
///
/// # Errors
/// When nothing can be made of it. What is only odd is in the report.
pub fn read(
    bytes: &[u8],
    name: &str,
    format: Format,
    mapping: Option<&Mapping>,
) -> Result<Preview, Error> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::TooLarge);
    }
    let mut report = Report::default();
    let text = encoding::decode(bytes, &mut report);
    let format = if format == Format::Auto {
        detect(&text, name)
    } else {
        format
    };
    let (columns, mapping, outline) = match format {
        Format::Csv | Format::JiraCsv => {
            let jira = format == Format::JiraCsv;
            let header = mapping.is_none_or(|mapping| mapping.header);
            let wished = mapping
                .and_then(|mapping| mapping.delimiter.bytes().next())
                .filter(u8::is_ascii);
            let delimiter = wished.unwrap_or_else(|| csv_read::delimiter(&text));
            let table = csv_read::table(&text, delimiter, header, &mut report)?;
            let form = if jira {
                TextForm::Wiki
            } else {
                TextForm::Markdown
            };
            let mut mapping = whole(&table, mapping, jira, form);
            mapping.delimiter = char::from(delimiter).to_string();
            mapped(table, mapping, &mut report)?
        }
        Format::JiraXml => {
            let table = jira_xml::table(&text, &mut report)?;
            let mapping = whole(&table, mapping, true, TextForm::Html);
            mapped(table, mapping, &mut report)?
        }
        Format::Json => (None, None, package::read(&text, &mut report)?),
        Format::Markdown | Format::Auto => (
            None,
            None,
            markdown_outline::read(&text, name, &mut report)?,
        ),
    };
    if outline.entries.is_empty() {
        return Err(Error::Empty);
    }
    let format = if format == Format::Auto {
        Format::Markdown
    } else {
        format
    };
    Ok(Preview {
        format,
        columns,
        mapping,
        outline,
        report: report.into_lines(),
    })
}

/// The mapping with guesses for what it doesn't say.
fn whole(table: &Table, mapping: Option<&Mapping>, jira: bool, form: TextForm) -> Mapping {
    let guess = table::guess_mapping(table, jira, form);
    let Some(mapping) = mapping else {
        return guess;
    };
    let mut mapping = mapping.clone();
    if mapping.columns.is_empty() {
        mapping.columns = guess.columns;
    }
    mapping.columns.resize(table.columns.len(), Target::Ignore);
    table::add_words(table, &mut mapping);
    mapping
}

/// Columns and their mapping, if there are any, and the items.
type Read = (Option<Vec<Column>>, Option<Mapping>, Outline);

fn mapped(table: Table, mapping: Mapping, report: &mut Report) -> Result<Read, Error> {
    let columns = table::columns(&table, &mapping);
    let outline = table::outline(table, &mapping, report)?;
    Ok((Some(columns), Some(mapping), outline))
}
