//! The content of a new document, written straight in Yjs' v1 update format.
//!
//! Why not yrs: its objects are hash maps, so the bytes would differ from run to run, and what a
//! client id has written must never differ. A document that one client fills in one go needs
//! little of the format. Sources: yjs `src/structs/{Item,ContentType,ContentFormat,…}.js`,
//! lib0 `encoding.js`; the fixtures compare with the original.

use serde_json::Value;

/// What an item stands in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Parent<'a> {
    /// A root type, by name.
    Root(&'a str),
    /// A type made by this writer.
    Type(TypeId),
}

/// A type made by this writer: the clock of its item.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TypeId(u64);

/// Where the next item of a sequence goes: behind the last one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sequence<'a> {
    parent: Parent<'a>,
    last: Option<u64>,
}

impl<'a> Sequence<'a> {
    pub(crate) fn new(parent: Parent<'a>) -> Self {
        Self { parent, last: None }
    }
}

/// The shared types that documents are made of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind<'a> {
    Map,
    Text,
    XmlElement(&'a str),
    XmlText,
}

// Content and type numbers of the v1 format.
const STRING: u8 = 4;
const FORMAT: u8 = 6;
const TYPE: u8 = 7;
const ANY: u8 = 8;
const HAS_ORIGIN: u8 = 0x80;
const HAS_KEY: u8 = 0x20;

/// Writes the items of one client, from clock 0, into an empty document.
pub(crate) struct Writer {
    client: u64,
    clock: u64,
    structs: u64,
    body: Vec<u8>,
}

impl Writer {
    pub(crate) fn new(client: u64) -> Self {
        Self {
            client,
            clock: 0,
            structs: 0,
            body: Vec::new(),
        }
    }

    /// Appends text to a sequence.
    pub(crate) fn text(&mut self, at: &mut Sequence<'_>, text: &str) {
        if text.is_empty() {
            return;
        }
        self.append(at, STRING);
        put_str(&mut self.body, text);
        self.advance(at, text.encode_utf16().count() as u64);
    }

    /// Appends a formatting mark to a text; `Null` ends it.
    pub(crate) fn format(&mut self, at: &mut Sequence<'_>, key: &str, value: &Value) {
        self.append(at, FORMAT);
        put_str(&mut self.body, key);
        put_str(&mut self.body, &value.to_string());
        self.advance(at, 1);
    }

    /// Appends a new shared type to a sequence.
    pub(crate) fn child(&mut self, at: &mut Sequence<'_>, kind: Kind<'_>) -> TypeId {
        let id = TypeId(self.clock);
        self.append(at, TYPE);
        self.kind(kind);
        self.advance(at, 1);
        id
    }

    /// Sets `key` of a map, or an attribute of an element, to a plain value.
    pub(crate) fn set(&mut self, parent: Parent<'_>, key: &str, value: &Value) {
        self.entry(parent, key, ANY);
        put_uint(&mut self.body, 1);
        put_any(&mut self.body, value);
        self.clock += 1;
    }

    /// Sets `key` of a map to a new shared type.
    pub(crate) fn set_type(&mut self, parent: Parent<'_>, key: &str, kind: Kind<'_>) -> TypeId {
        let id = TypeId(self.clock);
        self.entry(parent, key, TYPE);
        self.kind(kind);
        self.clock += 1;
        id
    }

    /// The update.
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.body.len() + 16);
        if self.structs == 0 {
            return vec![0, 0];
        }
        put_uint(&mut out, 1);
        put_uint(&mut out, self.structs);
        put_uint(&mut out, self.client);
        put_uint(&mut out, 0);
        out.extend_from_slice(&self.body);
        put_uint(&mut out, 0);
        out
    }

    fn append(&mut self, at: &Sequence<'_>, content: u8) {
        self.structs += 1;
        match at.last {
            Some(last) => {
                self.body.push(content | HAS_ORIGIN);
                put_uint(&mut self.body, self.client);
                put_uint(&mut self.body, last);
            }
            None => {
                self.body.push(content);
                self.parent(at.parent);
            }
        }
    }

    fn entry(&mut self, parent: Parent<'_>, key: &str, content: u8) {
        self.structs += 1;
        self.body.push(content | HAS_KEY);
        self.parent(parent);
        put_str(&mut self.body, key);
    }

    fn parent(&mut self, parent: Parent<'_>) {
        match parent {
            Parent::Root(name) => {
                put_uint(&mut self.body, 1);
                put_str(&mut self.body, name);
            }
            Parent::Type(TypeId(clock)) => {
                put_uint(&mut self.body, 0);
                put_uint(&mut self.body, self.client);
                put_uint(&mut self.body, clock);
            }
        }
    }

    fn kind(&mut self, kind: Kind<'_>) {
        match kind {
            Kind::Map => self.body.push(1),
            Kind::Text => self.body.push(2),
            Kind::XmlElement(name) => {
                self.body.push(3);
                put_str(&mut self.body, name);
            }
            Kind::XmlText => self.body.push(6),
        }
    }

    fn advance(&mut self, at: &mut Sequence<'_>, len: u64) {
        self.clock += len;
        at.last = Some(self.clock - 1);
    }
}

/// lib0's `writeVarUint`.
pub(crate) fn put_uint(out: &mut Vec<u8>, mut n: u64) {
    while n > 0x7f {
        out.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn put_str(out: &mut Vec<u8>, s: &str) {
    put_uint(out, s.len() as u64);
    out.extend_from_slice(s.as_bytes());
}

/// A signed integer of lib0: sign in the first byte's second bit.
fn put_int(out: &mut Vec<u8>, n: i64) {
    let sign = if n < 0 { 0x40 } else { 0 };
    let mut rest = n.unsigned_abs();
    let more = if rest > 0x3f { 0x80 } else { 0 };
    out.push(more | sign | (rest & 0x3f) as u8);
    rest >>= 6;
    while rest > 0 {
        let more = if rest > 0x7f { 0x80 } else { 0 };
        out.push(more | (rest & 0x7f) as u8);
        rest >>= 7;
    }
}

/// lib0's `writeAny` of a JSON value. Objects are written in the order of their keys.
pub(crate) fn put_any(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(126),
        Value::Bool(true) => out.push(120),
        Value::Bool(false) => out.push(121),
        Value::Number(n) => put_number(out, n.as_f64().unwrap_or(0.0)),
        Value::String(s) => {
            out.push(119);
            put_str(out, s);
        }
        Value::Array(values) => {
            out.push(117);
            put_uint(out, values.len() as u64);
            for value in values {
                put_any(out, value);
            }
        }
        Value::Object(map) => {
            out.push(118);
            put_uint(out, map.len() as u64);
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            for (key, value) in entries {
                put_str(out, key);
                put_any(out, value);
            }
        }
    }
}

/// As lib0 does: a 32-bit integer, else a float of the smallest size that holds it.
fn put_number(out: &mut Vec<u8>, n: f64) {
    if n.fract() == 0.0 && n.abs() <= 0x7fff_ffff_u32.into() {
        out.push(125);
        put_int(out, n as i64);
    } else if f64::from(n as f32) == n {
        out.push(124);
        out.extend_from_slice(&(n as f32).to_be_bytes());
    } else {
        out.push(123);
        out.extend_from_slice(&n.to_be_bytes());
    }
}
