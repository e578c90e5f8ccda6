//! How shapes and connectors look: what they say, or what the rules say for their kind.

use serde_json::{Map, Value};

use super::rules::{Colours, RULES};

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum Theme {
    #[default]
    Light,
    Dark,
}

impl Theme {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// How something looks. Colours are words of the palette, `#rrggbb`, or `none`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Style {
    pub fill: String,
    pub stroke: String,
    /// Of the text.
    pub color: String,
    pub stroke_width: f64,
    /// `solid`, `dashed` or `dotted`.
    pub stroke_style: String,
    /// 0 to 1.
    pub opacity: f64,
    /// In diagram units.
    pub font_size: f64,
    pub bold: bool,
    /// `left`, `center` or `right`.
    pub align: String,
    /// `top`, `middle` or `bottom`.
    pub valign: String,
}

const STROKE_STYLES: [&str; 3] = ["solid", "dashed", "dotted"];
const ALIGN: [&str; 3] = ["left", "center", "right"];
const VALIGN: [&str; 3] = ["top", "middle", "bottom"];

impl Style {
    pub(super) fn of_shape(kind: &str, values: &Map<String, Value>) -> Self {
        let (common, rule) = (&RULES.common, RULES.kind(kind));
        let or =
            |own: &Option<String>, common: &String| own.clone().unwrap_or_else(|| common.clone());
        Self {
            fill: colour(values, "fill").unwrap_or_else(|| or(&rule.fill, &common.fill)),
            stroke: colour(values, "stroke").unwrap_or_else(|| or(&rule.stroke, &common.stroke)),
            color: colour(values, "color").unwrap_or_else(|| or(&rule.color, &common.color)),
            stroke_width: number(values, "strokeWidth", 0.5, 20.0)
                .or(rule.stroke_width)
                .unwrap_or(common.stroke_width),
            stroke_style: word(values, "strokeStyle", &STROKE_STYLES)
                .unwrap_or_else(|| or(&rule.stroke_style, &common.stroke_style)),
            opacity: number(values, "opacity", 0.0, 1.0).unwrap_or(common.opacity),
            font_size: number(values, "fontSize", 8.0, 200.0)
                .or(rule.font_size)
                .unwrap_or(common.font_size),
            bold: values.get("bold") == Some(&Value::Bool(true)),
            align: word(values, "align", &ALIGN).unwrap_or_else(|| or(&rule.align, &common.align)),
            valign: word(values, "valign", &VALIGN)
                .unwrap_or_else(|| or(&rule.valign, &common.valign)),
        }
    }

    pub(super) fn of_connector(values: &Map<String, Value>) -> Self {
        let rule = &RULES.connector;
        Self {
            fill: "none".into(),
            stroke: colour(values, "stroke").unwrap_or_else(|| rule.stroke.clone()),
            color: colour(values, "color").unwrap_or_else(|| rule.color.clone()),
            stroke_width: number(values, "strokeWidth", 0.5, 20.0).unwrap_or(rule.stroke_width),
            stroke_style: word(values, "strokeStyle", &STROKE_STYLES)
                .unwrap_or_else(|| rule.stroke_style.clone()),
            opacity: number(values, "opacity", 0.0, 1.0).unwrap_or(rule.opacity),
            font_size: number(values, "fontSize", 8.0, 200.0).unwrap_or(rule.font_size),
            bold: values.get("bold") == Some(&Value::Bool(true)),
            align: "center".into(),
            valign: "middle".into(),
        }
    }

    pub(super) fn fill_in(&self, theme: Theme) -> String {
        resolve(&self.fill, theme, |colours| &colours.fill)
    }

    pub(super) fn stroke_in(&self, theme: Theme) -> String {
        resolve(&self.stroke, theme, |colours| &colours.stroke)
    }

    pub(super) fn color_in(&self, theme: Theme) -> String {
        resolve(&self.color, theme, |colours| &colours.text)
    }

    /// The dashes of its line, by its width; empty for none.
    pub(super) fn dashes(&self) -> String {
        let w = self.stroke_width;
        match &*self.stroke_style {
            "dashed" => format!(
                "{} {}",
                super::svg::number(w * 4.0),
                super::svg::number(w * 3.0)
            ),
            "dotted" => format!("{} {}", super::svg::number(w), super::svg::number(w * 2.0)),
            _ => String::new(),
        }
    }
}

/// The colour that a word of the palette is; of the default, if there is no such word.
fn resolve(colour: &str, theme: Theme, role: impl Fn(&Colours) -> &String) -> String {
    if colour == "none" || colour.starts_with('#') {
        return colour.to_owned();
    }
    let palette = &RULES.palette;
    let themes = palette.get(colour).or_else(|| palette.get("default"));
    themes
        .and_then(|themes| themes.get(theme.word()))
        .map(role)
        .cloned()
        .unwrap_or_default()
}

/// A word of the palette, `#rrggbb` in small letters, or `none`.
fn colour(values: &Map<String, Value>, key: &str) -> Option<String> {
    let text = values.get(key)?.as_str()?;
    if let Some(digits) = text.strip_prefix('#') {
        let good = digits.len() == 6 && digits.bytes().all(|c| c.is_ascii_hexdigit());
        return good.then(|| text.to_ascii_lowercase());
    }
    (text == "none" || RULES.palette.contains_key(text)).then(|| text.to_owned())
}

/// A number within bounds; one outside is brought to the nearest of them.
fn number(values: &Map<String, Value>, key: &str, least: f64, most: f64) -> Option<f64> {
    let number = values.get(key)?.as_f64()?;
    number.is_finite().then(|| number.clamp(least, most))
}

fn word(values: &Map<String, Value>, key: &str, words: &[&str]) -> Option<String> {
    let text = values.get(key)?.as_str()?;
    words.contains(&text).then(|| text.to_owned())
}
