//! The body of an item: blocks of rich text, and acceptance criteria.

use content::prosemirror as pm;
use serde_json::{Value, json};

use super::ParseError;

/// What is being read, with the line it starts on. Text is gathered until the block ends.
#[derive(Debug)]
enum Open {
    Paragraph(usize, String),
    Quote(usize, String),
    Bullets(Vec<(usize, String)>),
    Ordered(Vec<(usize, String)>),
    Criterion(usize, String, bool),
    Code(usize, String, Vec<String>),
}

/// Reads a body line by line.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    open: Option<Open>,
    blocks: Vec<Value>,
    criteria: Vec<(String, bool)>,
}

impl Blocks {
    /// Whether the next line is of a block of code.
    pub(super) fn in_code(&self) -> bool {
        matches!(self.open, Some(Open::Code(..)))
    }

    pub(super) fn line(&mut self, line: usize, text: &str) -> Result<(), ParseError> {
        if let Some(Open::Code(_, _, lines)) = &mut self.open {
            if text == "```" {
                return self.close();
            }
            lines.push(text.to_owned());
            return Ok(());
        }
        let text = text.trim_end();
        if text.is_empty() {
            return self.close();
        }
        if let Some(rest) = text.strip_prefix("  ") {
            let entry = match &mut self.open {
                Some(Open::Bullets(entries) | Open::Ordered(entries)) => {
                    entries.last_mut().map(|(_, text)| text)
                }
                Some(Open::Criterion(_, text, _)) => Some(text),
                _ => None,
            };
            let entry = entry.ok_or_else(|| ParseError::new(line, "indented without a list"))?;
            append(entry, rest.trim_start());
            return Ok(());
        }
        if let Some(language) = text.strip_prefix("```") {
            self.close()?;
            self.open = Some(Open::Code(line, language.to_owned(), Vec::new()));
        } else if let Some(title) = text.strip_prefix("== ") {
            self.close()?;
            self.blocks.push(pm::heading(3, title));
        } else if let Some(title) = text.strip_prefix("= ") {
            self.close()?;
            self.blocks.push(pm::heading(2, title));
        } else if let Some(rest) = text.strip_prefix("> ") {
            match &mut self.open {
                Some(Open::Quote(_, text)) => append(text, rest),
                _ => {
                    self.close()?;
                    self.open = Some(Open::Quote(line, rest.to_owned()));
                }
            }
        } else if let Some(rest) = text.strip_prefix("- [ ] ") {
            self.close()?;
            self.open = Some(Open::Criterion(line, rest.to_owned(), false));
        } else if let Some(rest) = text.strip_prefix("- [x] ") {
            self.close()?;
            self.open = Some(Open::Criterion(line, rest.to_owned(), true));
        } else if let Some(rest) = text.strip_prefix("- ") {
            match &mut self.open {
                Some(Open::Bullets(entries)) => entries.push((line, rest.to_owned())),
                _ => {
                    self.close()?;
                    self.open = Some(Open::Bullets(vec![(line, rest.to_owned())]));
                }
            }
        } else if let Some((number, rest)) = ordered(text) {
            match &mut self.open {
                Some(Open::Ordered(entries)) if number == entries.len() + 1 => {
                    entries.push((line, rest.to_owned()));
                }
                _ if number != 1 => {
                    return Err(ParseError::new(line, "an ordered list counts from 1"));
                }
                _ => {
                    self.close()?;
                    self.open = Some(Open::Ordered(vec![(line, rest.to_owned())]));
                }
            }
        } else {
            match &mut self.open {
                Some(Open::Paragraph(_, whole)) => append(whole, text),
                Some(_) => {
                    return Err(ParseError::new(
                        line,
                        "an empty line must stand before this",
                    ));
                }
                None => self.open = Some(Open::Paragraph(line, text.to_owned())),
            }
        }
        Ok(())
    }

    /// Ends the block that is being read.
    fn close(&mut self) -> Result<(), ParseError> {
        let block = match self.open.take() {
            None => return Ok(()),
            Some(Open::Criterion(line, text, done)) => {
                // It is a Y.Text: marks would be shown as they are written.
                if text.contains(['*', '`']) {
                    return Err(ParseError::new(
                        line,
                        "an acceptance criterion is plain text",
                    ));
                }
                self.criteria.push((text, done));
                return Ok(());
            }
            Some(Open::Paragraph(line, text)) => pm::rich(inline(line, &text)?),
            Some(Open::Quote(line, text)) => {
                json!({ "type": "blockquote", "content": [pm::rich(inline(line, &text)?)] })
            }
            Some(Open::Bullets(entries)) => {
                json!({ "type": "bulletList", "content": list_items(entries)? })
            }
            Some(Open::Ordered(entries)) => json!({
                "type": "orderedList", "attrs": { "start": 1 }, "content": list_items(entries)?,
            }),
            Some(Open::Code(_, language, lines)) => {
                let language = Some(language.as_str()).filter(|language| !language.is_empty());
                pm::code(language, &lines.join("\n"))
            }
        };
        self.blocks.push(block);
        Ok(())
    }

    /// The description and the acceptance criteria.
    pub(super) fn finish(mut self) -> Result<(Value, Vec<(String, bool)>), ParseError> {
        if let Some(Open::Code(line, ..)) = self.open {
            return Err(ParseError::new(line, "a block of code without an end"));
        }
        self.close()?;
        Ok((pm::doc(self.blocks), self.criteria))
    }
}

fn append(text: &mut String, more: &str) {
    text.push(' ');
    text.push_str(more);
}

/// `12. text` as 12 and the text.
fn ordered(text: &str) -> Option<(usize, &str)> {
    let (number, rest) = text.split_once(". ")?;
    let digits = !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit());
    digits.then(|| number.parse().ok().map(|number| (number, rest)))?
}

fn list_items(entries: Vec<(usize, String)>) -> Result<Vec<Value>, ParseError> {
    let item = |(line, text): (usize, String)| {
        Ok(json!({ "type": "listItem", "content": [pm::rich(inline(line, &text)?)] }))
    };
    entries.into_iter().map(item).collect()
}

/// Text nodes of a line: bold, italic, code, links. Marks don't nest.
fn inline(line: usize, mut text: &str) -> Result<Vec<Value>, ParseError> {
    let unclosed = |what: &str| ParseError::new(line, format!("{what} without an end"));
    let mut nodes = Vec::new();
    let mut plain = String::new();
    while let Some(at) = text.find(['*', '`', '[']) {
        plain.push_str(&text[..at]);
        text = &text[at..];
        let (node, rest) = if let Some(rest) = text.strip_prefix("**") {
            let (inner, rest) = rest.split_once("**").ok_or_else(|| unclosed("bold"))?;
            (pm::bold(inner), rest)
        } else if let Some(rest) = text.strip_prefix('*') {
            let (inner, rest) = rest.split_once('*').ok_or_else(|| unclosed("italic"))?;
            (marked(inner, "italic"), rest)
        } else if let Some(rest) = text.strip_prefix('`') {
            let (inner, rest) = rest.split_once('`').ok_or_else(|| unclosed("code"))?;
            (marked(inner, "code"), rest)
        } else if let Some((inner, href, rest)) = link(text) {
            (pm::link(inner, href), rest)
        } else {
            plain.push('[');
            text = &text[1..];
            continue;
        };
        if node["text"] == "" {
            return Err(ParseError::new(line, "a mark of nothing"));
        }
        if !plain.is_empty() {
            nodes.push(pm::text(&plain));
            plain.clear();
        }
        nodes.push(node);
        text = rest;
    }
    plain.push_str(text);
    if !plain.is_empty() {
        nodes.push(pm::text(&plain));
    }
    Ok(nodes)
}

/// `[text](href)` at the start: text, href and what follows.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (inner, rest) = text.strip_prefix('[')?.split_once("](")?;
    let (href, rest) = rest.split_once(')')?;
    let absolute = href.starts_with("https://") || href.starts_with("mailto:");
    (absolute && !inner.contains('[')).then_some((inner, href, rest))
}

fn marked(text: &str, mark: &str) -> Value {
    json!({ "type": "text", "text": text, "marks": [{ "type": mark }] })
}
