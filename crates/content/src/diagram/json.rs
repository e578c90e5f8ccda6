//! A diagram as JSON, lossless: what is exported is imported to the same.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::{Canvas, Connector, MAX_ELEMENTS, Shape};
use crate::error::Problems;
use crate::{Error, prosemirror, schema};

const FORMAT: &str = "diagram";
const VERSION: u64 = 1;

/// `{"canopy": "diagram", "version": 1, "title", "shapes": [{"id", …, "text"}], "connectors": […]}`, back to front.
pub fn to_json(title: &str, canvas: &Canvas) -> Value {
    let element = |id: &str, text: &str, values: &Map<String, Value>| {
        let mut out = values.clone();
        out.insert("id".into(), id.into());
        out.insert(schema::TEXT.into(), text.into());
        Value::Object(out)
    };
    let shapes = canvas
        .shapes
        .iter()
        .map(|shape| element(&shape.id, &shape.text, &shape.values));
    let connectors = canvas
        .connectors
        .iter()
        .map(|one| element(&one.id, &one.text, &one.values));
    json!({
        "canopy": FORMAT,
        "version": VERSION,
        "title": title,
        "shapes": shapes.collect::<Vec<_>>(),
        "connectors": connectors.collect::<Vec<_>>(),
    })
}

/// Reads what [`to_json`] writes.
///
/// # Errors
/// [`Error::Diagram`], with what is wrong and where.
pub fn from_json(value: &Value) -> Result<(String, Canvas), Error> {
    if value["canopy"] != FORMAT {
        return Err(Error::Diagram("it is no diagram of Canopy".into()));
    }
    if value["version"] != VERSION {
        return Err(Error::Diagram("its version is not known".into()));
    }
    let title = value["title"].as_str().unwrap_or_default().to_owned();
    let shapes = elements(value, schema::SHAPES, Shape::new)?;
    let connectors = elements(value, schema::CONNECTORS, Connector::new)?;
    let mut problems = Problems::default();
    let canvas = Canvas::new(shapes, connectors, &mut problems);
    match problems.into_vec().first() {
        Some(problem) => Err(Error::Diagram(format!("{}: {}", problem.at, problem.what))),
        None => Ok((title, canvas)),
    }
}

fn elements<E>(
    value: &Value,
    root: &str,
    make: impl Fn(&str, String, Map<String, Value>) -> Result<E, &'static str>,
) -> Result<Vec<E>, Error> {
    let wrong = |at: usize, what: &str| Error::Diagram(format!("{root}[{at}]: {what}"));
    let list = match value.get(root) {
        None => return Ok(Vec::new()),
        Some(list) => list.as_array().ok_or_else(|| wrong(0, "not a list"))?,
    };
    if list.len() > MAX_ELEMENTS {
        return Err(Error::Diagram(format!("more than {MAX_ELEMENTS} {root}")));
    }
    let mut seen = HashSet::new();
    let mut out = Vec::with_capacity(list.len());
    for (index, element) in list.iter().enumerate() {
        let mut values = element
            .as_object()
            .ok_or_else(|| wrong(index, "not an object"))?
            .clone();
        let id = values.remove("id").unwrap_or_default();
        let id = id.as_str().unwrap_or_default();
        if !seen.insert(id.to_owned()) {
            return Err(wrong(index, "its id is there twice"));
        }
        let text = values.remove(schema::TEXT).unwrap_or_default();
        let text = text.as_str().unwrap_or_default().to_owned();
        values.retain(|_, value| !value.is_null());
        // A document that holds deeper ones could not be opened.
        if !values.values().all(prosemirror::is_shallow) {
            return Err(wrong(index, "nested too deep"));
        }
        out.push(make(id, text, values).map_err(|what| wrong(index, what))?);
    }
    Ok(out)
}
