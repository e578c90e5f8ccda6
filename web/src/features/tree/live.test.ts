import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { readNode, resolve } from '@/collab/outline';
import { LiveOutline, type Placed } from './live';
import { flatten, nodesOf, write, type Outline } from './model';

const id = (n: number) => `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** mulberry32: the same plan for the same seed. */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const shape = (outline: Outline) => flatten(outline, new Set()).map((row) => `${row.depth} ${row.id}`);

/** What the rule makes of it from nothing. */
function anew(doc: Y.Doc, items: ReadonlyMap<string, Placed>): string[] {
  const nodes = [...nodesOf(doc)].flatMap(([key, value]) => readNode(key, value.toJSON()) ?? []);
  const stored = new Set(nodes.map((node) => node.id));
  const listed = [...items.values()].filter((item) => !stored.has(item.id)).map((item) => ({ id: item.id, kind: 'item', parent: item.parent ?? null, rank: item.rank }));
  return resolve([...nodes, ...listed], items.keys()).rows.map((row) => `${row.depth} ${row.id}`);
}

describe('the live outline', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))('is what the rule makes, after every change of plan %i', (seed) => {
    const next = random(seed);
    const pick = (n: number) => Math.floor(next() * n);
    const doc = new Y.Doc();
    let items = new Map<string, Placed>();
    const live = new LiveOutline();
    live.load(doc);
    nodesOf(doc).observeDeep((events) => {
      const touched = new Set<string>();
      for (const event of events) {
        if (event.path.length > 0) touched.add(String(event.path[0]));
        else for (const key of event.changes.keys.keys()) touched.add(key);
      }
      live.changed(doc, touched);
    });
    const size = 12;
    for (let step = 0; step < 120; step += 1) {
      const one = id(pick(size));
      const place = { parent: next() < 0.3 ? null : id(pick(size)), rank: `a${pick(5)}` };
      const what = next();
      if (what < 0.3) {
        // It comes, goes, or the list says something else of it.
        items = new Map(items);
        if (!items.delete(one) || next() < 0.3) items.set(one, { id: one, ...place });
        live.setItems(items);
      } else if (what < 0.85) write(doc, [{ id: one, ...place }]);
      else if (what < 0.92) nodesOf(doc).delete(one);
      else write(doc, [{ id: one, ...place }, { id: id(pick(size)), parent: one, rank: 'a0' }]);
      expect(shape(live.outline)).toEqual(anew(doc, items));
    }
  });

  it('is another object after a change, and the same without one', () => {
    const doc = new Y.Doc();
    const live = new LiveOutline();
    live.setItems(new Map([[id(1), { id: id(1), parent: null, rank: 'a0' }]]));
    live.load(doc);
    const before = live.outline;
    expect(live.outline).toBe(before);
    // A title that changes is none of the outline's business.
    live.setItems(new Map([[id(1), { id: id(1), parent: null, rank: 'a0' }]]));
    expect(live.outline).toBe(before);
    write(doc, [{ id: id(1), parent: null, rank: 'a1' }]);
    live.changed(doc, [id(1)]);
    expect(live.outline).not.toBe(before);
  });
});
