/**
 * The answers of the API that screens start with, kept on this device: what was seen once opens without the network, and at once.
 */
import { hashKey, type Query, type QueryKey } from '@tanstack/react-query';
import { queryClient } from '@/app/client';
import { serverItems, shownItems } from '@/app/items';
import type { Items } from '@/collab/overlay';
import { database, request, write } from './database';
import { changedParts, PART, partsOf, readParts, type Part } from './lists';

/** What is kept, by the first word of the key. Lists of items can be large: they are read when their project opens. */
const KINDS = new Set(['me', 'projects', 'project', 'items', 'bin', 'members', 'fields', 'preferences']);
const LAZY = new Set(['items', 'bin', PART]);

/** How long a change waits for others, in milliseconds, before it is written. */
const REST = 1_000;

interface Row {
  key: string;
  query: QueryKey;
  /** Of a list of items, absent: it is kept in parts. */
  data?: unknown;
  at: number;
}

const kindOf = (query: QueryKey) => String(query[0]);
const isItems = (query: QueryKey) => kindOf(query) === 'items';

let user: string | null = null;
let restored = false;
/** What was looked for on this device. */
const looked = new Set<string>();
let unsubscribe: (() => void) | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
const changed = new Map<string, Query>();
/** The lists of items as they are on this device. */
const written = new Map<string, Items>();
/** Only one writes at a time, so that what is newer is written later. */
let writing: Promise<void> = Promise.resolve();

/** Whether the cache of `who` is being kept already. */
export const isCacheKept = (who: string): boolean => user === who && restored;

/** Starts with what is kept of `who`, and keeps what comes. Resolves when screens can be shown; never rejects. */
export async function keepCache(who: string): Promise<void> {
  if (user === who) return;
  stopCache();
  user = who;
  try {
    const db = await database(who);
    const cache = db.transaction('cache').objectStore('cache');
    // Keys first: the values of the lazy ones are large.
    const keys = (await request<string[]>(cache.getAllKeys())).filter((key) => !LAZY.has(kindOf(JSON.parse(key) as QueryKey)));
    const rows = await Promise.all(keys.map((key) => request<Row>(cache.get(key))));
    rows.forEach(restore);
  } catch {
    // Without storage everything comes from the server.
  }
  restored = true;
  unsubscribe = queryClient.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated' || event.action.type !== 'success' || !KINDS.has(kindOf(event.query.queryKey))) return;
    changed.set(event.query.queryHash, event.query);
    timer ??= setTimeout(() => void flush(), REST);
  });
  document.addEventListener('visibilitychange', onHide);
}

const onHide = () => {
  if (document.visibilityState === 'hidden') void flush();
};

/** Puts kept answers in place, where there are no newer ones. Never rejects; nothing to wait for is `undefined`. */
export function restoreQueries(queries: QueryKey[]): Promise<void> | undefined {
  const missing = queries.filter((query) => queryClient.getQueryData(query) === undefined && !looked.has(hashKey(query)));
  if (user === null || missing.length === 0) return undefined;
  for (const query of missing) looked.add(hashKey(query));
  const who = user;
  return Promise.all(
    missing.map(async (query) => {
      const cache = (await database(who)).transaction('cache').objectStore('cache');
      const row = await request<Row | undefined>(cache.get(hashKey(query)));
      if (row === undefined) return;
      const list = isItems(query) && row.data === undefined ? await readParts(cache, String(query[1])) : null;
      if (who !== user) return;
      if (list !== null) written.set(row.key, list);
      restore(list === null ? row : { ...row, data: list });
    }),
  ).then(
    () => undefined,
    // Without storage everything comes from the server.
    () => undefined,
  );
}

function restore({ query, data, at }: Row): void {
  if (data === undefined || queryClient.getQueryData(query) !== undefined) return;
  // However old: without the network it is all there is. One from a clock that ran ahead would count as fresh until then.
  const updatedAt = at > Date.now() ? 1 : at;
  queryClient.setQueryData(query, isItems(query) ? shownItems(String(query[1]), data as Items) : data, { updatedAt });
}

function flush(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  if (user !== null && changed.size > 0) {
    const who = user;
    writing = writing.then(() => put(who));
  }
  return writing;
}

/** Lets others have the time between; at once when the page may be gone any moment. */
const rest = () => (document.visibilityState === 'hidden' ? Promise.resolve() : new Promise<void>((resolve) => setTimeout(resolve, 4)));

async function put(who: string): Promise<void> {
  const rows: (Row | Part)[] = [];
  const lists = new Map<string, Items>();
  const all = [...changed.values()].filter(({ state }) => state.data !== undefined);
  changed.clear();
  try {
    for (const { queryHash: key, queryKey: query, state } of all) {
      const at = state.dataUpdatedAt;
      if (!isItems(query)) {
        rows.push({ key, query, data: state.data, at });
        continue;
      }
      // What waits is kept by itself, and is shown over what the server says.
      const list = serverItems(state.data as Items);
      rows.push(...(await partsOf(String(query[1]), list, changedParts(list, written.get(key)), rest)), { key, query, at });
      lists.set(key, list);
    }
    const db = await database(who);
    if (who !== user) return;
    await write(db, ['cache'], (store) => {
      for (const row of rows) store('cache').put(row);
    });
    if (who === user) for (const [key, list] of lists) written.set(key, list);
  } catch {
    // The next visit asks the server.
  }
}

export function stopCache(): void {
  user = null;
  restored = false;
  looked.clear();
  written.clear();
  unsubscribe?.();
  unsubscribe = undefined;
  clearTimeout(timer);
  timer = undefined;
  changed.clear();
  document.removeEventListener('visibilitychange', onHide);
}
