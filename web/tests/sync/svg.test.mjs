// What the server draws without a browser is what the canvas draws, byte for byte, whatever a diagram holds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import * as Y from 'yjs';
import { Canopy } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { stock } from './clients.mjs';
import { diagramOf } from './diagrams.mjs';

const TIME = { timeout: 120_000 };
/** Fixed, so that a failure is there again. DIAGRAM_SEED=<number> draws that one only. */
const SEEDS = process.env.DIAGRAM_SEED === undefined ? Array.from({ length: 60 }, (_, i) => i + 1) : [Number(process.env.DIAGRAM_SEED)];

let server;
let token;
let api;
let project;
let sources;
let draw;

before(async () => {
  server = await Canopy.start();
  token = (await server.setUp()).access_token;
  api = server.api.as(token);
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Pictures' });
  // The client's own modules, as they are built.
  const root = fileURLToPath(new URL('../..', import.meta.url));
  sources = await createServer({ root, configFile: `${root}/vite.config.ts`, logLevel: 'error', appType: 'custom', server: { middlewareMode: true, hmr: false, ws: false, watch: null }, optimizeDeps: { noDiscovery: true } });
  const [{ Scene }, { svg }] = await Promise.all(['scene', 'svg'].map((name) => sources.ssrLoadModule(`/src/canvas/${name}.ts`)));
  draw = (doc, theme) => {
    const scene = new Scene(doc);
    const { order } = scene;
    scene.destroy();
    return svg({ shapes: order.filter(({ type }) => type === 'shape'), connectors: order.filter(({ type }) => type === 'connector') }, { theme });
  };
}, TIME);

after(async () => {
  await sources?.close();
  await server?.end();
}, TIME);

function write(doc, { shapes, connectors }) {
  doc.transact(() => {
    for (const [name, list] of [['shapes', shapes], ['connectors', connectors]]) {
      for (const { id, text, ...values } of list) {
        const map = new Y.Map(Object.entries(values));
        map.set('text', new Y.Text(text));
        doc.getMap(name).set(id, map);
      }
    }
  });
}

async function drawn(id, theme) {
  const response = await fetch(`${server.url}/api/v1/diagrams/${id}/export?format=svg&theme=${theme}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, text: await response.text() };
}

test('diagrams at random look the same from the server', TIME, async () => {
  const ids = [];
  for (const seed of SEEDS) ids.push((await api.post(`/projects/${project.id}/items`, { title: `Seed ${seed}`, type: 'diagram' })).id);
  const client = stock(server, token, ids);
  try {
    await until('all documents are here', () => client.synced());
    const differ = [];
    for (const [i, seed] of SEEDS.entries()) write(client.docs.get(ids[i]), diagramOf(seed));
    for (const [i, seed] of SEEDS.entries()) {
      const theme = seed % 2 === 0 ? 'dark' : 'light';
      const here = draw(client.docs.get(ids[i]), theme);
      let there;
      await until(`the server has the diagram of seed ${seed}`, async () => {
        there = await drawn(ids[i], theme);
        return there.status === 200 && there.text.split('<').length > 4 === here.split('<').length > 4;
      });
      const [ours, theirs] = [here, there.text].map((svg) => svg.replaceAll('><', '>\n<').split('\n'));
      const at = ours.findIndex((line, n) => line !== theirs[n]);
      if (at >= 0 || ours.length !== theirs.length) differ.push(`seed ${seed}: the canvas has ${ours[at]}, the server ${theirs[at]}`);
    }
    assert.deepEqual(differ, []);
  } finally {
    client.end();
  }
});
