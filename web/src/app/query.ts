import { hashKey, queryOptions, type QueryFunctionContext, type QueryKey } from '@tanstack/react-query';
import { ApiError, client, unwrap, type Item } from '@/api/client';
import { queryClient } from './client';
import { shownItems } from './items';

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

async function allItems(project: string, deleted: boolean): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await unwrap(
      client.GET('/projects/{project}/items', { params: { path: { project }, query: deleted ? { deleted, cursor } : { cursor } } }),
    );
    items.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}

/** The project's living items by id. */
export const itemsQuery = (project: string) =>
  queryOptions({
    queryKey: ['items', project],
    queryFn: kept(
      async (): Promise<ReadonlyMap<string, Item>> => shownItems(project, new Map((await allItems(project, false)).map((item) => [item.id, item]))),
    ),
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
