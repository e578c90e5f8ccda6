/** Items and people by id: from memory where they are there, else from the server. A chip renders again only when its own one changes. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import { ApiError, client, unwrap, type Item, type Schemas } from '@/api/client';
import { itemsQuery, membersQuery, queryClient } from '@/app/query';
import { useLiveItems } from '@/features/tree/context';

type Items = ReadonlyMap<string, Item>;
export type Member = Schemas['Member'];

/** Every list of items in memory, the project's own first. */
export function itemLists(project: string): Items[] {
  const lists = queryClient.getQueriesData<Items>({ queryKey: ['items'] });
  return lists.sort(([a], [b]) => Number(b[1] === project) - Number(a[1] === project)).flatMap(([, items]) => (items instanceof Map ? [items] : []));
}

/** One item, with the start of its text; null: there is none that the person may see. */
export const itemQuery = (id: string) =>
  queryOptions({
    queryKey: ['item', id],
    queryFn: async (): Promise<Item | null> => {
      try {
        return await unwrap(client.GET('/items/{item}', { params: { path: { item: id } } }));
      } catch (error) {
        if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 401 && error.status !== 429) return null;
        throw error;
      }
    },
    retry: false,
    staleTime: 60_000,
  });

const inLists = (project: string, id: string): Item | undefined => {
  for (const items of itemLists(project)) {
    const item = items.get(id);
    if (item !== undefined) return item;
  }
  return undefined;
};

export const findItem = (project: string, id: string): Item | undefined => inLists(project, id) ?? queryClient.getQueryData(itemQuery(id).queryKey) ?? undefined;

const listen = (changed: () => void) =>
  queryClient.getQueryCache().subscribe(({ query }) => {
    if (query.queryKey[0] === 'items') changed();
  });

/**
 * The item as the lists have it, with what open documents already say; one that isn't in them, as the server has it. Null: the
 * person may not see it, or it never was. Undefined: not known yet, or the server is away.
 */
export function useItem(project: string, id: string): Item | null | undefined {
  const listed = useSyncExternalStore(listen, useCallback(() => inLists(project, id), [project, id]));
  const complete = useSyncExternalStore(listen, useCallback(() => queryClient.getQueryData(itemsQuery(project).queryKey) !== undefined, [project]));
  const asked = useQuery({ ...itemQuery(id), enabled: listed === undefined && complete && id !== '' });
  const live = useLiveItems((all) => all[id]);
  const item = listed ?? asked.data;
  return item == null || live === undefined ? item : { ...item, ...live };
}

export function useMember(org: string, id: string): Member | undefined {
  return useQuery({ ...membersQuery(org), select: (members) => members.find(({ user }) => user.id === id) }).data;
}
