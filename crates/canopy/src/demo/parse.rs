//! From the text of the spec to items.

use std::fmt;

use model::{ItemType, Priority, Status};

use super::rich::Blocks;
use super::{DemoItem, PEOPLE};

/// What a text says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Demo {
    /// In the order of the text; keys from 0.
    pub items: Vec<DemoItem>,
}

/// A line that is not of the format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParseError {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for ParseError {}

impl ParseError {
    pub(super) fn new(line: usize, what: impl Into<String>) -> Self {
        Self {
            line,
            what: what.into(),
        }
    }
}

/// Reads items from Markdown-like text.
///
/// ```text
/// # Title [epic in_progress high #label]
/// ## Title [feature todo]                 the number of # is the depth
/// ### Title [story done medium 5 @maya]   type, status, priority, estimate, #labels, @person
/// A paragraph with **bold**, *italic*, `code` and a [link](https://example.com).
/// It goes on until an empty line.
///
/// = Heading                               in a description; == is one level below
/// - a bullet
/// 1. an ordered entry
/// > a quotation
/// - [ ] an acceptance criterion           plain text; [x] is one that holds
///   lines of a list go on indented
/// ```
///
/// Blocks of code stand between lines of three backticks, the first with the language. The
/// attributes are in any order; only the type must be there.
///
/// # Errors
/// The first line that is not of the format.
pub(crate) fn parse(text: &str) -> Result<Demo, ParseError> {
    let mut demo = Demo::default();
    // Keys of the items from the root to the one being read.
    let mut path: Vec<usize> = Vec::new();
    let mut blocks = Blocks::default();
    for (line, text) in (1..).zip(text.lines()) {
        if text.starts_with('#') && !blocks.in_code() {
            finish(&mut demo, &mut blocks)?;
            let key = demo.items.len();
            let (depth, mut item) = heading(line, text)?;
            if depth > path.len() {
                return Err(ParseError::new(
                    line,
                    "deeper than a child of the last item",
                ));
            }
            path.truncate(depth);
            item.key = key;
            item.parent = path.last().copied();
            path.push(key);
            demo.items.push(item);
        } else if demo.items.is_empty() && !text.trim().is_empty() {
            return Err(ParseError::new(line, "text before the first item"));
        } else {
            blocks.line(line, text)?;
        }
    }
    finish(&mut demo, &mut blocks)?;
    Ok(demo)
}

/// Gives the blocks read so far to the last item.
fn finish(demo: &mut Demo, blocks: &mut Blocks) -> Result<(), ParseError> {
    let (description, criteria) = std::mem::take(blocks).finish()?;
    if let Some(item) = demo.items.last_mut() {
        item.description = description;
        item.criteria = criteria;
    }
    Ok(())
}

/// The line of an item: its depth, from 0, and the item without key and parent.
fn heading(line: usize, text: &str) -> Result<(usize, DemoItem), ParseError> {
    let error = |what: &str| ParseError::new(line, what);
    let rest = text.trim_start_matches('#');
    let depth = text.len() - rest.len() - 1;
    let (title, attributes) = rest
        .strip_prefix(' ')
        .and_then(|rest| rest.trim_end().strip_suffix(']'))
        .and_then(|rest| rest.rsplit_once('['))
        .ok_or_else(|| error("an item is written `# Title [type …]`"))?;
    let title = title.trim();
    if title.is_empty() {
        return Err(error("an item needs a title"));
    }

    let mut item_type = None;
    let mut status = None;
    let mut priority = None;
    let mut estimate = None;
    let mut assignee = None;
    let mut labels = Vec::new();
    for word in attributes.split_whitespace() {
        let fresh = if let Some(label) = word.strip_prefix('#') {
            labels.push(label.to_owned());
            !label.is_empty()
        } else if let Some(handle) = word.strip_prefix('@') {
            let person = person(handle).ok_or_else(|| error("nobody has this handle"))?;
            assignee.replace(person).is_none()
        } else if let Ok(word) = word.parse::<ItemType>() {
            item_type.replace(word).is_none()
        } else if let Ok(word) = word.parse::<Status>() {
            status.replace(word).is_none()
        } else if let Ok(word) = word.parse::<Priority>() {
            priority.replace(word).is_none()
        } else if let Ok(points) = word.parse::<u32>() {
            estimate.replace(f64::from(points)).is_none()
        } else {
            return Err(error(&format!("unknown attribute {word:?}")));
        };
        if !fresh {
            return Err(error(&format!("{word:?} is empty or a second one")));
        }
    }
    let item = DemoItem {
        key: 0,
        parent: None,
        title: title.to_owned(),
        item_type: item_type.ok_or_else(|| error("an item needs a type"))?,
        status: status.unwrap_or(Status::Backlog),
        priority: priority.unwrap_or(Priority::None),
        estimate,
        labels,
        assignee,
        description: content::prosemirror::doc([]),
        criteria: Vec::new(),
        diagram: None,
    };
    Ok((depth, item))
}

/// The index of the person whose email starts with `handle@`.
fn person(handle: &str) -> Option<usize> {
    PEOPLE.iter().position(|(_, email)| {
        email
            .split_once('@')
            .is_some_and(|(name, _)| name == handle)
    })
}
