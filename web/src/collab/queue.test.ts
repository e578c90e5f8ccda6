import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiError, type Item } from '@/api/client';
import { closeDatabase, database, readAll } from '@/local/database';
import { apply, makes, type Operation } from './overlay';
import { pending, type Waiting } from './pending';
import { coalesce, Queue, type Settled } from './queue';
import type { Answer } from './send';

const PROJECT = 'p';
let users = 0;

/** Random numbers by a seed (mulberry32). */
function random(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A server that does each creation once, loses answers, is away, and refuses what it must. */
class Server {
  items = new Map<string, Item>();
  log: string[] = [];
  away = false;
  /** Of what comes: done, then the answer is lost. */
  lose: () => boolean = () => false;

  send = async (op: Operation): Promise<Answer> => {
    await Promise.resolve();
    if (this.away) throw new ApiError(0, 'unreachable', 'away');
    const lost = this.lose();
    const answer = this.#do(structuredClone(op));
    if (lost) throw new ApiError(0, 'unreachable', 'lost');
    return answer;
  };

  #do(op: Operation): Answer {
    this.log.push(op.type);
    const missing = (id: string) => !this.items.has(id);
    const refuse = (status: number, code: string): never => {
      throw new ApiError(status, code, code);
    };
    if (op.type === 'item.create') {
      if (op.id.endsWith('no')) refuse(422, 'invalid');
      if (op.parent !== null && missing(op.parent)) refuse(422, 'no-parent');
      if (missing(op.id)) apply(this.items, op);
      return { items: [{ ...(this.items.get(op.id) as Item), updated_at: '2026-01-01T00:00:00Z' }], failed: [] };
    }
    if (op.type === 'item.patch') {
      if (missing(op.id)) refuse(404, 'not-found');
    }
    if (op.type === 'items.delete' && op.ids.every(missing)) refuse(404, 'not-found');
    apply(this.items, op);
    const row = op.type === 'item.patch' ? this.items.get(op.id) : undefined;
    return { items: row === undefined ? [] : [row], failed: [] };
  }
}

/** What a person's tab shows: what the server said last, and what waits over it. */
class Tab {
  said = new Map<string, Item>();
  refusals: Settled[] = [];
  queue: Queue;

  constructor(
    user: string,
    readonly server: Server,
    /** One at a time over all tabs, as the browser's locks are. */
    lock: { line: Promise<unknown> },
  ) {
    this.queue = new Queue({
      user,
      send: server.send,
      settled: (settled) => {
        if (settled.state === 'refused') this.refusals.push(settled);
        else {
          for (const row of settled.answer.items) this.said.set(row.id, row);
          if (settled.op.type !== 'item.create') apply(this.said, settled.op);
        }
      },
      changed: () => undefined,
      placed: async () => undefined,
      now: () => Date.now(),
      exclusively: (work) => {
        const turn = lock.line.then(work);
        lock.line = turn.catch(() => undefined);
        return turn;
      },
      channel: new BroadcastChannel(`canopy:${user}:operations`),
      pause: () => 1,
    });
  }

  shown(): Map<string, Item> {
    const items = new Map(this.said);
    for (const { op } of pending.getState()) apply(items, op);
    return items;
  }
}

const plain = (items: Map<string, Item>) =>
  [...items.values()].map(({ id, title, status, parent }) => ({ id, title, status, parent })).sort((a, b) => a.id.localeCompare(b.id));

async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 4_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error('did not come true');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const create = (id: string, title = id, parent: string | null = null): Operation => ({ type: 'item.create', project: PROJECT, id, title, itemType: 'task', parent });
const patch = (id: string, change: Record<string, unknown>): Operation => ({ type: 'item.patch', project: PROJECT, id, patch: change });

const stored = async (user: string) => readAll<Waiting>(await database(user), 'operations');
const tabs: Tab[] = [];

function open(server: Server, user: string, lock = { line: Promise.resolve() as Promise<unknown> }): Tab {
  const tab = new Tab(user, server, lock);
  tabs.push(tab);
  return tab;
}

afterEach(async () => {
  for (const tab of tabs.splice(0)) tab.queue.stop();
  pending.setState([], true);
  await closeDatabase();
});

describe('the queue', () => {
  it('shows at once, sends in order, and says what became of it', async () => {
    const server = new Server();
    const tab = open(server, `u${(users += 1)}`);
    const made = tab.queue.add(create('a'));
    expect(plain(tab.shown()).map(({ id }) => id)).toEqual(['a']);
    const renamed = tab.queue.add(patch('a', { title: 'b' }));
    expect(await made).toMatchObject({ state: 'done' });
    expect(await renamed).toMatchObject({ state: 'done' });
    expect(server.items.get('a')?.title).toBe('b');
    expect(pending.getState()).toEqual([]);
  });

  it('keeps what can’t be sent, through a closed browser, and sends it when the server is back', async () => {
    const user = `u${(users += 1)}`;
    const server = new Server();
    server.away = true;
    const before = open(server, user);
    expect(await before.queue.add(create('a'))).toBe('kept');
    expect(await before.queue.add(create('b', 'b', 'a'))).toBe('kept');
    before.queue.stop();
    await closeDatabase();
    server.away = false;
    const after = open(server, user);
    await after.queue.ready;
    expect(plain(after.shown()).map(({ id }) => id)).toEqual(['a', 'b']);
    await until(() => pending.getState().length === 0);
    expect(plain(server.items).map(({ id, parent }) => [id, parent])).toEqual([['a', null], ['b', 'a']]);
    expect(await stored(user)).toEqual([]);
  });

  it('makes one item of a creation whose answer was lost', async () => {
    const server = new Server();
    let lost = 2;
    server.lose = () => (lost -= 1) >= 0;
    const tab = open(server, `u${(users += 1)}`);
    await tab.queue.add(create('a'));
    await until(() => pending.getState().length === 0);
    expect(server.log).toEqual(['item.create', 'item.create', 'item.create']);
    expect(server.items.size).toBe(1);
  });

  it('undoes what is refused, with all that needs it, and goes on with the rest', async () => {
    const server = new Server();
    server.away = true;
    const tab = open(server, `u${(users += 1)}`);
    await tab.queue.add(create('a-no'));
    await tab.queue.add(create('b', 'b', 'a-no'));
    await tab.queue.add(patch('b', { status: 'done' }));
    await tab.queue.add(create('c'));
    server.away = false;
    tab.queue.wake();
    await until(() => pending.getState().length === 0);
    expect(tab.refusals).toMatchObject([{ status: 422, op: { id: 'a-no' } }]);
    expect(plain(tab.shown())).toEqual(plain(server.items));
    expect([...server.items.keys()]).toEqual(['c']);
  });

  it('puts a change into a change or a creation that waits, and never into one that was sent', () => {
    const waiting = (op: Operation, more: Partial<Waiting> = {}): Waiting => ({ seq: 1, op, tries: 0, ...more });
    const joined = (before: Waiting[], op: Operation) => coalesce(before, op)?.op;
    expect(joined([waiting(create('a'))], patch('a', { title: 'x', status: 'done' }))).toMatchObject({ type: 'item.create', title: 'x', status: 'done' });
    expect(joined([waiting(patch('a', { title: 'x', status: 'todo' }))], patch('a', { title: 'y' }))).toMatchObject({ patch: { title: 'y', status: 'todo' } });
    expect(joined([waiting(create('a'), { tries: 1 })], patch('a', { title: 'x' }))).toBeUndefined();
    expect(joined([waiting(create('a'), { sending: true })], patch('a', { title: 'x' }))).toBeUndefined();
    expect(joined([waiting(create('a'), { claimed: { title: 'a' } })], patch('a', { title: 'x' }))).toBeUndefined();
    expect(joined([waiting(create('a'))], patch('a', { estimate: 3 }))).toBeUndefined();
    // Not over something in between that touches the same item.
    expect(joined([waiting(patch('a', { title: 'x' })), waiting({ type: 'items.delete', project: PROJECT, ids: ['a'] }, { seq: 2 })], patch('a', { title: 'y' }))).toBeUndefined();
  });

  it('is sent by one tab, and told to all', async () => {
    const user = `u${(users += 1)}`;
    const server = new Server();
    const lock = { line: Promise.resolve() as Promise<unknown> };
    const [first, second] = [open(server, user, lock), open(server, user, lock)];
    await Promise.all([first.queue.ready, second.queue.ready]);
    const outcome = await second.queue.add(create('a'));
    expect(outcome).toMatchObject({ state: 'done' });
    await until(() => first.said.has('a') && second.said.has('a'));
    expect(server.log).toEqual(['item.create']);
  });
});

describe('random plans', () => {
  const STEPS = 60;

  async function play(seed: number): Promise<void> {
    const next = random(seed);
    const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(next() * list.length)];
    const user = `u${(users += 1)}`;
    const server = new Server();
    server.lose = () => next() < 0.1;
    const lock = { line: Promise.resolve() as Promise<unknown> };
    let open2 = [open(server, user, lock), open(server, user, lock)];
    await Promise.all(open2.map(({ queue }) => queue.ready));
    /** What the person asked for, in order: the model that the server has to equal. */
    const asked: Operation[] = [];
    for (let step = 0; step < STEPS; step += 1) {
      const tab = pick(open2) as Tab;
      const ids = [...new Set(asked.flatMap(makes))];
      const dice = next();
      if (dice < 0.12) server.away = !server.away;
      else if (dice < 0.16) {
        // The browser is closed, and opened again.
        for (const { queue } of open2) {
          await queue.settled();
          queue.stop();
        }
        await closeDatabase();
        lock.line = Promise.resolve();
        open2 = [open(server, user, lock), open(server, user, lock)];
        await Promise.all(open2.map(({ queue }) => queue.ready));
      } else {
        const id = pick(ids);
        const op: Operation =
          id === undefined || dice < 0.5
            ? create(`${seed}-${step}${next() < 0.08 ? '-no' : ''}`, `t${step}`, next() < 0.4 ? (id ?? null) : null)
            : dice < 0.85
              ? patch(id, next() < 0.5 ? { title: `r${step}` } : { status: pick(['todo', 'done', 'backlog']) })
              : { type: 'items.delete', project: PROJECT, ids: [id] };
        asked.push(op);
        // One after the other, as a person acts: what is typed next comes after what was typed before.
        void tab.queue.add(op);
        await tab.queue.settled();
      }
      if (next() < 0.3) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    server.away = false;
    server.lose = () => false;
    for (const { queue } of open2) queue.wake();
    await until(async () => (await stored(user)).length === 0);
    // What the person saw at the end of it all is what the server has: every creation that it didn't refuse, once.
    const model = new Server();
    for (const op of asked) await model.send(op).catch(() => undefined);
    expect(plain(server.items), `seed ${seed}`).toEqual(plain(model.items));
  }

  it('end with the server as the person saw it', async () => {
    for (let seed = 1; seed <= 25; seed += 1) await play(seed);
  }, 60_000);
});
