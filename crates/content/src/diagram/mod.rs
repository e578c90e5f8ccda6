//! A diagram: shapes and connectors, as an item's document has them beside its title and fields.
//!
//! `rules.json` and the algorithms of [`geometry`] and [`svg`] are the web client's too, in `web/src/canvas`; the fixtures
//! hold both to the same output.

pub mod geometry;
mod json;
mod read;
mod rules;
mod style;
pub mod svg;
mod text;
mod write;

use std::collections::{HashMap, HashSet};

use model::ItemId;
use serde_json::{Map, Value};

pub use json::{from_json, to_json};
pub(crate) use read::read;
pub use style::{Style, Theme};
pub(crate) use write::write;

use crate::error::Problems;
use crate::prosemirror::{Link, push_limited};

/// How many shapes, and how many connectors, are read.
pub const MAX_ELEMENTS: usize = 20_000;
/// The longest text of a shape or connector, in characters.
pub const MAX_TEXT: usize = 10_000;
/// How many numbers a freehand line has.
pub const MAX_POINTS: usize = 30_000;
/// How far from the origin anything stands, and how large it is at most.
pub const MAX_COORDINATE: f64 = 1e6;
const MAX_SIZE: f64 = 1e5;
/// The longest id, in bytes.
pub const MAX_ID: usize = 64;
/// How many ways a connector takes on purpose.
/// Where ends stand along a side, unless they say so.
const MIDDLE: f64 = 0.5;
const MAX_WAYPOINTS: usize = 100;

/// A point in diagram units: pixels at 100 %, y downwards.
pub type Point = [f64; 2];

/// What stands on a canvas, in the order in which it is drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Canvas {
    /// Back to front.
    pub shapes: Vec<Shape>,
    /// Back to front. Both ends of each are there.
    pub connectors: Vec<Connector>,
}

/// A shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Unique in the diagram.
    pub id: String,
    /// What it is; a word that isn't known is drawn as a rectangle.
    pub kind: String,
    /// Its top left corner.
    pub at: Point,
    /// Its width and height.
    pub size: Point,
    /// Degrees, clockwise about its centre.
    pub angle: f64,
    /// What stands in it; `\n` breaks lines.
    pub text: String,
    /// The frame that holds it.
    pub frame: Option<String>,
    /// The item that a card shows.
    pub item: Option<ItemId>,
    /// The file that an image shows.
    pub file: Option<String>,
    /// A freehand line: x, y and pressure, one after the other.
    pub points: Vec<f64>,
    /// The width and height that the line was drawn in.
    pub base: Point,
    /// How it looks.
    pub style: Style,
    /// Everything but the text, as it is stored.
    pub values: Map<String, Value>,
}

/// A line between two shapes or points.
#[derive(Debug, Clone, PartialEq)]
pub struct Connector {
    /// Unique in the diagram.
    pub id: String,
    /// Where it begins.
    pub from: End,
    /// Where it ends.
    pub to: End,
    /// How it goes.
    pub route: Route,
    /// Where it goes through, unless it is orthogonal.
    pub points: Vec<Point>,
    /// What stands at half its length.
    pub text: String,
    /// What stands at its beginning.
    pub start_text: String,
    /// What stands at its end.
    pub end_text: String,
    /// The head at its beginning.
    pub start: Head,
    /// The head at its end.
    pub end: Head,
    /// How it looks.
    pub style: Style,
    /// Everything but the text, as it is stored.
    pub values: Map<String, Value>,
}

/// An end of a connector.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// At a shape, on a side or on the one that suits.
    Shape {
        /// Which shape.
        id: String,
        /// Which side.
        side: Option<Side>,
        /// Where on that side, 0 at its left or upper corner before it is turned, to 1.
        along: f64,
    },
    /// Free.
    At(Point),
}

/// A side of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Side {
    Top,
    Right,
    Bottom,
    Left,
}

/// How a connector goes from one end to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Route {
    Straight,
    Orthogonal,
    Curved,
}

/// What a connector ends in. Crow's feet say how many: `one`, `many`, and from none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Head {
    None,
    Arrow,
    Triangle,
    TriangleOpen,
    Diamond,
    DiamondOpen,
    Circle,
    CircleOpen,
    Cross,
    One,
    Many,
    OneMany,
    ZeroOne,
    ZeroMany,
}

impl Canvas {
    /// Puts them in order. A connector of which a shape isn't there is left out: somebody deleted the shape while somebody
    /// else connected it.
    pub(crate) fn new(
        shapes: Vec<Shape>,
        connectors: Vec<Connector>,
        problems: &mut Problems,
    ) -> Self {
        let mut canvas = Self { shapes, connectors };
        canvas
            .shapes
            .sort_by(|a, b| order(&a.values, &a.id, &b.values, &b.id));
        canvas
            .connectors
            .sort_by(|a, b| order(&a.values, &a.id, &b.values, &b.id));
        let there: HashSet<&str> = canvas.shapes.iter().map(|shape| &*shape.id).collect();
        let held = |end: &End| match end {
            End::Shape { id, .. } => there.contains(&**id),
            End::At(_) => true,
        };
        canvas.connectors.retain(|connector| {
            let held = held(&connector.from) && held(&connector.to);
            if !held {
                problems.add("a shape that it connects is gone", || {
                    at("connectors", &connector.id)
                });
            }
            held
        });
        canvas
    }

    /// Whether nothing stands on it.
    pub fn is_empty(&self) -> bool {
        self.shapes.is_empty() && self.connectors.is_empty()
    }

    /// Appends what is written on it, a line for each shape and connector, until `out` has `limit` bytes.
    pub(crate) fn flatten(&self, limit: usize, out: &mut String) {
        let shapes = self.shapes.iter().map(|shape| &shape.text);
        let labels = self.connectors.iter().map(|connector| &connector.text);
        for text in shapes.chain(labels).filter(|text| !text.trim().is_empty()) {
            push_limited(out, text.trim(), limit);
            push_limited(out, "\n", limit);
        }
    }

    /// Has cards show other items: those of `new` by the old.
    pub fn point_links(&mut self, new: &HashMap<ItemId, ItemId>) {
        for shape in &mut self.shapes {
            if let Some(to) = shape.item.and_then(|old| new.get(&old)) {
                shape.item = Some(*to);
                shape.values.insert("item".into(), to.to_string().into());
            }
        }
    }

    /// The items that it shows, each once, with the name of the frame they stand in.
    pub(crate) fn links(&self) -> Vec<Link> {
        let mut seen = HashSet::new();
        let shapes = Shape::by_id(self);
        let cards = self
            .shapes
            .iter()
            .filter_map(|shape| Some((shape.item?, shape)));
        cards
            .filter(|(item, _)| seen.insert(*item))
            .take(crate::prosemirror::MAX_REFERENCES)
            .map(|(item, card)| {
                let frame = card.frame.as_ref().and_then(|frame| shapes.get(&**frame));
                let name = frame.map_or(String::new(), |frame| crate::item::one_line(&frame.text));
                let excerpt = name.chars().take(200);
                Link {
                    item,
                    excerpt: excerpt
                        .map(|c| if c.is_control() { ' ' } else { c })
                        .collect(),
                }
            })
            .collect()
    }
}

/// Back to front: by rank, then by id.
fn order(
    a: &Map<String, Value>,
    a_id: &str,
    b: &Map<String, Value>,
    b_id: &str,
) -> std::cmp::Ordering {
    fn rank(values: &Map<String, Value>) -> &str {
        values.get("rank").and_then(Value::as_str).unwrap_or("")
    }
    rank(a).cmp(rank(b)).then_with(|| a_id.cmp(b_id))
}

fn at(root: &str, id: &str) -> String {
    let id: String = id.chars().take(40).collect();
    format!("{root}[{id}]")
}
