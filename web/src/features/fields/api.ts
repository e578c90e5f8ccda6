/** The project's own fields: what they are. */
import { queryOptions } from '@tanstack/react-query';
import { client, unwrap, type Schemas } from '@/api/client';
import { queryClient } from '@/app/query';

export type CustomField = Schemas['CustomField'];
export type FieldKind = CustomField['kind'];
export type FieldOption = CustomField['options'][number];

export const KINDS: readonly FieldKind[] = ['text', 'number', 'date', 'select', 'multi_select', 'person', 'checkbox', 'url'];

/** In their order. */
export const fieldsQuery = (project: string) =>
  queryOptions({
    queryKey: ['fields', project],
    queryFn: async () => (await unwrap(client.GET('/projects/{project}/fields', { params: { path: { project } } }))).fields,
  });

const changed = (project: string) => queryClient.invalidateQueries({ queryKey: ['fields', project] });

export async function createField(project: string, body: Schemas['CreateField']): Promise<void> {
  await unwrap(client.POST('/projects/{project}/fields', { params: { path: { project } }, body }));
  await changed(project);
}

export async function changeField(project: string, field: string, body: Schemas['UpdateField']): Promise<void> {
  await unwrap(client.PATCH('/fields/{field}', { params: { path: { field } }, body }));
  await changed(project);
}

export async function deleteField(project: string, field: string): Promise<void> {
  await unwrap(client.DELETE('/fields/{field}', { params: { path: { field } } }));
  await changed(project);
}
