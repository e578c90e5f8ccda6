import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { planInsert, planMove, readNode, resolve, type Node, type Spot, type Tree } from './outline';

interface Case {
  name: string;
  nodes: [id: string, parent: string | null, rank: string][];
  existing: string[];
  tree: [id: string, parent: string | null, depth: number, lifted: boolean][];
  unknown: string[];
  moves: { id: string; parent: string | null; spot: Spot; plan?: [string, string | null, string][]; error?: string }[];
}

const read = (name: string) =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, `../../../crates/content/fixtures/outline/${name}.json`), 'utf8'),
  ) as Case[];

const nodesOf = (raw: Case['nodes']): Node[] => raw.map(([id, parent, rank]) => ({ id, kind: 'item', parent, rank }));
const rowsOf = (tree: Tree) => tree.rows.map((row) => [row.id, row.parent, row.depth, row.lifted]);

/** What holds for every tree, whatever the rule. */
function check(tree: Tree, existing: string[]) {
  expect(new Set(tree.rows.map((row) => row.id))).toEqual(new Set(existing));
  expect(tree.rows.length).toBe(new Set(existing).size);
  const at = new Map(tree.rows.map((row, i) => [row.id, i]));
  for (const [i, row] of tree.rows.entries()) {
    const parent = row.parent === null ? undefined : tree.byId.get(row.parent);
    expect(row.depth).toBe(parent === undefined ? 0 : parent.depth + 1);
    if (parent !== undefined) expect(at.get(parent.id)).toBeLessThan(i);
  }
  const listed = [...tree.roots, ...[...tree.children.values()].flat()];
  expect(listed.toSorted()).toEqual([...new Set(existing)].toSorted());
}

describe.each(['cases', 'random'])('outline vectors: %s', (file) => {
  for (const c of read(file)) {
    test(c.name, () => {
      const tree = resolve(nodesOf(c.nodes), c.existing);
      expect(rowsOf(tree)).toEqual(c.tree);
      expect(tree.unknown).toEqual(c.unknown);
      check(tree, c.existing);
      const turned = resolve(nodesOf(c.nodes).reverse(), c.existing.toReversed());
      expect(rowsOf(turned)).toEqual(c.tree);

      for (const move of c.moves) {
        const plan = tree.byId.has(move.id)
          ? planMove(tree, move.id, move.parent, move.spot)
          : planInsert(tree, move.id, 'item', move.parent, move.spot);
        if (!plan.ok) {
          expect(plan.error).toBe(move.error);
          continue;
        }
        expect(plan.placements.map((p) => [p.id, p.parent, p.rank])).toEqual(move.plan);
        // Written, it gives the tree that was asked for.
        const after = new Map(nodesOf(c.nodes).map((node) => [node.id, node]));
        for (const placement of plan.placements) after.set(placement.id, placement);
        const moved = resolve(after.values(), [...c.existing, move.id]);
        check(moved, [...c.existing, move.id]);
        // Who was waiting for a new one as a parent follows it; all others stand as they did.
        const order = (t: Tree) =>
          (move.parent === null ? t.roots : (t.children.get(move.parent) ?? [])).filter(
            (id) => id !== move.id && moved.byId.get(id)?.parent === move.parent,
          );
        expect(moved.byId.get(move.id)?.parent).toBe(move.parent);
        expect(order(moved)).toEqual(order(tree));
      }
    });
  }
});

test('a chain of 100,000 does not overflow', () => {
  const id = (i: number) => String(i).padStart(6, '0');
  const nodes = Array.from({ length: 100_000 }, (_, i) => ({
    id: id(i),
    kind: 'item',
    parent: id((i + 1) % 100_000),
    rank: 'a0',
  }));
  const tree = resolve(nodes, nodes.map((node) => node.id));
  expect(tree.roots).toEqual([id(0)]);
  expect(tree.rows.at(-1)).toMatchObject({ id: id(1), depth: 99_999 });
});

test('a stored entry is read tolerantly', () => {
  const id = '019a0000-0000-7000-8000-000000000001';
  const parent = '019a0000-0000-7000-8000-000000000002';
  expect(readNode(id, { kind: 'diagram', parent, rank: 'a1' })).toEqual({ id, kind: 'diagram', parent, rank: 'a1' });
  expect(readNode(id, { kind: 7, parent: 'x', rank: null })).toEqual({ id, kind: 'item', parent: null, rank: '' });
  expect(readNode(id.toUpperCase(), { kind: 'item', parent: null, rank: 'a0' })).toBeNull();
  for (const value of [null, 'text', 3, ['a']]) expect(readNode(id, value)).toBeNull();
});
