/**
 * The operations of a person on this device: on disk before anything else, sent in order by one tab, told to all tabs.
 *
 * Two lines, so that a large file doesn't hold up the tree: uploads, and everything else. Each is strictly in order, which is
 * why an operation on an item made offline finds it made.
 */
import { ApiError } from '@/api/client';
import type { How } from '@/api/upload';
import { database, readAll, request, write } from '@/local/database';
import { makes, needs, type Operation } from './overlay';
import { pending, type Claimed, type Waiting } from './pending';
import type { Answer } from './send';

export type Settled =
  | { seq: number; op: Operation; state: 'done'; answer: Answer; claimed?: Claimed }
  | { seq: number; op: Operation; state: 'refused'; code: string; status: number; message: string };

type Message =
  | { type: 'changed' }
  | { type: 'settled'; settled: Settled }
  | { type: 'kept'; seqs: number[] }
  | { type: 'sent'; id: string; share: number | null }
  | { type: 'cancelled'; seq: number; op: Operation };

/** The code of what its own person took back. */
export const CANCELLED = 'cancelled';

export interface QueueDeps {
  user: string;
  send: (op: Operation, how: How) => Promise<Answer>;
  /** How much of a file has been sent; null when it isn't under way any more. */
  sent?: (id: string, share: number | null) => void;
  /** Something was settled, by this tab or another. `here` is whether this tab asked for it. */
  settled: (settled: Settled, here: boolean) => void;
  /** What waits has changed. */
  changed: (projects: ReadonlySet<string>) => void;
  /** Waits, before a creation is sent, until the place that it was given here is on the server. */
  placed: (project: string) => Promise<void>;
  now: () => number;
  /** Runs `work` in one tab at a time, until the signal. */
  exclusively: (work: () => Promise<void>, signal: AbortSignal) => Promise<void>;
  channel: BroadcastChannel | null;
  /** Waits between tries, in milliseconds, by the number of tries in a row. */
  pause: (tries: number) => number;
}

type Resolve = (outcome: Settled | 'kept') => void;
type Line = 'items' | 'files';
const lineOf = (op: Operation): Line => (op.type === 'file.upload' ? 'files' : 'items');

/** Whether trying again may help. */
export const isPassing = (error: unknown): boolean =>
  !(error instanceof ApiError) || error.status === 0 || error.status === 401 || error.status === 408 || error.status === 429 || error.status >= 500;

/** What `op` says of an item's own row, as a creation can carry it; null when it says more. */
function asCreation(op: Operation & { type: 'item.patch' }): Partial<Operation & { type: 'item.create' }> | null {
  const { title, status, type, ...rest } = op.patch;
  if (Object.keys(rest).length > 0) return null;
  return { ...(title == null ? {} : { title }), ...(status == null ? {} : { status }), ...(type == null ? {} : { itemType: type }) };
}

/** Puts `op` into an operation that waits, when the two together are the same as one. */
export function coalesce(waiting: readonly Waiting[], op: Operation): Waiting | null {
  if (op.type !== 'item.patch') return null;
  const last = waiting.findLast((one) => makes(one.op).includes(op.id) || needs(one.op).includes(op.id));
  if (last === undefined || last.sending === true) return null;
  if (last.op.type === 'item.patch') return { ...last, op: { ...last.op, patch: { ...last.op.patch, ...op.patch } } };
  const more = asCreation(op);
  // A creation that was sent before is done as it was sent: the server takes its first form.
  if (last.op.type !== 'item.create' || last.op.id !== op.id || last.tries > 0 || last.claimed !== undefined || more === null) return null;
  return { ...last, op: { ...last.op, ...more } };
}

/** What isn't on disk yet comes after what is. */
const UNSTORED = 2 ** 50;

export class Queue {
  #deps: QueueDeps;
  #stored: Waiting[] = [];
  /** Shown already, and not on disk yet; for good, when there is no disk. */
  #unstored: Waiting[] = [];
  #last = UNSTORED;
  #resolvers = new Map<number, Resolve[]>();
  #mine = new Set<number>();
  /** What this tab sends now, by its number. */
  #sending = new Map<number, AbortController>();
  #stop = new AbortController();
  #wakes = new Set<() => void>();
  #writing: Promise<unknown> = Promise.resolve();
  /** Writes under way: leaving now would lose them. */
  unwritten = 0;
  /** This browser stores nothing. */
  unkept = false;
  readonly ready: Promise<void>;

  constructor(deps: QueueDeps) {
    this.#deps = deps;
    deps.channel?.addEventListener('message', this.#hear);
    this.ready = this.#reload();
    void this.ready.then(() => deps.exclusively(() => this.#lead(), this.#stop.signal)).catch(() => undefined);
  }

  /** Shows `op`, stores it, and gives what became of it. */
  add(op: Operation): Promise<Settled | 'kept'> {
    const fresh: Waiting = { seq: (this.#last += 1), op, tries: 0 };
    this.#unstored.push(fresh);
    this.#publish();
    return new Promise((resolve) => {
      this.unwritten += 1;
      this.#writing = this.#writing.then(async () => {
        const seq = await this.#store(fresh);
        this.unwritten -= 1;
        this.#mine.add(seq);
        const others = this.#resolvers.get(seq);
        this.#resolvers.set(seq, [...(others ?? []), resolve]);
        this.#tell({ type: 'changed' });
        this.wake();
        if (typeof navigator !== 'undefined' && navigator.onLine === false) this.#kept([seq]);
      });
    });
  }

  /** Tries at once, because something says that the server may be back. */
  wake = (): void => {
    for (const wake of [...this.#wakes]) wake();
  };

  /** Changes one operation in a transaction with other stores; gives what `work` gives. */
  async change<T>(seq: number, stores: ('updates' | 'documents')[], work: (waiting: Waiting | undefined, store: (name: 'updates' | 'documents') => IDBObjectStore) => Promise<{ next: Waiting | undefined; result: T }>): Promise<T> {
    await this.#writing;
    const db = await database(this.#deps.user);
    const result = await write(db, ['operations', ...stores], async (store) => {
      const known = await request<Waiting | undefined>(store('operations').get(seq));
      const { next, result: given } = await work(known, store);
      if (next !== undefined) store('operations').put(next);
      return given;
    });
    await this.#reload();
    this.#tell({ type: 'changed' });
    return result;
  }

  /** Takes back an upload that the server doesn't have yet. */
  async cancel(id: string): Promise<void> {
    await this.#writing;
    const taken = pending.getState().find(({ op }) => op.type === 'file.upload' && op.id === id);
    if (taken === undefined) return;
    const { seq } = taken;
    this.#unstored = this.#unstored.filter((one) => one.seq !== seq);
    await this.#mark((one) => (one.seq === seq ? null : one));
    this.#publish();
    const op = { ...taken.op, blob: new Blob() } as Operation;
    this.#tell({ type: 'cancelled', seq, op });
    this.#cancelled(seq, op);
  }

  #cancelled(seq: number, op: Operation): void {
    this.#sending.get(seq)?.abort();
    // Whatever waits behind it needn't wait for its next try.
    this.wake();
    this.#mine.delete(seq);
    for (const resolve of this.#resolvers.get(seq) ?? []) resolve({ seq, op, state: 'refused', code: CANCELLED, status: 0, message: '' });
    this.#resolvers.delete(seq);
  }

  stop(): void {
    this.#stop.abort();
    for (const one of this.#sending.values()) one.abort();
    this.wake();
    this.#deps.channel?.removeEventListener('message', this.#hear);
    this.#deps.channel?.close();
    this.#stored = [];
    this.#unstored = [];
    this.#publish();
  }

  /** Waits until everything asked for so far is on disk. */
  settled = (): Promise<unknown> => this.#writing;

  async #store(fresh: Waiting): Promise<number> {
    let seq = fresh.seq;
    try {
      const db = await database(this.#deps.user);
      await write(db, ['operations'], async (store) => {
        const operations = store('operations');
        const joined = coalesce(await request<Waiting[]>(operations.getAll()), fresh.op);
        if (joined !== null) {
          seq = joined.seq;
          operations.put(joined);
          return;
        }
        const { seq: _unstored, ...row } = fresh;
        seq = await request<number>(operations.add(row));
      });
      this.#unstored = this.#unstored.filter((one) => one !== fresh);
      await this.#reload();
    } catch {
      // In memory only: it is sent from this tab, and the state says that closing it would lose it.
      this.unkept = true;
      this.#publish();
    }
    return seq;
  }

  async #reload(): Promise<void> {
    try {
      const db = await database(this.#deps.user);
      this.#stored = await readAll<Waiting>(db, 'operations');
    } catch {
      this.unkept = true;
    }
    if (!this.#stop.signal.aborted) this.#publish();
  }

  #publish(): void {
    const before = pending.getState();
    const now = [...this.#stored, ...this.#unstored].sort((a, b) => a.seq - b.seq);
    if (before.length === 0 && now.length === 0) return;
    pending.setState(now, true);
    this.#deps.changed(new Set([...before, ...now].map(({ op }) => op.project)));
  }

  #tell(message: Message): void {
    if (!this.#stop.signal.aborted) this.#deps.channel?.postMessage(message);
  }

  #hear = (event: MessageEvent<Message>) => {
    const { data } = event;
    if (data.type === 'changed') void this.#reload().then(this.wake);
    else if (data.type === 'kept') this.#resolveKept(data.seqs);
    else if (data.type === 'sent') this.#deps.sent?.(data.id, data.share);
    else if (data.type === 'cancelled') void this.#reload().then(() => this.#cancelled(data.seq, data.op));
    else void this.#reload().then(() => this.#settle(data.settled));
  };

  #kept(seqs: number[]): void {
    this.#resolveKept(seqs);
    this.#tell({ type: 'kept', seqs });
  }

  #resolveKept(seqs: number[]): void {
    for (const seq of seqs) {
      for (const resolve of this.#resolvers.get(seq) ?? []) resolve('kept');
      this.#resolvers.delete(seq);
    }
  }

  #settle(settled: Settled): void {
    const here = this.#mine.delete(settled.seq);
    this.#deps.settled(settled, here);
    for (const resolve of this.#resolvers.get(settled.seq) ?? []) resolve(settled);
    this.#resolvers.delete(settled.seq);
  }

  async #lead(): Promise<void> {
    await this.#mark((one) => (one.sending ? { ...one, sending: false } : one));
    await this.#reload();
    await Promise.all([this.#drain('items'), this.#drain('files')]);
  }

  async #drain(line: Line): Promise<void> {
    let failures = 0;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#writing;
      const next = pending.getState().find(({ op }) => lineOf(op) === line);
      if (next === undefined) {
        await this.#sleep(null);
        continue;
      }
      if (next.op.type === 'item.create' || next.op.type === 'item.duplicate') await this.#deps.placed(next.op.project);
      // As it is on disk now: more may have been put into it.
      const taken = (await this.#mark((one) => (one.seq === next.seq ? { ...one, sending: true } : one))).find((one) => one.seq === next.seq) ?? (this.unkept ? next : undefined);
      if (taken === undefined || signal.aborted) continue;
      const sending = new AbortController();
      this.#sending.set(taken.seq, sending);
      try {
        const answer = await this.#deps.send(taken.op, { signal: sending.signal, progress: (share) => this.#sent(taken.op, share) });
        failures = 0;
        const { claimed } = pending.getState().find(({ seq }) => seq === taken.seq) ?? taken;
        await this.#finish({ seq: taken.seq, op: taken.op, state: 'done', answer, claimed }, [taken.seq]);
      } catch (error) {
        if (signal.aborted) return;
        if (sending.signal.aborted) continue;
        if (isPassing(error)) {
          // Not under way while it waits for the next try.
          this.#sent(taken.op, null);
          await this.#mark((one) => (one.seq === taken.seq ? { ...one, sending: false, tries: one.tries + 1 } : one));
          this.#kept(pending.getState().filter(({ op }) => lineOf(op) === line).map(({ seq }) => seq));
          await this.#sleep(this.#deps.pause(failures++));
          continue;
        }
        const { status, code, message } = error as ApiError;
        // Deleting what is gone is done.
        if (status === 404 && taken.op.type === 'items.delete') await this.#finish({ seq: taken.seq, op: taken.op, state: 'done', answer: { items: [], failed: [] } }, [taken.seq]);
        else await this.#finish({ seq: taken.seq, op: taken.op, state: 'refused', status, code, message }, this.#dependents(taken));
      } finally {
        this.#sending.delete(taken.seq);
        this.#sent(taken.op, null);
      }
    }
  }

  #sent(op: Operation, share: number | null): void {
    if (op.type !== 'file.upload') return;
    this.#deps.sent?.(op.id, share);
    this.#tell({ type: 'sent', id: op.id, share });
  }

  /** A refused operation, with all that can't be done without what it would have made. */
  #dependents(refused: Waiting): number[] {
    const gone = new Set(makes(refused.op));
    const seqs = [refused.seq];
    for (const { seq, op } of pending.getState()) {
      if (seq <= refused.seq || !needs(op).some((id) => gone.has(id))) continue;
      // Of a bulk change the rest still counts; the server says what it could not do.
      if ('ids' in op && Array.isArray(op.ids) && op.ids.length > 1) continue;
      seqs.push(seq);
      for (const id of makes(op)) gone.add(id);
    }
    return seqs;
  }

  async #finish(settled: Settled, seqs: number[]): Promise<void> {
    this.#unstored = this.#unstored.filter(({ seq }) => !seqs.includes(seq));
    await this.#mark((one) => (seqs.includes(one.seq) ? null : one), settled.op.type === 'file.upload' && settled.state === 'done' ? settled.op : undefined);
    this.#tell({ type: 'settled', settled: settled.op.type === 'file.upload' ? { ...settled, op: { ...settled.op, blob: new Blob() } } : settled });
    // What was asked for stays shown until what the server answered is: no frame in between shows neither.
    this.#stored = this.#stored.filter(({ seq }) => !seqs.includes(seq));
    pending.setState(pending.getState().filter(({ seq }) => !seqs.includes(seq)), true);
    this.#settle(settled);
    this.#resolveKept(seqs);
    this.#deps.changed(new Set([settled.op.project]));
  }

  /** Rewrites what waits, on disk and in memory; `null` removes. Gives what is left. */
  async #mark(change: (waiting: Waiting) => Waiting | null, stored?: Extract<Operation, { type: 'file.upload' }>): Promise<Waiting[]> {
    const all: Waiting[] = [];
    try {
      const db = await database(this.#deps.user);
      await write(db, stored === undefined ? ['operations'] : ['operations', 'files'], async (store) => {
        const operations = store('operations');
        for (const one of await request<Waiting[]>(operations.getAll())) {
          const next = change(one);
          if (next === null) operations.delete(one.seq);
          else if (next !== one) operations.put(next);
          if (next !== null) all.push(next);
        }
        // The bytes are here already: they needn't come back from the server to be shown.
        if (stored !== undefined) store('files').put({ id: stored.id, blob: stored.blob, meta: null, used: this.#deps.now() });
      });
      this.#stored = all;
    } catch {
      this.unkept = true;
    }
    return all;
  }

  #sleep(time: number | null): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#wakes.delete(end);
        resolve();
      };
      const timer = time === null ? undefined : setTimeout(end, time);
      this.#wakes.add(end);
      if (this.#stop.signal.aborted) end();
    });
  }
}
