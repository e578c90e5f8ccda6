//! Where things are: outlines of shapes, sides, ways of connectors, bounds.

use std::collections::HashMap;

use super::rules::RULES;
use super::svg::Path;
use super::{Canvas, Connector, End, MIDDLE, Point, Route, Shape, Side};

/// A rectangle: x, y, width, height.
pub type Rect = [f64; 4];

/// How a shape is drawn: what is filled, and lines upon it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Outline {
    pub body: String,
    pub detail: String,
}

/// The control points of a quarter of an ellipse, of its radius.
const ARC: f64 = 0.5523;

impl Shape {
    /// The shapes of a diagram by their ids.
    pub(super) fn by_id(canvas: &Canvas) -> HashMap<&str, &Shape> {
        canvas
            .shapes
            .iter()
            .map(|shape| (&*shape.id, shape))
            .collect()
    }

    fn centre(&self) -> Point {
        [
            self.at[0] + self.size[0] / 2.0,
            self.at[1] + self.size[1] / 2.0,
        ]
    }

    /// A point so far along a side, and the direction out of the shape there: along an axis, the nearest one if it is turned.
    fn side(&self, side: Side, along: f64) -> (Point, Point) {
        let ([x, y], [w, h]) = (self.at, self.size);
        let (across, down) = (x + w * along, y + h * along);
        let (point, out) = match side {
            Side::Top => ([across, y], [0.0, -1.0]),
            Side::Right => ([x + w, down], [1.0, 0.0]),
            Side::Bottom => ([across, y + h], [0.0, 1.0]),
            Side::Left => ([x, down], [-1.0, 0.0]),
        };
        if self.angle == 0.0 {
            return (point, out);
        }
        let [cx, cy] = self.centre();
        let turn = self.angle * std::f64::consts::PI / 180.0;
        let (sin, cos) = (turn.sin(), turn.cos());
        let turned = |[dx, dy]: Point| [dx * cos - dy * sin, dx * sin + dy * cos];
        let [dx, dy] = turned([point[0] - cx, point[1] - cy]);
        ([cx + dx, cy + dy], axis(turned(out)))
    }

    /// The side that looks towards a point.
    fn facing(&self, point: Point) -> Side {
        let [cx, cy] = self.centre();
        let (dx, dy) = (point[0] - cx, point[1] - cy);
        if dx.abs() * self.size[1] > dy.abs() * self.size[0] {
            if dx > 0.0 { Side::Right } else { Side::Left }
        } else if dy > 0.0 {
            Side::Bottom
        } else {
            Side::Top
        }
    }

    /// What it covers, turned as it is.
    pub(super) fn bounds(&self) -> Rect {
        let ([x, y], [w, h]) = (self.at, self.size);
        if self.angle == 0.0 {
            return [x, y, w, h];
        }
        let [cx, cy] = self.centre();
        let turn = self.angle * std::f64::consts::PI / 180.0;
        let (sin, cos) = (turn.sin().abs(), turn.cos().abs());
        let (half_w, half_h) = ((w * cos + h * sin) / 2.0, (w * sin + h * cos) / 2.0);
        [cx - half_w, cy - half_h, half_w * 2.0, half_h * 2.0]
    }

    /// Its outline as paths.
    pub(super) fn outline(&self) -> Outline {
        let ([x, y], [w, h]) = (self.at, self.size);
        let (right, bottom) = (x + w, y + h);
        let mut body = Path::default();
        let mut detail = Path::default();
        match &*self.kind {
            "ellipse" => ellipse(&mut body, x, y, w, h),
            "diamond" => body.polygon(&[
                [x + w / 2.0, y],
                [right, y + h / 2.0],
                [x + w / 2.0, bottom],
                [x, y + h / 2.0],
            ]),
            "triangle" => body.polygon(&[[x + w / 2.0, y], [right, bottom], [x, bottom]]),
            "parallelogram" => {
                let d = w * 0.12;
                body.polygon(&[[x + d, y], [right, y], [right - d, bottom], [x, bottom]]);
            }
            "hexagon" => {
                let d = w * 0.12;
                body.polygon(&[
                    [x + d, y],
                    [right - d, y],
                    [right, y + h / 2.0],
                    [right - d, bottom],
                    [x + d, bottom],
                    [x, y + h / 2.0],
                ]);
            }
            "rounded" | "container" | "component" | "card" | "system" => {
                rounded(&mut body, x, y, w, h, 8.0)
            }
            "terminator" => rounded(&mut body, x, y, w, h, h.min(w) / 2.0),
            "cylinder" => {
                let r = h * 0.1;
                body.start([x, y + r]);
                body.curve(
                    [x, y + r - r * ARC],
                    [x + w / 2.0 - w / 2.0 * ARC, y],
                    [x + w / 2.0, y],
                );
                body.curve(
                    [x + w / 2.0 + w / 2.0 * ARC, y],
                    [right, y + r - r * ARC],
                    [right, y + r],
                );
                body.line([right, bottom - r]);
                body.curve(
                    [right, bottom - r + r * ARC],
                    [x + w / 2.0 + w / 2.0 * ARC, bottom],
                    [x + w / 2.0, bottom],
                );
                body.curve(
                    [x + w / 2.0 - w / 2.0 * ARC, bottom],
                    [x, bottom - r + r * ARC],
                    [x, bottom - r],
                );
                body.close();
                detail.start([x, y + r]);
                detail.curve(
                    [x, y + r + r * ARC],
                    [x + w / 2.0 - w / 2.0 * ARC, y + r * 2.0],
                    [x + w / 2.0, y + r * 2.0],
                );
                detail.curve(
                    [x + w / 2.0 + w / 2.0 * ARC, y + r * 2.0],
                    [right, y + r + r * ARC],
                    [right, y + r],
                );
            }
            "document" => {
                let r = h * 0.12;
                body.start([x, y]);
                body.line([right, y]);
                body.line([right, bottom - r]);
                body.curve(
                    [x + w * 0.75, bottom - r * 3.0],
                    [x + w * 0.25, bottom + r],
                    [x, bottom - r],
                );
                body.close();
            }
            "subroutine" => {
                body.rect(x, y, w, h);
                let d = w * 0.08;
                detail.start([x + d, y]);
                detail.line([x + d, bottom]);
                detail.start([right - d, y]);
                detail.line([right - d, bottom]);
            }
            "cloud" => {
                body.start([x + w * 0.25, y + h * 0.85]);
                body.curve(
                    [x - w * 0.05, y + h * 0.85],
                    [x - w * 0.05, y + h * 0.4],
                    [x + w * 0.2, y + h * 0.4],
                );
                body.curve(
                    [x + w * 0.2, y],
                    [x + w * 0.6, y - h * 0.02],
                    [x + w * 0.65, y + h * 0.25],
                );
                body.curve(
                    [x + w * 0.9, y + h * 0.15],
                    [x + w * 1.02, y + h * 0.4],
                    [x + w * 0.87, y + h * 0.52],
                );
                body.curve(
                    [x + w * 1.05, y + h * 0.65],
                    [x + w * 0.95, y + h * 0.9],
                    [x + w * 0.75, y + h * 0.85],
                );
                body.curve(
                    [x + w * 0.65, y + h * 1.02],
                    [x + w * 0.35, y + h * 1.02],
                    [x + w * 0.25, y + h * 0.85],
                );
                body.close();
            }
            "person" => {
                let d = (h * 0.32).min(w * 0.5);
                rounded(&mut body, x, y + h * 0.3, w, h * 0.7, 12.0);
                ellipse(&mut body, x + w / 2.0 - d / 2.0, y, d, d);
            }
            "actor" => {
                let d = (h * 0.22).min(w * 0.6);
                let mid = x + w / 2.0;
                ellipse(&mut detail, mid - d / 2.0, y, d, d);
                detail.start([mid, y + d]);
                detail.line([mid, y + h * 0.46]);
                detail.start([x + w * 0.2, y + h * 0.3]);
                detail.line([right - w * 0.2, y + h * 0.3]);
                detail.start([x + w * 0.25, y + h * 0.68]);
                detail.line([mid, y + h * 0.46]);
                detail.line([right - w * 0.25, y + h * 0.68]);
            }
            "note" => {
                let d = 14.0_f64.min(w / 2.0).min(h / 2.0);
                body.polygon(&[
                    [x, y],
                    [right - d, y],
                    [right, y + d],
                    [right, bottom],
                    [x, bottom],
                ]);
                detail.start([right - d, y]);
                detail.line([right - d, y + d]);
                detail.line([right, y + d]);
            }
            "draw" => self.stroke(&mut detail),
            _ => body.rect(x, y, w, h),
        }
        if self.kind == "component" {
            for part in [0.25, 0.6] {
                detail.rect(x - 8.0, y + h * part - 6.0, 16.0, 12.0);
            }
        }
        Outline {
            body: body.finish(),
            detail: detail.finish(),
        }
    }

    /// A freehand line: through the middles between its points.
    fn stroke(&self, path: &mut Path) {
        let scale = [self.size[0] / self.base[0], self.size[1] / self.base[1]];
        let points = self.points.chunks_exact(3);
        let points: Vec<Point> = points
            .map(|p| [self.at[0] + p[0] * scale[0], self.at[1] + p[1] * scale[1]])
            .collect();
        smooth(path, &points);
    }
}

/// Through the middles between points, from the first to the last.
fn smooth(path: &mut Path, points: &[Point]) {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return;
    };
    path.start(*first);
    for pair in points.windows(2).skip(1) {
        let middle = [
            (pair[0][0] + pair[1][0]) / 2.0,
            (pair[0][1] + pair[1][1]) / 2.0,
        ];
        path.bend(pair[0], middle);
    }
    path.line(*last);
}

pub(super) fn ellipse(path: &mut Path, x: f64, y: f64, w: f64, h: f64) {
    let (rx, ry) = (w / 2.0, h / 2.0);
    let (cx, cy) = (x + rx, y + ry);
    path.start([x, cy]);
    path.curve([x, cy - ry * ARC], [cx - rx * ARC, y], [cx, y]);
    path.curve([cx + rx * ARC, y], [x + w, cy - ry * ARC], [x + w, cy]);
    path.curve([x + w, cy + ry * ARC], [cx + rx * ARC, y + h], [cx, y + h]);
    path.curve([cx - rx * ARC, y + h], [x, cy + ry * ARC], [x, cy]);
    path.close();
}

fn rounded(path: &mut Path, x: f64, y: f64, w: f64, h: f64, radius: f64) {
    let r = radius.min(w / 2.0).min(h / 2.0);
    let (right, bottom) = (x + w, y + h);
    path.start([x + r, y]);
    path.line([right - r, y]);
    path.bend([right, y], [right, y + r]);
    path.line([right, bottom - r]);
    path.bend([right, bottom], [right - r, bottom]);
    path.line([x + r, bottom]);
    path.bend([x, bottom], [x, bottom - r]);
    path.line([x, y + r]);
    path.bend([x, y], [x + r, y]);
    path.close();
}

/// The way of a connector.
#[derive(Debug, PartialEq)]
pub(super) struct Way {
    pub path: String,
    /// Where its text stands.
    pub middle: Point,
    /// Its first point, and the direction in which it leaves, of length 1.
    pub start: (Point, Point),
    /// Its last point, and the direction in which it arrives, of length 1.
    pub end: (Point, Point),
    pub bounds: Rect,
}

/// The direction along an axis that is nearest.
fn axis([dx, dy]: Point) -> Point {
    if dx.abs() >= dy.abs() {
        [if dx >= 0.0 { 1.0 } else { -1.0 }, 0.0]
    } else {
        [0.0, if dy >= 0.0 { 1.0 } else { -1.0 }]
    }
}

impl Connector {
    /// Its way between its ends; `None` if a shape isn't there.
    pub(super) fn way(&self, shapes: &HashMap<&str, &Shape>) -> Option<Way> {
        let centre = |end: &End| match end {
            End::Shape { id, .. } => shapes.get(&**id).map(|shape| shape.centre()),
            End::At(point) => Some(*point),
        };
        let (from, to) = (centre(&self.from)?, centre(&self.to)?);
        let next = self.points.first().copied().unwrap_or(to);
        let before = self.points.last().copied().unwrap_or(from);
        let (p, p_out) = anchor(&self.from, next, shapes)?;
        let (q, q_out) = anchor(&self.to, before, shapes)?;
        Some(match self.route {
            Route::Orthogonal => orthogonal(p, p_out, q, q_out),
            Route::Curved if self.points.is_empty() => curved(p, p_out, q, q_out),
            Route::Straight | Route::Curved => {
                let mut points = vec![p];
                points.extend(&self.points);
                points.push(q);
                let mut path = Path::default();
                if self.route == Route::Curved {
                    smooth(&mut path, &points);
                } else {
                    path.polyline(&points);
                }
                along(path, &points)
            }
        })
    }
}

/// Where an end is, and the direction out of its shape there.
fn anchor(end: &End, towards: Point, shapes: &HashMap<&str, &Shape>) -> Option<(Point, Point)> {
    match end {
        End::Shape { id, side, along } => {
            let shape = shapes.get(&**id)?;
            Some(match side {
                Some(side) => shape.side(*side, *along),
                None => shape.side(shape.facing(towards), MIDDLE),
            })
        }
        End::At(point) => Some((*point, axis([towards[0] - point[0], towards[1] - point[1]]))),
    }
}

/// Straight out of both shapes, then in right angles.
fn orthogonal(p: Point, p_out: Point, q: Point, q_out: Point) -> Way {
    let stub = RULES.connector.stub;
    let a = [p[0] + p_out[0] * stub, p[1] + p_out[1] * stub];
    let b = [q[0] + q_out[0] * stub, q[1] + q_out[1] * stub];
    // The same for both axes: `u` is the one along which it leaves, `v` the other.
    let lies = |out: Point| usize::from(out[0] == 0.0);
    let (u, other) = (lies(p_out), lies(q_out));
    let v = 1 - u;
    let put = |along: f64, across: f64| {
        let mut point = [0.0; 2];
        point[u] = along;
        point[v] = across;
        point
    };
    let mut points = vec![p];
    if u == other {
        if p_out[u] == q_out[u] {
            // Both the same way: around.
            let far = if p_out[u] > 0.0 {
                a[u].max(b[u])
            } else {
                a[u].min(b[u])
            };
            points.extend([put(far, p[v]), put(far, q[v])]);
        } else if (b[u] - a[u]) * p_out[u] >= 0.0 {
            let middle = (a[u] + b[u]) / 2.0;
            points.extend([put(middle, p[v]), put(middle, q[v])]);
        } else {
            let middle = (p[v] + q[v]) / 2.0;
            points.extend([a, put(a[u], middle), put(b[u], middle), b]);
        }
    } else if (q[u] - p[u]) * p_out[u] >= 0.0 && (p[v] - q[v]) * q_out[v] >= 0.0 {
        points.push(put(q[u], p[v]));
    } else {
        points.extend([a, put(a[u], b[v]), b]);
    }
    points.push(q);
    let points = bends(&points);
    let mut path = Path::default();
    path.start(points[0]);
    for three in points.windows(3) {
        let (before, here, after) = (three[0], three[1], three[2]);
        let r = RULES
            .connector
            .corner
            .min(distance(before, here) / 2.0)
            .min(distance(here, after) / 2.0);
        path.line(towards(here, before, r));
        path.bend(here, towards(here, after, r));
    }
    path.line(points[points.len() - 1]);
    along(path, &points)
}

/// Only the first point, those where it turns, and the last.
fn bends(points: &[Point]) -> Vec<Point> {
    let mut out: Vec<Point> = Vec::with_capacity(points.len());
    for point in points {
        if out.last() == Some(point) {
            continue;
        }
        while let [.., a, b] = out[..] {
            let cross = (b[0] - a[0]) * (point[1] - b[1]) - (b[1] - a[1]) * (point[0] - b[0]);
            if cross != 0.0 {
                break;
            }
            out.pop();
        }
        out.push(*point);
    }
    if out.len() == 1 {
        out.push(out[0]);
    }
    out
}

fn curved(p: Point, p_out: Point, q: Point, q_out: Point) -> Way {
    let reach = (distance(p, q) / 2.0).max(30.0);
    let a = [p[0] + p_out[0] * reach, p[1] + p_out[1] * reach];
    let b = [q[0] + q_out[0] * reach, q[1] + q_out[1] * reach];
    let mut path = Path::default();
    path.start(p);
    path.curve(a, b, q);
    let middle = [
        (p[0] + a[0] * 3.0 + b[0] * 3.0 + q[0]) / 8.0,
        (p[1] + a[1] * 3.0 + b[1] * 3.0 + q[1]) / 8.0,
    ];
    Way {
        path: path.finish(),
        middle,
        start: (p, p_out),
        end: (q, [-q_out[0], -q_out[1]]),
        bounds: around(&[p, a, b, q]),
    }
}

/// What is to be known of a path along points.
fn along(path: Path, points: &[Point]) -> Way {
    let last = points.len() - 1;
    let total: f64 = points
        .windows(2)
        .map(|pair| distance(pair[0], pair[1]))
        .sum();
    let mut left = total / 2.0;
    let mut middle = points[0];
    for pair in points.windows(2) {
        let length = distance(pair[0], pair[1]);
        middle = towards(pair[0], pair[1], left.min(length));
        if left <= length {
            break;
        }
        left -= length;
    }
    Way {
        path: path.finish(),
        middle,
        start: (points[0], direction(points[0], points[1])),
        end: (points[last], direction(points[last - 1], points[last])),
        bounds: around(points),
    }
}

pub(super) fn distance(a: Point, b: Point) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    (dx * dx + dy * dy).sqrt()
}

fn direction(a: Point, b: Point) -> Point {
    match distance(a, b) {
        0.0 => [1.0, 0.0],
        length => [(b[0] - a[0]) / length, (b[1] - a[1]) / length],
    }
}

/// From `a` so far towards `b`.
fn towards(a: Point, b: Point, length: f64) -> Point {
    let [dx, dy] = direction(a, b);
    [a[0] + dx * length, a[1] + dy * length]
}

/// The smallest rectangle around points.
pub(super) fn around(points: &[Point]) -> Rect {
    let mut least = [f64::INFINITY; 2];
    let mut most = [f64::NEG_INFINITY; 2];
    for point in points {
        for axis in 0..2 {
            least[axis] = least[axis].min(point[axis]);
            most[axis] = most[axis].max(point[axis]);
        }
    }
    [least[0], least[1], most[0] - least[0], most[1] - least[1]]
}
