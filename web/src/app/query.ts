import { queryOptions } from '@tanstack/react-query';
import { client, unwrap, type Item } from '@/api/client';
import { shownItems } from './items';

export { queryClient } from './client';

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => unwrap(client.GET('/me')),
});

export const projectsQuery = (org: string) =>
  queryOptions({
    queryKey: ['projects', org],
    queryFn: async () => {
      const projects = [];
      let cursor: string | undefined;
      do {
        const page = await unwrap(client.GET('/organizations/{org}/projects', { params: { path: { org }, query: { cursor } } }));
        projects.push(...page.projects);
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined);
      return projects;
    },
  });

export const projectQuery = (project: string) =>
  queryOptions({
    queryKey: ['project', project],
    queryFn: () => unwrap(client.GET('/projects/{project}', { params: { path: { project } } })),
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
    queryFn: async (): Promise<ReadonlyMap<string, Item>> =>
      shownItems(project, new Map((await allItems(project, false)).map((item) => [item.id, item]))),
    structuralSharing: false,
  });

export const binQuery = (project: string) =>
  queryOptions({ queryKey: ['bin', project], queryFn: () => allItems(project, true), staleTime: 0 });

export const membersQuery = (org: string) =>
  queryOptions({
    queryKey: ['members', org],
    queryFn: async () => (await unwrap(client.GET('/organizations/{org}/members', { params: { path: { org } } }))).members,
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
