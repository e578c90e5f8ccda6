//! Jira's wiki markup (Text Formatting Notation) into a document.

use serde_json::{Map, Value, json};

use super::assemble::{Assembler, Level, Mark, object};
use super::html_read::image_node;

/// How far the end of a mark is looked for, in bytes.
const REACH: usize = 2_000;
/// How deep marks may stand in each other.
const MARKS: usize = 8;

/// Jira's wiki markup as a document. Total: what isn't markup is text.
pub fn from_wiki(source: &str) -> Value {
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = Reader {
        out: Assembler::new(),
        lists: Vec::new(),
        boxes: Vec::new(),
    };
    reader.run(&source);
    reader.out.finish()
}

struct Reader {
    out: Assembler,
    /// Open lists: the sign, the list, its last entry.
    lists: Vec<(char, Level, Level)>,
    /// Open boxes: `quote`, `panel`, …
    boxes: Vec<(&'static str, Level)>,
}

/// Macros that hold blocks, and what they become.
const BOXES: [(&str, &str); 7] = [
    ("quote", ""),
    ("panel", "note"),
    ("info", "note"),
    ("note", "important"),
    ("tip", "tip"),
    ("warning", "warning"),
    ("success", "tip"),
];

impl Reader {
    fn run(&mut self, source: &str) {
        let mut rest = source;
        while !rest.is_empty() {
            let end = rest.find('\n').unwrap_or(rest.len());
            let line = &rest[..end];
            // A block of code may begin inside a line.
            if let Some((before, name, options, at)) = raw_macro(line) {
                self.block(before);
                rest = self.code(name, options, &rest[at..]);
                continue;
            }
            self.block(line);
            rest = rest.get(end + 1..).unwrap_or_default();
        }
    }

    /// A block of code up to its end; gives what stands behind.
    fn code<'a>(&mut self, name: &str, options: &str, body: &'a str) -> &'a str {
        let end = format!("{{{name}}}");
        let (code, rest) = body.split_once(end.as_str()).unwrap_or((body, ""));
        let language = options
            .split('|')
            .map(|option| option.strip_prefix("language=").unwrap_or(option))
            .find(|option| !option.is_empty() && !option.contains('=') && option.len() <= 30)
            .map(super::normal::language);
        self.out.end_text();
        let language = language.flatten().filter(|_| name == "code");
        let level = self
            .out
            .open("codeBlock", object(json!({ "language": language })));
        self.out
            .text(code.strip_prefix('\n').unwrap_or(code).trim_end());
        self.out.close(level);
        rest.strip_prefix('\n').unwrap_or(rest)
    }

    fn end_lists(&mut self) {
        if let Some((_, level, _)) = self.lists.first() {
            let level = *level;
            self.out.close(level);
        }
        self.lists.clear();
    }

    fn block(&mut self, line: &str) {
        let mut trimmed = line.trim();
        if trimmed.is_empty() {
            self.end_lists();
            self.out.end_text();
            return;
        }
        // A loop: a line may have as many of them as it has room for.
        while let Some(rest) = self.boxed(trimmed) {
            trimmed = rest.trim();
            if trimmed.is_empty() {
                return;
            }
        }
        if trimmed.len() >= 4 && trimmed.bytes().all(|b| b == b'-') {
            self.end_lists();
            self.out.end_text();
            self.out.leaf(json!({ "type": "horizontalRule" }));
            return;
        }
        if let Some((level, text)) = heading(trimmed) {
            self.end_lists();
            let level = self
                .out
                .open("heading", object(json!({ "level": level.min(3) })));
            self.inline(text, 0);
            self.out.close(level);
            return;
        }
        if let Some(text) = trimmed.strip_prefix("bq. ") {
            self.end_lists();
            let level = self.out.begin("blockquote");
            self.inline(text, 0);
            self.out.close(level);
            return;
        }
        if let Some((signs, text)) = entry(trimmed) {
            self.entry(signs, text);
            return;
        }
        if trimmed.starts_with('|') && trimmed.len() > 1 {
            self.end_lists();
            self.row(trimmed);
            return;
        }
        // A line under an entry goes on in it; under a paragraph, it is its next line.
        if self.out.in_text() && !self.out.in_code() {
            self.out.hard_break();
        } else {
            self.out.end_table();
        }
        self.inline(trimmed, 0);
    }

    /// A macro such as `{panel:title=x}` that begins or ends here; gives the rest of the line.
    fn boxed<'a>(&mut self, line: &'a str) -> Option<&'a str> {
        let inner = line.strip_prefix('{')?;
        let (head, rest) = inner.split_once('}')?;
        let (name, options) = head.split_once(':').unwrap_or((head, ""));
        let (name, kind) = BOXES.iter().find(|(known, _)| *known == name)?;
        self.end_lists();
        self.out.end_text();
        if let Some(at) = self.boxes.iter().rposition(|(open, _)| open == name) {
            let level = self.boxes[at].1;
            self.boxes.truncate(at);
            self.out.close(level);
            return Some(rest);
        }
        let level = match *kind {
            "" => self.out.begin("blockquote"),
            kind => self.out.open("callout", object(json!({ "kind": kind }))),
        };
        self.boxes.push((name, level));
        let title = options
            .split('|')
            .find_map(|option| option.strip_prefix("title="));
        if let Some(title) = title.filter(|title| !title.is_empty()) {
            let level = self.out.begin("paragraph");
            self.out.mark(Mark::plain("bold"));
            self.out.text(title);
            self.out.unmark("bold");
            self.out.close(level);
        }
        // It may end on the same line.
        let end = format!("{{{name}}}");
        if let Some((inside, after)) = rest.split_once(end.as_str()) {
            if !inside.trim().is_empty() {
                self.block(inside);
            }
            self.end_lists();
            self.out.end_text();
            self.boxes.pop();
            self.out.close(level);
            return Some(after);
        }
        Some(rest)
    }

    fn entry(&mut self, signs: &str, text: &str) {
        let signs: Vec<char> = signs.chars().take(20).collect();
        let keep = self
            .lists
            .iter()
            .zip(&signs)
            .take_while(|((open, ..), sign)| open == *sign)
            .count();
        if keep == signs.len() && keep < self.lists.len()
            || keep < signs.len().min(self.lists.len())
        {
            let level = self.lists[keep].1;
            self.out.close(level);
            self.lists.truncate(keep);
        }
        if keep == signs.len() {
            // Another entry of the innermost list.
            if let Some((sign, list, item)) = self.lists.pop() {
                self.out.close(item);
                let item = self.out.begin("listItem");
                self.lists.push((sign, list, item));
            }
        } else {
            if keep == 0 {
                self.out.end_text();
            }
            for sign in &signs[keep..] {
                let list = match sign {
                    '#' => self.out.open("orderedList", object(json!({ "start": 1 }))),
                    _ => self.out.begin("bulletList"),
                };
                let item = self.out.begin("listItem");
                self.lists.push((*sign, list, item));
            }
        }
        self.inline(text, 0);
    }

    fn row(&mut self, line: &str) {
        self.out.need_table();
        let row = self.out.begin("tableRow");
        let attrs: Map<String, Value> = object(json!({ "colspan": 1, "rowspan": 1 }));
        let mut rest = line;
        for _ in 0..200 {
            let head = rest.starts_with("||");
            rest = rest.trim_start_matches('|');
            if rest.trim().is_empty() {
                break;
            }
            let end = cell_end(rest);
            let cell = self.out.open(
                if head { "tableHeader" } else { "tableCell" },
                attrs.clone(),
            );
            let mut lines = rest[..end].split("\\\\");
            self.inline(lines.next().unwrap_or_default().trim(), 0);
            for line in lines {
                self.out.hard_break();
                self.inline(line.trim(), 0);
            }
            self.out.close(cell);
            rest = &rest[end..];
            if rest.is_empty() {
                break;
            }
        }
        self.out.close(row);
    }

    fn inline(&mut self, text: &str, depth: usize) {
        let mut rest = text;
        let mut before: Option<char> = None;
        let mut plain = String::new();
        while let Some(c) = rest.chars().next() {
            let used = self.token(rest, before, depth, &mut plain);
            let used = if used > 0 {
                used
            } else {
                plain.push(c);
                c.len_utf8()
            };
            before = rest[..used].chars().next_back();
            rest = &rest[used..];
        }
        self.out.text(&plain);
    }

    fn flush(&mut self, plain: &mut String) {
        self.out.text(plain);
        plain.clear();
    }

    /// Reads markup at the beginning of `rest`; gives how many bytes it was, 0 for none.
    fn token(
        &mut self,
        rest: &str,
        before: Option<char>,
        depth: usize,
        plain: &mut String,
    ) -> usize {
        if let Some(after) = rest.strip_prefix('\\') {
            if after.starts_with('\\') {
                self.flush(plain);
                self.out.hard_break();
                return 2;
            }
            if let Some(c) = after.chars().next().filter(char::is_ascii_punctuation) {
                plain.push(c);
                return 2;
            }
            return 0;
        }
        if let Some(inner) = rest.strip_prefix("{{") {
            let Some(end) = within(inner).find("}}").filter(|end| *end > 0) else {
                return 0;
            };
            self.flush(plain);
            self.out.mark(Mark::plain("code"));
            self.out.text(&inner[..end]);
            self.out.unmark("code");
            return end + 4;
        }
        if rest.starts_with('{') {
            // {color:red}, {anchor:x}, {color}
            let Some(end) = within(rest).find('}') else {
                return 0;
            };
            let name = rest[1..end].split(':').next().unwrap_or_default();
            let known = [
                "color", "anchor", "quote", "panel", "info", "note", "tip", "warning", "success",
            ]
            .contains(&name);
            return if known { end + 1 } else { 0 };
        }
        if rest.starts_with('[') {
            return self.link(rest, plain);
        }
        if rest.starts_with('!') {
            return self.image(rest, plain);
        }
        for (sign, mark) in [
            ("??", "italic"),
            ("*", "bold"),
            ("_", "italic"),
            ("-", "strike"),
            ("+", "underline"),
        ] {
            let Some(inner) = rest.strip_prefix(sign) else {
                continue;
            };
            let opens = before.is_none_or(|c| !c.is_alphanumeric())
                && inner.chars().next().is_some_and(|c| !c.is_whitespace());
            if !opens || depth >= MARKS || inner.starts_with(sign) {
                return 0;
            }
            let Some(end) = closing(inner, sign) else {
                return 0;
            };
            self.flush(plain);
            self.out.mark(Mark::plain(mark));
            self.inline(&inner[..end], depth + 1);
            self.out.unmark(mark);
            return end + 2 * sign.len();
        }
        0
    }

    fn link(&mut self, rest: &str, plain: &mut String) -> usize {
        let Some(end) = within(rest).find(']') else {
            return 0;
        };
        let inner = &rest[1..end];
        if let Some(user) = inner.strip_prefix('~') {
            let user = user.strip_prefix("accountid:").unwrap_or(user);
            plain.push('@');
            plain.push_str(user);
            return end + 1;
        }
        let (label, address) = match inner.split_once('|') {
            Some((label, rest)) => (label, rest.split('|').next().unwrap_or_default()),
            None => (inner, inner),
        };
        let address = address.trim();
        let is_address =
            address.contains("://") || address.starts_with("mailto:") || address.starts_with('/');
        if !is_address {
            // An anchor or an attached file: its name says what it was.
            return match address.starts_with(['#', '^']) {
                true => {
                    plain.push_str(if label == inner { &address[1..] } else { label });
                    end + 1
                }
                false => 0,
            };
        }
        self.flush(plain);
        self.out.mark(Mark::link(address));
        self.out.text(if label.trim().is_empty() {
            address
        } else {
            label
        });
        self.out.unmark("link");
        end + 1
    }

    fn image(&mut self, rest: &str, plain: &mut String) -> usize {
        let Some(end) = within(&rest[1..]).find('!').filter(|end| *end > 0) else {
            return 0;
        };
        let inner = &rest[1..=end];
        let (name, options) = inner.split_once('|').unwrap_or((inner, ""));
        let file = name.rsplit_once('.').is_some_and(|(_, extension)| {
            (2..=5).contains(&extension.len())
                && extension.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        if !file || name.starts_with(char::is_whitespace) || name.contains('\n') {
            return 0;
        }
        if name.contains("://") {
            let width = options.split(',').find_map(|option| {
                option
                    .trim()
                    .strip_prefix("width=")?
                    .trim_end_matches("px")
                    .parse()
                    .ok()
            });
            self.flush(plain);
            self.out.leaf(image_node(name, "", width));
        } else {
            plain.push_str(&format!("[image: {name}]"));
        }
        end + 2
    }
}

/// The first `REACH` bytes.
fn within(text: &str) -> &str {
    &text[..text.floor_char_boundary(text.len().min(REACH))]
}

/// Where a mark's second sign stands.
fn closing(inner: &str, sign: &str) -> Option<usize> {
    let reach = within(inner);
    reach.match_indices(sign).map(|(at, _)| at).find(|at| {
        let before = reach[..*at].chars().next_back();
        let after = inner[at + sign.len()..].chars().next();
        before.is_some_and(|c| !c.is_whitespace() && c != '\\')
            && after.is_none_or(|c| !c.is_alphanumeric())
    })
}

fn heading(line: &str) -> Option<(u32, &str)> {
    let rest = line.strip_prefix('h')?;
    let level = rest
        .chars()
        .next()?
        .to_digit(10)
        .filter(|n| (1..=6).contains(n))?;
    let text = rest[1..].strip_prefix('.')?;
    Some((level, text.trim()))
}

/// `**# text`
fn entry(line: &str) -> Option<(&str, &str)> {
    let at = line.find(|c| !"*#-".contains(c))?;
    let (signs, text) = line.split_at(at);
    (!signs.is_empty() && text.starts_with(' ') && !signs.contains("--"))
        .then(|| (signs, text.trim()))
}

/// Where a table's cell ends: at a `|` that isn't in a link or code.
fn cell_end(text: &str) -> usize {
    let mut depth = 0usize;
    let last_close = text.rfind([']', '}']);
    for (at, c) in text.char_indices() {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            '|' if depth == 0 || last_close.is_none_or(|last| last < at) => return at,
            _ => {}
        }
    }
    text.len()
}

/// A `{code}` or `{noformat}` that begins in this line: what stands before, its name, its options,
/// and where what is in it begins.
fn raw_macro(line: &str) -> Option<(&str, &'static str, &str, usize)> {
    let (at, name) = line.match_indices('{').find_map(|(at, _)| {
        let name = ["code", "noformat"].into_iter().find(|name| {
            let behind = line[at + 1..].strip_prefix(name);
            behind.is_some_and(|behind| behind.starts_with(['}', ':']))
        })?;
        Some((at, name))
    })?;
    let head = &line[at + 1 + name.len()..];
    let (options, inside) = head.split_once('}')?;
    let begins = line.len() - inside.len();
    Some((&line[..at], name, options.trim_start_matches(':'), begins))
}
