/** The diagram as JSON, losslessly: what was written and is read again is written the same. */
import { checked, isRecord } from './check';
import type { DiagramJson } from '../types';
import { FormatError, refuseLarge, Report, type ReportLine } from './report';

export interface Imported {
  diagram: DiagramJson;
  report: ReportLine[];
}

/** JSON text to its value, or what is wrong with it. */
export function parseJson(text: string): unknown {
  refuseLarge(text);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new FormatError('not_json', error instanceof Error ? error.message.slice(0, 200) : '');
  }
}

/** Ids stay as they are: who puts it into a diagram that has shapes gives {@link withIds fresh ones}. */
export function readJson(text: string): Imported {
  const raw = parseJson(text);
  if (!isRecord(raw) || raw.canopy !== 'diagram' || !Array.isArray(raw.shapes) || !Array.isArray(raw.connectors)) throw new FormatError('not_canopy');
  if (raw.version !== 1) throw new FormatError('newer_version', String(raw.version).slice(0, 20));
  const report = new Report();
  const diagram = checked(raw.title, raw.shapes, raw.connectors, report);
  return { diagram, report: report.lines() };
}

/** `id` first, the other keys by name, `text` last. */
function inKeyOrder(thing: Record<string, unknown>): Record<string, unknown> {
  const { id, text, ...rest } = thing;
  const sorted = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries([['id', id], ...sorted, ...(text === undefined ? [] : [['text', text]])]);
}

/** One shape or connector a line, so that versions can be compared. */
export function writeJson({ title, shapes, connectors }: DiagramJson): string {
  const list = (things: Record<string, unknown>[]) => (things.length === 0 ? '[]' : `[\n${things.map((thing) => `    ${JSON.stringify(inKeyOrder(thing))}`).join(',\n')}\n  ]`);
  return `{\n  "canopy": "diagram",\n  "version": 1,\n  "title": ${JSON.stringify(title)},\n  "shapes": ${list(shapes)},\n  "connectors": ${list(connectors)}\n}\n`;
}

/** The same diagram under new ids, so that it can stand beside the one it was taken from. Groups get new ids, too. */
export function withIds(diagram: DiagramJson, makeId: () => string): DiagramJson {
  const ids = new Map<string, string>();
  const fresh = (space: string, id: string) => {
    const key = `${space} ${id}`;
    if (!ids.has(key)) ids.set(key, makeId());
    return ids.get(key)!;
  };
  const groups = (thing: { groups?: string[] }) => (thing.groups ? { groups: thing.groups.map((group) => fresh('group', group)) } : {});
  const end = <T extends object>(at: T): T => ('shape' in at ? { ...at, shape: fresh('shape', at.shape as string) } : at);
  return {
    ...diagram,
    shapes: diagram.shapes.map((shape) => ({ ...shape, ...groups(shape), ...(shape.frame === undefined ? {} : { frame: fresh('shape', shape.frame) }), id: fresh('shape', shape.id) })),
    connectors: diagram.connectors.map((line) => ({ ...line, ...groups(line), id: fresh('connector', line.id), from: end(line.from), to: end(line.to) })),
  };
}
