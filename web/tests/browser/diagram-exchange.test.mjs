// What leaves a diagram and comes into it: Mermaid as text, files of other tools, pictures, its own JSON; and automatic layout.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { until } from '../support/wait.mjs';
import { diagram, Drawing } from './drawing.mjs';
import { Stage } from './stage.mjs';

let ada;
let canvas;
let document;
let api;
let project;
let server;
let token;
let own;

const stage = new Stage({}, async (there) => {
  ({ server } = there);
  const me = await server.setUp();
  token = me.access_token;
  api = server.api.as(token);
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  own = await diagram(server, api, token, project, 'How a payment goes');
  ({ document } = own);
  ada = await stage.person('ada', { width: 1600, height: 1000 });
  await ada.signIn('ada@example.com');
  canvas = new Drawing(ada, document);
  await canvas.open(project.id, own.id);
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

stage.test('Mermaid that can’t be read is told, and puts nothing in', async () => {
  await canvas.is('the three of before', () => document.shapes().length === 3);
  await paste('flowchart LR\n  a -->');
  await ada.page.getByText(/Mermaid can’t read this/).waitFor();
  assert.equal(document.shapes().length, 3);
  await paste('graph paper is what we need');
  await canvas.shapeIs('graph paper is what we need', { kind: 'text' });
  await ada.press('Delete');
  await canvas.is('as before', () => document.shapes().length === 3);
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
  await ada.page.getByText(/not valid XML/).waitFor();
});

const page = (name, cells) => `<diagram name="${name}"><mxGraphModel><root><mxCell id="0"/><mxCell id="1" parent="0"/>${cells}</root></mxGraphModel></diagram>`;
const cell = (id, text, parent = '1') => `<mxCell id="${id}" value="${text}" style="html=1;" vertex="1" parent="${parent}"><mxGeometry x="40" y="40" width="120" height="60" as="geometry"/></mxCell>`;
const texts = () => document.shapes().map(({ text }) => text).sort();

async function empty() {
  await canvas.stage.focus();
  await ada.press('Control+a');
  await ada.press('Delete');
  await canvas.is('nothing', () => document.shapes().length === 0 && document.connectors().length === 0);
}

stage.test('of a file with several pages one chooses, hidden layers, too', async () => {
  await empty();
  const file = `<mxfile>${page('Overview', `${cell('a', 'Shown')}<mxCell id="l" value="Notes" parent="0" visible="0"/>${cell('b', 'Hidden', 'l')}`)}${page('Details', cell('c', 'Second'))}</mxfile>`;
  await drop('pages.drawio', file);
  const dialog = ada.page.getByRole('dialog', { name: 'What to take from pages.drawio' });
  await dialog.waitFor();
  await ada.accessible('which pages are taken');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.deepEqual(texts(), []);
  await drop('pages.drawio', file);
  await dialog.getByRole('checkbox', { name: 'Details' }).uncheck();
  await dialog.getByRole('checkbox', { name: 'Hidden layers, too: Notes' }).check();
  await dialog.getByRole('button', { name: 'Put in' }).click();
  await canvas.is('one page with what it hides', () => texts().join() === 'Hidden,Shown');
  await empty();
  await drop('pages.drawio', file);
  await dialog.getByRole('button', { name: 'Put in' }).click();
  await canvas.is('both pages, each in a frame', () => texts().join() === 'Details,Overview,Second,Shown');
  const report = ada.page.getByRole('dialog', { name: 'From pages.drawio' });
  await report.getByText(/layer is hidden/).waitFor();
  await ada.press('Escape');
});

stage.test('pictures are made as one wants them, and copied', async () => {
  await empty();
  await drop('one.json', JSON.stringify({ canopy: 'diagram', version: 1, title: '', shapes: [{ id: 'a', rank: 'a0', kind: 'rectangle', at: [0, 0], size: [200, 100], text: 'Only' }], connectors: [] }));
  await canvas.has('Only');
  await canvas.stage.focus();
  await canvas.nothing();
  const dialog = ada.page.getByRole('dialog', { name: 'Picture of the diagram' });
  const save = async (format, choose) => {
    await ada.button('More', { exact: true }).click();
    await ada.page.getByRole('menuitem', { name: 'Picture with options…' }).click();
    await dialog.getByRole('radio', { name: format }).check();
    await choose();
    const [file] = await Promise.all([ada.page.waitForEvent('download'), dialog.getByRole('button', { name: 'Save' }).click()]);
    return readFileSync(await file.path());
  };
  const sizes = [];
  for (const [scale, clear] of [['1×', true], ['2×', false]]) {
    const png = await save('PNG', async () => {
      await dialog.getByRole('radio', { name: scale }).check();
      await dialog.getByRole('checkbox', { name: 'Without a background' }).setChecked(clear);
    });
    sizes.push([png.readUInt32BE(16), png.readUInt32BE(20)]);
    const corner = await ada.page.evaluate(async (base64) => {
      const image = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]));
      const context = new OffscreenCanvas(1, 1).getContext('2d');
      context.drawImage(image, 0, 0);
      return context.getImageData(0, 0, 1, 1).data[3];
    }, png.toString('base64'));
    assert.equal(corner, clear ? 0 : 255);
  }
  assert.deepEqual(sizes[1], sizes[0].map((edge) => edge * 2));
  const dark = (await save('SVG', async () => {
    await dialog.getByRole('radio', { name: 'Dark' }).check();
    await ada.accessible('how a picture is made');
  })).toString();
  const light = (await save('SVG', () => dialog.getByRole('radio', { name: 'Light' }).check())).toString();
  assert.notEqual(dark, light);
  await ada.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await ada.button('More', { exact: true }).click();
  await ada.page.getByRole('menuitem', { name: 'Copy as PNG' }).click();
  await ada.page.getByText('Copied', { exact: true }).waitFor();
  assert.deepEqual(await ada.page.evaluate(async () => (await navigator.clipboard.read()).flatMap(({ types }) => types)), ['image/png']);
  await ada.button('More', { exact: true }).click();
  await ada.page.getByRole('menuitem', { name: 'Copy as SVG' }).click();
  await until('the clipboard has it', async () => (await ada.page.evaluate(() => navigator.clipboard.readText())).startsWith('<svg'));
});

stage.test('between projects, pictures go along and cards are told', async () => {
  await empty();
  const item = await api.post(`/projects/${project.id}/items`, { title: 'Pay by card', type: 'story' });
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  await ada.page.evaluate(
    (bytes) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([Uint8Array.from(bytes)], 'harbour.png', { type: 'image/png' }));
      globalThis.document.querySelector('[role=application]').dispatchEvent(new DragEvent('drop', { dataTransfer, clientX: 800, clientY: 500, bubbles: true, cancelable: true }));
    },
    [...png],
  );
  await canvas.is('a picture', () => document.shapes().length === 1 && document.shapes()[0].kind === 'image');
  const picture = document.shapes()[0];
  await until('its file is there', async () => (await fetch(`${server.url}/api/v1/files/${picture.file}/meta`, { headers: { authorization: `Bearer ${token}` } })).ok);
  await drop('card.json', JSON.stringify({ canopy: 'diagram', version: 1, title: '', shapes: [{ id: 'k', rank: 'a0', kind: 'card', at: [400, 0], size: [280, 88], item: item.id }], connectors: [{ id: 'c', rank: 'a1', from: { shape: 'k', side: 'left', along: 0.25 }, to: { at: [0, 0] }, route: 'straight', later: { key: [1] } }] }));
  await canvas.is('a card beside it', () => document.shapes().length === 2 && document.connectors().length === 1);
  await canvas.stage.focus();
  await canvas.nothing();
  const file = (await download('JSON')).bytes.toString();

  const home = canvas;
  const other = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Elsewhere' });
  const there = await diagram(server, api, token, other, 'A copy');
  try {
    canvas = new Drawing(ada, there.document);
    await canvas.open(other.id, there.id);
    await drop('copy.json', file);
    await canvas.is('the same shapes', ({ shapes }) => shapes().length === 2);
    await ada.page.getByRole('dialog', { name: 'From copy.json' }).getByText(/item that is not in this project/).waitFor();
    await ada.press('Escape');
    const [card, image] = ['card', 'image'].map((kind) => there.document.shapes().find((shape) => shape.kind === kind));
    assert.equal(card.item, item.id);
    assert.notEqual(image.file, picture.file);
    const meta = await until('the copy of its file is there', async () => {
      const response = await fetch(`${server.url}/api/v1/files/${image.file}/meta`, { headers: { authorization: `Bearer ${token}` } });
      return response.ok && response.json();
    });
    assert.equal(meta.project_id, other.id);
    const [line] = there.document.connectors();
    assert.deepEqual([line.from.shape, line.from.along, line.later], [card.id, 0.25, { key: [1] }]);
    // Written again, it differs by ids, ranks and the file alone.
    await canvas.stage.focus();
    await canvas.nothing();
    const again = (await download('JSON')).bytes.toString();
    const plain = (text) => {
      const { shapes, connectors } = JSON.parse(text);
      const [{ at: [x, y] }] = shapes;
      const moved = ([px, py]) => [px - x, py - y];
      return [...shapes.map(({ id: _id, rank: _rank, file: _file, at, ...rest }) => ({ ...rest, at: moved(at) })), ...connectors.map(({ id: _id, rank: _rank, from: { shape: _shape, ...from }, to, ...rest }) => ({ ...rest, from, to: moved(to.at) }))];
    };
    assert.deepEqual(plain(again), plain(file));
  } finally {
    there.document.end();
    canvas = home;
    await home.open(project.id, own.id);
  }
});

stage.test('hostile files are refused or made harmless, under the policy of the page', async () => {
  await empty();
  const refused = async (name, text, why) => {
    await drop(name, text);
    await ada.page.getByText(why).last().waitFor({ timeout: 30_000 });
    assert.deepEqual(texts(), []);
  };
  const bomb = deflateRawSync(Buffer.alloc(80 * 1024 * 1024, '<mxGraphModel> ')).toString('base64');
  await refused('bomb.drawio', `<mxfile><diagram name="P">${bomb}</diagram></mxfile>`, /more than can be read at once \(32 MiB/);
  await refused('entities.drawio', '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><mxfile><diagram>&b;</diagram></mxfile>', /declares a document type/);
  await refused('deep.drawio', '<mxfile>'.repeat(100_000), /not valid XML/);
  await refused('long.mmd', `flowchart LR\n${'a --> b\n'.repeat(50_000)}`, /more than can be read at once \(0.25 MiB/);
  await drop('labels.drawio', `<mxfile>${page('P', `${cell('a', '&lt;img src=x onerror=&quot;window.hit=1&quot;&gt;&lt;script&gt;window.hit=2&lt;/script&gt;Harmless')}<UserObject id="u" label="Linked" link="javascript:window.hit=3"><mxCell style="html=1;" vertex="1" parent="1"><mxGeometry width="9" height="9" as="geometry"/></mxCell></UserObject>`)}</mxfile>`);
  await canvas.is('its words', () => texts().join() === 'Harmless,Linked');
  assert.equal(document.shape('Linked').link, undefined);
  await ada.page.getByRole('dialog', { name: 'From labels.drawio' }).getByText(/link was left out/).waitFor();
  await ada.press('Escape');
  await empty();
  const many = Array.from({ length: 100_000 }, (_, i) => ({ id: `e${i}`, type: 'rectangle', x: i % 300 * 50, y: Math.floor(i / 300) * 50, width: 40, height: 40 }));
  await drop('many.excalidraw', JSON.stringify({ type: 'excalidraw', version: 2, elements: many }));
  await ada.page.getByRole('dialog', { name: 'From many.excalidraw' }).getByText(/more shapes than a diagram may hold/).waitFor({ timeout: 60_000 });
  assert.equal(await ada.page.evaluate(() => globalThis.hit), undefined);
});
