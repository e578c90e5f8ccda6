/**
 * Live changes of everything that is not a document: server-sent events, read through `fetch` so that the request can carry a
 * bearer token. Format: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import { session, SignedOutError } from './session';
import type { Item, Project, Role } from './client';

export type LiveEvent =
  | { type: 'item.changed'; project_id: string; item: Item }
  | { type: 'items.changed'; project_id: string; items: Item[] }
  | { type: 'item.deleted'; project_id: string; ids: string[] }
  | { type: 'item.restored'; project_id: string; ids: string[] }
  | { type: 'fields.changed'; project_id: string }
  | { type: 'import.changed'; project_id: string; id: string }
  | { type: 'project.changed'; project: Project }
  | { type: 'project.deleted'; id: string }
  | { type: 'member.changed'; user_id: string; role: Role | null }
  | { type: 'reset' };

export type Frame = { id: string | undefined; event: string; data: string };

/** Splits a stream of text into events; keeps what is unfinished between calls. */
export class FrameReader {
  #rest = '';

  push(text: string): Frame[] {
    const all = this.#rest + text;
    // A break of two characters may be cut in the middle.
    const held = all.endsWith('\r') ? '\r' : '';
    const blocks = all.slice(0, all.length - held.length).replace(/\r\n?/g, '\n').split('\n\n');
    this.#rest = (blocks.pop() ?? '') + held;
    return blocks.map(parse).filter((frame) => frame !== null);
  }
}

function parse(block: string): Frame | null {
  let id: string | undefined;
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line === '' || line.startsWith(':')) continue;
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id') id = value;
  }
  return data.length === 0 && event === 'message' ? null : { id, event, data: data.join('\n') };
}

type Handlers = {
  event: (event: LiveEvent) => void;
  /** The stream is open. `resumed` is false when events may have been missed before it. */
  open: (resumed: boolean) => void;
};

/** Waits, in milliseconds, before the n-th try in a row: exponential with full jitter. */
function backoff(tries: number): number {
  return 250 + Math.random() * Math.min(20_000, 500 * 2 ** tries);
}

/** Follows an organization's events until the returned function is called. */
export function follow(organization: string, handlers: Handlers): () => void {
  const stop = new AbortController();
  let wake: () => void = () => undefined;
  const onWake = () => wake();
  window.addEventListener('online', onWake);
  document.addEventListener('visibilitychange', onWake);

  void (async () => {
    let last: string | undefined;
    let tries = 0;
    while (!stop.signal.aborted) {
      try {
        const response = await fetch(`/api/v1/events?organization=${encodeURIComponent(organization)}`, {
          signal: stop.signal,
          headers: {
            Accept: 'text/event-stream',
            Authorization: `Bearer ${await session.token()}`,
            ...(last === undefined ? {} : { 'Last-Event-ID': last }),
          },
        });
        if (response.status === 401) await session.refresh();
        else if (response.ok && response.body !== null) {
          handlers.open(last !== undefined);
          tries = 0;
          const frames = new FrameReader();
          const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
          for (;;) {
            const { value, done } = await reader.read();
            if (done) break;
            for (const frame of frames.push(value)) {
              if (frame.id !== undefined) last = frame.id;
              deliver(frame, handlers);
            }
          }
        }
      } catch (error) {
        if (error instanceof SignedOutError) break;
      }
      if (stop.signal.aborted) break;
      const pause = backoff(tries++);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();

  return () => {
    stop.abort();
    window.removeEventListener('online', onWake);
    document.removeEventListener('visibilitychange', onWake);
    wake();
  };
}

function deliver(frame: Frame, handlers: Handlers): void {
  if (frame.event === 'reset') {
    handlers.event({ type: 'reset' });
    return;
  }
  try {
    const data = JSON.parse(frame.data) as LiveEvent;
    handlers.event({ ...data, type: data.type ?? frame.event } as LiveEvent);
  } catch {
    // A frame that is not JSON can't say what changed, so everything may have.
    handlers.event({ type: 'reset' });
  }
}
