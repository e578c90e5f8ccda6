/**
 * What this device keeps of a person: one IndexedDB database, so that what belongs together is written together.
 *
 * - `updates`: the documents, as Yjs updates; many rows per document, merged now and then.
 * - `documents`: what is known of each of them.
 * - `operations`: what waits for the server, in order.
 * - `files`: bytes of files, stored or waiting to be.
 * - `cache`: the answers of the API that screens start with.
 */
export const stores = ['updates', 'documents', 'operations', 'files', 'cache'] as const;
export type StoreName = (typeof stores)[number];

/** What a transaction does; `null` when there is no storage. */
export type Db = IDBDatabase;

const VERSION = 1;
const nameOf = (user: string) => `canopy:${user}`;

let opened: { user: string; db: Promise<Db> } | null = null;

/** The database of `user`. Rejects when the browser stores nothing. */
export function database(user: string): Promise<Db> {
  if (opened?.user === user) return opened.db;
  void closeDatabase();
  const db = open(user);
  opened = { user, db };
  // A failed opening is tried again at the next call.
  db.catch(() => {
    if (opened?.db === db) opened = null;
  });
  return db;
}

export async function closeDatabase(): Promise<void> {
  const now = opened;
  opened = null;
  (await now?.db.catch(() => null))?.close();
}

async function open(user: string): Promise<Db> {
  const opening = indexedDB.open(nameOf(user), VERSION);
  opening.onupgradeneeded = () => {
    const db = opening.result;
    db.createObjectStore('updates', { autoIncrement: true }).createIndex('document', 'document');
    db.createObjectStore('documents', { keyPath: 'document' });
    // Numbers are never used twice, whatever clocks and tabs do.
    db.createObjectStore('operations', { keyPath: 'seq', autoIncrement: true });
    db.createObjectStore('files', { keyPath: 'id' });
    db.createObjectStore('cache', { keyPath: 'key' });
  };
  const db = await request<Db>(opening);
  const forget = () => {
    if (opened?.user === user) opened = null;
  };
  // Another tab wants to delete it, at sign-out: let it.
  db.onversionchange = () => {
    forget();
    db.close();
  };
  db.onclose = forget;
  await adopt(user, db);
  return db;
}

export function request<T>(of: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    of.onsuccess = () => resolve(of.result as T);
    of.onerror = () => reject(of.error ?? new Error('IndexedDB request failed'));
  });
}

/** Runs `work` in one transaction; resolves when it is on disk. `work` may wait for nothing but the transaction's own requests. */
export function write<T>(db: Db, names: StoreName[], work: (store: (name: StoreName) => IDBObjectStore) => Promise<T> | T): Promise<T> {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(names, 'readwrite', { durability: 'strict' });
    let result: T;
    transaction.oncomplete = () => resolve(result);
    transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB transaction aborted'));
    void (async () => {
      try {
        result = await work((name) => transaction.objectStore(name));
      } catch (error) {
        reject(error);
        try {
          transaction.abort();
        } catch {
          // It is over already.
        }
      }
    })();
  });
}

export const read = <T>(db: Db, name: StoreName, key: IDBValidKey): Promise<T | undefined> =>
  request<T | undefined>(db.transaction(name).objectStore(name).get(key));

export const readAll = <T>(db: Db, name: StoreName): Promise<T[]> => request<T[]>(db.transaction(name).objectStore(name).getAll());

/** Takes over the documents of the first release, which had a database each. */
async function adopt(user: string, db: Db): Promise<void> {
  const prefix = `${nameOf(user)}:`;
  const old = (await indexedDB.databases?.().catch(() => [])) ?? [];
  for (const { name } of old) {
    if (name === undefined || !name.startsWith(prefix)) continue;
    const [, document, epoch] = /^([0-9a-f-]{36}):(\d+)$/.exec(name.slice(prefix.length)) ?? [];
    if (document !== undefined) {
      const from = await request<Db>(indexedDB.open(name));
      const rows = from.objectStoreNames.contains('updates')
        ? await request<Uint8Array[]>(from.transaction('updates').objectStore('updates').getAll())
        : [];
      from.close();
      await write(db, ['updates'], (store) => {
        for (const update of rows) store('updates').add({ document: `${document}~${epoch}`, update });
      });
    }
    await request(indexedDB.deleteDatabase(name));
  }
}

/** Deletes all that is stored of `user` on this device. Other tabs close their connections and let it happen. */
export async function deleteAll(user: string): Promise<void> {
  await closeDatabase();
  const prefix = `${nameOf(user)}:`;
  for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
  const deleting = indexedDB.deleteDatabase(nameOf(user));
  await request(deleting);
}
