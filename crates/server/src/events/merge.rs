//! What a stream says at once: a thousand items that changed together are a few messages, not a thousand.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::events::feed::{Frame, Message};

/// The most items, or ids, of a message. A message that had more when it was written keeps them.
const MOST: usize = 500;

/// The messages of some frames in order, those of the same sort side by side made one. With the number to resume from, where a message completes a frame.
pub(crate) fn merged(frames: &[Arc<Frame>]) -> Vec<(Option<i64>, Message)> {
    let mut out: Vec<(Option<i64>, Message)> = Vec::new();
    let mut open: Option<Group> = None;
    for frame in frames {
        let count = frame.messages.len();
        for (n, message) in frame.messages.iter().enumerate() {
            let seq = (n + 1 == count).then_some(frame.seq);
            if let Some(group) = open.as_mut().filter(|group| group.takes(message)) {
                group.add(message);
                group.seq = seq.or(group.seq);
                continue;
            }
            out.extend(open.take().map(Group::close));
            match Group::of(message) {
                Some(mut group) => {
                    group.seq = seq;
                    open = Some(group);
                }
                None => out.push((seq, message.clone())),
            }
        }
    }
    out.extend(open.map(Group::close));
    out
}

/// Messages that are one.
struct Group {
    seq: Option<i64>,
    /// The last one, for what they have in common.
    message: Message,
    /// The items, or the ids.
    values: Vec<Value>,
    /// Where an item stands among them.
    places: HashMap<String, usize>,
}

impl Group {
    fn of(message: &Message) -> Option<Self> {
        values(message)?;
        let mut group = Self {
            seq: None,
            message: message.clone(),
            values: Vec::new(),
            places: HashMap::new(),
        };
        group.add(message);
        Some(group)
    }

    fn takes(&self, message: &Message) -> bool {
        let project = |message: &Message| message.data.get("project_id").cloned();
        message.kind == self.message.kind
            && project(message) == project(&self.message)
            && values(message).is_some_and(|more| self.values.len() + more.len() <= MOST)
    }

    fn add(&mut self, message: &Message) {
        for value in values(message).unwrap_or_default() {
            let id = value.get("id").and_then(Value::as_str);
            // An item that changed twice is shown as it is now.
            match id.and_then(|id| self.places.get(id)) {
                Some(&place) => self.values[place] = value,
                None => {
                    let place = self.values.len();
                    self.places.extend(id.map(|id| (id.to_owned(), place)));
                    self.values.push(value);
                }
            }
        }
    }

    fn close(self) -> (Option<i64>, Message) {
        let Self {
            seq,
            mut message,
            mut values,
            ..
        } = self;
        let put = |data: &mut Map<String, Value>, key: &str, value| {
            data.insert(key.to_owned(), value);
        };
        if message.kind == "item.changed" {
            if values.len() == 1 {
                put(&mut message.data, "item", values.remove(0));
            } else {
                message.kind = "items.changed".into();
                message.data.remove("item");
                put(&mut message.data, "type", "items.changed".into());
                put(&mut message.data, "items", values.into());
            }
        } else {
            put(&mut message.data, "ids", values.into());
        }
        (seq, message)
    }
}

/// What a message is about, if it can be one with others.
fn values(message: &Message) -> Option<Vec<Value>> {
    match message.kind.as_str() {
        "item.changed" => message.data.get("item").map(|item| vec![item.clone()]),
        "item.deleted" | "item.restored" => message.data.get("ids")?.as_array().cloned(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn frame(seq: i64, messages: &[Value]) -> Arc<Frame> {
        let message = |data: &Value| Message {
            kind: data["type"].as_str().unwrap().to_owned(),
            data: data.as_object().unwrap().clone(),
        };
        Arc::new(Frame {
            seq,
            messages: messages.iter().map(message).collect(),
        })
    }

    fn item(project: &str, id: &str, title: &str) -> Value {
        json!({ "type": "item.changed", "project_id": project, "item": { "id": id, "title": title } })
    }

    fn sent(frames: &[Arc<Frame>]) -> Value {
        let list = merged(frames).into_iter();
        list.map(|(seq, message)| {
            assert_eq!(message.data["type"], message.kind.as_str());
            json!([seq, message.data])
        })
        .collect()
    }

    #[test]
    fn what_changed_together_is_one_message() {
        let deleted =
            |ids: &[&str]| json!({ "type": "item.deleted", "project_id": "p", "ids": ids });
        let fields = json!({ "type": "fields.changed", "project_id": "p" });
        let all = [
            frame(1, &[item("p", "a", "A")]),
            frame(2, &[]),
            frame(3, &[item("p", "b", "B"), item("p", "a", "A2")]),
            frame(4, &[item("q", "c", "C")]),
            frame(5, std::slice::from_ref(&fields)),
            frame(6, &[deleted(&["a"])]),
            frame(7, &[deleted(&["b", "d"])]),
            frame(8, &[item("p", "e", "E")]),
        ];
        let ab = [
            json!({ "id": "a", "title": "A2" }),
            json!({ "id": "b", "title": "B" }),
        ];
        assert_eq!(
            sent(&all),
            json!([
                [3, { "type": "items.changed", "project_id": "p", "items": ab }],
                [4, item("q", "c", "C")],
                [5, fields],
                [7, deleted(&["a", "b", "d"])],
                [8, item("p", "e", "E")],
            ])
        );
        assert_eq!(sent(&[]), json!([]));
    }

    #[test]
    fn a_message_has_a_bound_and_only_whole_frames_can_be_resumed_from() {
        let many: Vec<Value> = (0..MOST + 1)
            .map(|n| item("p", &n.to_string(), "x"))
            .collect();
        let sent = merged(&[frame(1, &many), frame(2, &[item("p", "z", "Z")])]);
        let seqs: Vec<_> = sent.iter().map(|(seq, _)| *seq).collect();
        assert_eq!(seqs, [None, Some(2)]);
        assert_eq!(sent[0].1.data["items"].as_array().unwrap().len(), MOST);
        assert_eq!(sent[1].1.data["items"].as_array().unwrap().len(), 2);
    }
}
