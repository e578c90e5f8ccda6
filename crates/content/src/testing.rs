//! A Yjs client for tests: a yrs document that is edited as our editors edit theirs.
//!
//! Offsets are in UTF-16 units and are the caller's to keep valid: yrs panics on others. Runs yrs
//! on the caller's thread.

use model::{ItemId, Rng};
use serde_json::{Map as JsonMap, Value, json};
use uuid::Uuid;
use yrs::types::text::YChange;
use yrs::types::{Attrs, ToJson};
use yrs::updates::decoder::Decode;
use yrs::{
    Any, Array, Doc, GetString, Map, MapPrelim, MapRef, Out, ReadTxn, StateVector, Text,
    TextPrelim, Transact, TransactionMut, WriteTxn, Xml, XmlElementPrelim, XmlElementRef,
    XmlFragment, XmlTextPrelim, XmlTextRef,
};

use crate::outline::Placement;
use crate::prosemirror::children;
use crate::wire::put_uint;
use crate::{Error, engine, schema};

/// A Yjs client with all roots of an item's and an outline's document.
#[derive(Debug)]
pub struct Client {
    doc: Doc,
}

impl Client {
    /// An empty document.
    ///
    /// # Panics
    /// When `client_id` is above 2^53-1.
    pub fn new(client_id: u64) -> Self {
        let doc = engine::empty_doc(client_id).expect("a client id below 2^53");
        let mut txn = doc.transact_mut();
        txn.get_or_insert_text(schema::TITLE);
        txn.get_or_insert_xml_fragment(schema::DESCRIPTION);
        txn.get_or_insert_array(schema::CRITERIA);
        txn.get_or_insert_map(schema::FIELDS);
        txn.get_or_insert_map(schema::NODES);
        drop(txn);
        Self { doc }
    }

    /// The client id that the edits carry.
    pub fn client_id(&self) -> u64 {
        self.doc.client_id().get()
    }

    /// Applies a v1 update.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn apply(&self, update: &[u8]) -> Result<(), Error> {
        engine::apply(&mut self.doc.transact_mut(), update)
    }

    /// The encoded state vector, larger client ids first as Yjs has them (yrs has no order).
    pub fn state_vector(&self) -> Vec<u8> {
        let vector = self.doc.transact().state_vector();
        let mut entries: Vec<_> = vector.iter().map(|(id, n)| (id.get(), *n)).collect();
        entries.sort_unstable_by(|a, b| b.cmp(a));
        let mut out = Vec::new();
        put_uint(&mut out, entries.len() as u64);
        for (client, clock) in entries {
            put_uint(&mut out, client);
            put_uint(&mut out, clock.into());
        }
        out
    }

    /// What a holder of `state_vector` lacks, as a v1 update, with all deletions, without what is
    /// pending. Empty bytes are the state vector of nothing.
    ///
    /// # Panics
    /// When `state_vector` is none.
    pub fn update_since(&self, state_vector: &[u8]) -> Vec<u8> {
        let since = if state_vector.is_empty() {
            StateVector::default()
        } else {
            StateVector::decode_v1(state_vector).expect("a state vector")
        };
        self.doc.transact().encode_diff_v1(&since)
    }

    /// The whole document as an update.
    pub fn update(&self) -> Vec<u8> {
        self.update_since(&[])
    }

    /// Makes an edit and gives its update.
    pub fn edit(&self, work: impl FnOnce(&mut TransactionMut<'_>)) -> Vec<u8> {
        let mut txn = self.doc.transact_mut();
        work(&mut txn);
        txn.commit();
        txn.encode_update_v1()
    }

    /// Whether updates were applied whose dependencies are missing.
    pub fn pending(&self) -> bool {
        let txn = self.doc.transact();
        // `has_missing_updates` alone misses some.
        txn.has_missing_updates() || {
            let nothing = StateVector::default();
            txn.encode_state_as_update_v1(&nothing).len() != txn.encode_diff_v1(&nothing).len()
        }
    }

    /// All roots as JSON, marks included: equal for clients that have converged.
    pub fn snapshot(&self) -> Value {
        let txn = self.doc.transact();
        let mut roots: Vec<(&str, Out)> = txn.root_refs().collect();
        roots.sort_by_key(|(name, _)| *name);
        let mut out = JsonMap::new();
        for (name, root) in roots {
            let value = match (name, root.try_branch()) {
                (schema::FIELDS | schema::NODES, _) => txn.get_map(name).map(Out::YMap),
                (_, Some(branch)) => Some(Out::YText(yrs::TextRef::from(
                    yrs::branch::BranchPtr::from(branch),
                ))),
                _ => None,
            };
            let value = value.map_or(Value::Null, |value| dump(&txn, &value));
            if value != json!([]) && value != json!({}) {
                out.insert(name.to_owned(), value);
            }
        }
        out.into()
    }

    /// The string of a root text.
    pub fn text(&self, root: &str) -> String {
        let txn = self.doc.transact();
        let text = txn.get_text(root);
        text.map_or(String::new(), |text| text.get_string(&txn))
    }

    /// Inserts into a root text.
    pub fn insert_text(&self, root: &str, at: u32, text: &str) -> Vec<u8> {
        self.edit(|txn| {
            let root = txn.get_or_insert_text(root);
            root.insert(txn, at, text);
        })
    }

    /// Deletes from a root text.
    pub fn delete_text(&self, root: &str, at: u32, len: u32) -> Vec<u8> {
        self.edit(|txn| {
            let root = txn.get_or_insert_text(root);
            root.remove_range(txn, at, len);
        })
    }

    /// Sets a key of a root map.
    pub fn set(&self, root: &str, key: &str, value: &Value) -> Vec<u8> {
        self.edit(|txn| {
            let map = txn.get_or_insert_map(root);
            map.insert(txn, key, any(value));
        })
    }

    /// Removes a key of a root map.
    pub fn unset(&self, root: &str, key: &str) -> Vec<u8> {
        self.edit(|txn| {
            let map = txn.get_or_insert_map(root);
            map.remove(txn, key);
        })
    }

    /// Adds an acceptance criterion at `index`.
    pub fn add_criterion(&self, index: u32, id: &str, text: &str, done: bool) -> Vec<u8> {
        self.edit(|txn| {
            let array = txn.get_or_insert_array(schema::CRITERIA);
            let map = array.insert(txn, index, MapPrelim::default());
            map.insert(txn, schema::ID, id);
            map.insert(txn, schema::TEXT, TextPrelim::new(text));
            map.insert(txn, schema::DONE, done);
        })
    }

    /// Gives the criterion at `index` a rank, valid or not.
    pub fn rank_criterion(&self, index: u32, rank: &str) -> Vec<u8> {
        self.edit(|txn| {
            criterion(txn, index).insert(txn, schema::RANK, rank);
        })
    }

    /// How many acceptance criteria there are.
    pub fn criteria(&self) -> u32 {
        let txn = self.doc.transact();
        txn.get_array(schema::CRITERIA).map_or(0, |a| a.len(&txn))
    }

    /// Checks or unchecks the criterion at `index`.
    pub fn check_criterion(&self, index: u32, done: bool) -> Vec<u8> {
        self.edit(|txn| {
            criterion(txn, index).insert(txn, schema::DONE, done);
        })
    }

    /// Inserts into the text of the criterion at `index`.
    pub fn type_criterion(&self, index: u32, at: u32, text: &str) -> Vec<u8> {
        self.edit(|txn| {
            if let Some(Out::YText(old)) = criterion(txn, index).get(txn, schema::TEXT) {
                old.insert(txn, at, text);
            }
        })
    }

    /// Removes the criterion at `index`.
    pub fn remove_criterion(&self, index: u32) -> Vec<u8> {
        self.edit(|txn| txn.get_or_insert_array(schema::CRITERIA).remove(txn, index))
    }

    /// How many blocks the description has.
    pub fn blocks(&self) -> u32 {
        let txn = self.doc.transact();
        let root = txn.get_xml_fragment(schema::DESCRIPTION);
        root.map_or(0, |root| root.len(&txn))
    }

    /// Inserts a block of one text into the description, such as a `paragraph`.
    pub fn insert_block(&self, index: u32, name: &str, text: &str) -> Vec<u8> {
        self.edit(|txn| {
            let root = txn.get_or_insert_xml_fragment(schema::DESCRIPTION);
            let block = root.insert(txn, index, XmlElementPrelim::empty(name));
            block.insert(txn, 0, XmlTextPrelim::new(text));
        })
    }

    /// Deletes a block of the description.
    pub fn remove_block(&self, index: u32) -> Vec<u8> {
        self.edit(|txn| {
            let root = txn.get_or_insert_xml_fragment(schema::DESCRIPTION);
            root.remove_range(txn, index, 1);
        })
    }

    /// Inserts into the first text of the block at `index`, when it has one.
    pub fn type_block(&self, index: u32, at: u32, text: &str) -> Vec<u8> {
        self.edit(|txn| {
            if let Some((_, old)) = block(txn, index) {
                old.insert(txn, at, text);
            }
        })
    }

    /// Puts a mark on a range of the first text of the block at `index`; `Null` takes it away.
    pub fn mark_block(&self, index: u32, at: u32, len: u32, mark: &str, value: &Value) -> Vec<u8> {
        self.edit(|txn| {
            if let Some((_, text)) = block(txn, index) {
                text.format(txn, at, len, Attrs::from([(mark.into(), any(value))]));
            }
        })
    }

    /// Places a node of the outline, as the web client does.
    pub fn place(&self, placement: &Placement) -> Vec<u8> {
        self.edit(|txn| {
            let nodes = txn.get_or_insert_map(schema::NODES);
            let key = placement.id.to_string();
            let node = match nodes.get(txn, &key) {
                Some(Out::YMap(node)) => node,
                _ => nodes.insert(txn, key, MapPrelim::default()),
            };
            let parent = placement
                .parent
                .map_or(Any::Null, |id| Any::from(id.to_string()));
            node.insert(txn, schema::KIND, placement.kind.as_str());
            node.insert(txn, schema::PARENT, parent);
            node.insert(txn, schema::RANK, placement.rank.as_str());
        })
    }

    /// Puts a shape or connector into the root `root`, with its text, as the canvas does.
    pub fn put_element(&self, root: &str, id: &str, values: &Value, text: &str) -> Vec<u8> {
        self.edit(|txn| {
            let elements = txn.get_or_insert_map(root);
            let element = elements.insert(txn, id, MapPrelim::default());
            for (key, value) in values.as_object().into_iter().flatten() {
                element.insert(txn, key.as_str(), any(value));
            }
            element.insert(txn, schema::TEXT, TextPrelim::new(text));
        })
    }

    /// Sets a key of a shape or connector, if it is there.
    pub fn set_element(&self, root: &str, id: &str, key: &str, value: &Value) -> Vec<u8> {
        self.edit(|txn| {
            let elements = txn.get_or_insert_map(root);
            if let Some(Out::YMap(element)) = elements.get(txn, id) {
                element.insert(txn, key, any(value));
            }
        })
    }

    /// Fills the roots of a diagram with values of wrong types, each under a key of its own: what a hostile client writes.
    pub fn wrong_canvas(&self) -> Vec<u8> {
        let numbers = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e300];
        let mut deep = Any::from("deep");
        for _ in 0..60 {
            deep = Any::Array(vec![deep].into());
        }
        let values: Vec<Any> = numbers
            .into_iter()
            .map(Any::from)
            .chain(numbers.map(|n| Any::Array(vec![Any::from(n), Any::from(1)].into())))
            .chain([
                Any::Null,
                Any::Undefined,
                Any::Bool(true),
                Any::from("\"/><script>alert(1)</script>\u{0}\u{1b}\u{ffff}"),
                Any::Buffer(vec![0, 255].into()),
                deep,
            ])
            .collect();
        self.edit(|txn| {
            for root in [schema::SHAPES, schema::CONNECTORS] {
                let elements = txn.get_or_insert_map(root);
                for (n, value) in values.iter().enumerate() {
                    elements.insert(txn, format!("plain{n}"), value.clone());
                    // Good but for one key, each in turn.
                    for key in [
                        "kind", "at", "size", "text", "from", "to", "points", "frame", "groups",
                        "fill", "rank", "angle", "opacity", "link", "item", "file",
                    ] {
                        let element =
                            elements.insert(txn, format!("{key}-{n}"), MapPrelim::default());
                        element.insert(txn, "kind", "draw");
                        for place in ["at", "size", "from", "to"] {
                            element.insert(txn, place, any(&json!([10, 10])));
                        }
                        element.insert(txn, "points", any(&json!([1, 1, 0.5])));
                        element.insert(txn, key, value.clone());
                    }
                }
                elements.insert(txn, "fragment", yrs::XmlFragmentPrelim::default());
                elements.insert(txn, "element", XmlElementPrelim::empty("script"));
                elements.insert(txn, "xml", XmlTextPrelim::new("<script>"));
                elements.insert(txn, "words", TextPrelim::new("<script>"));
                elements.insert(txn, "list", yrs::ArrayPrelim::from([1, 2]));
                let odd = elements.insert(txn, "odd", MapPrelim::default());
                odd.insert(txn, "kind", XmlElementPrelim::empty("script"));
                odd.insert(txn, "at", yrs::ArrayPrelim::from([1, 2]));
                odd.insert(txn, "text", yrs::XmlFragmentPrelim::default());
                for id in ["", "a b", "\"><script>", "é", &"x".repeat(65)] {
                    let element = elements.insert(txn, id, MapPrelim::default());
                    element.insert(txn, "kind", "rectangle");
                    element.insert(txn, "at", any(&json!([0, 0])));
                    element.insert(txn, "size", any(&json!([9, 9])));
                }
            }
        })
    }

    /// One random edit of any root; gives its update.
    pub fn random_edit(&self, rng: &dyn Rng) -> Vec<u8> {
        match below(rng, 5) {
            0 => self.random_outline_edit(rng),
            _ => self.random_item_edit(rng),
        }
    }

    /// One random edit of an item's roots; gives its update.
    pub fn random_item_edit(&self, rng: &dyn Rng) -> Vec<u8> {
        let word = WORDS[below(rng, WORDS.len() as u32) as usize];
        match below(rng, 16) {
            0..=2 => {
                let at = offset(rng, &self.text(schema::TITLE));
                self.insert_text(schema::TITLE, at, word)
            }
            3 => {
                let (at, len) = range(rng, &self.text(schema::TITLE));
                self.delete_text(schema::TITLE, at, len)
            }
            4 => {
                let key = FIELDS[below(rng, FIELDS.len() as u32) as usize];
                match below(rng, 5) {
                    0 => self.unset(schema::FIELDS, key),
                    _ => self.set(schema::FIELDS, key, &random_value(rng, key)),
                }
            }
            5..=8 => self.random_criterion_edit(rng, word),
            _ => self.random_block_edit(rng, word),
        }
    }

    fn random_criterion_edit(&self, rng: &dyn Rng, word: &str) -> Vec<u8> {
        let len = self.criteria();
        if len == 0 || below(rng, 3) == 0 {
            let id = format!("c{:x}-{:x}", self.client_id(), rng.next_u64());
            return self.add_criterion(below(rng, len + 1), &id, word, below(rng, 2) == 0);
        }
        let index = below(rng, len);
        let text = self.criterion_text(index);
        match below(rng, 6) {
            0 => self.remove_criterion(index),
            5 => self.rank_criterion(index, ["a0", "a1", "a0V", "Zz", ""][below(rng, 5) as usize]),
            1 => self.check_criterion(index, below(rng, 2) == 0),
            2 => {
                let (at, len) = range(rng, &text);
                self.edit(|txn| {
                    if let Some(Out::YText(old)) = criterion(txn, index).get(txn, schema::TEXT) {
                        old.remove_range(txn, at, len);
                    }
                })
            }
            _ => self.type_criterion(index, offset(rng, &text), word),
        }
    }

    fn criterion_text(&self, index: u32) -> String {
        let txn = self.doc.transact();
        let map = txn
            .get_array(schema::CRITERIA)
            .and_then(|a| a.get(&txn, index));
        match map {
            Some(Out::YMap(map)) => match map.get(&txn, schema::TEXT) {
                Some(Out::YText(text)) => text.get_string(&txn),
                _ => String::new(),
            },
            _ => String::new(),
        }
    }

    fn random_block_edit(&self, rng: &dyn Rng, word: &str) -> Vec<u8> {
        let len = self.blocks();
        if len == 0 || below(rng, 6) == 0 {
            let names = ["paragraph", "heading", "codeBlock"];
            let name = names[below(rng, 3) as usize];
            return match below(rng, 4) {
                0 => self.insert_list(below(rng, len + 1), word),
                _ => self.insert_block(below(rng, len + 1), name, word),
            };
        }
        let index = below(rng, len);
        let old = self.block_text(index);
        match below(rng, 10) {
            0 => self.remove_block(index),
            1 => {
                let level = 1 + below(rng, 6);
                self.edit(|txn| {
                    if let Some((element, _)) = block(txn, index) {
                        element.insert_attribute(txn, "level", Any::from(level));
                    }
                })
            }
            2..=4 => {
                let (at, len) = range(rng, &old);
                let marks = [
                    ("bold", json!({})),
                    ("italic", json!({})),
                    (
                        "link",
                        json!({ "href": "https://example.com", "target": null }),
                    ),
                    ("comment--AbCdEf01", json!({ "id": word })),
                ];
                let (name, value) = &marks[below(rng, 4) as usize];
                let value = if below(rng, 3) == 0 {
                    &Value::Null
                } else {
                    value
                };
                self.mark_block(index, at, len, name, value)
            }
            5 | 6 => {
                let (at, len) = range(rng, &old);
                self.edit(|txn| {
                    if let Some((_, text)) = block(txn, index) {
                        text.remove_range(txn, at, len);
                    }
                })
            }
            _ => self.type_block(index, offset(rng, &old), word),
        }
    }

    /// A bullet list of one entry.
    fn insert_list(&self, index: u32, text: &str) -> Vec<u8> {
        self.edit(|txn| {
            let root = txn.get_or_insert_xml_fragment(schema::DESCRIPTION);
            let list = root.insert(txn, index, XmlElementPrelim::empty("bulletList"));
            let entry = list.insert(txn, 0, XmlElementPrelim::empty("listItem"));
            let paragraph = entry.insert(txn, 0, XmlElementPrelim::empty("paragraph"));
            paragraph.insert(txn, 0, XmlTextPrelim::new(text));
        })
    }

    fn block_text(&self, index: u32) -> String {
        let txn = self.doc.transact();
        let Some((_, text)) = block(&txn, index) else {
            return String::new();
        };
        let chunks = text.diff(&txn, YChange::identity).into_iter();
        chunks
            .filter_map(|chunk| match chunk.insert {
                Out::Any(Any::String(text)) => Some(text.as_ref().to_owned()),
                _ => None,
            })
            .collect()
    }

    /// Moves one of [`node_id`]'s first ten anywhere, without asking whether that makes a cycle.
    pub fn random_outline_edit(&self, rng: &dyn Rng) -> Vec<u8> {
        let ranks = ["a0", "a1", "a2", "a1V", "Zz", "a0", ""];
        let parent = below(rng, 12);
        self.place(&Placement {
            id: node_id(below(rng, 10)),
            kind: "item".into(),
            parent: (parent < 11).then(|| node_id(parent)),
            rank: ranks[below(rng, 7) as usize].into(),
        })
    }
}

/// The id number `n` of the nodes that random outline edits use.
pub fn node_id(n: u32) -> ItemId {
    ItemId(Uuid::from_u128(
        0x019a_0000_0000_7000_8000_0000_0000_0000 + u128::from(n),
    ))
}

const WORDS: &[&str] = &["a", "bc", "spec ", "é", "😀", "日本", "-", "👩‍👩‍👧 "];
const FIELDS: &[&str] = &[
    "type", "status", "priority", "labels", "estimate", "dueDate", "custom",
];

fn random_value(rng: &dyn Rng, key: &str) -> Value {
    let pick = |list: &[&str]| Value::from(list[below(rng, list.len() as u32) as usize]);
    match key {
        "type" => pick(&["epic", "feature", "story", "task"]),
        "status" => pick(&["todo", "done", "in_progress"]),
        "priority" => pick(&["low", "high"]),
        "labels" => json!([pick(&["ui", "api"]), pick(&["core", "docs"])]),
        "estimate" => json!(f64::from(below(rng, 20)) / 2.0),
        "dueDate" => pick(&["2026-01-31", "2026-02-28"]),
        _ => json!({ "n": below(rng, 9), "deep": [null, true, { "x": "y" }] }),
    }
}

/// A random number below `n`.
pub fn below(rng: &dyn Rng, n: u32) -> u32 {
    (rng.next_u64() % u64::from(n.max(1))) as u32
}

/// A random offset between characters, in UTF-16 units.
fn offset(rng: &dyn Rng, text: &str) -> u32 {
    let at = below(rng, text.chars().count() as u32 + 1) as usize;
    text.chars().take(at).map(|c| c.len_utf16() as u32).sum()
}

/// A random range of whole characters, in UTF-16 units; may be empty.
fn range(rng: &dyn Rng, text: &str) -> (u32, u32) {
    let (a, b) = (offset(rng, text), offset(rng, text));
    (a.min(b), a.abs_diff(b))
}

fn criterion<T: ReadTxn>(txn: &T, index: u32) -> MapRef {
    let array = txn.get_array(schema::CRITERIA).expect("made by new");
    match array.get(txn, index) {
        Some(Out::YMap(map)) => map,
        other => panic!("criterion {index} is {other:?}"),
    }
}

/// A block of the description and its first text.
fn block<T: ReadTxn>(txn: &T, index: u32) -> Option<(XmlElementRef, XmlTextRef)> {
    let root = txn.get_xml_fragment(schema::DESCRIPTION)?;
    let element = root.get(txn, index)?.into_xml_element()?;
    let text = element.get(txn, 0)?.into_xml_text()?;
    Some((element, text))
}

fn any(value: &Value) -> Any {
    Any::from_json(&value.to_string()).expect("JSON is a plain value")
}

fn attributes(attrs: Option<&Attrs>) -> Value {
    let mut entries: Vec<_> = attrs.into_iter().flatten().collect();
    entries.sort_by(|a, b| a.0.cmp(b.0));
    let entries = entries
        .into_iter()
        .map(|(key, value)| (key.to_string(), plain(value)));
    Value::Object(entries.collect())
}

fn plain(any: &Any) -> Value {
    crate::prosemirror::json(any, 64).unwrap_or(Value::Null)
}

/// A shared type as JSON; a sequence is a list of runs of text and of what is embedded.
fn dump<T: ReadTxn>(txn: &T, value: &Out) -> Value {
    let sequence = |text: &yrs::TextRef| {
        let chunks = text.diff(txn, YChange::identity).into_iter();
        chunks
            .map(|chunk| match (&chunk.insert, chunk.attributes.as_deref()) {
                (insert, None) => dump(txn, insert),
                (insert, attrs) => json!([dump(txn, insert), attributes(attrs)]),
            })
            .collect::<Vec<_>>()
    };
    match value {
        Out::Any(any) => plain(any),
        Out::YText(text) => sequence(text).into(),
        Out::YMap(map) => {
            let mut entries: Vec<_> = map.iter(txn).collect();
            entries.sort_by_key(|(key, _)| *key);
            let entries = entries
                .into_iter()
                .map(|(key, value)| (key.to_owned(), dump(txn, &value)));
            Value::Object(entries.collect())
        }
        Out::YXmlElement(element) => {
            let mut attrs: Vec<_> = element.attributes(txn).collect();
            attrs.sort_by_key(|(key, _)| *key);
            let attrs = attrs
                .into_iter()
                .map(|(key, value)| (key.to_owned(), dump(txn, &value)));
            let children = children(element.as_ref(), txn);
            json!({
                "element": element.try_tag().map(ToString::to_string),
                "attrs": attrs.collect::<JsonMap<_, _>>(),
                "children": children.iter().map(|child| dump(txn, child)).collect::<Vec<_>>(),
            })
        }
        Out::YXmlText(text) => sequence(text.as_ref()).into(),
        other => plain(&other.to_json(txn)),
    }
}
