//! Whom and what a description names.

use std::collections::HashMap;
use std::str::FromStr;

use model::{ItemId, UserId};
use serde::Serialize;
use serde_json::Value;

use super::read::{inline_text, push_limited};

/// How many people, and how many items, are read.
pub const MAX_REFERENCES: usize = 500;

/// The longest text around a link, in characters.
const EXCERPT: usize = 200;
/// How much of it stands before the link, in characters.
const BEFORE: usize = 80;
/// The most of a block that is looked at for that, in bytes.
const BLOCK: usize = 100_000;

/// Whom and what a description names, each once, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct References {
    /// The people.
    pub mentions: Vec<UserId>,
    /// The items.
    pub links: Vec<Link>,
}

impl References {
    /// More items, unless they are there.
    pub(crate) fn add(&mut self, links: Vec<Link>) {
        for link in links {
            let known = self.links.iter().any(|there| there.item == link.item);
            if !known && self.links.len() < MAX_REFERENCES {
                self.links.push(link);
            }
        }
    }
}

/// An item that is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Which one.
    pub item: ItemId,
    /// The text around it, of its own block: at most 200 characters, one line.
    pub excerpt: String,
}

/// Finds the `mention` and `itemLink` nodes of a document. Total: a node without an id is none.
pub fn references(doc: &Value) -> References {
    let mut out = References::default();
    // Each node as a place among its siblings.
    let mut places = vec![(std::slice::from_ref(doc), 0)];
    while let Some((siblings, at)) = places.pop() {
        let node = &siblings[at];
        match node["type"].as_str() {
            Some("mention") => {
                if let Some(id) = id(node)
                    && out.mentions.len() < MAX_REFERENCES
                    && !out.mentions.contains(&id)
                {
                    out.mentions.push(id);
                }
            }
            Some("itemLink") => {
                if let Some(item) = id(node)
                    && out.links.len() < MAX_REFERENCES
                    && out.links.iter().all(|link| link.item != item)
                {
                    let excerpt = excerpt(siblings, at);
                    out.links.push(Link { item, excerpt });
                }
            }
            _ => {}
        }
        let content = node["content"].as_array().map_or(&[][..], Vec::as_slice);
        places.extend((0..content.len()).rev().map(|at| (content, at)));
    }
    out
}

fn id<T: FromStr>(node: &Value) -> Option<T> {
    node["attrs"]["id"].as_str()?.parse().ok()
}

/// The text of a block around its child at `at`.
fn excerpt(inline: &[Value], at: usize) -> String {
    let mut text = String::new();
    let mut start = 0;
    for (i, node) in inline.iter().enumerate() {
        if i == at {
            start = text.len();
        }
        match node["text"].as_str() {
            Some(plain) => push_limited(&mut text, plain, BLOCK),
            None => push_limited(&mut text, &inline_text(node).unwrap_or_default(), BLOCK),
        }
    }
    let from = match text[..start].char_indices().rev().nth(BEFORE) {
        // At a word, if there is one near.
        Some((cut, _)) => cut + text[cut..start].find(' ').map_or(0, |space| space + 1),
        None => 0,
    };
    let rest: Vec<char> = text[from..].chars().collect();
    let cut = rest.len() > EXCERPT - 2;
    let mut out = String::new();
    if from > 0 {
        out.push('…');
    }
    let kept = rest.into_iter().take(EXCERPT - 2);
    out.extend(kept.map(|c| if c.is_control() { ' ' } else { c }));
    if cut {
        out.push('…');
    }
    out.trim().to_owned()
}

/// Has the `itemLink` nodes of a document name other items: those of `new` by the old.
pub fn point_links(doc: &mut Value, new: &HashMap<ItemId, ItemId>) {
    let mut nodes = vec![doc];
    while let Some(node) = nodes.pop() {
        if node["type"] == "itemLink"
            && let Some(to) = id(node).and_then(|old: ItemId| new.get(&old))
            && let Some(id) = node.get_mut("attrs").and_then(|attrs| attrs.get_mut("id"))
        {
            *id = to.to_string().into();
        }
        if let Some(content) = node.get_mut("content").and_then(Value::as_array_mut) {
            nodes.extend(content);
        }
    }
}
