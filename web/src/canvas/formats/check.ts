/**
 * From data of unknown origin to a diagram that keeps the schema: what can't be used is left out and reported, never
 * repaired by guess. Every reader ends here.
 */
import { compareRanks, isValidRank, ranksBetween } from '@/collab/rank';
import { isKind } from '../rules';
import { inOrder } from '../scene';
import {
  ALIGNS, HEADS, isCoordinate, isId, isLink, MAX, readPoint, readSize, ROUTES, SIDES, STROKE_STYLES, VALIGNS, type ConnectorJson, type DiagramJson, type EndJson, type ShapeJson,
} from '../schema';
import type { Report } from './report';

type Raw = Record<string, unknown>;

export const isRecord = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);
const id = (value: unknown): value is string => typeof value === 'string' && isId(value);
const isPoint = (value: unknown) => readPoint(value) !== null;
const isSize = (value: unknown) => readSize(value) !== null;
const link = (value: unknown) => typeof value === 'string' && value.length <= 2048 && isLink(value);

const between = (low: number, high: number) => (value: unknown) => typeof value === 'number' && value >= low && value <= high;
const oneOf = (words: readonly string[]) => (value: unknown) => typeof value === 'string' && words.includes(value);
const color = (value: unknown) => typeof value === 'string' && /^(#[0-9a-fA-F]{6}|[a-z][a-z0-9_-]{0,31})$/.test(value);
const flag = (value: unknown) => typeof value === 'boolean';
const words = (value: unknown) => typeof value === 'string' && value.length <= MAX.text;
const numbers = (value: unknown) => Array.isArray(value) && value.length <= MAX.points && value.every(isCoordinate);
const handle = (value: unknown) => typeof value === 'string' && value.length > 0 && value.length <= 64;

const COMMON: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: words, locked: flag, stroke: color, color, opacity: between(0, 1), strokeWidth: between(0.5, 20), strokeStyle: oneOf(STROKE_STYLES), fontSize: between(8, 200),
  groups: (value) => Array.isArray(value) && value.length <= 32 && value.every(id),
};
const OF_SHAPES: typeof COMMON = {
  ...COMMON,
  angle: between(-3600, 3600), frame: id, fill: color, bold: flag, align: oneOf(ALIGNS), valign: oneOf(VALIGNS),
  link, points: (value) => numbers(value) && (value as number[]).length % 3 === 0, base: isSize, file: handle, item: handle, alt: words,
};
const OF_CONNECTORS: typeof COMMON = {
  ...COMMON,
  route: oneOf(ROUTES), start: oneOf(HEADS), end: oneOf(HEADS), startText: words, endText: words,
  points: (value) => Array.isArray(value) && value.length * 2 <= MAX.points && value.every(isPoint),
};

/** Values of keys we don't know are kept if they are not absurdly deep: writing them again must not overflow the stack. */
const MAX_DEPTH = 16;
function isShallow(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1));
}

/** Beyond the bounds of a text it is cut, between characters. */
function cut(text: string): string {
  const end = text.charCodeAt(MAX.text - 1);
  return text.slice(0, end >= 0xd800 && end < 0xdc00 ? MAX.text - 1 : MAX.text);
}

/** The keys that may stay, each with its value. */
function keys(raw: Raw, known: typeof COMMON, required: readonly string[], report: Report): Raw {
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(raw)) {
    if (value === undefined || key === '__proto__') continue;
    if (required.includes(key)) kept.push([key, value]);
    else if (key === 'text' && typeof value === 'string' && value.length > MAX.text) {
      report.warn('text_cut');
      kept.push([key, cut(value)]);
    } else if (key === 'link' && !link(value)) report.warn('link', typeof value === 'string' ? /^[a-z][a-z0-9+.-]*:/i.exec(value.trim())?.[0] : '');
    else if (Object.hasOwn(known, key) ? known[key]!(value) : isShallow(value)) kept.push([key, value]);
    else report.warn('bad_value', key);
  }
  return Object.fromEntries(kept);
}

function checkEnd(raw: unknown, shapes: ReadonlyMap<string, ShapeJson>): EndJson | 'malformed' | 'dangling' | 'bad_place' {
  if (!isRecord(raw)) return 'malformed';
  if (raw.at !== undefined && !isPoint(raw.at)) return 'bad_place';
  if (raw.shape === undefined) return raw.at === undefined ? 'malformed' : (raw as unknown as EndJson);
  if (!id(raw.shape) || !shapes.has(raw.shape)) return 'dangling';
  const end: Raw = { ...raw, side: oneOf(SIDES)(raw.side) ? raw.side : 'auto' };
  if (!between(0, 1)(end.along)) delete end.along;
  return end as EndJson;
}

/** Every one without a usable rank gets one behind all others, in the order given. */
function ranked<T extends { rank: string }>(things: T[]): T[] {
  const without = things.filter((thing) => !isValidRank(thing.rank));
  if (without.length === 0) return things;
  const last = things.reduce<string | null>((top, { rank }) => (isValidRank(rank) && (top === null || compareRanks(rank, top) > 0) ? rank : top), null);
  const ranks = ranksBetween(last, null, without.length) ?? [];
  without.forEach((thing, i) => (thing.rank = ranks[i] ?? thing.rank));
  return things;
}

/** Frames in frames, at most: who walks them may recurse. */
const MAX_NESTED = 64;

/** A frame that isn't there, isn't one, or stands in itself is no frame. The numbers are how deep one stands. */
function checkFrames(shapes: ReadonlyMap<string, ShapeJson>, report: Report): void {
  const standing = new Map<ShapeJson, number>();
  for (const shape of shapes.values()) {
    const path = new Set<ShapeJson>();
    for (let at = shape; !standing.has(at); ) {
      path.add(at);
      const frame = at.frame === undefined ? undefined : shapes.get(at.frame);
      if (frame && (frame.kind === 'frame' || frame.kind === 'boundary') && !path.has(frame) && path.size + (standing.get(frame) ?? 0) < MAX_NESTED) {
        at = frame;
        continue;
      }
      if (at.frame !== undefined) report.info('bad_value', 'frame');
      delete at.frame;
      break;
    }
    for (const at of [...path].reverse()) standing.set(at, 1 + (at.frame === undefined ? 0 : standing.get(shapes.get(at.frame)!)!));
  }
}

/** Shapes and connectors as they came, to a diagram. The order of the arrays stands for a rank that is missing. */
export function checked(title: unknown, shapes: readonly unknown[], connectors: readonly unknown[], report: Report): DiagramJson {
  const kept = new Map<string, ShapeJson>();
  for (const raw of shapes) {
    if (!isRecord(raw)) report.warn('malformed');
    else if (!id(raw.id)) report.warn('bad_id', raw.id);
    else if (kept.has(raw.id)) report.warn('duplicate_id', raw.id);
    else if (kept.size >= MAX.elements) report.warn('too_many', 'shapes');
    else if (typeof raw.kind !== 'string' || raw.kind === '' || raw.kind.length > 64) report.warn('malformed', raw.id);
    else if (!isPoint(raw.at) || !isSize(raw.size)) report.warn('bad_place', raw.id);
    else {
      if (!isKind(raw.kind)) report.info('unknown_kind', raw.kind);
      const shape = keys(raw, OF_SHAPES, ['id', 'kind', 'at', 'size', 'rank'], report) as unknown as ShapeJson;
      if (typeof shape.rank !== 'string') shape.rank = '';
      if (shape.kind === 'draw' && !shape.points?.length) report.warn('malformed', shape.id);
      else kept.set(shape.id, shape);
    }
  }
  checkFrames(kept, report);

  const lines = new Map<string, ConnectorJson>();
  for (const raw of connectors) {
    if (!isRecord(raw)) report.warn('malformed');
    else if (!id(raw.id)) report.warn('bad_id', raw.id);
    else if (lines.has(raw.id)) report.warn('duplicate_id', raw.id);
    else if (lines.size >= MAX.elements) report.warn('too_many', 'connectors');
    else {
      const [from, to] = [checkEnd(raw.from, kept), checkEnd(raw.to, kept)];
      const wrong = typeof from === 'string' ? from : typeof to === 'string' ? to : null;
      if (wrong !== null) report.warn(wrong, wrong === 'dangling' ? '' : raw.id);
      else {
        const connector = keys({ ...raw, from, to }, OF_CONNECTORS, ['id', 'from', 'to', 'rank'], report) as unknown as ConnectorJson;
        if (typeof connector.rank !== 'string') connector.rank = '';
        lines.set(connector.id, connector);
      }
    }
  }
  return {
    canopy: 'diagram',
    version: 1,
    title: typeof title === 'string' ? title.slice(0, MAX.text) : '',
    shapes: ranked([...kept.values()]).sort(inOrder),
    connectors: ranked([...lines.values()]).sort(inOrder),
  };
}
