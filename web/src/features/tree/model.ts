/** The one place that turns the outline document and the list of items into what the tree shows, and moves back. */
import * as Y from 'yjs';
import type { Item } from '@/api/client';
import { planMove, readNode, resolve, type Node } from '@/collab/outline';
import { rankBetween } from '@/collab/rank';
import { outline as names } from '@/collab/schema';

export interface Outline {
  roots: readonly string[];
  children: (id: string | null) => readonly string[];
  parent: (id: string) => string | null;
  /** `id` and everything below it. */
  subtree: (id: string) => string[];
  /** What stands before and after `id` when everything is unfolded. */
  neighbours: (id: string) => { previous: string | null; next: string | null };
}

export interface Row {
  id: string;
  depth: number;
  parent: string | null;
  /** Place among siblings, from 1. */
  position: number;
  siblings: number;
  open: boolean | null;
}

/** A place in the tree: under `parent` (`null`: at the top), before the sibling `before` (`null`: last). */
export interface Place {
  parent: string | null;
  before: string | null;
}

type Placed = Pick<Item, 'id' | 'parent' | 'rank'>;

/** The origin of this person's own changes of the outline, which undo looks for. */
export const ORIGIN = Symbol('tree');

export const nodesOf = (doc: Y.Doc): Y.Map<Y.Map<unknown>> => doc.getMap(names.nodes);

export function readNodes(doc: Y.Doc): Node[] {
  const nodes: Node[] = [];
  nodesOf(doc).forEach((value, id) => {
    const node = readNode(id, value instanceof Y.Map ? value.toJSON() : value);
    if (node !== null) nodes.push(node);
  });
  return nodes;
}

/**
 * The nodes to resolve. An item that the outline doesn't have (yet: it was just created, or the document is still on its way)
 * stands where the server's list says.
 */
export function mergeNodes(nodes: Node[], items: Iterable<Placed>): Node[] {
  const known = new Set(nodes.map((node) => node.id));
  const merged = [...nodes];
  for (const { id, parent, rank } of items) if (!known.has(id)) merged.push({ id, kind: 'item', parent: parent ?? null, rank });
  return merged;
}

export function buildOutline(nodes: Node[], items: ReadonlyMap<string, Placed>): Outline {
  const tree = resolve(mergeNodes(nodes, items.values()), [...items.keys()]);
  const parents = new Map<string, string>();
  for (const [parent, children] of tree.children) for (const child of children) parents.set(child, parent);
  const none: readonly string[] = [];
  const children = (id: string | null) => (id === null ? tree.roots : (tree.children.get(id) ?? none));
  const beside = (id: string, by: -1 | 1): string | null => {
    const siblings = children(parents.get(id) ?? null);
    return siblings[siblings.indexOf(id) + by] ?? null;
  };
  const neighbours = (id: string) => {
    let previous = beside(id, -1);
    if (previous === null) previous = parents.get(id) ?? null;
    else for (let last = children(previous).at(-1); last !== undefined; last = children(last).at(-1)) previous = last;
    let next = children(id)[0] ?? null;
    for (let at: string | undefined = id; next === null && at !== undefined; at = parents.get(at)) next = beside(at, 1);
    return { previous, next };
  };
  return {
    roots: tree.roots,
    children,
    neighbours,
    parent: (id) => parents.get(id) ?? null,
    subtree: (id) => {
      const found = [id];
      for (let at = 0; at < found.length; at += 1) found.push(...children(found[at] as string));
      return found;
    },
  };
}

/** The rows that show, top to bottom. */
export function flatten(outline: Outline, collapsed: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  const visit = (ids: readonly string[], parent: string | null, depth: number) => {
    ids.forEach((id, index) => {
      const below = outline.children(id);
      const open = below.length === 0 ? null : !collapsed.has(id);
      rows.push({ id, depth, parent, position: index + 1, siblings: ids.length, open });
      if (open) visit(below, id, depth + 1);
    });
  };
  visit(outline.roots, null, 0);
  return rows;
}

/** One level in: last inside the sibling above. */
export function indented(outline: Outline, id: string): Place | null {
  const siblings = outline.children(outline.parent(id));
  const above = siblings[siblings.indexOf(id) - 1];
  return above === undefined ? null : { parent: above, before: null };
}

/** One level out: right after the parent. */
export function outdented(outline: Outline, id: string): Place | null {
  const parent = outline.parent(id);
  if (parent === null) return null;
  const grand = outline.parent(parent);
  const around = outline.children(grand);
  return { parent: grand, before: around[around.indexOf(parent) + 1] ?? null };
}

/** One place up or down among siblings. */
export function shifted(outline: Outline, id: string, by: -1 | 1): Place | null {
  const parent = outline.parent(id);
  const siblings = outline.children(parent);
  const index = siblings.indexOf(id);
  if (by === -1) return index <= 0 ? null : { parent, before: siblings[index - 1] as string };
  return index < 0 || index >= siblings.length - 1 ? null : { parent, before: siblings[index + 2] ?? null };
}

/** Whether `place` is where `id` stands. */
export function isThere(outline: Outline, id: string, place: Place): boolean {
  const parent = outline.parent(id);
  if (parent !== place.parent) return false;
  const siblings = outline.children(parent);
  return (siblings[siblings.indexOf(id) + 1] ?? null) === place.before;
}

/** Where a dragged row lands: the gap before row `gap`, at the level nearest to `depth` that the gap allows. */
export function dropAt(rows: readonly Row[], outline: Outline, dragged: string, gap: number, depth: number): (Place & { depth: number }) | null {
  const own = new Set(outline.subtree(dragged));
  let aboveIndex = gap - 1;
  while (aboveIndex >= 0 && own.has((rows[aboveIndex] as Row).id)) aboveIndex -= 1;
  let belowIndex = gap;
  while (belowIndex < rows.length && own.has((rows[belowIndex] as Row).id)) belowIndex += 1;
  const above = rows[aboveIndex];
  const below = rows[belowIndex];
  const deepest = above === undefined ? 0 : above.depth + 1;
  const shallowest = below?.depth ?? 0;
  const level = Math.max(Math.min(depth, deepest), Math.min(shallowest, deepest));
  let parent: string | null = null;
  if (above !== undefined && level > 0) {
    parent = above.id;
    for (let at = above.depth; at >= level; at -= 1) parent = outline.parent(parent as string);
  }
  const siblings = outline.children(parent).filter((id) => id !== dragged);
  let before: string | null;
  if (above === undefined || parent === above.id) before = siblings[0] ?? null;
  else {
    // The sibling that contains, or is, the row above the gap.
    let sibling: string = above.id;
    for (let at = above.depth; at > level; at -= 1) sibling = outline.parent(sibling) ?? sibling;
    before = siblings[siblings.indexOf(sibling) + 1] ?? null;
  }
  return { parent, before, depth: level };
}

/** Moves `id`, by writing to the outline document. */
export function move(doc: Y.Doc, items: ReadonlyMap<string, Placed>, id: string, place: Place): void {
  const tree = resolve(mergeNodes(readNodes(doc), items.values()), items.keys());
  const plan = planMove(tree, id, place.parent, place.before === null ? 'last' : { before: place.before });
  if (!plan.ok) return;
  const nodes = nodesOf(doc);
  doc.transact(() => {
    for (const { id: moved, parent, rank } of plan.placements) {
      const node = nodes.get(moved);
      if (node instanceof Y.Map) {
        if (node.get('parent') !== parent) node.set('parent', parent);
        if (node.get('rank') !== rank) node.set('rank', rank);
      } else {
        const fresh = new Y.Map<unknown>();
        fresh.set('kind', 'item');
        fresh.set('parent', parent);
        fresh.set('rank', rank);
        nodes.set(moved, fresh);
      }
    }
  }, ORIGIN);
}

/** A rank for an item that is shown before the server has placed it. */
export function provisionalRank(nodes: Node[], items: ReadonlyMap<string, Placed>, after: string | null, before: string | null): string {
  const ranks = new Map(mergeNodes(nodes, items.values()).map((node) => [node.id, node.rank]));
  const low = after === null ? null : (ranks.get(after) ?? null);
  const high = before === null ? null : (ranks.get(before) ?? null);
  // No room, or a rank of another make: right after `after` in plain string order.
  return rankBetween(low, high) ?? `${low ?? ''}~`;
}
