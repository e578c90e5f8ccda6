/**
 * A diagram as plain values: shapes and connectors as its document has them. The document's roots `shapes` and `connectors` are
 * Y.Maps of Y.Maps; `crates/content/src/diagram` reads them by the same rules.
 */
import { ruleOf, rules, type Align, type StrokeStyle, type Valign } from './rules';

export type Point = readonly [number, number];
export type Values = Readonly<Record<string, unknown>>;

export const SIDES = ['top', 'right', 'bottom', 'left'] as const;
export type Side = (typeof SIDES)[number];

export const ROUTES = ['straight', 'orthogonal', 'curved'] as const;
export type Route = (typeof ROUTES)[number];

export const HEADS = [
  'none', 'arrow', 'triangle', 'triangle_open', 'diamond', 'diamond_open', 'circle', 'circle_open', 'cross', 'one', 'many', 'one_many', 'zero_one', 'zero_many',
] as const;
export type Head = (typeof HEADS)[number];

export const STROKE_STYLES = ['solid', 'dashed', 'dotted'] as const;
export const ALIGNS = ['left', 'center', 'right'] as const;
export const VALIGNS = ['top', 'middle', 'bottom'] as const;

/** Colours are words of the palette, `#rrggbb`, or `none`. */
export interface Style {
  fill: string;
  stroke: string;
  /** Of the text. */
  color: string;
  strokeWidth: number;
  strokeStyle: StrokeStyle;
  /** 0 to 1. */
  opacity: number;
  /** In diagram units. */
  fontSize: number;
  bold: boolean;
  align: Align;
  valign: Valign;
}

interface Common {
  id: string;
  rank: string;
  /** `\n` breaks lines. */
  text: string;
  /** Innermost first. */
  groups: readonly string[];
  locked: boolean;
  style: Style;
  /** Everything but the text, as it is stored: what isn't known stays. */
  values: Values;
}

export interface Shape extends Common {
  type: 'shape';
  /** What it is; a word that isn't known is drawn as a rectangle. */
  kind: string;
  /** Its top left corner, in diagram units. */
  at: Point;
  size: Point;
  /** Degrees, clockwise about its centre. */
  angle: number;
  /** The frame that holds it. */
  frame: string | null;
  /** The item that a card shows. */
  item: string | null;
  /** The file that an image shows, and what to read in its place. */
  file: string | null;
  alt: string;
  link: string | null;
  /** A freehand line: x, y and pressure, one after the other. */
  points: readonly number[];
  /** The width and height that the line was drawn in. */
  base: Point;
}

/** An end on a shape stands `along` its side: from 0 at its left or upper corner, before it is turned, to 1; in the middle unless it says otherwise. */
export type End = { shape: string; side: Side | 'auto'; along?: number; at: Point | null } | { shape: null; at: Point };

export interface Connector extends Common {
  type: 'connector';
  from: End;
  to: End;
  route: Route;
  /** Where it goes through, unless it is orthogonal. */
  points: readonly Point[];
  startText: string;
  endText: string;
  start: Head;
  end: Head;
}

export type Element = Shape | Connector;

/** What shapes and connectors have in common in a file: the keys of the document, those we don't know among them. */
interface CommonJson extends Partial<Omit<Style, 'fill' | 'bold' | 'align' | 'valign'>> {
  id: string;
  rank: string;
  text?: string;
  groups?: string[];
  locked?: boolean;
  [key: string]: unknown;
}

export interface ShapeJson extends CommonJson, Partial<Style> {
  kind: string;
  at: Point;
  size: Point;
  angle?: number;
  frame?: string;
  link?: string;
  points?: number[];
  base?: Point;
  file?: string;
  alt?: string;
  item?: string;
}

/** `at` of an end on a shape is where it last was. */
export type EndJson = { shape: string; side: Side | 'auto'; along?: number; at?: Point } | { at: Point };

export interface ConnectorJson extends CommonJson {
  from: EndJson;
  to: EndJson;
  route?: Route;
  points?: Point[];
  startText?: string;
  endText?: string;
  start?: Head;
  end?: Head;
}

export type ElementJson = ShapeJson | ConnectorJson;

/** A diagram as a file, on the clipboard and in fixtures, lossless. What comes from elsewhere becomes one in `formats/check.ts`. */
export interface DiagramJson {
  canopy: 'diagram';
  version: 1;
  title: string;
  /** Back to front. */
  shapes: ShapeJson[];
  connectors: ConnectorJson[];
}

/** Bounds: what lies beyond is left out, here and on the server. */
export const MAX = { elements: 20_000, text: 10_000, points: 30_000, coordinate: 1e6, size: 1e5, waypoints: 100 } as const;

export const isCoordinate = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= MAX.coordinate;

export function readPoint(value: unknown): Point | null {
  return Array.isArray(value) && value.length === 2 && isCoordinate(value[0]) && isCoordinate(value[1]) ? [value[0], value[1]] : null;
}

export function readSize(value: unknown): Point | null {
  const size = readPoint(value);
  return size !== null && size.every((n) => n >= 1 && n <= MAX.size) ? size : null;
}

const string = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []);
const word = <T extends string>(value: unknown, words: readonly T[], otherwise: T): T => (words.includes(value as T) ? (value as T) : otherwise);

function number(value: unknown, least: number, most: number, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.max(least, Math.min(most, value)) : otherwise;
}

function colour(value: unknown, otherwise: string): string {
  if (typeof value !== 'string') return otherwise;
  if (value.startsWith('#')) return /^#[0-9a-f]{6}$/i.test(value) ? value.toLowerCase() : otherwise;
  return value === 'none' || Object.hasOwn(rules.palette, value) ? value : otherwise;
}

type Base = Omit<Style, 'bold'>;

function styleOf(values: Values, base: Base): Style {
  return {
    fill: colour(values.fill, base.fill),
    stroke: colour(values.stroke, base.stroke),
    color: colour(values.color, base.color),
    strokeWidth: number(values.strokeWidth, 0.5, 20, base.strokeWidth),
    strokeStyle: word(values.strokeStyle, STROKE_STYLES, base.strokeStyle),
    opacity: number(values.opacity, 0, 1, base.opacity),
    fontSize: number(values.fontSize, 8, 200, base.fontSize),
    bold: values.bold === true,
    align: word(values.align, ALIGNS, base.align),
    valign: word(values.valign, VALIGNS, base.valign),
  };
}

const connectorBase: Base = { ...rules.connector, fill: 'none', align: 'center', valign: 'middle' };

export const isId = (id: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(id);

/** Only these are ever opened from a diagram. */
export const isLink = (link: string): boolean => /^(https?:\/\/|mailto:)\S+$/i.test(link);

function stroke(value: unknown): number[] | null {
  if (!Array.isArray(value) || value.length === 0 || value.length % 3 !== 0 || value.length > MAX.points) return null;
  return value.every(isCoordinate) ? (value as number[]) : null;
}

/** A shape from what is stored; null if that is none. */
export function shapeFrom(id: string, values: Values, text: string): Shape | null {
  const kind = string(values.kind);
  const at = readPoint(values.at);
  const size = readSize(values.size);
  if (!isId(id) || kind === null || at === null || size === null) return null;
  const points = kind === 'draw' ? stroke(values.points) : [];
  if (points === null) return null;
  const angle = typeof values.angle === 'number' && Number.isFinite(values.angle) ? values.angle % 360 : 0;
  const link = string(values.link);
  return {
    type: 'shape',
    id,
    kind,
    at,
    size,
    angle,
    rank: string(values.rank) ?? '',
    text: text.slice(0, MAX.text),
    frame: string(values.frame),
    item: kind === 'card' ? string(values.item) : null,
    file: string(values.file),
    alt: string(values.alt) ?? '',
    link: link !== null && isLink(link) ? link : null,
    points,
    base: readSize(values.base) ?? size,
    groups: strings(values.groups),
    locked: values.locked === true,
    style: styleOf(values, ruleOf(kind)),
    values,
  };
}

/** Where ends stand along a side. */
export const MIDDLE = 0.5;

function end(value: unknown): End | null {
  if (typeof value !== 'object' || value === null) return null;
  const { shape, side, along, at } = value as Record<string, unknown>;
  const point = readPoint(at);
  if (shape === undefined) return point === null ? null : { shape: null, at: point };
  if (typeof shape !== 'string') return null;
  const place = number(along, 0, 1, MIDDLE);
  return { shape, side: word<Side | 'auto'>(side, SIDES, 'auto'), ...(place === MIDDLE ? {} : { along: place }), at: point };
}

/** A connector from what is stored; null if that is none. */
export function connectorFrom(id: string, values: Values, text: string): Connector | null {
  const from = end(values.from);
  const to = end(values.to);
  if (!isId(id) || from === null || to === null) return null;
  const route = word(values.route, ROUTES, 'orthogonal');
  const waypoints = Array.isArray(values.points) && route !== 'orthogonal' ? values.points : [];
  return {
    type: 'connector',
    id,
    from,
    to,
    route,
    points: waypoints.map(readPoint).filter((one) => one !== null).slice(0, MAX.waypoints),
    rank: string(values.rank) ?? '',
    text: text.slice(0, MAX.text),
    startText: string(values.startText) ?? '',
    endText: string(values.endText) ?? '',
    start: word(values.start, HEADS, 'none'),
    end: word(values.end, HEADS, 'arrow'),
    groups: strings(values.groups),
    locked: values.locked === true,
    style: styleOf(values, connectorBase),
    values,
  };
}

/** The shapes that a connector holds on to. */
export const endsOf = ({ from, to }: Connector): string[] => [from, to].flatMap(({ shape }) => (shape === null ? [] : [shape]));
