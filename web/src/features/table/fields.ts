import { queryOptions } from '@tanstack/react-query';
import { client, unwrap } from '@/api/client';
import { kept } from '@/app/query';
import type { CustomField } from './model';

/** The fields that a project defines for itself, in order. */
export const fieldsQuery = (project: string) =>
  queryOptions({
    queryKey: ['fields', project],
    queryFn: kept(async (): Promise<CustomField[]> => {
      const { fields } = await unwrap(client.GET('/projects/{project}/fields', { params: { path: { project } } }));
      return [...fields].sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.id < b.id ? -1 : 1));
    }),
  });
