import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Item } from '@/api/client';
import { queryClient } from '@/app/client';
import { keepCache, restoreQueries, stopCache } from './cache';
import { closeDatabase, database, readAll, write } from './database';
import { changedParts } from './lists';

const item = (n: number, title = `Item ${n}`): Item =>
  ({ id: `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`, title, labels: ['a'], updated_at: '2026-01-01T00:00:00Z' }) as unknown as Item;
const list = (...items: Item[]) => new Map(items.map((one) => [one.id, one]));
const all = (count: number) => list(...Array.from({ length: count }, (_, n) => item(n)));

/** What is in the database, after what waits to be written was. */
async function stored(user: string): Promise<Map<string, unknown>> {
  // As when a person leaves the page.
  document.dispatchEvent(new Event('visibilitychange'));
  Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'hidden' });
  document.dispatchEvent(new Event('visibilitychange'));
  await new Promise((resolve) => setTimeout(resolve, 60));
  Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'visible' });
  return new Map((await readAll<{ key: string }>(await database(user), 'cache')).map((row) => [row.key, row]));
}

afterEach(async () => {
  stopCache();
  queryClient.clear();
  await closeDatabase();
});

describe('a list of items on this device', () => {
  it('is written anew only where it changed', () => {
    const before = all(100);
    expect(changedParts(before, undefined)).toHaveLength(16);
    expect(changedParts(before, before)).toEqual([]);
    expect(changedParts(new Map(before), before)).toEqual([]);
    expect(changedParts(new Map(before).set(item(3).id, item(3, 'New')), before)).toEqual(['3']);
    expect(changedParts(new Map(before).set(item(0x10a).id, item(0x10a)), before)).toEqual(['a']);
    const less = new Map(before);
    less.delete(item(0x1f).id);
    expect(changedParts(less, before)).toEqual(['f']);
    // One came and one went.
    expect(changedParts(new Map(less).set(item(0x201).id, item(0x201)), before)).toEqual(['1', 'f']);
  });

  it('comes back as it was, after changes too', async () => {
    const user = `lists-${Math.random()}`;
    await keepCache(user);
    queryClient.setQueryData(['items', 'p'], all(40));
    const first = await stored(user);
    expect(first.size).toBe(17);
    const next = new Map(all(40)).set(item(5).id, item(5, 'Renamed'));
    next.delete(item(7).id);
    queryClient.setQueryData(['items', 'p'], next);
    await stored(user);

    stopCache();
    queryClient.clear();
    await closeDatabase();
    await keepCache(user);
    await restoreQueries([['items', 'p']]);
    const back = queryClient.getQueryData<ReadonlyMap<string, Item>>(['items', 'p']);
    expect([...(back ?? [])]).toEqual([...next]);
  });

  it('of an earlier version is read, and one with a part missing is not', async () => {
    const user = `lists-${Math.random()}`;
    await write(await database(user), ['cache'], (store) => {
      store('cache').put({ key: '["items","old"]', query: ['items', 'old'], data: all(3), at: Date.now() });
      store('cache').put({ key: '["items","torn"]', query: ['items', 'torn'], at: Date.now() });
      store('cache').put({ key: '["items.part","torn","0"]', text: '[]' });
    });
    await keepCache(user);
    await restoreQueries([['items', 'old'], ['items', 'torn']]);
    expect(queryClient.getQueryData<Map<string, Item>>(['items', 'old'])?.size).toBe(3);
    expect(queryClient.getQueryData(['items', 'torn'])).toBeUndefined();
  });
});
