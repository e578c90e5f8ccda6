//! HTML into a document: a stream of tags, never a tree, so that depth costs nothing.

use html5gum::{DefaultEmitter, Token, Tokenizer};
use serde_json::{Map, Value, json};

use super::assemble::{Assembler, Level, Mark, Spaces, object};
use super::normal::{attribute, is_script};

/// Tags that are remembered until they end; more are read as if they weren't there.
const MAX_OPEN: usize = 200;

type StartTag = html5gum::StartTag<()>;
type EndTag = html5gum::EndTag<()>;

struct Open {
    name: String,
    level: Option<Level>,
    mark: Option<&'static str>,
    /// What is in it isn't shown: a script, or the text of a mention.
    skips: bool,
}

struct Reader<'a> {
    out: &'a mut Assembler,
    open: Vec<Open>,
    skipping: usize,
    exact: bool,
    /// Right behind `<pre>`: its first line break doesn't count.
    pre_begins: bool,
}

/// Reads HTML into `out`. `exact`: spaces in paragraphs count, as [`super::to_markdown`] writes
/// tables.
pub(crate) fn html(source: &str, out: &mut Assembler, exact: bool) {
    let before = out.spaces(if exact {
        Spaces::TrimImplied
    } else {
        Spaces::Trim
    });
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut reader = Reader {
        out,
        open: Vec::new(),
        skipping: 0,
        exact,
        pre_begins: false,
    };
    for token in Tokenizer::new_with_emitter(source, emitter).flatten() {
        match token {
            Token::StartTag(tag) => reader.start(&tag),
            Token::EndTag(tag) => reader.end(&tag),
            Token::String(text) => reader.text(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    reader.close_to(0);
    out.end_text();
    out.spaces(before);
}

/// The mark that a tag is for.
pub(crate) fn mark_of(tag: &str) -> Option<&'static str> {
    Some(match tag {
        "strong" | "b" => "bold",
        "em" | "i" | "cite" | "dfn" | "var" => "italic",
        "s" | "del" | "strike" => "strike",
        "u" | "ins" => "underline",
        "mark" => "highlight",
        "code" | "tt" | "kbd" | "samp" => "code",
        _ => return None,
    })
}

pub(crate) fn get(tag: &StartTag, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(attribute(&String::from_utf8_lossy(value)))
}

/// The node of an `<img>`.
pub(crate) fn image(tag: &StartTag) -> Value {
    let width = get(tag, "width").and_then(|w| w.trim_end_matches("px").parse::<u32>().ok());
    image_node(
        &get(tag, "src").unwrap_or_default(),
        &get(tag, "alt").unwrap_or_default(),
        width,
    )
}

/// An image: `file:{id}` is one of ours, anything else an address elsewhere.
pub(crate) fn image_node(address: &str, alt: &str, width: Option<u32>) -> Value {
    let text = |text: &str| (!text.is_empty()).then(|| attribute(text));
    let address = if is_script(address) { "" } else { address };
    let file = own_file(address);
    let attrs = object(json!({
        "file": file,
        "src": if file.is_some() { None } else { text(address) },
        "alt": text(alt),
        "width": width,
    }));
    if attrs.is_empty() {
        json!({ "type": "image" })
    } else {
        json!({ "type": "image", "attrs": attrs })
    }
}

/// The id in `file:{id}`.
pub(crate) fn own_file(address: &str) -> Option<String> {
    let id = address.strip_prefix("file:")?;
    uuid::Uuid::parse_str(id).ok().map(|id| id.to_string())
}

/// The first language of `class="language-rust"`.
fn language(tag: &StartTag) -> Option<String> {
    let class = get(tag, "class")?;
    let prefixes = ["language-", "lang-", "code-", "brush:"];
    class
        .split_whitespace()
        .find_map(|word| prefixes.iter().find_map(|prefix| word.strip_prefix(prefix)))
        .and_then(super::normal::language)
}

impl Reader<'_> {
    fn push(&mut self, name: &str, level: Option<Level>, mark: Option<&'static str>, skips: bool) {
        if self.open.len() >= MAX_OPEN {
            if let Some(level) = level {
                self.out.close(level);
            }
            if let Some(mark) = mark {
                self.out.unmark(mark);
            }
            return;
        }
        self.skipping += usize::from(skips);
        self.open.push(Open {
            name: name.to_owned(),
            level,
            mark,
            skips,
        });
    }

    fn close_to(&mut self, len: usize) {
        while self.open.len() > len {
            let Some(open) = self.open.pop() else { return };
            self.skipping -= usize::from(open.skips);
            if let Some(mark) = open.mark {
                self.out.unmark(mark);
            }
            if let Some(level) = open.level {
                self.out.close(level);
            }
        }
    }

    /// Closes the innermost of `names`, unless one of `within` stands between.
    fn close_open(&mut self, names: &[&str], within: &[&str]) {
        for at in (0..self.open.len()).rev() {
            let name = self.open[at].name.as_str();
            if names.contains(&name) {
                return self.close_to(at);
            }
            if within.contains(&name) {
                return;
            }
        }
    }

    fn block(&mut self, tag: &str, node: &'static str, attrs: Map<String, Value>) {
        let level = self.out.open(node, attrs);
        self.push(tag, Some(level), None, false);
    }

    fn start(&mut self, tag: &StartTag) {
        let name = String::from_utf8_lossy(&tag.name).to_ascii_lowercase();
        let name = name.as_str();
        if self.skipping > 0 {
            // Tags of the same name nest.
            if self.open.last().is_some_and(|open| open.name == name) && !tag.self_closing {
                self.push(name, None, None, true);
            }
            return;
        }
        self.pre_begins = false;
        let data_type = get(tag, "data-type").unwrap_or_default();
        match name {
            "script" | "style" | "head" | "template" | "noscript" | "iframe" | "object" => {
                self.push(name, None, None, true);
            }
            "br" => self.out.hard_break(),
            "hr" => self.out.leaf(json!({ "type": "horizontalRule" })),
            "img" => {
                let image = image(tag);
                self.out.leaf(image);
            }
            "p" => self.block(name, "paragraph", Map::new()),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = name[1..].parse::<u64>().unwrap_or(1).min(3);
                self.block(name, "heading", object(json!({ "level": level })));
            }
            "ul" | "menu" if data_type == "taskList" => self.block("ul", "taskList", Map::new()),
            "ul" | "menu" => self.block("ul", "bulletList", Map::new()),
            "ol" => {
                let start = get(tag, "start")
                    .and_then(|s| s.parse::<u32>().ok())
                    .unwrap_or(1);
                self.block(name, "orderedList", object(json!({ "start": start })));
            }
            "li" => {
                self.close_open(&["li"], &["ul", "ol", "td", "th"]);
                if data_type == "taskItem" {
                    let done = get(tag, "data-checked").is_some_and(|done| done == "true");
                    self.block(name, "taskItem", object(json!({ "checked": done })));
                } else {
                    self.block(name, "listItem", Map::new());
                }
            }
            "blockquote" => self.block(name, "blockquote", Map::new()),
            "pre" => {
                let attrs = object(json!({ "language": language(tag) }));
                self.block(name, "codeBlock", attrs);
                self.pre_begins = true;
            }
            "table" => self.block(name, "table", Map::new()),
            "tr" => {
                self.close_open(&["tr"], &["table"]);
                self.block(name, "tableRow", Map::new());
            }
            "td" | "th" => {
                self.close_open(&["td", "th"], &["tr", "table"]);
                let span = |name| {
                    get(tag, name)
                        .and_then(|n| n.parse::<u32>().ok())
                        .unwrap_or(1)
                        .clamp(1, 100)
                };
                let widths: Option<Vec<u32>> = get(tag, "data-colwidth")
                    .and_then(|widths| widths.split(',').map(|w| w.trim().parse().ok()).collect());
                let attrs = json!({
                    "colspan": span("colspan"),
                    "rowspan": span("rowspan"),
                    "colwidth": widths,
                });
                let node = if name == "th" {
                    "tableHeader"
                } else {
                    "tableCell"
                };
                self.block(name, node, object(attrs));
            }
            "code" if self.out.in_code() => {
                if let (true, Some(language)) = (self.out.written().is_empty(), language(tag)) {
                    self.out.attribute("language", language.into());
                }
                self.push(name, None, None, false);
            }
            "a" => match get(tag, "href") {
                Some(href) if !href.is_empty() => {
                    self.out.mark(Mark::link(&href));
                    self.push(name, None, Some("link"), false);
                }
                _ => self.push(name, None, None, false),
            },
            "span" if data_type == "mention" || data_type == "itemLink" => {
                let node = if data_type == "mention" {
                    "mention"
                } else {
                    "itemLink"
                };
                let attrs =
                    object(json!({ "id": get(tag, "data-id"), "label": get(tag, "data-label") }));
                self.out.inline(json!({ "type": node, "attrs": attrs }));
                self.push(name, None, None, true);
            }
            "div" if data_type == "callout" => {
                let kind = get(tag, "data-kind").unwrap_or_default();
                self.block(
                    name,
                    "callout",
                    object(json!({ "kind": callout_kind(&kind) })),
                );
            }
            "div" if data_type == "file" => {
                let attrs = object(json!({
                    "file": get(tag, "data-file"),
                    "name": get(tag, "data-name"),
                    "size": get(tag, "data-size").and_then(|size| size.parse::<u64>().ok()),
                    "media_type": get(tag, "data-media-type"),
                }));
                self.out.leaf(json!({ "type": "file", "attrs": attrs }));
                self.push(name, None, None, false);
            }
            _ if mark_of(name).is_some() => {
                let mark = mark_of(name);
                if let Some(mark) = mark {
                    self.out.mark(Mark::plain(mark));
                }
                self.push(name, None, mark, false);
            }
            _ if is_block(name) => {
                self.out.end_text();
                self.push(name, None, None, false);
            }
            _ if tag.self_closing || is_void(name) => {}
            _ => self.push(name, None, None, false),
        }
    }

    fn end(&mut self, tag: &EndTag) {
        let name = String::from_utf8_lossy(&tag.name).to_ascii_lowercase();
        let name = if name == "menu" { "ul" } else { name.as_str() };
        if self.skipping > 0 {
            if self.open.last().is_some_and(|open| open.name == name) {
                self.close_to(self.open.len() - 1);
            }
            return;
        }
        let within: &[&str] = match name {
            "table" => &[],
            "tr" | "td" | "th" | "thead" | "tbody" | "tfoot" => &["table"],
            _ => &["td", "th", "table"],
        };
        self.close_open(&[name], within);
        if is_block(name) {
            self.out.end_text();
        }
    }

    fn text(&mut self, text: &str) {
        if self.skipping > 0 {
            return;
        }
        if self.out.in_code() {
            let text = text.replace("\r\n", "\n");
            let begins = std::mem::take(&mut self.pre_begins);
            let text = if begins {
                text.strip_prefix('\n').unwrap_or(&text)
            } else {
                &text
            };
            self.out.text(text);
            return;
        }
        let space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}');
        if !self.out.in_text() && text.chars().all(space) {
            return;
        }
        let exact = self.exact && self.out.in_asked_text();
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if !space(c) {
                let end = rest.find(space).unwrap_or(rest.len());
                out.push_str(&rest[..end]);
                rest = &rest[end..];
                continue;
            }
            let end = rest.find(|c| !space(c)).unwrap_or(rest.len());
            let run = &rest[..end];
            rest = &rest[end..];
            if exact && !run.contains(['\n', '\r']) {
                out.push_str(run);
            } else if !(out.is_empty() && self.out.after_space()) {
                out.push(' ');
            }
        }
        self.out.text(&out);
    }
}

pub(crate) fn callout_kind(word: &str) -> &'static str {
    match word.to_ascii_lowercase().as_str() {
        "tip" => "tip",
        "important" => "important",
        "warning" => "warning",
        "caution" => "caution",
        _ => "note",
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "header"
            | "html"
            | "legend"
            | "main"
            | "nav"
            | "section"
            | "summary"
            | "tbody"
            | "tfoot"
            | "thead"
            | "title"
    )
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "col"
            | "embed"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Whether HTML knows a tag; what it doesn't know is likely text, such as `Vec<String>`.
pub(crate) fn is_known(name: &str) -> bool {
    is_block(name)
        || is_void(name)
        || mark_of(name).is_some()
        || matches!(
            name,
            "a" | "abbr"
                | "acronym"
                | "bdi"
                | "bdo"
                | "big"
                | "blockquote"
                | "br"
                | "button"
                | "colgroup"
                | "data"
                | "font"
                | "h1"
                | "h2"
                | "h3"
                | "h4"
                | "h5"
                | "h6"
                | "hr"
                | "iframe"
                | "img"
                | "label"
                | "li"
                | "ol"
                | "option"
                | "p"
                | "picture"
                | "pre"
                | "q"
                | "script"
                | "select"
                | "small"
                | "span"
                | "style"
                | "sub"
                | "sup"
                | "svg"
                | "table"
                | "td"
                | "th"
                | "time"
                | "tr"
                | "ul"
                | "video"
        )
}
