/** Import, export and layout as the screen asks for them: what does it is fetched then, and what went wrong is told. */
import type { Item } from '@/api/client';
import { chooseFiles } from '@/editor/uploads';
import { announce } from '@/features/views/announce';
import { t } from '@/texts';
import { toast } from '@/ui/toast';
import type { Editor } from './editor';
import type { Choose, ExportFormat, PictureOptions, Read } from './exchange';
import type { LayoutOptions } from './layout';
import type { Theme } from './rules';
import type { DiagramJson } from './schema';

const fetched = () => import('./exchange');

type Items = ReadonlyMap<string, Item> | undefined;

const reason = (error: unknown): string => (error instanceof Error ? error.message : '');

/** Asks on the screen which pages and layers of a file are taken. */
const choosing = (editor: Editor, name: string): Choose => (pages) => new Promise((chosen) => editor.set({ choosing: { name, pages, chosen } }));

async function taken<T extends string = never>(editor: Editor, title: string, read: () => Promise<Read | T | null>): Promise<DiagramJson | T | null> {
  try {
    const found = await read();
    if (typeof found === 'string') return found;
    if (found !== null && found.report.length > 0) editor.set({ report: { title, lines: found.report } });
    return found?.diagram ?? null;
  } catch (error) {
    toast.error(t.diagram.exchange.failed, { description: reason(error), duration: 10_000 });
    return null;
  }
}

/** Puts what files hold into the diagram, in the middle of what is seen. */
export async function takeFiles(editor: Editor, files: readonly File[], items: Items): Promise<void> {
  if (!editor.mayEdit) return;
  for (const file of files) {
    const { exchange } = t.diagram;
    const diagram = await taken<never>(editor, exchange.imported(file.name), async () => (await fetched()).readFile(editor, file, items, choosing(editor, file.name)));
    if (diagram === null) continue;
    const ids = editor.insert(diagram, editor.scene.order.length === 0 ? [0, 0] : null);
    editor.fit(editor.bounds(ids), 1);
    announce(exchange.came(ids.length));
    editor.focus();
  }
}

export const chooseImport = (editor: Editor, items: Items): void => chooseFiles('.drawio,.xml,.svg,.excalidraw,.json,.mmd,.mermaid,.txt', (files) => void takeFiles(editor, files, items));

/** What a diagram begins with in a language that is read: only then a reader is fetched. */
const LANGUAGES = /^\s*(?:```\s*mermaid|---\s|%%|(?:graph|flowchart|flowchart-elk)[ \t]*(?:(?:TB|TD|BT|LR|RL)\b|[\n;]|$)|(?:sequenceDiagram|classDiagram(?:-v2)?|erDiagram)\b|\{[^]{0,400}"(?:canopy"\s*:\s*"diagram|type"\s*:\s*"excalidraw)|<mxfile\b|<mxGraphModel\b)/;

/** A pasted text as a diagram; `text` if it is none, null if nothing of it could be taken or is wanted. */
export async function takeText(editor: Editor, text: string, items: Items): Promise<DiagramJson | 'text' | null> {
  if (!LANGUAGES.test(text)) return 'text';
  return taken(editor, t.diagram.exchange.pasted, async () => (await fetched()).readText(editor, text, items, choosing(editor, t.diagram.exchange.pastedText)));
}

export async function exportAs(editor: Editor, format: ExportFormat, items: Items, theme: Theme): Promise<void> {
  if (editor.scene.order.length === 0) {
    toast(t.diagram.exchange.nothing);
    return;
  }
  try {
    const lines = await (await fetched()).exportTo(editor, format, items, theme);
    if (lines.length > 0) editor.set({ report: { title: t.diagram.exchange.exported(t.diagram.exchange.formats[format]), lines } });
  } catch (error) {
    toast.error(t.diagram.exchange.notExported, { description: reason(error) });
  }
}

/** A picture with options: saved, or put onto the clipboard. */
export async function takePicture(editor: Editor, items: Items, options: PictureOptions, to: 'file' | 'clipboard'): Promise<void> {
  try {
    const { copyPicture, savePicture } = await fetched();
    await (to === 'file' ? savePicture : copyPicture)(editor, items, options);
    if (to === 'clipboard') toast(t.diagram.exchange.copied);
  } catch (error) {
    toast.error(to === 'file' ? t.diagram.exchange.notExported : t.diagram.exchange.notCopied, { description: reason(error) });
  }
}

export async function layOut(editor: Editor, options: LayoutOptions): Promise<void> {
  if (editor.mayEdit) await (await fetched()).arrange(editor, options);
}
