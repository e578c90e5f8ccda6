/**
 * From the outline as stored to the tree that everybody shows, and back: what to write so that an item stands where
 * somebody put it. Pure functions. `crates/content/src/outline` is the same, on the same vectors
 * (`crates/content/fixtures/outline`): change neither alone.
 */
import { compareRanks, isValidRank, rankBetween, ranksBetween } from './rank';

/** Where an item stands, as stored: the parent may be gone, or below the item itself. */
export interface Node {
  id: string;
  /** `item` or `diagram` */
  kind: string;
  /** `null` is the root. */
  parent: string | null;
  /** Its place among its siblings; empty when there is none. */
  rank: string;
}

/** A place to write: a node as it shall be stored. */
export type Placement = Node;

/** One row of the tree. */
export interface Row extends Node {
  /** Its parent as stored, shown or not. */
  storedParent: string | null;
  /** How many ancestors it has. */
  depth: number;
  /** Whether it stands at the root only because its stored parents lead back to itself. */
  lifted: boolean;
}

export interface Tree {
  /** In the order of display: every row stands behind its parent and its elder siblings' subtrees. */
  rows: Row[];
  /** The rows by id. */
  byId: Map<string, Row>;
  /** The ids at the root, in order. */
  roots: string[];
  /** The ids under each row that has any, in order. */
  children: Map<string, string[]>;
  /** Ids of the outline that are not of the project, ascending. */
  unknown: string[];
}

/** A place among the children of a parent. */
export type Spot = 'first' | 'last' | { before: string } | { after: string };

/** Why an item can't be put there. */
export type MoveError = 'into-itself' | 'unknown-item' | 'unknown-parent' | 'not-a-sibling';

export type Plan = { ok: true; placements: Placement[] } | { ok: false; error: MoveError };

const ITEM = 'item';
const MAX_KIND = 64;
const MAX_STORED_RANK = 1024;
/** Above this length of a rank all siblings get short ones. */
const LONG_RANK = 100;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const compareIds = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * One entry of the outline's map, as plain values (`toJSON()` of it), or `null` when it is none. What is not of the
 * schema is replaced by its default.
 */
export function readNode(id: string, value: unknown): Node | null {
  if (!ID.test(id) || typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { kind, parent, rank } = value as Record<string, unknown>;
  const fits = (text: unknown, bytes: number): text is string =>
    // No UTF-16 unit takes more than three bytes.
    typeof text === 'string' && (text.length * 3 <= bytes || new TextEncoder().encode(text).length <= bytes);
  return {
    id,
    kind: fits(kind, MAX_KIND) ? kind : ITEM,
    parent: typeof parent === 'string' && ID.test(parent) ? parent : null,
    rank: fits(rank, MAX_STORED_RANK) ? rank : '',
  };
}

/**
 * Makes the tree of `existing` from the `nodes` of the outline.
 *
 * `existing` are the ids to show: the caller leaves out what is deleted. Every one of them is in the tree exactly
 * once, whatever the outline says:
 * 1. A node of an id that is not in `existing` is reported as unknown.
 * 2. An id without a node stands at the root with an empty rank.
 * 3. A node whose parent is not in `existing`, or is itself, stands at the root. So the children of a deleted item
 *    stand at the root unless the caller leaves them out too.
 * 4. Where parents make a cycle, its smallest id (the oldest item) is lifted to the root; the others stay attached
 *    below it.
 * 5. Siblings are in the order of rank (by code point), then id.
 *
 * The order of the inputs means nothing. A repeated id counts once; of two nodes for one id the smaller (rank, parent)
 * counts. Takes O(n log n), without recursion.
 */
export function resolve(nodes: Iterable<Node>, existing: Iterable<string>): Tree {
  const ids = [...new Set(existing)].sort(compareIds);
  const exists = new Set(ids);
  const stored = new Map<string, Node>();
  const unknown = new Set<string>();
  for (const node of nodes) {
    if (!exists.has(node.id)) {
      unknown.add(node.id);
      continue;
    }
    const old = stored.get(node.id);
    if (old === undefined || compareNodes(node, old) < 0) stored.set(node.id, node);
  }

  const parents = new Map<string, string | null>();
  for (const id of ids) {
    const parent = stored.get(id)?.parent ?? null;
    parents.set(id, parent !== null && parent !== id && exists.has(parent) ? parent : null);
  }
  const lifted = breakCycles(ids, parents);

  const rank = (id: string) => stored.get(id)?.rank ?? '';
  const roots: string[] = [];
  const children = new Map<string, string[]>();
  for (const id of [...ids].sort((a, b) => compareRanks(rank(a), rank(b)) || compareIds(a, b))) {
    const parent = parents.get(id) ?? null;
    if (parent === null) {
      roots.push(id);
      continue;
    }
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [id]);
    else siblings.push(id);
  }

  const tree: Tree = { rows: [], byId: new Map(), roots, children, unknown: [...unknown].sort(compareIds) };
  const path: { siblings: string[]; next: number }[] = [{ siblings: roots, next: 0 }];
  for (let level = path.at(-1); level !== undefined; level = path.at(-1)) {
    const id = level.siblings[level.next++];
    if (id === undefined) {
      path.pop();
      continue;
    }
    const row: Row = {
      id,
      kind: stored.get(id)?.kind ?? ITEM,
      parent: parents.get(id) ?? null,
      storedParent: stored.get(id)?.parent ?? null,
      rank: rank(id),
      depth: path.length - 1,
      lifted: lifted.has(id),
    };
    tree.rows.push(row);
    tree.byId.set(id, row);
    path.push({ siblings: children.get(id) ?? [], next: 0 });
  }
  return tree;
}

/** Of two nodes for one id. No parent comes before any. */
function compareNodes(a: Node, b: Node): number {
  return compareRanks(a.rank, b.rank) || compareIds(a.parent ?? '', b.parent ?? '');
}

/** Each node has one way up. A way that meets itself is a cycle: its smallest id goes to the root. */
function breakCycles(ids: string[], parents: Map<string, string | null>): Set<string> {
  const lifted = new Set<string>();
  const seen = new Map<string, string>();
  const up = (id: string) => parents.get(id) ?? null;
  for (const start of ids) {
    let at: string | null = start;
    while (at !== null && !seen.has(at)) {
      seen.set(at, start);
      at = up(at);
    }
    if (at === null || seen.get(at) !== start) continue;
    let smallest = at;
    for (let next = up(at); next !== null && next !== at; next = up(next)) if (next < smallest) smallest = next;
    parents.set(smallest, null);
    lifted.add(smallest);
  }
  return lifted;
}

/** Whether `id` is `ancestor` or stands below it. */
export function isWithin(tree: Tree, id: string, ancestor: string): boolean {
  for (let at: string | null = id; at !== null; at = tree.byId.get(at)?.parent ?? null) {
    if (at === ancestor) return true;
  }
  return false;
}

/**
 * What to write to move `id`: itself first, then those whose place must be written with it.
 *
 * - Siblings, when ranks beside the new place are equal or invalid: the shortest row of them.
 * - The item at the root of its tree, when that was lifted out of a cycle: moving one of the cycle would otherwise
 *   take that item along.
 *
 * `{after: id}` and `{before: id}` name a place beside the item itself: it stays.
 */
export function planMove(tree: Tree, id: string, parent: string | null, spot: Spot): Plan {
  const row = tree.byId.get(id);
  if (row === undefined) return { ok: false, error: 'unknown-item' };
  if (parent !== null && isWithin(tree, parent, id)) return { ok: false, error: 'into-itself' };
  const result = plan(tree, id, row.kind, parent, spot);
  if (!result.ok) return result;
  const top = topOf(tree, row);
  if (top.lifted) settle(tree, top, result.placements);
  return result;
}

/**
 * What to write to place an item that is not in the tree yet. Items whose stored parent it is stand below it from then
 * on; only the one at the root above its new place is kept there.
 */
export function planInsert(tree: Tree, id: string, kind: string, parent: string | null, spot: Spot): Plan {
  if (tree.byId.has(id)) return planMove(tree, id, parent, spot);
  const result = plan(tree, id, kind, parent, spot);
  const row = parent === null ? undefined : tree.byId.get(parent);
  if (!result.ok || row === undefined) return result;
  const top = topOf(tree, row);
  if (top.storedParent === id) settle(tree, top, result.placements);
  return result;
}

/** Has a row of the root stored as one, unless the plan does already. */
function settle(tree: Tree, row: Row, placements: Placement[]): void {
  if (placements.some((placement) => placement.id === row.id)) return;
  placements.push({ id: row.id, kind: row.kind, parent: null, rank: rankAtRoot(tree, row, placements) });
}

/** The root of the tree that `row` stands in. */
function topOf(tree: Tree, row: Row): Row {
  let top = row;
  while (top.parent !== null) {
    const up = tree.byId.get(top.parent);
    if (up === undefined) break;
    top = up;
  }
  return top;
}

/** The rank of a root row, or one before all others when it has none that is valid. */
function rankAtRoot(tree: Tree, row: Row, planned: Placement[]): string {
  if (isValidRank(row.rank)) return row.rank;
  const ranks = tree.roots.map((id) => tree.byId.get(id)?.rank ?? '');
  for (const placement of planned) if (placement.parent === null) ranks.push(placement.rank);
  const [smallest] = ranks.filter(isValidRank).sort(compareRanks);
  return rankBetween(null, smallest ?? null) ?? 'a0';
}

function plan(tree: Tree, id: string, kind: string, parent: string | null, spot: Spot): Plan {
  if (parent !== null && !tree.byId.has(parent)) return { ok: false, error: 'unknown-parent' };
  const all = parent === null ? tree.roots : (tree.children.get(parent) ?? []);
  const siblings: Row[] = [];
  for (const other of all) {
    const row = tree.byId.get(other);
    if (other !== id && row !== undefined) siblings.push(row);
  }
  const at = place(siblings, all.indexOf(id), id, spot);
  if (at < 0) return { ok: false, error: 'not-a-sibling' };

  let [from, to] = window(siblings, at);
  let ranks = newRanks(siblings[from - 1]?.rank ?? null, siblings[to]?.rank ?? null, to - from + 1);
  if (ranks.some((rank) => rank.length > LONG_RANK)) {
    [from, to] = [0, siblings.length];
    ranks = newRanks(null, null, to + 1);
  }
  const [own = 'a0'] = ranks.splice(at - from, 1);
  const placements: Placement[] = [{ id, kind, parent, rank: own }];
  for (const [i, row] of siblings.slice(from, to).entries()) {
    placements.push({ id: row.id, kind: row.kind, parent, rank: ranks[i] ?? row.rank });
  }
  return { ok: true, placements };
}

/** Where among `siblings`, which leave `id` out, the spot is; -1 when it names no sibling. `own` is the place of `id`. */
function place(siblings: Row[], own: number, id: string, spot: Spot): number {
  if (spot === 'first') return 0;
  if (spot === 'last') return siblings.length;
  const other = 'before' in spot ? spot.before : spot.after;
  if (other === id) return own;
  const at = siblings.findIndex((row) => row.id === other);
  return at < 0 || 'before' in spot ? at : at + 1;
}

/** The bounds are valid and in order by the choice of the window. */
function newRanks(a: string | null, b: string | null, n: number): string[] {
  return ranksBetween(a, b, n) ?? ranksBetween(null, null, n) ?? [];
}

/**
 * The shortest row `[from, to)` of siblings around the gap `at` that needs new ranks, so that what stands on either
 * side is valid and in order: empty when the neighbours are. Of two of one length, the one that starts later.
 */
function window(siblings: Row[], at: number): [number, number] {
  const end = siblings.length;
  const rank = (i: number) => siblings[i]?.rank ?? '';
  // The next valid one from each place on.
  const nextValid: number[] = [];
  nextValid[end] = end;
  for (let i = end - 1; i >= at; i--) nextValid[i] = isValidRank(rank(i)) ? i : (nextValid[i + 1] ?? end);
  /** The first place from `at` on with a rank above `left`. Siblings are in the order of their ranks. */
  const above = (left: string) => {
    let low = at;
    let high = end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareRanks(rank(middle), left) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  let best: [number, number] = [0, end];
  for (let from = at; from >= 0; from--) {
    // No window from here on is shorter than its way to the gap.
    if (at - from >= best[1] - best[0]) break;
    let start = at;
    if (from > 0) {
      if (!isValidRank(rank(from - 1))) continue;
      start = above(rank(from - 1));
    }
    const to = nextValid[start] ?? end;
    if (to - from < best[1] - best[0]) best = [from, to];
  }
  return best;
}
