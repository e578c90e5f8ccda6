/** The typed API client: one `fetch` that carries the access token, and errors that a person can act on. */
import { t } from '@/texts';
import { createClient } from './fetch';
import { session } from './session';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];
export type User = Schemas['User'];
export type Item = Schemas['Item'];
export type Project = Schemas['Project'];
export type CustomField = Schemas['CustomField'];
export type ItemsChange = Schemas['ItemsChange'];
export type BulkOutcome = Schemas['BulkOutcome'];
export type Role = Schemas['Role'];
export type ItemType = Schemas['ItemType'];
export type Status = Schemas['Status'];
export type Priority = Schemas['Priority'];
export type Organization = Schemas['Organization'];

/** An answer that is not a success. `status` is 0 when no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: Record<string, string> = {},
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** An answer of the server's own. A page in its place comes from a proxy, or a network that wants a sign-in of its own. */
async function answer(request: Request): Promise<Response> {
  const response = await session.fetch(request);
  const type = response.headers.get('content-type') ?? '';
  if (/^text\/html/.test(type)) throw new TypeError('a page came in place of an answer');
  return response;
}

export const client = createClient<paths>('/api/v1', answer);

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The data of an answer; throws {@link ApiError} on anything else. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  let settled: Answer<T>;
  try {
    settled = await answer;
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw new ApiError(0, 'unreachable', t.errors.unreachable);
  }
  if (settled.response.ok) return settled.data as T;
  throw problem(settled.response.status, settled.error);
}

/** The error that a problem document (RFC 9457) describes. */
export function problem(status: number, body: unknown): ApiError {
  const known = (typeof body === 'object' && body !== null ? body : {}) as Partial<Schemas['Problem']>;
  const fields = Object.fromEntries((known.errors ?? []).map((entry) => [entry.field, entry.message]));
  const code = known.code ?? `http_${status}`;
  const text = t.errors.byCode[code] ?? known.detail ?? known.title ?? t.errors.byStatus[status] ?? t.errors.unexpected;
  return new ApiError(status, code, text, fields);
}

/** What to tell a person about `error`. */
export function explain(error: unknown): string {
  return error instanceof ApiError ? error.message : t.errors.unexpected;
}
