/** Files and texts of other tools, and pictures: what leaves a diagram and comes into it. Fetched when it is first needed. */
import type { Item } from '@/api/client';
import { session } from '@/api/session';
import { t } from '@/texts';
import { upload } from '@/editor/uploads';
import type { Choice, DrawioFile } from './formats/drawio';
import type { Imported } from './formats/files';
import { refuseLarge, Report, type ReportLine } from './formats/report';
import type { LayoutOptions } from './layout';
import type { Card } from './drawing';
import { closure, wholeOf } from './edits';
import type { Editor } from './editor';
import { colourOf, rules, type Theme } from './rules';
import type { DiagramJson, End, Point } from './schema';
import { svg } from './svg';

export type ExportFormat = 'svg' | 'png' | 'json' | 'mermaid';

/** Asks which pages of a file are taken, and whether hidden layers are; null: nothing. */
export type Choose = (pages: DrawioFile['pages']) => Promise<Choice | null>;

/** Reads a text, whatever it is called. Each reader is a chunk of its own. */
async function read(name: string, text: string, choose: Choose): Promise<Imported | null> {
  const start = text.slice(0, 4_000);
  if (/\.(drawio|xml|svg)$/i.test(name) || /(<|&lt;)(mxfile|mxGraphModel)/.test(start)) {
    const file = await (await import('./formats/drawio')).openDrawio(text);
    const plain = file.pages.length === 1 && file.pages.every(({ hidden }) => hidden.length === 0);
    const choice = plain ? {} : await choose(file.pages);
    return choice && file.read(choice);
  }
  if (/\.excalidraw$/i.test(name) || /"type"\s*:\s*"excalidraw/.test(start)) return (await import('./formats/excalidraw')).readExcalidraw(text);
  if (/\.(mmd|mermaid)$/i.test(name) || !/^\s*[{<]/.test(start)) return (await import('./formats/mermaid')).readMermaid(text);
  return (await import('./formats/json')).readJson(text);
}

/** Gives pictures of the file, and those that other projects hold, to this one. What a person doesn't see there stays there. */
async function settled(editor: Editor, { diagram, report: lines, files }: Imported, items: Items): Promise<Read> {
  const report = new Report(lines);
  const named = (blob: Blob, shape: string) => upload(editor.project, blob, `${shape}.${blob.type.split('/')[1] ?? 'png'}`);
  const pictures = new Map(files.map(({ shape, file }) => [shape, named(file, shape)]));
  const taken = new Map<string, Promise<string | null>>();
  const shapes = await Promise.all(
    diagram.shapes.map(async (shape) => {
      if (shape.kind === 'card' && shape.item !== undefined && items?.has(shape.item) === false) report.warn('card_elsewhere');
      if (pictures.has(shape.id)) return { ...shape, file: pictures.get(shape.id) };
      if (shape.file === undefined) return shape;
      if (!taken.has(shape.file)) taken.set(shape.file, taken.size < MOST_FILES ? ours(editor.project, shape.file) : Promise.resolve(null));
      const file = await taken.get(shape.file);
      if (file != null) return { ...shape, file };
      report.warn('missing_image');
      const { file: _, ...rest } = shape;
      return rest;
    }),
  );
  return { diagram: { ...diagram, shapes }, report: report.lines() };
}

/** As many pictures as are fetched from other projects at once. */
const MOST_FILES = 200;

/** A file as one of this project; null if it isn't to be had. */
async function ours(project: string, id: string): Promise<string | null> {
  const get = (rest: string) => session.fetch(new Request(`/api/v1/files/${encodeURIComponent(id)}${rest}`)).catch(() => null);
  const found = await get('/meta');
  // Without the network nobody knows whose it is: what was copied here stays as it was.
  if (found === null) return id;
  if (!found.ok) return null;
  const { project_id, name } = (await found.json()) as { project_id: string; name: string };
  if (project_id === project) return id;
  const bytes = await get('');
  return bytes?.ok === true ? upload(project, await bytes.blob(), name) : null;
}

export interface Read {
  diagram: DiagramJson;
  report: readonly ReportLine[];
}

/** Reads a file for this diagram; null if nothing of it is wanted. Throws when it can't be read. */
export async function readFile(editor: Editor, file: File, items: Items, choose: Choose): Promise<Read | null> {
  refuseLarge(file.size);
  const imported = await read(file.name, await file.text(), choose);
  return imported && settled(editor, imported, items);
}

/** Reads a text that was pasted; null if nothing of it is wanted, `text` if it is in no language of diagrams. Throws when it can't be read. */
export async function readText(editor: Editor, text: string, items: Items, choose: Choose): Promise<Read | 'text' | null> {
  if (!/^\s*[{<]/.test(text) && !(await import('./formats/mermaid')).isMermaid(text)) return 'text';
  const imported = await read('', text, choose);
  return imported && settled(editor, imported, items);
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

/** How a picture is made. */
export interface PictureOptions {
  format: 'svg' | 'png';
  theme: Theme;
  /** Of a PNG: pixels to a unit of the diagram. */
  scale: number;
  /** Without the page behind it. */
  clear: boolean;
}

/** The diagram, or what is chosen of it, as SVG. */
async function drawSvg(editor: Editor, items: Items, { theme, clear }: PictureOptions): Promise<string> {
  const { order } = editor.scene;
  const chosen = editor.state.selection;
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
  return svg({ shapes, connectors: order.filter((one) => one.type === 'connector'), only }, { theme, clear, card: (item) => cardOf(items?.get(item)), image: (file) => images.get(file) });
}

/** What browsers draw at once: a larger picture is made with fewer pixels. */
const LARGEST = 8_192;

async function toPng(text: string, fine: number): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const scale = Math.min(fine, LARGEST / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => canvas.toBlob((blob) => (blob === null ? reject(new Error('the picture is empty')) : resolve(blob)), 'image/png'));
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function picture(editor: Editor, items: Items, options: PictureOptions): Promise<Blob> {
  const text = await drawSvg(editor, items, options);
  return options.format === 'svg' ? new Blob([text], { type: 'image/svg+xml' }) : toPng(text, options.scale);
}

const nameOf = (title: string): string => title.replace(/[\\/:*?"<>|]+/g, ' ').trim() || t.common.untitled;
const titleOf = (editor: Editor): string => editor.room.doc.getText('title').toString();

/** Saves the diagram, or what is chosen of it, as a picture. */
export async function savePicture(editor: Editor, items: Items, options: PictureOptions): Promise<void> {
  save(await picture(editor, items, options), `${nameOf(titleOf(editor))}.${options.format}`);
}

/** Puts it onto the clipboard: a PNG as a picture, an SVG as its text. */
export async function copyPicture(editor: Editor, items: Items, options: PictureOptions): Promise<void> {
  // Begun at once: browsers allow it only while the click that asked for it lasts.
  const made = picture(editor, items, options);
  const as: Record<string, Promise<Blob>> = options.format === 'svg' ? { 'text/plain': made.then(async (blob) => new Blob([await blob.text()], { type: 'text/plain' })) } : { 'image/png': made };
  await navigator.clipboard.write([new ClipboardItem(as)]);
}

/** Saves the diagram, or what is chosen of it, as a file. Gives what could not be taken along. */
export async function exportTo(editor: Editor, format: ExportFormat, items: Items, theme: Theme): Promise<readonly ReportLine[]> {
  const title = titleOf(editor);
  const name = nameOf(title);
  if (format === 'svg' || format === 'png') {
    await savePicture(editor, items, { format, theme, scale: 2, clear: false });
    return [];
  }
  const whole = wholeOf(editor.scene, title);
  if (format === 'json') {
    const { writeJson } = await import('./formats/json');
    save(new Blob([writeJson(whole)], { type: 'application/json' }), `${name}.json`);
    return [];
  }
  const role = { fill: 'fill', stroke: 'stroke', color: 'text' } as const;
  const { writeMermaid } = await import('./formats/mermaid/write');
  const written = writeMermaid(whole, { cardTitle: (item) => items?.get(item)?.title, color: (word, key) => (Object.hasOwn(rules.palette, word) ? colourOf(word, 'light', role[key]) : undefined) });
  save(new Blob([written.text], { type: 'text/plain' }), `${name}.mmd`);
  return written.report;
}

/** Places what is chosen, or everything, by what connects it. One step of undo. */
export async function arrange(editor: Editor, options: LayoutOptions): Promise<void> {
  const { selection } = editor.state;
  const part = selection.size > 1 ? closure(editor.scene, selection) : null;
  const whole = wholeOf(editor.scene, '');
  const { layout } = await import('./layout');
  const has = (id: string) => part === null || part.shapes.some((shape) => shape.id === id) || part.connectors.some((connector) => connector.id === id);
  const { shapes, connectors } = layout({ ...whole, shapes: whole.shapes.filter(({ id }) => has(id)), connectors: whole.connectors.filter(({ id }) => has(id)) }, options);
  const ends = new Map(
    connectors.flatMap(({ id, from, to }) => {
      const known = editor.scene.connector(id);
      if (known === undefined) return [];
      const turned = (end: End, side: typeof from): End => (end.shape === null ? end : { shape: end.shape, side, at: end.at });
      return [[id, { from: turned(known.from, from), to: turned(known.to, to), points: [] as Point[] }] as const];
    }),
  );
  editor.edits.place(new Map(shapes.map(({ id, at, size }) => [id, { at, size }])), ends, false);
  editor.fit(undefined, 1);
}
