import type { Item } from '@/api/client';

/** Something deleted, with what went with it. */
export interface Binned {
  item: Item;
  /** How many items came along. */
  inside: number;
  /** Where it stood, if that is known. */
  parent: string | null;
}

/** What was deleted, latest first. What went with a deleted parent comes back with it and isn't listed on its own. */
export function binned(items: readonly Item[]): Binned[] {
  const deleted = new Map(items.map((item) => [item.id, item]));
  const over = (item: Item) => {
    const parent = item.parent == null ? undefined : deleted.get(item.parent);
    return parent !== undefined && parent.deleted_at === item.deleted_at ? parent : undefined;
  };
  const inside = new Map<string, number>();
  const tops: Item[] = [];
  for (const item of items) {
    let top = item;
    // A cycle of parents can't come from the server's tree, but nothing here may hang on that.
    for (let steps = 0, up = over(item); up !== undefined && steps < items.length; steps += 1, up = over(up)) top = up;
    if (top === item) tops.push(item);
    else inside.set(top.id, (inside.get(top.id) ?? 0) + 1);
  }
  return tops
    .sort((a, b) => (b.deleted_at ?? '').localeCompare(a.deleted_at ?? '') || a.id.localeCompare(b.id))
    .map((item) => ({ item, inside: inside.get(item.id) ?? 0, parent: item.parent ?? null }));
}
