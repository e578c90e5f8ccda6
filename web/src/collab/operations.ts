/** Changes of items that aren't edits of a document: shown at once in the lists, then sent. */
import { toast } from 'sonner';
import { ApiError, client, explain, unwrap, type Item, type ItemType, type Schemas, type Status } from '@/api/client';
import { patchItems } from '@/app/live';
import { queryClient } from '@/app/query';
import { t } from '@/texts';

export interface BulkSet {
  status?: Item['status'];
  type?: Item['type'];
  priority?: Item['priority'];
  assignees_add?: string[];
  assignees_remove?: string[];
  labels_add?: string[];
  labels_remove?: string[];
}

export type Operation =
  | { type: 'item.create'; project: string; id: string; title: string; itemType: ItemType; status?: Status; parent: string | null; after?: string | null; rank?: string }
  | { type: 'item.patch'; project: string; id: string; patch: Schemas['ItemPatch'] }
  | { type: 'items.bulk'; project: string; ids: string[]; set: BulkSet }
  | { type: 'items.delete'; project: string; ids: string[] }
  | { type: 'items.restore'; project: string; ids: string[] }
  | { type: 'item.duplicate'; project: string; id: string; ids: Record<string, string>; after?: string | null };

export type Outcome = { ok: true } | { ok: false; error: unknown };

/** What `set` makes of an item. */
export function applied(item: Item, set: BulkSet): Item {
  const list = (now: string[], add: string[] = [], remove: string[] = []) => [...now.filter((one) => !remove.includes(one)), ...add.filter((one) => !now.includes(one))];
  return {
    ...item,
    ...(set.status === undefined ? {} : { status: set.status }),
    ...(set.type === undefined ? {} : { type: set.type }),
    ...(set.priority === undefined ? {} : { priority: set.priority }),
    assignees: list(item.assignees, set.assignees_add, set.assignees_remove),
    labels: list(item.labels, set.labels_add, set.labels_remove),
  };
}

/** Sent one after the other: each may stand on the one before. */
let turn: Promise<unknown> = Promise.resolve();

export function perform(op: Operation): Promise<Outcome> {
  const back = show(op);
  const sent = turn.then(() => send(op));
  turn = sent.catch(() => undefined);
  return sent.then(
    (): Outcome => ({ ok: true }),
    (error: unknown): Outcome => {
      back();
      toast.error(t.work.failed, { description: explain(error) });
      return { ok: false, error };
    },
  );
}

/** Shows what was asked for; gives how to take it back. */
function show(op: Operation): () => void {
  const { project } = op;
  const before = new Map<string, Item | undefined>();
  patchItems(project, (items) => {
    const put = (id: string, item: Item | undefined) => {
      if (!before.has(id)) before.set(id, items.get(id));
      if (item === undefined) items.delete(id);
      else items.set(id, item);
    };
    switch (op.type) {
      case 'item.create': {
        const { id, title, itemType, status = 'backlog', parent, rank = '' } = op;
        put(id, {
          id, project_id: project, title, type: itemType, status, priority: 'none', assignees: [], labels: [],
          criteria_total: 0, criteria_done: 0, parent, rank, deleted_at: null, created_at: '', updated_at: '',
        });
        break;
      }
      case 'item.patch': {
        const known = items.get(op.id);
        if (known !== undefined) put(op.id, { ...known, ...(op.patch as Partial<Item>) });
        break;
      }
      case 'items.bulk':
        for (const id of op.ids) {
          const known = items.get(id);
          if (known !== undefined) put(id, applied(known, op.set));
        }
        break;
      case 'items.delete':
        for (const id of op.ids) put(id, undefined);
        break;
      case 'item.duplicate':
        for (const [old, fresh] of Object.entries(op.ids)) {
          const known = items.get(old);
          if (known === undefined) continue;
          const parent = known.parent == null ? null : old === op.id ? known.parent : (op.ids[known.parent] ?? known.parent);
          put(fresh, { ...known, id: fresh, parent, rank: old === op.id ? `${known.rank}~` : known.rank, created_at: '', updated_at: '' });
        }
        break;
      case 'items.restore':
        break;
    }
  });
  return () =>
    patchItems(project, (items) => {
      for (const [id, item] of before) {
        if (item === undefined) items.delete(id);
        else items.set(id, item);
      }
    });
}

const refetch = (project: string) =>
  Promise.all([queryClient.invalidateQueries({ queryKey: ['items', project] }), queryClient.invalidateQueries({ queryKey: ['bin', project] })]);

async function send(op: Operation): Promise<void> {
  const { project } = op;
  const received = (item: Item) =>
    patchItems(project, (items) => {
      const known = items.get(item.id);
      if (known === undefined || known.updated_at === '') items.set(item.id, { ...item, parent: item.parent ?? known?.parent ?? null, rank: item.rank || (known?.rank ?? '') });
    });
  switch (op.type) {
    case 'item.create': {
      const { id, title, itemType, status, parent, after } = op;
      const body = { id, title, type: itemType, parent, ...(status === undefined ? {} : { status }), ...(after == null ? {} : { after }) };
      received(await unwrap(client.POST('/projects/{project}/items', { params: { path: { project } }, body })));
      break;
    }
    case 'item.patch':
      await patch(op.id, op.patch);
      break;
    case 'items.bulk':
      await each(op.ids, async (id) => {
        const item = queryClient.getQueryData<ReadonlyMap<string, Item>>(['items', project])?.get(id);
        if (item === undefined) return;
        const { status, type, priority } = op.set;
        const lists = {
          ...(op.set.assignees_add ?? op.set.assignees_remove ? { assignees: item.assignees } : {}),
          ...(op.set.labels_add ?? op.set.labels_remove ? { labels: item.labels } : {}),
        };
        await patch(id, { ...(status && { status }), ...(type && { type }), ...(priority && { priority }), ...lists });
      });
      break;
    case 'items.delete':
      await each(op.ids, async (id) => {
        try {
          await unwrap(client.DELETE('/items/{item}', { params: { path: { item: id } } }));
        } catch (error) {
          // It went with its parent, or somebody else was faster.
          if (!(error instanceof ApiError && error.status === 404)) throw error;
        }
      });
      await queryClient.invalidateQueries({ queryKey: ['bin', project] });
      break;
    case 'items.restore':
      await each(op.ids, (id) => unwrap(client.POST('/items/{item}/restore', { params: { path: { item: id } } })));
      await refetch(project);
      break;
    case 'item.duplicate':
      throw new ApiError(501, 'not_implemented', t.errors.unexpected);
  }
}

const patch = (id: string, body: Schemas['ItemPatch']) => unwrap(client.PATCH('/items/{item}', { params: { path: { item: id } }, body }));

async function each(ids: readonly string[], run: (id: string) => Promise<unknown>): Promise<void> {
  let at = 0;
  const worker = async () => {
    while (at < ids.length) await run(ids[at++] as string);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}
