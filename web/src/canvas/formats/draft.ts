/** A diagram in the making: what the readers of other programs' files have in common. */
import { ranksBetween } from '@/collab/rank';
import { MIDDLE, type ConnectorJson, type EndJson, type Point, type ShapeJson, type Side } from '../schema';
import { boundsOf } from '../geo';
import { rules } from '../rules';
import { textWidth } from '../text';
import { checked } from './check';
import { readColor } from './color';
import type { Imported, ImportedFile } from './files';
import { Report } from './report';

export type Box = { x: number; y: number; width: number; height: number };
type Extra<T> = Partial<Omit<T, 'id' | 'rank'>>;

/** To a tenth of a unit: other programs write rounding errors. */
export const tenth = (value: number) => Math.round(value * 10) / 10 + 0;

export class Draft {
  readonly shapes: ShapeJson[] = [];
  readonly connectors: ConnectorJson[] = [];
  /** Pictures that came along, and the shapes that show them. */
  readonly files: ImportedFile[] = [];
  private readonly order: { rank: string }[] = [];

  constructor(readonly report = new Report()) {}

  /** Puts a shape in front of what is there. */
  shape(kind: string, { x, y, width, height }: Box, extra: Extra<ShapeJson> = {}): ShapeJson {
    const size = (edge: number) => Math.max(1, tenth(Math.abs(edge)));
    const shape = { ...extra, id: `s${this.shapes.length + 1}`, rank: '', kind, at: [tenth(x), tenth(y)], size: [size(width), size(height)] } as ShapeJson;
    this.shapes.push(shape);
    this.order.push(shape);
    return shape;
  }

  /** Puts a connector in front of what is there. */
  connector(from: EndJson, to: EndJson, extra: Extra<ConnectorJson> = {}): ConnectorJson {
    const line = { ...extra, id: `c${this.connectors.length + 1}`, rank: '', from, to } as ConnectorJson;
    this.connectors.push(line);
    this.order.push(line);
    return line;
  }

  /** A colour of another program, if it can be one here. */
  color(text: unknown): string | undefined {
    if (text === undefined || text === null || text === '') return undefined;
    const color = readColor(text);
    if (color === null) this.report.warn('color', text);
    return color ?? undefined;
  }

  finish(title: string): Imported {
    const ranks = ranksBetween(null, null, this.order.length) ?? [];
    this.order.forEach((thing, i) => (thing.rank = ranks[i] ?? ''));
    if (this.order.length === 0) this.report.warn('empty');
    const diagram = checked(title, this.shapes, this.connectors, this.report);
    return { diagram, report: this.report.lines(), files: this.files };
  }
}

/** Of these only the middle of a side is on their outline. */
const SLANTED = /^(ellipse|diamond|triangle|cloud|hexagon|parallelogram|terminator|person|actor)$/;

/** An end on a shape, so far along its side. */
export const attached = (shape: ShapeJson, side: Side | 'auto' = 'auto', along = MIDDLE): EndJson => ({ shape: shape.id, side, ...(side === 'auto' || along === MIDDLE || SLANTED.test(shape.kind) ? {} : { along: Math.round(Math.min(1, Math.max(0, along)) * 1e4) / 1e4 }) });
export const free = (x: number, y: number): EndJson => ({ at: [tenth(x), tenth(y)] as Point });

/** Of at most so many, evenly; the first and the last among them. */
export function thinned<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list];
  return Array.from({ length: most }, (_, i) => list[Math.round((i * (list.length - 1)) / (most - 1))]!);
}

/** The room that a text takes, unwrapped. */
export function textSize(text: string, fontSize = 16, bold = false): { width: number; height: number } {
  const lines = text.split('\n');
  return { width: Math.ceil(Math.max(...lines.map((line) => textWidth(line, fontSize, bold)))), height: Math.ceil(lines.length * fontSize * rules.font.lineHeight) };
}

/** The text with lines of about that width at most, broken at words. */
export function wrapped(text: string, width: number, fontSize = 16): string {
  return text
    .split('\n')
    .map((line) => {
      if (textWidth(line, fontSize, false) <= width) return line;
      const lines: string[] = [];
      for (const word of line.split(' ')) {
        const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
        if (lines.length > 0 && textWidth(longer, fontSize, false) <= width) lines[lines.length - 1] = longer;
        else lines.push(word);
      }
      return lines.join('\n');
    })
    .join('\n');
}

/** The smallest box around boxes. */
export function around(boxes: readonly Box[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxes) {
    left = Math.min(left, box.x);
    top = Math.min(top, box.y);
    right = Math.max(right, box.x + box.width);
    bottom = Math.max(bottom, box.y + box.height);
  }
  return left <= right ? { x: left, y: top, width: right - left, height: bottom - top } : { x: 0, y: 0, width: 0, height: 0 };
}

/** The font size, or the smaller one at which no word of the text is broken in that width. */
export function fitting(text: string, width: number, fontSize: number, bold = false): number {
  const longest = Math.max(0, ...text.split(/\s+/u).map((word) => textWidth(word, fontSize, bold)));
  return longest <= width ? fontSize : Math.max(8, fontSize * LEAST, Math.floor(((fontSize * width) / longest) * 10) / 10);
}

/** Text is written this much smaller at most, to fit: below, it is better broken. */
const LEAST = 0.6;

/** A lifeline: a dashed line that connectors end at, anywhere along it. */
export function lifeline(draft: Draft, x: number, from: number, to: number, extra: Extra<ShapeJson>): ShapeJson {
  const height = Math.max(1, tenth(to - from));
  return draft.shape('draw', { x: x - 0.5, y: from, width: 1, height }, { points: [0.5, 0, 0.5, 0.5, height, 0.5], base: [1, height], strokeStyle: 'dashed', strokeWidth: 1, ...extra });
}

/** What a shape covers, turned as it is. */
export function boxOf({ at, size, angle = 0 }: ShapeJson): Box {
  const { x, y, w, h } = boundsOf({ at, size, angle });
  return { x, y, width: w, height: h };
}
