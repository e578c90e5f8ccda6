import { expect, it } from 'vitest';
import { allOf, kept, nothing, only, ranged, toggled, type Selection } from './selection';

const order = ['a', 'b', 'c', 'd', 'e', 'f'];
const ids = (selection: Selection) => [...selection.ids].sort().join('');

it('toggles one', () => {
  const two = toggled(toggled(nothing, 'b'), 'd');
  expect(ids(two)).toBe('bd');
  expect(ids(toggled(two, 'b'))).toBe('d');
});

it('grows and shrinks a range from where it started', () => {
  let selection = ranged(nothing, order, 'b', 'c');
  expect(ids(selection)).toBe('bc');
  selection = ranged(selection, order, 'c', 'e');
  expect(ids(selection)).toBe('bcde');
  selection = ranged(selection, order, 'e', 'a');
  expect(ids(selection)).toBe('ab');
});

it('keeps what was chosen before the range', () => {
  const first = toggled(only('a'), 'e');
  const range = ranged(first, order, 'e', 'f');
  expect(ids(range)).toBe('aef');
  expect(ids(ranged(range, order, 'f', 'd'))).toBe('ade');
});

it('starts anew when the anchor is out of sight', () => {
  expect(ids(ranged(only('gone'), order, 'b', 'c'))).toBe('bcgone');
  expect(ranged(only('a'), order, 'a', 'gone')).toEqual(only('a'));
});

it('chooses all, and lets go of what is gone', () => {
  expect(ids(allOf(order))).toBe('abcdef');
  const left = kept(allOf(order), (id) => id > 'b');
  expect(ids(left)).toBe('cdef');
  expect(left.anchor).toBeNull();
  expect(kept(left, () => true)).toBe(left);
});
