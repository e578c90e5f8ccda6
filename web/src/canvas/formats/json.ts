/** The diagram as JSON, losslessly: what was written and is read again is written the same. */
import { checked, isRecord } from './check';
import type { DiagramJson } from '../schema';
import type { Imported } from './files';
import { FormatError, refuseLarge, Report } from './report';

/** JSON text to its value, or what is wrong with it. */
export function parseJson(text: string): unknown {
  refuseLarge(text.length);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new FormatError('not_json', error instanceof Error ? error.message.slice(0, 200) : '');
  }
}

/** Ids stay as they are: who puts it into a diagram gives fresh ones. */
export function readJson(text: string): Imported {
  const raw = parseJson(text);
  if (!isRecord(raw) || raw.canopy !== 'diagram' || !Array.isArray(raw.shapes) || !Array.isArray(raw.connectors)) throw new FormatError('not_canopy');
  if (raw.version !== 1) throw new FormatError('newer_version', String(raw.version).slice(0, 20));
  const report = new Report();
  const diagram = checked(raw.title, raw.shapes, raw.connectors, report);
  return { diagram, report: report.lines(), files: [] };
}

/** `id` first, the other keys by name, `text` last. */
function inKeyOrder(thing: Record<string, unknown>): Record<string, unknown> {
  const { id, text, ...rest } = thing;
  const sorted = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries([['id', id], ...sorted, ...(text === undefined ? [] : [['text', text]])]);
}

/** One shape or connector a line, so that versions can be compared. */
export function writeJson({ title, shapes, connectors }: Pick<DiagramJson, 'title' | 'shapes' | 'connectors'>): string {
  const list = (things: Record<string, unknown>[]) => (things.length === 0 ? '[]' : `[\n${things.map((thing) => `    ${JSON.stringify(inKeyOrder(thing))}`).join(',\n')}\n  ]`);
  return `{\n  "canopy": "diagram",\n  "version": 1,\n  "title": ${JSON.stringify(title)},\n  "shapes": ${list(shapes)},\n  "connectors": ${list(connectors)}\n}\n`;
}
