import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { buildOutline, dropAt, flatten, indented, isThere, move, nodesOf, outdented, readNodes, shifted, type Outline, type Place } from './model';

type Placed = { id: string; parent: string | null; rank: string };

/** a(b(c), d), e */
const placed: Placed[] = [
  { id: 'a', parent: null, rank: 'a0' },
  { id: 'b', parent: 'a', rank: 'a0' },
  { id: 'c', parent: 'b', rank: 'a0' },
  { id: 'd', parent: 'a', rank: 'a1' },
  { id: 'e', parent: null, rank: 'a1' },
];
const items = new Map(placed.map((item) => [item.id, item]));

function docOf(list: Placed[]): Y.Doc {
  const doc = new Y.Doc();
  for (const { id, parent, rank } of list) {
    const node = new Y.Map<unknown>();
    node.set('kind', 'item');
    node.set('parent', parent);
    node.set('rank', rank);
    nodesOf(doc).set(id, node);
  }
  return doc;
}

const show = (outline: Outline) =>
  flatten(outline, new Set())
    .map(({ id, depth }) => '-'.repeat(depth) + id)
    .join(' ');
const after = (id: string, to: Place | null, doc = docOf(placed)) => {
  if (to !== null) move(doc, items, id, to);
  return show(buildOutline(readNodes(doc), items));
};
const outline = buildOutline(readNodes(docOf(placed)), items);

describe('the tree', () => {
  it('shows the outline, folded where it is folded', () => {
    expect(show(outline)).toBe('a -b --c -d e');
    expect(flatten(outline, new Set(['a'])).map((row) => row.id)).toEqual(['a', 'e']);
    expect(flatten(outline, new Set())[3]).toEqual({ id: 'd', depth: 1, parent: 'a', position: 2, siblings: 2, open: null });
  });

  it('takes the list’s place for what the outline lacks, and ignores what does not exist', () => {
    const doc = docOf([...placed.filter(({ id }) => id !== 'c'), { id: 'ghost', parent: null, rank: 'a0' }]);
    expect(show(buildOutline(readNodes(doc), items))).toBe('a -b --c -d e');
  });

  it('indents, outdents and shifts', () => {
    expect(after('e', indented(outline, 'e'))).toBe('a -b --c -d -e');
    expect(after('d', indented(outline, 'd'))).toBe('a -b --c --d e');
    expect(indented(outline, 'a')).toBeNull();
    expect(after('b', outdented(outline, 'b'))).toBe('a -d b -c e');
    expect(outdented(outline, 'a')).toBeNull();
    expect(after('d', shifted(outline, 'd', -1))).toBe('a -d -b --c e');
    expect(after('a', shifted(outline, 'a', 1))).toBe('e a -b --c -d');
    expect(shifted(outline, 'a', -1)).toBeNull();
    expect(shifted(outline, 'e', 1)).toBeNull();
  });

  it('makes room among equal ranks', () => {
    const same = placed.map((item) => ({ ...item, rank: 'a0' }));
    const doc = docOf(same);
    const known = buildOutline(readNodes(doc), items);
    expect(show(known)).toBe('a -b --c -d e');
    move(doc, items, 'c', { parent: 'a', before: 'd' });
    expect(show(buildOutline(readNodes(doc), items))).toBe('a -b -c -d e');
  });

  it('converges when two people move at once', () => {
    const one = docOf(placed);
    const two = new Y.Doc();
    Y.applyUpdate(two, Y.encodeStateAsUpdate(one));
    move(one, items, 'a', { parent: 'e', before: null });
    move(two, items, 'e', { parent: 'a', before: null });
    Y.applyUpdate(one, Y.encodeStateAsUpdate(two));
    Y.applyUpdate(two, Y.encodeStateAsUpdate(one));
    const first = show(buildOutline(readNodes(one), items));
    expect(show(buildOutline(readNodes(two), items))).toBe(first);
    expect(first.replace(/-/g, '').split(' ').sort().join('')).toBe('abcde');
  });
});

describe('dropping', () => {
  const rows = flatten(outline, new Set());
  const drop = (id: string, gap: number, depth: number) => dropAt(rows, outline, id, gap, depth);

  it('chooses the level by how far to the side', () => {
    expect(drop('e', 3, 0)).toEqual({ parent: 'a', before: 'd', depth: 1 });
    expect(drop('e', 3, 2)).toEqual({ parent: 'b', before: null, depth: 2 });
    expect(drop('e', 3, 9)).toEqual({ parent: 'c', before: null, depth: 3 });
    expect(drop('c', 5, 0)).toEqual({ parent: null, before: null, depth: 0 });
    expect(drop('c', 4, 0)).toEqual({ parent: null, before: 'e', depth: 0 });
  });

  it('never lands inside itself', () => {
    expect(drop('a', 2, 3)).toEqual({ parent: null, before: 'e', depth: 0 });
    expect(isThere(outline, 'a', drop('a', 2, 3) as Place)).toBe(true);
  });

  it('lands first inside a row above its children', () => {
    expect(drop('e', 1, 1)).toEqual({ parent: 'a', before: 'b', depth: 1 });
    expect(drop('e', 0, 5)).toEqual({ parent: null, before: 'a', depth: 0 });
  });
});
