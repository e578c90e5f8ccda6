//! Markdown into a document: what [`super::to_markdown`] writes, and what people write.

use std::iter::Peekable;

use html5gum::{Token, Tokenizer};
use pulldown_cmark::{
    BlockQuoteKind, CodeBlockKind, Event, LinkType, OffsetIter, Options, Parser, Tag, TagEnd,
};
use serde_json::{Map, Value, json};

use super::assemble::{Assembler, Level, Mark, object};
use super::html_read::{html, image, image_node, is_known, mark_of, own_file};
use super::normal::{attribute, language};

/// What our Markdown has beyond CommonMark.
pub(crate) fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
}

/// Markdown as a document, in normal form. Total: whatever the text is, a document that the schema
/// allows.
pub fn from_markdown(source: &str) -> Value {
    let mut out = Assembler::new();
    markdown_blocks(source, &mut out);
    out.finish()
}

/// Reads Markdown into `out`.
pub(crate) fn markdown_blocks(source: &str, out: &mut Assembler) {
    let events = Parser::new_ext(source, options())
        .into_offset_iter()
        .peekable();
    let mut reader = Reader {
        source,
        out,
        events,
        open: Vec::new(),
        lists: Vec::new(),
        entry: None,
        in_head: false,
        html: String::new(),
    };
    reader.run();
    out.unmark_all();
    out.end_text();
}

struct List {
    start: Option<u64>,
    /// The list node that is open, and whether it is one of tasks.
    open: Option<(Level, bool)>,
}

struct Reader<'a, 'b> {
    source: &'a str,
    out: &'b mut Assembler,
    events: Peekable<OffsetIter<'a>>,
    open: Vec<Level>,
    lists: Vec<List>,
    /// An entry has begun, and it isn't known yet whether it is a task; whether its paragraph has.
    entry: Option<bool>,
    in_head: bool,
    html: String,
}

impl<'a> Reader<'a, '_> {
    fn run(&mut self) {
        while let Some((event, range)) = self.events.next() {
            if let Some(paragraph) = self.entry {
                match &event {
                    Event::Start(Tag::Paragraph) if !paragraph => {
                        self.entry = Some(true);
                        continue;
                    }
                    Event::TaskListMarker(done) => {
                        self.begin_entry(Some(*done), paragraph);
                        continue;
                    }
                    _ => self.begin_entry(None, paragraph),
                }
            }
            match event {
                Event::Start(tag) => self.start(tag),
                Event::End(tag) => self.end(tag),
                Event::Text(text) => self.text(&text, range),
                Event::Code(text) => {
                    self.out.mark(Mark::plain("code"));
                    self.out.text(&text);
                    self.out.unmark("code");
                }
                Event::Html(text) => self.html.push_str(&text),
                Event::InlineHtml(tag) => self.inline_html(&tag),
                Event::SoftBreak => self.out.text(" "),
                Event::HardBreak => self.out.hard_break(),
                Event::Rule => self.out.leaf(json!({ "type": "horizontalRule" })),
                _ => {}
            }
        }
    }

    fn begin_entry(&mut self, done: Option<bool>, paragraph: bool) {
        self.entry = None;
        let tasks = done.is_some();
        if let Some(list) = self.lists.last_mut() {
            if let Some((level, _)) = list.open.filter(|(_, of_tasks)| *of_tasks != tasks) {
                self.out.close(level);
                list.open = None;
            }
            if list.open.is_none() {
                let level = match list.start {
                    _ if tasks => self.out.begin("taskList"),
                    Some(start) => self
                        .out
                        .open("orderedList", object(json!({ "start": start }))),
                    None => self.out.begin("bulletList"),
                };
                list.open = Some((level, tasks));
            }
        }
        let level = match done {
            Some(done) => self
                .out
                .open("taskItem", object(json!({ "checked": done }))),
            None => self.out.begin("listItem"),
        };
        self.open.push(level);
        if paragraph {
            let level = self.out.begin("paragraph");
            self.open.push(level);
        }
    }

    fn block(&mut self, name: &'static str, attrs: Map<String, Value>) {
        self.out.unmark_all();
        let level = self.out.open(name, attrs);
        self.open.push(level);
    }

    fn start(&mut self, tag: Tag<'a>) {
        match tag {
            Tag::Paragraph => self.block("paragraph", Map::new()),
            Tag::Heading { level, .. } => {
                let level = (level as u64).min(3);
                self.block("heading", object(json!({ "level": level })));
            }
            Tag::BlockQuote(None) => self.block("blockquote", Map::new()),
            Tag::BlockQuote(Some(kind)) => {
                let kind = match kind {
                    BlockQuoteKind::Note => "note",
                    BlockQuoteKind::Tip => "tip",
                    BlockQuoteKind::Important => "important",
                    BlockQuoteKind::Warning => "warning",
                    BlockQuoteKind::Caution => "caution",
                };
                self.block("callout", object(json!({ "kind": kind })));
            }
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => {
                        info.split_whitespace().next().and_then(language)
                    }
                    CodeBlockKind::Indented => None,
                };
                self.block("codeBlock", object(json!({ "language": language })));
            }
            Tag::List(start) => {
                self.out.unmark_all();
                self.out.end_text();
                self.lists.push(List { start, open: None });
            }
            Tag::Item => self.entry = Some(false),
            Tag::Table(_) => self.block("table", Map::new()),
            Tag::TableHead => {
                self.in_head = true;
                self.block("tableRow", Map::new());
            }
            Tag::TableRow => self.block("tableRow", Map::new()),
            Tag::TableCell => {
                let name = if self.in_head {
                    "tableHeader"
                } else {
                    "tableCell"
                };
                self.block(name, object(json!({ "colspan": 1, "rowspan": 1 })));
            }
            Tag::Emphasis => self.out.mark(Mark::plain("italic")),
            Tag::Strong => self.out.mark(Mark::plain("bold")),
            Tag::Strikethrough => self.out.mark(Mark::plain("strike")),
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => self.link(link_type, &dest_url),
            Tag::Image { dest_url, .. } => {
                let alt = self.label(&TagEnd::Image);
                let (width, rest) = self.width().unzip();
                self.out.leaf(image_node(&dest_url, &alt, width));
                self.out.text(&rest.unwrap_or_default());
            }
            Tag::HtmlBlock => self.html.clear(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis => self.out.unmark("italic"),
            TagEnd::Strong => self.out.unmark("bold"),
            TagEnd::Strikethrough => self.out.unmark("strike"),
            TagEnd::Link => self.out.unmark("link"),
            TagEnd::List(_) => {
                if let Some((level, _)) = self.lists.pop().and_then(|list| list.open) {
                    self.out.close(level);
                }
            }
            TagEnd::HtmlBlock => {
                let source = std::mem::take(&mut self.html);
                html(&source, self.out, true);
            }
            TagEnd::CodeBlock => {
                self.end_of_code();
                self.close();
            }
            TagEnd::TableHead => {
                self.in_head = false;
                self.close();
            }
            TagEnd::Image => {}
            _ => self.close(),
        }
    }

    fn close(&mut self) {
        self.out.unmark_all();
        if let Some(level) = self.open.pop() {
            self.out.close(level);
        }
    }

    /// A block of code ends with a line break that isn't the code's.
    fn end_of_code(&mut self) {
        if !self.out.in_code() {
            return;
        }
        let content = self.out.written();
        if let Some(Value::String(text)) = content.last_mut().and_then(|node| node.get_mut("text"))
            && text.ends_with('\n')
        {
            text.pop();
            if text.is_empty() {
                content.pop();
            }
        }
    }

    fn text(&mut self, text: &str, range: std::ops::Range<usize>) {
        let written = self.source.get(range.clone()).unwrap_or_default();
        if written == "&nbsp;" && text == "\u{a0}" {
            return self.out.blank();
        }
        if self.out.in_code() || !text.contains("==") || written != text {
            return self.out.text(text);
        }
        let escaped = self.source[..range.start].ends_with('\\');
        let mut done = 0;
        let mut from = usize::from(escaped);
        while let Some(at) = text[from..].find("==").map(|at| at + from) {
            let run = text[at..].bytes().take_while(|b| *b == b'=').count();
            from = at + run;
            if run != 2 {
                continue;
            }
            self.out.text(&text[done..at]);
            done = from;
            let before = self.source[..range.start + at].chars().next_back();
            let after = self.source[range.start + from..].chars().next();
            let ink = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
            self.out.highlight(ink(after), ink(before));
        }
        self.out.text(&text[done..]);
    }

    /// The text up to the end of a link or an image.
    fn label(&mut self, end: &TagEnd) -> String {
        let mut out = String::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::End(tag) if tag == *end => break,
                Event::Text(text) | Event::Code(text) => out.push_str(&text),
                Event::SoftBreak | Event::HardBreak => out.push(' '),
                _ => {}
            }
        }
        out
    }

    /// `{width=320}` right behind an image.
    fn width(&mut self) -> Option<(u32, String)> {
        let (Event::Text(text), _) = self.events.peek()? else {
            return None;
        };
        let inner = text.strip_prefix("{width=")?;
        let (width, rest) = inner.split_once('}')?;
        let width = width.parse().ok()?;
        // The image splits the paragraph; what follows goes on behind it.
        let rest = rest.to_owned();
        self.events.next();
        Some((width, rest))
    }

    fn link(&mut self, link_type: LinkType, address: &str) {
        let scheme = address.split_once(':');
        match scheme {
            Some(("user", id)) if uuid::Uuid::parse_str(id).is_ok() => {
                self.inline_node("mention", '@', id)
            }
            Some(("item", id)) if uuid::Uuid::parse_str(id).is_ok() => {
                self.inline_node("itemLink", '#', id)
            }
            Some(("file", rest)) => {
                let (id, query) = rest.split_once('?').unwrap_or((rest, ""));
                let Some(file) = own_file(&format!("file:{id}")) else {
                    return self.out.mark(Mark::link(address));
                };
                let value = |key: &str| {
                    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                    pairs
                        .find(|(k, _)| *k == key)
                        .map(|(_, value)| attribute(value))
                };
                let name = self.label(&TagEnd::Link);
                let attrs = object(json!({
                    "file": file,
                    "name": (!name.is_empty()).then(|| attribute(&name)),
                    "size": value("size").and_then(|size| size.parse::<u64>().ok()),
                    "media_type": value("type"),
                }));
                self.out.leaf(json!({ "type": "file", "attrs": attrs }));
            }
            _ if link_type == LinkType::Email => {
                self.out.mark(Mark::link(&format!("mailto:{address}")))
            }
            _ => self.out.mark(Mark::link(address)),
        }
    }

    fn inline_node(&mut self, name: &str, sign: char, id: &str) {
        let label = self.label(&TagEnd::Link);
        let label = label.strip_prefix(sign).unwrap_or(&label);
        let attrs = object(json!({
            "id": id,
            "label": (!label.is_empty()).then(|| attribute(label)),
        }));
        self.out.inline(json!({ "type": name, "attrs": attrs }));
    }

    /// One tag among text.
    fn inline_html(&mut self, source: &str) {
        match Tokenizer::new(source).flatten().next() {
            Some(Token::StartTag(tag)) => {
                let name = String::from_utf8_lossy(&tag.name).to_ascii_lowercase();
                match name.as_str() {
                    "br" => self.out.hard_break(),
                    "img" => self.out.leaf(image(&tag)),
                    "a" => {
                        if let Some(href) = super::html_read::get(&tag, "href") {
                            self.out.mark(Mark::link(&href));
                        }
                    }
                    name => match mark_of(name) {
                        Some(mark) => self.out.mark(Mark::plain(mark)),
                        None if is_known(name) => {}
                        None => self.out.text(source),
                    },
                }
            }
            Some(Token::EndTag(tag)) => {
                let name = String::from_utf8_lossy(&tag.name).to_ascii_lowercase();
                match name.as_str() {
                    "a" => self.out.unmark("link"),
                    name => match mark_of(name) {
                        Some(mark) => self.out.unmark(mark),
                        None if is_known(name) => {}
                        None => self.out.text(source),
                    },
                }
            }
            _ => {}
        }
    }
}
