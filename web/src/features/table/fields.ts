import { queryOptions } from '@tanstack/react-query';
import { session } from '@/api/session';
import type { CustomField } from './model';

/** The fields that a project defines for itself. A server that has none of them answers 404. */
export const fieldsQuery = (project: string) =>
  queryOptions({
    queryKey: ['fields', project],
    staleTime: 60_000,
    retry: false,
    queryFn: async (): Promise<CustomField[]> => {
      const answer = await session.fetch(new Request(`/api/v1/projects/${project}/fields`));
      if (!answer.ok) return [];
      const { fields } = (await answer.json()) as { fields?: CustomField[] };
      return [...(fields ?? [])].sort((a, b) => (a.rank < b.rank ? -1 : 1));
    },
  });
