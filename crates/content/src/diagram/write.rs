//! A new document's canvas.

use super::Canvas;
use crate::schema;
use crate::wire::{Kind, Parent, Sequence, Writer};

/// Writes it into an empty document.
pub(crate) fn write(writer: &mut Writer, canvas: &Canvas) {
    let shapes = canvas
        .shapes
        .iter()
        .map(|shape| (schema::SHAPES, &shape.id, &shape.text, &shape.values));
    let connectors = canvas
        .connectors
        .iter()
        .map(|one| (schema::CONNECTORS, &one.id, &one.text, &one.values));
    for (root, id, text, values) in shapes.chain(connectors) {
        let map = Parent::Type(writer.set_type(Parent::Root(root), id, Kind::Map));
        for (key, value) in values {
            writer.set(map, key, value);
        }
        let place = Parent::Type(writer.set_type(map, schema::TEXT, Kind::Text));
        writer.text(&mut Sequence::new(place), text);
    }
}
