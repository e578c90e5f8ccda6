//! Where what was asked stands in a text.

use std::sync::OnceLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder};

use crate::find::edits;
use crate::parse::Asked;
use crate::text::{Word, folded_prefix, may_cut_before, words};

/// How long a snippet is, about, in characters.
const SNIPPET: usize = 180;
/// What stands before the first mark, at most.
const LEAD: usize = 50;
/// So much of a text is looked at, in bytes.
const LOOKED_AT: usize = 64 * 1024;

/// A text with what matches in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// The text.
    pub text: String,
    /// From and to, in UTF-16 code units: in order, apart from each other, on the borders of characters.
    pub marks: Vec<[u32; 2]>,
}

/// Finds what was asked in texts.
pub struct Marker {
    words: Vec<Pattern>,
    phrases: Vec<Vec<String>>,
}

struct Pattern {
    text: String,
    prefix: bool,
    /// Accepts what is nearly it; `None` when it is too short for that.
    near: Option<DFA>,
}

/// A match: from and to in bytes, and what it is a match of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    from: usize,
    to: usize,
    of: usize,
}

fn builder(edits: u8) -> &'static LevenshteinAutomatonBuilder {
    static BUILDERS: [OnceLock<LevenshteinAutomatonBuilder>; 2] = [const { OnceLock::new() }; 2];
    BUILDERS[usize::from(edits > 1)].get_or_init(|| LevenshteinAutomatonBuilder::new(edits, true))
}

impl Marker {
    /// For what was asked.
    pub fn new(asked: &Asked) -> Self {
        let words = asked
            .words
            .iter()
            .map(|word| {
                let open = asked.open.as_ref() == Some(word);
                let near = edits(word).map(|edits| {
                    if open {
                        builder(edits).build_prefix_dfa(word)
                    } else {
                        builder(edits).build_dfa(word)
                    }
                });
                Pattern {
                    text: word.clone(),
                    prefix: crate::find::is_prefix(word, open),
                    near,
                }
            })
            .collect();
        Self {
            words,
            phrases: asked.phrases.clone(),
        }
    }

    /// The title with its marks, and the part of `body` where most of what was asked stands; `None` when nothing does.
    pub fn mark(&self, title: &str, body: &str) -> (Marked, Option<Marked>) {
        let body = match body.char_indices().find(|(at, _)| *at >= LOOKED_AT) {
            Some((end, _)) => &body[..end],
            None => body,
        };
        let (title_words, body_words) = (words(title), words(body));
        let mut title_hits = self.hits(title, &title_words, None);
        let mut body_hits = self.hits(body, &body_words, None);
        // A word that stands nowhere as it was typed was mistyped.
        for (of, pattern) in self.words.iter().enumerate() {
            let found = |hits: &[Hit]| hits.iter().any(|hit| hit.of == of);
            if pattern.near.is_some() && !found(&title_hits) && !found(&body_hits) {
                title_hits.extend(self.hits(title, &title_words, Some(of)));
                body_hits.extend(self.hits(body, &body_words, Some(of)));
            }
        }
        title_hits.sort_unstable();
        body_hits.sort_unstable();
        let title = render(title, 0, title.len(), &title_hits);
        let snippet = window(body, &body_hits).map(|(from, to)| render(body, from, to, &body_hits));
        (title, snippet)
    }

    /// All matches, or those that are nearly the word `near`.
    fn hits(&self, text: &str, words: &[Word], near: Option<usize>) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let hit = |of, to| Hit {
                from: word.from,
                to,
                of,
            };
            if let Some(of) = near {
                let dfa = self.words[of].near.as_ref();
                if dfa.is_some_and(|dfa| matches!(dfa.eval(&word.text), Distance::Exact(_))) {
                    hits.push(hit(of, word.to));
                }
                continue;
            }
            for (of, pattern) in self.words.iter().enumerate() {
                if word.text == pattern.text {
                    hits.push(hit(of, word.to));
                } else if pattern.prefix && word.text.starts_with(&pattern.text) {
                    let part = folded_prefix(&text[word.from..word.to], pattern.text.len());
                    hits.push(hit(of, word.from + part));
                }
            }
            for (of, phrase) in self.phrases.iter().enumerate() {
                if let Some(to) = phrase_end(phrase, &words[index..]) {
                    hits.push(hit(self.words.len() + of, to));
                }
            }
        }
        hits
    }
}

/// Where a phrase ends that begins with the first of `words`.
fn phrase_end(phrase: &[String], words: &[Word]) -> Option<usize> {
    let first = words.first()?;
    let mut end = None;
    for (offset, wanted) in phrase.iter().enumerate() {
        let word = words
            .iter()
            .take_while(|word| word.position <= first.position + offset)
            .find(|word| word.position == first.position + offset && word.text == *wanted)?;
        end = Some(word.to);
    }
    end
}

/// The part of a text to show: where the most different things match, then the most of them, then the first.
fn window(text: &str, hits: &[Hit]) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize, usize)> = None;
    for (index, first) in hits.iter().enumerate() {
        // Bytes, not characters: near enough for choosing.
        let inside: Vec<&Hit> = hits[index..]
            .iter()
            .take_while(|hit| hit.to <= first.from + SNIPPET - LEAD)
            .take(64)
            .collect();
        let mut kinds: Vec<usize> = inside.iter().map(|hit| hit.of).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let value = (kinds.len(), inside.len());
        if best.is_none_or(|(kinds, count, _)| value > (kinds, count)) {
            best = Some((value.0, value.1, first.from));
        }
    }
    let (_, _, at) = best?;
    let from = start(text, at);
    Some((from, end(text, from)))
}

/// Up to [`LEAD`] characters before `at`, at the beginning of a word if there is one.
fn start(text: &str, at: usize) -> usize {
    let mut hard = at;
    let mut soft = None;
    for (count, (index, c)) in text[..at].char_indices().rev().enumerate() {
        if count == LEAD || c == '\n' {
            let line = (c == '\n').then_some(index + 1);
            return line.or(soft).unwrap_or(hard);
        }
        if c.is_whitespace() {
            soft = Some(index + c.len_utf8());
        }
        if may_cut_before(c) {
            hard = index;
        }
    }
    0
}

/// [`SNIPPET`] characters on, at the end of a word if there is one near.
fn end(text: &str, from: usize) -> usize {
    let mut hard = from;
    let mut soft = None;
    for (count, (index, c)) in text[from..].char_indices().enumerate() {
        if may_cut_before(c) {
            hard = from + index;
        }
        if c.is_whitespace() && count > SNIPPET / 2 {
            soft = Some(from + index);
        }
        if count >= SNIPPET && (hard > from || count > 4 * SNIPPET) {
            return soft.unwrap_or(if hard > from { hard } else { from + index });
        }
    }
    text.len()
}

/// The part of a text from `from` to `to`, on one line, with marks where it is hit. What is cut off shows as `…`.
fn render(text: &str, from: usize, to: usize, hits: &[Hit]) -> Marked {
    let mut out = String::new();
    let mut units = 0u32;
    let mut marks: Vec<[u32; 2]> = Vec::new();
    let part = &text[from..to];
    let kept = part.trim_end();
    let skipped = part.len() - part.trim_start().len();
    let cut_before = !text[..from].trim().is_empty();
    if cut_before {
        out.push('…');
        units += 1;
    }
    let mut hits = hits.iter().skip_while(|hit| hit.to <= from).peekable();
    // The end of the mark that is open.
    let mut open: Option<usize> = None;
    let mut blank = false;
    for (index, c) in kept.char_indices().filter(|(index, _)| *index >= skipped) {
        let at = from + index;
        while let Some(hit) = hits.next_if(|hit| hit.from <= at) {
            if hit.to <= at {
                continue;
            }
            match (&mut open, marks.last_mut()) {
                (Some(end), _) => *end = (*end).max(hit.to),
                // Right behind the last one: they are one.
                (None, Some(last)) if last[1] == units => {
                    last[1] = u32::MAX;
                    open = Some(hit.to);
                }
                (None, _) => {
                    marks.push([units, u32::MAX]);
                    open = Some(hit.to);
                }
            }
        }
        let shown = if c.is_whitespace() || c.is_control() {
            ' '
        } else {
            c
        };
        // Line breaks and indents are one space.
        if !(shown == ' ' && blank) {
            out.push(shown);
            units += shown.len_utf16() as u32;
        }
        blank = shown == ' ';
        if open.is_some_and(|end| at + c.len_utf8() >= end) {
            open = None;
            if let Some(last) = marks.last_mut() {
                last[1] = units;
            }
        }
    }
    if let Some(last) = marks.last_mut()
        && last[1] == u32::MAX
    {
        last[1] = units;
    }
    if !text[to..].trim().is_empty() {
        out.push('…');
    }
    Marked { text: out, marks }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marked(query: &str, text: &str) -> Vec<String> {
        let (title, _) = Marker::new(&Asked::read(query)).mark(text, "");
        parts(&title)
    }

    fn parts(marked: &Marked) -> Vec<String> {
        let units: Vec<u16> = marked.text.encode_utf16().collect();
        marked
            .marks
            .iter()
            .map(|[from, to]| {
                String::from_utf16(&units[*from as usize..*to as usize]).expect("whole characters")
            })
            .collect()
    }

    #[test]
    fn what_matches_is_marked() {
        assert_eq!(
            marked("page log", "The Login page, logged"),
            ["Log", "page", "log"]
        );
        assert_eq!(
            marked("grosse", "Die GRÖSSE und Größe"),
            ["GRÖSSE", "Größe"]
        );
        assert_eq!(marked("gro", "👩‍🚀 Größe"), ["Grö"]);
        assert_eq!(marked("検", "全文検索"), ["検"]);
        assert_eq!(marked("検索", "全文検索と検索"), ["検索", "検索"]);
        assert_eq!(marked("検索機能", "新しい検索機能です"), ["検索機能"]);
        // Mistyped, and only where it isn't there as typed.
        assert_eq!(marked("shedule", "Schedule of the day"), ["Schedule"]);
        assert_eq!(marked("pages", "pages and paged"), ["pages"]);
        assert_eq!(marked("\"the day\"", "The night, the  day"), ["the day"]);
        assert_eq!(
            marked("\"設計 review\"", "詳細設計 Review"),
            ["設計 Review"]
        );
    }

    #[test]
    fn the_snippet_is_where_most_of_it_stands() {
        let body = format!(
            "{} first word\n{} here the second and the first together {}",
            "lorem ".repeat(60),
            "ipsum ".repeat(60),
            "dolor ".repeat(60)
        );
        let marker = Marker::new(&Asked::read("first second"));
        let (_, snippet) = marker.mark("x", &body);
        let snippet = snippet.unwrap();
        assert_eq!(parts(&snippet), ["second", "first"]);
        assert!(
            snippet.text.starts_with('…') && snippet.text.ends_with('…'),
            "{}",
            snippet.text
        );
        assert!(snippet.text.chars().count() < SNIPPET + 5);
        assert!(!snippet.text.contains('\n'));
        assert_eq!(marker.mark("first", "nothing here").1, None);
        // Short texts are shown whole.
        let (_, whole) = marker.mark("", "First things\n\n  first");
        let whole = whole.unwrap();
        assert_eq!(whole.text, "First things first");
        assert_eq!(whole.marks, [[0, 5], [13, 18]]);
    }

    fn sound(marked: &Marked) -> Result<(), TestCaseError> {
        let units: Vec<u16> = marked.text.encode_utf16().collect();
        let mut last = 0;
        for (index, [from, to]) in marked.marks.iter().enumerate() {
            prop_assert!(from < to && (*to as usize) <= units.len());
            prop_assert!(index == 0 || *from > last);
            prop_assert!(String::from_utf16(&units[*from as usize..*to as usize]).is_ok());
            last = *to;
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn marks_are_sound_in_any_text(
            query in "(\\PC{0,6} ?){0,4}",
            title in "[\\PC\\n\\t]{0,40}",
            body in "([\\PC\\n]{0,30}|検索|👩‍🚀 |e\u{301}| word ){0,30}",
        ) {
            let (title, snippet) = Marker::new(&Asked::read(&query)).mark(&title, &body);
            sound(&title)?;
            if let Some(snippet) = snippet {
                prop_assert!(!snippet.marks.is_empty());
                sound(&snippet)?;
            }
        }

        #[test]
        fn a_word_of_the_text_is_found_in_it(text in "(\\PC{1,12} ){1,10}", pick in 0usize..20) {
            let all = words(&text);
            prop_assume!(!all.is_empty());
            let word = &all[pick % all.len()];
            let asked = Asked::read(&text[word.from..word.to]);
            prop_assume!(asked.has_text());
            let (title, _) = Marker::new(&asked).mark(&text, "");
            prop_assert!(!title.marks.is_empty());
            sound(&title)?;
        }
    }
}
