/**
 * What a diagram looks like, as a list of paths and lines of text: the canvas shows it, `svg.ts` writes it.
 * `crates/content/src/diagram/svg.rs` draws the same.
 */
import type { Box } from './geo';
import { outlineOf, type Way } from './geometry';
import { number, Path } from './path';
import { colourOf, ruleOf, rules, type Theme } from './rules';
import type { Connector, Head, Point, Shape, Style } from './schema';
import { clipped, textLines, textWidth, trimmed, trimmedEnd } from './text';

export type Mark =
  | { type: 'path'; d: string; fill: string; stroke: string; width: number; dashes: string }
  | { type: 'text'; x: number; y: number; size: number; bold: boolean; anchor: 'start' | 'middle' | 'end'; color: string; text: string }
  | { type: 'box'; box: Box; fill: string }
  | { type: 'image'; box: Box; href: string };

/** What a card shows of its item. */
export interface Card {
  title: string;
  /** Its type, its status, in words for people. */
  label: string;
  /** Criteria that are met, and all of them. */
  done: readonly [number, number];
}

/** What a drawing takes from elsewhere. */
export interface Given {
  theme: Theme;
  /** Without the page behind it. */
  clear?: boolean;
  /** By item id; one that is missing is drawn as a card of nothing. */
  card?: (item: string) => Card | undefined;
  /** `data:` addresses by file id; one that is missing is drawn as a box with its description. */
  image?: (file: string) => string | undefined;
}

/** The dashes of a line, by its width; empty for none. */
export function dashesOf({ strokeStyle, strokeWidth: w }: Pick<Style, 'strokeStyle' | 'strokeWidth'>): string {
  if (strokeStyle === 'dashed') return `${number(w * 4)} ${number(w * 3)}`;
  return strokeStyle === 'dotted' ? `${number(w)} ${number(w * 2)}` : '';
}

const grayOf = (theme: Theme): string => colourOf('gray', theme, 'stroke');

/** Breaks are spaces where a text has one line. */
const oneLine = (text: string): string => text.split(/[\n\r\u2028\u2029]/u).map(trimmed).filter(Boolean).join(' ');

export function shapeMarks(shape: Shape, given: Given): Mark[] {
  const { style, kind, at: [x, y], size: [w, h] } = shape;
  const { theme } = given;
  const out: Mark[] = [];
  const [fill, stroke, color] = [colourOf(style.fill, theme, 'fill'), colourOf(style.stroke, theme, 'stroke'), colourOf(style.color, theme, 'text')];
  const href = kind === 'image' && shape.file !== null ? given.image?.(shape.file) : undefined;
  if (href !== undefined) out.push({ type: 'image', box: { x, y, w, h }, href });
  else if (kind === 'image') {
    const path = new Path();
    path.rect(x, y, w, h);
    out.push({ type: 'path', d: path.d, fill: 'none', stroke: grayOf(theme), width: 1, dashes: '4 3' });
  } else {
    const { body, detail } = outlineOf(shape);
    const line = { stroke, width: style.strokeWidth, dashes: dashesOf(style) };
    if (body !== '') out.push({ type: 'path', d: body, fill, ...line });
    // What a component has on its edge is filled as it is itself.
    if (detail !== '') out.push({ type: 'path', d: detail, fill: kind === 'component' ? fill : 'none', ...line });
  }
  const write = (text: string, px: number, py: number, more: Partial<Extract<Mark, { type: 'text' }>> = {}) => {
    if (text !== '') out.push({ type: 'text', x: px, y: py, size: style.fontSize, bold: style.bold, anchor: 'start', color, text, ...more });
  };
  switch (kind) {
    case 'card':
      cardMarks(shape, given, color, write);
      break;
    case 'entity':
    case 'class':
      compartments(shape, stroke, write, out);
      break;
    case 'frame':
      write(clipped(oneLine(shape.text), Math.max(w, 80), style.fontSize, style.bold), x, y - style.fontSize * 0.5);
      break;
    case 'image':
      if (href === undefined) block(oneLine(shape.alt), shape, write);
      break;
    default:
      block(shape.text, shape, write);
  }
  return out;
}

type Write = (text: string, x: number, y: number, more?: Partial<Extract<Mark, { type: 'text' }>>) => void;

/** The edges of where text stands in a shape. In a narrow one left and right may have changed places. */
function edgesOf({ kind, at: [x, y], size: [w, h] }: Pick<Shape, 'kind' | 'at' | 'size'>): { from: number; to: number; upper: number; lower: number } {
  const { inset: [top, right, bottom, left], padding } = ruleOf(kind);
  return { from: x + w * left + padding, to: x + w - w * right - padding, upper: y + h * top + padding, lower: y + h - h * bottom - padding };
}

/** Where text stands in a shape. */
export function roomOf(shape: Pick<Shape, 'kind' | 'at' | 'size'>): Box {
  const { from, to, upper, lower } = edgesOf(shape);
  const w = Math.max(1, to - from);
  return { x: (from + to - w) / 2, y: upper, w, h: lower - upper };
}

/** Text in a shape, where its kind has room for it. */
function block(text: string, shape: Shape, write: Write): void {
  if (trimmed(text) === '') return;
  const { style } = shape;
  const { from, to, upper, lower } = edgesOf(shape);
  const lines = textLines(text, Math.max(1, to - from), style.fontSize, style.bold);
  const step = style.fontSize * rules.font.lineHeight;
  const tall = lines.length * step;
  const first = style.valign === 'top' ? upper : style.valign === 'bottom' ? lower - tall : (upper + lower - tall) / 2;
  const x = style.align === 'left' ? from : style.align === 'right' ? to : (from + to) / 2;
  const anchor = style.align === 'left' ? 'start' : style.align === 'right' ? 'end' : 'middle';
  lines.forEach((line, index) => write(line, x, first + index * step + style.fontSize * rules.font.ascent, { anchor }));
}

/** An entity or a class: its name, then what it has, with a line between. */
function compartments({ at: [x, y], size: [w, h], text, style }: Shape, stroke: string, write: Write, out: Mark[]): void {
  const { padding } = rules.common;
  const step = style.fontSize * rules.font.lineHeight;
  let top = y + padding / 2;
  const lines = text.split('\n');
  // Its name, and stereotypes like «interface».
  const more = lines.slice(1).findIndex((line) => !trimmed(line).startsWith('«'));
  const head = more < 0 ? lines.length : 1 + more;
  for (const [index, line] of lines.entries()) {
    const ends = index >= head && trimmed(line) === '---';
    // Below the head there is a line anyway.
    if (ends && index === head) continue;
    if (!ends) {
      const bold = index === 0 || style.bold;
      const shown = clipped(trimmedEnd(line), w - padding * 2, style.fontSize, bold);
      const named = index >= head;
      write(shown, named ? x + padding : x + w / 2, top + style.fontSize * rules.font.ascent, { bold, anchor: named ? 'start' : 'middle' });
      top += step;
    }
    if (ends || index + 1 === head) {
      top += padding / 2;
      if (top < y + h) {
        const path = new Path();
        path.polyline([[x, top], [x + w, top]]);
        out.push({ type: 'path', d: path.d, fill: 'none', stroke, width: style.strokeWidth, dashes: '' });
      }
      top += padding / 2;
    }
    if (top + step > y + h) break;
  }
}

/** A card: what its item is, its title, how far it is. */
function cardMarks({ at: [x, y], size: [w], style, item }: Shape, given: Given, color: string, write: Write): void {
  const pad = 12;
  const quiet = grayOf(given.theme);
  const card = item === null ? undefined : given.card?.(item);
  if (card === undefined) {
    write('–', x + pad, y + pad + style.fontSize, { color: quiet, bold: false });
    return;
  }
  const small = 12;
  write(clipped(card.label, w - pad * 2 - 60, small, false), x + pad, y + pad + small * 0.8, { size: small, bold: false, color: quiet });
  if (card.done[1] > 0) write(`${card.done[0]}/${card.done[1]}`, x + w - pad, y + pad + small * 0.8, { size: small, bold: false, anchor: 'end', color: quiet });
  const title = textLines(card.title, w - pad * 2, style.fontSize, true);
  const step = style.fontSize * rules.font.lineHeight;
  title.slice(0, 2).forEach((line, index) => {
    const shown = index === 1 && title.length > 2 ? clipped(`${line} ${title[2]}`, w - pad * 2, style.fontSize, true) : line;
    write(shown, x + pad, y + pad + small * 1.6 + index * step + style.fontSize * rules.font.ascent, { bold: true, color });
  });
}

/** The text of a connector, broken, and where it stands. */
export function labelOf({ text, style }: Pick<Connector, 'text' | 'style'>, middle: Point): { lines: string[]; place: Box } | null {
  if (trimmed(text) === '') return null;
  const lines = textLines(trimmed(text), rules.connector.labelWidth, style.fontSize, style.bold);
  const w = Math.max(0, ...lines.map((line) => textWidth(line, style.fontSize, style.bold))) + 8;
  const h = lines.length * style.fontSize * rules.font.lineHeight + 4;
  return { lines, place: { x: middle[0] - w / 2, y: middle[1] - h / 2, w, h } };
}

export function connectorMarks(connector: Connector, way: Way, theme: Theme): Mark[] {
  const { style } = connector;
  const stroke = colourOf(style.stroke, theme, 'stroke');
  const color = colourOf(style.color, theme, 'text');
  const out: Mark[] = [{ type: 'path', d: way.path, fill: 'none', stroke, width: style.strokeWidth, dashes: dashesOf(style) }];
  const [start, leaves] = way.start;
  const [end, arrives] = way.end;
  headMarks(connector.start, start, [-leaves[0], -leaves[1]], stroke, style.strokeWidth, theme, out);
  headMarks(connector.end, end, arrives, stroke, style.strokeWidth, theme, out);
  const ends: [string, Point, Point][] = [[connector.startText, start, leaves], [connector.endText, end, [-arrives[0], -arrives[1]]]];
  for (const [written, point, towards] of ends) {
    const text = oneLine(written);
    if (text === '') continue;
    const x = point[0] + towards[0] * 22 + Math.abs(towards[1]) * 6;
    const y = point[1] + towards[1] * 22 - Math.abs(towards[0]) * 6;
    out.push({ type: 'text', x, y, size: style.fontSize * 0.85, bold: false, anchor: towards[0] < 0 ? 'end' : 'start', color, text });
  }
  return out;
}

/** The text at half the length of a connector, over everything else. */
export function labelMarks(connector: Pick<Connector, 'text' | 'style'>, way: Way, theme: Theme): Mark[] {
  const label = labelOf(connector, way.middle);
  if (label === null) return [];
  const { style } = connector;
  const color = colourOf(style.color, theme, 'text');
  const step = style.fontSize * rules.font.lineHeight;
  const out: Mark[] = [{ type: 'box', box: label.place, fill: rules.page[theme].label }];
  label.lines.forEach((text, index) => {
    const y = label.place.y + 2 + index * step + style.fontSize * rules.font.ascent;
    if (text !== '') out.push({ type: 'text', x: way.middle[0], y, size: style.fontSize, bold: style.bold, anchor: 'middle', color, text });
  });
  return out;
}

/** A head whose tip is at `tip`, of a line that arrives in a direction. */
function headMarks(head: Head, tip: Point, [dx, dy]: Point, stroke: string, line: number, theme: Theme, out: Mark[]): void {
  if (head === 'none') return;
  // `back` behind the tip, `side` beside the line.
  const at = (back: number, side: number): Point => [tip[0] - dx * back - dy * side, tip[1] - dy * back + dx * side];
  const size = 8 + line * 2;
  const half = size / 2;
  const page = rules.page[theme].background;
  const path = new Path();
  let filled = 'none';
  switch (head) {
    case 'arrow':
      path.polyline([at(size, -half), tip, at(size, half)]);
      break;
    case 'triangle':
    case 'triangle_open':
      path.polygon([tip, at(size, -half), at(size, half)]);
      filled = head === 'triangle' ? stroke : page;
      break;
    case 'diamond':
    case 'diamond_open':
      path.polygon([tip, at(size, -half), at(size * 2, 0), at(size, half)]);
      filled = head === 'diamond' ? stroke : page;
      break;
    case 'circle':
    case 'circle_open': {
      const [cx, cy] = at(half, 0);
      path.ellipse(cx - half, cy - half, size, size);
      filled = head === 'circle' ? stroke : page;
      break;
    }
    case 'cross':
      path.polyline([at(size, -half), at(0, half)]);
      path.polyline([at(size, half), at(0, -half)]);
      break;
    case 'one':
      path.polyline([at(size * 0.6, -half), at(size * 0.6, half)]);
      path.polyline([at(size, -half), at(size, half)]);
      break;
    case 'many':
    case 'one_many':
    case 'zero_many':
      path.polyline([at(0, -half), at(size, 0), at(0, half)]);
      if (head === 'one_many') path.polyline([at(size * 1.3, -half), at(size * 1.3, half)]);
      break;
    case 'zero_one':
      path.polyline([at(size * 0.6, -half), at(size * 0.6, half)]);
      break;
  }
  out.push({ type: 'path', d: path.d, fill: filled, stroke, width: line, dashes: '' });
  if (head === 'zero_one' || head === 'zero_many') {
    const ring = new Path();
    const [cx, cy] = at(size * 1.5, 0);
    ring.ellipse(cx - half * 0.8, cy - half * 0.8, size * 0.8, size * 0.8);
    out.push({ type: 'path', d: ring.d, fill: page, stroke, width: line, dashes: '' });
  }
}

/** What stands behind everything else: it holds things, and connectors run over it. */
export const isBehind = (kind: string): boolean => kind === 'frame' || kind === 'boundary';

