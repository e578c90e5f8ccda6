/** What a person does to items in the tree. */
import { toast } from 'sonner';
import type { Item, ItemType, Schemas } from '@/api/client';
import { perform, type Outcome } from '@/collab/operations';
import { t } from '@/texts';

const nextType: Record<ItemType, ItemType> = { epic: 'feature', feature: 'story', story: 'task', task: 'task' };

/** The type that usually stands inside `parent`. */
export const typeInside = (parent: ItemType | null): ItemType => (parent === null ? 'epic' : nextType[parent]);

export const patchItem = (item: Item, patch: Schemas['ItemPatch']): Promise<Outcome> =>
  perform({ type: 'item.patch', project: item.project_id, id: item.id, patch });

export type NewItem = { id: string; title: string; type: ItemType; parent: string | null; after: string | null; rank: string };

export const createItem = (project: string, { id, title, type, parent, after, rank }: NewItem): Promise<Outcome> =>
  perform({ type: 'item.create', project, id, title, itemType: type, parent, ...(after === null ? {} : { after }), rank });

export const restoreItem = (project: string, item: string): Promise<Outcome> => perform({ type: 'items.restore', project, ids: [item] });

/** Deletes an item with all that is inside it (`ids`), and offers to undo. */
export async function deleteItem(item: Item, ids: string[]): Promise<void> {
  const { state } = await perform({ type: 'items.delete', project: item.project_id, ids: [item.id], hidden: ids });
  if (state === 'refused') return;
  toast(t.tree.deleted(item.title || t.common.untitled, ids.length - 1), {
    duration: 10_000,
    action: { label: t.common.undo, onClick: () => void restoreItem(item.project_id, item.id) },
  });
}
