/** What a person asked for, shown over what the server's list says until the server has it. Pure functions. */
import type { Item, ItemType, Status, Priority, Schemas } from '@/api/client';

export type ItemSet = {
  status?: Status;
  type?: ItemType;
  priority?: Priority;
  assignees_add?: string[];
  assignees_remove?: string[];
  labels_add?: string[];
  labels_remove?: string[];
};

/** A change that is not an edit of a document. Ids of what it makes are the client's, so that sending it twice makes one. */
export type Operation =
  | {
      type: 'item.create';
      project: string;
      id: string;
      title: string;
      itemType: ItemType;
      status?: Status;
      parent: string | null;
      /** The sibling that it follows; last without one. */
      after?: string;
      /** Where it shows until the server has placed it, when the caller knows better than the list. */
      rank?: string;
    }
  | { type: 'item.patch'; project: string; id: string; patch: Partial<Schemas['ItemPatch']> & Record<string, unknown> }
  | { type: 'items.bulk'; project: string; ids: string[]; set: ItemSet }
  /** `ids` are the tops; `hidden` is all that goes with them, when the caller knows better than the list. */
  | { type: 'items.delete'; project: string; ids: string[]; hidden?: string[] }
  | { type: 'items.restore'; project: string; ids: string[] }
  | { type: 'item.duplicate'; project: string; id: string; ids: Record<string, string>; after?: string }
  | { type: 'file.upload'; project: string; id: string; name: string; blob: Blob };

export type Items = ReadonlyMap<string, Item>;

/** A row of an item that the server doesn't have yet. Its times are empty. */
function fresh(op: Extract<Operation, { type: 'item.create' }>, rank: string): Item {
  return {
    id: op.id,
    project_id: op.project,
    title: op.title,
    type: op.itemType,
    status: op.status ?? 'backlog',
    priority: 'none',
    assignees: [],
    labels: [],
    custom: {},
    position: 0,
    criteria_total: 0,
    criteria_done: 0,
    parent: op.parent,
    rank,
    deleted_at: null,
    created_at: '',
    updated_at: '',
  };
}

/** A place right after the sibling `after`, or behind all children of `parent`; good for showing, until the server gives a rank. */
function rankAfter(items: Items, parent: string | null, after: string | undefined): string {
  // Nothing sorts between a rank and the same with a zero.
  const rank = after === undefined ? undefined : items.get(after)?.rank;
  if (rank !== undefined) return `${rank}0`;
  let last = '';
  for (const item of items.values()) if ((item.parent ?? null) === parent && item.rank > last) last = item.rank;
  return `${last}~`;
}

const without = (list: readonly string[], gone: readonly string[] = []) => list.filter((one) => !gone.includes(one));
const union = (list: readonly string[], more: readonly string[] = []) => [...list, ...more.filter((one) => !list.includes(one))];

export function applySet(item: Item, set: ItemSet): Item {
  const { status, type, priority } = set;
  return {
    ...item,
    ...(status === undefined ? {} : { status }),
    ...(type === undefined ? {} : { type }),
    ...(priority === undefined ? {} : { priority }),
    assignees: union(without(item.assignees, set.assignees_remove), set.assignees_add),
    labels: union(without(item.labels, set.labels_remove), set.labels_add),
  };
}

/** `ids` and everything below them. */
export function below(items: Iterable<Pick<Item, 'id' | 'parent'>>, ids: readonly string[]): string[] {
  const children = new Map<string, string[]>();
  for (const { id, parent } of items) {
    if (parent == null) continue;
    const list = children.get(parent);
    if (list === undefined) children.set(parent, [id]);
    else list.push(id);
  }
  const found = new Set(ids);
  for (const id of found) for (const child of children.get(id) ?? []) found.add(child);
  return [...found];
}

/** Applies `op` to `items`. `bin` is what is known of the project's deleted items. */
export function apply(items: Map<string, Item>, op: Operation, bin: readonly Item[] = []): void {
  switch (op.type) {
    case 'item.create':
      if (!items.has(op.id)) items.set(op.id, fresh(op, op.rank ?? rankAfter(items, op.parent, op.after)));
      break;
    case 'item.patch': {
      const known = items.get(op.id);
      if (known !== undefined) items.set(op.id, { ...known, ...(op.patch as Partial<Item>), custom: { ...known.custom, ...op.patch.custom } });
      break;
    }
    case 'items.bulk':
      for (const id of op.ids) {
        const known = items.get(id);
        if (known !== undefined) items.set(id, applySet(known, op.set));
      }
      break;
    case 'items.delete':
      for (const id of op.hidden ?? below(items.values(), op.ids)) items.delete(id);
      break;
    case 'items.restore': {
      const back = new Map(bin.map((item) => [item.id, item]));
      for (const top of op.ids) {
        const at = back.get(top)?.deleted_at;
        if (at == null) continue;
        for (const id of below(back.values(), [top])) {
          const item = back.get(id);
          // What was deleted earlier, by itself, stays in the bin.
          if (item !== undefined && item.deleted_at === at && !items.has(id)) items.set(id, { ...item, deleted_at: null });
        }
      }
      break;
    }
    case 'item.duplicate':
      for (const [from, to] of Object.entries(op.ids)) {
        const known = items.get(from);
        if (known === undefined || items.has(to)) continue;
        const top = from === op.id;
        items.set(to, {
          ...known,
          id: to,
          parent: top ? known.parent : (op.ids[known.parent ?? ''] ?? known.parent),
          rank: top ? rankAfter(items, known.parent ?? null, op.after ?? op.id) : known.rank,
          created_at: '',
          updated_at: '',
        });
      }
      break;
    case 'file.upload':
      break;
  }
}

/** The ids that `op` makes. */
export function makes(op: Operation): string[] {
  if (op.type === 'item.create' || op.type === 'file.upload') return [op.id];
  return op.type === 'item.duplicate' ? Object.values(op.ids) : [];
}

/** The items that `op` can't do without. */
export function needs(op: Operation): string[] {
  switch (op.type) {
    case 'item.create':
      return op.parent === null ? [] : [op.parent];
    case 'item.patch':
    case 'item.duplicate':
      return [op.id];
    case 'items.bulk':
    case 'items.delete':
    case 'items.restore':
      return op.ids;
    case 'file.upload':
      return [];
  }
}
