/** Copying and pasting: elements as a diagram's JSON, between diagrams and browsers; pictures and texts from anywhere. */
import { announce } from '@/features/views/announce';
import { t } from '@/texts';
import { toast } from '@/ui/toast';
import { partOf } from './edits';
import type { Editor } from './editor';
import { addImages, isPicture } from './images';
import type { Point } from './schema';
import { addCards } from './subtree';
import { textLines, textWidth } from './text';
import { rules } from './rules';

/** Known to other windows of this client. Others get the same as text. */
const TYPE = 'application/x-canopy-diagram';

const selectionText = (editor: Editor): string => JSON.stringify(partOf(editor.scene, editor.state.selection));

/** Puts what is chosen onto the clipboard of a copy event. Gives whether anything was. */
export function onCopy(editor: Editor, event: ClipboardEvent, cut: boolean): boolean {
  if (editor.state.selection.size === 0 || event.clipboardData === null) return false;
  const text = selectionText(editor);
  event.clipboardData.setData(TYPE, text);
  event.clipboardData.setData('text/plain', text);
  event.preventDefault();
  announce(t.diagram.said.copied(editor.state.selection.size));
  if (cut) editor.remove();
  return true;
}

export async function copyPart(editor: Editor): Promise<void> {
  if (editor.state.selection.size === 0) return;
  const text = selectionText(editor);
  try {
    await navigator.clipboard.writeText(text);
    announce(t.diagram.said.copied(editor.state.selection.size));
  } catch {
    toast(t.common.copyByHand, { description: text.slice(0, 2_000), duration: 20_000 });
  }
}

export async function cutPart(editor: Editor): Promise<void> {
  await copyPart(editor);
  editor.remove();
}

/** By a menu: the browser may ask whether this is wanted. */
export async function pasteFromMenu(editor: Editor): Promise<void> {
  try {
    await pasteText(editor, await navigator.clipboard.readText());
  } catch {
    toast.error(t.errors.clipboard);
  }
}

export function onPaste(editor: Editor, event: ClipboardEvent): void {
  const { clipboardData } = event;
  if (clipboardData === null || !editor.mayEdit) return;
  event.preventDefault();
  const own = clipboardData.getData(TYPE);
  if (own !== '') return void pasteText(editor, own);
  const pictures = [...clipboardData.files].filter(isPicture);
  if (pictures.length > 0) addImages(editor, pictures, editor.pointer ?? editor.middle);
  else void pasteText(editor, clipboardData.getData('text/plain'));
}

function pasted(ids: readonly string[]): void {
  announce(t.diagram.said.pasted(ids.length));
}

/** The items that a text names, if it is nothing but addresses of the project: one a line, also as Markdown's links. */
function itemsOf(text: string, project: string): string[] | null {
  const items = text.split('\n').filter((line) => line.trim() !== '').map((line) => {
    const address = /^(?:[-*] )?\[.*\]\((\S+)\)$/.exec(line.trim())?.[1] ?? line.trim();
    if (!URL.canParse(address)) return null;
    const { origin, pathname } = new URL(address);
    const [, where, item] = /^\/p\/([0-9a-f-]{36})\/([0-9a-f-]{36})$/.exec(pathname) ?? [];
    return origin === window.location.origin && where === project ? (item ?? null) : null;
  });
  return items.every((item) => item !== null) ? [...new Set(items)] : null;
}

async function pasteText(editor: Editor, text: string): Promise<void> {
  const at: Point = editor.pointer ?? editor.middle;
  const plain = text.replace(/\r\n?/g, '\n').trim();
  if (plain === '') return;
  const items = itemsOf(plain, editor.project);
  if (items !== null) {
    addCards(editor, items, at);
    return;
  }
  const read = (await editor.readText?.(plain)) ?? null;
  if (read === null) return;
  if (read !== 'text') return pasted(editor.insert(read, at));
  const { fontSize } = rules.common;
  const wide = Math.min(480, Math.max(...plain.split('\n').map((line) => textWidth(line, fontSize, false))) + 8);
  const lines = textLines(plain, wide - 4, fontSize, false);
  editor.addAt('text', at, { text: plain.slice(0, 10_000), size: [Math.max(40, Math.ceil(wide)), Math.ceil(lines.length * fontSize * rules.font.lineHeight + 4)] });
}
