/** Items and people by id, from what this device has in memory. A chip renders again only when its own one changes. */
import { useQuery } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import type { Item, Schemas } from '@/api/client';
import { membersQuery, queryClient } from '@/app/query';
import { useLiveItems } from '@/features/tree/context';

type Items = ReadonlyMap<string, Item>;
export type Member = Schemas['Member'];

/** Every list of items in memory, the project's own first. */
export function itemLists(project: string): Items[] {
  const lists = queryClient.getQueriesData<Items>({ queryKey: ['items'] });
  return lists.sort(([a], [b]) => Number(b[1] === project) - Number(a[1] === project)).flatMap(([, items]) => (items instanceof Map ? [items] : []));
}

export const findItem = (project: string, id: string): Item | undefined => {
  for (const items of itemLists(project)) {
    const item = items.get(id);
    if (item !== undefined) return item;
  }
  return undefined;
};

const listen = (changed: () => void) =>
  queryClient.getQueryCache().subscribe(({ query }) => {
    if (query.queryKey[0] === 'items') changed();
  });

/** The item as the lists have it, with what open documents already say. */
export function useItem(project: string, id: string): Item | undefined {
  const item = useSyncExternalStore(listen, useCallback(() => findItem(project, id), [project, id]));
  const live = useLiveItems((all) => all[id]);
  return item === undefined || live === undefined ? item : { ...item, ...live };
}

export function useMember(org: string, id: string): Member | undefined {
  return useQuery({ ...membersQuery(org), select: (members) => members.find(({ user }) => user.id === id) }).data;
}
