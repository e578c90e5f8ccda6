// A diagram that one person draws: every tool, by pointer and by key, and what the document holds afterwards.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { diagram, Drawing } from './drawing.mjs';
import { Stage } from './stage.mjs';

let ada;
let api;
let project;
let epic;
let it;
let canvas;
let document;

const stage = new Stage({}, async ({ server }) => {
  const me = await server.setUp();
  api = server.api.as(me.access_token);
  await api.invite('viewer', { name: 'Vera Lind', email: 'vera@example.com', password: PASSWORD });
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  epic = await api.post(`/projects/${project.id}/items`, { title: 'Pay without leaving the shop', type: 'epic' });
  for (const title of ['Saved cards', 'Refunds']) await api.post(`/projects/${project.id}/items`, { title, type: 'feature', parent: epic.id });
  it = await diagram(server, api, me.access_token, project, 'How a payment goes');
  ({ document } = it);
  ada = await stage.person('ada', { width: 1920, height: 1080 });
  await ada.signIn('ada@example.com');
  canvas = new Drawing(ada, document);
  await canvas.open(project.id, it.id);
});
after(() => document?.end());

const key = (keys) => ada.press(keys);
const chosen = () => ada.page.getByTestId('announcement');

stage.test('an empty diagram says how to begin, and is accessible', async () => {
  await ada.page.getByText('Draw the first shape').waitFor();
  await ada.axe('an empty diagram');
});

stage.test('shapes are drawn by key and pointer, and stand on the grid', async () => {
  await canvas.draw('r', [-303, -198], [-151, -120], 'Browser');
  await canvas.shapeIs('Browser', { kind: 'rectangle', at: [-300, -200], size: [150, 80] });
  await canvas.draw('o', [0, -200], [160, -100], 'Payments');
  await canvas.draw('d', [0, 0], [160, 110], 'Enough?');
  await canvas.draw('s', [-220, 60], null, 'Ask legal about the CVC');
  await canvas.shapeIs('Ask legal about the CVC', { kind: 'sticky', at: [-310, -30], size: [180, 180] });
  await canvas.shown('Browser').waitFor();
  assert.equal(await ada.page.getByText('Draw the first shape').count(), 0);
});

stage.test('a text is written where one double-clicks, over several lines, and an empty one is nothing', async () => {
  await canvas.double([250, -250]);
  await ada.type('Who pays');
  await key('Enter');
  await ada.type('the fee?');
  await key('Escape');
  await canvas.shapeIs('Who pays\nthe fee?', { kind: 'text', text: 'Who pays\nthe fee?' });
  const count = document.shapes().length;
  await canvas.double([250, 200]);
  await key('Escape');
  await canvas.is('no empty text is left', () => document.shapes().length === count);
});

stage.test('connectors hold on to shapes, at a side or at the one that suits, and follow them', async () => {
  await canvas.draw('c', [-225, -160], [80, -150]);
  await canvas.is('a connector', () => document.connectors().length === 1);
  const [first] = document.connectors();
  assert.deepEqual([first.from.shape, first.from.side, first.to.shape], [document.shape('Browser').id, 'auto', document.shape('Payments').id]);
  // From the middle of a side it leaves that side, whatever moves.
  await canvas.draw('c', [80, -100], [80, 0], undefined);
  await canvas.is('two connectors', () => document.connectors().length === 2);
  const second = document.connectors().find(({ id }) => id !== first.id);
  assert.deepEqual([second.from.side, second.to.side], ['bottom', 'top']);
  await key('Enter');
  await ada.type('charge');
  await key('Escape');
  await canvas.is('its text', () => document.connectors().some(({ text }) => text === 'charge'));
  const way = () => ada.page.locator(`[data-id="${second.id}"] path`).first().getAttribute('d');
  const before = await way();
  await canvas.nothing();
  await canvas.drag([80, 55], [80, 105]);
  await canvas.shapeIs('Enough?', { at: [0, 50] });
  assert.notEqual(await way(), before);
});

stage.test('from the dots beside a shape a connector is drawn, and its ends go elsewhere', async () => {
  await canvas.point([-225, -160]);
  await ada.page.locator('[data-handle="side:bottom"]').waitFor();
  await canvas.drag([-225, -106], [-220, 50]);
  await canvas.is('three connectors', () => document.connectors().length === 3);
  const [made] = document.connectors().filter(({ to }) => to.shape === document.shape('Ask legal about the CVC').id);
  assert.equal(made.from.side, 'bottom');
  const handle = await ada.page.locator('[data-handle="end:to"]').boundingBox();
  await ada.page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
  await ada.page.mouse.down();
  await canvas.point([40, 105], 4);
  await canvas.release();
  await canvas.is('its end is elsewhere', () => document.connectors().find(({ id }) => id === made.id)?.to.shape === document.shape('Enough?').id);
  await key('Control+z');
  await canvas.is('and back', () => document.connectors().find(({ id }) => id === made.id)?.to.shape === document.shape('Ask legal about the CVC').id);
});

stage.test('deleting a shape takes its connectors, and one undo brings all back', async () => {
  await canvas.nothing();
  await canvas.click([80, -150]);
  await key('Delete');
  await canvas.is('it is gone with its connectors', () => document.connectors().length === 1 && document.shapes().every(({ text }) => text !== 'Payments'));
  await key('Control+z');
  await canvas.is('it is back', () => document.connectors().length === 3);
  await canvas.shapeIs('Payments', { at: [0, -200] });
  await key('Control+Shift+z');
  await canvas.is('it is gone again', () => document.connectors().length === 1);
  await key('Control+z');
  await canvas.has('Payments');
});

stage.test('a drag is one step of undo, and Escape gives it up', async () => {
  await canvas.nothing();
  await canvas.drag([-225, -160], [-105, -60]);
  await canvas.shapeIs('Browser', { at: [-180, -100] });
  await key('Control+z');
  await canvas.shapeIs('Browser', { at: [-300, -200] });
  await canvas.press([-225, -160]);
  await canvas.point([-25, 60], 4);
  await key('Escape');
  await canvas.release();
  await canvas.shapeIs('Browser', { at: [-300, -200] });
});

stage.test('arrows move by one and by ten', async () => {
  await canvas.click([-225, -160]);
  for (const press of ['ArrowRight', 'ArrowDown', 'Shift+ArrowLeft']) await key(press);
  await canvas.shapeIs('Browser', { at: [-309, -199] });
  for (let n = 0; n < 3; n += 1) await key('Control+z');
  await canvas.shapeIs('Browser', { at: [-300, -200] });
});

stage.test('handles resize and turn', async () => {
  await canvas.click([-225, -160]);
  await canvas.drag([-150, -120], [-110, -80]);
  await canvas.shapeIs('Browser', { at: [-300, -200], size: [190, 120] });
  await key('Control+z');
  const handle = await ada.page.locator('[data-handle="rotate"]').boundingBox();
  await ada.page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
  await ada.page.mouse.down();
  await ada.page.keyboard.down('Shift');
  await canvas.point([-100, -160], 5);
  await ada.page.keyboard.up('Shift');
  await canvas.release();
  await canvas.is('it is turned', () => document.shape('Browser').angle > 0 && document.shape('Browser').angle % 15 === 0);
  await key('Control+z');
  await canvas.shapeIs('Browser', { size: [150, 80], angle: undefined });
});

stage.test('a rectangle around shapes chooses them; together they are aligned, grouped, copied and locked', async () => {
  await canvas.nothing();
  await canvas.drag([-350, -230], [180, -80]);
  await chosen().filter({ hasText: '3 elements selected' }).waitFor({ state: 'attached' });
  await key('Alt+s');
  await canvas.shapeIs('Browser', { at: [-300, -180] });
  await key('Control+z');
  await key('Control+g');
  await canvas.is('one group', () => document.shape('Browser').groups?.length === 1 && document.shape('Browser').groups[0] === document.shape('Payments').groups[0]);
  await canvas.nothing();
  await canvas.drag([-225, -160], [-225, -140]);
  await canvas.shapeIs('Payments', { at: [0, -180] });
  await key('Control+z');
  await key('Control+Shift+g');
  await canvas.shapeIs('Browser', { groups: undefined });
  await canvas.nothing();
  await canvas.click([-225, -160]);
  await key('Control+d');
  await canvas.is('a copy', () => document.shapes().filter(({ text }) => text === 'Browser').length === 2);
  await key('Delete');
  await canvas.has('Browser');
  await canvas.click([-225, -160]);
  await key('Control+Shift+l');
  await canvas.shapeIs('Browser', { locked: true });
  await canvas.drag([-225, -160], [-25, 260]);
  await canvas.shapeIs('Browser', { at: [-300, -200] });
  await key('Control+Shift+l');
  await canvas.shapeIs('Browser', { locked: undefined });
});

stage.test('with Alt a drag leaves a copy', async () => {
  await canvas.nothing();
  await ada.page.keyboard.down('Alt');
  await canvas.drag([-225, -160], [-225, 300]);
  await ada.page.keyboard.up('Alt');
  await canvas.is('two', () => document.shapes().filter(({ text }) => text === 'Browser').map(({ at }) => at[1]).sort((a, b) => a - b).join(' ') === '-200 260');
  await key('Delete');
  await canvas.has('Browser');
});

stage.test('what is copied is pasted, also as text', async () => {
  await canvas.nothing();
  await canvas.drag([-350, -230], [180, -80]);
  await key('Control+c');
  await canvas.point([150, 320]);
  await key('Control+v');
  await canvas.is('copies with their connector', () => document.connectors().length === 4 && document.shapes().filter(({ text }) => text === 'Payments').length === 2);
  const ids = new Set(document.shapes().map(({ id }) => id));
  for (const { from, to } of document.connectors()) for (const end of [from, to]) assert.ok(end.shape === undefined || ids.has(end.shape));
  await key('Delete');
  await canvas.has('Payments');
});

stage.test('a frame holds what is dropped into it, and takes it along', async () => {
  await canvas.nothing();
  await canvas.draw('f', [-340, -240], [190, -60]);
  await canvas.is('a frame that holds two', () => {
    const frame = document.shapes().find(({ kind }) => kind === 'frame');
    return frame !== undefined && document.shape('Browser').frame === frame.id && document.shape('Payments').frame === frame.id;
  });
  await key('Control+z');
  await canvas.is('one undo takes it back', () => document.shapes().every(({ kind, frame }) => kind !== 'frame' && frame === undefined));
  await key('Control+Shift+z');
  await canvas.drag([-100, -240], [-100, -340]);
  await canvas.shapeIs('Browser', { at: [-300, -300] });
  await canvas.nothing();
  await canvas.drag([80, 105], [-100, -250]);
  await canvas.is('another goes in', (now) => now.shape('Enough?').frame === now.shape('Frame').id);
  await key('Control+z');
  await canvas.shapeIs('Enough?', { frame: undefined, at: [0, 50] });
  await canvas.nothing();
  // With Control nothing is drawn to the grid or to others.
  await ada.page.keyboard.down('Control');
  await canvas.drag([-100, -340], [-100, -240]);
  await ada.page.keyboard.up('Control');
  await canvas.shapeIs('Browser', { at: [-300, -200] });
});

stage.test('a pen’s stroke is one shape, of few points', async () => {
  await key('p');
  await canvas.press([300, 0]);
  for (let n = 1; n <= 40; n += 1) await canvas.point([300 + n * 4, Math.sin(n / 6) * 40]);
  await canvas.release();
  await canvas.is('a drawing', () => document.shapes().some(({ kind }) => kind === 'draw'));
  const drawn = document.shapes().find(({ kind }) => kind === 'draw');
  assert.ok(drawn.points.length % 3 === 0 && drawn.points.length >= 15 && drawn.points.length <= 90, `${drawn.points.length} numbers`);
  assert.deepEqual(drawn.size, drawn.base);
  await key('Control+z');
  await canvas.is('it is gone', () => document.shapes().every(({ kind }) => kind !== 'draw'));
  await key('v');
});

stage.test('the style of what is chosen, and of what is drawn next', async () => {
  await canvas.nothing();
  await canvas.click([-225, -160]);
  const panel = ada.page.getByRole('region', { name: 'Style' });
  await panel.getByRole('button', { name: 'Fill: Blue' }).click();
  await panel.getByRole('button', { name: 'Line style: Dashed' }).click();
  await panel.getByRole('button', { name: 'Line width: Thick' }).click();
  await panel.getByRole('button', { name: 'Text size: Large', exact: true }).click();
  await canvas.shapeIs('Browser', { fill: 'blue', strokeStyle: 'dashed', strokeWidth: 4, fontSize: 24 });
  assert.equal(await panel.getByRole('button', { name: 'Fill: Blue' }).getAttribute('aria-pressed'), 'true');
  await ada.accessible('the style panel');
  await canvas.stage.focus();
  await canvas.draw('r', [300, 100], [420, 160], 'Bank');
  await canvas.shapeIs('Bank', { fill: 'blue', strokeWidth: 4 });
  await canvas.nothing();
  // The connector's.
  await canvas.click([80, -20]);
  await panel.getByRole('button', { name: 'Way: Curved' }).click();
  await panel.getByRole('button', { name: /^End:/ }).click();
  await ada.page.getByRole('menuitemradio', { name: 'Open triangle' }).click();
  await canvas.is('curved, with another head', () => document.connectors().some(({ route, end, text }) => route === 'curved' && end === 'triangle_open' && text === 'charge'));
});

stage.test('the canvas moves by wheel and space, and zooms to what is asked for', async () => {
  await canvas.stage.focus();
  await canvas.nothing();
  await key('Shift+0');
  await until('100 %', async () => (await canvas.view()).zoom === 1);
  const before = await canvas.view();
  await canvas.point([0, 300]);
  await ada.page.mouse.wheel(0, 200);
  await until('it moved down', async () => (await canvas.view()).y < before.y);
  await ada.page.keyboard.down('Space');
  const [x, y] = await canvas.at([0, 100]);
  await ada.page.mouse.move(x, y);
  await ada.page.mouse.down();
  await ada.page.mouse.move(x + 100, y, { steps: 4 });
  await ada.page.mouse.up();
  await ada.page.keyboard.up('Space');
  await until('it moved aside', async () => Math.abs((await canvas.view()).x - before.x - 100) < 2);
  await ada.page.keyboard.down('Control');
  await ada.page.mouse.wheel(0, -300);
  await ada.page.keyboard.up('Control');
  await until('it is larger', async () => (await canvas.view()).zoom > 1);
  await canvas.click([-225, -160]);
  await key('Shift+2');
  await until('one shape fills it', async () => Math.abs((await canvas.view()).zoom - 2) < 0.01);
  await key('Shift+1');
  await until('all of it shows', async () => (await canvas.view()).zoom <= 1);
  await ada.button('Zoom: ', { exact: false }).first().waitFor();
});

stage.test('a card shows its item as it is, and its title is changed in place', async () => {
  await canvas.nothing();
  await key('k');
  await ada.page.getByRole('combobox').fill('Pay without');
  await key('Enter');
  const card = canvas.page.locator('.react-flow__node').filter({ hasText: 'Pay without leaving the shop' });
  await card.waitFor();
  await card.getByText('Backlog').waitFor();
  await canvas.is('a card', () => document.shapes().some(({ kind, item }) => kind === 'card' && item === epic.id));
  await api.patch(`/items/${epic.id}`, { status: 'in_progress' });
  await card.getByText('In progress').waitFor();
  await canvas.stage.focus();
  await key('Enter');
  const title = ada.page.getByRole('textbox', { name: 'Title of the item' });
  await title.fill('Pay in the shop');
  await key('Enter');
  await until('the item is renamed', async () => (await api.get(`/items/${epic.id}`)).title === 'Pay in the shop');
  await canvas.page.locator('.react-flow__node').filter({ hasText: 'Pay in the shop' }).waitFor();
});

stage.test('a sticky note becomes an item, and its card stands in its place', async () => {
  await canvas.nothing();
  await canvas.click([-220, 60], { button: 'right' });
  await ada.page.getByRole('menuitem', { name: 'Turn into an item' }).click();
  await canvas.is('a card', () => document.shapes().some(({ kind, at }) => kind === 'card' && at[0] === -310 && at[1] === -30));
  await ada.row(/Ask legal about the CVC/).waitFor();
  const { item } = document.shapes().find(({ kind, at }) => kind === 'card' && at[0] === -310);
  await until('the server has it', async () => (await api.get(`/items/${item}`)).title === 'Ask legal about the CVC');
});

stage.test('an item and all below it are laid out as cards', async () => {
  await canvas.stage.focus();
  await canvas.nothing();
  await canvas.click([-380, -420], { button: 'right' });
  await ada.page.getByRole('menuitem', { name: 'Put in an item and all below it' }).click();
  const before = document.shapes().length;
  await ada.page.getByRole('combobox').fill('Pay in');
  await key('Enter');
  await canvas.is('three cards and two connectors more', () => document.shapes().length === before + 3);
  await key('Control+z');
  await canvas.is('one undo takes them away', () => document.shapes().length === before);
});

stage.test('a picture that is dropped is a file of the project', async () => {
  await canvas.stage.focus();
  await canvas.nothing();
  const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
  const [clientX, clientY] = await canvas.at([250, 0]);
  await canvas.stage.evaluate(
    (element, given) => {
      const dataTransfer = new DataTransfer();
      const bytes = Uint8Array.from(atob(given.png), (c) => c.charCodeAt(0));
      dataTransfer.items.add(new File([bytes], 'shop window.png', { type: 'image/png' }));
      element.dispatchEvent(new DragEvent('drop', { dataTransfer, clientX: given.clientX, clientY: given.clientY, bubbles: true, cancelable: true }));
    },
    { png, clientX, clientY },
  );
  await canvas.is('an image', () => document.shapes().some(({ kind, alt }) => kind === 'image' && alt === 'shop window'));
  const { file } = document.shapes().find(({ kind }) => kind === 'image');
  await until('the server has the file', async () => (await api.get(`/files/${file}/meta`)).name === 'shop window.png');
  await ada.page.locator('.react-flow__node image').waitFor();
  await key('Delete');
});

stage.test('the library has all kinds of shapes', async () => {
  await key('Shift+1');
  await until('all of it shows', async () => (await canvas.view()).zoom <= 1);
  await key('m');
  const library = ada.page.getByRole('region', { name: 'Shapes' });
  await library.getByRole('button', { name: 'Entity' }).waitFor();
  await ada.accessible('the library');
  await library.getByRole('searchbox').fill('cyl');
  await library.getByRole('button', { name: 'Cylinder' }).click();
  await canvas.click([300, 330]);
  await canvas.is('a cylinder', () => document.shapes().some(({ kind }) => kind === 'cylinder'));
  await library.getByRole('button', { name: 'Close' }).or(library.getByRole('button', { name: 'Close the list' })).first().click();
});

stage.test('the list has every element, and changes it by keyboard alone', async () => {
  await canvas.stage.focus();
  await canvas.nothing();
  await key('Shift+l');
  const list = ada.page.getByRole('region', { name: 'Elements' });
  await list.getByRole('button', { name: /^Rectangle: Browser/ }).focus();
  await key('Enter');
  const text = list.getByRole('textbox', { name: 'Text' });
  await text.focus();
  await key('Control+End');
  await ada.type(' window');
  await canvas.has('Browser window');
  await list.getByRole('spinbutton', { name: 'X' }).fill('-290');
  await key('Enter');
  await canvas.is('it moved', () => document.shape('Browser window').at[0] === -290);
  await list.getByRole('combobox', { name: 'Connect to' }).selectOption({ label: 'Bank' });
  await list.getByRole('button', { name: 'Connect', exact: true }).click();
  await canvas.is('it is connected', () => document.connectors().some(({ from, to }) => from.shape === document.shape('Browser window').id && to.shape === document.shape('Bank').id));
  await list.getByRole('button', { name: /^From Browser window to Bank/ }).click();
  await ada.axe('the list of elements');
  await list.getByRole('button', { name: /^Delete/ }).click();
  await canvas.is('it is not connected', () => document.connectors().every(({ to }) => to.shape !== document.shape('Bank').id));
  await key('Escape');
});

stage.test('by keyboard alone: from one to the next, write, delete, undo', async () => {
  await ada.title.focus();
  await canvas.stage.focus();
  await key('Tab');
  await chosen().filter({ hasText: /selected/ }).waitFor({ state: 'attached' });
  const count = document.shapes().length + document.connectors().length;
  await key('Delete');
  await canvas.is('one less', () => document.shapes().length + document.connectors().length < count);
  await key('Control+z');
  await canvas.is('and back', () => document.shapes().length + document.connectors().length === count);
  await key('Shift+F10');
  await ada.page.getByRole('menu', { name: 'What can be done' }).waitFor();
  await key('Escape');
  await key('?');
  await ada.page.getByRole('dialog').getByText('Bring to front').waitFor();
  await key('Escape');
});

stage.test('who may only read looks, and changes nothing', async () => {
  const vera = await stage.person('vera', { width: 1100 });
  await vera.signIn('vera@example.com');
  const hers = new Drawing(vera, document);
  await vera.go(`/p/${project.id}/${it.id}`);
  await hers.stage.waitFor();
  await hers.shown('window').waitFor();
  assert.equal(await vera.button('Rectangle').count(), 0);
  await hers.stage.focus();
  const before = JSON.stringify(document.shapes());
  await hers.drag([-215, -160], [-100, 0]);
  await vera.press('Delete');
  await vera.press('r');
  await hers.drag([300, 300], [400, 400]);
  assert.equal(JSON.stringify(document.shapes()), before);
  await vera.axe('a diagram that is only read');
});

stage.test('it opens again as it was', async () => {
  await canvas.open(project.id, it.id);
  await canvas.shown('window').waitFor();
  await ada.axe('a drawn diagram');
});

stage.test('an item lists the diagrams that it stands in', async () => {
  await until('it lists the diagram', async () => (await api.get(`/items/${epic.id}/backlinks`)).items.some(({ item }) => item.id === it.id));
  await ada.go(`/p/${project.id}/${epic.id}`);
  const diagrams = ada.page.getByRole('region', { name: /^Diagrams/ });
  await diagrams.getByRole('link', { name: /How a payment goes/ }).click();
  await canvas.stage.waitFor();
});

stage.test('a diagram is made from the tree, and opens', async () => {
  await ada.button('New diagram').click();
  await ada.page.getByRole('textbox', { name: 'Title of the new diagram' }).fill('Who talks to whom');
  await key('Enter');
  await ada.page.getByText('Draw the first shape').waitFor();
  await ada.row(/^Diagram: Who talks to whom/).waitFor();
  await canvas.stage.focus();
  await key('r');
  await ada.page.mouse.click(...(await canvas.at([0, 0])));
  await ada.page.locator('.react-flow__node').waitFor();
  await ada.says('Saved');
});

stage.test('a diagram has the window to itself, and gives it back', async () => {
  const width = async () => (await canvas.stage.boundingBox()).width;
  const beside = await width();
  await ada.button('Hide the list').click();
  await ada.page.getByRole('tree').waitFor({ state: 'hidden' });
  assert.ok((await width()) > beside + 100);
  await ada.axe('a diagram alone');
  // An item has the list beside it all the same, and the diagram is alone again afterwards.
  await ada.go(`/p/${project.id}/${epic.id}`);
  await ada.page.getByRole('tree').waitFor();
  await ada.go(`/p/${project.id}/${it.id}`);
  await ada.page.getByRole('tree').waitFor({ state: 'hidden' });
  await ada.button('Show the list').click();
  await ada.row(/^Diagram: Who talks to whom/).waitFor();
  assert.equal(await width(), beside);
});
