/**
 * The copy of a document on this device: its updates in an IndexedDB store, merged when there are many.
 *
 * Unlike y-indexeddb it knows which writes are still pending, so that leaving the page can be warned about, and it adds no row
 * for an open without edits. The layout (store `updates`, auto-increment) is the same.
 */
import * as Y from 'yjs';

const STORE = 'updates';
const MERGE_AT = 200;

export type PersistenceHandlers = {
  /** The number of writes that are not on disk yet has changed. */
  pending: (count: number) => void;
  /** A write failed: the disk is full, or storage is forbidden. */
  failed: (error: unknown) => void;
};

export class Persistence {
  #db: IDBDatabase | null = null;
  #queue: Uint8Array[] = [];
  #writing = 0;
  #rows = 0;
  #closed = false;

  constructor(
    readonly name: string,
    readonly doc: Y.Doc,
    private readonly handlers: PersistenceHandlers,
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
      this.#db = await open(this.name);
      const rows = await request<Uint8Array[]>(this.#db.transaction(STORE).objectStore(STORE).getAll());
      this.#rows = rows.length;
      if (rows.length > 0 && !this.#closed) Y.applyUpdate(this.doc, Y.mergeUpdates(rows), this);
      this.#flush();
      if (rows.length >= MERGE_AT) await this.#merge();
    } catch (error) {
      this.handlers.failed(error);
    }
  }

  /** Waits for the pending writes and closes the database. */
  async close(): Promise<void> {
    this.doc.off('update', this.#onUpdate);
    this.#closed = true;
    this.#flush();
    // A closing connection finishes its transactions first.
    this.#db?.close();
  }

  /** Closes and removes the copy. */
  async clear(): Promise<void> {
    await this.close();
    await remove(this.name);
  }

  #onUpdate = (update: Uint8Array, origin: unknown) => {
    if (origin === this) return;
    this.#queue.push(update);
    this.handlers.pending(this.pending);
    if (this.#queue.length === 1) queueMicrotask(() => this.#flush());
  };

  #flush() {
    if (this.#db === null || this.#queue.length === 0) return;
    const batch = this.#queue;
    this.#queue = [];
    this.#writing += batch.length;
    const settle = () => {
      this.#writing -= batch.length;
      this.handlers.pending(this.pending);
    };
    try {
      const transaction = this.#db.transaction(STORE, 'readwrite', { durability: 'strict' });
      transaction.objectStore(STORE).add(batch.length === 1 ? batch[0] : Y.mergeUpdates(batch));
      transaction.oncomplete = () => {
        settle();
        this.#rows += 1;
        if (this.#rows >= MERGE_AT && !this.#closed) void this.#merge();
      };
      transaction.onabort = () => {
        settle();
        this.handlers.failed(transaction.error);
      };
    } catch (error) {
      settle();
      this.handlers.failed(error);
    }
  }

  /** Replaces all rows by one, in one transaction, so that another tab's rows are never lost. */
  async #merge(): Promise<void> {
    if (this.#db === null) return;
    this.#rows = 1;
    const transaction = this.#db.transaction(STORE, 'readwrite');
    const store = transaction.objectStore(STORE);
    const keys = store.getAllKeys();
    const rows = store.getAll();
    rows.onsuccess = () => {
      const merged = Y.mergeUpdates(rows.result as Uint8Array[]);
      for (const key of keys.result) store.delete(key);
      store.add(merged);
    };
    transaction.onabort = () => this.handlers.failed(transaction.error);
  }
}

function request<T>(of: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    of.onsuccess = () => resolve(of.result as T);
    of.onerror = () => reject(of.error ?? new Error('IndexedDB request failed'));
  });
}

function open(name: string): Promise<IDBDatabase> {
  const opening = indexedDB.open(name);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(STORE, { autoIncrement: true });
    opening.result.createObjectStore('custom');
  };
  return request<IDBDatabase>(opening).then((db) => {
    // Another tab wants to delete this copy, at sign-out: let it.
    db.onversionchange = () => db.close();
    return db;
  });
}

/** Deletes the database `name`. */
export function remove(name: string): Promise<void> {
  return request(indexedDB.deleteDatabase(name));
}

/** Deletes every stored copy of a person's documents on this device. */
export async function clearAll(user: string): Promise<void> {
  const prefix = `canopy:${user}:`;
  const databases = (await indexedDB.databases?.()) ?? [];
  await Promise.all(databases.map((db) => (db.name?.startsWith(prefix) ? remove(db.name) : undefined)));
  for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
}
