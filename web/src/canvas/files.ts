/** Import, export and layout as the screen asks for them: what does it is fetched then, and what went wrong is told. */
import type { Item } from '@/api/client';
import { chooseFiles } from '@/editor/uploads';
import { announce } from '@/features/views/announce';
import { t } from '@/texts';
import { toast } from '@/ui/toast';
import type { Editor } from './editor';
import type { ExportFormat } from './exchange';
import type { LayoutOptions } from './layout';
import type { Theme } from './rules';
import type { DiagramJson } from './schema';

const fetched = () => import('./exchange');

const reason = (error: unknown): string => (error instanceof Error ? error.message : '');

export async function takeFiles(editor: Editor, files: readonly File[]): Promise<void> {
  if (!editor.mayEdit) return;
  for (const file of files) {
    try {
      const { ids, report } = await (await fetched()).takeFile(editor, file);
      announce(t.diagram.exchange.came(ids.length));
      editor.focus();
      if (report.length > 0) editor.set({ report: { title: t.diagram.exchange.imported(file.name), lines: report } });
    } catch (error) {
      toast.error(t.diagram.exchange.failed, { description: reason(error), duration: 10_000 });
    }
  }
}

export const chooseImport = (editor: Editor): void => chooseFiles('.drawio,.xml,.excalidraw,.json,.mmd,.mermaid,.txt', (files) => void takeFiles(editor, files));

/** What Mermaid begins with: only then its reader is fetched. */
const MERMAID = /^\s*(?:```\s*mermaid|---|%%|graph\b|flowchart\b|sequenceDiagram\b|classDiagram\b|erDiagram\b)/;

/** A pasted text as a diagram; null if it is none. */
export async function takeText(editor: Editor, text: string): Promise<DiagramJson | null> {
  if (!MERMAID.test(text)) return null;
  try {
    const read = await (await fetched()).readText(text);
    if (read !== null && read.report.length > 0) editor.set({ report: { title: t.diagram.exchange.pasted, lines: read.report } });
    return read?.diagram ?? null;
  } catch (error) {
    toast.error(t.diagram.exchange.failed, { description: reason(error), duration: 10_000 });
    return null;
  }
}

export async function exportAs(editor: Editor, format: ExportFormat, items: ReadonlyMap<string, Item> | undefined, theme: Theme): Promise<void> {
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

export async function layOut(editor: Editor, options: LayoutOptions): Promise<void> {
  if (editor.mayEdit) (await fetched()).arrange(editor, options);
}
