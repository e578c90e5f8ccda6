// A diagram under fingers and a pen, on a phone: what is drawn, moved and looked at without a mouse.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { diagram, Drawing, Touch } from './drawing.mjs';
import { Stage } from './stage.mjs';

let ada;
let project;
let it;
let canvas;
let document;
let touch;

const stage = new Stage({}, async ({ server }) => {
  const me = await server.setUp();
  const api = server.api.as(me.access_token);
  await api.invite('viewer', { name: 'Vera Lind', email: 'vera@example.com', password: PASSWORD });
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  it = await diagram(server, api, me.access_token, project, 'Sketch');
  ({ document } = it);
  ada = await stage.person('ada', { width: 390, height: 844, touch: true, still: true });
  await ada.signIn('ada@example.com');
  canvas = new Drawing(ada, document);
  await canvas.open(project.id, it.id);
  touch = await Touch.of(ada);
});
after(() => document?.end());

const tool = (name) => ada.page.getByRole('toolbar', { name: 'Tools' }).getByRole('button', { name, exact: true });
const at = (...points) => Promise.all(points.map((point) => canvas.at(point)));

/** Two views are the same, but for what a pixel is. */
const same = (a, b) => Math.abs(a.x - b.x) < 1 && Math.abs(a.y - b.y) < 1 && Math.abs(a.zoom - b.zoom) < 0.001;

stage.test('on a phone every tool is in reach', async () => {
  await ada.page.getByText('Draw the first shape').waitFor();
  const bar = ada.page.getByRole('toolbar', { name: 'Tools' });
  const [width, content] = await bar.evaluate((element) => [element.clientWidth, element.scrollWidth]);
  assert.equal(content, width, 'nothing of the toolbar is out of sight');
  for (const button of await bar.getByRole('button').all()) {
    if (!(await button.isVisible())) continue;
    const box = await button.boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.width >= 36 && box.height >= 36, JSON.stringify(box));
  }
  // What has no room there is in the library.
  await tool('More shapes').tap();
  const library = ada.page.getByRole('region', { name: 'Shapes' });
  for (const name of ['Ellipse', 'Diamond', 'Frame', 'Line', 'Image', 'Spec card']) await library.getByRole('button', { name, exact: true }).first().waitFor();
  await ada.axe('the library on a phone');
  await tool('More shapes').tap();
});

stage.test('a finger draws', async () => {
  await tool('Rectangle').tap();
  await touch.drag(await at([-140, -160]), await at([-20, -100]));
  await canvas.is('a rectangle', () => document.shapes().length === 1);
  assert.deepEqual([document.shapes()[0].kind, document.shapes()[0].at, document.shapes()[0].size], ['rectangle', [-140, -160], [120, 60]]);
  await tool('Sticky note').tap();
  await touch.tap((await at([40, 60]))[0]);
  await until('its text is written at once', () => canvas.isWriting());
  await ada.type('Remember');
  await ada.press('Escape');
  await canvas.has('Remember');
});

stage.test('a shape from the library is drawn, and the library makes room', async () => {
  await tool('More shapes').tap();
  await ada.page.getByRole('region', { name: 'Shapes' }).getByRole('button', { name: 'Ellipse' }).tap();
  await ada.page.getByRole('region', { name: 'Shapes' }).waitFor({ state: 'hidden' });
  await touch.drag(await at([20, -180]), await at([120, -100]));
  await canvas.is('an ellipse', () => document.shapes().some(({ kind }) => kind === 'ellipse'));
});

stage.test('a finger moves what it takes, and chooses where there is nothing', async () => {
  await canvas.nothing();
  await touch.drag(await at([-80, -130]), await at([-80, -210]));
  await canvas.is('it is moved', () => document.shapes().some(({ kind, at: [x, y] }) => kind === 'rectangle' && x === -140 && y === -240));
  const before = await canvas.view();
  await canvas.nothing();
  await touch.drag(await at([-170, -280]), await at([150, -60]));
  await ada.page.getByTestId('announcement').filter({ hasText: '2 elements selected' }).waitFor({ state: 'attached' });
  assert.ok(same(await canvas.view(), before), 'the canvas stays');
  await ada.button('Style', { exact: true }).tap();
  const style = ada.page.getByRole('region', { name: 'Style' });
  await style.getByRole('button', { name: 'Fill: Blue' }).tap();
  await canvas.is('both are blue', () => document.shapes().filter(({ fill }) => fill === 'blue').length === 2);
  await ada.axe('the style panel on a phone');
  await ada.button('Style', { exact: true }).tap();
});

stage.test('with the hand one finger moves the canvas, and two do with every tool', async () => {
  const count = document.shapes().length;
  const places = JSON.stringify(document.shapes().map((shape) => shape.at));
  await tool('Move the canvas').tap();
  const first = await canvas.view();
  const [middle] = await at([0, 0]);
  await touch.drag([middle], [[middle[0] + 60, middle[1] + 40]]);
  await until('it moved', async () => {
    const now = await canvas.view();
    return Math.abs(now.x - first.x - 60) < 12 && Math.abs(now.y - first.y - 40) < 12 && now.zoom === first.zoom;
  });
  await tool('Rectangle').tap();
  const before = await canvas.view();
  const [x, y] = middle;
  await touch.drag([[x - 40, y], [x + 40, y]], [[x - 90, y], [x + 90, y]]);
  await until('it zoomed', async () => (await canvas.view()).zoom > before.zoom * 1.6);
  const large = await canvas.view();
  await touch.drag([[x - 60, y], [x + 60, y]], [[x - 60, y + 80], [x + 60, y + 80]]);
  await until('it moved', async () => (await canvas.view()).y > large.y + 50);
  assert.equal(document.shapes().length, count, 'nothing was drawn');
  assert.equal(JSON.stringify(document.shapes().map((shape) => shape.at)), places, 'nothing was moved');
  await ada.press('Escape');
  await ada.press('Shift+!');
});

stage.test('a finger that rests opens the menu', async () => {
  await tool('Select').tap();
  await canvas.nothing();
  const { at: [x, y] } = document.shapes().find(({ kind }) => kind === 'rectangle');
  const count = document.shapes().length;
  const [point] = await at([x + 30, y + 30]);
  await touch.down(point);
  const menu = ada.page.getByRole('menu', { name: 'What can be done' });
  await menu.waitFor();
  await touch.up();
  await menu.getByRole('menuitem', { name: 'Duplicate' }).waitFor();
  assert.deepEqual(document.shapes().find(({ kind }) => kind === 'rectangle').at, [x, y], 'it stays where it is');
  await menu.getByRole('menuitem', { name: 'Duplicate' }).tap();
  await canvas.is('one more', () => document.shapes().length === count + 1);
  await canvas.stage.focus();
  await ada.press('Control+z');
  await canvas.is('as before', () => document.shapes().length === count);
});

stage.test('a pen draws with its pressure, and a hand beside it only moves the canvas', async () => {
  await canvas.nothing();
  await tool('Pen').tap();
  const [from, to] = await at([-100, 120], [60, 160]);
  await touch.pen('mousePressed', from, 0.2);
  for (let step = 1; step <= 10; step += 1) {
    await touch.pen('mouseMoved', [from[0] + ((to[0] - from[0]) * step) / 10, from[1] + ((to[1] - from[1]) * step * step) / 100], 0.2 + step * 0.07);
    // A hand comes down in the middle of it.
    if (step === 5) await touch.tap([from[0] + 20, from[1] + 150]);
  }
  await touch.pen('mouseReleased', to, 0);
  await canvas.is('a stroke', () => document.shapes().filter(({ kind }) => kind === 'draw').length === 1);
  const stroke = document.shapes().find(({ kind }) => kind === 'draw');
  const pressures = stroke.points.filter((_, index) => index % 3 === 2);
  assert.ok(Math.min(...pressures) <= 0.3 && Math.max(...pressures) >= 0.8, pressures.join(' '));
  assert.ok(stroke.size[0] > 140, 'it is whole');
  const before = await canvas.view();
  await touch.drag([from], [[from[0] + 50, from[1] - 60]]);
  await until('the canvas moved', async () => (await canvas.view()).y < before.y - 30);
  assert.equal(document.shapes().filter(({ kind }) => kind === 'draw').length, 1, 'the finger drew nothing');
});

stage.test('who may only read moves the canvas with one finger', async () => {
  const vera = await stage.person('vera', { width: 390, height: 844, touch: true, still: true });
  await vera.signIn('vera@example.com');
  await vera.go(`/p/${project.id}/${it.id}`);
  const hers = new Drawing(vera, document);
  await hers.stage.waitFor();
  await vera.says('Read only');
  const fingers = await Touch.of(vera);
  const before = await hers.view();
  await fingers.drag([[200, 700]], [[200, 640]]);
  await until('it moved', async () => (await hers.view()).y < before.y - 30);
});

stage.test('on a trackpad two fingers move, and a pinch zooms where the pointer is', async () => {
  const eve = await stage.person('eve', { width: 1280, height: 800 });
  await eve.signIn('ada@example.com');
  const hers = new Drawing(eve, document);
  await hers.open(project.id, it.id);
  await hers.point([0, 0]);
  const before = await hers.view();
  await eve.page.mouse.wheel(30, 50);
  await until('it moved', async () => {
    const now = await hers.view();
    return now.x < before.x - 10 && now.y < before.y - 20 && now.zoom === before.zoom;
  });
  const moved = await hers.view();
  const here = await hers.at([100, 100]);
  await eve.page.mouse.move(...here);
  // The browser tells a pinch as a wheel with Control.
  await hers.stage.evaluate((element, [clientX, clientY]) => {
    for (let n = 0; n < 5; n += 1) element.querySelector('.react-flow__pane').dispatchEvent(new WheelEvent('wheel', { deltaY: -30, ctrlKey: true, clientX, clientY, bubbles: true, cancelable: true }));
  }, here);
  await until('it zoomed', async () => (await hers.view()).zoom > moved.zoom * 1.1);
  const [x, y] = await hers.at([100, 100]);
  assert.ok(Math.abs(x - here[0]) < 2 && Math.abs(y - here[1]) < 2, 'what is under the pointer stays there');
});
