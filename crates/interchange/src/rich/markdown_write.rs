//! A document as Markdown: CommonMark with GitHub's tables, tasks, strikethrough and alerts.
//!
//! What Markdown has no words for gets an escape, an entity or a tag, so that [`super::from_markdown`] gives back the same document.

use serde_json::Value;

use super::html_write::html_table;
use super::normal::{defuse, normalize};

/// Where inline content stands: what may stand in it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Paragraph,
    Heading,
    Cell,
}

/// A document as Markdown. Ends with a line break unless it is empty.
pub fn to_markdown(doc: &Value) -> String {
    let mut doc = normalize(doc);
    defuse(&mut doc);
    let mut writer = Writer::default();
    writer.blocks(content(&doc));
    writer.out
}

pub(crate) fn content(node: &Value) -> &[Value] {
    node["content"].as_array().map_or(&[], Vec::as_slice)
}

fn kind(node: &Value) -> &str {
    node["type"].as_str().unwrap_or_default()
}

#[derive(Default)]
struct Writer {
    out: String,
    /// What stands before each line: `> `, or the spaces of a list's entry.
    prefix: String,
    /// What stands before the next line instead of the end of `prefix`: a list's marker.
    marker: Option<String>,
}

impl Writer {
    /// Writes one line; an empty one without spaces at its end.
    fn line(&mut self, text: &str) {
        if let Some(marker) = self.marker.take() {
            let kept = self.prefix.len().saturating_sub(marker.chars().count());
            self.out.push_str(&self.prefix[..kept]);
            self.out.push_str(&marker);
        } else {
            self.out.push_str(&self.prefix);
        }
        self.out.push_str(text);
        if text.is_empty() {
            self.out.truncate(self.out.trim_end_matches(' ').len());
        }
        self.out.push('\n');
    }

    fn within(&mut self, prefix: &str, write: impl FnOnce(&mut Self)) {
        let before = self.prefix.len();
        self.prefix.push_str(prefix);
        write(self);
        self.prefix.truncate(before);
    }

    fn blocks(&mut self, blocks: &[Value]) {
        for (i, block) in blocks.iter().enumerate() {
            if i > 0 {
                self.between(&blocks[i - 1], block);
            }
            self.block(block);
        }
    }

    fn block(&mut self, node: &Value) {
        let attrs = &node["attrs"];
        match kind(node) {
            "heading" => {
                let level = attrs["level"].as_u64().unwrap_or(1).clamp(1, 3);
                let mut text = "#".repeat(usize::try_from(level).unwrap_or(1));
                let inline = inline(content(node), Place::Heading);
                if !inline.is_empty() {
                    text.push(' ');
                    text.push_str(&inline);
                }
                self.line(&text);
            }
            "bulletList" => self.entries(node, |_, _| "- ".into()),
            "orderedList" => {
                let start = start(node);
                self.entries(node, |i, _| format!("{}. ", start + i));
            }
            "taskList" => self.entries(node, |_, item| {
                let done = item["attrs"]["checked"] == true;
                if done { "- [x] " } else { "- [ ] " }.into()
            }),
            "blockquote" => self.within("> ", |w| w.blocks(content(node))),
            "callout" => {
                let sort = attrs["kind"].as_str().unwrap_or("note").to_uppercase();
                self.within("> ", |w| {
                    w.line(&format!("[!{sort}]"));
                    let blocks = content(node);
                    if blocks
                        .first()
                        .is_none_or(|first| kind(first) != "paragraph")
                    {
                        w.line("");
                    }
                    w.blocks(blocks);
                });
            }
            "codeBlock" => self.code(node),
            "horizontalRule" => self.line("---"),
            "table" => self.table(node),
            "image" => {
                let mut text = format!(
                    "!{}",
                    link(
                        &escape_plain(attrs["alt"].as_str().unwrap_or_default()),
                        &image_address(attrs)
                    )
                );
                if let Some(width) = attrs["width"].as_u64() {
                    text.push_str(&format!("{{width={width}}}"));
                }
                self.line(&text);
            }
            "file" => {
                let text = link(
                    &escape_plain(attrs["name"].as_str().unwrap_or_default()),
                    &file_address(attrs),
                );
                self.line(&text);
            }
            _ => drop(self.paragraph("", content(node))),
        }
    }

    /// Gives whether it was text: what stands right under it goes on in it.
    fn paragraph(&mut self, task: &str, nodes: &[Value]) -> bool {
        let text = inline(nodes, Place::Paragraph);
        let text = if text.is_empty() { "&nbsp;" } else { &text };
        let mut lines = text.split('\n');
        self.line(&format!("{task}{}", lines.next().unwrap_or_default()));
        for line in lines {
            self.line(line);
        }
        // A line that begins with a tag may be a block of HTML.
        !nodes.is_empty() && !text.starts_with('<')
    }

    fn entries(&mut self, list: &Value, marker: impl Fn(u64, &Value) -> String) {
        let mut before: &[Value] = &[];
        for (i, item) in (0..).zip(content(list)) {
            let blocks = content(item);
            if i > 0 && (is_loose(blocks) || is_loose(before)) {
                self.line("");
            }
            before = blocks;
            let marker = marker(i, item);
            // What belongs to a task stands under its text, not under its box.
            let indent = marker.find(' ').map_or(2, |at| at + 1);
            let (bullet, task) = marker.split_at(indent);
            self.within(&" ".repeat(indent), |w| {
                w.marker = Some(bullet.to_owned());
                w.entry(blocks, task);
            });
        }
    }

    /// An entry's blocks; the first is its paragraph, behind the box of a task.
    fn entry(&mut self, blocks: &[Value], task: &str) {
        let (first, rest) = match blocks {
            [first, rest @ ..] if kind(first) == "paragraph" => (content(first), rest),
            _ => (&[][..], blocks),
        };
        let text = self.paragraph(task, first);
        for (i, block) in rest.iter().enumerate() {
            match i.checked_sub(1).map(|before| &rest[before]) {
                None if text && interrupts(block) => {}
                None => self.line(""),
                Some(before) => self.between(before, block),
            }
            self.block(block);
        }
    }

    fn between(&mut self, before: &Value, block: &Value) {
        self.line("");
        if lists_would_merge(before, block) {
            self.line("<!-- -->");
            self.line("");
        }
    }

    fn code(&mut self, node: &Value) {
        let text: String = content(node)
            .iter()
            .filter_map(|child| child["text"].as_str())
            .collect();
        let language = node["attrs"]["language"]
            .as_str()
            .and_then(super::normal::language)
            .unwrap_or_default();
        let fence = "`".repeat(longest_run(&text, '`').max(2) + 1);
        self.line(&format!("{fence}{language}"));
        if !text.is_empty() {
            for line in text.split('\n') {
                self.line(line);
            }
        }
        self.line(&fence);
    }

    fn table(&mut self, node: &Value) {
        let Some(rows) = pipe_rows(node) else {
            let html = html_table(node);
            for line in html.lines() {
                self.line(line);
            }
            return;
        };
        for (i, cells) in rows.iter().enumerate() {
            let mut line = String::from("|");
            for cell in cells {
                line.push(' ');
                line.push_str(cell);
                line.push_str(if cell.is_empty() { "|" } else { " |" });
            }
            self.line(&line);
            if i == 0 {
                self.line(&format!("|{}", " --- |".repeat(cells.len())));
            }
        }
    }
}

/// Whether a list may stand right under a paragraph.
fn interrupts(list: &Value) -> bool {
    let first = content(list).first().map(content).and_then(<[_]>::first);
    let starts =
        first.is_some_and(|first| kind(first) == "paragraph" && !content(first).is_empty());
    let list = match kind(list) {
        "bulletList" | "taskList" => true,
        "orderedList" => start(list) == 1,
        _ => false,
    };
    list && starts
}

fn start(list: &Value) -> u64 {
    list["attrs"]["start"]
        .as_u64()
        .unwrap_or(1)
        .min(900_000_000)
}

/// Whether an entry has more than a paragraph and lists.
fn is_loose(blocks: &[Value]) -> bool {
    blocks
        .iter()
        .enumerate()
        .any(|(i, block)| match kind(block) {
            "paragraph" => i > 0,
            "bulletList" | "taskList" | "orderedList" => i > 1,
            _ => true,
        })
}

fn lists_would_merge(before: &Value, after: &Value) -> bool {
    let family = |node| match kind(node) {
        "bulletList" | "taskList" => Some('-'),
        "orderedList" => Some('.'),
        _ => None,
    };
    family(before).is_some() && family(before) == family(after)
}

/// A table's cells as lines of text, if GitHub's tables can say it: a first row of headers, then
/// cells, all rows as long, no spans and widths, one paragraph in each.
fn pipe_rows(table: &Value) -> Option<Vec<Vec<String>>> {
    let rows = content(table);
    let width = content(rows.first()?).len();
    let mut out = Vec::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        let cells = content(row);
        if cells.len() != width || width == 0 {
            return None;
        }
        let mut line = Vec::with_capacity(width);
        for cell in cells {
            let one = |key: &str| cell["attrs"][key].as_u64().unwrap_or(1) == 1;
            let expected = if i == 0 { "tableHeader" } else { "tableCell" };
            if kind(cell) != expected
                || !one("colspan")
                || !one("rowspan")
                || !cell["attrs"]["colwidth"].is_null()
            {
                return None;
            }
            match content(cell) {
                [only] if kind(only) == "paragraph" => {
                    line.push(inline(content(only), Place::Cell));
                }
                _ => return None,
            }
        }
        out.push(line);
    }
    Some(out)
}

fn longest_run(text: &str, c: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for other in text.chars() {
        run = if other == c { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

pub(crate) fn image_address(attrs: &Value) -> String {
    match attrs["file"].as_str() {
        Some(file) => format!("file:{file}"),
        None => attrs["src"].as_str().unwrap_or_default().to_owned(),
    }
}

fn file_address(attrs: &Value) -> String {
    let mut out = format!("file:{}", attrs["file"].as_str().unwrap_or_default());
    let mut sign = '?';
    if let Some(size) = attrs["size"].as_u64() {
        out.push_str(&format!("{sign}size={size}"));
        sign = '&';
    }
    if let Some(media_type) = attrs["media_type"].as_str() {
        let plain = media_type.replace(
            |c: char| !(c.is_ascii_alphanumeric() || "/.+-".contains(c)),
            "",
        );
        out.push_str(&format!("{sign}type={plain}"));
    }
    out
}

/// `[text](address)`; `text` is Markdown.
fn link(text: &str, address: &str) -> String {
    format!("[{text}]({})", destination(address))
}

fn destination(address: &str) -> String {
    let plain = !address.is_empty()
        && address
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/:.?#=&%+-_~@!$,;".contains(c));
    let mut out = String::with_capacity(address.len() + 2);
    if !plain {
        out.push('<');
    }
    for (i, c) in address.char_indices() {
        match c {
            '<' | '>' | '\\' => out.extend(['\\', c]),
            '|' => out.push_str("&#124;"),
            '&' if starts_entity(&address[i..]) => out.push_str("&amp;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    if !plain {
        out.push('>');
    }
    out
}

/// Text without marks, for a link's or an image's label.
fn escape_plain(text: &str) -> String {
    let mut out = String::new();
    escape(text, &mut out, Place::Cell, true, true);
    out
}

/// A mark as it is opened and closed.
#[derive(Debug, Clone, PartialEq)]
struct Open {
    mark: Value,
    close: &'static str,
    href: Option<String>,
}

const ORDER: [&str; 6] = ["link", "bold", "italic", "strike", "highlight", "underline"];

fn tags(name: &str) -> (&'static str, &'static str, &'static str) {
    match name {
        "bold" => ("**", "<strong>", "</strong>"),
        "italic" => ("*", "<em>", "</em>"),
        "strike" => ("~~", "<s>", "</s>"),
        "highlight" => ("==", "<mark>", "</mark>"),
        _ => ("", "<u>", "</u>"),
    }
}

fn marks_of(node: &Value) -> Vec<&Value> {
    node["marks"].as_array().into_iter().flatten().collect()
}

fn has(node: &Value, mark: &Value) -> bool {
    marks_of(node).contains(&mark)
}

/// The marks of each node; what isn't text goes along with what stands on both sides.
fn marks_along(nodes: &[Value]) -> Vec<Vec<&Value>> {
    let text = |node: &&Value| kind(node) == "text";
    (0..nodes.len())
        .map(|i| {
            if text(&&nodes[i]) {
                return marks_of(&nodes[i]);
            }
            let before = nodes[..i].iter().rev().find(text);
            let after = nodes[i..].iter().find(text);
            match (before, after) {
                (Some(before), Some(after)) => marks_of(before)
                    .into_iter()
                    .filter(|mark| mark["type"] != "code" && has(after, mark))
                    // A link can't stand in a link.
                    .filter(|mark| mark["type"] != "link" || kind(&nodes[i]) == "hardBreak")
                    .collect(),
                _ => Vec::new(),
            }
        })
        .collect()
}

/// Inline nodes as Markdown. A hard break may bring a line break with it.
fn inline(nodes: &[Value], place: Place) -> String {
    let along = marks_along(nodes);
    let mut out = String::new();
    let mut open: Vec<Open> = Vec::new();
    for (i, node) in nodes.iter().enumerate() {
        let marks = &along[i];
        // Close what ends here, and what was opened inside of it.
        let keep = open
            .iter()
            .position(|o| !marks.contains(&&o.mark))
            .unwrap_or(open.len());
        close(&mut out, &mut open, keep);
        // Open the longest first.
        let mut fresh: Vec<&Value> = marks
            .iter()
            .copied()
            .filter(|mark| mark["type"] != "code" && !open.iter().any(|o| o.mark == **mark))
            .filter(|mark| ORDER.iter().any(|name| mark["type"] == **name))
            .collect();
        let reach = |mark: &Value| {
            along[i..]
                .iter()
                .take_while(|marks| marks.contains(&mark))
                .count()
        };
        let rank = |mark: &Value| ORDER.iter().position(|name| mark["type"] == **name);
        fresh.sort_by_key(|mark| (usize::MAX - reach(mark), rank(mark)));
        let count = fresh.len();
        for (n, mark) in fresh.into_iter().enumerate() {
            let name = mark["type"].as_str().unwrap_or_default();
            if name == "link" {
                out.push('[');
                let href = mark["attrs"]["href"].as_str().unwrap_or_default();
                open.push(Open {
                    mark: mark.clone(),
                    close: "]",
                    href: Some(href.to_owned()),
                });
                continue;
            }
            let (sign, start, end) = tags(name);
            // It closes with what it stands in, too.
            let outer = open.iter().map(|o| reach(&o.mark)).min();
            let covered = &nodes[i..i + reach(mark).min(outer.unwrap_or(usize::MAX))];
            let inner = Inner {
                // Nothing else opens, or closes, between the sign and the letter.
                first: n + 1 == count,
                last: marks_of(&covered[covered.len() - 1])
                    .into_iter()
                    .all(|other| other == mark || open.iter().any(|o| o.mark == *other)),
            };
            let after = nodes.get(i + covered.len());
            if !sign.is_empty() && flanks(&out, covered, after, sign, inner) {
                out.push_str(sign);
                open.push(Open {
                    mark: mark.clone(),
                    close: sign,
                    href: None,
                });
            } else {
                out.push_str(start);
                open.push(Open {
                    mark: mark.clone(),
                    close: end,
                    href: None,
                });
            }
        }
        let last = i + 1 == nodes.len();
        match kind(node) {
            "text" => {
                let text = node["text"].as_str().unwrap_or_default();
                if marks.iter().any(|mark| mark["type"] == "code") {
                    code_span(text, &mut out, place, last);
                } else {
                    let first = out.is_empty() || out.ends_with('\n');
                    escape(text, &mut out, place, first, last);
                }
            }
            "hardBreak" => {
                let line =
                    place == Place::Paragraph && !out.is_empty() && !out.ends_with('\n') && !last;
                out.push_str(if line { "\\\n" } else { "<br>" });
            }
            "mention" | "itemLink" => {
                let (sign, scheme) = if kind(node) == "mention" {
                    ('@', "user")
                } else {
                    ('#', "item")
                };
                let label = node["attrs"]["label"].as_str().unwrap_or_default();
                let id = node["attrs"]["id"].as_str().unwrap_or_default();
                out.push_str(&format!(
                    "[{sign}{}]({})",
                    escape_plain(label),
                    destination(&format!("{scheme}:{id}"))
                ));
            }
            _ => {}
        }
    }
    close(&mut out, &mut open, 0);
    out
}

fn close(out: &mut String, open: &mut Vec<Open>, keep: usize) {
    while open.len() > keep {
        let Some(top) = open.pop() else { return };
        out.push_str(top.close);
        if let Some(href) = top.href {
            out.push_str(&format!("({})", destination(&href)));
        }
    }
}

/// Whether a sign touches the text itself: nothing else stands between them.
struct Inner {
    first: bool,
    last: bool,
}

/// Whether a sign such as `**` around `covered` can't be misread: it touches letters and digits
/// inside, or white space outside.
fn flanks(out: &str, covered: &[Value], after: Option<&Value>, sign: &str, inner: Inner) -> bool {
    let first = covered
        .first()
        .and_then(|node| node["text"].as_str())
        .and_then(|t| t.chars().next());
    let last = covered
        .last()
        .and_then(|node| node["text"].as_str())
        .and_then(|t| t.chars().last());
    let (Some(first), Some(last)) = (first, last) else {
        return false;
    };
    let is_code = |node: Option<&Value>| {
        node.is_some_and(|n| marks_of(n).iter().any(|m| m["type"] == "code"))
    };
    let inner_first = inner.first && first.is_alphanumeric() && !is_code(covered.first());
    let inner_last = inner.last && last.is_alphanumeric() && !is_code(covered.last());
    let space = |c: char| c == ' ' || c == '\n';
    let before = out.chars().next_back();
    let open_outside = before.is_none_or(space);
    let after_outside = match after {
        None => true,
        Some(node) if kind(node) == "hardBreak" => false,
        Some(node) => {
            node["text"].as_str().is_some_and(|t| t.starts_with(' '))
                && marks_of(node).iter().all(|m| m["type"] != "code")
        }
    };
    // Right behind another sign of the same letter, the two would be one.
    let touches = before.is_some_and(|c| sign.starts_with(c)) && !opened_here(out);
    !touches
        && !first.is_whitespace()
        && !last.is_whitespace()
        && (inner_first || open_outside)
        && (inner_last || after_outside)
}

/// Whether the signs at the end of `out` are ones that were just opened: white space or the
/// beginning stands before them.
fn opened_here(out: &str) -> bool {
    let before = out.trim_end_matches(['*', '~', '=']);
    before.is_empty() || before.ends_with([' ', '\n'])
}

fn code_span(text: &str, out: &mut String, place: Place, last: bool) {
    let plain = !text
        .contains(|c: char| c.is_control() || (c.is_whitespace() && c != ' ') || c == '\u{feff}')
        && !text.trim().is_empty()
        && !(place == Place::Cell && (text.contains('|') || text.contains('\\')));
    if !plain {
        out.push_str("<code>");
        escape(text, out, place, false, last);
        out.push_str("</code>");
        return;
    }
    let fence = (1..)
        .find(|n| !runs(text).any(|run| run == *n))
        .unwrap_or(1);
    let fence = "`".repeat(fence);
    let pad = text.starts_with('`')
        || text.ends_with('`')
        || (text.starts_with(' ') && text.ends_with(' '));
    let pad = if pad { " " } else { "" };
    // Two spans side by side would be one.
    if out.ends_with('`') {
        out.push_str("<code>");
        escape(text, out, place, false, last);
        out.push_str("</code>");
        return;
    }
    out.push_str(&format!("{fence}{pad}{text}{pad}{fence}"));
}

/// The lengths of the runs of backticks.
fn runs(text: &str) -> impl Iterator<Item = usize> {
    text.split(|c| c != '`').map(str::len).filter(|n| *n > 0)
}

/// Whether an `&` would be read as the beginning of an entity.
fn starts_entity(text: &str) -> bool {
    let name = text[1..].trim_start_matches('#');
    let rest = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    rest.len() < name.len() && rest.starts_with(';')
}

/// Appends text so that it is read as that text. `first`: at the beginning of a line. `last`: at
/// the end of the block.
fn escape(text: &str, out: &mut String, place: Place, first: bool, last: bool) {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut line_start = first;
    for (n, &(at, c)) in chars.iter().enumerate() {
        let before = if n > 0 { Some(chars[n - 1].1) } else { None };
        let next = chars.get(n + 1).map(|(_, c)| *c);
        let end = next.is_none();
        match c {
            '\\' | '`' | '*' | '[' | ']' | '~' => out.extend(['\\', c]),
            '<' if next.is_none_or(|c| c.is_alphanumeric() || "/!?".contains(c)) => {
                out.push_str("\\<")
            }
            '_' => {
                let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
                if word(before) && word(next) {
                    out.push('_');
                } else {
                    out.push_str("\\_");
                }
            }
            '=' if line_start || before == Some('=') || next == Some('=') || n == 0 || end => {
                out.push_str("\\=")
            }
            '!' if end && !last => out.push_str("\\!"),
            '&' if starts_entity(&text[at..]) || (end && !last) => out.push_str("\\&"),
            '|' if place == Place::Cell => out.push_str("&#124;"),
            '#' if place == Place::Heading && matches!(next, None | Some('#' | ' ')) => {
                out.push_str("\\#")
            }
            '#' if line_start && matches!(next, None | Some('#' | ' ')) => out.push_str("\\#"),
            '+' if line_start && matches!(next, None | Some(' ')) => out.push_str("\\+"),
            '-' if line_start && !next.is_some_and(char::is_alphanumeric) => out.push_str("\\-"),
            ':' if line_start && next == Some('-') => out.push_str("\\:"),
            '>' | '|' if line_start => out.extend(['\\', c]),
            '.' | ')'
                if matches!(next, None | Some(' ')) && line_start_number(&text[..at], first) =>
            {
                out.extend(['\\', c]);
            }
            ' ' if line_start || (end && last) => out.push_str("&#32;"),
            '\n' => out.push(' '),
            c if c.is_control() && c != '\t' => {}
            c if c != ' ' && (c.is_whitespace() || c == '\u{feff}') => {
                out.push_str(&format!("&#{};", u32::from(c)));
            }
            c => out.push(c),
        }
        line_start = false;
    }
}

/// Whether all that stands before on the line is a number.
fn line_start_number(before: &str, first: bool) -> bool {
    first && !before.is_empty() && before.len() <= 10 && before.bytes().all(|b| b.is_ascii_digit())
}
