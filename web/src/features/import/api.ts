import { queryOptions, useQuery } from '@tanstack/react-query';
import type { Schemas } from '@/api/client';
import { request, requestJson } from '@/api/request';
import { queryClient } from '@/app/query';

/** What a file can be, once it is known. */
export type Format = Exclude<Schemas['Format'], 'auto'>;
export const FORMATS = ['markdown', 'csv', 'jira_csv', 'jira_xml', 'json'] as const satisfies readonly Format[];

export type Line = Schemas['ReportLine'];
export type Sample = Schemas['ImportSample'];
export type Column = Schemas['ImportColumn'];
export type Import = Omit<Schemas['Import'], 'state'> & { state: 'preview' | 'running' | 'done' | 'failed' | 'undoing' | 'undone' };

/** What a column can be. */
export type Target = Schemas['Target'];
export const TARGETS = [
  'ignore', 'title', 'description', 'type', 'status', 'status_category', 'priority', 'assignees', 'labels', 'estimate', 'start_date', 'due_date', 'criteria', 'id', 'parent', 'level', 'attachment', 'custom',
] as const satisfies readonly Target[];

export const TEXT_FORMS = ['markdown', 'plain', 'wiki', 'html'] as const satisfies readonly Schemas['TextForm'][];

/** How a table is read, beside its columns. In a change, what is absent stays. */
export type Settings = Schemas['ImportSettings'];

/** What the columns are, by their names. In a change, a column that isn't in it stays out. */
export type Mapping = Record<string, Target>;

export type Rereading = Schemas['UpdateImport'];

/** The largest file that the server reads, in bytes. */
export const LIMIT = 50 * 1024 * 1024;

/** How often a running import is asked for, in milliseconds: live events may not come. */
const POLL = 1_000;

const importsQuery = (project: string) =>
  queryOptions({
    queryKey: ['imports', project],
    queryFn: async () => (await requestJson<{ imports: Import[] }>(`/projects/${project}/imports`)).imports,
    staleTime: 0,
  });

export const useImports = (project: string) => useQuery(importsQuery(project));

export function useImport(id: string | undefined) {
  return useQuery({
    queryKey: ['import', id],
    queryFn: () => requestJson<Import>(`/imports/${id}`),
    enabled: id !== undefined,
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.state === 'running' || state.data?.state === 'undoing' ? POLL : false),
  });
}

function keep(made: Import, project: string): Import {
  queryClient.setQueryData(['import', made.id], made);
  void queryClient.invalidateQueries({ queryKey: ['imports', project] });
  return made;
}

export async function upload(project: string, file: File, format: Format | 'auto', parent: string | undefined): Promise<Import> {
  const query = new URLSearchParams({ format, name: file.name, ...(parent === undefined ? {} : { parent }) });
  const response = await request(`/projects/${project}/imports?${query}`, { method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body: file });
  return keep((await response.json()) as Import, project);
}

export const reread = async (project: string, id: string, change: Rereading) => keep(await requestJson<Import>(`/imports/${id}`, { method: 'PATCH', body: change }), project);

export async function run(project: string, id: string): Promise<void> {
  await requestJson<void>(`/imports/${id}/run`, { method: 'POST' });
  await refresh(project, id);
}

/** How many items went to the bin, and which of them somebody had changed since. */
export async function undo(project: string, id: string): Promise<{ deleted: number; changed: string[] }> {
  const { deleted, changed } = await requestJson<Schemas['Undone']>(`/imports/${id}/undo`, { method: 'POST' });
  await refresh(project, id);
  return { deleted, changed };
}

export async function discard(project: string, id: string): Promise<void> {
  await requestJson<void>(`/imports/${id}`, { method: 'DELETE' });
  queryClient.removeQueries({ queryKey: ['import', id] });
  await queryClient.invalidateQueries({ queryKey: ['imports', project] });
}

export const refresh = (project: string, id: string) =>
  Promise.all([queryClient.invalidateQueries({ queryKey: ['import', id] }), queryClient.invalidateQueries({ queryKey: ['imports', project] })]);
