//! Rows and columns into items: what a CSV file and a Jira export have in common.

use std::collections::{BTreeMap, HashMap};

use model::{ItemType, Priority, Status};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::outline::{
    Criterion, Entry, Field, Loose, MAX_FIELDS, MAX_VALUE, Outline, assemble, bound, from_plain,
    one_line, short,
};
use crate::read::{Column, Error, Mapping, TextForm};
use crate::report::{Level, Report};
use crate::rich::{from_html, from_markdown, from_wiki};
use crate::words::{self, DayOrder};

/// The most columns of a table.
pub(crate) const MAX_COLUMNS: usize = 1000;
/// The longest cell, in bytes.
pub(crate) const MAX_CELL: usize = 500_000;

/// A table, sparse: empty cells aren't there.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Names; several columns may have the same.
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) line: u64,
    /// Column and text, in the order of columns.
    pub(crate) cells: Vec<(usize, String)>,
}

/// What a column is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The title.
    Title,
    /// The description.
    Description,
    /// The type, by [`Mapping::types`].
    Type,
    /// The status, by [`Mapping::statuses`].
    Status,
    /// What the status counts as, for those that nobody knows.
    StatusCategory,
    /// The priority, by [`Mapping::priorities`].
    Priority,
    /// Who works on it: e-mail addresses or names, separated by `,` or `;`.
    Assignees,
    /// Labels, separated by `,`, `;` or, without those, white space.
    Labels,
    /// The effort.
    Estimate,
    /// The day it starts.
    StartDate,
    /// The day it is due.
    DueDate,
    /// Acceptance criteria, one a line.
    Criteria,
    /// What other rows call this one. Several columns may be.
    Id,
    /// The id of the row that it stands under. Of several, the first that there is counts.
    Parent,
    /// How deep it stands: a number from any start, or `1.2.3`.
    Level,
    /// Files that belong to it: listed in the report.
    Attachment,
    /// A custom field of the column's name.
    Custom,
    /// Left out.
    Ignore,
}

fn plain(name: &str) -> String {
    let name = name.to_lowercase();
    let name = name
        .trim()
        .trim_start_matches("custom field (")
        .trim_end_matches(')');
    name.replace(['_', '-', '.'], " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// What a column of this name is likely to be.
fn guess(name: &str, jira: bool) -> Target {
    let plain = plain(name);
    match plain.as_str() {
        "title" | "summary" | "name" | "subject" | "item" | "headline" | "user story" => {
            Target::Title
        }
        "description" | "details" | "body" | "text" | "notes" | "content" => Target::Description,
        "type" | "issue type" | "issuetype" | "item type" | "work item type" | "kind"
        | "tracker" => Target::Type,
        "status" | "state" | "column" => Target::Status,
        "status category" => Target::StatusCategory,
        "priority" | "importance" => Target::Priority,
        "assignee" | "assignees" | "assigned to" | "owner" | "owners" | "owned by"
        | "responsible" => Target::Assignees,
        "labels" | "label" | "tags" | "tag" | "keywords" => Target::Labels,
        "estimate" | "story points" | "story point estimate" | "points" | "effort" | "size" => {
            Target::Estimate
        }
        "start" | "start date" | "starts" | "begin" | "target start" => Target::StartDate,
        "due" | "due date" | "duedate" | "deadline" | "end date" | "finish" | "target end" => {
            Target::DueDate
        }
        "acceptance criteria" | "criteria" | "acceptance criterion" | "definition of done" => {
            Target::Criteria
        }
        "id" | "key" | "issue key" | "issue id" | "ref" | "number" | "no" | "#" => Target::Id,
        "parent" | "parent id" | "parent key" | "parent issue" | "epic link" | "epic"
        | "epic key" | "parent link" => Target::Parent,
        "level" | "depth" | "indent" | "indent level" | "outline level" | "outline number"
        | "wbs" => Target::Level,
        "attachment" | "attachments" | "files" => Target::Attachment,
        _ if jira && ignored_of_jira(&plain) => Target::Ignore,
        _ => Target::Custom,
    }
}

/// What a Jira export is full of and nobody asks for.
fn ignored_of_jira(name: &str) -> bool {
    const NAMES: [&str; 22] = [
        "project key",
        "project name",
        "project type",
        "project lead",
        "project lead id",
        "project description",
        "project url",
        "created",
        "updated",
        "last viewed",
        "votes",
        "watchers",
        "watchers id",
        "creator",
        "creator id",
        "reporter id",
        "assignee id",
        "rank",
        "work ratio",
        "log work",
        "security level",
        "parent summary",
    ];
    const BEGINNINGS: [&str; 8] = [
        "σ ",
        "inward issue link",
        "outward issue link",
        "comment",
        "development",
        "status category changed",
        "restrict to",
        "issue color",
    ];
    NAMES.contains(&name)
        || BEGINNINGS
            .iter()
            .any(|beginning| name.starts_with(beginning))
}

/// How to read a table, as far as it can be guessed.
pub(crate) fn guess_mapping(table: &Table, jira: bool, form: TextForm) -> Mapping {
    let mut columns: Vec<Target> = table.columns.iter().map(|name| guess(name, jira)).collect();
    // One title and one description; the others of their name are fields.
    for target in [
        Target::Title,
        Target::Description,
        Target::Level,
        Target::Type,
        Target::Status,
        Target::Priority,
    ] {
        let mut seen = false;
        for column in columns.iter_mut().filter(|column| **column == target) {
            if std::mem::replace(&mut seen, true) {
                *column = Target::Custom;
            }
        }
    }
    if !columns.contains(&Target::Title) {
        // The first column of text that isn't anything else.
        let texts = |i: usize| {
            let cells = table.rows.iter().take(50).flat_map(|row| &row.cells);
            cells
                .filter(|(column, _)| *column == i)
                .any(|(_, text)| words::number(text).is_none())
        };
        let found = (0..columns.len()).find(|i| columns[*i] == Target::Custom && texts(*i));
        if let Some(first) = found.or_else(|| (!columns.is_empty()).then_some(0)) {
            columns[first] = Target::Title;
        }
    }
    if !columns.contains(&Target::Id) {
        for column in columns
            .iter_mut()
            .filter(|column| **column == Target::Parent)
        {
            *column = Target::Custom;
        }
    }
    let mut mapping = Mapping {
        columns,
        text: form,
        ..Mapping::default()
    };
    add_words(table, &mut mapping);
    mapping
}

/// Adds the words of the mapped columns that the mapping doesn't have yet.
pub(crate) fn add_words(table: &Table, mapping: &mut Mapping) {
    const MOST: usize = 200;
    for row in &table.rows {
        for (column, text) in &row.cells {
            let word = one_line(text);
            if word.is_empty() || word.len() > 200 {
                continue;
            }
            match mapping.columns.get(*column) {
                Some(Target::Type)
                    if !mapping.types.contains_key(&word) && mapping.types.len() < MOST =>
                {
                    let guess = words::item_type(&word).map_or(ItemType::Task, |(guess, _)| guess);
                    mapping.types.insert(word, guess);
                }
                Some(Target::Status)
                    if !mapping.statuses.contains_key(&word) && mapping.statuses.len() < MOST =>
                {
                    let category = row
                        .cells
                        .iter()
                        .find(|(c, _)| mapping.columns.get(*c) == Some(&Target::StatusCategory));
                    let guess = words::status(&word)
                        .or_else(|| category.and_then(|(_, text)| words::status(text)));
                    mapping
                        .statuses
                        .insert(word, guess.unwrap_or(Status::Backlog));
                }
                Some(Target::Priority)
                    if !mapping.priorities.contains_key(&word)
                        && mapping.priorities.len() < MOST =>
                {
                    mapping.priorities.insert(
                        word.clone(),
                        words::priority(&word).unwrap_or(Priority::None),
                    );
                }
                _ => {}
            }
        }
    }
}

/// The columns as a person maps them.
pub(crate) fn columns(table: &Table, mapping: &Mapping) -> Vec<Column> {
    let mut samples: Vec<Vec<String>> = vec![Vec::new(); table.columns.len()];
    for (column, text) in table.rows.iter().take(500).flat_map(|row| &row.cells) {
        if let Some(samples) = samples.get_mut(*column).filter(|samples| samples.len() < 3) {
            let sample: String = one_line(text).chars().take(80).collect();
            if !samples.contains(&sample) {
                samples.push(sample);
            }
        }
    }
    let targets = mapping
        .columns
        .iter()
        .copied()
        .chain(std::iter::repeat(Target::Ignore));
    table
        .columns
        .iter()
        .zip(samples)
        .zip(targets)
        .map(|((name, samples), target)| Column {
            name: name.clone(),
            samples,
            target,
        })
        .collect()
}

/// A custom field in the making: the columns of one name.
struct Custom {
    name: String,
    kind: &'static str,
    order: DayOrder,
}

struct Reading<'a> {
    mapping: &'a Mapping,
    orders: HashMap<usize, DayOrder>,
    custom: Vec<Custom>,
    custom_of: HashMap<usize, usize>,
    report: &'a mut Report,
}

/// The items of a table.
///
/// # Errors
/// [`Error::TooRich`].
pub(crate) fn outline(
    table: Table,
    mapping: &Mapping,
    report: &mut Report,
) -> Result<Outline, Error> {
    let target = |column: usize| {
        mapping
            .columns
            .get(column)
            .copied()
            .unwrap_or(Target::Ignore)
    };
    let mut reading = Reading {
        mapping,
        orders: HashMap::new(),
        custom: Vec::new(),
        custom_of: HashMap::new(),
        report,
    };
    reading.survey(&table);
    let has = |wanted: Target| mapping.columns.contains(&wanted);
    let by_level = has(Target::Level);
    let by_indent = !by_level && !has(Target::Parent) && indented(&table, mapping);
    let mut above: Vec<(f64, String)> = Vec::new();
    let mut loose = Vec::with_capacity(table.rows.len());
    for (n, row) in table.rows.into_iter().enumerate() {
        let level = if by_level {
            let cell = row
                .cells
                .iter()
                .find(|(column, _)| target(*column) == Target::Level);
            cell.and_then(|(_, text)| level(text))
        } else if by_indent {
            let cell = row
                .cells
                .iter()
                .find(|(column, _)| target(*column) == Target::Title);
            cell.map(|(_, text)| f64::from(indent(text)))
        } else {
            None
        };
        let mut item = reading.row(row)?;
        if by_level || by_indent {
            // A name of its own, so that what stands deeper finds it.
            let name = format!("\u{0}{n}");
            let level = level.unwrap_or(0.0);
            while above.last().is_some_and(|(over, _)| *over >= level) {
                above.pop();
            }
            item.parents = above
                .last()
                .map(|(_, name)| name.clone())
                .into_iter()
                .collect();
            item.aliases.push(name.clone());
            above.push((level, name));
        }
        loose.push(item);
    }
    let fields = reading
        .custom
        .into_iter()
        .map(|custom| Field {
            name: custom.name,
            kind: custom.kind.to_owned(),
            options: Vec::new(),
        })
        .collect();
    Ok(assemble(loose, fields, report))
}

/// How deep `2` or `1.2.3` is.
fn level(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches('.');
    match text.matches('.').count() {
        0 => text.parse::<f64>().ok().filter(|n| n.is_finite()),
        dots if text.split('.').all(|part| part.parse::<u32>().is_ok()) => {
            u32::try_from(dots).ok().map(f64::from)
        }
        _ => None,
    }
}

/// How far a title is indented, a tab as four spaces.
fn indent(text: &str) -> u32 {
    text.chars()
        .map_while(|c| match c {
            ' ' | '\u{a0}' => Some(1),
            '\t' => Some(4),
            _ => None,
        })
        .sum()
}

/// Whether titles are indented, and the first one isn't.
fn indented(table: &Table, mapping: &Mapping) -> bool {
    let title = mapping
        .columns
        .iter()
        .position(|target| *target == Target::Title);
    let mut titles = table
        .rows
        .iter()
        .filter_map(|row| row.cells.iter().find(|(column, _)| Some(*column) == title));
    titles.next().is_some_and(|(_, first)| indent(first) == 0)
        && titles.any(|(_, text)| indent(text) > 0)
}

impl Reading<'_> {
    /// Looks at all rows for what one alone doesn't say: the order of dates, the kinds of fields.
    fn survey(&mut self, table: &Table) {
        let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
        let mut filled = vec![false; table.columns.len()];
        for (column, _) in table.rows.iter().flat_map(|row| &row.cells) {
            if let Some(filled) = filled.get_mut(*column) {
                *filled = true;
            }
        }
        for (column, name) in table.columns.iter().enumerate() {
            if self.mapping.columns.get(column) != Some(&Target::Custom) {
                continue;
            }
            let shown = field_name(name);
            let next = self.custom.len();
            if let Some(at) = by_name.get(&shown) {
                self.custom_of.insert(column, *at);
            } else if filled[column] {
                if next >= MAX_FIELDS {
                    let message = format!(
                        "Only {MAX_FIELDS} custom fields are taken; {} is left out.",
                        short(&shown)
                    );
                    self.report
                        .add(Level::Warning, "too_many_fields", message, 0);
                    continue;
                }
                by_name.insert(shown.clone(), next);
                self.custom_of.insert(column, next);
                self.custom.push(Custom {
                    name: shown,
                    kind: "text",
                    order: DayOrder::Unknown,
                });
            }
        }
        #[derive(Default, Clone)]
        struct Seen {
            all: usize,
            numbers: usize,
            dates: usize,
            links: usize,
            order: DayOrder,
        }
        let mut seen = vec![Seen::default(); self.custom.len()];
        for row in &table.rows {
            for (column, text) in &row.cells {
                let order = words::day_order(text);
                match self.mapping.columns.get(*column) {
                    Some(Target::StartDate | Target::DueDate) if order != DayOrder::Unknown => {
                        self.orders.insert(*column, order);
                    }
                    Some(Target::Custom) => {
                        let Some(seen) =
                            self.custom_of.get(column).and_then(|at| seen.get_mut(*at))
                        else {
                            continue;
                        };
                        seen.all += 1;
                        seen.numbers += usize::from(words::number(text).is_some());
                        seen.dates += usize::from(looks_like_a_date(text));
                        seen.links += usize::from(is_link(text));
                        if order != DayOrder::Unknown {
                            seen.order = order;
                        }
                    }
                    _ => {}
                }
            }
        }
        for (custom, seen) in self.custom.iter_mut().zip(seen) {
            custom.order = seen.order;
            custom.kind = match seen.all {
                0 => "text",
                all if all == seen.numbers => "number",
                all if all == seen.dates => "date",
                all if all == seen.links => "url",
                _ => "text",
            };
        }
    }

    fn row(&mut self, row: Row) -> Result<Loose, Error> {
        let mut entry = Entry {
            line: row.line,
            ..Entry::default()
        };
        let (mut ids, mut parents): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        let mut category = None;
        let mut unknown_status = false;
        let mut custom: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (column, text) in row.cells {
            let Some(target) = self.mapping.columns.get(column).copied() else {
                continue;
            };
            let word = || one_line(&text);
            match target {
                Target::Title => entry.title = word(),
                Target::Description => entry.description = Some(self.description(&text)),
                Target::Type => self.item_type(&word(), &mut entry),
                Target::Status => {
                    let word = word();
                    entry.status = self
                        .mapping
                        .statuses
                        .get(&word)
                        .copied()
                        .or_else(|| words::status(&word));
                    unknown_status = words::status(&word).is_none();
                    if unknown_status {
                        let to = entry.status.unwrap_or(Status::Backlog);
                        self.report.add(
                            Level::Info,
                            "status_mapped",
                            format!("The status {} is read as “{to}”.", short(&word)),
                            row.line,
                        );
                    }
                }
                Target::StatusCategory => category = words::status(&text),
                Target::Priority => {
                    let word = word();
                    entry.priority = self
                        .mapping
                        .priorities
                        .get(&word)
                        .copied()
                        .or_else(|| words::priority(&word));
                    if words::priority(&word).is_none() {
                        let to = entry.priority.unwrap_or(Priority::None);
                        self.report.add(
                            Level::Info,
                            "priority_mapped",
                            format!("The priority {} is read as “{to}”.", short(&word)),
                            row.line,
                        );
                    }
                }
                Target::Assignees => {
                    let names = text
                        .split([';', ',', '\n'])
                        .map(one_line)
                        .filter(|name| !name.is_empty());
                    entry.assignees.extend(names);
                }
                Target::Labels => {
                    let all: &[char] = if text.contains([',', ';', '\n']) {
                        &[',', ';', '\n']
                    } else {
                        &[' ', '\t']
                    };
                    entry.labels.extend(
                        text.split(all)
                            .map(one_line)
                            .filter(|label| !label.is_empty()),
                    );
                }
                Target::Estimate => {
                    entry.estimate = words::number(&text);
                    if entry.estimate.is_none() {
                        self.report.add(
                            Level::Warning,
                            "not_a_number",
                            format!("The estimate {} isn't a number.", short(&text)),
                            row.line,
                        );
                    }
                }
                Target::StartDate | Target::DueDate => {
                    let order = self.orders.get(&column).copied().unwrap_or_default();
                    let date = words::date(&text, order);
                    if date.is_none() {
                        self.report.add(
                            Level::Warning,
                            "not_a_date",
                            format!("{} isn't a date.", short(&text)),
                            row.line,
                        );
                    }
                    if target == Target::StartDate {
                        entry.start = date;
                    } else {
                        entry.due = date;
                    }
                }
                Target::Criteria => entry.criteria.extend(text.lines().filter_map(criterion)),
                Target::Id => ids.push(word()),
                Target::Parent => parents.push(word()),
                Target::Attachment => {
                    let name = word();
                    self.report.add(
                        Level::Warning,
                        "attachment",
                        format!(
                            "Attached files aren't in the export: {}.",
                            short(&attachment_name(&name))
                        ),
                        row.line,
                    );
                    entry.attachments.push(name);
                }
                Target::Custom => {
                    if let Some(at) = self.custom_of.get(&column) {
                        custom.entry(*at).or_default().push(text.trim().to_owned());
                    }
                }
                Target::Level | Target::Ignore => {}
            }
        }
        if unknown_status && entry.status == Some(Status::Backlog) && category.is_some() {
            entry.status = category;
        }
        for (at, values) in custom {
            if let Some(value) = self.value(at, &values, row.line) {
                entry.custom.push((at, value));
            }
        }
        bound(&mut entry, self.report)?;
        ids.reverse();
        entry.key = ids.pop().unwrap_or_default();
        Ok(Loose {
            entry,
            aliases: ids,
            parents,
        })
    }

    fn description(&mut self, text: &str) -> Value {
        match self.mapping.text {
            TextForm::Markdown => from_markdown(text),
            TextForm::Wiki => from_wiki(text),
            TextForm::Html => from_html(text),
            TextForm::Plain => from_plain(text),
        }
    }

    fn item_type(&mut self, word: &str, entry: &mut Entry) {
        let known = words::item_type(word);
        let item_type = self
            .mapping
            .types
            .get(word)
            .copied()
            .or(known.map(|(known, _)| known))
            .unwrap_or(ItemType::Task);
        entry.item_type = Some(item_type);
        let exact = known.is_some_and(|(known, exact)| exact && known == item_type);
        if !exact && !word.is_empty() {
            // The word isn't lost.
            entry.labels.push(word.to_lowercase());
            let message = format!(
                "The type {} becomes “{item_type}” with the label {}.",
                short(word),
                short(&word.to_lowercase())
            );
            self.report
                .add(Level::Info, "type_mapped", message, entry.line);
        }
    }

    fn value(&mut self, at: usize, values: &[String], line: u64) -> Option<Value> {
        let custom = &self.custom[at];
        let first = values.iter().find(|value| !value.is_empty())?;
        Some(match custom.kind {
            "number" => words::number(first)?.into(),
            "date" => words::date(first, custom.order)?.into(),
            "url" => first.clone().into(),
            _ => {
                let mut text = values.join(", ");
                if text.len() > MAX_VALUE {
                    text.truncate(text.floor_char_boundary(MAX_VALUE));
                    let message = format!(
                        "Values of {} are cut after {MAX_VALUE} bytes.",
                        short(&custom.name)
                    );
                    self.report.add(Level::Warning, "value_cut", message, line);
                }
                text.into()
            }
        })
    }
}

/// A criterion of a line such as `- [x] It works`.
pub(crate) fn criterion(line: &str) -> Option<Criterion> {
    let line = line.trim();
    let text = line.trim_start_matches(['-', '*', '•']).trim_start();
    let (done, text) = match text.get(..3) {
        Some("[x]" | "[X]") => (true, &text[3..]),
        Some("[ ]") => (false, &text[3..]),
        _ => (false, text),
    };
    let text = one_line(text);
    (!text.is_empty()).then_some(Criterion { text, done })
}

/// The file's name in Jira's `date;author;name;address`.
fn attachment_name(cell: &str) -> String {
    let parts: Vec<&str> = cell.split(';').collect();
    match parts[..] {
        [_, _, name, address, ..] if address.contains("://") => name.to_owned(),
        _ => cell.to_owned(),
    }
}

fn is_link(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with("https://") || text.starts_with("http://"))
        && !text.contains(char::is_whitespace)
}

fn looks_like_a_date(text: &str) -> bool {
    text.len() <= 40
        && text.contains(|c: char| c.is_ascii_digit())
        && words::date(text, DayOrder::Unknown)
            .or_else(|| words::date(text, DayOrder::DayFirst))
            .is_some()
}

/// The name of a custom field: `Custom field (Team)` is Team.
fn field_name(name: &str) -> String {
    let name = one_line(name);
    let inner = name
        .strip_prefix("Custom field (")
        .and_then(|rest| rest.strip_suffix(')'));
    let mut name = inner.unwrap_or(&name).to_owned();
    crate::outline::cut(&mut name, 100);
    if name.is_empty() {
        "Column".into()
    } else {
        name
    }
}
