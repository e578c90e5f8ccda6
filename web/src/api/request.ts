/** Requests whose body or answer is not JSON: bytes that go up, files that come down. Everything else goes through `client`. */
import { t } from '@/texts';
import { ApiError, problem } from './client';
import { session } from './session';

/** Sends a request under `/api/v1`; throws {@link ApiError} on anything but success. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await session.fetch(new Request(`/api/v1${path}`, init));
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, 'unreachable', t.errors.unreachable);
  }
  if (response.ok) return response;
  throw problem(response.status, await response.json().catch(() => undefined));
}

const json = { 'Content-Type': 'application/json' };

/** The same for JSON both ways. */
export async function requestJson<T>(path: string, init: Omit<RequestInit, 'body'> & { body?: unknown } = {}): Promise<T> {
  const { body, ...rest } = init;
  const response = await request(path, body === undefined ? rest : { ...rest, headers: json, body: JSON.stringify(body) });
  return (response.status === 204 ? undefined : await response.json()) as T;
}
