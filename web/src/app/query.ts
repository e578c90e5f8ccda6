import { hashKey, queryOptions, type QueryFunctionContext, type QueryKey } from '@tanstack/react-query';
import { ApiError, client, unwrap, type Item } from '@/api/client';
import type { Items } from '@/collab/overlay';
import { queryClient } from './client';
import { serverItems, shownItems } from './items';

export { queryClient } from './client';

/** Queries that could not be renewed: they are as soon as the server is back. */
const owed = new Set<string>();

/** What can't be fetched now stays as it was: a screen that has something to show goes on showing it. */
export const kept =
  <T, K extends QueryKey>(fetch: (context: QueryFunctionContext<K>) => Promise<T>) =>
  async (context: QueryFunctionContext<K>): Promise<T> => {
    try {
      return await fetch(context);
    } catch (error) {
      const known = queryClient.getQueryData<T>(context.queryKey);
      const passing = error instanceof ApiError && (error.status === 0 || error.status >= 500);
      if (known === undefined || !passing) throw error;
      owed.add(hashKey(context.queryKey));
      return known;
    }
  };

/** Fetches what could not be fetched before. */
export function renewOwed(): void {
  if (owed.size === 0) return;
  const hashes = new Set(owed);
  owed.clear();
  void queryClient.invalidateQueries({ predicate: ({ queryHash }) => hashes.has(queryHash) });
}

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: kept(() => unwrap(client.GET('/me'))),
});

export const projectsQuery = (org: string) =>
  queryOptions({
    queryKey: ['projects', org],
    queryFn: kept(async () => {
      const projects = [];
      let cursor: string | undefined;
      do {
        const page = await unwrap(client.GET('/organizations/{org}/projects', { params: { path: { org }, query: { cursor } } }));
        projects.push(...page.projects);
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined);
      return projects;
    }),
  });

export const projectQuery = (project: string) =>
  queryOptions({
    queryKey: ['project', project],
    queryFn: kept(() => unwrap(client.GET('/projects/{project}', { params: { path: { project } } }))),
  });

/** How many items are asked for at once. */
const PAGE = 5_000;

async function allItems(project: string, deleted: boolean): Promise<Item[]> {
  const items: Item[] = [];
  const read = (cursor: string | undefined, limit: number | undefined) =>
    unwrap(client.GET('/projects/{project}/items', { params: { path: { project }, query: { ...(deleted ? { deleted } : {}), cursor, limit } } }));
  let limit: number | undefined = PAGE;
  let cursor: string | undefined;
  do {
    const page = await read(cursor, limit).catch((error: unknown) => {
      // A node that hasn't been updated yet has smaller pages.
      if (limit === undefined || !(error instanceof ApiError) || error.status !== 400) throw error;
      limit = undefined;
      return read(cursor, limit);
    });
    items.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}

/** `item` as `known` if it says the same, so that whoever looks for changes sees none. */
function unchanged(item: Item, known: Item | undefined): Item {
  if (known === undefined || Object.keys(item).length !== Object.keys(known).length) return item;
  for (const key in item) {
    const [a, b] = [item[key as keyof Item], known[key as keyof Item]];
    if (a === b) continue;
    if (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, index) => one === b[index])) continue;
    if (typeof a !== 'object' || typeof b !== 'object' || JSON.stringify(a) !== JSON.stringify(b)) return item;
  }
  return known;
}

async function livingItems(project: string): Promise<Items> {
  const items = await allItems(project, false);
  const shown = queryClient.getQueryData<Items>(['items', project]);
  const known: Items = shown === undefined ? new Map() : serverItems(shown);
  return shownItems(project, new Map(items.map((item) => [item.id, unchanged(item, known.get(item.id))])));
}

/** The project's living items by id. */
export const itemsQuery = (project: string) =>
  queryOptions({
    queryKey: ['items', project],
    queryFn: kept(() => livingItems(project)),
    structuralSharing: false,
  });

export const binQuery = (project: string) =>
  queryOptions({ queryKey: ['bin', project], queryFn: kept(() => allItems(project, true)), staleTime: 0 });

export const membersQuery = (org: string) =>
  queryOptions({
    queryKey: ['members', org],
    queryFn: kept(async () => (await unwrap(client.GET('/organizations/{org}/members', { params: { path: { org } } }))).members),
  });

export const invitationsQuery = (org: string) =>
  queryOptions({
    queryKey: ['invitations', org],
    queryFn: async () => (await unwrap(client.GET('/organizations/{org}/invitations', { params: { path: { org } } }))).invitations,
  });

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: async () => (await unwrap(client.GET('/me/sessions'))).sessions,
});
