/** A document as plain text, for the clipboard. */
import * as Y from 'yjs';
import { item } from './schema';

const BLOCKS = new Set(['paragraph', 'heading', 'listItem', 'taskItem', 'codeBlock', 'blockquote']);

function blocks(node: Y.XmlFragment | Y.XmlElement, lines: string[]): void {
  for (const child of node.toArray()) {
    if (child instanceof Y.XmlText) {
      const text = (child.toDelta() as { insert?: unknown }[]).map(({ insert }) => (typeof insert === 'string' ? insert : '')).join('');
      lines[Math.max(0, lines.length - 1)] = `${lines.at(-1) ?? ''}${text}`;
    } else if (child instanceof Y.XmlElement) {
      if (BLOCKS.has(child.nodeName) && lines.at(-1) !== '') lines.push('');
      blocks(child, lines);
    }
  }
}

export function plainText(doc: Y.Doc): string {
  const lines: string[] = [''];
  blocks(doc.getXmlFragment(item.description), lines);
  const criteria = doc
    .getArray(item.criteria)
    .toArray()
    .map((entry) => (entry instanceof Y.Map ? `- [${entry.get('done') === true ? 'x' : ' '}] ${String(entry.get('text') ?? '')}` : ''));
  return [doc.getText(item.title).toString(), lines.join('\n').trim(), criteria.join('\n')].filter((part) => part !== '').join('\n\n');
}
