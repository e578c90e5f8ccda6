/** What this tab has loaded: found at once, and without the network. */
import type { Item, Project } from '@/api/client';
import { queryClient } from './query';

type Items = ReadonlyMap<string, Item>;

const loaded = () =>
  queryClient.getQueriesData<Items>({ queryKey: ['items'] }).flatMap(([, items]) => (items instanceof Map ? [items as Items] : []));

/** The items of every project that was opened. */
export function* itemsInMemory(): Generator<Item> {
  for (const items of loaded()) yield* items.values();
}

export function itemInMemory(project: string, item: string): Item | undefined {
  return queryClient.getQueryData<Items>(['items', project])?.get(item);
}

/** Titles of what `item` stands in, outermost first. */
export function pathInMemory(item: Item): string[] {
  const items = queryClient.getQueryData<Items>(['items', item.project_id]);
  const path: string[] = [];
  const seen = new Set<string>([item.id]);
  for (let at = item.parent; at != null && !seen.has(at); at = items?.get(at)?.parent) {
    seen.add(at);
    const above = items?.get(at);
    if (above !== undefined) path.unshift(above.title);
  }
  return path;
}

export function projectInMemory(project: string): Project | undefined {
  const one = queryClient.getQueryData<Project>(['project', project]);
  if (one !== undefined) return one;
  for (const [, list] of queryClient.getQueriesData<Project[]>({ queryKey: ['projects'] })) {
    const found = list?.find(({ id }) => id === project);
    if (found !== undefined) return found;
  }
  return undefined;
}
