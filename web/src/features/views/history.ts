/**
 * Undo and redo of one's own changes of items: moves, values, creations, deletions. Others' changes are never undone: what
 * somebody else has changed since stays as they left it.
 */
import type { Item, Schemas } from '@/api/client';
import type { ItemSet } from '@/collab/operations';

export interface Place {
  parent: string | null;
  rank: string;
}

export type Patch = Partial<Schemas['ItemPatch']>;

type Values = Partial<Pick<Item, 'title' | 'status' | 'type' | 'priority' | 'assignees' | 'labels' | 'estimate' | 'start_date' | 'due_date' | 'custom'>>;

export type Change =
  | { type: 'moved'; places: { id: string; from: Place | null; to: Place }[] }
  | { type: 'set'; items: { id: string; from: Values; to: Values }[] }
  /** `ids` is everything that was made, `roots` the topmost of it. */
  | { type: 'made'; roots: string[]; ids: string[] }
  | { type: 'deleted'; roots: string[] };

/** What undoing reads and does. */
export interface Port {
  item: (id: string) => Item | undefined;
  /** `id` and all below it; empty when it is gone. */
  subtree: (id: string) => string[];
  place: (id: string) => Place | null;
  setPlaces: (places: { id: string; place: Place }[]) => void;
  bulk: (ids: string[], set: ItemSet) => void;
  patch: (id: string, patch: Patch) => void;
  remove: (ids: string[]) => void;
  restore: (ids: string[]) => void;
}

const BULK = ['status', 'type', 'priority'] as const;
const LISTS = ['assignees', 'labels'] as const;
const SINGLE = ['title', 'estimate', 'start_date', 'due_date'] as const;

const minus = (a: readonly string[], b: readonly string[]) => a.filter((one) => !b.includes(one));

/** Takes `change` back; gives how many items it touched. */
export function undo(change: Change, port: Port): number {
  switch (change.type) {
    case 'moved':
      return setPlaces(change.places.map(({ id, from, to }) => ({ id, from: to, to: from })), port);
    case 'set':
      return setValues(change.items.map(({ id, from, to }) => ({ id, from: to, to: from })), port);
    case 'made': {
      const made = new Set(change.ids);
      // Somebody has put something of theirs inside: that would go too.
      const roots = change.roots.filter((root) => port.item(root) !== undefined && port.subtree(root).every((id) => made.has(id)));
      if (roots.length > 0) port.remove(roots);
      return roots.length;
    }
    case 'deleted':
      return restore(change.roots, port);
  }
}

export function redo(change: Change, port: Port): number {
  switch (change.type) {
    case 'moved':
      return setPlaces(change.places, port);
    case 'set':
      return setValues(change.items, port);
    case 'made':
      return restore(change.roots, port);
    case 'deleted': {
      const roots = change.roots.filter((id) => port.item(id) !== undefined);
      if (roots.length > 0) port.remove(roots);
      return roots.length;
    }
  }
}

function restore(roots: string[], port: Port): number {
  const gone = roots.filter((id) => port.item(id) === undefined);
  if (gone.length > 0) port.restore(gone);
  return gone.length;
}

function setPlaces(places: { id: string; from: Place | null; to: Place | null }[], port: Port): number {
  const back = places.flatMap(({ id, from, to }) => {
    const now = port.place(id);
    return to !== null && now !== null && from !== null && now.parent === from.parent && now.rank === from.rank ? [{ id, place: to }] : [];
  });
  if (back.length > 0) port.setPlaces(back);
  return back.length;
}

/** Items that get the same go together. */
function setValues(items: { id: string; from: Values; to: Values }[], port: Port): number {
  const groups = new Map<string, { set: ItemSet; ids: string[] }>();
  const touched = new Set<string>();
  for (const { id, from, to } of items) {
    const now = port.item(id);
    if (now === undefined) continue;
    const set: ItemSet = {};
    for (const key of BULK) if (to[key] !== undefined && now[key] === from[key] && now[key] !== to[key]) Object.assign(set, { [key]: to[key] });
    for (const key of LISTS) {
      const [before, after] = [from[key], to[key]];
      if (before === undefined || after === undefined) continue;
      const add = minus(minus(after, before), now[key]);
      const remove = minus(before, after).filter((one) => now[key].includes(one));
      if (add.length > 0) Object.assign(set, { [`${key}_add`]: add });
      if (remove.length > 0) Object.assign(set, { [`${key}_remove`]: remove });
    }
    const patch: Record<string, unknown> = {};
    for (const key of SINGLE) if (key in to && (now[key] ?? null) === (from[key] ?? null)) patch[key] = to[key] ?? null;
    // Of the project's own fields, each by itself.
    const same = (field: string) => JSON.stringify(now.custom[field] ?? null) === JSON.stringify(from.custom?.[field] ?? null);
    const custom = Object.fromEntries(Object.entries(to.custom ?? {}).filter(([field]) => same(field)));
    if (Object.keys(custom).length > 0) patch.custom = custom;
    if (Object.keys(patch).length > 0) {
      port.patch(id, patch as Patch);
      touched.add(id);
    }
    if (Object.keys(set).length === 0) continue;
    touched.add(id);
    const name = JSON.stringify(set);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { set, ids: [id] });
    else group.ids.push(id);
  }
  for (const { set, ids } of groups.values()) port.bulk(ids, set);
  return touched.size;
}

/** What `set` makes of an item: the values before and after, of what it changes. */
export function effect(item: Item, set: ItemSet): { from: Values; to: Values } | null {
  const from: Values = {};
  const to: Values = {};
  for (const key of BULK) {
    const value = set[key];
    if (value === undefined || item[key] === value) continue;
    Object.assign(from, { [key]: item[key] });
    Object.assign(to, { [key]: value });
  }
  for (const key of LISTS) {
    const add = minus(set[`${key}_add`] ?? [], item[key]);
    const remove = (set[`${key}_remove`] ?? []).filter((one) => item[key].includes(one));
    if (add.length + remove.length === 0) continue;
    from[key] = item[key];
    to[key] = [...minus(item[key], remove), ...add];
  }
  return Object.keys(to).length === 0 ? null : { from, to };
}

/** How many changes can be taken back. */
const DEPTH = 200;

export class History {
  #done: { change: Change; label: string }[] = [];
  #undone: { change: Change; label: string }[] = [];

  add(change: Change, label: string): Change {
    this.#done.push({ change, label });
    if (this.#done.length > DEPTH) this.#done.shift();
    this.#undone = [];
    return change;
  }

  /** Takes back the last change that others have left anything of; gives what it was. */
  undo(port: Port): string | null {
    return step(this.#done, this.#undone, (change) => undo(change, port));
  }

  redo(port: Port): string | null {
    return step(this.#undone, this.#done, (change) => redo(change, port));
  }

  /** Takes back this one, wherever it stands. */
  undoOne(change: Change, port: Port): boolean {
    const at = this.#done.findIndex((entry) => entry.change === change);
    const [entry] = at < 0 ? [] : this.#done.splice(at, 1);
    if (entry === undefined || undo(change, port) === 0) return false;
    this.#undone.push(entry);
    return true;
  }
}

type Entries = { change: Change; label: string }[];

function step(from: Entries, to: Entries, run: (change: Change) => number): string | null {
  for (let entry = from.pop(); entry !== undefined; entry = from.pop()) {
    if (run(entry.change) === 0) continue;
    to.push(entry);
    return entry.label;
  }
  return null;
}
