//! `rules.json`: colours, the widths of characters, and what a shape is like when it doesn't say.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

pub(super) static RULES: LazyLock<Rules> = LazyLock::new(|| {
    serde_json::from_str(include_str!("rules.json"))
        .expect("rules.json is part of the program, and a test reads it")
});

#[derive(Deserialize)]
pub(super) struct Rules {
    pub font: Font,
    pub page: BTreeMap<String, Page>,
    pub palette: BTreeMap<String, BTreeMap<String, Colours>>,
    pub common: Common,
    pub kinds: BTreeMap<String, Kind>,
    pub connector: ConnectorRules,
    /// Around what is drawn.
    pub margin: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Font {
    pub family: String,
    /// Of the font's size.
    pub line_height: f64,
    /// From the top of a line to its base line, of the font's size.
    pub ascent: f64,
    /// Thousandths of the font's size, from the space on.
    pub ascii: Vec<f64>,
    /// How much wider bold is.
    pub bold: f64,
    pub wide: f64,
    pub other: f64,
}

#[derive(Deserialize)]
pub(super) struct Page {
    pub background: String,
    /// Behind a connector's text.
    pub label: String,
}

#[derive(Deserialize)]
pub(super) struct Colours {
    pub fill: String,
    pub stroke: String,
    pub text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Common {
    pub stroke_width: f64,
    pub stroke_style: String,
    pub opacity: f64,
    pub font_size: f64,
    pub fill: String,
    pub stroke: String,
    pub color: String,
    pub padding: f64,
    pub align: String,
    pub valign: String,
    pub inset: [f64; 4],
}

/// What differs from [`Common`].
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Kind {
    pub stroke_width: Option<f64>,
    pub stroke_style: Option<String>,
    pub font_size: Option<f64>,
    pub fill: Option<String>,
    pub stroke: Option<String>,
    pub color: Option<String>,
    pub padding: Option<f64>,
    pub align: Option<String>,
    pub valign: Option<String>,
    /// Top, right, bottom, left of where text stands, of the size.
    pub inset: Option<[f64; 4]>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConnectorRules {
    pub stroke: String,
    pub color: String,
    pub stroke_width: f64,
    pub stroke_style: String,
    pub opacity: f64,
    pub font_size: f64,
    /// How far it goes straight from a shape before it turns.
    pub stub: f64,
    /// The radius of its corners.
    pub corner: f64,
    /// Where its text breaks.
    pub label_width: f64,
}

impl Rules {
    /// Of a kind; of a rectangle, if it isn't known.
    pub(super) fn kind(&self, word: &str) -> &Kind {
        static RECTANGLE: LazyLock<Kind> = LazyLock::new(Kind::default);
        self.kinds.get(word).unwrap_or(&RECTANGLE)
    }
}
