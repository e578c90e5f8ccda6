/**
 * The copy of a document on this device: its updates as rows of the person's database, merged when there are many.
 *
 * It knows which writes are still pending, so that leaving the page can be warned about, and adds no row for an open without
 * edits. Tabs share the copy: what one of them has stored, of what the server sent to both, the other doesn't store again.
 */
import * as Y from 'yjs';
import { database, request, write, type Db } from '@/local/database';

const MERGE_AT = 200;

export type PersistenceHandlers = {
  /** The number of writes that are not on disk yet has changed. */
  pending: (count: number) => void;
  /** A write failed: the disk is full, or storage is forbidden. */
  failed: (error: unknown) => void;
};

/** What is known of a stored document. */
export interface DocumentRow {
  /** `{id}~{epoch}` */
  document: string;
  /** What the rows hold, without gaps: clock by client. */
  clocks: Record<string, number>;
  /** When it was opened or fetched last, in milliseconds. */
  used: number;
  /** The project that it was fetched for in the background, and its position on the server then. */
  project?: string;
  position?: number;
  size?: number;
  /**
   * It was opened before the server had it; `sent` is the title that a creation may have carried,
   * `type` and `status` are what it carries in any case. See `fresh.ts`.
   */
  fresh?: { sent: string | null; type: string; status: string };
}

export const nameOf = (id: string, epoch: number) => `${id}~${epoch}`;

type Row = { document: string; update: Uint8Array };

/** Where an update comes from that another tab has stored, or is about to. */
export const OTHER_TAB = Symbol('another tab');

/** Whether rows with `clocks` have all that `update` inserts. `null` when it deletes something, which clocks can't tell. */
function covered(update: Uint8Array, clocks: Record<string, number>): boolean {
  // The first copy of a document, which may be large.
  if (update.length > 2 && Object.keys(clocks).length === 0) return false;
  const { structs, ds } = Y.decodeUpdate(update);
  if (ds.clients.size > 0) return false;
  return structs.every((struct) => struct.id.clock + struct.length <= (clocks[struct.id.client] ?? 0));
}

function advance(update: Uint8Array, clocks: Record<string, number>): void {
  const { from, to } = Y.parseUpdateMeta(update);
  for (const [client, end] of to) {
    const known = clocks[client] ?? 0;
    if ((from.get(client) ?? 0) <= known && end > known) clocks[client] = end;
  }
}

/** Adds an update to the copy of a document, inside a transaction over `updates` and `documents`. */
export async function store(
  stores: Stores,
  document: string,
  update: Uint8Array,
  own: boolean,
  extra: Partial<DocumentRow> = {},
): Promise<boolean> {
  const documents = stores('documents');
  const row = (await request<DocumentRow | undefined>(documents.get(document))) ?? { document, clocks: {}, used: 0 };
  const known = !own && covered(update, row.clocks);
  if (!known) {
    stores('updates').add({ document, update });
    advance(update, row.clocks);
  }
  documents.put({ ...row, used: Date.now(), size: (row.size ?? 0) + (known ? 0 : update.length), ...extra });
  return !known;
}

/** All rows of a document as one update; `null` when there is none. */
async function merged(updates: IDBObjectStore, document: string): Promise<{ update: Uint8Array | null; keys: IDBValidKey[]; rows: number }> {
  const index = updates.index('document');
  const keysOf = request<IDBValidKey[]>(index.getAllKeys(document));
  const rows = await request<Row[]>(index.getAll(document));
  const keys = await keysOf;
  return { update: rows.length === 0 ? null : Y.mergeUpdates(rows.map((row) => row.update)), keys, rows: rows.length };
}

/**
 * Applies what is on disk, and tells no `update` listener of that transaction: nobody sends or stores it again, and for the listeners
 * Yjs would encode it anew, which takes longer than reading it. What observers write in return is told as ever.
 */
function applyStored(doc: Y.Doc, update: Uint8Array, origin: unknown): void {
  const observers = (doc as unknown as { _observers?: Map<string, Set<unknown>> })._observers;
  let held: Set<unknown> | undefined;
  const hold = (transaction: Y.Transaction) => {
    if (transaction.origin !== origin) return;
    held = observers?.get('update');
    observers?.delete('update');
  };
  const back = () => {
    if (held !== undefined) observers?.set('update', held);
    held = undefined;
  };
  // In the order in which Yjs ends a transaction: the first comes right before the listeners, the others before the next one or the end.
  doc.on('afterTransactionCleanup', hold);
  doc.on('beforeObserverCalls', back);
  doc.on('afterAllTransactions', back);
  try {
    Y.applyUpdate(doc, update, origin);
  } finally {
    back();
    doc.off('afterTransactionCleanup', hold);
    doc.off('beforeObserverCalls', back);
    doc.off('afterAllTransactions', back);
  }
}

type Stores = (name: 'updates' | 'documents') => IDBObjectStore;

/** Makes one row of all, through a document, so that deleted content goes. */
async function compact(updates: IDBObjectStore, document: string, more?: Uint8Array): Promise<Uint8Array | null> {
  const { update, keys } = await merged(updates, document);
  if (update === null && more === undefined) return null;
  const doc = new Y.Doc();
  for (const one of [update, more]) if (one != null) Y.applyUpdate(doc, one);
  const whole = Y.encodeStateAsUpdate(doc);
  doc.destroy();
  for (const key of keys) updates.delete(key);
  updates.add({ document, update: whole });
  return whole;
}

/** Puts what the server has into the copy of a document, inside a transaction over `updates` and `documents`. */
export async function mergeInto(stores: Stores, document: string, update: Uint8Array, extra: Partial<DocumentRow>): Promise<void> {
  const row = (await request<DocumentRow | undefined>(stores('documents').get(document))) ?? { document, clocks: {}, used: 0 };
  const whole = (await compact(stores('updates'), document, update)) as Uint8Array;
  advance(whole, row.clocks);
  stores('documents').put({ ...row, ...extra, size: whole.length });
}

/** Removes the copy of a document, inside a transaction over `updates` and `documents`. */
export async function removeDocument(stores: Stores, document: string): Promise<void> {
  for (const key of await request<IDBValidKey[]>(stores('updates').index('document').getAllKeys(document))) stores('updates').delete(key);
  stores('documents').delete(document);
}

export class Persistence {
  #db: Db | null = null;
  #queue: { update: Uint8Array; own: boolean }[] = [];
  #writing = 0;
  #rows = 0;
  #closed = false;
  #done: Promise<unknown> = Promise.resolve();
  /** What is known of the document since {@link load}. */
  row: DocumentRow | null = null;

  constructor(
    private readonly user: string,
    readonly name: string,
    readonly doc: Y.Doc,
    private readonly handlers: PersistenceHandlers,
    /** Whether an update of this origin came from the server. */
    private readonly remote: (origin: unknown) => boolean,
  ) {
    doc.on('update', this.#onUpdate);
  }

  /** How many updates are not on disk yet. */
  get pending(): number {
    return this.#queue.length + this.#writing;
  }

  /** Reads the stored copy into the document. Without storage the document works, in memory only. */
  async load(): Promise<void> {
    try {
      const db = await database(this.user);
      const transaction = db.transaction(['updates', 'documents']);
      const row = request<DocumentRow | undefined>(transaction.objectStore('documents').get(this.name));
      const { update, rows } = await merged(transaction.objectStore('updates'), this.name);
      this.row = (await row) ?? null;
      this.#db = db;
      this.#rows = rows;
      if (update !== null && !this.#closed) applyStored(this.doc, update, this);
      this.#flush();
      if (rows >= MERGE_AT) this.#merge();
    } catch (error) {
      this.handlers.failed(error);
    }
  }

  /** Changes what is known of the document. */
  async note(change: Partial<DocumentRow>): Promise<void> {
    if (this.#db === null) return;
    await write(this.#db, ['documents'], async (stores) => {
      const row = (await request<DocumentRow | undefined>(stores('documents').get(this.name))) ?? { document: this.name, clocks: {}, used: Date.now() };
      this.row = { ...row, ...change };
      stores('documents').put(this.row);
    }).catch(this.handlers.failed);
  }

  /** Waits until what is pending is on disk. */
  async settled(): Promise<void> {
    this.#flush();
    await this.#done;
  }

  async close(): Promise<void> {
    this.doc.off('update', this.#onUpdate);
    this.#closed = true;
    await this.settled();
  }

  /** Closes and removes the copy. */
  async clear(): Promise<void> {
    await this.close();
    if (this.#db === null) return;
    await write(this.#db, ['updates', 'documents'], (stores) => removeDocument(stores, this.name)).catch(this.handlers.failed);
  }

  #onUpdate = (update: Uint8Array, origin: unknown) => {
    if (origin === this || origin === OTHER_TAB) return;
    this.#queue.push({ update, own: !this.remote(origin) });
    this.handlers.pending(this.pending);
    if (this.#queue.length === 1) queueMicrotask(() => this.#flush());
  };

  #flush() {
    const db = this.#db;
    if (db === null || this.#queue.length === 0) return;
    const batch = this.#queue;
    this.#queue = [];
    this.#writing += batch.length;
    const updates = batch.map(({ update }) => update);
    const one = updates.length === 1 ? (updates[0] as Uint8Array) : Y.mergeUpdates(updates);
    this.#done = this.#store(db, one, batch.some(({ own }) => own)).finally(() => {
      this.#writing -= batch.length;
      this.handlers.pending(this.pending);
    });
  }

  async #store(db: Db, update: Uint8Array, own: boolean): Promise<void> {
    try {
      const added = await write(db, ['updates', 'documents'], (stores) => store(stores, this.name, update, own));
      if (added) this.#rows += 1;
      if (this.#rows >= MERGE_AT && !this.#closed) this.#merge();
    } catch (error) {
      this.handlers.failed(error);
    }
  }

  /** Replaces all rows by one, in one transaction, so that another tab's rows are never lost. */
  #merge(): void {
    const db = this.#db;
    if (db === null) return;
    this.#rows = 1;
    void write(db, ['updates'], (stores) => compact(stores('updates'), this.name)).catch(this.handlers.failed);
  }
}
