//! A diagram as SVG: text alone, no script, nothing from elsewhere. `web/src/canvas/svg.ts` writes the same, byte for byte.

use std::collections::HashMap;
use std::fmt::Write;

use model::ItemId;

use super::geometry::{Rect, Way, around};
use super::rules::RULES;
use super::text::{clipped, lines, width};
use super::{Canvas, Connector, Head, Point, Shape, Theme};
use crate::Error;

/// The largest picture, in bytes. One character of a narrow shape is a line of its own, hundreds of times its size.
pub const MAX_PICTURE: usize = 64 << 20;

/// What a card shows of its item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The item's title.
    pub title: String,
    /// Its type, its status, in words for people.
    pub label: String,
    /// Criteria that are met, and all of them.
    pub done: (i64, i64),
}

/// What a drawing takes from elsewhere.
#[derive(Debug, Default)]
pub struct Given {
    /// Light or dark.
    pub theme: Theme,
    /// Of the items that cards show; one that is missing is drawn as a card of nothing.
    pub cards: HashMap<ItemId, Card>,
    /// Images as `data:` URLs by file id; one that is missing is drawn as a box with its description.
    pub images: HashMap<String, String>,
    /// Only this frame and what is in it.
    pub frame: Option<String>,
}

/// The diagram as a document of its own.
///
/// # Errors
/// [`Error::Picture`].
pub fn svg(canvas: &Canvas, given: &Given) -> Result<String, Error> {
    let shapes = Shape::by_id(canvas);
    let inside = |shape: &Shape| match &given.frame {
        None => true,
        Some(frame) => shape.id == *frame || shape.frame.as_ref() == Some(frame),
    };
    let drawn: Vec<&Shape> = canvas.shapes.iter().filter(|shape| inside(shape)).collect();
    let there = |connector: &Connector| {
        let held = |end: &super::End| match end {
            super::End::Shape { id, .. } => shapes.get(&**id).is_some_and(|shape| inside(shape)),
            super::End::At(_) => given.frame.is_none(),
        };
        held(&connector.from) && held(&connector.to)
    };
    let ways: Vec<(&Connector, Way)> = canvas
        .connectors
        .iter()
        .filter(|connector| there(connector))
        .filter_map(|connector| Some((connector, connector.way(&shapes)?)))
        .collect();

    let [x, y, w, h] = bounds(&drawn, &ways);
    let font = &RULES.font;
    let page = &RULES.page[given.theme.word()];
    let mut out = Svg::default();
    let _ = write!(
        out.text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{2}\" height=\"{3}\" viewBox=\"{0} {1} {2} {3}\" font-family=\"{4}\">",
        number(x),
        number(y),
        number(w),
        number(h),
        escaped(&font.family),
    );
    let _ = write!(
        out.text,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
        number(x),
        number(y),
        number(w),
        number(h),
        page.background,
    );
    let behind = |shape: &&&Shape| matches!(&*shape.kind, "frame" | "boundary");
    for shape in drawn.iter().filter(behind) {
        out.shape(shape, given);
        out.bounded()?;
    }
    for (connector, way) in &ways {
        out.connector(connector, way, given.theme);
        out.bounded()?;
    }
    for shape in drawn.iter().filter(|shape| !behind(shape)) {
        out.shape(shape, given);
        out.bounded()?;
    }
    for (connector, way) in &ways {
        out.label(connector, way, given.theme);
        out.bounded()?;
    }
    out.text.push_str("</svg>");
    Ok(out.text)
}

/// What is drawn, and a margin.
fn bounds(shapes: &[&Shape], ways: &[(&Connector, Way)]) -> Rect {
    let mut corners: Vec<Point> = Vec::new();
    let mut cover = |[x, y, w, h]: Rect| corners.extend([[x, y], [x + w, y + h]]);
    for shape in shapes {
        cover(shape.bounds());
        if shape.kind == "frame" {
            // Its name stands above it.
            cover([
                shape.at[0],
                shape.at[1] - shape.style.font_size * 1.6,
                1.0,
                1.0,
            ]);
        }
    }
    for (connector, way) in ways {
        cover(way.bounds);
        if let Some(label) = label(connector, way) {
            cover(label.place);
        }
    }
    if corners.is_empty() {
        corners.push([0.0, 0.0]);
    }
    let [x, y, w, h] = around(&corners);
    let margin = RULES.margin;
    [x - margin, y - margin, w + margin * 2.0, h + margin * 2.0]
}

/// The text of a connector, broken, and where it stands.
struct Label {
    lines: Vec<String>,
    place: Rect,
}

fn label(connector: &Connector, way: &Way) -> Option<Label> {
    let style = &connector.style;
    if connector.text.trim().is_empty() {
        return None;
    }
    let lines = lines(
        connector.text.trim(),
        RULES.connector.label_width,
        style.font_size,
        style.bold,
    );
    let widest = lines
        .iter()
        .map(|line| width(line, style.font_size, style.bold))
        .fold(0.0, f64::max);
    let (w, h) = (
        widest + 8.0,
        lines.len() as f64 * style.font_size * RULES.font.line_height + 4.0,
    );
    let place = [way.middle[0] - w / 2.0, way.middle[1] - h / 2.0, w, h];
    Some(Label { lines, place })
}

#[derive(Default)]
struct Svg {
    text: String,
}

impl Svg {
    fn bounded(&self) -> Result<(), Error> {
        if self.text.len() > MAX_PICTURE {
            return Err(Error::Picture);
        }
        Ok(())
    }

    fn shape(&mut self, shape: &Shape, given: &Given) {
        let style = &shape.style;
        let ([x, y], [w, h]) = (shape.at, shape.size);
        let group = style.opacity < 1.0 || shape.angle != 0.0;
        if group {
            self.text.push_str("<g");
            if style.opacity < 1.0 {
                let _ = write!(self.text, " opacity=\"{}\"", number(style.opacity));
            }
            if shape.angle != 0.0 {
                let (angle, cx, cy) = (
                    number(shape.angle),
                    number(x + w / 2.0),
                    number(y + h / 2.0),
                );
                let _ = write!(self.text, " transform=\"rotate({angle} {cx} {cy})\"");
            }
            self.text.push('>');
        }
        let (fill, stroke) = (style.fill_in(given.theme), style.stroke_in(given.theme));
        let image = shape
            .file
            .as_ref()
            .filter(|_| shape.kind == "image")
            .and_then(|file| given.images.get(file));
        match image {
            Some(data) => {
                let _ = write!(
                    self.text,
                    "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" href=\"{}\"/>",
                    number(x),
                    number(y),
                    number(w),
                    number(h),
                    escaped(data),
                );
            }
            None if shape.kind == "image" => {
                let mut path = Path::default();
                path.rect(x, y, w, h);
                let stroke = resolve_gray(given.theme);
                self.path(&path.finish(), "none", &stroke, 1.0, "4 3");
            }
            None => {
                let outline = shape.outline();
                if !outline.body.is_empty() {
                    self.path(
                        &outline.body,
                        &fill,
                        &stroke,
                        style.stroke_width,
                        &style.dashes(),
                    );
                }
                if !outline.detail.is_empty() {
                    // What a component has on its edge is filled as it is itself.
                    let fill = if shape.kind == "component" {
                        &*fill
                    } else {
                        "none"
                    };
                    self.path(
                        &outline.detail,
                        fill,
                        &stroke,
                        style.stroke_width,
                        &style.dashes(),
                    );
                }
            }
        }
        match &*shape.kind {
            "card" => self.card(shape, given),
            "entity" | "class" => self.compartments(shape, given.theme),
            "frame" => {
                let name = crate::item::one_line(&shape.text);
                let name = clipped(&name, w.max(80.0), style.font_size, style.bold);
                let line = Line {
                    x,
                    y: y - style.font_size * 0.5,
                    anchor: "start",
                    size: style.font_size,
                    bold: style.bold,
                };
                self.line(&name, line, &style.color_in(given.theme));
            }
            "image" if image.is_some() => {}
            "image" => {
                let alt = shape
                    .values
                    .get("alt")
                    .and_then(|alt| alt.as_str())
                    .unwrap_or_default();
                self.block(&crate::item::one_line(alt), shape, given.theme);
            }
            _ => self.block(&shape.text, shape, given.theme),
        }
        if group {
            self.text.push_str("</g>");
        }
    }

    /// Text in a shape, where its kind has room for it.
    fn block(&mut self, text: &str, shape: &Shape, theme: Theme) {
        if text.trim().is_empty() {
            return;
        }
        let style = &shape.style;
        let rule = RULES.kind(&shape.kind);
        let [top, right, bottom, left] = rule.inset.unwrap_or(RULES.common.inset);
        let padding = rule.padding.unwrap_or(RULES.common.padding);
        let ([x, y], [w, h]) = (shape.at, shape.size);
        let (from, to) = (x + w * left + padding, x + w - w * right - padding);
        let (upper, lower) = (y + h * top + padding, y + h - h * bottom - padding);
        let lines = lines(text, (to - from).max(1.0), style.font_size, style.bold);
        let step = style.font_size * RULES.font.line_height;
        let tall = lines.len() as f64 * step;
        let first = match &*style.valign {
            "top" => upper,
            "bottom" => lower - tall,
            _ => (upper + lower - tall) / 2.0,
        };
        let (x, anchor) = match &*style.align {
            "left" => (from, "start"),
            "right" => (to, "end"),
            _ => ((from + to) / 2.0, "middle"),
        };
        let color = style.color_in(theme);
        for (index, line) in lines.iter().enumerate() {
            let y = first + index as f64 * step + style.font_size * RULES.font.ascent;
            self.line(
                line,
                Line {
                    x,
                    y,
                    anchor,
                    size: style.font_size,
                    bold: style.bold,
                },
                &color,
            );
        }
    }

    /// An entity or a class: its name, then what it has, with a line between.
    fn compartments(&mut self, shape: &Shape, theme: Theme) {
        let style = &shape.style;
        let ([x, y], [w, h]) = (shape.at, shape.size);
        let padding = RULES.common.padding;
        let step = style.font_size * RULES.font.line_height;
        let (color, stroke) = (style.color_in(theme), style.stroke_in(theme));
        let mut top = y + padding / 2.0;
        let lines: Vec<&str> = shape.text.split('\n').collect();
        let head = head_of(&lines);
        for (index, line) in lines.iter().enumerate() {
            let ends = index >= head && line.trim() == "---";
            // Below the head there is a line anyway.
            if ends && index == head {
                continue;
            }
            if !ends {
                let bold = index == 0 || style.bold;
                let text = clipped(line.trim_end(), w - padding * 2.0, style.font_size, bold);
                let (x, anchor) = if index >= head {
                    (x + padding, "start")
                } else {
                    (x + w / 2.0, "middle")
                };
                let y = top + style.font_size * RULES.font.ascent;
                self.line(
                    &text,
                    Line {
                        x,
                        y,
                        anchor,
                        size: style.font_size,
                        bold,
                    },
                    &color,
                );
                top += step;
            }
            if ends || index + 1 == head {
                top += padding / 2.0;
                if top < y + h {
                    let mut path = Path::default();
                    path.polyline(&[[x, top], [x + w, top]]);
                    self.path(&path.finish(), "none", &stroke, style.stroke_width, "");
                }
                top += padding / 2.0;
            }
            if top + step > y + h {
                break;
            }
        }
    }

    /// A card: what its item is, its title, how far it is.
    fn card(&mut self, shape: &Shape, given: &Given) {
        let style = &shape.style;
        let ([x, y], [w, _]) = (shape.at, shape.size);
        let pad = 12.0;
        let color = style.color_in(given.theme);
        let quiet = resolve_gray(given.theme);
        let Some(card) = shape.item.and_then(|item| given.cards.get(&item)) else {
            self.line(
                "–",
                Line {
                    x: x + pad,
                    y: y + pad + style.font_size,
                    anchor: "start",
                    size: style.font_size,
                    bold: false,
                },
                &quiet,
            );
            return;
        };
        let small = 12.0;
        let label = clipped(&card.label, w - pad * 2.0 - 60.0, small, false);
        self.line(
            &label,
            Line {
                x: x + pad,
                y: y + pad + small * 0.8,
                anchor: "start",
                size: small,
                bold: false,
            },
            &quiet,
        );
        if card.done.1 > 0 {
            let done = format!("{}/{}", card.done.0, card.done.1);
            self.line(
                &done,
                Line {
                    x: x + w - pad,
                    y: y + pad + small * 0.8,
                    anchor: "end",
                    size: small,
                    bold: false,
                },
                &quiet,
            );
        }
        let title = lines(&card.title, w - pad * 2.0, style.font_size, true);
        let step = style.font_size * RULES.font.line_height;
        for (index, line) in title.iter().take(2).enumerate() {
            let line = if index == 1 && title.len() > 2 {
                clipped(
                    &format!("{line} {}", title[2]),
                    w - pad * 2.0,
                    style.font_size,
                    true,
                )
            } else {
                line.clone()
            };
            let y =
                y + pad + small * 1.6 + index as f64 * step + style.font_size * RULES.font.ascent;
            self.line(
                &line,
                Line {
                    x: x + pad,
                    y,
                    anchor: "start",
                    size: style.font_size,
                    bold: true,
                },
                &color,
            );
        }
    }

    fn connector(&mut self, connector: &Connector, way: &Way, theme: Theme) {
        let style = &connector.style;
        let stroke = style.stroke_in(theme);
        let group = style.opacity < 1.0;
        if group {
            let _ = write!(self.text, "<g opacity=\"{}\">", number(style.opacity));
        }
        self.path(
            &way.path,
            "none",
            &stroke,
            style.stroke_width,
            &style.dashes(),
        );
        let (start, leaves) = way.start;
        self.head(
            connector.start,
            start,
            [-leaves[0], -leaves[1]],
            &stroke,
            style.stroke_width,
            theme,
        );
        let (end, arrives) = way.end;
        self.head(
            connector.end,
            end,
            arrives,
            &stroke,
            style.stroke_width,
            theme,
        );
        let color = style.color_in(theme);
        for (text, (point, direction)) in [
            (&connector.start_text, (start, leaves)),
            (&connector.end_text, (end, [-arrives[0], -arrives[1]])),
        ] {
            if text.is_empty() {
                continue;
            }
            let size = style.font_size * 0.85;
            let x = point[0] + direction[0] * 22.0 + direction[1].abs() * 6.0;
            let y = point[1] + direction[1] * 22.0 - direction[0].abs() * 6.0;
            let anchor = if direction[0] < 0.0 { "end" } else { "start" };
            self.line(
                text,
                Line {
                    x,
                    y,
                    anchor,
                    size,
                    bold: false,
                },
                &color,
            );
        }
        if group {
            self.text.push_str("</g>");
        }
    }

    /// The text at half its length, over everything else.
    fn label(&mut self, connector: &Connector, way: &Way, theme: Theme) {
        let style = &connector.style;
        let color = style.color_in(theme);
        if let Some(label) = label(connector, way) {
            let [x, y, w, h] = label.place;
            let _ = write!(
                self.text,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"3\" fill=\"{}\"/>",
                number(x),
                number(y),
                number(w),
                number(h),
                RULES.page[theme.word()].label,
            );
            let step = style.font_size * RULES.font.line_height;
            for (index, line) in label.lines.iter().enumerate() {
                let y = y + 2.0 + index as f64 * step + style.font_size * RULES.font.ascent;
                self.line(
                    line,
                    Line {
                        x: way.middle[0],
                        y,
                        anchor: "middle",
                        size: style.font_size,
                        bold: style.bold,
                    },
                    &color,
                );
            }
        }
    }

    /// A head whose tip is at `tip`, of a line that arrives in `direction`.
    fn head(
        &mut self,
        head: Head,
        tip: Point,
        direction: Point,
        stroke: &str,
        line: f64,
        theme: Theme,
    ) {
        let [dx, dy] = direction;
        // `back` behind the tip, `side` beside the line.
        let at = |back: f64, side: f64| {
            [
                tip[0] - dx * back - dy * side,
                tip[1] - dy * back + dx * side,
            ]
        };
        let size = 8.0 + line * 2.0;
        let half = size / 2.0;
        let page = &RULES.page[theme.word()].background;
        let mut path = Path::default();
        let mut ring = Path::default();
        let mut filled = "none";
        match head {
            Head::None => return,
            Head::Arrow => path.polyline(&[at(size, -half), tip, at(size, half)]),
            Head::Triangle | Head::TriangleOpen => {
                path.polygon(&[tip, at(size, -half), at(size, half)]);
                filled = if head == Head::Triangle { stroke } else { page };
            }
            Head::Diamond | Head::DiamondOpen => {
                path.polygon(&[tip, at(size, -half), at(size * 2.0, 0.0), at(size, half)]);
                filled = if head == Head::Diamond { stroke } else { page };
            }
            Head::Circle | Head::CircleOpen => {
                let [cx, cy] = at(half, 0.0);
                super::geometry::ellipse(&mut path, cx - half, cy - half, size, size);
                filled = if head == Head::Circle { stroke } else { page };
            }
            Head::Cross => {
                path.polyline(&[at(size, -half), at(0.0, half)]);
                path.polyline(&[at(size, half), at(0.0, -half)]);
            }
            Head::One => {
                path.polyline(&[at(size * 0.6, -half), at(size * 0.6, half)]);
                path.polyline(&[at(size, -half), at(size, half)]);
            }
            Head::Many | Head::OneMany | Head::ZeroMany => {
                path.polyline(&[at(0.0, -half), at(size, 0.0), at(0.0, half)]);
                if head == Head::OneMany {
                    path.polyline(&[at(size * 1.3, -half), at(size * 1.3, half)]);
                }
            }
            Head::ZeroOne => path.polyline(&[at(size * 0.6, -half), at(size * 0.6, half)]),
        }
        self.path(&path.finish(), filled, stroke, line, "");
        if matches!(head, Head::ZeroOne | Head::ZeroMany) {
            let [cx, cy] = at(size * 1.5, 0.0);
            super::geometry::ellipse(
                &mut ring,
                cx - half * 0.8,
                cy - half * 0.8,
                size * 0.8,
                size * 0.8,
            );
            self.path(&ring.finish(), page, stroke, line, "");
        }
    }

    fn path(&mut self, path: &str, fill: &str, stroke: &str, line: f64, dashes: &str) {
        let _ = write!(
            self.text,
            "<path d=\"{path}\" fill=\"{fill}\" stroke=\"{stroke}\""
        );
        if stroke != "none" {
            let _ = write!(self.text, " stroke-width=\"{}\"", number(line));
            if !dashes.is_empty() {
                let _ = write!(self.text, " stroke-dasharray=\"{dashes}\"");
            }
            self.text
                .push_str(" stroke-linecap=\"round\" stroke-linejoin=\"round\"");
        }
        self.text.push_str("/>");
    }

    fn line(&mut self, text: &str, line: Line, color: &str) {
        if text.is_empty() {
            return;
        }
        let _ = write!(
            self.text,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\"",
            number(line.x),
            number(line.y),
            number(line.size),
        );
        if line.bold {
            self.text.push_str(" font-weight=\"700\"");
        }
        if line.anchor != "start" {
            let _ = write!(self.text, " text-anchor=\"{}\"", line.anchor);
        }
        let _ = write!(
            self.text,
            " fill=\"{color}\" xml:space=\"preserve\">{}</text>",
            escaped(text)
        );
    }
}

/// Where a line of text stands.
struct Line {
    x: f64,
    y: f64,
    anchor: &'static str,
    size: f64,
    bold: bool,
}

fn resolve_gray(theme: Theme) -> String {
    RULES.palette["gray"][theme.word()].stroke.clone()
}

/// Builds a path's `d`.
#[derive(Debug, Default)]
pub(super) struct Path {
    d: String,
}

impl Path {
    fn point(&mut self, [x, y]: Point) {
        let _ = write!(self.d, "{} {}", number(x), number(y));
    }

    pub(super) fn start(&mut self, to: Point) {
        self.d.push('M');
        self.point(to);
    }

    pub(super) fn line(&mut self, to: Point) {
        self.d.push('L');
        self.point(to);
    }

    pub(super) fn bend(&mut self, by: Point, to: Point) {
        self.d.push('Q');
        self.point(by);
        self.d.push(' ');
        self.point(to);
    }

    pub(super) fn curve(&mut self, a: Point, b: Point, to: Point) {
        self.d.push('C');
        self.point(a);
        self.d.push(' ');
        self.point(b);
        self.d.push(' ');
        self.point(to);
    }

    pub(super) fn close(&mut self) {
        self.d.push('Z');
    }

    pub(super) fn polyline(&mut self, points: &[Point]) {
        for (index, point) in points.iter().enumerate() {
            if index == 0 {
                self.start(*point)
            } else {
                self.line(*point)
            }
        }
    }

    pub(super) fn polygon(&mut self, points: &[Point]) {
        self.polyline(points);
        self.close();
    }

    pub(super) fn rect(&mut self, x: f64, y: f64, w: f64, h: f64) {
        self.polygon(&[[x, y], [x + w, y], [x + w, y + h], [x, y + h]]);
    }

    pub(super) fn finish(self) -> String {
        self.d
    }
}

/// A number with two decimals at most, halves up, as JavaScript prints it.
pub(super) fn number(value: f64) -> String {
    let rounded = (value * 100.0 + 0.5).floor() / 100.0;
    if rounded == 0.0 {
        "0".into()
    } else {
        format!("{rounded}")
    }
}

/// Text for an element or an attribute. What XML can't say is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push(' '),
            c if (c < ' ') || c == '\u{fffe}' || c == '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}

/// How many lines the head of an entity or a class has: its name, and stereotypes like «interface».
fn head_of(lines: &[&str]) -> usize {
    let more = |line: &&&str| line.trim_start().starts_with('«');
    1 + lines.iter().skip(1).take_while(more).count()
}
