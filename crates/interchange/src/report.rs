//! What could not be taken as it was.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most lines of a report; what comes after is counted in the last one.
pub const MAX_LINES: usize = 300;
/// The most nodes of all descriptions of a file: some hundred bytes of memory each.
const MAX_NODES: usize = 2_000_000;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Something that people may want to know.
    Info,
    /// Something was changed or left out.
    Warning,
    /// An item, or the whole file, could not be taken.
    Error,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReportLine)]
pub struct Line {
    /// How much it matters.
    pub level: Level,
    /// A constant word for it.
    pub code: String,
    /// What happened, a sentence.
    pub message: String,
    /// The first place in the file: a line, or a row; from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<u64>,
    /// How often.
    pub count: u64,
}

/// Lines, each once, with how often.
#[derive(Debug, Clone, Default)]
pub struct Report {
    lines: Vec<Line>,
    index: HashMap<(String, String), usize>,
    /// Of the descriptions that were read so far.
    nodes: usize,
}

impl Report {
    /// Adds a line, or counts it; `line` 0 is nowhere.
    pub fn add(&mut self, level: Level, code: &str, message: String, line: u64) {
        let key = (code.to_owned(), message);
        if let Some(&at) = self.index.get(&key) {
            self.lines[at].count += 1;
            return;
        }
        let (code, message) = if self.lines.len() < MAX_LINES {
            key
        } else {
            (
                "more".to_owned(),
                "There is more that isn't listed.".to_owned(),
            )
        };
        let key = (code.clone(), message.clone());
        if let Some(&at) = self.index.get(&key) {
            self.lines[at].count += 1;
            return;
        }
        self.index.insert(key, self.lines.len());
        self.lines.push(Line {
            level,
            code,
            message,
            line: (line > 0).then_some(line),
            count: 1,
        });
    }

    /// Counts nodes of a description; `false` when the file has too many.
    pub(crate) fn count_nodes(&mut self, more: usize) -> bool {
        self.nodes += more;
        self.nodes <= MAX_NODES
    }

    /// The lines: errors first, then warnings, each in the order they came.
    pub fn into_lines(mut self) -> Vec<Line> {
        self.lines.sort_by_key(|line| std::cmp::Reverse(line.level));
        self.lines
    }
}
