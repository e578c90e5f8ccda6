// Random plans: what several clients do to one project, drawn in advance from a seed, so that a plan can be kept and run again.
import assert from 'node:assert/strict';
import * as Y from 'yjs';
import { until } from '../support/wait.mjs';
import { hocuspocus, readItem, readOutline, stock } from './clients.mjs';

/** mulberry32: small, and the same everywhere. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const CLIENTS = ['stock', 'hocuspocus', 'stock', 'hocuspocus', 'stock', 'hocuspocus'];
const EDITS = ['title+', 'title+', 'title-', 'paragraph+', 'paragraph-', 'words+', 'words+', 'words-', 'criterion+', 'criterion-', 'check', 'criterion text', 'field', 'move', 'move'];
const WORDS = ['tap ', 'card ', 'Given ', 'é', '漢', '😀', 'x', ' and then '];
const STATUSES = ['backlog', 'todo', 'in_progress', 'in_review', 'done', 'cancelled'];

/** The plan of a seed. Places are shares of what is there at that moment: the same plan means something on any content. */
export function draw(seed) {
  const next = random(seed);
  const pick = (list) => list[Math.floor(next() * list.length)];
  const steps = [];
  const away = new Set();
  const restarts = new Set([30 + Math.floor(next() * 20), 75 + Math.floor(next() * 30)]);
  for (let n = 0; n < 130; n += 1) {
    if (restarts.has(n)) steps.push({ do: 'restart', signal: pick(['SIGTERM', 'SIGKILL']) });
    const client = Math.floor(next() * CLIENTS.length);
    if (next() < 0.06) {
      if (!away.delete(client)) away.add(client);
      steps.push({ do: away.has(client) ? 'leave' : 'return', client });
    } else {
      steps.push({ do: pick(EDITS), client, at: next(), by: next(), word: pick(WORDS), status: pick(STATUSES) });
    }
    if (next() < 0.25) steps.push({ do: 'wait', time: Math.floor(next() * 25) });
  }
  return { seed, clients: CLIENTS, steps };
}

const place = (share, length) => Math.min(length - 1, Math.floor(share * length));

/** One edit, as an editor would make it. */
function edit(step, item, outline, ids) {
  const title = item.getText('title');
  const description = item.getXmlFragment('description');
  const criteria = item.getArray('acceptanceCriteria');
  const fields = item.getMap('fields');
  const nodes = outline.getMap('nodes');
  const insert = (text) => text.insert(Math.floor(step.at * (text.length + 1)), step.word);
  const remove = (text) => {
    if (text.length > 0) text.delete(place(step.at, text.length), 1);
  };
  /** A paragraph's text, if there is one. */
  const words = () => {
    if (description.length === 0) return null;
    const block = description.get(place(step.by, description.length));
    const text = block instanceof Y.XmlElement ? block.firstChild : null;
    return text instanceof Y.XmlText ? text : null;
  };
  const criterion = () => (criteria.length === 0 ? null : criteria.get(place(step.by, criteria.length)));
  switch (step.do) {
    case 'title+':
      insert(title);
      break;
    case 'title-':
      remove(title);
      break;
    case 'paragraph+': {
      const paragraph = new Y.XmlElement('paragraph');
      paragraph.insert(0, [new Y.XmlText(step.word)]);
      description.insert(Math.floor(step.by * (description.length + 1)), [paragraph]);
      break;
    }
    case 'paragraph-':
      if (description.length > 0) description.delete(place(step.by, description.length), 1);
      break;
    case 'words+': {
      const text = words();
      if (text !== null) insert(text);
      break;
    }
    case 'words-': {
      const text = words();
      if (text !== null) remove(text);
      break;
    }
    case 'criterion+': {
      const map = new Y.Map();
      map.set('id', `c${item.clientID}-${criteria.length}-${Math.floor(step.at * 1e9)}`);
      map.set('text', new Y.Text(step.word));
      map.set('done', false);
      criteria.insert(Math.floor(step.by * (criteria.length + 1)), [map]);
      break;
    }
    case 'criterion-':
      if (criteria.length > 0) criteria.delete(place(step.by, criteria.length), 1);
      break;
    case 'check': {
      const one = criterion();
      if (one !== null) one.set('done', step.at < 0.5);
      break;
    }
    case 'criterion text': {
      const one = criterion();
      if (one !== null) insert(one.get('text'));
      break;
    }
    case 'field':
      if (step.at < 0.6) fields.set('status', step.status);
      else fields.set('labels', [step.word.trim(), step.status].filter(Boolean));
      break;
    case 'move': {
      const node = nodes.get(ids[place(step.at, ids.length)]);
      if (node === undefined) break;
      const parent = step.by < 0.3 ? null : ids[place(step.by, ids.length)];
      outline.transact(() => {
        node.set('parent', parent === ids[place(step.at, ids.length)] ? null : parent);
        node.set('rank', `a${Math.floor(step.by * 9)}`);
      });
      break;
    }
    default:
      throw new Error(`a plan doesn't know ${step.do}`);
  }
}

/**
 * Runs a plan in a project of its own on `server`, whose people have `tokens`. Fails unless all clients, a newcomer, and the
 * server's projection end equal, with every edit in them.
 */
export async function run(plan, server, tokens) {
  const api = server.api.as(tokens[0]);
  const project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: `Plan ${plan.seed}` });
  const ids = [];
  for (let n = 0; n < 6; n += 1) ids.push((await api.post(`/projects/${project.id}/items`, { title: `Item ${n}`, type: 'story' })).id);
  const documents = [ids[0], project.id];
  const join = (kind, index) => (kind === 'stock' ? stock : hocuspocus)(server, tokens[index % tokens.length], documents);
  const clients = plan.clients.map(join);
  try {
    await until('all are in', () => clients.every((client) => client.synced()));
    for (const step of plan.steps) {
      if (step.do === 'wait') await new Promise((resolve) => setTimeout(resolve, step.time));
      else if (step.do === 'restart') {
        await server.down(step.signal);
        await server.up();
      } else if (step.do === 'leave' || step.do === 'return') clients[step.client].network(step.do === 'return');
      else {
        const { docs } = clients[step.client];
        edit(step, docs.get(ids[0]), docs.get(project.id), ids);
      }
    }
    for (const client of clients) client.network(true);
    const late = join('stock', 0);
    clients.push(late);
    await until('all have the same', () => {
      for (const id of documents) {
        const held = clients.map(({ docs }) => [...Y.decodeStateVector(Y.encodeStateVector(docs.get(id)))].sort(([a], [b]) => a - b));
        for (const [index, one] of held.entries()) assert.deepEqual(one, held[0], `${clients[index].kind} ${index}`);
      }
      for (const client of clients) {
        assert.deepEqual(readItem(client.docs.get(ids[0])), readItem(clients[0].docs.get(ids[0])));
        assert.deepEqual(readOutline(client.docs.get(project.id)), readOutline(clients[0].docs.get(project.id)));
      }
      return true;
    }, { within: 15_000 });

    const content = readItem(clients[0].docs.get(ids[0]));
    const nodes = readOutline(clients[0].docs.get(project.id));
    await until('the projection has the same', async () => {
      const item = await api.get(`/items/${ids[0]}`);
      // A row's title has no spaces around it.
      assert.equal(item.title, content.title.trim());
      assert.equal(item.status, content.fields.status);
      assert.deepEqual(item.labels, content.fields.labels ?? []);
      assert.equal(item.criteria_total, content.criteria.length);
      assert.equal(item.criteria_done, content.criteria.filter((one) => one.done).length);
      const items = new Map((await api.items(project.id)).map((one) => [one.id, one]));
      assert.deepEqual([...items.keys()].sort(), [...ids].sort());
      for (const id of ids) {
        const seen = new Set();
        for (let at = id; at !== null; at = items.get(at).parent) {
          assert.ok(!seen.has(at), 'no item is inside itself');
          seen.add(at);
        }
        // Where nobody's moves closed a ring, an item stands where its node says.
        const ring = new Set();
        let at = id;
        while (at !== null && !ring.has(at)) {
          ring.add(at);
          at = nodes[at].parent;
        }
        if (at === null) assert.equal(items.get(id).parent, nodes[id].parent);
      }
      return true;
    });
  } finally {
    for (const client of clients) client.end();
  }
}
