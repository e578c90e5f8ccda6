/** The tree as the screen shows it, and what is written to the outline document when somebody moves something. */
import * as Y from 'yjs';
import type { Item } from '@/api/client';
import { planMove, resolve, type Placement } from '@/collab/outline';
import { compareRanks, isValidRank, rankBetween, ranksBetween } from '@/collab/rank';
import { outline as names } from '@/collab/schema';
import type { LiveOutline } from './live';

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
  /** Place among the siblings that show, from 1. */
  position: number;
  siblings: number;
  open: boolean | null;
}

/** A place in the tree: under `parent` (`null`: at the top), before the sibling `before` (`null`: last). */
export interface Place {
  parent: string | null;
  before: string | null;
}

/** The origin of this person's own changes of the outline. */
export const ORIGIN = Symbol('tree');

export const nodesOf = (doc: Y.Doc): Y.Map<Y.Map<unknown>> => doc.getMap(names.nodes);

/** The rows that show, top to bottom. `shown`: only these, when the tree is filtered. */
export function flatten(outline: Outline, collapsed: ReadonlySet<string>, shown: ReadonlySet<string> | null = null): Row[] {
  const rows: Row[] = [];
  const among = (ids: readonly string[]) => (shown === null ? ids : ids.filter((id) => shown.has(id)));
  const visit = (ids: readonly string[], parent: string | null, depth: number) => {
    ids.forEach((id, index) => {
      const below = among(outline.children(id));
      const open = below.length === 0 ? null : !collapsed.has(id);
      rows.push({ id, depth, parent, position: index + 1, siblings: ids.length, open });
      if (open) visit(below, id, depth + 1);
    });
  };
  visit(among(outline.roots), null, 0);
  return rows;
}

/** Everything in the order of the tree. */
export const inOrder = (outline: Outline): string[] => flatten(outline, new Set()).map((row) => row.id);

export function depthOf(outline: Outline, id: string): number {
  let depth = 0;
  for (let at = outline.parent(id); at !== null; at = outline.parent(at)) depth += 1;
  return depth;
}

/** Those of `ids` that stand below no other of them, in the order of the tree. */
export function topmost(outline: Outline, ids: ReadonlySet<string>): string[] {
  const tops = [...ids].filter((id) => {
    for (let at = outline.parent(id); at !== null; at = outline.parent(at)) if (ids.has(at)) return false;
    return true;
  });
  if (tops.length < 2) return tops;
  const places = new Map<string | null, Map<string, number>>();
  const path = (id: string): number[] => {
    const way: number[] = [];
    for (let at: string | null = id; at !== null; at = outline.parent(at)) {
      const parent = outline.parent(at);
      let places_ = places.get(parent);
      if (places_ === undefined) places.set(parent, (places_ = new Map(outline.children(parent).map((one, index) => [one, index]))));
      way.push(places_.get(at) ?? 0);
    }
    return way.reverse();
  };
  const ways = new Map(tops.map((id) => [id, path(id)]));
  return tops.sort((a, b) => {
    const [m, n] = [ways.get(a) as number[], ways.get(b) as number[]];
    for (let level = 0; level < Math.min(m.length, n.length); level += 1) if (m[level] !== n[level]) return (m[level] as number) - (n[level] as number);
    return m.length - n.length;
  });
}

/** The siblings above (-1) or below (1) those of `ids`, which are siblings themselves; `undefined` at the end, `null` when they aren't. */
function beside(outline: Outline, ids: readonly string[], by: -1 | 1): string | undefined | null {
  const [first] = ids;
  if (first === undefined) return null;
  const parent = outline.parent(first);
  if (ids.some((id) => outline.parent(id) !== parent)) return null;
  const siblings = outline.children(parent);
  const places = ids.map((id) => siblings.indexOf(id));
  return by < 0 ? siblings[Math.min(...places) - 1] : siblings[Math.max(...places) + 1];
}

/** One level in: last inside the sibling above. */
export function indented(outline: Outline, ids: readonly string[]): Place | null {
  const above = beside(outline, ids, -1);
  return above == null ? null : { parent: above, before: null };
}

/** One level out: right after the parent. */
export function outdented(outline: Outline, ids: readonly string[]): Place | null {
  const parent = ids[0] === undefined ? null : outline.parent(ids[0]);
  if (parent === null || beside(outline, ids, -1) === null) return null;
  const grand = outline.parent(parent);
  const around = outline.children(grand);
  return { parent: grand, before: around[around.indexOf(parent) + 1] ?? null };
}

/** One place up or down among siblings. */
export function shifted(outline: Outline, ids: readonly string[], by: -1 | 1): Place | null {
  const other = beside(outline, ids, by);
  if (other == null) return null;
  const parent = outline.parent(other);
  if (by < 0) return { parent, before: other };
  const siblings = outline.children(parent);
  return { parent, before: siblings[siblings.indexOf(other) + 1] ?? null };
}

/** Whether `ids` stand at `place` already, one behind the other. */
export function isThere(outline: Outline, ids: readonly string[], place: Place): boolean {
  const siblings = outline.children(place.parent);
  const at = siblings.indexOf(ids[0] as string);
  return at >= 0 && ids.every((id, index) => siblings[at + index] === id) && (siblings[at + ids.length] ?? null) === place.before;
}

/** Where dragged rows land: the gap before row `gap`, at the level nearest to `depth` that the gap allows. */
export function dropAt(rows: readonly Row[], outline: Outline, dragged: readonly string[], gap: number, depth: number): Place & { depth: number } {
  const own = new Set(dragged.flatMap((id) => outline.subtree(id)));
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
  const siblings = outline.children(parent).filter((id) => !own.has(id));
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

/** What to write so that `ids` stand at `place`, in their order; `null` when they can't. */
export function planMoves(live: LiveOutline, ids: readonly string[], place: Place): Placement[] | null {
  const { outline } = live;
  const moving = new Set(ids);
  for (let at = place.parent; at !== null; at = outline.parent(at)) if (moving.has(at)) return null;
  const siblings = outline.children(place.parent).filter((id) => !moving.has(id));
  const rank = (id: string | undefined) => (id === undefined ? null : (live.node(id)?.rank ?? ''));
  // What stands before the place among those that stay.
  const next = place.before === null || !moving.has(place.before) ? place.before : staying(outline, place, moving);
  const at = next === null ? siblings.length : siblings.indexOf(next);
  if (at < 0) return null;
  const [low, high] = [rank(siblings[at - 1]), rank(siblings[at])];
  const inOrder = (low === null || isValidRank(low)) && (high === null || isValidRank(high)) && (low === null || high === null || compareRanks(low, high) < 0);
  const ranks = live.lifted || !inOrder ? null : ranksBetween(low, high, ids.length);
  if (ranks !== null && ranks.every((one) => one.length <= 100)) {
    return ids.map((id, index) => ({ id, kind: live.node(id)?.kind ?? 'item', parent: place.parent, rank: ranks[index] as string }));
  }
  // Ranks around the place have to be made anew: one after the other, each on the tree that the one before leaves.
  const nodes = new Map(live.nodes().map((node) => [node.id, node]));
  const exists = new Set(ids.flatMap((id) => outline.subtree(id)).concat(siblings));
  for (let up = place.parent; up !== null; up = outline.parent(up)) exists.add(up);
  for (const root of outline.roots) for (const id of outline.subtree(root)) exists.add(id);
  const written = new Map<string, Placement>();
  for (const id of ids) {
    const plan = planMove(resolve(nodes.values(), exists), id, place.parent, next === null ? 'last' : { before: next });
    if (!plan.ok) return null;
    for (const placement of plan.placements) {
      nodes.set(placement.id, placement);
      written.set(placement.id, placement);
    }
  }
  return [...written.values()];
}

function staying(outline: Outline, { parent, before }: Place, moving: ReadonlySet<string>): string | null {
  const siblings = outline.children(parent);
  for (let at = siblings.indexOf(before as string); at >= 0 && at < siblings.length; at += 1) if (!moving.has(siblings[at] as string)) return siblings[at] as string;
  return null;
}

/** Writes places to the outline document. */
export function write(doc: Y.Doc, placements: readonly { id: string; kind?: string; parent: string | null; rank: string }[]): void {
  const nodes = nodesOf(doc);
  doc.transact(() => {
    for (const { id, kind = 'item', parent, rank } of placements) {
      const node = nodes.get(id);
      if (node instanceof Y.Map) {
        if (node.get('parent') !== parent) node.set('parent', parent);
        if (node.get('rank') !== rank) node.set('rank', rank);
      } else {
        const fresh = new Y.Map<unknown>();
        fresh.set('kind', kind);
        fresh.set('parent', parent);
        fresh.set('rank', rank);
        nodes.set(id, fresh);
      }
    }
  }, ORIGIN);
}

/** A rank for an item that is shown before the server has placed it. */
export function provisionalRank(live: LiveOutline, after: string | null, before: string | null): string {
  const low = after === null ? null : (live.node(after)?.rank ?? null);
  const high = before === null ? null : (live.node(before)?.rank ?? null);
  // No room, or a rank of another make: right after `after` in plain string order.
  return rankBetween(low, high) ?? `${low ?? ''}~`;
}

/** The type that usually stands inside one of `parent`. */
const NEXT: Record<Item['type'], Item['type']> = { epic: 'feature', feature: 'story', story: 'task', task: 'task', diagram: 'task' };
export const typeInside = (parent: Item['type'] | null): Item['type'] => (parent === null ? 'epic' : NEXT[parent]);
