// Items and diagrams: a diagram of an item, rows and links as cards, links of shapes, what a frame holds.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { until } from '../support/wait.mjs';
import { diagram, Drawing, watch } from './drawing.mjs';
import { Stage } from './stage.mjs';

let ada;
let api;
let me;
let project;
let epic;
const features = [];
let it;
let canvas;
let document;
const watched = [];

const stage = new Stage({}, async ({ server }) => {
  me = await server.setUp();
  api = server.api.as(me.access_token);
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  epic = await api.post(`/projects/${project.id}/items`, { title: 'Pay without leaving the shop', type: 'epic' });
  for (const title of ['Saved cards', 'Refunds', 'Gift cards', 'Invoices', 'Vouchers']) features.push(await api.post(`/projects/${project.id}/items`, { title, type: 'feature', parent: epic.id }));
  await api.post(`/projects/${project.id}/items`, { title: 'Offer the last card first', type: 'story', parent: features[0].id });
  it = await diagram(server, api, me.access_token, project, 'Payments');
  ({ document } = it);
  watched.push(document);
  ada = await stage.person('ada', { width: 1600, height: 1000, still: true });
  await ada.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await ada.signIn('ada@example.com');
  canvas = new Drawing(ada, document);
});
after(() => watched.forEach((one) => one.end()));

const key = (keys) => ada.press(keys);
const cards = (of) => of.shapes().filter(({ kind }) => kind === 'card');
const opened = () => new URL(ada.page.url()).pathname.split('/').at(-1);

stage.test('an item’s menu makes a diagram of it and all below it, and one undo takes it away', async () => {
  await ada.go(`/p/${project.id}`);
  await ada.row(/Pay without leaving/).click({ button: 'right' });
  await ada.page.getByRole('menuitem', { name: 'Make a diagram of it' }).click();
  await canvas.stage.waitFor();
  await ada.row(/Diagram: Pay without leaving the shop, as a diagram/).waitFor();
  await ada.says('Saved');
  const id = opened();
  const made = await watch(stage.server, me.access_token, id);
  watched.push(made);
  await until('seven cards, each but the first led to by a connector', () => cards(made).length === 7 && made.connectors().length === 6);
  assert.deepEqual(new Set(cards(made).map(({ item }) => item)), new Set([epic.id, ...features.map((feature) => feature.id), (await api.items(project.id)).find(({ title }) => title === 'Offer the last card first').id]));
  const of = (item) => cards(made).find((card) => card.item === item);
  for (const feature of features) {
    assert.ok(made.connectors().some(({ from, to }) => from.shape === of(epic.id).id && to.shape === of(feature.id).id));
    assert.ok(of(feature.id).at[0] > of(epic.id).at[0], 'it leads to the right');
  }
  const boxes = cards(made).map(({ at: [x, y], size: [w, h] }) => ({ x, y, w, h }));
  for (const a of boxes) for (const b of boxes) assert.ok(a === b || a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y, 'none lies over another');
  await ada.page.locator('.react-flow__node', { hasText: 'Offer the last card first' }).waitFor();
  // On the canvas there is nothing to undo: it was made so.
  assert.equal(await ada.button(/^Undo \(/).last().isDisabled(), true);
  await ada.page.getByRole('tree').focus();
  await key('Control+z');
  await ada.row(/as a diagram/).waitFor({ state: 'detached' });
  await until('the server has taken it away', async () => (await api.items(project.id)).every((item) => item.id !== id));
});

stage.test('so does the item’s own page, and the palette', async () => {
  await ada.go(`/p/${project.id}/${features[0].id}`);
  await ada.description.waitFor();
  await ada.button('Make a diagram of it').click();
  await canvas.stage.waitFor();
  await ada.page.locator('.react-flow__node', { hasText: 'Offer the last card first' }).waitFor();
  await ada.says('Saved');
  await ada.go(`/p/${project.id}/${features[1].id}`);
  await ada.description.waitFor();
  await ada.says('Saved');
  await key('Control+k');
  await ada.page.getByRole('dialog').getByRole('combobox').fill('Make a diagram');
  await ada.page.getByRole('option', { name: /Make a diagram of it/ }).click();
  await canvas.stage.waitFor();
  await ada.page.locator('.react-flow__node', { hasText: 'Refunds' }).waitFor();
});

async function dragRow(name, to) {
  const row = await ada.row(name).boundingBox();
  await ada.page.mouse.move(row.x + row.width / 2, row.y + row.height / 2);
  await ada.page.mouse.down();
  const [x, y] = await canvas.at(to);
  await ada.page.mouse.move((row.x + x) / 2, (row.y + y) / 2, { steps: 3 });
  await ada.page.mouse.move(x, y, { steps: 3 });
  await ada.page.mouse.up();
}

stage.test('a row that is dragged onto the canvas becomes a card there, and stays in the tree', async () => {
  await canvas.open(project.id, it.id);
  const order = (await api.items(project.id)).map(({ id, parent }) => [id, parent]);
  await dragRow(/Feature: Refunds/, [0, 0]);
  await canvas.is('a card', () => cards(document).length === 1);
  const [card] = cards(document);
  assert.deepEqual([card.item, card.at], [features[1].id, [-140, -44]]);
  assert.equal(opened(), it.id, 'nothing else was opened');
  assert.deepEqual((await api.items(project.id)).map(({ id, parent }) => [id, parent]), order);
  await key('Control+z');
  await canvas.is('one undo takes it away', () => cards(document).length === 0);
});

stage.test('several chosen rows become several cards, in the order of the tree', async () => {
  await ada.row(/Feature: Vouchers/).click({ modifiers: ['Control'] });
  await ada.row(/Feature: Refunds/).click({ modifiers: ['Control'] });
  await ada.row(/Feature: Invoices/).click({ modifiers: ['Control'] });
  await dragRow(/Feature: Invoices/, [0, 0]);
  await canvas.is('three cards', () => cards(document).length === 3);
  assert.deepEqual(cards(document).sort((a, b) => a.at[1] - b.at[1]).map(({ item }) => item), [features[1], features[3], features[4]].map(({ id }) => id));
  await key('Control+z');
  await canvas.is('one step', () => cards(document).length === 0);
  await ada.page.getByRole('tree').focus();
  await key('Escape');
  await canvas.stage.focus();
});

stage.test('addresses of items that are pasted become cards, in the frame that they come into', async () => {
  const url = (item) => `${stage.server.url}/p/${project.id}/${item.id}`;
  const paste = (text) =>
    canvas.stage.evaluate((element, given) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', given);
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, text);
  await canvas.draw('f', [-300, -200], [300, 200]);
  await canvas.nothing();
  await canvas.point([0, 0]);
  await paste(url(features[0]));
  await canvas.is('a card in the frame', () => cards(document)[0]?.item === features[0].id && cards(document)[0].frame === document.shapes().find(({ kind }) => kind === 'frame').id);
  await key('Control+z');
  // As the tree copies several of them.
  await paste(`- [Saved cards](${url(features[0])})\n- [Refunds](${url(features[1])})`);
  await canvas.is('two cards', () => cards(document).length === 2);
  await key('Control+z');
  // Elsewhere it is only a text.
  await paste('https://example.com/p/1/2');
  await canvas.is('a text', () => document.shapes().some(({ kind, text }) => kind === 'text' && text === 'https://example.com/p/1/2'));
  await key('Control+z');
  await canvas.is('only the frame is left', () => document.shapes().length === 1);
});

stage.test('a frame is deleted with what it holds, or taken away from around it', async () => {
  await canvas.nothing();
  await canvas.draw('r', [-100, -60], [60, 20], 'Inside');
  await canvas.draw('r', [400, -60], [520, 20], 'Outside');
  await canvas.nothing();
  await canvas.draw('c', [60, -20], [400, -20]);
  await canvas.is('a connector', () => document.connectors().length === 1);
  const frame = document.shapes().find(({ kind }) => kind === 'frame');
  assert.equal(document.shape('Inside').frame, frame.id);
  await canvas.nothing();
  await canvas.click([-300, 100]);
  await key('Delete');
  await canvas.is('what it held is gone, with its connector', () => document.shapes().map(({ text }) => text).join() === 'Outside' && document.connectors().length === 0);
  await key('Control+z');
  await canvas.is('one undo brings all back', () => document.shapes().length === 3 && document.connectors().length === 1 && document.shape('Inside').frame === frame.id);
  await canvas.click([-300, 100], { button: 'right' });
  await ada.page.getByRole('menuitem', { name: 'Remove the frame, keep what is in it' }).click();
  await canvas.is('what it held stays', () => document.shapes().length === 2 && document.shape('Inside').frame === undefined && document.connectors().length === 1);
  await key('Control+z');
  await canvas.is('one undo', () => document.shapes().length === 3 && document.shape('Inside').frame === frame.id);
});

stage.test('a shape with a link carries a mark, which opens it, as a click with Control does, and the menu', async () => {
  await ada.page.context().route('https://example.com/**', (route) => route.fulfill({ body: 'There' }));
  await canvas.nothing();
  await canvas.click([-20, -20]);
  await ada.page.getByRole('textbox', { name: 'Link' }).fill('https://example.com/spec');
  await key('Enter');
  await canvas.shapeIs('Inside', { link: 'https://example.com/spec' });
  const opens = async (act) => {
    const [page] = await Promise.all([ada.page.context().waitForEvent('page'), act()]);
    await page.waitForURL('https://example.com/spec');
    assert.equal(await page.evaluate(() => window.opener), null);
    await page.close();
  };
  await canvas.stage.focus();
  await opens(() => canvas.stage.locator('a[href="https://example.com/spec"]').click());
  await opens(async () => {
    await ada.page.keyboard.down('Control');
    await canvas.click([-20, -20]);
    await ada.page.keyboard.up('Control');
  });
  await opens(async () => {
    await canvas.click([-20, -20], { button: 'right' });
    await ada.page.getByRole('menuitem', { name: 'Open the link' }).click();
  });
  await canvas.stage.focus();
  await opens(() => key('Control+Enter'));
  await ada.accessible('a shape with a link', ['wcag2a', 'wcag2aa']);
});

stage.test('from far away cards have the colour of their status', async () => {
  await api.patch(`/items/${features[1].id}`, { status: 'done' });
  await canvas.nothing();
  // Enough to be drawn on one canvas when they are small.
  const shapes = Array.from({ length: 400 }, (_, at) => (at === 0 ? { id: 'card', kind: 'card', at: [0, 3000], size: [1600, 1200], item: features[1].id, rank: 'a0', text: '' } : { id: `s${at}`, kind: 'sticky', at: [2000 + (at % 20) * 200, 3000 + Math.floor(at / 20) * 200], size: [180, 180], rank: 'a0', text: '' }));
  await canvas.stage.evaluate((element, given) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', given);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, JSON.stringify({ canopy: 'diagram', version: 1, title: '', shapes, connectors: [] }));
  await canvas.is('they are here', () => document.shapes().length > 400);
  await canvas.nothing();
  await key('Shift+!');
  const { at: [x, y], size: [w, h] } = document.shapes().find(({ kind, size }) => kind === 'card' && size[0] === 1600);
  const colour = async (point) => {
    const [px, py] = await canvas.at(point);
    return canvas.stage.evaluate((element, [clientX, clientY]) => {
      const picture = [...element.querySelectorAll('canvas')].find((one) => one.clientWidth > 300);
      if (picture === undefined) return 'no overview';
      const box = picture.getBoundingClientRect();
      const scale = picture.width / box.width;
      return [...picture.getContext('2d').getImageData(Math.round((clientX - box.left) * scale), Math.round((clientY - box.top) * scale), 1, 1).data].join();
    }, [px, py]);
  };
  await until('the card is green', async () => {
    const now = await colour([x + w / 2, y + h * 0.9]);
    const [r, g, b] = now.split(',').map(Number);
    if (!(g > r && g > b)) throw new Error(now);
    return true;
  });
});

stage.test('by keyboard alone: two shapes are drawn, named, connected, moved, styled, edited as a list, and all of it undone', async () => {
  const bare = await diagram(stage.server, api, me.access_token, project, 'Keys only');
  watched.push(bare.document);
  const drawing = new Drawing(ada, bare.document);
  const doc = bare.document;
  await drawing.open(project.id, bare.id);
  const put = async (label, text) => {
    await key('m');
    const shapes = ada.page.getByRole('region', { name: 'Shapes' });
    await shapes.waitFor();
    await until('the library has the focus', () => shapes.evaluate((panel) => panel.contains(globalThis.document.activeElement)));
    await ada.tabTo(new RegExp(`^${label}$`));
    await key('Enter');
    await drawing.is('it is here', () => doc.shapes().some((shape) => shape.text === ''));
    await key('Enter');
    await until('its text is written', () => drawing.isWriting());
    await ada.type(text);
    await key('Escape');
    await drawing.has(text);
    // The library is closed again.
    await key('m');
    await shapes.waitFor({ state: 'hidden' });
  };
  await put('Rectangle', 'Shop');
  for (let n = 0; n < 20; n += 1) await key('Shift+ArrowLeft');
  await put('Cylinder', 'Orders');
  await drawing.is('side by side', () => doc.shape('Shop').at[0] < doc.shape('Orders').at[0] - 150);
  await key('F6');
  await ada.tabTo(/^Fill: Teal$/);
  await key('Enter');
  await drawing.shapeIs('Orders', { fill: 'teal' });
  await key('Escape');
  const before = doc.shape('Orders').at;
  await key('ArrowDown');
  await drawing.shapeIs('Orders', { at: [before[0], before[1] + 1] });
  // Connecting is the list's.
  await key('Shift+L');
  const list = ada.page.getByRole('region', { name: 'Elements' });
  await list.waitFor();
  // It reads from top to bottom.
  const above = doc.shape('Shop').at[1] < doc.shape('Orders').at[1];
  await ada.tabTo(/^Rectangle: Shop/, { key: above ? 'ArrowUp' : 'ArrowDown', most: 5 });
  await key('Enter');
  const connect = list.getByRole('combobox', { name: 'Connect to' });
  for (let n = 0; n < 30 && !(await connect.evaluate((field) => field === globalThis.document.activeElement)); n += 1) await key('Tab');
  await ada.type('Ord');
  await ada.tabTo(/^Connect$/, { most: 3 });
  await key('Enter');
  await drawing.is('connected', () => doc.connectors().length === 1);
  await list.getByRole('textbox', { name: 'Text', exact: true }).focus();
  await key('Control+End');
  await ada.type(' today');
  await drawing.has('Shop today');
  const [connector] = doc.connectors();
  assert.deepEqual([connector.from.shape, connector.to.shape], [doc.shape('Shop today').id, doc.shape('Orders').id]);
  await key('Escape');
  await until('the keys are the canvas’ again', () => ada.page.evaluate(() => globalThis.document.activeElement?.hasAttribute('data-stage')));
  for (let n = 0; n < 40 && doc.shapes().length > 0; n += 1) await key('Control+z');
  await drawing.is('all is undone', () => doc.shapes().length === 0 && doc.connectors().length === 0);
  for (let n = 0; n < 40; n += 1) await key('Control+Shift+z');
  await drawing.is('and done again', () => doc.shapes().length === 2 && doc.connectors().length === 1);
});

stage.test('? tells the canvas’ keys, and its menus tell them beside what they do', async () => {
  await canvas.open(project.id, it.id);
  await key('?');
  const help = ada.page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  for (const name of ['Rectangle', 'Sticky note', 'Bring to front', 'Align left edges', 'Show everything', 'List of elements']) await help.getByText(name, { exact: true }).first().waitFor();
  await key('Escape');
  await help.waitFor({ state: 'hidden' });
  await canvas.stage.focus();
  await key('Control+a');
  await key('Shift+F10');
  const menu = ada.page.getByRole('menu', { name: 'What can be done' });
  await menu.getByRole('menuitem', { name: /^Duplicate\s*Ctrl\+D/ }).waitFor();
  await menu.getByRole('menuitem', { name: 'Align' }).click();
  await ada.page.getByRole('menuitem', { name: /^Align left edges\s*Alt\+A/ }).waitFor();
  await ada.accessible('an open menu in a menu', ['wcag2a', 'wcag2aa']);
});
