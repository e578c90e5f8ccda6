// What a page loads before it can be used: the bytes of its scripts, as the network carries them.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { Stage } from './stage.mjs';

/** JavaScript before the first use, gzipped, in bytes. */
const BAR = 150_000;

let ada;
let api;
let project;

const stage = new Stage({}, async ({ server }) => {
  api = server.api.as((await server.setUp()).access_token);
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  for (let n = 0; n < 30; n += 1) await api.post(`/projects/${project.id}/items`, { title: `Item ${n}`, type: 'epic' });
  // A worker would fetch the rest in the background, and serve scripts without a request.
  ada = await stage.person('ada', { serviceWorkers: 'block' });
  await ada.signIn('ada@example.com');
});

/** Opens `path` from nothing; gives the scripts that were asked for until `usable`. */
async function weigh(path, usable, bar = Infinity) {
  await ada.page.goto('about:blank');
  const scripts = new Map();
  const asked = (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.endsWith('.js')) scripts.set(pathname, null);
  };
  ada.page.on('request', asked);
  await ada.go(path);
  await usable();
  ada.page.off('request', asked);
  let total = 0;
  for (const script of scripts.keys()) {
    const bytes = gzipSync(Buffer.from(await (await fetch(`${ada.url}${script}`)).arrayBuffer()), { level: 9 }).length;
    scripts.set(script, bytes);
    total += bytes;
  }
  const list = [...scripts].sort((a, b) => b[1] - a[1]).map(([script, bytes]) => `${String(bytes).padStart(7)} ${script}`);
  console.log(`${path.replace(project.id, '…')}: ${total} bytes in ${scripts.size} scripts\n${list.join('\n')}`);
  assert.ok(total <= bar, `${path} loads ${total} bytes of JavaScript before it can be used, which is more than ${bar}`);
  return [...scripts.keys()];
}

stage.test('the signed-in home', () => weigh('/', () => ada.page.getByRole('main').getByRole('link', { name: 'Checkout' }).waitFor(), BAR));

// More than the bar: the tree carries Yjs for its outline, and fetches the menus of its rows ahead. The editor is what must not come.
stage.test('a project’s tree comes without the editor', async () => {
  const scripts = await weigh(`/p/${project.id}`, async () => {
    await ada.row(/Item 7/).waitFor();
    await ada.page.getByRole('tree').focus();
    await ada.press('ArrowDown');
  });
  assert.deepEqual(scripts.filter((script) => /Description|markdown|Diagram/i.test(script)), []);
});

/** The canvas with all that it imports and an item's screen doesn't, gzipped, in bytes. */
const CANVAS = 120_000;

stage.test('a diagram loads the canvas, and not the editor, importers or parsers', async () => {
  const item = await api.post(`/projects/${project.id}/items`, { title: 'How a payment goes', type: 'diagram' });
  const [{ id }] = await api.items(project.id);
  const others = await weigh(`/p/${project.id}/${id}`, () => ada.page.getByRole('textbox', { name: 'Description' }).waitFor());
  const scripts = await weigh(`/p/${project.id}/${item.id}`, () => ada.page.getByRole('application', { name: 'Canvas' }).waitFor());
  assert.deepEqual(others.filter((script) => /Diagram|drawing|scene/.test(script)), []);
  assert.deepEqual(scripts.filter((script) => /Description|markdown|exchange|parsers|drawio|excalidraw|mermaid|layout|draft/i.test(script)), []);
  const sources = new Map();
  const take = async (script) => {
    if (sources.has(script) || others.includes(script)) return;
    sources.set(script, Buffer.from(await (await fetch(`${ada.url}${script}`)).arrayBuffer()));
    // What is imported on demand is written as a call.
    for (const [, name] of String(sources.get(script)).matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) await take(`/assets/${name}`);
  };
  await take(scripts.find((script) => /\/Diagram-/.test(script)));
  const bytes = [...sources.values()].reduce((sum, source) => sum + gzipSync(source, { level: 9 }).length, 0);
  const each = [...sources].map(([script, source]) => `${gzipSync(source, { level: 9 }).length} ${script}`);
  console.log(`the canvas: ${bytes} bytes\n${each.join('\n')}`);
  assert.ok(bytes <= CANVAS, `the canvas has ${bytes} bytes, which is more than ${CANVAS}`);
});
