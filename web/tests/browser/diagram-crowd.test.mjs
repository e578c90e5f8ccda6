// Three people draw at once, by pointer and keys, one of them without the network for a while; and diagrams without the network.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { random } from '../sync/plan.mjs';
import { diagram, Drawing, watch } from './drawing.mjs';
import { Stage } from './stage.mjs';

const SEED = Number(process.env.DIAGRAM_SEED ?? Math.floor(Math.random() * 2 ** 32));
/** How many things each of them does; one is without the network from the fourth on, for as many as are said here. */
const ACTS = 12;
const ALONE = 5;
const NAMES = ['ada', 'ben', 'cleo'];

let token;
let api;
let project;
let it;
let document;
let people;
let drawings;

const stage = new Stage({}, async ({ server }) => {
  token = (await server.setUp()).access_token;
  api = server.api.as(token);
  for (const name of ['ben', 'cleo']) await api.invite('editor', { name, email: `${name}@example.com`, password: PASSWORD });
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  it = await diagram(server, api, token, project, 'Three at once');
  ({ document } = it);
  people = await Promise.all(NAMES.map((name) => stage.person(name, { width: 1400, height: 900, network: true })));
  drawings = people.map((person) => new Drawing(person, document));
  for (const [n, person] of people.entries()) {
    await person.signIn(`${NAMES[n]}@example.com`);
    await drawings[n].open(project.id, it.id);
  }
});
after(() => document?.end());

/** One thing that somebody does with pointer and keys. */
async function act(drawing, dice) {
  const { person } = drawing;
  const pick = (list) => list[Math.floor(dice() * list.length)];
  const point = () => [Math.round(dice() * 560 - 280), Math.round(dice() * 380 - 190)];
  const shapes = document.shapes();
  const shape = pick(shapes);
  const middle = shape === undefined ? point() : [shape.at[0] + shape.size[0] / 2, shape.at[1] + shape.size[1] / 2];
  const near = ([x, y]) => [x + Math.round(dice() * 120 - 60), y + Math.round(dice() * 120 - 60)];
  const [from, to] = [point(), point()];
  const what = pick(['shape', 'shape', 'pen', 'text', 'connect', 'drag', 'drag', 'write', 'delete', 'undo', 'redo']);
  switch (what) {
    case 'shape':
      await person.press(pick(['r', 'o', 'd', 'f']));
      await drawing.drag(from, to);
      break;
    case 'pen':
      await person.press('p');
      await drawing.press(from);
      for (let n = 1; n <= 5; n += 1) await drawing.point([from[0] + n * 12, from[1] + Math.round(dice() * 40)]);
      await drawing.release();
      await person.press('v');
      break;
    case 'text':
      await person.press('t');
      await drawing.click(from);
      await person.type(pick(['Pay', 'Ship & <go>', 'über']));
      break;
    case 'connect':
      await person.press('c');
      await drawing.drag(middle, near(to));
      break;
    case 'drag':
      await drawing.drag(middle, near(middle));
      break;
    case 'write':
      await drawing.click(middle);
      await person.press('Enter');
      if (await drawing.isWriting()) await person.type(pick(['a', 'bc', ' x ']));
      break;
    case 'delete':
      if (shapes.length > 5) {
        await drawing.click(middle);
        await person.press('Delete');
      }
      break;
    case 'undo':
    case 'redo':
      await drawing.stage.focus();
      await person.press(what === 'undo' ? 'Control+z' : 'Control+Shift+z');
      break;
  }
  await drawing.nothing();
}

stage.test(`three draw at once, one of them offline for a while, and all have the same (DIAGRAM_SEED=${SEED})`, async () => {
  const [, ben] = people;
  await Promise.all(
    drawings.map(async (drawing, n) => {
      const dice = random(SEED + n);
      for (let done = 0; done < ACTS; done += 1) {
        if (drawing.person === ben && done === 3) ben.network.cut();
        if (drawing.person === ben && done === 3 + ALONE) ben.network.mend();
        await act(drawing, dice);
      }
    }),
  );
  for (const person of people) await person.says('Saved', 30_000);
  const get = async (format) => (await fetch(`${stage.server.url}/api/v1/diagrams/${it.id}/export?format=${format}`, { headers: { Authorization: `Bearer ${token}` } })).text();
  for (const drawing of drawings) {
    await drawing.nothing();
    await drawing.stage.focus();
    // Nothing chosen: all of it is saved.
    await until('nothing is chosen', async () => (await drawing.page.locator('[data-stage] :is([data-handle^="size:"], [data-handle^="end:"])').count()) === 0);
  }
  await until('the screens and the server have the same', async () => {
    const [served, picture] = [JSON.parse(await get('json')), await get('svg')];
    for (const drawing of drawings) {
      assert.deepEqual(JSON.parse(await drawing.saved('JSON')), served, drawing.person.name);
      assert.equal(await drawing.saved('SVG'), picture, drawing.person.name);
    }
    assert.ok(served.shapes.length > 1);
    const there = new Set(served.shapes.map(({ id }) => id));
    for (const { from, to } of served.connectors) for (const { shape } of [from, to]) assert.ok(shape === undefined || there.has(shape));
    return true;
  }, { within: 25_000, every: 300 });
});

/** Everything of the person's is on disk: leaving is not warned about. */
const onDisk = (person) =>
  until('all of it is on this device', () =>
    person.page.evaluate(() => {
      const event = new Event('beforeunload', { cancelable: true });
      window.dispatchEvent(event);
      return !event.defaultPrevented;
    }),
  );

const waits = (person) => until(`${person.name}'s pill says what waits`, async () => /^Offline — \d+ changes? kept here$/.test((await person.pill.innerText()).trim()));

stage.test('a diagram that was open before opens without the network, and is drawn on', async () => {
  const [ada, , cleo] = people;
  const [hers] = drawings;
  const before = document.shapes().length;
  await ada.installed();
  await ada.says('Saved');
  await cleo.says('Saved');
  ada.network.cut();
  await ada.says('Offline');
  await ada.page.reload();
  await hers.stage.waitFor();
  await ada.says('Offline');
  await until('all of it shows', async () => (await ada.page.locator('.react-flow__node').count()) > 0);
  await hers.stage.focus();
  await ada.press('Shift+1');
  // To one side of all that is there.
  const right = Math.max(...document.shapes().map(({ at, size }) => at[0] + size[0]));
  await hers.rest();
  await ada.press('r');
  await hers.drag([right + 10, 0], [right + 210, 80]);
  await ada.press('Enter');
  await ada.type('On a train');
  await ada.press('Escape');
  await waits(ada);
  await onDisk(ada);
  await ada.page.reload();
  await hers.stage.waitFor();
  await waits(ada);
  await hers.shown('On a train').first().waitFor();
  assert.equal(document.shapes().length, before);
  ada.network.mend();
  await ada.says('Saved', 40_000);
  await hers.has('On a train');
  await drawings[2].stage.focus();
  await cleo.press('Shift+1');
  await drawings[2].shown('On a train').first().waitFor();
  assert.equal(document.shapes().length, before + 1);
});

stage.test('a diagram is made and drawn without the network, survives a reload, and arrives whole', async () => {
  const [ada] = people;
  await ada.go(`/p/${project.id}`);
  await ada.row(/Three at once/).waitFor();
  await ada.says('Saved');
  ada.network.cut();
  await ada.says('Offline');
  await ada.button('New diagram').click();
  await ada.page.getByRole('textbox', { name: 'Title of the new diagram' }).fill('Drawn below ground');
  await ada.press('Enter');
  const drawing = new Drawing(ada, null);
  await drawing.stage.waitFor();
  const id = new URL(ada.page.url()).pathname.split('/').at(-1);
  await drawing.stage.focus();
  await ada.press('r');
  await drawing.drag([-200, -100], [-50, 0]);
  await ada.press('Enter');
  await ada.type('Tunnel');
  await ada.press('Escape');
  await ada.press('Escape');
  await ada.press('o');
  await drawing.drag([100, -100], [250, 0]);
  await ada.press('Escape');
  await ada.press('c');
  await drawing.drag([-125, -50], [175, -50]);
  await waits(ada);
  await onDisk(ada);
  await ada.page.reload();
  await drawing.stage.waitFor();
  await waits(ada);
  await drawing.shown('Tunnel').first().waitFor();
  assert.equal((await api.items(project.id)).some((item) => item.id === id), false);
  ada.network.mend();
  await ada.says('Saved', 40_000);
  const held = await watch(stage.server, token, id);
  try {
    await until('all of it is there', () => held.shapes().length === 2 && held.connectors().length === 1);
    const [{ from, to }] = held.connectors();
    assert.deepEqual(new Set([from.shape, to.shape]), new Set(held.shapes().map((one) => one.id)));
    assert.equal(held.shape('Tunnel').kind, 'rectangle');
    await until('it stands in the project once', async () => (await api.items(project.id)).filter(({ title, type }) => title === 'Drawn below ground' && type === 'diagram').length === 1);
  } finally {
    held.end();
  }
});
