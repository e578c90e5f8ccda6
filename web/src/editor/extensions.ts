/** What a description is made of: the nodes and marks of schema 2, and how they are typed. Nothing here needs a room or a screen. */
import { Extension, type AnyExtension } from '@tiptap/core';
import { Heading as BaseHeading } from '@tiptap/extension-heading';
import { Highlight } from '@tiptap/extension-highlight';
import { ListItem as BaseListItem, OrderedList as BaseOrderedList, TaskList } from '@tiptap/extension-list';
import { StarterKit } from '@tiptap/starter-kit';
import { Callout } from './nodes/callout';
import { ItemLink, Mention } from './nodes/chips';
import { CodeBlock } from './nodes/code';
import { File } from './nodes/file';
import { Image } from './nodes/image';
import { Code, Link } from './nodes/marks';
import { tables } from './nodes/table';
import { TaskInBullet, TaskItem } from './nodes/task';
import { Tail } from './tail';

const LEVELS = [1, 2, 3] as const;
const level = (value: unknown): number => (typeof value === 'number' && value >= 1 ? Math.min(3, Math.floor(value)) : 1);

const Heading = BaseHeading.extend({
  addAttributes: () => ({ level: { default: 1, rendered: false } }),
  parseHTML: () => [1, 2, 3, 4, 5, 6].map((one) => ({ tag: `h${one}`, attrs: { level: level(one) } })),
  renderHTML: ({ node }) => [`h${level(node.attrs.level)}`, 0],
}).configure({ levels: [...LEVELS] });

const OrderedList = BaseOrderedList.extend({
  addAttributes: () => ({
    start: {
      default: 1,
      parseHTML: (shown: HTMLElement) => Number.parseInt(shown.getAttribute('start') ?? '1', 10) || 1,
      renderHTML: ({ start }: Record<string, unknown>) => (Number.isSafeInteger(start) && start !== 1 ? { start } : {}),
    },
  }),
});

// Whatever stands first in it, such as a quote: Markdown allows it, and two people's changes at once can lead to it.
const ListItem = BaseListItem.extend({ content: 'block+' });

/** Ctrl+Enter and the like never reach the page; what the browser would do with some keys isn't wanted in a text. */
const Quiet = Extension.create({
  name: 'quiet',
  priority: 10,
  addKeyboardShortcuts() {
    return { 'Mod-Enter': () => true };
  },
});

export const schemaExtensions: AnyExtension[] = [
  StarterKit.configure({
    undoRedo: false,
    heading: false,
    code: false,
    codeBlock: false,
    link: false,
    listItem: false,
    orderedList: false,
    trailingNode: false,
    dropcursor: { width: 2, color: 'var(--accent)' },
  }),
  Heading,
  OrderedList,
  ListItem,
  TaskList,
  TaskItem.configure({ nested: true }),
  TaskInBullet,
  CodeBlock,
  Callout,
  Image,
  File,
  Mention,
  ItemLink,
  Code,
  Link,
  Highlight,
  ...tables,
  Tail,
  Quiet,
];
