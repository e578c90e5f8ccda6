/** What a person does to items through the API, shown at once. */
import { toast } from 'sonner';
import { ApiError, client, explain, unwrap, type Item, type ItemType, type Schemas } from '@/api/client';
import { patchItems } from '@/app/live';
import { queryClient } from '@/app/query';
import { t } from '@/texts';

const nextType: Record<ItemType, ItemType> = { epic: 'feature', feature: 'story', story: 'task', task: 'task' };

/** The type that usually stands inside `parent`. */
export const typeInside = (parent: ItemType | null): ItemType => (parent === null ? 'epic' : nextType[parent]);

export async function patchItem(item: Item, patch: Schemas['ItemPatch'], failed: string): Promise<void> {
  // A list shows what was asked for at once. `null` stands for "no change" only where an item's own field has no null.
  const asked = patch as Partial<Item>;
  patchItems(item.project_id, (items) => {
    const known = items.get(item.id);
    if (known !== undefined) items.set(item.id, { ...known, ...asked });
  });
  try {
    const saved = await unwrap(client.PATCH('/items/{item}', { params: { path: { item: item.id } }, body: patch }));
    // The list is projected from the document a moment later; what was asked for holds until its event comes.
    patchItems(item.project_id, (items) => items.set(item.id, { ...saved, ...asked }));
  } catch (error) {
    patchItems(item.project_id, (items) => {
      if (items.has(item.id)) items.set(item.id, item);
    });
    toast.error(failed, { description: explain(error) });
  }
}

export type NewItem = { id: string; title: string; type: ItemType; parent: string | null; after: string | null; rank: string };

/** Creations go to the server one after the other: each stands beside or inside one that was typed just before. */
let creating: Promise<unknown> = Promise.resolve();

export async function createItem(project: string, fresh: NewItem): Promise<void> {
  const { id, title, type, parent, after, rank } = fresh;
  const shown: Item = {
    id,
    project_id: project,
    title,
    type,
    status: 'backlog',
    priority: 'none',
    assignees: [],
    labels: [],
    criteria_total: 0,
    criteria_done: 0,
    custom: {},
    position: 0,
    parent,
    rank,
    deleted_at: null,
    created_at: '',
    updated_at: '',
  };
  patchItems(project, (items) => items.set(id, shown));
  try {
    const turn = creating.then(() =>
      unwrap(
        client.POST('/projects/{project}/items', {
          params: { path: { project } },
          body: { id, title, type, parent, ...(after === null ? {} : { after }) },
        }),
      ),
    );
    creating = turn.catch(() => undefined);
    const made = await turn;
    patchItems(project, (items) => {
      const known = items.get(id);
      if (known === undefined || known.updated_at === '') items.set(id, { ...made, parent: made.parent ?? parent, rank: made.rank || rank });
    });
  } catch (error) {
    // An answer that got lost may have created it: the id is ours, so a second try can't make two.
    const again = error instanceof ApiError && (error.status === 0 || error.status >= 500);
    patchItems(project, (items) => items.delete(id));
    toast.error(t.tree.createFailed(title), {
      description: explain(error),
      duration: again ? 60_000 : 8_000,
      ...(again ? { action: { label: t.common.retry, onClick: () => void createItem(project, fresh) } } : {}),
    });
  }
}

export async function restoreItem(project: string, item: string): Promise<void> {
  await unwrap(client.POST('/items/{item}/restore', { params: { path: { item } } }));
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['items', project] }),
    queryClient.invalidateQueries({ queryKey: ['bin', project] }),
  ]);
}

/** Deletes an item with all that is inside it (`ids`), and offers to undo. */
export async function deleteItem(item: Item, ids: string[]): Promise<void> {
  patchItems(item.project_id, (items) => {
    for (const id of ids) items.delete(id);
  });
  try {
    await unwrap(client.DELETE('/items/{item}', { params: { path: { item: item.id } } }));
    void queryClient.invalidateQueries({ queryKey: ['bin', item.project_id] });
    toast(t.tree.deleted(item.title || t.common.untitled, ids.length - 1), {
      duration: 10_000,
      action: {
        label: t.common.undo,
        onClick: () => {
          restoreItem(item.project_id, item.id).catch((error: unknown) => toast.error(explain(error)));
        },
      },
    });
  } catch (error) {
    void queryClient.invalidateQueries({ queryKey: ['items', item.project_id] });
    toast.error(t.tree.deleteFailed, { description: explain(error) });
  }
}
