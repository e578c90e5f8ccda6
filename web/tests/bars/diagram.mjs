// A diagram of 2,000 shapes and 1,500 connectors: how soon it stands, and how it moves, alone and among others who move shapes.
import { setTimeout as pause } from 'node:timers/promises';
import { generateKeyBetween } from 'fractional-indexing';
import * as Y from 'yjs';
import { Person } from '../browser/person.mjs';
import { until } from '../support/wait.mjs';
import { hocuspocus } from '../sync/clients.mjs';

const ACROSS = 50;
const SHAPES = 2000;
const CONNECTORS = 1500;
const OTHERS = 5;
const [WIDE, HIGH] = [220, 150];
const KINDS = ['rectangle', 'rounded', 'ellipse', 'diamond', 'cylinder', 'sticky', 'component', 'hexagon', 'document', 'entity'];
const FILLS = ['none', 'blue', 'green', 'yellow', 'red', 'violet'];
const placeOf = (index) => [(index % ACROSS) * WIDE, Math.floor(index / ACROSS) * HIGH];

export function fill(doc) {
  doc.transact(() => {
    let rank = null;
    const element = (values, text) => {
      rank = generateKeyBetween(rank, null);
      return new Y.Map([...Object.entries({ ...values, rank }), ['text', new Y.Text(text)]]);
    };
    for (let index = 0; index < SHAPES; index += 1) {
      doc.getMap('shapes').set(`s${index}`, element({ kind: KINDS[index % KINDS.length], at: placeOf(index), size: [140, 80], fill: FILLS[index % FILLS.length] }, `Shape ${index}\nwhat it does`));
    }
    for (let index = 0; index < CONNECTORS; index += 1) {
      const to = index + (index % 3 === 0 ? ACROSS : 1);
      doc.getMap('connectors').set(`c${index}`, element({ from: { shape: `s${index}`, side: 'auto' }, to: { shape: `s${to}`, side: 'auto' }, route: ['orthogonal', 'straight', 'curved'][index % 3] }, index % 4 === 0 ? `calls ${index}` : ''));
    }
  });
}

/** Somebody who takes one shape after the other and moves it: told 20 times a second, written at the end. */
async function mover(client, id, who, going) {
  const provider = client.providers[0];
  const shapes = client.docs.get(id).getMap('shapes');
  provider.setAwarenessField('user', { id: `00000000-0000-7000-8000-00000000000${who}`, name: `Person ${who}`, color: '#2563eb' });
  for (let turn = 0; going(); turn += 1) {
    const name = `s${(20 + who) * ACROSS + 20 + (turn % 8)}`;
    const shape = shapes.get(name);
    const [x, y] = shape.get('at');
    const dx = turn % 2 === 0 ? 30 : -30;
    for (let step = 1; step <= 20 && going(); step += 1) {
      provider.setAwarenessField('dragging', { ids: [name], dx: (dx * step) / 20, dy: step });
      provider.setAwarenessField('pointer', { x: x + (dx * step) / 20, y: y + step });
      await pause(50);
    }
    shape.set('at', [x + dx, y]);
    provider.setAwarenessField('dragging', null);
  }
}

/** Runs `work` and gives, for each frame in the meantime, the time it took, and the script time per frame. In milliseconds. */
async function frames(person, cdp, work) {
  const scripts = async () => (await cdp.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'ScriptDuration').value * 1000;
  await person.page.evaluate(() => {
    globalThis.frames = [];
    let before = performance.now();
    const tick = (now) => {
      globalThis.frames.push(now - before);
      before = now;
      globalThis.ticking = requestAnimationFrame(tick);
    };
    globalThis.ticking = requestAnimationFrame(tick);
  });
  const begun = await scripts();
  await work();
  const script = (await scripts()) - begun;
  const times = await person.page.evaluate(() => {
    cancelAnimationFrame(globalThis.ticking);
    return globalThis.frames.slice(1);
  });
  return { times, script: script / times.length };
}

export async function diagram({ server, owner, org, say, quantile }) {
  const ms = (value) => `${value.toFixed(1)} ms`;
  const project = await owner.post(`/organizations/${org}/projects`, { name: 'Large diagram' });
  const { id } = await owner.post(`/projects/${project.id}/items`, { title: 'Everything', type: 'diagram' });
  const clients = Array.from({ length: OTHERS }, () => hocuspocus(server, owner.token, [id]));
  await until('all are synchronized', () => clients.every((client) => client.synced()));
  fill(clients[0].docs.get(id));
  await until('all have it', () => clients.every((client) => client.docs.get(id).getMap('connectors').size === CONNECTORS));
  await until('it is written', async () => (await (await fetch(`${server.url}/api/v1/diagrams/${id}/export?format=json`, { headers: { Authorization: `Bearer ${owner.token}` } })).json()).connectors?.length === CONNECTORS);
  const pictures = [];
  for (let round = 0; round < 9; round += 1) {
    const begun = performance.now();
    await (await fetch(`${server.url}/api/v1/diagrams/${id}/export?format=svg`, { headers: { Authorization: `Bearer ${owner.token}` } })).text();
    pictures.push(performance.now() - begun);
  }
  say(`picture by the server, ${SHAPES} shapes and ${CONNECTORS} connectors`, `median ${ms(quantile(pictures, 0.5))}, worst ${ms(quantile(pictures, 1))}`, '< 200 ms');

  const ready = { first: [], again: [], inside: [] };
  for (let round = 0; round < 5; round += 1) {
    const person = await Person.open(server.url, { name: 'ready', width: 1440, height: 900 });
    const { page } = person;
    // All of it is on the screen: from far away on one canvas.
    const shown = () =>
      page.waitForFunction(() => {
        const canvas = document.querySelector('[data-stage] canvas');
        return canvas !== null && canvas.width > 300 && canvas.getContext('2d').getImageData(0, canvas.height / 2, canvas.width, 60).data.some((value) => value !== 0);
      });
    try {
      await person.signIn('ada@example.com');
      for (const kind of ['first', 'again']) {
        await page.goto('about:blank');
        const begun = performance.now();
        await page.goto(`${server.url}/p/${project.id}/${id}`, { waitUntil: 'commit' });
        await shown();
        ready[kind].push(performance.now() - begun);
        await pause(1500);
      }
      await person.go(`/p/${project.id}`);
      await person.row(/Everything/).waitFor();
      await pause(500);
      const begun = performance.now();
      await person.row(/Everything/).click();
      await shown();
      ready.inside.push(performance.now() - begun);
    } finally {
      await person.leave();
    }
  }
  for (const [kind, what] of [['first', 'ready, the address opened, never seen on this device'], ['again', 'the same, the second time'], ['inside', 'ready, chosen in the tree']]) {
    say(what, `median ${ms(quantile(ready[kind], 0.5))}, worst ${ms(quantile(ready[kind], 1))}`, '< 1 s');
  }

  const person = await Person.open(server.url, { name: 'moves', width: 1440, height: 900 });
  try {
    await person.signIn('ada@example.com');
    await person.go(`/p/${project.id}/${id}`);
    const stage = person.page.locator('[data-stage]');
    await stage.locator('canvas').waitFor();
    const cdp = await person.page.context().newCDPSession(person.page);
    await cdp.send('Performance.enable');
    const box = await stage.boundingBox();
    const middle = [box.x + box.width / 2, box.y + box.height / 2];
    const { mouse } = person.page;
    const pan = async () => {
      await mouse.move(...middle);
      for (let step = 0; step < 180; step += 1) {
        await mouse.wheel(step % 90 < 45 ? 14 : -14, step % 60 < 30 ? 9 : -9);
        await pause(12);
      }
    };
    const drag = async () => {
      const face = await person.page.locator('[data-stage] .react-flow__node-shape').evaluateAll((all, [x, y]) => {
        const far = (one) => Math.hypot(one.getBoundingClientRect().x - x, one.getBoundingClientRect().y - y);
        const { x: left, y: top, width, height } = all.sort((a, b) => far(a) - far(b))[0].getBoundingClientRect();
        return [left + width / 2, top + height / 2];
      }, middle);
      await mouse.move(...face);
      await mouse.down();
      for (let step = 1; step <= 180; step += 1) {
        await mouse.move(face[0] + 90 * Math.sin(step / 15), face[1] + 60 * Math.sin(step / 11));
        await pause(12);
      }
      await mouse.up();
    };
    const tell = async (what, work) => {
      const { times, script } = await frames(person, cdp, work);
      say(what, `script ${ms(script)}, frame p50 ${ms(quantile(times, 0.5))}, p95 ${ms(quantile(times, 0.95))}`, '<= 10 ms, p95 <= 33 ms');
    };
    const all = async (how) => {
      await person.press('Shift+1');
      await pause(400);
      await tell(`panning all of it${how}`, pan);
      await person.press('Shift+0');
      await pause(400);
      await tell(`panning at 100 %${how}`, pan);
      await tell(`dragging a shape at 100 %${how}`, drag);
      await person.press('Shift+1');
      await person.press('Control+a');
      await pause(400);
      await tell(`dragging all of it${how}`, async () => {
        await mouse.move(...middle);
        await mouse.down();
        for (let step = 1; step <= 120; step += 1) {
          await mouse.move(middle[0] + 90 * Math.sin(step / 15), middle[1] + 60 * Math.sin(step / 11));
          await pause(16);
        }
        await mouse.up();
      });
      await person.press('Control+z');
      await person.press('Escape');
    };
    await all('');
    let going = true;
    const busy = clients.map((client, index) => mover(client, id, index, () => going));
    await all(`, ${OTHERS} others moving shapes`);
    going = false;
    await Promise.all(busy);
  } finally {
    for (const client of clients) client.end();
    await person.leave();
  }
}
