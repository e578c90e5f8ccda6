import { plural } from '../plural';
import type { Operation } from '@/collab/overlay';

/** What was not done, by its type. */
const refused: Record<Operation['type'], (count: number) => string> = {
  'item.create': () => 'The new item was not created.',
  'item.patch': () => 'The change was not saved.',
  'items.bulk': (count) => `${plural(count, 'item was', 'items were')} not changed.`,
  'items.delete': (count) => `${plural(count, 'item was', 'items were')} not deleted.`,
  'items.restore': (count) => `${plural(count, 'item was', 'items were')} not restored.`,
  'item.duplicate': () => 'The copy was not made.',
  'file.upload': () => 'The file was not stored.',
};

/** What waits, by its type. `name` is the item's or the file's. */
const waiting: Record<Operation['type'], (name: string, count: number) => string> = {
  'item.create': (name) => `New: ${name}`,
  'item.patch': (name) => `Changed: ${name}`,
  'items.bulk': (name, count) => (count === 1 ? `Changed: ${name}` : `${plural(count, 'item', 'items')} changed`),
  'items.delete': (name, count) => (count === 1 ? `Deleted: ${name}` : `${plural(count, 'item', 'items')} deleted`),
  'items.restore': (name, count) => (count === 1 ? `Restored: ${name}` : `${plural(count, 'item', 'items')} restored`),
  'item.duplicate': (name) => `Copied: ${name}`,
  'file.upload': (name) => `File: ${name}`,
};

export const operations = { refused, waiting };
