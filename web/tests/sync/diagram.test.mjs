// Five people draw in one diagram at once, with the client's own editor: some go offline for a while, and once the server is killed.
// In the end all of them, somebody new, the server's JSON and its picture agree. DIAGRAM_SEED=<number> throws the same dice again,
// DIAGRAM_MS draws for longer than usual: five minutes are 300000.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as Y from 'yjs';
import { Canopy, PASSWORD } from '../support/server.mjs';
import { source } from '../support/source.mjs';
import { until } from '../support/wait.mjs';
import { Artist, tools } from './artist.mjs';
import { hocuspocus, stock } from './clients.mjs';
import { random } from './plan.mjs';

const TIME = Number(process.env.DIAGRAM_MS ?? 20_000);
const SEED = Number(process.env.DIAGRAM_SEED ?? Math.floor(Math.random() * 2 ** 32));
const LIMIT = { timeout: TIME * 2 + 120_000 };
const NAMES = ['Ada', 'Ben', 'Cleo', 'Dan', 'Eve'];
const DOT = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

let server;
let code;
let tokens;
let api;
let project;

before(async () => {
  [server, code] = await Promise.all([Canopy.start(), source()]);
  tokens = [(await server.setUp()).access_token];
  api = server.api.as(tokens[0]);
  for (const name of NAMES.slice(1)) tokens.push((await api.invite('editor', { name, email: `${name}@example.com`, password: PASSWORD })).access_token);
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Drawn together' });
}, LIMIT);

after(async () => {
  await code?.end();
  await server?.end();
}, LIMIT);

/** How long edits take to everybody else, between people who are both there all the while. */
class Watch {
  times = [];
  #since;
  #edits;

  constructor(docs) {
    this.#since = docs.map(() => Infinity);
    this.#edits = docs.map(() => []);
    const heard = docs.map(() => docs.map(() => 0));
    docs.forEach((doc, who) => {
      doc.on('afterTransaction', (tr) => {
        const now = performance.now();
        const own = tr.afterState.get(doc.clientID) ?? 0;
        if (own > (tr.beforeState.get(doc.clientID) ?? 0)) this.#edits[who].push({ clock: own, now });
        if (tr.local) return;
        docs.forEach(({ clientID }, by) => {
          if (by === who) return;
          const here = tr.afterState.get(clientID) ?? 0;
          for (let edit; (edit = this.#edits[by][heard[who][by]]) !== undefined && edit.clock <= here; heard[who][by] += 1) {
            if (edit.now >= this.#since[by] && edit.now >= this.#since[who]) this.times.push(now - edit.now);
          }
        });
      });
    });
  }

  /** Somebody is there from now on, or isn't. */
  is(who, there) {
    this.#since[who] = there ? performance.now() : Infinity;
  }

  said() {
    const sorted = this.times.toSorted((a, b) => a - b);
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(1);
    return `${sorted.length} edits arrived, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`;
  }
}

/** Everything in a document, in a form that compares. */
const read = (doc) => ({ title: doc.getText('title').toString(), shapes: doc.getMap('shapes').toJSON(), connectors: doc.getMap('connectors').toJSON() });
const vector = (doc) => [...Y.decodeStateVector(Y.encodeStateVector(doc))].sort(([a], [b]) => a - b);

async function picture(id, query) {
  const response = await fetch(`${server.url}/api/v1/diagrams/${id}/export?format=svg&${query}`, { headers: { Authorization: `Bearer ${tokens[0]}` } });
  assert.equal(response.status, 200);
  return response.text();
}

/** Everybody, and somebody who comes now, has the same; and what shows of it is as if it were read anew. */
async function agree(artists, id, kit) {
  const late = stock(server, tokens[0], [id]);
  try {
    const docs = [...artists.map(({ doc }) => doc), late.docs.get(id)];
    await until('all have the same', () => {
      for (const doc of docs) assert.deepEqual(vector(doc), vector(docs[0]));
      for (const doc of docs) assert.deepEqual(read(doc), read(docs[0]));
      return true;
    }, { within: 20_000 });
    const anew = new kit.Scene(late.docs.get(id));
    for (const { name, editor: { scene, live } } of artists) {
      assert.deepEqual(scene.order, anew.order, `what ${name} sees`);
      for (const one of scene.order) {
        if (one.type !== 'connector') continue;
        for (const end of [one.from, one.to]) assert.ok(end.shape === null || scene.shapes.has(end.shape), `${name} sees a connector that hangs`);
        assert.deepEqual(live.way(one.id), kit.wayOf(one, (shape) => scene.shape(shape)), `the way of ${one.id} on ${name}'s screen`);
      }
    }
    anew.destroy();
  } finally {
    late.end();
  }
}

/** Two long lists are one: says where they begin to differ, and not all of both. */
function alike(actual, expected) {
  const at = expected.findIndex((line, index) => line !== actual[index]);
  if (at >= 0) assert.deepEqual(actual.slice(Math.max(0, at - 2), at + 3), expected.slice(Math.max(0, at - 2), at + 3));
  assert.equal(actual.length, expected.length);
}

/** The server's own reading and drawing is that of everybody. */
async function served({ doc, editor: { scene } }, id, kit) {
  const title = doc.getText('title').toString();
  const mine = JSON.parse(JSON.stringify(kit.wholeOf(scene, title)));
  assert.deepEqual(await api.get(`/diagrams/${id}/export?format=json`), mine);

  const items = new Map((await api.items(project.id)).map((item) => [item.id, item]));
  const shapes = scene.order.filter(({ type }) => type === 'shape');
  const connectors = scene.order.filter(({ type }) => type === 'connector');
  const frames = shapes.filter(({ kind }) => kind === 'frame').slice(0, 2);
  for (const theme of ['light', 'dark']) {
    for (const frame of [null, ...frames.map((one) => one.id)]) {
      const drawn = kit.svg({ shapes, connectors, frame }, { theme, card: (item) => kit.cardOf(items.get(item)), image: () => `data:image/png;base64,${DOT.toString('base64')}` });
      const theirs = await picture(id, `theme=${theme}${frame === null ? '' : `&frame=${frame}`}`);
      alike(theirs.split('><'), drawn.split('><'));
    }
  }
}

test('five people draw at once, and all of it agrees in the end', LIMIT, async (t) => {
  t.diagnostic(`DIAGRAM_SEED=${SEED} DIAGRAM_MS=${TIME}`);
  const kit = await tools(code);
  for (const path of ['svg', 'geometry', 'exchange']) Object.assign(kit, await code.load(`canvas/${path}.ts`));
  const { id } = await api.post(`/projects/${project.id}/items`, { title: 'Five people', type: 'diagram' });
  const items = [];
  for (const title of ['Pay by card', 'Refund']) items.push((await api.post(`/projects/${project.id}/items`, { title, type: 'story' })).id);
  const { uuidv7 } = await code.load('api/id.ts');
  const files = [uuidv7(), uuidv7()];
  for (const file of files) {
    const { ok } = await fetch(`${server.url}/api/v1/projects/${project.id}/files/${file}?name=dot.png`, { method: 'PUT', headers: { Authorization: `Bearer ${tokens[0]}`, 'Content-Type': 'application/octet-stream' }, body: DOT });
    assert.ok(ok);
  }

  const shared = { items, files, clipboard: '' };
  const clients = tokens.map((token) => hocuspocus(server, token, [id]));
  const artists = clients.map((client, n) => new Artist(NAMES[n], client, project.id, kit, shared, random(SEED + n)));
  const watch = new Watch(artists.map(({ doc }) => doc));
  try {
    await until('all are in', () => clients.every((client) => client.synced()));
    clients.forEach((_, n) => watch.is(n, true));
    const own = monitorEventLoopDelay({ resolution: 5 });
    own.enable();
    const end = Date.now() + TIME;
    let spells = 0;
    let down = false;

    const draws = async (artist, n) => {
      const client = clients[n];
      let back = Infinity;
      let leaves = Date.now() + artist.within(2_000, 20_000);
      let there = true;
      while (Date.now() < end) {
        await artist.act();
        await pause(artist.within(10, 250));
        const now = Date.now();
        if (back === Infinity && now > leaves) {
          watch.is(n, (there = false));
          client.network(false);
          back = now + artist.within(500, 6_000);
          spells += 1;
        } else if (back !== Infinity && now > back) {
          client.network(true);
          back = Infinity;
          leaves = now + artist.within(5_000, 40_000);
        }
        // Whom the server's end has cut off comes back by themselves.
        if (down) there = false;
        else if (!there && back === Infinity && client.synced()) watch.is(n, (there = true));
      }
      client.network(true);
    };
    const kills = async () => {
      await pause(TIME * 0.5);
      down = true;
      clients.forEach((_, n) => watch.is(n, false));
      await server.down('SIGKILL');
      await pause(500);
      await server.up();
      await pause(300);
      down = false;
    };
    await Promise.all([...artists.map(draws), kills()]);
    own.disable();
    // Something to be found, by each: the last that they write.
    const words = artists.map(({ name }) => `Zebra${name}${SEED}`);
    for (const [n, artist] of artists.entries()) {
      artist.editor.addAt('note', artist.point());
      await artist.editor.edits.step(() => kit.textOf(artist.doc, [...artist.editor.state.selection][0]).insert(0, words[n]));
    }
    await until('all are in', () => clients.every((client) => client.synced()));
    await agree(artists, id, kit);
    const [first] = artists;
    t.diagnostic(`${watch.said()}; of that this process, which is all five: p99 ${(own.percentile(99) / 1e6).toFixed(1)} ms, longest ${(own.max / 1e6).toFixed(1)} ms`);
    t.diagnostic(`${spells} spells offline, ${first.editor.scene.shapes.size} shapes and ${first.editor.scene.order.length - first.editor.scene.shapes.size} connectors left`);
    t.diagnostic(JSON.stringify(artists.reduce((sum, { did }) => {
      for (const [name, times] of Object.entries(did)) sum[name] = (sum[name] ?? 0) + times;
      return sum;
    }, {})));
    await served(first, id, kit);
    for (const word of words) {
      await until(`${word} is found`, async () => (await api.get(`/search?q=${word}`)).hits.some((hit) => hit.item.id === id));
    }

    // All take back what they can, at once, and do some of it again.
    await Promise.all(artists.map(async (artist) => {
      for (let n = 0; n < 60; n += 1) {
        artist.back(n < 40 ? 'undo' : 'redo');
        await pause(5);
      }
    }));
    await agree(artists, id, kit);
    await served(first, id, kit);
  } catch (error) {
    throw new Error(`DIAGRAM_SEED=${SEED}: ${error.message}`, { cause: error });
  } finally {
    for (const artist of artists) artist.end();
  }
});
