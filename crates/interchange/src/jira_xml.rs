//! Jira's XML export of a search (an RSS document), as a table.

use std::collections::HashMap;

use quick_xml::events::Event;
use quick_xml::reader::Reader;

use crate::outline::MAX_ITEMS;
use crate::read::Error;
use crate::report::{Level, Report};
use crate::table::{MAX_CELL, MAX_COLUMNS, Row, Table};

/// How deep elements may stand in each other.
const MAX_DEPTH: usize = 32;

/// Elements of an item that become columns, by the names that a CSV export has for them.
const COLUMNS: [(&str, &str); 17] = [
    ("key", "Issue key"),
    ("summary", "Summary"),
    ("description", "Description"),
    ("type", "Issue Type"),
    ("parent", "Parent"),
    ("status", "Status"),
    ("statusCategory", "Status Category"),
    ("priority", "Priority"),
    ("resolution", "Resolution"),
    ("assignee", "Assignee"),
    ("reporter", "Reporter"),
    ("label", "Labels"),
    ("due", "Due date"),
    ("component", "Component"),
    ("fixVersion", "Fix version"),
    ("version", "Affects version"),
    ("environment", "Environment"),
];

struct Reading<'a> {
    table: Table,
    index: HashMap<String, usize>,
    report: &'a mut Report,
    row: Row,
    /// A custom field's name, while it is being read.
    field: String,
    field_key: String,
    values: Vec<String>,
}

/// Reads the items of an export. No entity is expanded but the five of XML and numbers, and a
/// document type is refused.
pub(crate) fn table(text: &str, report: &mut Report) -> Result<Table, Error> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut reading = Reading {
        table: Table::default(),
        index: HashMap::new(),
        report,
        row: Row::default(),
        field: String::new(),
        field_key: String::new(),
        values: Vec::new(),
    };
    let mut path: Vec<String> = Vec::new();
    let mut content = String::new();
    let mut seen_rss = false;
    loop {
        match reader
            .read_event()
            .map_err(|error| Error::Xml(error.to_string().chars().take(200).collect()))?
        {
            Event::Eof => break,
            Event::DocType(_) => return Err(Error::Dtd),
            Event::Start(start) => {
                if path.len() >= MAX_DEPTH {
                    return Err(Error::Xml("elements are nested too deep".into()));
                }
                let name = start.name().as_ref().to_owned();
                seen_rss |= name == "rss" || name == "item";
                content.clear();
                reading.begin(&name, &path, |wanted| attribute(&start, wanted));
                path.push(name);
            }
            Event::Empty(start) => {
                let name = start.name().as_ref().to_owned();
                reading.begin(&name, &path, |wanted| attribute(&start, wanted));
                path.push(name);
                reading.end(&path, "")?;
                path.pop();
            }
            Event::End(_) => {
                reading.end(&path, &content)?;
                content.clear();
                path.pop();
            }
            Event::Text(text) => push(&mut content, &text.xml10_content()),
            Event::CData(text) => push(&mut content, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let name = reference.borrow().into_inner();
                match reference.resolve_char_ref() {
                    Ok(Some(c)) => content.push(c),
                    _ => match name.as_ref() {
                        "amp" => content.push('&'),
                        "lt" => content.push('<'),
                        "gt" => content.push('>'),
                        "quot" => content.push('"'),
                        "apos" => content.push('\''),
                        other => push(&mut content, &format!("&{other};")),
                    },
                }
            }
            _ => {}
        }
    }
    if !seen_rss {
        return Err(Error::NotJiraXml);
    }
    if reading.table.rows.is_empty() {
        return Err(Error::Empty);
    }
    Ok(reading.table)
}

fn push(content: &mut String, text: &str) {
    let room = MAX_CELL.saturating_sub(content.len());
    content.push_str(&text[..text.floor_char_boundary(room.min(text.len()))]);
}

fn attribute(start: &quick_xml::events::BytesStart<'_>, wanted: &str) -> Option<String> {
    let attribute = start.try_get_attribute(wanted).ok()??;
    Some(attribute.value.chars().take(500).collect())
}

impl Reading<'_> {
    fn column(&mut self, name: &str) -> Option<usize> {
        if let Some(at) = self.index.get(name) {
            return Some(*at);
        }
        if self.table.columns.len() >= MAX_COLUMNS {
            return None;
        }
        let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
        self.index.insert(name.clone(), self.table.columns.len());
        self.table.columns.push(name);
        Some(self.table.columns.len() - 1)
    }

    fn put(&mut self, column: &str, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        if let Some(column) = self.column(column) {
            self.row.cells.push((column, text.to_owned()));
        }
    }

    fn begin(&mut self, name: &str, path: &[String], attribute: impl Fn(&str) -> Option<String>) {
        match name {
            "item" if path.last().is_some_and(|up| up == "channel") => {
                self.row = Row {
                    line: u64::try_from(self.table.rows.len()).unwrap_or(0) + 1,
                    cells: Vec::new(),
                };
            }
            "customfield" => {
                self.field.clear();
                self.field_key = attribute("key").unwrap_or_default();
                self.values.clear();
            }
            "attachment" => {
                if let Some(name) = attribute("name") {
                    self.put("Attachment", &name);
                }
            }
            "comment" if path.last().is_some_and(|up| up == "comments") => {
                let line = self.row.line;
                self.report.add(
                    Level::Warning,
                    "comments",
                    "Comments aren't taken.".into(),
                    line,
                );
            }
            "issuelink" => {
                let line = self.row.line;
                self.report.add(
                    Level::Warning,
                    "links",
                    "Links between issues aren't taken.".into(),
                    line,
                );
            }
            _ => {}
        }
    }

    fn end(&mut self, path: &[String], content: &str) -> Result<(), Error> {
        let Some(name) = path.last().map(String::as_str) else {
            return Ok(());
        };
        let up = path.len().checked_sub(2).map_or("", |at| path[at].as_str());
        match (up, name) {
            ("channel", "item") => {
                if self.table.rows.len() >= MAX_ITEMS {
                    return Err(Error::TooManyRows);
                }
                let row = std::mem::take(&mut self.row);
                self.table.rows.push(row);
            }
            ("item" | "labels", _) => {
                let column = COLUMNS.iter().find(|(element, _)| *element == name);
                if let Some((element, column)) = column {
                    let nobody = *element == "assignee" && content.trim() == "Unassigned"
                        || *element == "resolution" && content.trim() == "Unresolved";
                    if !nobody {
                        self.put(column, content);
                    }
                }
            }
            ("customfield", "customfieldname") => self.field = content.trim().to_owned(),
            ("customfieldvalues", _) if self.values.len() < 100 => {
                self.values.push(content.trim().to_owned())
            }
            (_, "customfield") => {
                let values = std::mem::take(&mut self.values);
                let values: Vec<String> = values
                    .into_iter()
                    .filter(|value| !value.is_empty())
                    .collect();
                let field = std::mem::take(&mut self.field);
                // Rank and the like are Jira's own affair.
                if values.is_empty()
                    || field.is_empty()
                    || self.field_key.ends_with(":gh-lexo-rank")
                    || self.field_key.ends_with(":gh-global-rank")
                {
                    return Ok(());
                }
                let text = values.join(", ");
                self.put(&field, &text);
            }
            _ => {}
        }
        Ok(())
    }
}
