// What leaves a diagram and comes into it: Mermaid as text, files of other tools, pictures, its own JSON; and automatic layout.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after } from 'node:test';
import { diagram, Drawing } from './drawing.mjs';
import { Stage } from './stage.mjs';

let ada;
let canvas;
let document;

const stage = new Stage({}, async ({ server }) => {
  const me = await server.setUp();
  const api = server.api.as(me.access_token);
  const project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  const it = await diagram(server, api, me.access_token, project, 'How a payment goes');
  ({ document } = it);
  ada = await stage.person('ada', { width: 1600, height: 1000 });
  await ada.signIn('ada@example.com');
  canvas = new Drawing(ada, document);
  await canvas.open(project.id, it.id);
});
after(() => document?.end());

const paste = (text) =>
  ada.page.evaluate((given) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', given);
    globalThis.document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);

const drop = (name, text) =>
  canvas.stage.evaluate(
    (element, given) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([given.text], given.name));
      element.dispatchEvent(new DragEvent('drop', { dataTransfer, clientX: 800, clientY: 500, bubbles: true, cancelable: true }));
    },
    { name, text },
  );

async function download(format) {
  await ada.button('More', { exact: true }).click();
  const [file] = await Promise.all([ada.page.waitForEvent('download'), ada.page.getByRole('menuitem', { name: format, exact: true }).click()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

stage.test('Mermaid text that is pasted becomes shapes and connectors', async () => {
  await paste('flowchart LR\n  shop[Shop] -->|card| pay{Paid?}\n  pay -- yes --> ship([Ship it])');
  await canvas.is('three shapes and two connectors', () => document.shapes().length === 3 && document.connectors().length === 2);
  await canvas.shapeIs('Paid?', { kind: 'diamond' });
  assert.deepEqual(document.connectors().map(({ text }) => text).sort(), ['card', 'yes']);
  await ada.press('Control+z');
  await canvas.is('one step takes it back', () => document.shapes().length === 0 && document.connectors().length === 0);
  await ada.press('Control+Shift+z');
  await canvas.has('Shop');
});

stage.test('other text is a text', async () => {
  await paste('just a thought\nover two lines');
  await canvas.shapeIs('just a thought\nover two lines', { kind: 'text' });
  await ada.press('Delete');
});

stage.test('it is laid out by what connects it, in one step', async () => {
  await canvas.nothing();
  await ada.button('More', { exact: true }).click();
  await ada.page.getByRole('menuitem', { name: 'In layers, downwards' }).click();
  const y = (text) => document.shape(text).at[1];
  await canvas.is('one below the other', () => y('Shop') < y('Paid?') && y('Paid?') < y('Ship it'));
  await canvas.stage.focus();
  await ada.press('Control+z');
  await canvas.is('as it was', () => y('Shop') + 60 > y('Ship it'));
});

stage.test('as JSON it goes out and comes in again as it was', async () => {
  const { name, bytes } = await download('JSON');
  assert.equal(name, 'How a payment goes.json');
  const file = JSON.parse(bytes);
  assert.deepEqual(file.shapes.map(({ text }) => text).sort(), ['Paid?', 'Ship it', 'Shop']);
  await drop('again.json', bytes.toString());
  await canvas.is('twice as much', () => document.shapes().length === 6 && document.connectors().length === 4);
  await ada.press('Delete');
  await canvas.is('and as before', () => document.shapes().length === 3);
});

stage.test('pictures of it: SVG and PNG, of all or of what is chosen', async () => {
  await canvas.stage.focus();
  await canvas.nothing();
  const all = (await download('SVG')).bytes.toString();
  for (const text of ['Shop', 'Paid?', 'Ship it', 'card']) assert.ok(all.includes(`>${text}</text>`), text);
  assert.ok(!/<script|foreignObject|http:(?!\/\/www\.w3\.org)/.test(all));
  const png = await download('PNG');
  assert.equal(png.bytes.subarray(1, 4).toString(), 'PNG');
  await canvas.stage.focus();
  const { at: [x, y], size: [w, h] } = document.shape('Shop');
  await canvas.click([x + w / 2, y + h / 2]);
  const part = (await download('SVG')).bytes.toString();
  assert.ok(part.includes('>Shop</text>') && !part.includes('Paid?'));
  await canvas.stage.focus();
  await canvas.nothing();
  assert.match((await download('Mermaid')).bytes.toString(), /flowchart/);
  // Mermaid places things by itself, which is told.
  await ada.page.getByRole('dialog', { name: 'Exported as Mermaid' }).waitFor();
  await ada.press('Escape');
});

stage.test('files of draw.io and Excalidraw come in, and what could not be taken is told', async () => {
  await canvas.stage.focus();
  const before = document.shapes().length;
  await drop('note.excalidraw', JSON.stringify({ type: 'excalidraw', version: 2, elements: [{ id: 'a', type: 'rectangle', x: 0, y: 0, width: 120, height: 60, strokeColor: '#1e1e1e', backgroundColor: 'transparent', fillStyle: 'hachure', roughness: 1, angle: 0, opacity: 100, groupIds: [], isDeleted: false }, { id: 'z', type: 'hologram', x: 0, y: 0, width: 10, height: 10, isDeleted: false }] }));
  await canvas.is('one more', () => document.shapes().length === before + 1);
  const dialog = ada.page.getByRole('dialog', { name: 'From note.excalidraw' });
  await dialog.getByText(/hologram/).waitFor();
  await ada.accessible('what could not be taken');
  await ada.press('Escape');
  await drop('box.drawio', '<mxfile><diagram name="Page-1"><mxGraphModel><root><mxCell id="0"/><mxCell id="1" parent="0"/><mxCell id="2" value="From draw.io" style="rounded=1;" vertex="1" parent="1"><mxGeometry x="40" y="40" width="120" height="60" as="geometry"/></mxCell></root></mxGraphModel></diagram></mxfile>');
  await canvas.has('From draw.io');
  await drop('broken.drawio', '<mxfile>');
  await ada.page.getByText('It can’t be read').waitFor();
});
