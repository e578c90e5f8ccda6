// The stock y-websocket provider from npm, as anybody would use it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { Canopy, PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';

const TIME = { timeout: 30_000 };
let server;
let token;
let second;
let item;
let viewer;
const open = [];

function join(id, params, options = {}) {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`${server.url.replace('http', 'ws')}/collab`, id, doc, {
    params,
    WebSocketPolyfill: WebSocket,
    disableBc: true,
    maxBackoffTime: 250,
    ...options,
  });
  open.push(provider);
  return { doc, provider, title: doc.getText('title') };
}

const closed = (provider) => new Promise((resolve) => provider.once('closed', ({ code, reason }) => resolve({ code, reason })));

before(async () => {
  server = await Canopy.start();
  const owner = await server.setUp();
  token = owner.access_token;
  const api = server.api.as(token);
  second = (await api.invite('editor', { name: 'Ben Okafor', email: 'ben@example.com', password: PASSWORD })).access_token;
  viewer = (await api.invite('viewer', { name: 'Vera Nowak', email: 'vera@example.com', password: PASSWORD })).access_token;
  const project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  item = (await api.post(`/projects/${project.id}/items`, { title: 'Pay', type: 'story' })).id;
}, TIME);

after(async () => {
  for (const provider of open) {
    provider.destroy();
    provider.awareness.destroy();
  }
  await server?.end();
}, TIME);

test('two providers share a document', TIME, async () => {
  const ada = join(item, { token });
  const ben = join(item, { token: second });
  await until('both are synced', () => ada.provider.synced && ben.provider.synced);
  assert.equal(ada.title.toString(), 'Pay');
  ada.title.insert(3, ' fast');
  ben.title.insert(0, 'Now: ');
  await until('both have both', () => [ada, ben].every(({ title }) => title.toString() === 'Now: Pay fast'));
  await until('the API has it', async () => (await server.api.as(token).get(`/items/${item}`)).title === 'Now: Pay fast');
});

test('awareness says who it is, whatever the client claims', TIME, async () => {
  const ada = join(item, { token });
  const ben = join(item, { token: second });
  ada.provider.awareness.setLocalState({ user: { name: 'Somebody else' }, cursor: 3 });
  const state = await until('her state arrives', () => ben.provider.awareness.getStates().get(ada.doc.clientID));
  assert.equal(state.user.name, 'Ada Lindqvist');
  assert.match(state.user.color, /^#[0-9a-f]{6}$/i);
  assert.equal(state.cursor, 3);
  ada.provider.disconnect();
  await until('it goes with her', () => !ben.provider.awareness.getStates().has(ada.doc.clientID));
});

test('it reconnects by itself after a restart and after a crash, with what was written meanwhile', TIME, async () => {
  const ada = join(item, { token });
  const ben = join(item, { token: second });
  await until('both are synced', () => ada.provider.synced && ben.provider.synced);
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    await server.down(signal);
    await until('both notice', () => !ada.provider.wsconnected && !ben.provider.wsconnected);
    ada.title.insert(0, `${signal}a `);
    ben.title.insert(ben.title.length, ` ${signal}b`);
    await server.up();
    await until('both have both, once', () =>
      [ada, ben].every(({ title }) => title.toString().split(`${signal}a `).length === 2 && title.toString().split(` ${signal}b`).length === 2),
    );
    assert.equal(ada.title.toString(), ben.title.toString());
  }
});

test('an unknown document closes with 4404, for good', TIME, async () => {
  const { provider } = join('01890000-0000-7000-8000-000000000000', { token });
  assert.equal((await closed(provider)).code, 4404);
  assert.equal(provider.shouldConnect, false);
});

test('a bad token closes with 4401, for good', TIME, async () => {
  const { provider } = join(item, { token: 'nonsense' });
  assert.equal((await closed(provider)).code, 4401);
  const { provider: without } = join(item, {});
  assert.equal((await closed(without)).code, 4401);
});

test('a viewer reads; what they write never reaches anybody', TIME, async () => {
  const ada = join(item, { token });
  const vera = join(item, { token: viewer });
  await until('both are synced', () => ada.provider.synced && vera.provider.synced);
  ada.title.insert(0, 'For Vera: ');
  await until('she reads it', () => vera.title.toString().startsWith('For Vera: '));
  const refused = closed(vera.provider);
  vera.title.insert(0, 'By Vera: ');
  assert.equal((await refused).code, 4403);
  const late = join(item, { token });
  await until('a third joins', () => late.provider.synced);
  assert.ok(!late.title.toString().includes('By Vera') && !ada.title.toString().includes('By Vera'));
});

test('a session that ends closes its sockets with 4401', TIME, async () => {
  const api = await server.api.signIn('ben@example.com', PASSWORD);
  const ben = join(item, { token: api.token });
  await until('he is in', () => ben.provider.synced);
  const gone = closed(ben.provider);
  await api.post('/auth/logout');
  assert.equal((await gone).code, 4401);
});

test('a deleted item closes with 4404', TIME, async () => {
  const ada = join(item, { token });
  await until('she is in', () => ada.provider.synced);
  const gone = closed(ada.provider);
  await server.api.as(token).delete(`/items/${item}`);
  assert.equal((await gone).code, 4404);
});
