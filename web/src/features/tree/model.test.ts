import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { buildOutline, dropAt, flatten, indented, isThere, move, nodesOf, outdented, readNodes, shifted, type Outline, type Place } from './model';

/** Ids whose last letter tells them apart. */
const u = (letter: string) => `01900000-0000-7000-8000-00000000000${letter}`;

type Placed = { id: string; parent: string | null; rank: string };

/** a(b(c), d), e */
const placed: Placed[] = [
  { id: u('a'), parent: null, rank: 'a0' },
  { id: u('b'), parent: u('a'), rank: 'a0' },
  { id: u('c'), parent: u('b'), rank: 'a0' },
  { id: u('d'), parent: u('a'), rank: 'a1' },
  { id: u('e'), parent: null, rank: 'a1' },
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
    .map(({ id, depth }) => '-'.repeat(depth) + id.slice(-1))
    .join(' ');
const after = (id: string, to: Place | null, doc = docOf(placed)) => {
  if (to !== null) move(doc, items, id, to);
  return show(buildOutline(readNodes(doc), items));
};
const outline = buildOutline(readNodes(docOf(placed)), items);

describe('the tree', () => {
  it('shows the outline, folded where it is folded', () => {
    expect(show(outline)).toBe('a -b --c -d e');
    expect(flatten(outline, new Set([u('a')])).map((row) => row.id)).toEqual([u('a'), u('e')]);
    expect(flatten(outline, new Set())[3]).toEqual({ id: u('d'), depth: 1, parent: u('a'), position: 2, siblings: 2, open: null });
  });

  it('takes the list’s place for what the outline lacks, and ignores what does not exist', () => {
    const doc = docOf([...placed.filter(({ id }) => id !== u('c')), { id: 'ghost', parent: null, rank: 'a0' }]);
    expect(show(buildOutline(readNodes(doc), items))).toBe('a -b --c -d e');
  });

  it('indents, outdents and shifts', () => {
    expect(after(u('e'), indented(outline, u('e')))).toBe('a -b --c -d -e');
    expect(after(u('d'), indented(outline, u('d')))).toBe('a -b --c --d e');
    expect(indented(outline, u('a'))).toBeNull();
    expect(after(u('b'), outdented(outline, u('b')))).toBe('a -d b -c e');
    expect(outdented(outline, u('a'))).toBeNull();
    expect(after(u('d'), shifted(outline, u('d'), -1))).toBe('a -d -b --c e');
    expect(after(u('a'), shifted(outline, u('a'), 1))).toBe('e a -b --c -d');
    expect(shifted(outline, u('a'), -1)).toBeNull();
    expect(shifted(outline, u('e'), 1)).toBeNull();
  });

  it('makes room among equal ranks', () => {
    const same = placed.map((item) => ({ ...item, rank: 'a0' }));
    const doc = docOf(same);
    const known = buildOutline(readNodes(doc), items);
    expect(show(known)).toBe('a -b --c -d e');
    move(doc, items, u('c'), { parent: u('a'), before: u('d') });
    expect(show(buildOutline(readNodes(doc), items))).toBe('a -b -c -d e');
  });

  it('converges when two people move at once', () => {
    const one = docOf(placed);
    const two = new Y.Doc();
    Y.applyUpdate(two, Y.encodeStateAsUpdate(one));
    move(one, items, u('a'), { parent: u('e'), before: null });
    move(two, items, u('e'), { parent: u('a'), before: null });
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
    expect(drop(u('e'), 3, 0)).toEqual({ parent: u('a'), before: u('d'), depth: 1 });
    expect(drop(u('e'), 3, 2)).toEqual({ parent: u('b'), before: null, depth: 2 });
    expect(drop(u('e'), 3, 9)).toEqual({ parent: u('c'), before: null, depth: 3 });
    expect(drop(u('c'), 5, 0)).toEqual({ parent: null, before: null, depth: 0 });
    expect(drop(u('c'), 4, 0)).toEqual({ parent: null, before: u('e'), depth: 0 });
  });

  it('never lands inside itself', () => {
    expect(drop(u('a'), 2, 3)).toEqual({ parent: null, before: u('e'), depth: 0 });
    expect(isThere(outline, u('a'), drop(u('a'), 2, 3) as Place)).toBe(true);
  });

  it('lands first inside a row above its children', () => {
    expect(drop(u('e'), 1, 1)).toEqual({ parent: u('a'), before: u('b'), depth: 1 });
    expect(drop(u('e'), 0, 5)).toEqual({ parent: null, before: u('a'), depth: 0 });
  });
});
