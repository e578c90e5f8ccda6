//! Items as CSV, for spreadsheets; the CSV reader takes it back.

use serde_json::Value;

use crate::outline::{Entry, Field};
use crate::rich::to_markdown;

/// How a cell begins that a spreadsheet takes for a formula. Such a cell gets an apostrophe.
pub const DANGEROUS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

const COLUMNS: [&str; 13] = [
    "Id",
    "Parent",
    "Type",
    "Status",
    "Priority",
    "Title",
    "Assignees",
    "Labels",
    "Estimate",
    "Start date",
    "Due date",
    "Acceptance criteria",
    "Description",
];

/// The line of column names. The file begins with a byte order mark, since spreadsheets ask for it.
pub fn header(fields: &[Field]) -> String {
    let names = COLUMNS
        .iter()
        .copied()
        .chain(fields.iter().map(|field| field.name.as_str()));
    format!("\u{feff}{}", line(names))
}

/// One item's line. `key` and `parent` are what the file calls it and what it stands under.
pub fn row(entry: &Entry, key: &str, parent: &str, fields: usize) -> String {
    let criteria: Vec<String> = entry
        .criteria
        .iter()
        .map(|criterion| {
            format!(
                "[{}] {}",
                if criterion.done { 'x' } else { ' ' },
                criterion.text.replace('\n', " ")
            )
        })
        .collect();
    let description = entry
        .description
        .as_ref()
        .map(to_markdown)
        .unwrap_or_default();
    let estimate = entry.estimate.map(|n| n.to_string()).unwrap_or_default();
    let (assignees, labels, criteria) = (
        entry.assignees.join(", "),
        entry.labels.join(", "),
        criteria.join("\n"),
    );
    let cells = [
        key,
        parent,
        entry.item_type.map_or("", |word| word.as_str()),
        entry.status.map_or("", |word| word.as_str()),
        entry.priority.map_or("", |word| word.as_str()),
        &entry.title,
        &assignees,
        &labels,
        &estimate,
        entry.start.as_deref().unwrap_or_default(),
        entry.due.as_deref().unwrap_or_default(),
        &criteria,
        description.trim_end(),
    ];
    let custom: Vec<String> = (0..fields)
        .map(|field| {
            entry
                .custom
                .iter()
                .find(|(at, _)| *at == field)
                .map(|(_, value)| cell(value))
                .unwrap_or_default()
        })
        .collect();
    line(cells.into_iter().chain(custom.iter().map(String::as_str)))
}

/// A custom field's value as text.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            out.push(',');
        }
        // A number below zero is a number.
        let protect = cell.starts_with(DANGEROUS) && cell.parse::<f64>().is_err();
        let quote = protect
            || cell.contains(['"', ',', ';', '\n', '\r'])
            || cell.starts_with(' ')
            || cell.ends_with(' ');
        if quote {
            out.push('"');
        }
        if protect {
            out.push('\'');
        }
        if quote {
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    out.push_str("\r\n");
    out
}
