// A new version of the client: it is fetched as a whole, offered, and taken at a reload; the old files go.
import assert from 'node:assert/strict';
import { createServer, request as ask } from 'node:http';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let front;
/** What the server in front changes of the worker's script; `broken` answers for a file of the new version. */
let deployed = null;

const stage = new Stage({}, async ({ server }) => {
  await server.setUp();
  // A server in front that "deploys": the same files under another version.
  front = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers };
    if (incoming.url === '/sw.js') headers['accept-encoding'] = 'identity';
    const onward = ask({ host: '127.0.0.1', port: server.port, path: incoming.url, method: incoming.method, headers }, (answer) => {
      if (incoming.url !== '/sw.js' || deployed === null) {
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
        return;
      }
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => {
        const { 'content-length': _length, ...rest } = answer.headers;
        outgoing.writeHead(answer.statusCode, rest);
        outgoing.end(deployed(Buffer.concat(parts).toString()));
      });
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise((resolve) => front.listen(0, '127.0.0.1', resolve));
  ada = await stage.person('ada');
  ada.url = `http://127.0.0.1:${front.address().port}`;
  await ada.signIn('ada@example.com');
  await until('the worker is there', () => ada.page.evaluate(() => navigator.serviceWorker.controller !== null));
});

const caches = () => ada.page.evaluate(() => globalThis.caches.keys());
const look = () => ada.page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update().catch(() => undefined));

stage.test('a version whose page is another’s is not installed', async () => {
  const [before] = await caches();
  deployed = (text) => text.replace(/const VERSION = "\w+"/, 'const VERSION = "half"').replace(/const PAGE_HASH = "\w+"/, 'const PAGE_HASH = "0"');
  await look();
  await until('only the old files are here', async () => {
    assert.deepEqual(await caches(), [before]);
    return ada.page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).installing === null);
  });
  assert.equal(await ada.page.getByText('A new version of Canopy is ready.').count(), 0);
});

stage.test('a new version is offered, and a reload shows it and removes the old files', async () => {
  const [before] = await caches();
  deployed = (text) => text.replace(/const VERSION = "\w+"/, 'const VERSION = "next"');
  await look();
  await ada.page.getByText('A new version of Canopy is ready.').waitFor();
  assert.ok((await caches()).includes(before), 'the page that is open keeps its files');
  await Promise.all([ada.page.waitForEvent('load'), ada.button('Reload').click()]);
  await ada.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
  await until('the old files are gone', async () => JSON.stringify(await caches()) === JSON.stringify(['canopy:files:next']));
  front.closeAllConnections();
  front.close();
});

stage.test('the API is never answered from here', async () => {
  const status = await ada.page.evaluate(() => fetch('/api/v1/me').then((answer) => answer.status, () => 'away'));
  assert.equal(status, 'away');
});
