/** Where things are: outlines of shapes, sides, ways of connectors. `crates/content/src/diagram/geometry.rs` has the same numbers. */
import { add, boxAround, centreOf, distance, rotate, type Box } from './geo';
import { Path } from './path';
import { rules } from './rules';
import { MIDDLE, type Connector, type End, type Point, type Shape, type Side } from './schema';

/** How a shape is drawn: what is filled, and lines upon it. */
export interface Outline {
  body: string;
  detail: string;
}

type Placed = Pick<Shape, 'at' | 'size' | 'angle'>;

const OUT: Record<Side, Point> = { top: [0, -1], right: [1, 0], bottom: [0, 1], left: [-1, 0] };

/** A point of a side: its middle, unless it is another one `along` it. */
export function sideOf(shape: Placed, side: Side, along = MIDDLE): Point {
  const { at: [x, y], size: [w, h], angle } = shape;
  const [across, down] = [x + w * along, y + h * along];
  const points: Record<Side, Point> = { top: [across, y], right: [x + w, down], bottom: [across, y + h], left: [x, down] };
  return rotate(points[side], centreOf(shape), angle);
}

/** The direction out of a shape at a side: along an axis, the nearest one if it is turned. */
export function outOf({ angle }: Placed, side: Side): Point {
  return angle === 0 ? OUT[side] : axis(rotate(OUT[side], [0, 0], angle));
}

const axis = ([dx, dy]: Point): Point => (Math.abs(dx) >= Math.abs(dy) ? [dx >= 0 ? 1 : -1, 0] : [0, dy >= 0 ? 1 : -1]);

/** The side that looks towards a point. */
export function facing(shape: Placed, point: Point): Side {
  const [cx, cy] = centreOf(shape);
  const [dx, dy] = [point[0] - cx, point[1] - cy];
  if (Math.abs(dx) * shape.size[1] > Math.abs(dy) * shape.size[0]) return dx > 0 ? 'right' : 'left';
  return dy > 0 ? 'bottom' : 'top';
}

/** A shape's outline as paths. */
export function outlineOf(shape: Pick<Shape, 'kind' | 'at' | 'size' | 'points' | 'base'>): Outline {
  const { kind, at, size } = shape;
  const [x, y] = at;
  const [w, h] = size;
  const [right, bottom] = [x + w, y + h];
  const body = new Path();
  const detail = new Path();
  switch (kind) {
    case 'ellipse':
      body.ellipse(x, y, w, h);
      break;
    case 'diamond':
      body.polygon([[x + w / 2, y], [right, y + h / 2], [x + w / 2, bottom], [x, y + h / 2]]);
      break;
    case 'triangle':
      body.polygon([[x + w / 2, y], [right, bottom], [x, bottom]]);
      break;
    case 'parallelogram': {
      const d = w * 0.12;
      body.polygon([[x + d, y], [right, y], [right - d, bottom], [x, bottom]]);
      break;
    }
    case 'hexagon': {
      const d = w * 0.12;
      body.polygon([[x + d, y], [right - d, y], [right, y + h / 2], [right - d, bottom], [x + d, bottom], [x, y + h / 2]]);
      break;
    }
    case 'rounded':
    case 'container':
    case 'component':
    case 'card':
    case 'system':
      body.rounded(x, y, w, h, 8);
      break;
    case 'terminator':
      body.rounded(x, y, w, h, Math.min(h, w) / 2);
      break;
    case 'cylinder':
      body.cylinder(x, y, w, h, detail);
      break;
    case 'document': {
      const r = h * 0.12;
      body.start([x, y]);
      body.line([right, y]);
      body.line([right, bottom - r]);
      body.curve([x + w * 0.75, bottom - r * 3], [x + w * 0.25, bottom + r], [x, bottom - r]);
      body.close();
      break;
    }
    case 'subroutine': {
      body.rect(x, y, w, h);
      const d = w * 0.08;
      detail.start([x + d, y]);
      detail.line([x + d, bottom]);
      detail.start([right - d, y]);
      detail.line([right - d, bottom]);
      break;
    }
    case 'cloud':
      body.start([x + w * 0.25, y + h * 0.85]);
      body.curve([x - w * 0.05, y + h * 0.85], [x - w * 0.05, y + h * 0.4], [x + w * 0.2, y + h * 0.4]);
      body.curve([x + w * 0.2, y], [x + w * 0.6, y - h * 0.02], [x + w * 0.65, y + h * 0.25]);
      body.curve([x + w * 0.9, y + h * 0.15], [x + w * 1.02, y + h * 0.4], [x + w * 0.87, y + h * 0.52]);
      body.curve([x + w * 1.05, y + h * 0.65], [x + w * 0.95, y + h * 0.9], [x + w * 0.75, y + h * 0.85]);
      body.curve([x + w * 0.65, y + h * 1.02], [x + w * 0.35, y + h * 1.02], [x + w * 0.25, y + h * 0.85]);
      body.close();
      break;
    case 'person': {
      const d = Math.min(h * 0.32, w * 0.5);
      body.rounded(x, y + h * 0.3, w, h * 0.7, 12);
      body.ellipse(x + w / 2 - d / 2, y, d, d);
      break;
    }
    case 'actor': {
      const d = Math.min(h * 0.22, w * 0.6);
      const mid = x + w / 2;
      detail.ellipse(mid - d / 2, y, d, d);
      detail.start([mid, y + d]);
      detail.line([mid, y + h * 0.46]);
      detail.start([x + w * 0.2, y + h * 0.3]);
      detail.line([right - w * 0.2, y + h * 0.3]);
      detail.start([x + w * 0.25, y + h * 0.68]);
      detail.line([mid, y + h * 0.46]);
      detail.line([right - w * 0.25, y + h * 0.68]);
      break;
    }
    case 'note': {
      const d = Math.min(14, w / 2, h / 2);
      body.polygon([[x, y], [right - d, y], [right, y + d], [right, bottom], [x, bottom]]);
      detail.start([right - d, y]);
      detail.line([right - d, y + d]);
      detail.line([right, y + d]);
      break;
    }
    case 'draw':
      detail.smooth(strokeOf(shape));
      break;
    default:
      body.rect(x, y, w, h);
  }
  if (kind === 'component') for (const part of [0.25, 0.6]) detail.rect(x - 8, y + h * part - 6, 16, 12);
  return { body: body.d, detail: detail.d };
}

/** The points of a freehand line where they stand now. */
export function strokeOf({ at, size, base, points }: Pick<Shape, 'at' | 'size' | 'base' | 'points'>): Point[] {
  const [sx, sy] = [size[0] / base[0], size[1] / base[1]];
  const out: Point[] = [];
  for (let i = 0; i + 2 < points.length; i += 3) out.push([at[0] + (points[i] as number) * sx, at[1] + (points[i + 1] as number) * sy]);
  return out;
}

/** The way of a connector. */
export interface Way {
  path: string;
  /** The same as straight pieces, near enough to say what lies at it. */
  line: readonly Point[];
  /** Where its text stands. */
  middle: Point;
  /** Its first point, and the direction in which it leaves, of length 1. */
  start: readonly [Point, Point];
  /** Its last point, and the direction in which it arrives, of length 1. */
  end: readonly [Point, Point];
  bounds: Box;
}

type Drawn = Pick<Connector, 'from' | 'to' | 'route' | 'points'>;

/** A connector's way between its ends; null if a shape isn't there. */
export function wayOf(connector: Drawn, shapeOf: (id: string) => Placed | undefined): Way | null {
  const { route, points: via } = connector;
  const centre = (end: End): Point | null => {
    if (end.shape === null) return end.at;
    const shape = shapeOf(end.shape);
    return shape === undefined ? null : centreOf(shape);
  };
  const [from, to] = [centre(connector.from), centre(connector.to)];
  if (from === null || to === null) return null;
  const [p, pOut] = anchor(connector.from, via[0] ?? to, shapeOf);
  const [q, qOut] = anchor(connector.to, via.at(-1) ?? from, shapeOf);
  if (route === 'orthogonal') return orthogonal(p, pOut, q, qOut);
  if (route === 'curved' && via.length === 0) return curved(p, pOut, q, qOut);
  const points: Point[] = [p, ...via, q];
  const path = new Path();
  if (route === 'curved') path.smooth(points);
  else path.polyline(points);
  return along(path, points);
}

/** Where an end is, and the direction out of its shape there. */
function anchor(end: End, towards: Point, shapeOf: (id: string) => Placed | undefined): [Point, Point] {
  if (end.shape !== null) {
    const shape = shapeOf(end.shape) as Placed;
    const side = end.side === 'auto' ? facing(shape, towards) : end.side;
    return [sideOf(shape, side, end.side === 'auto' ? MIDDLE : end.along), outOf(shape, side)];
  }
  return [end.at, axis([towards[0] - end.at[0], towards[1] - end.at[1]])];
}

/** Straight out of both shapes, then in right angles. */
function orthogonal(p: Point, pOut: Point, q: Point, qOut: Point): Way {
  const { stub, corner } = rules.connector;
  const a = add(p, [pOut[0] * stub, pOut[1] * stub]);
  const b = add(q, [qOut[0] * stub, qOut[1] * stub]);
  // The same for both axes: `u` is the one along which it leaves, `v` the other.
  const u = pOut[0] === 0 ? 1 : 0;
  const other = qOut[0] === 0 ? 1 : 0;
  const v = u === 0 ? 1 : 0;
  const put = (way: number, across: number): Point => (u === 0 ? [way, across] : [across, way]);
  let points: Point[];
  if (u === other) {
    if (pOut[u] === qOut[u]) {
      // Both the same way: around.
      const far = pOut[u] > 0 ? Math.max(a[u], b[u]) : Math.min(a[u], b[u]);
      points = [p, put(far, p[v]), put(far, q[v])];
    } else if ((b[u] - a[u]) * pOut[u] >= 0) {
      const middle = (a[u] + b[u]) / 2;
      points = [p, put(middle, p[v]), put(middle, q[v])];
    } else {
      const middle = (p[v] + q[v]) / 2;
      points = [p, a, put(a[u], middle), put(b[u], middle), b];
    }
  } else if ((q[u] - p[u]) * pOut[u] >= 0 && (p[v] - q[v]) * qOut[v] >= 0) points = [p, put(q[u], p[v])];
  else points = [p, a, put(a[u], b[v]), b];
  points.push(q);
  points = bends(points);
  const path = new Path();
  path.start(points[0] as Point);
  for (let i = 1; i < points.length - 1; i += 1) {
    const [before, here, after] = [points[i - 1], points[i], points[i + 1]] as [Point, Point, Point];
    const r = Math.min(corner, distance(before, here) / 2, distance(here, after) / 2);
    path.line(towards(here, before, r));
    path.bend(here, towards(here, after, r));
  }
  path.line(points.at(-1) as Point);
  return along(path, points);
}

/** Only the first point, those where it turns, and the last. */
function bends(points: readonly Point[]): Point[] {
  const out: Point[] = [];
  for (const point of points) {
    const last = out.at(-1);
    if (last !== undefined && last[0] === point[0] && last[1] === point[1]) continue;
    while (out.length >= 2) {
      const [a, b] = [out.at(-2), out.at(-1)] as [Point, Point];
      if ((b[0] - a[0]) * (point[1] - b[1]) - (b[1] - a[1]) * (point[0] - b[0]) !== 0) break;
      out.pop();
    }
    out.push(point);
  }
  if (out.length === 1) out.push(out[0] as Point);
  return out;
}

function curved(p: Point, pOut: Point, q: Point, qOut: Point): Way {
  const reach = Math.max(distance(p, q) / 2, 30);
  const a: Point = [p[0] + pOut[0] * reach, p[1] + pOut[1] * reach];
  const b: Point = [q[0] + qOut[0] * reach, q[1] + qOut[1] * reach];
  const path = new Path();
  path.start(p);
  path.curve(a, b, q);
  const on = (t: number): Point => {
    const s = 1 - t;
    const mix = (i: 0 | 1) => s * s * s * p[i] + 3 * s * s * t * a[i] + 3 * s * t * t * b[i] + t * t * t * q[i];
    return [mix(0), mix(1)];
  };
  return {
    path: path.d,
    line: Array.from({ length: 17 }, (_, i) => on(i / 16)),
    middle: [(p[0] + a[0] * 3 + b[0] * 3 + q[0]) / 8, (p[1] + a[1] * 3 + b[1] * 3 + q[1]) / 8],
    start: [p, pOut],
    end: [q, [-qOut[0], -qOut[1]]],
    bounds: boxAround([p, a, b, q]),
  };
}

/** What is to be known of a path along points. */
function along(path: Path, points: readonly Point[]): Way {
  let total = 0;
  for (let i = 1; i < points.length; i += 1) total += distance(points[i - 1] as Point, points[i] as Point);
  let left = total / 2;
  let middle = points[0] as Point;
  for (let i = 1; i < points.length; i += 1) {
    const [a, b] = [points[i - 1], points[i]] as [Point, Point];
    const length = distance(a, b);
    middle = towards(a, b, Math.min(left, length));
    if (left <= length) break;
    left -= length;
  }
  const last = points.length - 1;
  return {
    path: path.d,
    line: points,
    middle,
    start: [points[0] as Point, direction(points[0] as Point, points[1] as Point)],
    end: [points[last] as Point, direction(points[last - 1] as Point, points[last] as Point)],
    bounds: boxAround(points),
  };
}

function direction(a: Point, b: Point): Point {
  const length = distance(a, b);
  return length === 0 ? [1, 0] : [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
}

/** From `a` so far towards `b`. */
function towards(a: Point, b: Point, length: number): Point {
  const [dx, dy] = direction(a, b);
  return [a[0] + dx * length, a[1] + dy * length];
}
