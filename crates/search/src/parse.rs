//! What somebody types: words, "phrases", and filters like `status:done`.

use std::collections::BTreeSet;

use model::{ItemType, Status};

use crate::text::asked_words;

/// The longest query, in characters.
pub const MAX_QUERY: usize = 500;
/// More words than this are not looked at.
const MAX_WORDS: usize = 12;
/// More phrases than this are not looked at.
const MAX_PHRASES: usize = 4;
/// Words of a phrase that are looked at.
const MAX_PHRASE: usize = 16;
/// More filters than this are not looked at.
const MAX_FILTERS: usize = 20;

/// A filter that only the caller can resolve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// `me`, `none`, a person's id or the beginning of a name.
    Assignee(String),
    /// A project's key or id.
    Project(String),
}

/// What was asked. Anything can be asked: what makes no sense is text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Folded words, each once. All must be there.
    pub(crate) words: Vec<String>,
    /// The word that is perhaps still being typed: the last thing in the query.
    pub(crate) open: Option<String>,
    /// Folded phrases.
    pub(crate) phrases: Vec<Vec<String>>,
    /// Any of these, if there are any.
    pub statuses: BTreeSet<Status>,
    /// Any of these, if there are any.
    pub types: BTreeSet<ItemType>,
    /// All of these, as they stand on items but for case and accents.
    pub labels: Vec<String>,
    /// The others.
    pub filters: Vec<Filter>,
}

impl Asked {
    /// Reads a query. At most [`MAX_QUERY`] characters are looked at.
    pub fn read(query: &str) -> Self {
        let end = query
            .char_indices()
            .nth(MAX_QUERY)
            .map_or(query.len(), |(at, _)| at);
        let mut asked = Self::default();
        for part in parts(&query[..end]) {
            asked.open = None;
            match part {
                Part::Phrase(text) => {
                    let mut words = asked_words(text);
                    words.truncate(MAX_PHRASE);
                    match words.len() {
                        0 => {}
                        _ if asked.phrases.len() < MAX_PHRASES => asked.phrases.push(words),
                        _ => {}
                    }
                }
                Part::Filter(key, value, whole) => {
                    if !asked.filter(key, value) {
                        asked.text(whole);
                    }
                }
                Part::Text(text) => asked.text(text),
            }
        }
        asked
    }

    /// Whether there is text to look for.
    pub fn has_text(&self) -> bool {
        !self.words.is_empty() || !self.phrases.is_empty()
    }

    fn text(&mut self, text: &str) {
        for word in asked_words(text) {
            if !self.words.contains(&word) {
                if self.words.len() == MAX_WORDS {
                    return;
                }
                self.words.push(word.clone());
            }
            self.open = Some(word);
        }
    }

    /// `false` when the value is none of the key's.
    fn filter(&mut self, key: &str, value: &str) -> bool {
        let values = || {
            value
                .split(',')
                .map(str::trim)
                .filter(|value| !value.is_empty())
                .take(MAX_FILTERS)
        };
        match key {
            "status" => {
                let found: BTreeSet<Status> = values()
                    .flat_map(|value| begins(Status::ALL, value, Status::as_str))
                    .collect();
                self.statuses.extend(&found);
                !found.is_empty()
            }
            "type" => {
                let found: BTreeSet<ItemType> = values()
                    .flat_map(|value| begins(ItemType::ALL, value, ItemType::as_str))
                    .collect();
                self.types.extend(&found);
                !found.is_empty()
            }
            "label" => {
                if self.labels.len() < MAX_FILTERS {
                    self.labels.push(value.to_owned());
                }
                true
            }
            "assignee" | "project" => {
                let make = if key == "project" {
                    Filter::Project
                } else {
                    Filter::Assignee
                };
                let room = MAX_FILTERS.saturating_sub(self.filters.len());
                self.filters
                    .extend(values().take(room).map(|value| make(value.to_owned())));
                true
            }
            _ => false,
        }
    }
}

/// The words that `value` names or begins: a filter works while it is typed.
fn begins<T: Copy>(all: &[T], value: &str, word: fn(T) -> &'static str) -> Vec<T> {
    let neat = value.to_lowercase().replace(['-', ' '], "_");
    let exact: Vec<T> = all
        .iter()
        .copied()
        .filter(|one| word(*one) == neat)
        .collect();
    if !exact.is_empty() || neat.is_empty() {
        return exact;
    }
    all.iter()
        .copied()
        .filter(|one| word(*one).starts_with(&neat))
        .collect()
}

enum Part<'a> {
    Phrase(&'a str),
    /// Key, value, and all of it.
    Filter(&'a str, &'a str, &'a str),
    Text(&'a str),
}

fn parts(query: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = query;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return parts;
        }
        if let Some((inside, after)) = quoted(rest) {
            parts.push(Part::Phrase(inside));
            rest = after;
            continue;
        }
        let end = rest.find(|c: char| c.is_whitespace()).unwrap_or(rest.len());
        let colon = rest[..end].find(':').filter(|at| {
            ["status", "type", "assignee", "label", "project"].contains(&&rest[..*at])
        });
        if let Some(colon) = colon {
            let key = &rest[..colon];
            let value = &rest[colon + 1..];
            if let Some((inside, after)) = quoted(value) {
                let whole = &rest[..rest.len() - after.len()];
                parts.push(Part::Filter(key, inside, whole));
                rest = after;
                continue;
            }
            let value = rest[colon + 1..end].trim_matches('"');
            if !value.is_empty() {
                parts.push(Part::Filter(key, value, &rest[..end]));
                rest = &rest[end..];
                continue;
            }
        }
        parts.push(Part::Text(&rest[..end]));
        rest = &rest[end..];
    }
}

/// What stands in the quotes that `text` begins with, and what comes after. Without an end they are no quotes.
fn quoted(text: &str) -> Option<(&str, &str)> {
    for (open, close) in [('"', '"'), ('“', '”'), ('«', '»'), ('„', '“')] {
        if let Some(rest) = text.strip_prefix(open) {
            return rest.split_once(close);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_phrases_and_filters() {
        let asked = Asked::read(
            "Log-in \"The Größe\" status:done,in-progress type:EPIC label:\"Needs review\" assignee:me project:ROC pass",
        );
        assert_eq!(asked.words, ["log", "in", "pass"]);
        assert_eq!(asked.open.as_deref(), Some("pass"));
        assert_eq!(asked.phrases, [["the", "grosse"]]);
        assert_eq!(
            asked.statuses,
            BTreeSet::from([Status::Done, Status::InProgress])
        );
        assert_eq!(asked.types, BTreeSet::from([ItemType::Epic]));
        assert_eq!(asked.labels, ["Needs review"]);
        assert_eq!(
            asked.filters,
            [Filter::Assignee("me".into()), Filter::Project("ROC".into())]
        );
    }

    #[test]
    fn a_filter_works_while_it_is_typed_and_nonsense_is_text() {
        assert_eq!(Asked::read("status:in").statuses.len(), 2);
        assert_eq!(Asked::read("status:").words, ["status"]);
        let asked = Asked::read("status:foo note:x \"open");
        assert_eq!(asked.words, ["status", "foo", "note", "x", "open"]);
        assert!(asked.statuses.is_empty() && asked.phrases.is_empty());
        assert_eq!(Asked::read("x \"y z\"").open, None);
        assert!(!Asked::read(" \"\" ?! 🚀").has_text());
    }

    #[test]
    fn it_is_bounded() {
        let many: String = (0..400).map(|n| format!("w{n} ")).collect();
        assert_eq!(Asked::read(&many).words.len(), MAX_WORDS);
        assert_eq!(
            Asked::read(&"\"a b\"".repeat(50)).phrases.len(),
            MAX_PHRASES
        );
        assert!(Asked::read(&"project:a,b,c ".repeat(40)).filters.len() <= MAX_FILTERS);
    }

    proptest! {
        #[test]
        fn anything_can_be_asked(query in "\\PC{0,80}") {
            Asked::read(&query);
        }

        #[test]
        fn anything_near_the_grammar_can_be_asked(query in "(status:|label:|\"|,|a|é|検| |“|”){0,30}") {
            Asked::read(&query);
        }
    }
}
