// How long a letter takes to show in a long description while five others type in it: from the key to the frame after it.
import * as Y from 'yjs';
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { WebSocket } from 'ws';
import { Person } from '../browser/person.mjs';
import { Canopy } from '../support/server.mjs';
import { until } from '../support/wait.mjs';

const BLOCKS = 200;
const OTHERS = 5;
const LETTERS = 300;
/** Letters a second, of each of the others. */
const SPEED = 6;

const server = await Canopy.start();
const api = server.api.as((await server.setUp()).access_token);
const project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Long' });
const item = await api.post(`/projects/${project.id}/items`, { title: 'Long', type: 'story' });
const ada = await Person.open(server.url, { width: 1440, height: 900 });
const clients = [];
try {
  await ada.signIn('ada@example.com');
  await ada.go(`/p/${project.id}/${item.id}`);
  await ada.description.click();
  await ada.says('Saved');
  const part = (n) => [`## Part ${n}`, `A paragraph with **bold** and \`code\` and some more words, number ${n}, so that it is a line or two of text.`, '- one\n- two\n- three', '```ts\nconst answer: number = 42;\n```', '> [!NOTE]\n> Something to know.', '| a | b |\n| --- | --- |\n| 1 | 2 |', 'Last words.', '- [ ] a task', '> quoted', `End of part ${n}.`].join('\n\n');
  const text = Array.from({ length: BLOCKS / 10 }, (_, n) => part(n + 1)).join('\n\n');
  await ada.description.evaluate((shown, given) => {
    const data = new DataTransfer();
    data.setData('text/plain', given);
    shown.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
  await ada.description.getByText(`End of part ${BLOCKS / 10}.`).waitFor();
  await ada.says('Saved');
  for (let n = 0; n < OTHERS; n += 1) {
    const doc = new Y.Doc();
    const socket = new HocuspocusProviderWebsocket({ url: `ws://127.0.0.1:${server.port}/collab`, WebSocketPolyfill: WebSocket });
    const provider = new HocuspocusProvider({ name: item.id, document: doc, websocketProvider: socket, token: api.token });
    provider.attach();
    await until('it is synced', () => provider.synced);
    const paragraphs = doc.getXmlFragment('description').toArray().filter((one) => one.nodeName === 'paragraph');
    clients.push({ provider, socket, text: paragraphs[n * 5 + 1].get(0) });
  }
  const [paragraph] = await ada.description.locator(':scope > p').filter({ hasText: 'number 10' }).all();
  await paragraph.click();
  await ada.press('End');
  const cdp = await ada.page.context().newCDPSession(ada.page);
  // Processor time, which other work on the machine doesn't blur.
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const spent = async () => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((one) => [one.name, one.value * 1000]));
  const run = async (name, typing) => {
    const before = await spent();
    const timers = typing ? clients.map(({ text: one }, n) => setInterval(() => one.insert(one.length, 'abcdefgh '[Math.floor(Math.random() * 9)]), 1000 / SPEED + n)) : [];
    await ada.page.evaluate(() => {
      window.times = [];
      window.measure = (event) => {
        if (event.key.length > 1) return;
        const start = event.timeStamp;
        requestAnimationFrame(() => setTimeout(() => window.times.push(performance.now() - start)));
      };
      document.addEventListener('keydown', window.measure, true);
    });
    for (let n = 0; n < LETTERS; n += 1) {
      await ada.page.keyboard.press('abcdefghij '[n % 11]);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    const times = await ada.page.evaluate(() => {
      document.removeEventListener('keydown', window.measure, true);
      return window.times.sort((a, b) => a - b);
    });
    for (const timer of timers) clearInterval(timer);
    const after = await spent();
    const each = (what) => ((after[what] - before[what]) / LETTERS).toFixed(1);
    const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(1);
    console.log(`${name.padEnd(28)} ${times.length} letters: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms; processor per letter: ${each('TaskDuration')} ms, of it script ${each('ScriptDuration')}, layout ${each('LayoutDuration')}, style ${each('RecalcStyleDuration')}`);
  };
  console.log(`${await ada.description.locator(':scope > *').count()} blocks`);
  await run('alone', false);
  await run(`with ${OTHERS} others typing`, true);
  for (const error of ada.errors) console.log(error);
} finally {
  for (const { provider, socket } of clients) {
    provider.destroy();
    socket.destroy();
  }
  await ada.leave();
  await server.end();
}
