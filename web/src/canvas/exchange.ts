/** Files and texts of other tools, and pictures: what leaves a diagram and comes into it. Fetched when it is first needed. */
import type { Item } from '@/api/client';
import { session } from '@/api/session';
import { t } from '@/texts';
import { upload } from '@/editor/uploads';
import { readDrawio } from './formats/drawio';
import { readExcalidraw } from './formats/excalidraw';
import type { ImportedWithFiles } from './formats/files';
import { readJson, writeJson } from './formats/json';
import { isMermaid, readMermaid, writeMermaid } from './formats/mermaid';
import type { ReportLine } from './formats/report';
import { layout, type LayoutOptions } from './layout';
import type { Card } from './drawing';
import { closure, wholeOf } from './edits';
import type { Editor } from './editor';
import { colourOf, rules, type Theme } from './rules';
import type { DiagramJson, End, Point } from './schema';
import { svg } from './svg';
import type * as plain from './types';

export type ExportFormat = 'svg' | 'png' | 'json' | 'mermaid';

export interface Came {
  ids: string[];
  report: readonly ReportLine[];
}

async function read(name: string, text: string): Promise<ImportedWithFiles> {
  const start = text.slice(0, 4_000);
  if (/\.(drawio|xml)$/i.test(name) || /<mxfile|<mxGraphModel/.test(start)) return readDrawio(text);
  if (/\.excalidraw$/i.test(name) || /"type"\s*:\s*"excalidraw/.test(start)) return readExcalidraw(text);
  if (/\.(mmd|mermaid)$/i.test(name) || isMermaid(text)) return { ...(await readMermaid(text)), files: [] };
  return { ...readJson(text), files: [] };
}

/** Puts what a file holds into the diagram, in the middle of what is seen. Throws when it can't be read. */
export async function takeFile(editor: Editor, file: File): Promise<Came> {
  const { diagram, report, files } = await read(file.name, await file.text());
  const pictures = new Map(files.map((one) => [one.shape, upload(editor.project, one.file, `${one.shape}.${one.file.type.split('/')[1] ?? 'png'}`)]));
  const shapes = diagram.shapes.map((shape) => (pictures.has(shape.id) ? { ...shape, file: pictures.get(shape.id) } : shape));
  const ids = editor.insert({ ...diagram, shapes } as DiagramJson, editor.scene.order.length === 0 ? [0, 0] : null);
  editor.fit(editor.bounds(ids), 1);
  return { ids, report };
}

/** Reads a text that was pasted; null if it is in no language of diagrams. Throws when it is, and can't be read. */
export async function readText(text: string): Promise<{ diagram: DiagramJson; report: readonly ReportLine[] } | null> {
  if (!isMermaid(text)) return null;
  const { diagram, report } = await readMermaid(text);
  return { diagram: diagram as DiagramJson, report };
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

async function dataUrl(file: string): Promise<string | undefined> {
  const response = await session.fetch(new Request(`/api/v1/files/${encodeURIComponent(file)}`)).catch(() => null);
  if (response?.ok !== true) return undefined;
  const blob = await response.blob();
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => resolve(undefined);
    reader.readAsDataURL(blob);
  });
}

export const cardOf = (item: Item | undefined): Card | undefined =>
  item === undefined ? undefined : { title: item.title, label: `${t.kinds.type[item.type]} · ${t.kinds.status[item.status]}`, done: [item.criteria_done, item.criteria_total] };

type Items = ReadonlyMap<string, Item> | undefined;

/** The diagram, or what is chosen of it, as SVG. */
export async function drawSvg(editor: Editor, items: Items, theme: Theme, chosen: ReadonlySet<string>): Promise<string> {
  const { order } = editor.scene;
  const part = chosen.size === 0 ? null : closure(editor.scene, chosen);
  const only = part === null ? undefined : new Set([...part.shapes, ...part.connectors].map(({ id }) => id));
  const shapes = order.filter((one) => one.type === 'shape');
  const images = new Map<string, string>();
  await Promise.all(
    shapes.map(async ({ id, file }) => {
      if (file === null || only?.has(id) === false) return;
      const url = await dataUrl(file);
      if (url !== undefined) images.set(file, url);
    }),
  );
  return svg({ shapes, connectors: order.filter((one) => one.type === 'connector'), only }, { theme, card: (item) => cardOf(items?.get(item)), image: (file) => images.get(file) });
}

/** Twice as fine as the screen, within what browsers draw at once. */
const FINE = 2;
const LARGEST = 8_192;

async function toPng(text: string): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const scale = Math.min(FINE, LARGEST / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => canvas.toBlob((blob) => (blob === null ? reject(new Error('the picture is empty')) : resolve(blob)), 'image/png'));
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Saves the diagram, or what is chosen of it, as a file. Gives what could not be taken along. */
export async function exportTo(editor: Editor, format: ExportFormat, items: Items, theme: Theme): Promise<readonly ReportLine[]> {
  const title = editor.room.doc.getText('title').toString();
  const name = title.replace(/[\\/:*?"<>|]+/g, ' ').trim() || t.common.untitled;
  const { selection } = editor.state;
  if (format === 'svg' || format === 'png') {
    const text = await drawSvg(editor, items, theme, selection);
    save(format === 'svg' ? new Blob([text], { type: 'image/svg+xml' }) : await toPng(text), `${name}.${format}`);
    return [];
  }
  const whole = wholeOf(editor.scene, title) as plain.DiagramJson;
  if (format === 'json') {
    save(new Blob([writeJson(whole)], { type: 'application/json' }), `${name}.json`);
    return [];
  }
  const role = { fill: 'fill', stroke: 'stroke', color: 'text' } as const;
  const written = writeMermaid(whole, { cardTitle: (item) => items?.get(item)?.title, color: (word, key) => (Object.hasOwn(rules.palette, word) ? colourOf(word, 'light', role[key]) : undefined) });
  save(new Blob([written.text], { type: 'text/plain' }), `${name}.mmd`);
  return written.report;
}

/** Places what is chosen, or everything, by what connects it. One step of undo. */
export function arrange(editor: Editor, options: LayoutOptions): void {
  const { selection } = editor.state;
  const part = selection.size > 1 ? closure(editor.scene, selection) : null;
  const whole = wholeOf(editor.scene, '') as plain.DiagramJson;
  const has = (id: string) => part === null || part.shapes.some((shape) => shape.id === id) || part.connectors.some((connector) => connector.id === id);
  const { shapes, connectors } = layout({ ...whole, shapes: whole.shapes.filter(({ id }) => has(id)), connectors: whole.connectors.filter(({ id }) => has(id)) }, options);
  const ends = new Map(
    connectors.flatMap(({ id, from, to }) => {
      const known = editor.scene.connector(id);
      if (known === undefined) return [];
      const turned = (end: End, side: typeof from): End => (end.shape === null ? end : { ...end, side });
      return [[id, { from: turned(known.from, from), to: turned(known.to, to), points: [] as Point[] }] as const];
    }),
  );
  editor.edits.place(new Map(shapes.map(({ id, at, size }) => [id, { at, size }])), ends, false);
  editor.fit(undefined, 1);
}
