/**
 * A diagram as plain data: what export writes, import reads and fixtures hold, with the same keys as in the document.
 * Lengths are diagram units: pixels at 100 %.
 */

export const SHAPE_KINDS = [
  'rectangle', 'rounded', 'ellipse', 'diamond', 'cylinder', 'sticky', 'text', 'frame', 'draw', 'image', 'card',
  'terminator', 'parallelogram', 'hexagon', 'document', 'subroutine', 'triangle', 'cloud',
  'person', 'system', 'container', 'component', 'boundary',
  'entity', 'class', 'actor', 'note',
] as const;
export type ShapeKind = (typeof SHAPE_KINDS)[number];

export const ARROWHEADS = [
  'none', 'arrow', 'triangle', 'triangle_open', 'diamond', 'diamond_open', 'circle', 'circle_open', 'cross',
  'one', 'many', 'one_many', 'zero_one', 'zero_many',
] as const;
export type Arrowhead = (typeof ARROWHEADS)[number];

export const SIDES = ['auto', 'top', 'right', 'bottom', 'left'] as const;
export type Side = (typeof SIDES)[number];

export const ROUTES = ['straight', 'orthogonal', 'curved'] as const;
export type Route = (typeof ROUTES)[number];

export const STROKE_STYLES = ['solid', 'dashed', 'dotted'] as const;
export type StrokeStyle = (typeof STROKE_STYLES)[number];

export type Point = [x: number, y: number];

/** A word of the palette, `#rrggbb`, or `none`. */
export type Color = string;

/** What shapes and connectors have in common. */
interface Drawn {
  /** 1–64 bytes of `[A-Za-z0-9_-]`, unique among the shapes or among the connectors. */
  id: string;
  /** Front and back: a fractional index; equal ones go by id. */
  rank: string;
  /** Plain text; "\n" breaks lines. */
  text?: string;
  /** The groups it is in, inner … outer. */
  groups?: string[];
  locked?: boolean;
  stroke?: Color;
  /** Of the text. */
  color?: Color;
  /** 0.5–20; 2 when absent. */
  strokeWidth?: number;
  strokeStyle?: StrokeStyle;
  /** 0–1; 1 when absent. */
  opacity?: number;
  /** 8–200; 16 when absent. */
  fontSize?: number;
  /** Keys of later versions are kept. */
  [key: string]: unknown;
}

export interface Shape extends Drawn {
  /** A {@link ShapeKind}; any other is drawn as a rectangle. */
  kind: string;
  /** Its top left before it is turned, absolute also inside frames. */
  at: Point;
  size: [width: number, height: number];
  /** Degrees clockwise about the centre; 0 when absent. */
  angle?: number;
  /** The id of the frame that holds it. */
  frame?: string;
  fill?: Color;
  bold?: boolean;
  align?: 'left' | 'center' | 'right';
  valign?: 'top' | 'middle' | 'bottom';
  /** http, https or mailto. */
  link?: string;
  /** `draw`: x, y and pressure (0–1) in turn, relative to `at`, in units of `base`. */
  points?: number[];
  /** `draw`: the size when it was drawn. */
  base?: [width: number, height: number];
  /** `image`: the id of the file. */
  file?: string;
  /** `image`: what it shows, in words. */
  alt?: string;
  /** `card`: the id of the item. */
  item?: string;
}

/** An end on a shape; `at` is where it last was. */
export interface AttachedEnd {
  shape: string;
  side: Side;
  at?: Point;
}

/** An end that stands free. */
export interface FreeEnd {
  at: Point;
}

export type End = AttachedEnd | FreeEnd;

export interface Connector extends Drawn {
  from: End;
  to: End;
  /** `orthogonal` when absent. */
  route?: Route;
  /** Waypoints; none when orthogonal. */
  points?: Point[];
  startText?: string;
  endText?: string;
  /** `none` when absent. */
  start?: Arrowhead;
  /** `arrow` when absent. */
  end?: Arrowhead;
}

/** Shapes and connectors are sorted by rank, then by id. */
export interface DiagramJson {
  canopy: 'diagram';
  version: 1;
  title: string;
  shapes: Shape[];
  connectors: Connector[];
}

/** What a diagram may hold. What goes beyond is left out and reported. */
export const BOUNDS = {
  shapes: 20_000,
  connectors: 20_000,
  /** Characters of one text. */
  text: 10_000,
  /** Numbers in the points of one shape or connector. */
  points: 30_000,
  /** Of one connector. */
  waypoints: 100,
  /** Of any coordinate, either way. */
  coordinate: 1e6,
  minSize: 1,
  maxSize: 1e5,
} as const;
