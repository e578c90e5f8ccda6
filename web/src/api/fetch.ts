/**
 * The typed client's requests: what `openapi-fetch` does, whose types this has, for the parts of it that our API uses. Its own
 * runtime is three times this, in the first screen's scripts.
 */
import type { Client } from 'openapi-fetch';

type Init = {
  params?: { path?: Record<string, unknown>; query?: Record<string, unknown>; header?: Record<string, unknown> };
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};

const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH'] as const;

function addressOf(base: string, path: string, { path: parts = {}, query = {} }: NonNullable<Init['params']>): string {
  const filled = path.replace(/\{([^}]+)\}/g, (_all, name: string) => encodeURIComponent(String(parts[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value != null) search.append(name, Array.isArray(value) ? value.join() : String(value));
  const asked = search.toString();
  return base + filled + (asked === '' ? '' : `?${asked}`);
}

/** A client whose requests go through `fetch`. An answer without a body has `undefined` for its data. */
export function createClient<Paths extends object>(base: string, fetch: (request: Request) => Promise<Response>): Client<Paths> {
  const call = async (method: string, path: string, { params = {}, body, headers, signal }: Init = {}) => {
    const raw = body instanceof Blob || body instanceof FormData || typeof body === 'string';
    const response = await fetch(
      new Request(addressOf(base, path, params), {
        method,
        headers: {
          ...(body === undefined || raw ? {} : { 'Content-Type': 'application/json' }),
          ...(params.header as Record<string, string> | undefined),
          ...headers,
        },
        ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      }),
    );
    const text = response.status === 204 ? '' : await response.text();
    if (response.ok) return { data: text === '' ? undefined : (JSON.parse(text) as unknown), response };
    let error: unknown = text;
    try {
      error = JSON.parse(text);
    } catch {
      // Not a problem document: whatever came.
    }
    return { error, response };
  };
  return Object.fromEntries(METHODS.map((method) => [method, (path: string, init?: Init) => call(method, path, init)])) as unknown as Client<Paths>;
}
