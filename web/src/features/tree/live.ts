/**
 * The outline that the screens show, kept up to date change by change: a person who moves one of 10,000 items doesn't pay for the
 * other 9,999. `resolve` is the rule; what this keeps is always what `resolve` would make anew.
 */
import * as Y from 'yjs';
import { readNode, resolve, type Node } from '@/collab/outline';
import { compareRanks } from '@/collab/rank';
import type { Item } from '@/api/client';
import { nodesOf, type Outline } from './model';

export type Placed = Pick<Item, 'id' | 'parent' | 'rank'>;
type Items = ReadonlyMap<string, Placed>;

const none: readonly string[] = [];

const state = (doc: Y.Doc) => `${Y.encodeStateVector(doc)}:${nodesOf(doc).size}`;

export class LiveOutline {
  /** As the document has them. */
  #stored = new Map<string, Node>();
  #items: Items = new Map();
  #parents = new Map<string, string | null>();
  #children = new Map<string | null, readonly string[]>();
  /** Items at the top because their parent doesn't exist, by that parent. */
  #waiting = new Map<string, Set<string>>();
  /** A cycle was broken: which item is lifted depends on all of it. */
  #lifted = false;
  #outline: Outline | null = null;
  /** How far the document was when it was read as a whole. */
  #loaded = '';

  /** The document's nodes, all of them, and the list of items that goes with them. */
  load(doc: Y.Doc | null, items: Items = this.#items): void {
    this.#items = items;
    this.#stored.clear();
    if (doc !== null) for (const id of nodesOf(doc).keys()) this.#read(doc, id);
    this.#loaded = doc === null ? '' : state(doc);
    this.#rebuild();
  }

  /** Reads the document again if it isn't what it was at the last {@link load}. */
  catchUp(doc: Y.Doc): void {
    if (this.#loaded !== state(doc)) this.load(doc);
  }

  /** The document's nodes of `ids` have changed. */
  changed(doc: Y.Doc, ids: Iterable<string>): void {
    const touched: string[] = [];
    for (const id of ids) {
      const before = this.node(id);
      this.#read(doc, id);
      const now = this.node(id);
      // Mostly the document says what the list has said already: all of it does, when it comes after the list.
      if (before?.parent !== now?.parent || before?.rank !== now?.rank) touched.push(id);
    }
    this.#apply(touched);
  }

  /** The list of items is now this one. */
  setItems(items: Items): void {
    const before = this.#items;
    if (before === items) return;
    this.#items = items;
    const touched: string[] = [];
    for (const [id, item] of items) {
      const known = before.get(id);
      if (known === item) continue;
      // The list only says where an item stands that the document doesn't have.
      if (known === undefined || (!this.#stored.has(id) && (known.parent !== item.parent || known.rank !== item.rank))) touched.push(id);
    }
    if (before.size + touched.length !== items.size) for (const id of before.keys()) if (!items.has(id)) touched.push(id);
    this.#apply(touched);
  }

  /** Where `id` stands by the document, or by the list if the document doesn't say. */
  node(id: string): Node | undefined {
    const stored = this.#stored.get(id);
    if (stored !== undefined) return stored;
    const item = this.#items.get(id);
    return item === undefined ? undefined : { id, kind: 'item', parent: item.parent ?? null, rank: item.rank };
  }

  /** Every node to resolve. */
  nodes(): Node[] {
    const nodes = [...this.#stored.values()];
    for (const id of this.#items.keys()) if (!this.#stored.has(id)) nodes.push(this.node(id) as Node);
    return nodes;
  }

  get lifted(): boolean {
    return this.#lifted;
  }

  /** The tree as it is now: another object after every change of it. */
  get outline(): Outline {
    if (this.#outline !== null) return this.#outline;
    const parents = this.#parents;
    const children = (id: string | null) => this.#children.get(id) ?? none;
    const beside = (id: string, by: -1 | 1): string | null => {
      const siblings = children(parents.get(id) ?? null);
      return siblings[siblings.indexOf(id) + by] ?? null;
    };
    this.#outline = {
      neighbours: (id) => {
        let previous = beside(id, -1);
        if (previous === null) previous = parents.get(id) ?? null;
        else for (let last = children(previous).at(-1); last !== undefined; last = children(last).at(-1)) previous = last;
        let next = children(id)[0] ?? null;
        for (let at: string | null | undefined = id; next === null && at != null; at = parents.get(at)) next = beside(at, 1);
        return { previous, next };
      },
      roots: children(null),
      children,
      parent: (id) => parents.get(id) ?? null,
      subtree: (id) => {
        const found = [id];
        for (let at = 0; at < found.length; at += 1) found.push(...children(found[at] as string));
        return found;
      },
    };
    return this.#outline;
  }

  #read(doc: Y.Doc, id: string): void {
    const value = nodesOf(doc).get(id);
    const node = value === undefined ? null : readNode(id, value instanceof Y.Map ? { kind: value.get('kind'), parent: value.get('parent'), rank: value.get('rank') } : value);
    if (node === null) this.#stored.delete(id);
    else this.#stored.set(id, node);
  }

  #rebuild(): void {
    const tree = resolve(this.nodes(), this.#items.keys());
    this.#children = new Map<string | null, readonly string[]>(tree.children);
    this.#children.set(null, tree.roots);
    this.#parents = new Map();
    this.#waiting = new Map();
    this.#lifted = false;
    for (const row of tree.rows) {
      this.#parents.set(row.id, row.parent);
      if (row.lifted) this.#lifted = true;
      else this.#wait(row.id, row.storedParent);
    }
    this.#outline = null;
  }

  #wait(id: string, parent: string | null): void {
    if (parent === null || parent === id || this.#items.has(parent)) return;
    const waiting = this.#waiting.get(parent);
    if (waiting === undefined) this.#waiting.set(parent, new Set([id]));
    else waiting.add(id);
  }

  #apply(ids: readonly string[]): void {
    if (ids.length === 0) return;
    // Many at once, or a cycle somewhere: from the start.
    if (this.#lifted || ids.length > 200) {
      this.#rebuild();
      return;
    }
    // Whoever stood below what came or went moves with it.
    const touched = new Set(ids);
    for (const id of ids) {
      if (this.#items.has(id) === this.#parents.has(id)) continue;
      for (const child of this.#children.get(id) ?? none) touched.add(child);
      for (const child of this.#waiting.get(id) ?? none) touched.add(child);
    }
    for (const id of touched) this.#take(id);
    for (const id of touched) if (this.#items.has(id)) this.#parents.set(id, this.#parentOf(id));
    for (const id of touched) {
      if (!this.#items.has(id) || !this.#cyclic(id)) continue;
      this.#rebuild();
      return;
    }
    for (const id of touched) if (this.#items.has(id)) this.#put(id);
    this.#outline = null;
  }

  #parentOf(id: string): string | null {
    const parent = this.node(id)?.parent ?? null;
    return parent !== null && parent !== id && this.#items.has(parent) ? parent : null;
  }

  #cyclic(id: string): boolean {
    const seen = new Set([id]);
    for (let at = this.#parents.get(id) ?? null; at !== null; at = this.#parents.get(at) ?? null) {
      if (seen.has(at)) return true;
      seen.add(at);
    }
    return false;
  }

  #take(id: string): void {
    const parent = this.#parents.get(id);
    if (parent === undefined) return;
    this.#parents.delete(id);
    for (const set of this.#waiting.values()) set.delete(id);
    const left = (this.#children.get(parent) ?? none).filter((other) => other !== id);
    if (left.length === 0 && parent !== null) this.#children.delete(parent);
    else this.#children.set(parent, left);
  }

  #put(id: string): void {
    const parent = this.#parents.get(id) ?? null;
    this.#wait(id, this.node(id)?.parent ?? null);
    const siblings = this.#children.get(parent) ?? none;
    const rank = this.node(id)?.rank ?? '';
    let low = 0;
    let high = siblings.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = siblings[middle] as string;
      const order = compareRanks(this.node(other)?.rank ?? '', rank) || (other < id ? -1 : 1);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    this.#children.set(parent, [...siblings.slice(0, low), id, ...siblings.slice(low)]);
  }
}
