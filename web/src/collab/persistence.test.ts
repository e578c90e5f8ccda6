import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { closeDatabase, database, deleteAll, readAll, write } from '@/local/database';
import { evict, outdated } from '@/local/copies';
import { mergeInto, OTHER_TAB, Persistence, type DocumentRow } from './persistence';

const REMOTE = Symbol('the server');
let users = 0;
const rows = async (user: string) => (await readAll<{ document: string }>(await database(user), 'updates')).length;

async function open(user: string, name = 'd~0') {
  const doc = new Y.Doc();
  const kept = new Persistence(user, name, doc, { pending: () => undefined, failed: (error) => expect.unreachable(String(error)) }, (origin) => origin === REMOTE);
  await kept.load();
  return { doc, kept, text: doc.getText('t') };
}

/** As the server sends it to a tab. */
const updateOf = (work: (text: Y.Text) => void): Uint8Array => {
  const doc = new Y.Doc();
  work(doc.getText('t'));
  return Y.encodeStateAsUpdate(doc);
};

afterEach(closeDatabase);

describe('the copy of a document', () => {
  it('is read without an update of its own, but what observers write in return is one', async () => {
    const user = `d${(users += 1)}`;
    const first = await open(user);
    first.text.insert(0, 'kept');
    await first.kept.close();
    const doc = new Y.Doc();
    const told: unknown[] = [];
    doc.on('update', (_update: Uint8Array, origin: unknown) => told.push(origin));
    doc.getText('t').observe((_event, { origin }) => {
      if (origin === 'observer') return;
      doc.transact(() => doc.getMap('m').set('seen', true), 'observer');
    });
    const kept = new Persistence(user, 'd~0', doc, { pending: () => undefined, failed: (error) => expect.unreachable(String(error)) }, () => false);
    await kept.load();
    expect(doc.getText('t').toString()).toBe('kept');
    expect(told).toEqual(['observer']);
    await kept.close();
    const again = await open(user);
    expect(again.doc.getMap('m').get('seen')).toBe(true);
    again.doc.on('update', (_update: Uint8Array, origin: unknown) => told.push(origin));
    again.text.insert(0, '!');
    expect(told).toHaveLength(2);
    await again.kept.close();
  });

  it('is there after a closed browser, and an open adds no row', async () => {
    const user = `d${(users += 1)}`;
    const first = await open(user);
    first.text.insert(0, 'kept');
    await first.kept.close();
    await closeDatabase();
    const before = await rows(user);
    const second = await open(user);
    expect(second.text.toString()).toBe('kept');
    await second.kept.close();
    expect(await rows(user)).toBe(before);
  });

  it('has what the server sent to two tabs once, and what each of them wrote', async () => {
    const user = `d${(users += 1)}`;
    const [one, two] = [await open(user), await open(user)];
    const sent = updateOf((text) => text.insert(0, 'from the server'));
    for (const tab of [one, two]) {
      Y.applyUpdate(tab.doc, sent, REMOTE);
      await tab.kept.settled();
    }
    expect(await rows(user)).toBe(1);
    one.doc.once('update', (update: Uint8Array) => Y.applyUpdate(two.doc, update, OTHER_TAB));
    one.text.insert(0, 'one ');
    two.text.insert(0, 'two ');
    await Promise.all([one.kept.close(), two.kept.close()]);
    expect(await rows(user)).toBe(3);
    const three = await open(user);
    expect(three.text.toString()).toBe(two.text.toString());
    await three.kept.close();
  });

  it('merges many rows into one, and loses none of another tab’s', async () => {
    const user = `d${(users += 1)}`;
    const [one, two] = [await open(user), await open(user)];
    for (let n = 0; n < 230; n += 1) {
      (n % 2 === 0 ? one : two).text.insert(0, 'x');
      await (n % 2 === 0 ? one : two).kept.settled();
    }
    await Promise.all([one.kept.close(), two.kept.close()]);
    const three = await open(user);
    expect(three.text.length).toBe(230);
    expect(await rows(user)).toBeLessThan(230);
    await three.kept.close();
  });

  it('takes what was fetched ahead beside what was written here', async () => {
    const user = `d${(users += 1)}`;
    const one = await open(user);
    one.text.insert(0, 'mine');
    await one.kept.close();
    const db = await database(user);
    await write(db, ['updates', 'documents'], (stores) => mergeInto(stores, 'd~0', updateOf((text) => text.insert(0, 'theirs')), { project: 'p', position: 7 }));
    const two = await open(user);
    expect(two.text.toString()).toMatch(/^(minetheirs|theirsmine)$/);
    expect(two.kept.row).toMatchObject({ project: 'p', position: 7 });
    expect(await rows(user)).toBe(1);
    await two.kept.close();
  });

  it('goes with everything else at "forget"', async () => {
    const user = `d${(users += 1)}`;
    const one = await open(user);
    one.text.insert(0, 'secret');
    await one.kept.close();
    await deleteAll(user);
    expect(await rows(user)).toBe(0);
  });

  it('of the first release is taken over from its own database', async () => {
    const user = `d${(users += 1)}`;
    const id = '01a1fe69-1c0a-72ef-be07-c36487610bf6';
    const old = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open(`canopy:${user}:${id}:0`);
      opening.onupgradeneeded = () => opening.result.createObjectStore('updates', { autoIncrement: true });
      opening.onsuccess = () => resolve(opening.result);
    });
    await new Promise<void>((resolve) => {
      const transaction = old.transaction('updates', 'readwrite');
      transaction.objectStore('updates').add(updateOf((text) => text.insert(0, 'old')));
      transaction.oncomplete = () => resolve();
    });
    old.close();
    const now = await open(user, `${id}~0`);
    expect(now.text.toString()).toBe('old');
    await now.kept.close();
    expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain(`canopy:${user}:${id}:0`);
  });
});

describe('copies fetched ahead', () => {
  const row = (document: string, more: Partial<DocumentRow> = {}): DocumentRow => ({ document, clocks: {}, used: 0, ...more });

  it('are asked for when they are missing or behind the list', () => {
    const have = new Map([row('p'), row('a', { position: 3 }), row('b', { position: 5 })].map((one) => [one.document, one]));
    const items = [{ id: 'a', position: 4 }, { id: 'b', position: 5 }, { id: 'c', position: 1 }];
    expect(outdated(items, 'p', have, (id) => id)).toEqual(['a', 'c']);
    expect(outdated([], 'q', have, (id) => id)).toEqual(['q']);
  });

  it('go when their project wasn’t opened lately, and when there are too many; what is unsent stays', async () => {
    const user = `d${(users += 1)}`;
    const db = await database(user);
    const all = [row('a~0', { project: 'p', size: 10, used: 3 }), row('b~0', { project: 'p', size: 10, used: 2 }), row('c~0', { project: 'gone', size: 10 }), row('d~0', { project: 'gone', size: 10 })];
    await write(db, ['documents'], (store) => all.forEach((one) => store('documents').put(one)));
    await evict(db, ['p'], { d: 2 }, 15);
    expect((await readAll<DocumentRow>(db, 'documents')).map(({ document }) => document)).toEqual(['a~0', 'd~0']);
  });
});
