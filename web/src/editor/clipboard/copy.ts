/** What leaves the editor as text is Markdown. */
import type { Editor } from '@tiptap/core';
import { Fragment, type Node, type Slice } from '@tiptap/pm/model';
import { toast } from '@/ui/toast';
import { t } from '@/texts';
import type { Value } from '../markdown/normal';
import { writeMarkdown } from '../markdown/write';

const asDoc = (content: Fragment): Value => ({ type: 'doc', content: (content.toJSON() ?? []) as Value[] });

/** Text for the clipboard: Markdown, but a few words of one line, or a piece of code, as they are. */
export function clipboardText(slice: Slice): string {
  let { content } = slice;
  // Down to what was really selected.
  while (content.childCount === 1 && slice.openStart > 0 && content.firstChild?.isTextblock === false && content.firstChild.content.size > 0) {
    if (content.firstChild.isLeaf || /^(table|listItem|taskItem|bulletList|orderedList|taskList)$/.test(content.firstChild.type.name)) break;
    content = content.firstChild.content;
  }
  const only = content.childCount === 1 ? content.firstChild : null;
  if (only?.type.spec.code) return only.textContent;
  if (only?.isTextblock && slice.openStart > 0) {
    const plain = only.content.content.every((node) => node.isText && node.marks.length === 0);
    if (plain) return only.textContent;
    return writeMarkdown({ type: 'doc', content: [{ type: 'paragraph', content: (only.content.toJSON() ?? []) as Value[] }] }).trimEnd();
  }
  // Rows or items without their list or table stand in one.
  const first = content.firstChild;
  if (first?.type.name === 'tableRow') return writeMarkdown({ type: 'doc', content: [{ type: 'table', content: content.toJSON() as Value[] }] }).trimEnd();
  return writeMarkdown(asDoc(content)).trimEnd();
}

export const markdownOf = (node: Node): string => writeMarkdown(node.type.name === 'doc' ? (node.toJSON() as Value) : asDoc(Fragment.from(node)));

/** Puts the Markdown of a block, or of the whole, on the clipboard. */
export async function copyMarkdown(editor: Editor, block?: Node): Promise<void> {
  try {
    await navigator.clipboard.writeText(markdownOf(block ?? editor.state.doc));
    toast.success(t.editor.copiedMarkdown);
  } catch {
    toast.error(t.editor.copyFailed);
  }
}
