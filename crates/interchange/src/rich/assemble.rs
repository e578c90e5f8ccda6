//! Makes documents that the schema allows out of whatever a reader sees.

use serde_json::{Map, Value, json};

use super::normal::{attribute, is_script, push_text, same_marks};
use super::{MAX_DEPTH, MAX_NODES};

/// How many marks may be on at once; more are read as if they weren't there.
const MAX_MARKS: usize = 100;

/// A mark that is on: its name, and a link's address.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mark {
    pub(crate) name: &'static str,
    pub(crate) href: Option<String>,
}

impl Mark {
    pub(crate) fn plain(name: &'static str) -> Self {
        Self { name, href: None }
    }

    /// A link; one that would run something when it is opened leads nowhere.
    pub(crate) fn link(href: &str) -> Self {
        Self {
            name: "link",
            href: Some(attribute(href)).filter(|href| !is_script(href)),
        }
    }

    fn leads_nowhere(&self) -> bool {
        self.name == "link" && self.href.is_none()
    }

    fn json(&self) -> Value {
        match &self.href {
            Some(href) => json!({ "type": self.name, "attrs": { "href": href } }),
            None => json!({ "type": self.name }),
        }
    }
}

/// What a node may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Blocks,
    /// A paragraph first, then blocks.
    Entry,
    Items,
    Tasks,
    Rows,
    Cells,
    Inline,
    Code,
}

fn holds(name: &str) -> Holds {
    match name {
        "paragraph" | "heading" => Holds::Inline,
        "codeBlock" => Holds::Code,
        "bulletList" | "orderedList" => Holds::Items,
        "taskList" => Holds::Tasks,
        "table" => Holds::Rows,
        "tableRow" => Holds::Cells,
        "listItem" | "taskItem" => Holds::Entry,
        _ => Holds::Blocks,
    }
}

/// Which spaces at the edges of a block of text go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spaces {
    Exact,
    Trim,
    /// Only of paragraphs that nobody asked for.
    TrimImplied,
}

struct Frame {
    name: &'static str,
    attrs: Map<String, Value>,
    content: Vec<Value>,
    /// Not asked for: goes away when it stays empty, and closes by itself.
    implied: bool,
    /// Has signs in it that only the whole block of text explains.
    signs: bool,
}

impl Frame {
    fn holds(&self) -> Holds {
        holds(self.name)
    }
}

/// How many frames there were before an [`Assembler::open`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Level(usize);

/// Takes opens, closes, texts and leaves in any order, and makes a document of them. Total.
pub(crate) struct Assembler {
    frames: Vec<Frame>,
    marks: Vec<Mark>,
    nodes: usize,
    full: bool,
    spaces: Spaces,
}

impl Assembler {
    pub(crate) fn new() -> Self {
        let doc = Frame {
            name: "doc",
            attrs: Map::new(),
            content: Vec::new(),
            implied: false,
            signs: false,
        };
        Self {
            frames: vec![doc],
            marks: Vec::new(),
            nodes: 0,
            full: false,
            spaces: Spaces::Exact,
        }
    }

    fn top(&mut self) -> &mut Frame {
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    /// Opens a node. Close it with the level that this gives.
    pub(crate) fn open(&mut self, name: &'static str, attrs: Map<String, Value>) -> Level {
        let before = self.frames.len();
        if before >= MAX_DEPTH || self.full {
            // What is in it goes to where we are; two blocks of text stay two.
            self.end_text();
            return Level(self.frames.len());
        }
        self.make_room_for(name);
        let level = Level(self.frames.len());
        self.push(name, attrs, false);
        level
    }

    /// As [`open`](Self::open), without attributes.
    pub(crate) fn begin(&mut self, name: &'static str) -> Level {
        self.open(name, Map::new())
    }

    /// Closes what was opened at `level`, and what is in it.
    pub(crate) fn close(&mut self, level: Level) {
        while self.frames.len() > level.0.max(1) {
            self.pop();
        }
    }

    /// Ends the block of text that is open, if one is.
    pub(crate) fn end_text(&mut self) {
        if matches!(self.top().holds(), Holds::Inline | Holds::Code) {
            self.pop();
        }
    }

    /// Whether text would go into a block of code.
    pub(crate) fn in_code(&mut self) -> bool {
        self.top().holds() == Holds::Code
    }

    /// Whether a block of text is open.
    pub(crate) fn in_text(&mut self) -> bool {
        matches!(self.top().holds(), Holds::Inline | Holds::Code)
    }

    /// Whether a block of text is open that was asked for.
    pub(crate) fn in_asked_text(&mut self) -> bool {
        self.in_text() && !self.top().implied
    }

    /// Whether a space here would be the first on its line, or the second in a row.
    pub(crate) fn after_space(&mut self) -> bool {
        match self.top().content.last() {
            None => true,
            Some(node) if node["type"] == "hardBreak" => true,
            Some(node) => node["text"]
                .as_str()
                .is_some_and(|text| text.ends_with(' ')),
        }
    }

    /// Sets which spaces go; gives what was set before.
    pub(crate) fn spaces(&mut self, spaces: Spaces) -> Spaces {
        std::mem::replace(&mut self.spaces, spaces)
    }

    /// Sets an attribute of the innermost node.
    pub(crate) fn attribute(&mut self, key: &str, value: Value) {
        self.top().attrs.insert(key.to_owned(), value);
    }

    /// The block of text that is open, as far as it is written.
    pub(crate) fn written(&mut self) -> &mut Vec<Value> {
        &mut self.top().content
    }

    pub(crate) fn mark(&mut self, mark: Mark) {
        if self.marks.len() < MAX_MARKS {
            self.marks.push(mark);
        }
    }

    /// Takes the innermost mark of this name off.
    pub(crate) fn unmark(&mut self, name: &str) {
        if let Some(at) = self.marks.iter().rposition(|mark| mark.name == name) {
            self.marks.remove(at);
        }
    }

    /// Takes all marks off.
    pub(crate) fn unmark_all(&mut self) {
        self.marks.clear();
    }

    /// Text, in a paragraph of its own if none is open.
    pub(crate) fn text(&mut self, text: &str) {
        let code = self.in_code();
        let odd = |c: char| c.is_control() && c != '\t' && !(code && c == '\n');
        if text.contains(odd) {
            let clean: String = text
                .chars()
                .filter_map(|c| match c {
                    '\n' if !code => Some(' '),
                    c => (!odd(c)).then_some(c),
                })
                .collect();
            return self.text(&clean);
        }
        if text.is_empty() || self.full {
            return;
        }
        if code {
            push_text(self.written(), text, &Value::Null);
            return;
        }
        self.need_text();
        let marks = self.marks_json();
        if !self
            .top()
            .content
            .last()
            .is_some_and(|last| same_marks(last, &marks))
        {
            self.count();
        }
        push_text(self.written(), text, &marks);
    }

    fn marks_json(&self) -> Value {
        let mut marks: Vec<&Mark> = Vec::new();
        // The innermost of a name counts.
        for mark in self.marks.iter().rev() {
            if !marks.iter().any(|other| other.name == mark.name) {
                marks.push(mark);
            }
        }
        marks.retain(|mark| !mark.leads_nowhere());
        if marks.is_empty() {
            return Value::Null;
        }
        marks.sort_by_key(|mark| mark.name);
        marks.into_iter().map(Mark::json).collect()
    }

    /// `==`, which turns highlighting on or off, or is text: that is known at the end of the block.
    pub(crate) fn highlight(&mut self, opens: bool, closes: bool) {
        if self.in_code() || self.full {
            return self.text("==");
        }
        self.need_text();
        let marks = self.marks_json();
        self.top().signs = true;
        self.written()
            .push(json!({ "type": "==", "opens": opens, "closes": closes, "marks": marks }));
    }

    /// `&nbsp;`: alone it stands for an empty paragraph.
    pub(crate) fn blank(&mut self) {
        if self.in_code() || self.full {
            return self.text("\u{a0}");
        }
        self.need_text();
        let marks = self.marks_json();
        self.top().signs = true;
        self.written()
            .push(json!({ "type": "&nbsp;", "marks": marks }));
    }

    /// A node among text.
    pub(crate) fn inline(&mut self, node: Value) {
        if self.full {
            return;
        }
        if self.in_code() {
            let text = match node["type"].as_str() {
                Some("hardBreak") => "\n".to_owned(),
                _ => super::normal::label(&node),
            };
            push_text(self.written(), &text, &Value::Null);
            return;
        }
        self.need_text();
        self.count();
        self.written().push(node);
    }

    pub(crate) fn hard_break(&mut self) {
        self.inline(json!({ "type": "hardBreak" }));
    }

    /// A block without content: a rule, an image, a file. Splits the block of text it stands in.
    pub(crate) fn leaf(&mut self, node: Value) {
        if self.full {
            return;
        }
        let split = self.in_text().then(|| {
            let frame = self.top();
            (frame.name, frame.attrs.clone(), frame.implied)
        });
        if let Some((name, attrs, _)) = &split {
            if *name == "codeBlock" {
                return;
            }
            self.top().implied = true;
            self.pop();
            self.make_room_for("image");
            self.count();
            self.written().push(node);
            self.push(name, attrs.clone(), true);
            return;
        }
        self.make_room_for("image");
        self.count();
        self.written().push(node);
    }

    /// The document; closes what is open.
    pub(crate) fn finish(mut self) -> Value {
        self.close(Level(1));
        let content = self.frames.pop().map(|doc| doc.content).unwrap_or_default();
        json!({ "type": "doc", "content": content })
    }

    /// Goes on in the table that is open, or begins one; it ends by itself.
    pub(crate) fn need_table(&mut self) {
        self.end_text();
        if self.top().name != "table" {
            self.make_room_for("table");
            self.imply("table");
        }
    }

    /// Ends the table that is open, if one is.
    pub(crate) fn end_table(&mut self) {
        if self.top().name == "table" {
            self.pop();
        }
    }

    fn count(&mut self) {
        self.nodes += 1;
        self.full |= self.nodes >= MAX_NODES;
    }

    fn push(&mut self, name: &'static str, attrs: Map<String, Value>, implied: bool) {
        self.count();
        self.frames.push(Frame {
            name,
            attrs,
            content: Vec::new(),
            implied,
            signs: false,
        });
    }

    /// An entry's first block is a paragraph.
    fn begin_entry(&mut self) {
        let top = self.top();
        if top.holds() == Holds::Entry && top.content.is_empty() {
            top.content.push(json!({ "type": "paragraph" }));
        }
    }

    fn imply(&mut self, name: &'static str) {
        if name != "paragraph" {
            self.begin_entry();
        }
        self.push(name, default_attrs(name), true);
    }

    fn need_text(&mut self) {
        if !self.in_text() {
            self.make_room_for("paragraph");
            self.imply("paragraph");
        }
    }

    /// Opens and closes what is needed so that a node of this name may come here.
    fn make_room_for(&mut self, name: &str) {
        loop {
            let here = self.top().holds();
            match (name, here) {
                (_, Holds::Inline | Holds::Code) => self.pop(),
                ("listItem", Holds::Items) | ("taskItem", Holds::Tasks) => return,
                ("tableRow", Holds::Rows) | ("tableCell" | "tableHeader", Holds::Cells) => return,
                // Bullets and tasks in one list become two lists.
                ("listItem", Holds::Tasks) | ("taskItem", Holds::Items) => self.pop(),
                ("listItem", Holds::Blocks | Holds::Entry) => self.imply("bulletList"),
                ("taskItem", Holds::Blocks | Holds::Entry) => self.imply("taskList"),
                ("tableRow", Holds::Blocks | Holds::Entry) => self.imply("table"),
                ("tableRow", Holds::Cells) => self.pop(),
                ("tableCell" | "tableHeader", Holds::Blocks | Holds::Entry) => self.imply("table"),
                // What nobody asked for ends at the first thing that isn't its own.
                (_, Holds::Rows | Holds::Cells | Holds::Items | Holds::Tasks)
                    if self.top().implied && !name.starts_with("table") =>
                {
                    self.pop();
                }
                ("tableCell" | "tableHeader", Holds::Rows) => self.imply("tableRow"),
                (_, Holds::Rows) => {
                    self.imply("tableRow");
                    self.imply("tableCell");
                }
                (_, Holds::Cells) => self.imply("tableCell"),
                (_, Holds::Items) => self.imply("listItem"),
                (_, Holds::Tasks) => self.imply("taskItem"),
                ("paragraph", Holds::Entry) => return,
                (_, Holds::Entry) => {
                    self.begin_entry();
                    return;
                }
                (_, Holds::Blocks) => return,
            }
        }
    }

    fn pop(&mut self) {
        if self.frames.len() < 2 {
            return;
        }
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let Frame {
            name,
            attrs,
            mut content,
            mut implied,
            signs,
        } = frame;
        if signs {
            // A paragraph that was written is there, be it empty.
            implied = false;
            content = settle(content);
        }
        if holds(name) == Holds::Inline {
            match self.spaces {
                Spaces::Trim => trim_end(&mut content, true),
                Spaces::TrimImplied if implied => trim_end(&mut content, false),
                _ => {}
            }
        }
        if content.is_empty() {
            match holds(name) {
                _ if implied => return,
                Holds::Blocks | Holds::Entry => content.push(json!({ "type": "paragraph" })),
                Holds::Items | Holds::Tasks | Holds::Rows | Holds::Cells => return,
                Holds::Inline | Holds::Code => {}
            }
        }
        let mut node = Map::new();
        node.insert("type".into(), name.into());
        if !attrs.is_empty() {
            node.insert("attrs".into(), Value::Object(attrs));
        }
        if !content.is_empty() {
            node.insert("content".into(), Value::Array(content));
        }
        self.written().push(Value::Object(node));
    }
}

/// Drops the spaces at the end of a block of text, and breaks, which browsers don't show there.
fn trim_end(content: &mut Vec<Value>, breaks: bool) {
    while let Some(last) = content.last_mut() {
        if breaks && last["type"] == "hardBreak" {
            content.pop();
            continue;
        }
        let Some(Value::String(text)) = last.get_mut("text") else {
            return;
        };
        text.truncate(text.trim_end_matches(' ').len());
        if !text.is_empty() {
            return;
        }
        content.pop();
    }
}

/// Gives the signs in a block of text their meaning: `==` in pairs highlights what is between.
fn settle(content: Vec<Value>) -> Vec<Value> {
    if let [only] = &content[..]
        && only["type"] == "&nbsp;"
        && only["marks"].is_null()
    {
        return Vec::new();
    }
    let mut begins = None;
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (i, node) in content
        .iter()
        .enumerate()
        .filter(|(_, node)| node["type"] == "==")
    {
        match begins {
            Some(begin) if node["closes"] == true => {
                pairs.push((begin, i));
                begins = None;
            }
            None if node["opens"] == true => begins = Some(i),
            _ => {}
        }
    }
    let mut pairs = pairs.into_iter().peekable();
    let mut out = Vec::with_capacity(content.len());
    for (i, mut node) in content.into_iter().enumerate() {
        while pairs.peek().is_some_and(|(_, end)| i > *end) {
            pairs.next();
        }
        let within = pairs
            .peek()
            .filter(|(begin, end)| (*begin..=*end).contains(&i));
        let text = match node["type"].as_str() {
            Some("==") if within.is_some_and(|(begin, end)| i == *begin || i == *end) => continue,
            Some("==") => Some("==".to_owned()),
            Some("&nbsp;") => Some("\u{a0}".to_owned()),
            Some("text") => node["text"].as_str().map(str::to_owned),
            _ => None,
        };
        let Some(text) = text else {
            out.push(node);
            continue;
        };
        let mut marks = node["marks"].take();
        if within.is_some() {
            let mut list = marks.as_array().cloned().unwrap_or_default();
            list.push(json!({ "type": "highlight" }));
            list.sort_by(|a, b| a["type"].as_str().cmp(&b["type"].as_str()));
            list.dedup();
            marks = Value::Array(list);
        }
        push_text(&mut out, &text, &marks);
    }
    out
}

fn default_attrs(name: &str) -> Map<String, Value> {
    match name {
        "taskItem" => object(json!({ "checked": false })),
        "tableCell" => object(json!({ "colspan": 1, "rowspan": 1 })),
        _ => Map::new(),
    }
}

/// The entries of a JSON object without those that are null.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .collect(),
        _ => Map::new(),
    }
}
