/** One operation as requests to the server. Each may be sent again after a lost answer. */
import { ApiError, problem, type Item } from '@/api/client';
import { session } from '@/api/session';
import { upload, type How } from '@/api/upload';
import { t } from '@/texts';
import type { Operation } from './overlay';

/** What the server answered: the rows it gave, and what it refused of a bulk change. */
export interface Answer {
  items: Item[];
  failed: { id: string; code: string; detail: string }[];
}

/** A request to the API whose answer is JSON, or nothing. Anything else, such as the page of a hotel's network, is no answer. */
export async function request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<unknown> {
  const away = () => new ApiError(0, 'unreachable', t.errors.unreachable);
  let response: Response;
  try {
    response = await session.fetch(
      new Request(`/api/v1${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  } catch {
    throw away();
  }
  if (response.status === 204) return null;
  const json = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
  // A body cut short is no answer, either.
  const value: unknown = json
    ? await response.json().catch(() => {
        throw away();
      })
    : null;
  if (!response.ok) throw problem(response.status, value);
  if (!json) throw away();
  return value;
}

export async function send(op: Operation, how: How): Promise<Answer> {
  const items = (...rows: unknown[]): Answer => ({ items: rows as Item[], failed: [] });
  const project = `/projects/${op.project}`;
  switch (op.type) {
    case 'item.create': {
      const { id, title, itemType: type, status, parent, after } = op;
      return items(await request('POST', `${project}/items`, { id, title, type, status, parent, after }));
    }
    case 'item.patch':
      return items(await request('PATCH', `/items/${op.id}`, op.patch));
    case 'items.bulk': {
      const answer = (await request('POST', `${project}/items/bulk`, { ids: op.ids, set: op.set })) as Partial<Answer> | null;
      return { items: [], failed: answer?.failed ?? [] };
    }
    case 'items.delete':
      if (op.ids.length === 1) await request('DELETE', `/items/${op.ids[0]}`);
      else await request('POST', `${project}/items/bulk/delete`, { ids: op.ids });
      return items();
    case 'items.restore':
      if (op.ids.length === 1) await request('POST', `/items/${op.ids[0]}/restore`);
      else await request('POST', `${project}/items/bulk/restore`, { ids: op.ids });
      return items();
    case 'item.duplicate':
      await request('POST', `/items/${op.id}/duplicate`, { ids: op.ids, after: op.after });
      return items();
    case 'file.upload':
      await upload(`${project}/files/${op.id}?name=${encodeURIComponent(op.name)}`, op.blob, how);
      return items();
  }
}
