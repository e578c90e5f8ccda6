//! A work item's document: title, description, acceptance criteria, fields; a canvas, if it is a diagram.

mod criteria;
mod edit;
mod initial;
mod project;

use std::collections::BTreeMap;

use model::{FieldId, ItemType, Priority, Status, UserId};
use serde::Serialize;
use serde_json::{Map, Value};

pub use edit::{CriterionEdit, ItemPatch, ListChange, Spot, edit};
pub use initial::{NewItem, initial};
pub use project::{project, references};

use crate::Problem;
use crate::diagram::Canvas;
use crate::prosemirror::References;

/// The longest title in a row, in characters.
pub const MAX_TITLE: usize = 500;
/// The longest text for search, in bytes.
pub const MAX_TEXT: usize = 200_000;
/// How many acceptance criteria are read.
pub const MAX_CRITERIA: usize = 1000;
/// The longest text of a criterion, in characters.
pub const MAX_CRITERION: usize = 4000;
/// The longest id of a criterion, in bytes.
pub const MAX_CRITERION_ID: usize = 64;
/// How many assignees, and how many labels, are read.
pub const MAX_LIST: usize = 100;
/// The longest label, in characters.
pub const MAX_LABEL: usize = 100;
/// How many of the project's own fields, and how many unknown ones, are read.
pub const MAX_OTHER: usize = 100;
/// The largest of these that is read, in bytes of its JSON.
pub const MAX_OTHER_VALUE: usize = 4000;

/// An item's document as plain values, bounded by the constants of this module.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemDoc {
    /// One line; line breaks are spaces.
    pub title: String,
    /// ProseMirror JSON: `{type: "doc", content: […]}`.
    pub description: Value,
    /// Description, canvas and criteria as text for search, a line for each block.
    pub text: String,
    /// In order.
    pub criteria: Vec<Criterion>,
    /// The rest.
    pub fields: Fields,
    /// What a diagram shows; empty for other items.
    #[serde(skip)]
    pub canvas: Canvas,
    /// Whom and what the description names; what the canvas shows.
    pub references: References,
    /// What was skipped or replaced by a default.
    pub problems: Vec<Problem>,
}

/// An acceptance criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Criterion {
    /// Unique in the item.
    pub id: String,
    /// What must hold.
    pub text: String,
    /// Whether it does.
    pub done: bool,
}

/// An item's fields.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fields {
    /// `task` when it is missing or unknown.
    pub item_type: ItemType,
    /// `backlog` when it is missing or unknown.
    pub status: Status,
    /// `none` when it is missing or unknown.
    pub priority: Priority,
    /// Each once.
    pub assignees: Vec<UserId>,
    /// Each once.
    pub labels: Vec<String>,
    /// Zero or more, finite.
    pub estimate: Option<f64>,
    /// `YYYY-MM-DD`.
    pub start: Option<String>,
    /// `YYYY-MM-DD`.
    pub due: Option<String>,
    /// Values of the project's own fields, as they are: what they should be, the project says.
    pub custom: BTreeMap<FieldId, Value>,
    /// Fields of other names, as they are.
    pub other: Map<String, Value>,
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            item_type: ItemType::Task,
            status: Status::Backlog,
            priority: Priority::None,
            assignees: Vec::new(),
            labels: Vec::new(),
            estimate: None,
            start: None,
            due: None,
            custom: BTreeMap::new(),
            other: Map::new(),
        }
    }
}

/// A title as one line: white space around it dropped, line breaks and their white space one space.
pub fn one_line(text: &str) -> String {
    let lines = text.split(['\n', '\r', '\u{2028}', '\u{2029}']);
    let mut out = String::with_capacity(text.len());
    for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(line);
    }
    out
}

/// Whether `text` is a date of the calendar, `YYYY-MM-DD`.
pub fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| {
        bytes[range].iter().try_fold(0u32, |n, c| {
            c.is_ascii_digit().then(|| n * 10 + u32::from(c - b'0'))
        })
    };
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let (Some(year), Some(month), Some(day)) = (digits(0..4), digits(5..7), digits(8..10)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_of_the_calendar() {
        for good in ["2024-02-29", "2026-12-31", "0001-01-01"] {
            assert!(is_date(good), "{good}");
        }
        let bad = [
            "2023-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "2026-1-1",
        ];
        for bad in bad.into_iter().chain(["", "2026-01-01T00:00", "2026-é1-0"]) {
            assert!(!is_date(bad), "{bad}");
        }
    }

    #[test]
    fn a_title_is_one_line() {
        assert_eq!(one_line("  a \r\n\n b\u{2028}c  d "), "a b c  d");
    }
}
