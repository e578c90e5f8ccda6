//! A diagram's document as one client holds it, made by hand: the maps and texts of Yjs, and the edits that a canvas makes.
//!
//! Values of a map are set, never merged; people type behind what stands in a text. So no item here names one to its right,
//! and where concurrent items stand follows from those to their left and the order of client ids (YATA; yjs
//! `src/structs/Item.js`). What needs more than that is an error.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use crate::wire::{Cursor, put_bytes, put_var};

pub(crate) const SHAPES: &str = "shapes";
pub(crate) const CONNECTORS: &str = "connectors";
const TEXT: &str = "text";

/// Client and clock.
type Id = (u64, u64);

/// What something stands in.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Parent {
    Root(String),
    Type(Id),
}

/// One clock of one client.
struct Unit {
    /// Where it stands; `None` if that has been forgotten with it.
    list: Option<usize>,
    origin: Option<Id>,
    deleted: bool,
    what: What,
}

#[derive(Clone)]
enum What {
    Gone,
    Value(Value),
    Character(char),
    Map,
    Text,
}

/// What a key of a map has held (the last counts), or what stands in a text, in order.
struct List {
    of_key: bool,
    ids: Vec<Id>,
}

/// A client's document.
#[derive(Default)]
pub(crate) struct Doc {
    units: HashMap<u64, Vec<Unit>>,
    count: usize,
    lists: Vec<List>,
    /// By what they stand in, then by key; a text's has none.
    places: HashMap<Parent, BTreeMap<String, usize>>,
}

/// Changes that leave as one update.
pub(crate) struct Edit<'a> {
    doc: &'a Doc,
    client: u64,
    first: u64,
    next: u64,
    structs: u64,
    body: Vec<u8>,
    deleted: Vec<Id>,
}

impl Doc {
    /// The clock of a client's next change.
    pub(crate) fn next(&self, client: u64) -> u64 {
        self.units
            .get(&client)
            .map_or(0, |units| units.len() as u64)
    }

    /// What stands in a root, and isn't deleted.
    pub(crate) fn ids(&self, root: &str) -> Vec<String> {
        let there = |(key, list): (&String, &usize)| self.last(*list).map(|_| key.clone());
        let keys = self.places.get(&Parent::Root(root.to_owned()));
        keys.into_iter().flatten().filter_map(there).collect()
    }

    /// A plain value of a shape or connector.
    pub(crate) fn value(&self, root: &str, id: &str, key: &str) -> Option<&Value> {
        match &self
            .entry(&Parent::Type(self.element(root, id)?), key)?
            .1
            .what
        {
            What::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The diagram as plain values, as Canopy's JSON has it: a connector of which a shape is gone is not there.
    pub(crate) fn plain(&self) -> BTreeMap<String, Value> {
        let mut out = BTreeMap::new();
        for root in [SHAPES, CONNECTORS] {
            for id in self.ids(root) {
                let ends = ["from", "to"].map(|end| self.value(root, &id, end));
                let held = ends.into_iter().flatten().all(|end| {
                    let shape = end.get("shape").and_then(Value::as_str);
                    shape.is_none_or(|shape| self.element(SHAPES, shape).is_some())
                });
                if held && let Some(element) = self.element(root, &id) {
                    out.insert(format!("{root}/{id}"), Value::Object(self.keys(element)));
                }
            }
        }
        out
    }

    fn keys(&self, element: Id) -> Map<String, Value> {
        let mut out = Map::new();
        for (key, list) in self
            .places
            .get(&Parent::Type(element))
            .into_iter()
            .flatten()
        {
            let Some((id, unit)) = self.last(*list) else {
                continue;
            };
            let value = match &unit.what {
                What::Value(value) => value.clone(),
                What::Text => self.text(id).into(),
                _ => continue,
            };
            out.insert(key.clone(), value);
        }
        out
    }

    fn text(&self, id: Id) -> String {
        let list = self
            .places
            .get(&Parent::Type(id))
            .and_then(|keys| keys.get(""));
        let ids = list.map_or(&[][..], |list| &self.lists[*list].ids);
        let units = ids.iter().map(|id| self.unit(*id));
        units
            .filter(|unit| !unit.deleted)
            .filter_map(|unit| match unit.what {
                What::Character(c) => Some(c),
                _ => None,
            })
            .collect()
    }

    fn unit(&self, (client, clock): Id) -> &Unit {
        &self.units[&client][clock as usize]
    }

    /// What a key holds.
    fn last(&self, list: usize) -> Option<(Id, &Unit)> {
        let id = *self.lists[list].ids.last()?;
        let unit = self.unit(id);
        (!unit.deleted).then_some((id, unit))
    }

    fn entry(&self, parent: &Parent, key: &str) -> Option<(Id, &Unit)> {
        self.last(*self.places.get(parent)?.get(key)?)
    }

    fn element(&self, root: &str, id: &str) -> Option<Id> {
        let (id, unit) = self.entry(&Parent::Root(root.to_owned()), id)?;
        matches!(unit.what, What::Map).then_some(id)
    }

    /// Begins a change by a client.
    pub(crate) fn edit(&self, client: u64) -> Edit<'_> {
        Edit {
            doc: self,
            client,
            first: self.next(client),
            next: self.next(client),
            structs: 0,
            body: Vec::new(),
            deleted: Vec::new(),
        }
    }

    /// Takes an update in. What it builds on must be here or in it: clients' parts stand in the order of their ids, and each may
    /// need any other.
    pub(crate) fn apply(&mut self, update: &[u8]) -> Result<()> {
        loop {
            let before = self.count;
            let mut at = Cursor::new(update);
            let mut missing = false;
            for _ in 0..at.var().context("cut off")? {
                let structs = at.var().context("cut off")?;
                let client = at.var().context("cut off")?;
                let mut clock = at.var().context("cut off")?;
                let mut blocked = false;
                for _ in 0..structs {
                    clock += self.item(&mut at, client, clock, &mut blocked)?;
                }
                missing |= blocked;
            }
            if !missing {
                return self.delete(&mut at);
            }
            if self.count == before {
                bail!("what it follows is not here");
            }
        }
    }

    /// Reads and takes in what an update deletes, up to its end.
    fn delete(&mut self, at: &mut Cursor<'_>) -> Result<()> {
        for _ in 0..at.var().context("cut off")? {
            let client = at.var().context("cut off")?;
            for _ in 0..at.var().context("cut off")? {
                let (clock, len) = (at.var().context("cut off")?, at.var().context("cut off")?);
                for clock in clock..clock + len {
                    let units = self.units.get_mut(&client);
                    units
                        .and_then(|units| units.get_mut(clock as usize))
                        .context("deletes what is not here")?
                        .deleted = true;
                }
            }
        }
        if !at.is_empty() {
            bail!("something behind the update");
        }
        Ok(())
    }

    /// Reads one struct and takes it in, unless what it needs is missing (`blocked`); gives its length.
    fn item(
        &mut self,
        at: &mut Cursor<'_>,
        client: u64,
        clock: u64,
        blocked: &mut bool,
    ) -> Result<u64> {
        let info = at.byte().context("cut off")?;
        let kind = info & 31;
        *blocked |= clock > self.next(client);
        if kind == 0 || kind == 10 {
            let len = at.var().context("cut off")?;
            for clock in clock..clock + len {
                if kind == 0 && !*blocked {
                    self.put((client, clock), None, None, What::Gone)?;
                }
            }
            return Ok(len);
        }
        let id = |at: &mut Cursor<'_>| Some((at.var()?, at.var()?));
        if info & 0x40 != 0 {
            bail!("an item that names one to its right");
        }
        let (mut origin, mut place) = (None, None);
        if info & 0x80 != 0 {
            origin = Some(id(at).context("cut off")?);
        } else {
            let parent = match at.var().context("cut off")? {
                1 => Parent::Root(at.str().context("cut off")?.to_owned()),
                _ => Parent::Type(id(at).context("cut off")?),
            };
            let key = if info & 0x20 == 0 {
                ""
            } else {
                at.str().context("cut off")?
            };
            place = Some((parent, key));
        }
        let content = content(at, kind).context("content that a canvas doesn't have")?;
        let len = content.len() as u64;
        *blocked |= origin.is_some_and(|(client, clock)| clock >= self.next(client));
        if *blocked {
            return Ok(len);
        }
        let list = match (origin, place) {
            (Some(origin), _) => self.unit(origin).list,
            (None, Some((parent, key))) => {
                let next = self.lists.len();
                let keys = self.places.entry(parent).or_default();
                let list = *keys.entry(key.to_owned()).or_insert(next);
                if list == next {
                    self.lists.push(List {
                        of_key: info & 0x20 != 0,
                        ids: Vec::new(),
                    });
                }
                Some(list)
            }
            (None, None) => None,
        };
        for (n, what) in content.into_iter().enumerate() {
            let this = clock + n as u64;
            let left = if n == 0 {
                origin
            } else {
                Some((client, this - 1))
            };
            self.put((client, this), list, left, what)?;
        }
        Ok(len)
    }

    fn put(&mut self, id: Id, list: Option<usize>, origin: Option<Id>, what: What) -> Result<()> {
        let next = self.next(id.0);
        if id.1 < next {
            return Ok(());
        }
        let mut unit = Unit {
            list,
            origin,
            deleted: matches!(what, What::Gone),
            what,
        };
        if let Some(list) = list {
            let ids = &self.lists[list].ids;
            let start = match origin {
                None => 0,
                Some(origin) => {
                    1 + ids
                        .iter()
                        .rposition(|id| *id == origin)
                        .context("what it follows stands elsewhere")?
                }
            };
            // Behind those that others put at the same place, in the order of clients, with what follows them.
            let mut place = start;
            while let Some(there) = ids.get(place) {
                let left = self.unit(*there).origin;
                let beside = left == origin && there.0 < id.0;
                if !beside && !left.is_some_and(|left| ids[start..place].contains(&left)) {
                    break;
                }
                place += 1;
            }
            if self.lists[list].of_key {
                if place < ids.len() {
                    unit.deleted = true;
                } else if let Some((client, clock)) = ids.last().copied()
                    && let Some(units) = self.units.get_mut(&client)
                {
                    units[clock as usize].deleted = true;
                }
            }
            self.lists[list].ids.insert(place, id);
        }
        self.units.entry(id.0).or_default().push(unit);
        self.count += 1;
        Ok(())
    }
}

impl Edit<'_> {
    fn head(&mut self, kind: u8, parent: &Parent, key: &str) {
        let place = self.doc.places.get(parent).and_then(|keys| keys.get(key));
        let left = place.and_then(|list| self.doc.lists[*list].ids.last());
        let keyed = if key.is_empty() { 0 } else { 0x20 };
        self.structs += 1;
        match left {
            Some(&(client, clock)) => {
                self.body.push(kind | 0x80 | keyed);
                put_var(&mut self.body, client);
                put_var(&mut self.body, clock);
                if keyed != 0 && !self.doc.unit((client, clock)).deleted {
                    self.deleted.push((client, clock));
                }
            }
            None => {
                self.body.push(kind | keyed);
                match parent {
                    Parent::Root(name) => {
                        self.body.push(1);
                        put_bytes(&mut self.body, name.as_bytes());
                    }
                    Parent::Type((client, clock)) => {
                        self.body.push(0);
                        put_var(&mut self.body, *client);
                        put_var(&mut self.body, *clock);
                    }
                }
                if keyed != 0 {
                    put_bytes(&mut self.body, key.as_bytes());
                }
            }
        }
    }

    fn set_in(&mut self, element: Id, key: &str, value: &Value) {
        self.head(8, &Parent::Type(element), key);
        self.body.push(1);
        put_any(&mut self.body, value);
        self.next += 1;
    }

    /// Sets a key of what is there.
    pub(crate) fn set(&mut self, root: &str, id: &str, key: &str, value: &Value) {
        if let Some(element) = self.doc.element(root, id) {
            self.set_in(element, key, value);
        }
    }

    /// Makes a shape or connector with its text.
    pub(crate) fn add(&mut self, root: &str, id: &str, keys: &Value, text: &str) {
        let element = (self.client, self.next);
        self.head(7, &Parent::Root(root.to_owned()), id);
        self.body.push(1);
        self.next += 1;
        for (key, value) in keys.as_object().into_iter().flatten() {
            self.set_in(element, key, value);
        }
        let place = (self.client, self.next);
        self.head(7, &Parent::Type(element), TEXT);
        self.body.push(2);
        self.next += 1;
        self.characters(place, text);
    }

    /// Types behind the text of what is there.
    pub(crate) fn type_text(&mut self, root: &str, id: &str, text: &str) {
        let place = self
            .doc
            .element(root, id)
            .and_then(|element| self.doc.entry(&Parent::Type(element), TEXT));
        if let Some((
            place,
            Unit {
                what: What::Text, ..
            },
        )) = place
        {
            self.characters(place, text);
        }
    }

    fn characters(&mut self, text: Id, characters: &str) {
        if !characters.is_empty() {
            self.head(4, &Parent::Type(text), "");
            put_bytes(&mut self.body, characters.as_bytes());
            self.next += characters.len() as u64;
        }
    }

    /// Deletes a shape or connector, with all that is in it.
    pub(crate) fn delete(&mut self, root: &str, id: &str) {
        if let Some(element) = self.doc.element(root, id) {
            self.delete_all(element);
        }
    }

    fn delete_all(&mut self, id: Id) {
        self.deleted.push(id);
        for list in self
            .doc
            .places
            .get(&Parent::Type(id))
            .into_iter()
            .flat_map(BTreeMap::values)
        {
            for inner in &self.doc.lists[*list].ids {
                if !self.doc.unit(*inner).deleted {
                    self.delete_all(*inner);
                }
            }
        }
    }

    /// The update, and the clock of its first item if it has one. `None`: nothing has changed.
    pub(crate) fn finish(mut self) -> Option<(Vec<u8>, Option<u64>)> {
        if self.structs == 0 && self.deleted.is_empty() {
            return None;
        }
        let mut out = Vec::with_capacity(self.body.len() + 32);
        if self.structs == 0 {
            out.push(0);
        } else {
            for value in [1, self.structs, self.client, self.first] {
                put_var(&mut out, value);
            }
            out.append(&mut self.body);
        }
        let mut by_client: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (client, clock) in self.deleted {
            by_client.entry(client).or_default().push(clock);
        }
        put_var(&mut out, by_client.len() as u64);
        for (client, mut clocks) in by_client.into_iter().rev() {
            clocks.sort_unstable();
            clocks.dedup();
            let runs: Vec<&[u64]> = clocks.chunk_by(|a, b| a + 1 == *b).collect();
            put_var(&mut out, client);
            put_var(&mut out, runs.len() as u64);
            for run in runs {
                put_var(&mut out, run[0]);
                put_var(&mut out, run.len() as u64);
            }
        }
        Some((out, (self.structs > 0).then_some(self.first)))
    }
}

/// What an item holds, clock by clock.
fn content(at: &mut Cursor<'_>, kind: u8) -> Option<Vec<What>> {
    Some(match kind {
        1 => vec![What::Gone; usize::try_from(at.var()?).ok()?],
        4 => {
            let text = at.str()?;
            // A character is a clock only while it is one unit of UTF-16.
            if text.chars().any(|c| c.len_utf16() != 1) {
                return None;
            }
            text.chars().map(What::Character).collect()
        }
        7 => match at.var()? {
            1 => vec![What::Map],
            2 => vec![What::Text],
            _ => return None,
        },
        8 => (0..at.var()?)
            .map(|_| any(at).map(What::Value))
            .collect::<Option<_>>()?,
        _ => return None,
    })
}

/// lib0's `writeAny`, for what a canvas holds.
fn put_any(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(126),
        Value::Bool(value) => out.push(121 - u8::from(*value)),
        Value::Number(number) => {
            out.push(123);
            out.extend_from_slice(&number.as_f64().unwrap_or_default().to_be_bytes());
        }
        Value::String(text) => {
            out.push(119);
            put_bytes(out, text.as_bytes());
        }
        Value::Array(values) => {
            out.push(117);
            put_var(out, values.len() as u64);
            values.iter().for_each(|value| put_any(out, value));
        }
        Value::Object(values) => {
            out.push(118);
            put_var(out, values.len() as u64);
            for (key, value) in values {
                put_bytes(out, key.as_bytes());
                put_any(out, value);
            }
        }
    }
}

/// lib0's `readAny`; whole numbers as JSON writes them.
fn any(at: &mut Cursor<'_>) -> Option<Value> {
    let whole = |number: f64| {
        if number.fract() == 0.0 && number.abs() < 9e15 {
            Value::from(number as i64)
        } else {
            Value::from(number)
        }
    };
    Some(match at.byte()? {
        126 | 127 => Value::Null,
        120 => Value::Bool(true),
        121 => Value::Bool(false),
        125 => {
            let first = at.byte()?;
            let mut value = i64::from(first & 0x3f);
            let (mut more, mut shift) = (first & 0x80 != 0, 6);
            while more && shift < 56 {
                let byte = at.byte()?;
                value |= i64::from(byte & 0x7f) << shift;
                (more, shift) = (byte & 0x80 != 0, shift + 7);
            }
            Value::from(if first & 0x40 == 0 { value } else { -value })
        }
        124 => whole(f64::from(f32::from_be_bytes(at.take(4)?.try_into().ok()?))),
        123 => whole(f64::from_be_bytes(at.take(8)?.try_into().ok()?)),
        119 => Value::from(at.str()?),
        118 => (0..at.var()?)
            .map(|_| Some((at.str()?.to_owned(), any(at)?)))
            .collect::<Option<Map<_, _>>>()?
            .into(),
        117 => (0..at.var()?)
            .map(|_| any(at))
            .collect::<Option<Vec<_>>>()?
            .into(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn doc(updates: &[&[u8]]) -> Doc {
        let mut doc = Doc::default();
        for update in updates {
            doc.apply(update).unwrap();
        }
        doc
    }

    fn made(doc: &Doc, client: u64, make: impl FnOnce(&mut Edit<'_>)) -> Vec<u8> {
        let mut edit = doc.edit(client);
        make(&mut edit);
        edit.finish().unwrap().0
    }

    #[test]
    fn replicas_agree_in_any_order() {
        let none = Doc::default();
        let base = made(&none, 9, |edit| {
            for id in ["a", "b"] {
                edit.add(SHAPES, id, &json!({ "at": [0, 0.5] }), "one");
            }
        });
        let old = doc(&[&base]);
        let at = |x: i32| json!([x, 0]);
        let one = made(&old, 1, |edit| {
            edit.set(SHAPES, "a", "at", &at(1));
            edit.type_text(SHAPES, "a", "xy");
            edit.delete(SHAPES, "b");
        });
        let two = made(&old, 2, |edit| {
            edit.set(SHAPES, "a", "at", &at(2));
            edit.type_text(SHAPES, "a", "z");
            edit.add(
                CONNECTORS,
                "c",
                &json!({ "from": { "shape": "a" }, "to": { "shape": "b" } }),
                "",
            );
        });
        let seen = doc(&[&base, &one]);
        let three = made(&seen, 3, |edit| edit.set(SHAPES, "a", "at", &at(3)));
        let want = BTreeMap::from([(
            "shapes/a".to_owned(),
            json!({ "at": [2, 0], "text": "onexyz" }),
        )]);
        for order in [
            [&one, &two, &three],
            [&two, &one, &three],
            [&one, &three, &two],
        ] {
            let replica = doc(&[&base, order[0], order[1], order[2], order[1]]);
            assert_eq!(replica.plain(), want);
        }
        let after = doc(&[&base, &one, &two, &three]);
        let last = made(&after, 1, |edit| edit.set(SHAPES, "a", "at", &at(4)));
        assert_eq!(
            doc(&[&base, &one, &two, &three, &last]).value(SHAPES, "a", "at"),
            Some(&at(4))
        );
    }

    #[test]
    fn parts_of_one_update_need_each_other() {
        let base = made(&Doc::default(), 9, |edit| {
            edit.add(SHAPES, "a", &json!({}), "x")
        });
        let old = doc(&[&base]);
        let next = made(&old, 11, |edit| edit.type_text(SHAPES, "a", "y"));
        // Larger ids first, as Yjs writes them, and nothing deleted.
        let body = |update: &[u8]| update[1..update.len() - 1].to_vec();
        let both = [vec![2], body(&next), body(&base), vec![0]].concat();
        assert_eq!(doc(&[&both]).plain()["shapes/a"]["text"], "xy");
    }

    #[test]
    fn what_is_missing_is_an_error() {
        let base = made(&Doc::default(), 9, |edit| {
            edit.add(SHAPES, "a", &json!({}), "x")
        });
        let old = doc(&[&base]);
        let next = made(&old, 9, |edit| edit.type_text(SHAPES, "a", "y"));
        assert!(Doc::default().apply(&next).is_err());
        assert!(Doc::default().apply(&base[..base.len() - 1]).is_err());
    }
}
