/** Changes that aren't edits of a document. */
import { ApiError, problem } from '@/api/client';
import { session } from '@/api/session';
import { t } from '@/texts';

export type Operation = { type: 'file.upload'; project: string; id: string; name: string; blob: Blob };

export type Outcome = { state: 'done' } | { state: 'kept' } | { state: 'refused'; error: ApiError };

export async function perform({ project, id, name, blob }: Operation): Promise<Outcome> {
  try {
    const response = await session.fetch(new Request(`/api/v1/projects/${project}/files/${id}?name=${encodeURIComponent(name)}`, { method: 'PUT', body: blob }));
    if (response.ok) return { state: 'done' };
    return { state: 'refused', error: problem(response.status, await response.json().catch(() => null)) };
  } catch {
    return { state: 'refused', error: new ApiError(0, 'unreachable', t.errors.unreachable) };
  }
}
