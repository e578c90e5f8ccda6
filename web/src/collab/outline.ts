/** The rule that makes one tree out of whatever the outline holds. */
import { rankBetween } from './rank';

export interface Node {
  id: string;
  kind: string;
  parent: string | null;
  rank: string;
}

export interface Tree {
  roots: string[];
  children: Map<string, string[]>;
}

export interface Placement {
  id: string;
  parent: string | null;
  rank: string;
}

const order = (a: Node, b: Node) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.id < b.id ? -1 : 1);

export function resolve(nodes: Node[], existing: string[]): Tree {
  const exists = new Set(existing);
  const byId = new Map(nodes.filter((node) => exists.has(node.id)).map((node) => [node.id, node]));
  for (const id of existing) if (!byId.has(id)) byId.set(id, { id, kind: 'item', parent: null, rank: '~' });
  const parents = new Map<string, string | null>();
  for (const node of byId.values()) parents.set(node.id, node.parent !== null && byId.has(node.parent) ? node.parent : null);
  for (const id of [...byId.keys()].sort()) {
    const seen = new Set<string>();
    let at: string | null = id;
    while (at !== null && !seen.has(at)) {
      seen.add(at);
      at = parents.get(at) ?? null;
    }
    if (at !== null) parents.set(at, null);
  }
  const tree: Tree = { roots: [], children: new Map() };
  for (const node of [...byId.values()].sort(order)) {
    const parent = parents.get(node.id) ?? null;
    if (parent === null) tree.roots.push(node.id);
    else tree.children.set(parent, [...(tree.children.get(parent) ?? []), node.id]);
  }
  return tree;
}

/** The writes that put `id` under `parent` before the sibling `before` (`null`: last). */
export function planMove(nodes: Node[], existing: string[], id: string, parent: string | null, before: string | null): Placement[] {
  const tree = resolve(nodes, existing);
  const ranks = new Map(nodes.map((node) => [node.id, node.rank]));
  const siblings = (parent === null ? tree.roots : (tree.children.get(parent) ?? [])).filter((other) => other !== id);
  const found = before === null ? -1 : siblings.indexOf(before);
  const index = found < 0 ? siblings.length : found;
  const rank = (other: string | undefined) => (other === undefined ? null : (ranks.get(other) ?? null));
  const low = rank(siblings[index - 1]);
  try {
    return [{ id, parent, rank: rankBetween(low, rank(siblings[index])) }];
  } catch {
    // Equal or foreign ranks leave no room: give the rest of the siblings new ones.
    const plan: Placement[] = [];
    let last: string | null = null;
    for (const other of [...siblings.slice(0, index), id, ...siblings.slice(index)]) {
      last = rankBetween(last, null);
      plan.push({ id: other, parent, rank: last });
    }
    return plan;
  }
}
