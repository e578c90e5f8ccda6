/** What a person does to the items of a project, whatever the view: shown at once, sent, and kept so that it can be undone. */
import { toast } from '@/ui/toast';
import type { Item, ItemType, Status } from '@/api/client';
import { uuidv7 } from '@/api/id';
import { copyText } from '@/app/clipboard';
import { perform, type ItemSet } from '@/collab/operations';
import type { Room } from '@/collab/room';
import type { LiveOutline } from '@/features/tree/live';
import { beginWith, MOST_CARDS } from '@/features/diagram/begin';
import { depthOf, isThere, planMoves, provisionalRank, topmost, write, type Place } from '@/features/tree/model';
import { t } from '@/texts';
import { announce } from './announce';
import { effect, History, type Change, type Patch, type Port } from './history';
import { select, kept, useSelection } from './selection';

/** The project as it is now. */
export interface Now {
  project: string;
  items: ReadonlyMap<string, Item>;
  live: LiveOutline;
  room: Room | null;
  mayEdit: boolean;
  mayDelete: boolean;
  /** Items that stay in sight though the filter doesn't ask for them. */
  keep: (ids: readonly string[]) => void;
  expand: (id: string) => void;
  /** Leaves the screens of items that are being deleted. */
  leave: (ids: ReadonlySet<string>) => void;
}

export interface Fresh {
  title: string;
  type: ItemType;
  status?: Status;
  parent: string | null;
  /** The sibling before it; null: it is the only one. */
  after: string | null;
}

export class Acts {
  readonly #history = new History();
  now: Now;

  constructor(now: Now) {
    this.now = now;
  }

  title(id: string): string {
    return this.now.items.get(id)?.title || t.common.untitled;
  }

  /** "Pay" for one, "3 items" for more. */
  #name(ids: readonly string[]): string {
    return ids.length === 1 ? t.work.quoted(this.title(ids[0] as string)) : t.work.items(ids.length);
  }

  /** `ids` in the order of the tree, without those that stand below another of them. */
  roots(ids: Iterable<string>): string[] {
    const { live, items } = this.now;
    return topmost(live.outline, new Set([...ids].filter((id) => items.has(id))));
  }

  #remember(change: Change, label: string, tell: boolean): void {
    this.#history.add(change, label);
    if (!tell) {
      announce(label);
      return;
    }
    toast(label, {
      duration: 10_000,
      action: { label: t.common.undo, onClick: () => this.#history.undoOne(change, this.#port) && announce(t.work.undone(label)) },
    });
  }

  undo(): void {
    if (!this.now.mayEdit) return;
    const label = this.#history.undo(this.#port);
    announce(label === null ? t.work.nothingToUndo : t.work.undone(label));
    if (label === null) toast(t.work.nothingToUndo, { duration: 2_000 });
  }

  redo(): void {
    if (!this.now.mayEdit) return;
    const label = this.#history.redo(this.#port);
    announce(label === null ? t.work.nothingToRedo : t.work.redone(label));
    if (label === null) toast(t.work.nothingToRedo, { duration: 2_000 });
  }

  /** Gives all of `ids` the same. */
  set(ids: readonly string[], set: ItemSet): void {
    const { items, project, mayEdit } = this.now;
    if (!mayEdit) return;
    const changes = ids.flatMap((id) => {
      const item = items.get(id);
      // A diagram is one for good.
      const change = item === undefined || (set.type !== undefined && item.type === 'diagram') ? null : effect(item, set);
      return change === null ? [] : [{ id, ...change }];
    });
    if (changes.length === 0) return;
    const changed = changes.map(({ id }) => id);
    this.now.keep(changed);
    for (const some of parts(changed)) void perform({ type: 'items.bulk', project, ids: some, set });
    this.#remember({ type: 'set', items: changes }, t.work.changed(this.#name(changed), describe(set)), changed.length > 1);
  }

  patch(id: string, patch: Patch): void {
    const { items, project, mayEdit } = this.now;
    const item = items.get(id);
    if (item === undefined || !mayEdit) return;
    const keys = Object.keys(patch) as (keyof Patch & keyof Item)[];
    const was = (key: (typeof keys)[number]): unknown =>
      key === 'custom' ? Object.fromEntries(Object.keys(patch.custom ?? {}).map((field) => [field, item.custom[field] ?? null])) : (item[key] ?? null);
    const from = Object.fromEntries(keys.map((key) => [key, was(key)]));
    if (keys.every((key) => JSON.stringify(from[key]) === JSON.stringify(patch[key] ?? null))) return;
    this.now.keep([id]);
    void perform({ type: 'item.patch', project, id, patch });
    this.#remember({ type: 'set', items: [{ id, from, to: patch as object }] }, t.work.edited(this.#name([id])), false);
  }

  rename(id: string, title: string): void {
    const trimmed = title.trim();
    if (trimmed !== '') this.patch(id, { title: trimmed });
  }

  /** Puts `ids` at a place, in their order. Gives whether anything moved. */
  place(ids: readonly string[], to: Place | null, tell = false): boolean {
    const { live, room, mayEdit } = this.now;
    if (room === null || !room.canWrite || !mayEdit || to === null || ids.length === 0 || isThere(live.outline, ids, to)) return false;
    const placements = planMoves(live, ids, to);
    if (placements === null) return false;
    const places = placements.map(({ id, parent, rank }) => {
      const node = live.node(id);
      return { id, from: node === undefined ? null : { parent: node.parent, rank: node.rank }, to: { parent, rank } };
    });
    write(room.doc, placements);
    if (to.parent !== null) this.now.expand(to.parent);
    this.#remember({ type: 'moved', places }, t.work.moved(this.#name(ids)), tell);
    const { outline } = live;
    const [first] = ids as [string];
    const siblings = outline.children(to.parent);
    announce(
      t.work.movedTo(
        this.#name(ids),
        to.parent === null ? null : this.title(to.parent),
        depthOf(outline, first) + 1,
        siblings.indexOf(first) + 1,
        siblings.length,
      ),
    );
    return true;
  }

  create({ title, type, status, parent, after }: Fresh): string {
    const { live, project } = this.now;
    const id = uuidv7();
    const siblings = live.outline.children(parent);
    const before = siblings[after === null ? 0 : siblings.indexOf(after) + 1] ?? null;
    this.now.keep([id]);
    const rank = provisionalRank(live, after, before);
    void perform({ type: 'item.create', project, id, title, itemType: type, ...(status === undefined ? {} : { status }), parent, ...(after === null ? {} : { after }), rank });
    this.#remember({ type: 'made', roots: [id], ids: [id] }, t.work.created(t.work.quoted(title || t.common.untitled)), false);
    return id;
  }

  /** Makes a diagram of an item and all that is inside it, beside it. Null: it would be too large. */
  draw(id: string): string | null {
    const { live, mayEdit } = this.now;
    if (!mayEdit) return null;
    const count = live.outline.subtree(id).length;
    if (count > MOST_CARDS) {
      toast.error(t.work.tooManyToDraw(count));
      return null;
    }
    const diagram = this.create({ title: t.work.diagramOf(this.title(id)), type: 'diagram', parent: live.outline.parent(id), after: id });
    beginWith(diagram, id);
    return diagram;
  }

  /** Copies `ids` with all that is inside them; gives the copies. */
  duplicate(ids: Iterable<string>): string[] {
    const { live, project, mayEdit } = this.now;
    const roots = this.roots(ids);
    if (!mayEdit || roots.length === 0) return [];
    const copies: string[] = [];
    const all: string[] = [];
    for (const root of roots) {
      const fresh = Object.fromEntries(live.outline.subtree(root).map((id) => [id, uuidv7()]));
      if (Object.keys(fresh).length > 2_000) {
        toast.error(t.work.tooManyToDuplicate);
        continue;
      }
      copies.push(fresh[root] as string);
      all.push(...Object.values(fresh));
      void perform({ type: 'item.duplicate', project, id: root, ids: fresh, after: root });
    }
    if (copies.length === 0) return [];
    this.now.keep(all);
    this.#remember({ type: 'made', roots: copies, ids: all }, t.work.duplicated(this.#name(roots), all.length - copies.length), true);
    return copies;
  }

  /** Deletes `ids` with all that is inside them. */
  remove(ids: Iterable<string>): void {
    if (!this.now.mayDelete) return;
    const roots = this.roots(ids);
    if (roots.length === 0) return;
    const inside = roots.flatMap((id) => this.now.live.outline.subtree(id)).length - roots.length;
    const label = t.work.deleted(this.#name(roots), inside);
    this.#remove(roots);
    this.#remember({ type: 'deleted', roots }, label, true);
  }

  /** Brings back what was deleted, with all that went with it. */
  async restore(ids: string[]): Promise<boolean> {
    const { project } = this.now;
    const outcomes = await Promise.all(parts(ids).map((some) => perform({ type: 'items.restore', project, ids: some })));
    return outcomes.every(({ state }) => state !== 'refused');
  }

  copyLinks(ids: readonly string[]): void {
    const { project } = this.now;
    const link = (id: string) => new URL(`/p/${project}/${id}`, window.location.href).href;
    const text = ids.length === 1 ? link(ids[0] as string) : ids.map((id) => `- [${this.title(id).replace(/[[\]\\]/g, '\\$&')}](${link(id)})`).join('\n');
    copyText(text, t.work.copied(ids.length));
  }

  #remove(roots: string[]): void {
    const { project, live } = this.now;
    const all = new Set(roots.flatMap((id) => live.outline.subtree(id)));
    this.now.leave(all);
    select((now) => kept(now, (id) => !all.has(id)));
    for (const some of parts(roots)) {
      void perform({ type: 'items.delete', project, ids: some, hidden: some.flatMap((id) => live.outline.subtree(id)) });
    }
  }

  readonly #port: Port = {
    item: (id) => this.now.items.get(id),
    subtree: (id) => (this.now.items.has(id) ? this.now.live.outline.subtree(id) : []),
    place: (id) => {
      const node = this.now.items.has(id) ? this.now.live.node(id) : undefined;
      return node === undefined ? null : { parent: node.parent, rank: node.rank };
    },
    setPlaces: (places) => {
      const { room } = this.now;
      if (room !== null && room.canWrite) write(room.doc, places.map(({ id, place }) => ({ id, ...place })));
    },
    bulk: (ids, set) => {
      this.now.keep(ids);
      for (const some of parts(ids)) void perform({ type: 'items.bulk', project: this.now.project, ids: some, set });
    },
    patch: (id, patch) => void perform({ type: 'item.patch', project: this.now.project, id, patch }),
    remove: (ids) => this.#remove(ids),
    restore: (ids) => {
      this.now.keep(ids);
      void this.restore(ids);
    },
  };
}

/** The server takes a thousand at a time. */
function parts(ids: readonly string[]): string[][] {
  const some: string[][] = [];
  for (let at = 0; at < ids.length; at += 1_000) some.push(ids.slice(at, at + 1_000));
  return some;
}

function describe(set: ItemSet): string {
  if (set.status !== undefined) return t.kinds.status[set.status];
  if (set.type !== undefined) return t.kinds.type[set.type];
  if (set.priority !== undefined) return t.kinds.priority[set.priority];
  if (set.labels_add !== undefined || set.labels_remove !== undefined) return [...(set.labels_add ?? []), ...(set.labels_remove ?? []).map((label) => `−${label}`)].join(', ');
  return t.item.assignees;
}

/** Of what an action concerns: everything that is chosen if `id` is part of it, else `id` alone. */
export function concerned(id: string): string[] {
  const { ids } = useSelection.getState();
  return ids.has(id) ? [...ids] : [id];
}

/** One for each project, so that what was done can be undone after a look elsewhere. */
const known = new Map<string, Acts>();

/** Those of a project whose list is on the screen. */
export const actsFor = (project: string): Acts | undefined => known.get(project);

export function actsOf(now: Now): Acts {
  let acts = known.get(now.project);
  if (acts === undefined) known.set(now.project, (acts = new Acts(now)));
  acts.now = now;
  return acts;
}
