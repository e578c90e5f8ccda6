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

export const operations = { refused };
