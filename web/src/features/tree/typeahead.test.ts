import { expect, it } from 'vitest';
import { binned } from './bin.model';
import { Typeahead } from './typeahead';
import type { Item } from '@/api/client';

const titles = ['Pay', 'Ship', 'Search', 'Éclair', 'Shop', 'Pay later'];

it('goes to the next title with the letter, round and round', () => {
  const typeahead = new Typeahead();
  expect(typeahead.find('s', 0, titles, 0)).toBe(1);
  expect(typeahead.find('s', 100, titles, 1)).toBe(2);
  expect(typeahead.find('s', 200, titles, 2)).toBe(4);
  expect(typeahead.find('s', 300, titles, 4)).toBe(1);
});

it('goes on with a word while it is typed, and starts over after a pause', () => {
  const typeahead = new Typeahead();
  expect(typeahead.find('s', 0, titles, 0)).toBe(1);
  expect(typeahead.find('h', 100, titles, 1)).toBe(1);
  expect(typeahead.find('o', 200, titles, 1)).toBe(4);
  expect(typeahead.typing(300)).toBe(true);
  expect(typeahead.typing(2_000)).toBe(false);
  expect(typeahead.find('e', 2_000, titles, 4)).toBe(3);
  expect(typeahead.find('x', 9_000, titles, 3)).toBe(-1);
});

it('lists what was deleted with what went along, latest first', () => {
  const item = (id: string, parent: string | null, deleted_at: string) => ({ id, parent, deleted_at, title: id }) as Item;
  const bin = binned([item('a', null, '1'), item('b', 'a', '1'), item('c', 'b', '1'), item('d', 'a', '0'), item('e', 'x', '2')]);
  expect(bin.map(({ item: { id }, inside, parent }) => [id, inside, parent])).toEqual([
    ['e', 0, 'x'],
    ['a', 2, null],
    ['d', 0, 'a'],
  ]);
});
