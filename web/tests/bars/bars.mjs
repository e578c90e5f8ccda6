// What a person feels, in figures: the first view of a large project, typing in a long item among others who type, a large diagram, and Lighthouse.
// `CANOPY_BIN=../target/release/canopy npm run bars [-- view typing diagram lighthouse]`. Figures are printed, nothing is asserted: they depend on the machine.
// Lighthouse isn't a dependency (it would be the largest): name a folder that has it, `LIGHTHOUSE=/folder/node_modules/lighthouse`.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import * as Y from 'yjs';
import { chromium } from 'playwright-core';
import { Person } from '../browser/person.mjs';
import { hocuspocus } from '../sync/clients.mjs';
import { Canopy, PASSWORD } from '../support/server.mjs';
import { diagram } from './diagram.mjs';

const ITEMS = Number(process.env.ITEMS ?? 10_000);
const BLOCKS = 200;
const OTHERS = 5;
const KEYS = 300;
const wanted = process.argv.slice(2);
const wants = (name) => wanted.length === 0 || wanted.includes(name);
const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
const ms = (value) => `${value.toFixed(0)} ms`;
const say = (bar, figure, limit) => console.log(`${bar.padEnd(64)} ${figure.padEnd(34)} ${limit}`);

const server = await Canopy.start();
try {
  await server.setUp();
  const owner = await server.api.signIn('ada@example.com', PASSWORD);
  const org = (await owner.organization()).id;
  if (wants('view')) await view(owner, org);
  if (wants('typing')) await typing(owner, org);
  if (wants('diagram')) await diagram({ server, owner, org, say, quantile });
  if (wants('lighthouse')) await lighthouse(owner, org);
} finally {
  await server.end();
}

/** A project of epics with features with stories with tasks; gives it and the time that the import took. */
async function large(owner, org, count) {
  const project = await owner.post(`/organizations/${org}/projects`, { name: `${count.toLocaleString('en')} items` });
  const rows = ['id,parent,title,type,status,labels'];
  const kinds = ['epic', 'feature', 'story', 'task'];
  const statuses = ['backlog', 'todo', 'in_progress', 'in_review', 'done'];
  for (let index = 0; index < count; index += 1) {
    const level = index % 100 === 0 ? 0 : index % 20 === 0 || index % 100 === 1 ? 1 : index % 5 === 0 ? 2 : 3;
    const up = level === 0 ? '' : [index - (index % 100), index - (index % 20) || index - (index % 100), index - (index % 5)][level - 1];
    rows.push(`${index},${up === index ? '' : up},Item ${index} about ${['mail', 'search', 'login', 'export', 'billing'][index % 5]},${kinds[level]},${statuses[index % 5]},area-${index % 7}`);
  }
  const begun = performance.now();
  const response = await fetch(`${server.url}/api/v1/projects/${project.id}/imports?format=csv&name=large.csv`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${owner.token}`, 'Content-Type': 'text/csv' },
    body: rows.join('\n'),
  });
  if (!response.ok) throw new Error(`the import was refused: ${await response.text()}`);
  let run = await response.json();
  await owner.post(`/imports/${run.id}/run`);
  for (let tries = 0; run.state !== 'done' && tries < 600; tries += 1) {
    await pause(200);
    run = await owner.get(`/imports/${run.id}`);
    if (run.state === 'failed') throw new Error(`the import failed: ${JSON.stringify(run.report)}`);
  }
  return { project, took: performance.now() - begun };
}

async function view(owner, org) {
  const { project, took } = await large(owner, org, ITEMS);
  say(`import of ${ITEMS} rows`, ms(took), '< 20 s');
  for (const format of ['json', 'markdown', 'csv']) {
    const begun = performance.now();
    const response = await fetch(`${server.url}/api/v1/projects/${project.id}/export?format=${format}`, { headers: { Authorization: `Bearer ${owner.token}` } });
    const bytes = (await response.arrayBuffer()).byteLength;
    say(`export of ${ITEMS} items, ${format}`, `${ms(performance.now() - begun)}, ${(bytes / 1e6).toFixed(1)} MB`, '< 5 s');
  }
  const times = { first: [], again: [] };
  for (let round = 0; round < 5; round += 1) {
    const person = await Person.open(server.url, { name: 'view', width: 1440, height: 900 });
    try {
      await person.signIn('ada@example.com');
      // A person who is signed in and has never seen this project on this device.
      await person.page.evaluate(async () => {
        for (const { name } of await indexedDB.databases()) if (/items|lists|heads/.test(name)) indexedDB.deleteDatabase(name);
      });
      for (const kind of ['first', 'again']) {
        await person.page.goto('about:blank');
        const begun = performance.now();
        await person.page.goto(`${server.url}/p/${project.id}`, { waitUntil: 'commit' });
        await person.row(/Item/).first().waitFor();
        await person.page.getByText(`${ITEMS.toLocaleString('en')} items`).first().waitFor();
        times[kind].push(performance.now() - begun);
        await pause(1500);
      }
    } finally {
      await person.leave();
    }
  }
  say(`first view of ${ITEMS} items, never seen on this device`, `median ${ms(quantile(times.first, 0.5))}, worst ${ms(quantile(times.first, 1))}`, '< 1 s');
  say('the same, the second time', `median ${ms(quantile(times.again, 0.5))}, worst ${ms(quantile(times.again, 1))}`, '');
}

async function typing(owner, org) {
  const project = await owner.post(`/organizations/${org}/projects`, { name: 'Typing' });
  const item = await owner.post(`/projects/${project.id}/items`, { title: 'A long item', type: 'story' });
  const clients = Array.from({ length: OTHERS }, () => hocuspocus(server, owner.token, [item.id]));
  for (let tries = 0; tries < 100 && !clients.every((client) => client.synced()); tries += 1) await pause(50);
  const fragment = (client) => client.docs.get(item.id).getXmlFragment('description');
  const filling = clients[0].docs.get(item.id);
  filling.transact(() => {
    const blocks = Array.from({ length: BLOCKS }, (_, index) => {
      const paragraph = new Y.XmlElement('paragraph');
      paragraph.insert(0, [new Y.XmlText(`Block ${index}: what it is about, for whom it is, and why it matters to them now.`)]);
      return paragraph;
    });
    fragment(clients[0]).insert(0, blocks);
  });
  const person = await Person.open(server.url, { name: 'typing', width: 1440, height: 900 });
  let going = true;
  const busy = [];
  try {
    await person.signIn('ada@example.com');
    await person.go(`/p/${project.id}/${item.id}`);
    await person.page.getByText(`Block ${BLOCKS - 1}:`).waitFor();
    clients.forEach((client, index) => {
      busy.push((async () => {
        // A brisk typist: eight keys a second, each in a paragraph of their own.
        while (going) {
          const paragraph = fragment(client).get(20 * (index + 1));
          paragraph?.get(0)?.insert(5, 'x');
          await pause(100 + Math.random() * 50);
        }
      })());
    });
    await person.page.getByText('Block 3:').click();
    await person.press('End');
    await person.page.evaluate(() => {
      globalThis.latencies = [];
      document.addEventListener('keydown', (event) => {
        requestAnimationFrame(() => {
          // After the frame: a message is delivered once the browser has painted.
          const channel = new MessageChannel();
          channel.port1.onmessage = () => globalThis.latencies.push(performance.now() - event.timeStamp);
          channel.port2.postMessage(null);
        });
      }, { capture: true });
    });
    for (let key = 0; key < KEYS; key += 1) {
      await person.press(key % 6 === 5 ? 'Space' : 'abcdefghij'[key % 10]);
      await pause(40 + Math.random() * 60);
    }
    await pause(200);
    const latencies = await person.page.evaluate(() => globalThis.latencies);
    say(`typing among ${BLOCKS} blocks and ${OTHERS} others, key to frame`, `p50 ${ms(quantile(latencies, 0.5))}, p95 ${ms(quantile(latencies, 0.95))}, worst ${ms(quantile(latencies, 1))}`, 'p95 < 50 ms');
  } finally {
    going = false;
    await Promise.all(busy);
    for (const client of clients) client.end();
    await person.leave();
  }
}

async function lighthouse(owner, org) {
  if (process.env.LIGHTHOUSE === undefined) {
    console.log('lighthouse: not run; LIGHTHOUSE names no folder');
    return;
  }
  const { default: run, desktopConfig } = await import(pathToFileURL(createRequire(import.meta.url).resolve(process.env.LIGHTHOUSE)).href);
  const project = await owner.post(`/organizations/${org}/projects`, { name: 'Lighthouse' });
  const item = await owner.post(`/projects/${project.id}/items`, { title: 'An item', type: 'story' });
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  // The browser's own profile, not a private one: Lighthouse opens its page there.
  const profile = mkdtempSync(join(tmpdir(), 'canopy-bars-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    args: [`--remote-debugging-port=${port}`, '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  try {
    const page = await context.newPage();
    const signIn = async () => {
      await page.goto(`${server.url}/login`);
      await page.getByLabel('E-mail').fill('ada@example.com');
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('main').getByRole('link').first().waitFor();
    };
    const pages = [['sign-in', '/login'], ['projects', '/'], ['tree', `/p/${project.id}`], ['item', `/p/${project.id}/${item.id}`]];
    for (const [name, path] of pages) {
      if (name === 'projects') await signIn();
      const { lhr } = await run(`${server.url}${path}`, { port, output: 'json', logLevel: 'error', disableStorageReset: true, onlyCategories: ['performance', 'accessibility', 'best-practices'] }, desktopConfig);
      const scores = Object.values(lhr.categories).map(({ id, score }) => `${id} ${Math.round((score ?? 0) * 100)}`);
      say(`lighthouse, ${name}`, scores.join(', '), '>= 95');
      for (const category of Object.values(lhr.categories)) {
        if ((category.score ?? 0) >= 0.95) continue;
        for (const { id, weight } of category.auditRefs) if (weight > 0 && (lhr.audits[id].score ?? 1) < 0.9) console.log(`  ${category.id}: ${id} ${lhr.audits[id].displayValue ?? ''}`);
      }
    }
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
