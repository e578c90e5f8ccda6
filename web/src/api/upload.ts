/** Bytes that go up, with word of how far they are: that is what `fetch` can't give. */
import { t } from '@/texts';
import { ApiError, problem } from './client';
import { session } from './session';

export interface How {
  /** Gives it up. */
  signal: AbortSignal;
  /** Told how much has been sent: 0 to 1. */
  progress: (share: number) => void;
}

/** How long nothing may move before the server counts as away, in milliseconds. */
const STALL = 60_000;

interface Raw {
  status: number;
  json: boolean;
  text: string;
}

function put(path: string, body: Blob, token: string, { signal, progress }: How): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const moved = () => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), STALL);
    };
    const stop = () => request.abort();
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      moved();
      if (total > 0) progress(loaded / total);
    });
    request.addEventListener('progress', moved);
    request.addEventListener('loadend', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      const { status, responseText: text } = request;
      if (status === 0) reject(new ApiError(0, 'unreachable', t.errors.unreachable));
      else resolve({ status, text, json: /^application\/(problem\+)?json/.test(request.getResponseHeader('content-type') ?? '') });
    });
    signal.addEventListener('abort', stop);
    request.open('PUT', `/api/v1${path}`);
    request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    moved();
    if (signal.aborted) stop();
    else request.send(body);
  });
}

/** Puts `body` under `/api/v1`; throws {@link ApiError} on anything but success. */
export async function upload(path: string, body: Blob, how: How): Promise<void> {
  const away = new ApiError(0, 'unreachable', t.errors.unreachable);
  const token = () =>
    session.token().catch(() => {
      throw away;
    });
  let answer = await put(path, body, await token(), how);
  if (answer.status === 401) {
    await session.refresh().catch(() => undefined);
    answer = await put(path, body, await token(), how);
  }
  // The page of a hotel's network is no answer.
  let value: unknown;
  if (answer.json) {
    try {
      value = JSON.parse(answer.text);
    } catch {
      throw away;
    }
  }
  if (answer.status < 200 || answer.status > 299) throw problem(answer.status, value);
  if (!answer.json) throw away;
}
