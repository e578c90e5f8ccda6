//! From a document to plain values. Total: what is not of the schema is left out and reported.

use serde_json::{Map, Value};
use yrs::{Any, GetString, Map as _, Out, ReadTxn};

use super::{
    Canvas, Connector, End, Head, MAX_COORDINATE, MAX_ELEMENTS, MAX_ID, MAX_POINTS, MAX_SIZE,
    MAX_TEXT, MAX_WAYPOINTS, MIDDLE, Point, Route, Shape, Side, Style, at,
};
use crate::error::Problems;
use crate::{prosemirror, schema};

/// Reads the roots `shapes` and `connectors`.
pub(crate) fn read<T: ReadTxn>(txn: &T, problems: &mut Problems) -> Canvas {
    let shapes = elements(txn, schema::SHAPES, Shape::new, problems);
    let connectors = elements(txn, schema::CONNECTORS, Connector::new, problems);
    Canvas::new(shapes, connectors, problems)
}

fn elements<T: ReadTxn, E>(
    txn: &T,
    root: &'static str,
    make: impl Fn(&str, String, Map<String, Value>) -> Result<E, &'static str>,
    problems: &mut Problems,
) -> Vec<E> {
    let Some(map) = txn.get_map(root) else {
        return Vec::new();
    };
    let mut entries: Vec<(&str, Out)> = map.iter(txn).collect();
    entries.sort_by_key(|(key, _)| *key);
    let mut out = Vec::new();
    for (id, value) in entries {
        if out.len() >= MAX_ELEMENTS {
            problems.add("too many", || root.into());
            break;
        }
        let Out::YMap(map) = value else {
            problems.add("not a map", || at(root, id));
            continue;
        };
        let mut values = Map::new();
        let mut text = String::new();
        for (key, value) in map.iter(txn) {
            match value {
                Out::YText(value) if key == schema::TEXT => text = value.get_string(txn),
                // A text that somebody wrote as a plain value is one that can't be edited together, but read.
                Out::Any(Any::String(value)) if key == schema::TEXT => text = value.as_ref().into(),
                _ if key == schema::TEXT => problems.add("not a text", || at(root, id)),
                Out::Any(any) => match prosemirror::json(&any, prosemirror::MAX_VALUE_DEPTH) {
                    Some(Value::Null) => {}
                    Some(value) => {
                        values.insert(key.to_owned(), value);
                    }
                    None => problems.add("not a plain value", || format!("{}.{key}", at(root, id))),
                },
                _ => problems.add("not a plain value", || format!("{}.{key}", at(root, id))),
            }
        }
        match make(id, text, values) {
            Ok(element) => out.push(element),
            Err(what) => problems.add(what, || at(root, id)),
        }
    }
    out
}

impl Shape {
    /// From what is stored, but for its text. An error says what makes it none.
    pub(super) fn new(
        id: &str,
        text: String,
        values: Map<String, Value>,
    ) -> Result<Self, &'static str> {
        let id = checked(id)?;
        let kind = values
            .get("kind")
            .and_then(Value::as_str)
            .ok_or("no kind")?
            .to_owned();
        let place = values.get("at").and_then(point).ok_or("no place")?;
        let size = values
            .get("size")
            .and_then(point)
            .filter(is_size)
            .ok_or("no size")?;
        let points = match (&*kind, values.get("points")) {
            ("draw", Some(points)) => stroke(points).ok_or("the line is malformed or too long")?,
            ("draw", None) => return Err("no line"),
            _ => Vec::new(),
        };
        Ok(Self {
            at: place,
            size,
            angle: values
                .get("angle")
                .and_then(Value::as_f64)
                .filter(|a| a.is_finite())
                .map_or(0.0, |a| a % 360.0),
            text: shortened(text),
            frame: string(&values, "frame"),
            item: (kind == "card")
                .then(|| string(&values, "item")?.parse().ok())
                .flatten(),
            file: string(&values, "file"),
            points,
            base: values
                .get("base")
                .and_then(point)
                .filter(is_size)
                .unwrap_or(size),
            style: Style::of_shape(&kind, &values),
            id,
            kind,
            values,
        })
    }
}

impl Connector {
    /// From what is stored, but for its text. An error says what makes it none.
    pub(super) fn new(
        id: &str,
        text: String,
        values: Map<String, Value>,
    ) -> Result<Self, &'static str> {
        let route = match values.get("route").and_then(Value::as_str) {
            Some("straight") => Route::Straight,
            Some("curved") => Route::Curved,
            _ => Route::Orthogonal,
        };
        let points = match values.get("points").and_then(Value::as_array) {
            Some(points) if route != Route::Orthogonal => points
                .iter()
                .filter_map(point)
                .take(MAX_WAYPOINTS)
                .collect(),
            _ => Vec::new(),
        };
        let end = |key: &str| values.get(key).and_then(end);
        let line = |key: &str| crate::item::one_line(&string(&values, key).unwrap_or_default());
        Ok(Self {
            id: checked(id)?,
            from: end("from").ok_or("no beginning")?,
            to: end("to").ok_or("no end")?,
            route,
            points,
            text: shortened(text),
            start_text: shortened(line("startText")),
            end_text: shortened(line("endText")),
            start: head(&values, "start", Head::None),
            end: head(&values, "end", Head::Arrow),
            style: Style::of_connector(&values),
            values,
        })
    }
}

fn checked(id: &str) -> Result<String, &'static str> {
    let good = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
    if id.is_empty() || id.len() > MAX_ID || !id.bytes().all(good) {
        return Err("not an id");
    }
    Ok(id.to_owned())
}

fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT) {
        text.truncate(end);
    }
    text
}

fn string(values: &Map<String, Value>, key: &str) -> Option<String> {
    let text = values.get(key)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn coordinate(value: &Value) -> Option<f64> {
    value.as_f64().filter(|n| n.abs() <= MAX_COORDINATE)
}

fn point(value: &Value) -> Option<Point> {
    let [x, y] = value.as_array()?.as_slice() else {
        return None;
    };
    Some([coordinate(x)?, coordinate(y)?])
}

fn is_size(size: &Point) -> bool {
    size.iter().all(|n| (1.0..=MAX_SIZE).contains(n))
}

fn stroke(value: &Value) -> Option<Vec<f64>> {
    let values = value.as_array()?;
    let whole = !values.is_empty() && values.len() % 3 == 0 && values.len() <= MAX_POINTS;
    if !whole {
        return None;
    }
    values.iter().map(coordinate).collect()
}

fn end(value: &Value) -> Option<End> {
    let Some(id) = value.get("shape") else {
        return Some(End::At(point(value.get("at")?)?));
    };
    let side = match value.get("side").and_then(Value::as_str) {
        Some("top") => Some(Side::Top),
        Some("right") => Some(Side::Right),
        Some("bottom") => Some(Side::Bottom),
        Some("left") => Some(Side::Left),
        _ => None,
    };
    let id = id.as_str()?.to_owned();
    let along = value
        .get("along")
        .and_then(Value::as_f64)
        .map_or(MIDDLE, |along| along.clamp(0.0, 1.0));
    Some(End::Shape { id, side, along })
}

fn head(values: &Map<String, Value>, key: &str, otherwise: Head) -> Head {
    match values.get(key).and_then(Value::as_str) {
        Some("none") => Head::None,
        Some("arrow") => Head::Arrow,
        Some("triangle") => Head::Triangle,
        Some("triangle_open") => Head::TriangleOpen,
        Some("diamond") => Head::Diamond,
        Some("diamond_open") => Head::DiamondOpen,
        Some("circle") => Head::Circle,
        Some("circle_open") => Head::CircleOpen,
        Some("cross") => Head::Cross,
        Some("one") => Head::One,
        Some("many") => Head::Many,
        Some("one_many") => Head::OneMany,
        Some("zero_one") => Head::ZeroOne,
        Some("zero_many") => Head::ZeroMany,
        _ => otherwise,
    }
}
