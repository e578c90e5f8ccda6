// A diagram that two people draw at once: what each sees of the other, before and after it is written.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { diagram, Drawing } from './drawing.mjs';
import { Stage } from './stage.mjs';

let ada;
let ben;
let hers;
let his;
let project;
let it;
let document;

const stage = new Stage({}, async ({ server }) => {
  const me = await server.setUp();
  const api = server.api.as(me.access_token);
  await api.invite('editor', { name: 'Ben Okafor', email: 'ben@example.com', password: PASSWORD });
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  it = await diagram(server, api, me.access_token, project, 'How a payment goes');
  ({ document } = it);
  ada = await stage.person('ada', { width: 1500, height: 900 });
  ben = await stage.person('ben', { width: 1500, height: 900, network: true });
  await ada.signIn('ada@example.com');
  await ben.signIn('ben@example.com');
  [hers, his] = [new Drawing(ada, document), new Drawing(ben, document)];
  await hers.open(project.id, it.id);
  await his.open(project.id, it.id);
});
after(() => document?.end());

const cursor = (person, name) => person.page.locator(`[data-cursor="${name}"]`);
/** Where an element's node stands, in diagram units. */
const place = (person, text) =>
  person.page
    .locator('.react-flow__node', { has: person.page.locator('text', { hasText: text }) })
    .first()
    .evaluate((element) => {
      const { e, f } = new DOMMatrix(element.style.transform);
      return [Math.round(e), Math.round(f)];
    });

stage.test('each sees where the other points, by name', async () => {
  await hers.point([-100, -50]);
  const shown = cursor(ben, 'Ada Lindqvist');
  await shown.waitFor();
  await until('it is where she points', async () => {
    const { e, f } = await shown.evaluate((element) => {
      const { m41, m42 } = new DOMMatrix(element.style.transform.replace(/scale.*$/, ''));
      return { e: m41, f: m42 };
    });
    return Math.abs(e + 100) <= 1 && Math.abs(f + 50) <= 1;
  });
});

stage.test('what is being drawn shows before it is written, and is written once', async () => {
  let updates = 0;
  const count = () => (updates += 1);
  document.doc.on('update', count);
  await ada.press('r');
  await hers.press([-300, -200]);
  for (let n = 1; n <= 12; n += 1) await hers.point([-300 + n * 12, -200 + n * 7]);
  await ben.page.locator('[data-stage] svg path[stroke]').first().waitFor();
  assert.deepEqual(document.shapes(), []);
  await hers.release();
  await hers.is('one shape', () => document.shapes().length === 1);
  await ada.press('Enter');
  await ada.type('Browser');
  await ada.press('Escape');
  await hers.has('Browser');
  await his.shown('Browser').waitFor();
  document.doc.off('update', count);
  assert.ok(updates < 12, `${updates} updates`);
});

stage.test('a drag shows as it goes, and is one edit', async () => {
  const before = await place(ben, 'Browser');
  const { at } = document.shape('Browser');
  await hers.press([-250, -180]);
  for (let n = 1; n <= 15; n += 1) await hers.point([-250 + n * 10, -180 + n * 10]);
  await until('he sees it move', async () => (await place(ben, 'Browser'))[0] > before[0] + 100);
  assert.deepEqual(document.shape('Browser').at, at);
  await hers.release();
  await hers.is('it is written', () => document.shape('Browser').at[0] > at[0] + 100);
  const [x, y] = document.shape('Browser').at;
  await until('it stays where she left it', async () => {
    const [px, py] = await place(ben, 'Browser');
    return Math.abs(px - x) <= 2 && Math.abs(py - y) <= 2;
  });
});

stage.test('each takes back their own only', async () => {
  await his.draw('s', [250, -150], null, 'From Ben');
  await hers.shown('From Ben').waitFor();
  await hers.stage.focus();
  const before = document.shape('Browser').at;
  await ada.press('Control+z');
  await hers.is('her move is undone', () => document.shape('Browser').at.join() !== before.join());
  await hers.has('From Ben');
  await his.nothing();
  await his.stage.focus();
  await ben.press('Control+z');
  await ben.press('Control+z');
  await his.is('his note is gone', () => document.shapes().every(({ kind }) => kind !== 'sticky'));
  await hers.has('Browser');
});

stage.test('both write into one shape', async () => {
  const [x, y] = document.shape('Browser').at;
  for (const one of [hers, his]) {
    await one.nothing();
    await one.double([x + 20, y + 20]);
    await until('the field is there', () => one.isWriting());
  }
  await ada.press('Home');
  await ben.press('End');
  await Promise.all([ada.page.keyboard.type('The ', { delay: 20 }), ben.page.keyboard.type(' of Ada', { delay: 20 })]);
  await hers.has('The Browser of Ada');
  for (const one of [ada, ben]) await one.press('Escape');
  for (const one of [hers, his]) await one.shown('The').first().waitFor();
});

stage.test('what the other has chosen shows', async () => {
  const { at: [x, y] } = document.shape('The Browser of Ada');
  await hers.nothing();
  await hers.click([x + 20, y + 20]);
  const state = () => [...document.awareness.getStates().values()].find(({ user, selection }) => user?.name === 'Ada Lindqvist' && selection?.length === 1);
  await until('her choice is told', () => state() !== undefined);
  await until('it shows', () => ben.page.locator('[data-stage]').evaluate((element, colour) => [...element.querySelectorAll('div')].some(({ style }) => style.outlineColor !== '' && style.outlineColor === colour), hexToRgb(state().user.color)));
});

const hexToRgb = (hex) => `rgb(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(', ')})`;

stage.test('something is said at the cursor', async () => {
  await hers.stage.focus();
  await hers.point([0, 100]);
  await ada.press('/');
  await ada.page.getByRole('textbox', { name: 'Message at your cursor' }).fill('Look here');
  await cursor(ben, 'Ada Lindqvist').getByText('Look here').waitFor();
  await ada.press('Enter');
});

stage.test('one follows the other across the canvas', async () => {
  await ben.page.getByRole('button', { name: /^Follow Ada Lindqvist/ }).first().click();
  await hers.stage.focus();
  await hers.point([0, 100]);
  await ada.page.mouse.wheel(400, 300);
  const middle = async (drawing) => {
    const [box, view] = await Promise.all([drawing.stage.boundingBox(), drawing.view()]);
    return [(box.width / 2 - view.x) / view.zoom, (box.height / 2 - view.y) / view.zoom];
  };
  await until('he sees what she sees', async () => {
    const [a, b] = await Promise.all([middle(hers), middle(his)]);
    return Math.abs(a[0] - b[0]) < 8 && Math.abs(a[1] - b[1]) < 8 && Math.abs(a[0]) > 50;
  });
  // With a step of his own it ends.
  await his.stage.focus();
  await his.point([0, 0]);
  await ben.page.mouse.wheel(-900, 0);
  await ben.page.getByText('Following Ada').waitFor({ state: 'detached' });
});

stage.test('everybody is brought here', async () => {
  const [box] = [await hers.stage.boundingBox()];
  await ada.page.mouse.click(box.x + 60, box.y + box.height - 120, { button: 'right' });
  await ada.page.getByRole('menuitem', { name: 'Bring everyone here' }).click();
  await ben.page.getByText('Ada Lindqvist asks everybody to come here').waitFor();
  await until('he is there', async () => {
    const [a, b] = [await hers.view(), await his.view()];
    return Math.abs(a.x - b.x) < 12 && Math.abs(a.y - b.y) < 12;
  });
});

stage.test('without the network one draws on, and it all comes together', async () => {
  for (const one of [hers, his]) {
    await one.stage.focus();
    await one.nothing();
    await one.person.press('Shift+1');
    await one.rest();
  }
  await his.stage.focus();
  ben.network.cut();
  await until('he is offline', async () => /offline/i.test(await ben.pill.innerText()));
  const { at: [x, y], size: [w, h] } = document.shape('The Browser of Ada');
  await ben.press('r');
  await his.drag([x + 20, y + h + 60], [x + 150, y + h + 130]);
  await ben.press('Enter');
  await ben.type('Alone');
  await ben.press('Escape');
  await hers.nothing();
  await hers.drag([x + w / 2, y + 20], [x + w / 2 + 100, y + 20]);
  await hers.is('she moved it meanwhile', () => document.shape('The Browser of Ada').at[0] > x);
  ben.network.mend();
  await hers.has('Alone');
  await hers.shown('Alone').waitFor();
  await ben.says('Saved');
});
