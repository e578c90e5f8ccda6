//! From text to words: the same way for what is indexed, what is asked and what is marked.
//!
//! Case and accents are folded. Words are runs of letters and digits. Scripts that don't put spaces between words
//! (Chinese, Japanese, Thai and their neighbours) give overlapping pairs of characters, and the last character of a run by
//! itself, so that every character begins a word and a single one can be found as a prefix.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest word, in folded characters. What is longer is cut: its beginning is still found.
const LONGEST: usize = 48;

/// A word in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Folded; never empty.
    pub(crate) text: String,
    /// Where it begins in the original, in bytes.
    pub(crate) from: usize,
    /// Where it ends.
    pub(crate) to: usize,
    /// Its place among the words. The character that ends a run of pairs shares the place of the last pair.
    pub(crate) position: usize,
}

/// A text without case and accents, for comparing names.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            out.push(' ');
        } else {
            fold_char(c, &mut out);
        }
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// A letter or digit of a script with spaces between words.
    Letter,
    /// A character of a script without them.
    Dense,
    /// Belongs to the character before it.
    Mark,
    /// Between words.
    Gap,
}

fn class(c: char) -> Class {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() {
            Class::Letter
        } else {
            Class::Gap
        };
    }
    match c {
        // Soft hyphen, joiners, half-width voicing marks.
        '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{ff9e}' | '\u{ff9f}' => Class::Mark,
        c if is_combining_mark(c) => Class::Mark,
        '\u{0e00}'..='\u{0eff}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' // Myanmar
        | '\u{1780}'..='\u{17ff}' // Khmer
        | '\u{2e80}'..='\u{2fdf}' // radicals
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{312f}' // Kana, Bopomofo
        | '\u{31a0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9d}'
        | '\u{20000}'..='\u{3ffff}'
            if c.is_alphanumeric() => Class::Dense,
        c if c.is_alphanumeric() => Class::Letter,
        _ => Class::Gap,
    }
}

/// Accents that fold away. Marks of other scripts make a letter another one, and stay.
fn is_accent(c: char) -> bool {
    matches!(
        c,
        '\u{0300}'..='\u{036f}'
            | '\u{0591}'..='\u{05c7}'
            | '\u{0610}'..='\u{061a}'
            | '\u{064b}'..='\u{065f}'
            | '\u{0670}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{fe20}'..='\u{fe2f}'
    )
}

fn fold_char(c: char, out: &mut String) {
    if c.is_ascii() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        }
        return;
    }
    // Hangul: a syllable is one character here, and jamo otherwise.
    if matches!(c, '\u{ac00}'..='\u{d7a3}') {
        return out.push(c);
    }
    for part in std::iter::once(c).nfkd() {
        match part {
            // Letters that don't decompose into a base and an accent.
            'ß' | 'ẞ' => out.push_str("ss"),
            'æ' | 'Æ' => out.push_str("ae"),
            'œ' | 'Œ' => out.push_str("oe"),
            'ø' | 'Ø' => out.push('o'),
            'ł' | 'Ł' => out.push('l'),
            'đ' | 'Đ' | 'ð' | 'Ð' => out.push('d'),
            'þ' | 'Þ' => out.push_str("th"),
            'ħ' | 'Ħ' => out.push('h'),
            'ı' | 'İ' => out.push('i'),
            'ς' => out.push('σ'),
            part if is_accent(part) => {}
            part => out.extend(part.to_lowercase().filter(|lower| {
                lower.is_alphanumeric() || (is_combining_mark(*lower) && !is_accent(*lower))
            })),
        }
    }
}

/// All words of a text, in order.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut splitter = Splitter::new(text);
    let mut all = Vec::new();
    while let Some(word) = splitter.next() {
        all.push(word);
    }
    all
}

/// Walks through a text.
pub(crate) struct Splitter<'a> {
    text: &'a str,
    at: usize,
    position: usize,
    /// Characters of a run without spaces that are still to be paired: folded, from, to.
    run: Vec<(String, usize, usize)>,
    /// The next one of them.
    next: usize,
}

impl<'a> Splitter<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            position: 0,
            run: Vec::new(),
            next: 0,
        }
    }

    fn next(&mut self) -> Option<Word> {
        loop {
            if self.next < self.run.len() {
                if let Some(word) = self.pair() {
                    return Some(word);
                }
                continue;
            }
            let rest = &self.text[self.at..];
            let (skip, first) = rest
                .char_indices()
                .map(|(at, c)| (at, class(c)))
                .find(|(_, class)| matches!(class, Class::Letter | Class::Dense))?;
            self.at += skip;
            if first == Class::Dense {
                self.read_run();
            } else if let Some(word) = self.read_word() {
                return Some(word);
            }
        }
    }

    fn read_word(&mut self) -> Option<Word> {
        let from = self.at;
        let mut folded = String::new();
        let mut length = 0;
        for (at, c) in self.text[from..].char_indices() {
            if matches!(class(c), Class::Gap | Class::Dense) {
                break;
            }
            self.at = from + at + c.len_utf8();
            if length < LONGEST {
                fold_char(c, &mut folded);
                length += 1;
            }
        }
        if folded.is_empty() {
            return None;
        }
        self.position += 1;
        Some(Word {
            text: folded,
            from,
            to: self.at,
            position: self.position - 1,
        })
    }

    fn read_run(&mut self) {
        self.run.clear();
        self.next = 0;
        let start = self.at;
        for (at, c) in self.text[start..].char_indices() {
            let from = start + at;
            match class(c) {
                Class::Dense => self.run.push((String::new(), from, from)),
                Class::Mark => {}
                Class::Letter | Class::Gap => break,
            }
            self.at = from + c.len_utf8();
            if let Some((folded, _, to)) = self.run.last_mut() {
                if folded.len() < LONGEST {
                    fold_char(c, folded);
                }
                *to = self.at;
            }
        }
        self.run.retain(|(folded, _, _)| !folded.is_empty());
    }

    fn pair(&mut self) -> Option<Word> {
        let (first, from, to) = self.run.get(self.next)?;
        let alone = self.run.len() == 1;
        let word = match self.run.get(self.next + 1) {
            Some((second, _, to)) => {
                self.position += 1;
                Word {
                    text: format!("{first}{second}"),
                    from: *from,
                    to: *to,
                    position: self.position - 1,
                }
            }
            None => {
                if alone {
                    self.position += 1;
                }
                Word {
                    text: first.clone(),
                    from: *from,
                    to: *to,
                    position: self.position - 1,
                }
            }
        };
        self.next += 1;
        Some(word)
    }
}

/// The words of something that is asked: a run of several characters is its pairs alone.
pub(crate) fn asked_words(text: &str) -> Vec<String> {
    let mut asked: Vec<Word> = Vec::new();
    for word in words(text) {
        if asked
            .last()
            .is_some_and(|last| last.position == word.position)
        {
            continue;
        }
        asked.push(word);
    }
    asked.into_iter().map(|word| word.text).collect()
}

/// Where the beginning of `text` ends that folds to at least `length` bytes.
pub(crate) fn folded_prefix(text: &str, length: usize) -> usize {
    let mut folded = String::new();
    let mut end = 0;
    for (at, c) in text.char_indices() {
        // Marks go with their letter.
        if folded.len() >= length && class(c) != Class::Mark {
            break;
        }
        fold_char(c, &mut folded);
        end = at + c.len_utf8();
    }
    end
}

/// Whether a text may be cut before this character.
pub(crate) fn may_cut_before(c: char) -> bool {
    class(c) != Class::Mark && !matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

/// The words as the index takes them.
#[derive(Clone, Default)]
pub(crate) struct Words;

pub(crate) struct Stream<'a> {
    splitter: Splitter<'a>,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        Stream {
            splitter: Splitter::new(text),
            token: Token::default(),
        }
    }
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        let Some(word) = self.splitter.next() else {
            return false;
        };
        self.token = Token {
            offset_from: word.from,
            offset_to: word.to,
            position: word.position,
            text: word.text,
            position_length: 1,
        };
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn case_and_accents_fold() {
        for (text, folded) in [
            ("Größe ÉCLAIR", vec!["grosse", "eclair"]),
            (
                "Ærøskøbing Łódź İstanbul",
                vec!["aeroskobing", "lodz", "istanbul"],
            ),
            ("ΣΊΣΥΦΟΣ Ёлка", vec!["σισυφοσ", "елка"]),
            ("e\u{301}te\u{301}", vec!["ete"]),
            ("ＡＢＣ ﬁt ①", vec!["abc", "fit", "1"]),
            (
                "user-id in_progress don't",
                vec!["user", "id", "in", "progress", "don", "t"],
            ),
            ("한국어 검색", vec!["한국어", "검색"]),
            ("שָׁלוֹם مُحَمَّد", vec!["שלום", "محمد"]),
            ("हिन्दी", vec!["हिन्दी"]),
            ("— … 🚀 \u{301}", vec![]),
        ] {
            assert_eq!(texts(text), folded, "{text}");
        }
    }

    #[test]
    fn scripts_without_spaces_give_pairs() {
        assert_eq!(texts("検索機能"), ["検索", "索機", "機能", "能"]);
        assert_eq!(
            texts("全文search引擎"),
            ["全文", "文", "search", "引擎", "擎"]
        );
        assert_eq!(texts("字"), ["字"]);
        assert_eq!(asked_words("検索機能 字"), ["検索", "索機", "機能", "字"]);
        // Half-width kana are the same words.
        assert_eq!(texts("ガギ"), texts("ｶﾞｷﾞ"));
        let positions: Vec<usize> = words("設計 review")
            .iter()
            .map(|word| word.position)
            .collect();
        assert_eq!(positions, [0, 0, 1]);
        assert!(texts("สวัสดี").len() > 2);
    }

    proptest! {
        #[test]
        fn words_stand_in_the_text_in_order(text in "\\PC{0,60}") {
            let mut last = 0;
            for word in words(&text) {
                prop_assert!(!word.text.is_empty());
                prop_assert!(text.get(word.from..word.to).is_some());
                prop_assert!(word.from < word.to && word.from >= last);
                last = word.from;
            }
        }

        #[test]
        fn folding_is_stable(text in "\\PC{0,30}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn what_is_asked_is_in_the_text_it_was_taken_from(text in "\\PC{0,40}") {
            let all = texts(&text);
            for word in asked_words(&text) {
                prop_assert!(all.contains(&word));
            }
        }
    }
}
