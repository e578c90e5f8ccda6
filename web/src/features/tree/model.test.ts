import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { LiveOutline, type Placed } from './live';
import { dropAt, flatten, indented, inOrder, isThere, nodesOf, outdented, planMoves, shifted, topmost, write, type Outline, type Place } from './model';

/** Ids whose last letter tells them apart. */
const u = (letter: string) => `01900000-0000-7000-8000-00000000000${letter}`;
const us = (letters: string) => [...letters].map(u);

/** a(b(c), d), e */
const placed: (Placed & { parent: string | null })[] = [
  { id: u('a'), parent: null, rank: 'a0' },
  { id: u('b'), parent: u('a'), rank: 'a0' },
  { id: u('c'), parent: u('b'), rank: 'a0' },
  { id: u('d'), parent: u('a'), rank: 'a1' },
  { id: u('e'), parent: null, rank: 'a1' },
];

function docOf(list: typeof placed): Y.Doc {
  const doc = new Y.Doc();
  write(doc, list);
  return doc;
}

function liveOf(doc: Y.Doc, list: Placed[] = placed): LiveOutline {
  const live = new LiveOutline();
  live.setItems(new Map(list.map((item) => [item.id, item])));
  live.load(doc);
  return live;
}

const show = (outline: Outline) =>
  flatten(outline, new Set())
    .map(({ id, depth }) => '-'.repeat(depth) + id.slice(-1))
    .join(' ');

/** The tree after `letters` have gone to `to`. */
function after(letters: string, to: Place | null, doc = docOf(placed)): string {
  const plan = to === null ? null : planMoves(liveOf(doc), us(letters), to);
  if (plan !== null) write(doc, plan);
  return show(liveOf(doc).outline);
}

const { outline } = liveOf(docOf(placed));

describe('the rows', () => {
  it('are the outline, folded where it is folded', () => {
    expect(show(outline)).toBe('a -b --c -d e');
    expect(flatten(outline, new Set([u('a')])).map((row) => row.id)).toEqual(us('ae'));
    expect(flatten(outline, new Set())[3]).toEqual({ id: u('d'), depth: 1, parent: u('a'), position: 2, siblings: 2, open: null });
  });

  it('are only what the filter leaves, numbered among themselves', () => {
    const rows = flatten(outline, new Set(), new Set(us('ad')));
    expect(rows.map((row) => row.id)).toEqual(us('ad'));
    expect(rows[0]).toMatchObject({ siblings: 1, open: true });
    expect(rows[1]).toMatchObject({ position: 1, siblings: 1 });
    expect(flatten(outline, new Set(), new Set(us('e')))[0]).toMatchObject({ open: null });
  });

  it('know what stands before and after', () => {
    expect(outline.neighbours(u('d'))).toEqual({ previous: u('c'), next: u('e') });
    expect(outline.neighbours(u('a'))).toEqual({ previous: null, next: u('b') });
    expect(outline.neighbours(u('e'))).toEqual({ previous: u('d'), next: null });
  });

  it('give the topmost of a choice, in the order of the tree', () => {
    expect(topmost(outline, new Set(us('ecb')))).toEqual(us('be'));
    expect(topmost(outline, new Set(us('dc')))).toEqual(us('cd'));
    expect(topmost(outline, new Set(us('abcde')))).toEqual(us('ae'));
  });
});

describe('moving one', () => {
  it('indents, outdents and shifts', () => {
    expect(after('e', indented(outline, us('e')))).toBe('a -b --c -d -e');
    expect(after('d', indented(outline, us('d')))).toBe('a -b --c --d e');
    expect(indented(outline, us('a'))).toBeNull();
    expect(after('b', outdented(outline, us('b')))).toBe('a -d b -c e');
    expect(outdented(outline, us('a'))).toBeNull();
    expect(after('d', shifted(outline, us('d'), -1))).toBe('a -d -b --c e');
    expect(after('a', shifted(outline, us('a'), 1))).toBe('e a -b --c -d');
    expect(shifted(outline, us('a'), -1)).toBeNull();
    expect(shifted(outline, us('e'), 1)).toBeNull();
  });

  it('makes room among equal ranks', () => {
    const same = placed.map((item) => ({ ...item, rank: 'a0' }));
    expect(after('c', { parent: u('a'), before: u('d') }, docOf(same))).toBe('a -b -c -d e');
  });

  it('converges when two people move at once', () => {
    const one = docOf(placed);
    const two = new Y.Doc();
    Y.applyUpdate(two, Y.encodeStateAsUpdate(one));
    write(one, planMoves(liveOf(one), us('a'), { parent: u('e'), before: null }) ?? []);
    write(two, planMoves(liveOf(two), us('e'), { parent: u('a'), before: null }) ?? []);
    Y.applyUpdate(one, Y.encodeStateAsUpdate(two));
    Y.applyUpdate(two, Y.encodeStateAsUpdate(one));
    const first = show(liveOf(one).outline);
    expect(show(liveOf(two).outline)).toBe(first);
    expect(first.replace(/-/g, '').split(' ').sort().join('')).toBe('abcde');
  });
});

describe('moving many', () => {
  it('keeps their order, wherever they come from', () => {
    expect(after('ce', { parent: u('a'), before: u('b') })).toBe('a -c -e -b -d');
    expect(after('bd', { parent: null, before: null })).toBe('a e b -c d');
    expect(after('be', { parent: u('d'), before: null })).toBe('a -d --b ---c --e');
  });

  it('lands before what stays when the place names one of them', () => {
    expect(after('bd', { parent: u('a'), before: u('d') })).toBe('a -b --c -d e');
    expect(after('e', { parent: null, before: u('e') })).toBe('a -b --c -d e');
  });

  it('makes room for all of them among equal ranks', () => {
    const same = placed.map((item) => ({ ...item, rank: 'a0' }));
    expect(after('ce', { parent: u('a'), before: u('d') }, docOf(same))).toBe('a -b -c -e -d');
  });

  it('never goes inside itself', () => {
    expect(planMoves(liveOf(docOf(placed)), us('ae'), { parent: u('c'), before: null })).toBeNull();
  });

  it('shifts and indents siblings together, and only siblings', () => {
    const more = [...placed, { id: u('f'), parent: null, rank: 'a2' }, { id: u('0'), parent: null, rank: 'a3' }];
    const live = liveOf(docOf(more), more);
    expect(shifted(live.outline, us('ef'), 1)).toEqual({ parent: null, before: null });
    expect(indented(live.outline, us('ef'))).toEqual({ parent: u('a'), before: null });
    expect(shifted(live.outline, us('ed'), 1)).toBeNull();
    expect(outdented(live.outline, us('bd'))).toEqual({ parent: null, before: u('e') });
  });
});

describe('dropping', () => {
  const rows = flatten(outline, new Set());
  const drop = (letters: string, gap: number, depth: number) => dropAt(rows, outline, us(letters), gap, depth);

  it('chooses the level by how far to the side', () => {
    expect(drop('e', 3, 0)).toEqual({ parent: u('a'), before: u('d'), depth: 1 });
    expect(drop('e', 3, 2)).toEqual({ parent: u('b'), before: null, depth: 2 });
    expect(drop('e', 3, 9)).toEqual({ parent: u('c'), before: null, depth: 3 });
    expect(drop('c', 5, 0)).toEqual({ parent: null, before: null, depth: 0 });
    expect(drop('c', 4, 0)).toEqual({ parent: null, before: u('e'), depth: 0 });
  });

  it('never lands inside itself', () => {
    expect(drop('a', 2, 3)).toEqual({ parent: null, before: u('e'), depth: 0 });
    expect(isThere(outline, us('a'), drop('a', 2, 3))).toBe(true);
    expect(drop('ba', 3, 3)).toEqual({ parent: null, before: u('e'), depth: 0 });
  });

  it('lands first inside a row above its children', () => {
    expect(drop('e', 1, 1)).toEqual({ parent: u('a'), before: u('b'), depth: 1 });
    expect(drop('e', 0, 5)).toEqual({ parent: null, before: u('a'), depth: 0 });
  });

  it('takes several as one', () => {
    expect(drop('be', 4, 1)).toEqual({ parent: u('a'), before: null, depth: 1 });
    expect(isThere(outline, us('bd'), { parent: u('a'), before: null })).toBe(true);
    expect(isThere(outline, us('db'), { parent: u('a'), before: null })).toBe(false);
  });
});

it('moves a thousand of ten thousand at once', () => {
  const many = Array.from({ length: 10_000 }, (_, n) => ({ id: `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`, parent: null, rank: `b${n.toString(36).padStart(3, '0')}1` }));
  const doc = docOf(many);
  const live = liveOf(doc, many);
  const ids = many.slice(5_000, 6_000).map(({ id }) => id);
  write(doc, planMoves(live, ids, { parent: null, before: many[0]?.id as string }) ?? []);
  live.changed(doc, ids);
  expect(inOrder(live.outline).slice(0, 1_001)).toEqual([...ids, many[0]?.id]);
  expect([...nodesOf(doc).keys()].length).toBe(10_000);
});
