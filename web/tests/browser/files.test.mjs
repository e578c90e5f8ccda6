// Pictures and files in a description, against the real server: pasted, dropped and chosen; refused, taken back and tried again;
// kept without the network; seen by others, and harmless whatever they claim to be.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { deflateSync, crc32 } from 'node:zlib';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

const MOST = 300_000;

let ada;
let ben;
let api;
let project;
let item;
const choosers = [];

/** A picture of one colour, and, with `noise`, as many bytes of it as that. */
function png(width, height, noise = 0) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body) >>> 0, body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc((width * 3 + 1) * height, 0x60);
  for (let y = 0; y < height; y += 1) rows[y * (width * 3 + 1)] = 0;
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), ...(noise > 0 ? [chunk('tEXt', Buffer.concat([Buffer.from('a\0'), Buffer.alloc(noise, 0x41)]))] : []), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** Gives files to the description, as the clipboard or a drop would. */
const give = (person, how, ...files) =>
  person.description.evaluate(
    async (shown, [kind, given]) => {
      const transfer = new DataTransfer();
      for (const { name, type, body } of given) transfer.items.add(new File([Uint8Array.from(atob(body), (one) => one.charCodeAt(0))], name, { type }));
      const { left, bottom } = shown.lastElementChild.getBoundingClientRect();
      const event = kind === 'paste' ? new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }) : new DragEvent('drop', { dataTransfer: transfer, clientX: left + 5, clientY: bottom - 2, bubbles: true, cancelable: true });
      shown.dispatchEvent(event);
    },
    [how, files.map(({ body, ...rest }) => ({ ...rest, body: Buffer.from(body).toString('base64') }))],
  );

const pictures = (person) => person.description.locator('figure.image img');
/** Every picture shows, with its true width. */
const shows = (person, ...widths) =>
  until(`${person.name} sees the pictures`, async () => {
    assert.deepEqual(await pictures(person).evaluateAll((all) => all.map((one) => (one.complete ? one.naturalWidth : 0))), widths);
    return true;
  }, { within: 20_000 });

/** Presses a download button; gives what is saved. */
const saved = async (person, name) => {
  const [download] = await Promise.all([person.page.waitForEvent('download'), person.button(`Download ${name}`).click()]);
  assert.equal(download.suggestedFilename(), name);
  return readFile(await download.path());
};

const quiet = (person) => until(`nothing of ${person.name}'s is under way`, async () => (await person.page.locator('.upload-note').count()) === 0);

const end = async () => {
  await ada.description.focus();
  await ada.press('Control+End');
};

const stage = new Stage({ env: { CANOPY_FILES__MAX_BYTES: String(MOST) } }, async ({ server }) => {
  api = server.api.as((await server.setUp()).access_token);
  await api.invite('editor', { name: 'Ben Okafor', email: 'ben@example.com', password: PASSWORD });
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  item = await api.post(`/projects/${project.id}/items`, { title: 'Pay with a card', type: 'story' });
  ada = await stage.person('ada', { network: true });
  ben = await stage.person('ben', { network: true });
  // From the start: the browser must know before a key opens its dialog that a test answers it.
  ada.page.on('filechooser', (chooser) => choosers.push(chooser));
  for (const person of [ada, ben]) {
    await person.signIn(`${person.name}@example.com`);
    await person.go(`/p/${project.id}/${item.id}`);
    await person.description.waitFor();
    await person.says('Saved');
  }
});

stage.test('a picture is pasted; another person sees it without doing anything, and a reload keeps it', async () => {
  await ada.description.click();
  await give(ada, 'paste', { name: 'screenshot.png', type: 'image/png', body: png(320, 80) });
  await shows(ada, 320);
  await shows(ben, 320);
  await quiet(ada);
  await ada.says('Saved');
  await ada.page.reload();
  await shows(ada, 320);
});

stage.test('dropped files are pictures and downloads; both people get the same bytes', async () => {
  await give(ada, 'drop', { name: 'till.png', type: 'image/png', body: png(200, 40) }, { name: 'notes.txt', type: 'text/plain', body: 'Ask twice.\n' });
  await shows(ben, 320, 200);
  await quiet(ada);
  assert.equal(String(await saved(ada, 'notes.txt')), 'Ask twice.\n');
  await ada.page.reload();
  assert.equal(String(await saved(ada, 'notes.txt')), 'Ask twice.\n');
  assert.equal(String(await saved(ben, 'notes.txt')), 'Ask twice.\n');
  await ben.description.getByText(/^11 bytes?$/).waitFor();
});

stage.test('files are chosen with the slash menu', async () => {
  await end();
  await ada.type('/file');
  await ada.page.getByRole('option', { name: 'File', selected: true }).waitFor();
  await ada.press('Enter');
  const chooser = await until('the browser asks for files', () => choosers[0]);
  await chooser.setFiles({ name: 'prices.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') });
  await quiet(ada);
  assert.equal(String(await saved(ben, 'prices.csv')), 'a,b\n1,2\n');
});

stage.test('what is too large is said to be, and leaves nothing behind', async () => {
  await end();
  await give(ada, 'paste', { name: 'wall.png', type: 'image/png', body: png(64, 64, MOST) });
  await ada.page.getByText(/^wall\.png is too large: 300\.\d kB\. A file may have up to 300 kB\.$/).waitFor();
  await shows(ada, 320, 200);
  await ada.says('Saved');
});

stage.test('what only claims to be a picture is served as what it is, and never run', async () => {
  await end();
  const script = '<script>parent.bad = window.bad = true</script>';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="parent.bad = window.bad = true">${script}</svg>`;
  const page = `<!doctype html><html><body>${script}<p>hello</p></body></html>`;
  await give(ada, 'paste', { name: 'drawing.svg', type: 'image/svg+xml', body: svg }, { name: 'photo.png', type: 'image/png', body: page }, { name: 'page.html', type: 'text/html', body: page });
  for (const person of [ada, ben]) {
    await person.description.getByText('This file isn’t a picture that can be shown here.').waitFor();
    await person.description.getByText('drawing.svg').waitFor();
    await shows(person, 320, 200);
  }
  await quiet(ada);
  // A download is the file as it was.
  assert.equal(String(await saved(ben, 'page.html')), page);
  assert.equal(String(await saved(ben, 'drawing.svg')), svg);
  const ids = await ben.page.evaluate(() => performance.getEntriesByType('resource').flatMap(({ name }) => /\/files\/([0-9a-f-]{36})$/.exec(name)?.[1] ?? []));
  let disguised = 0;
  for (const id of new Set(ids)) {
    const response = await fetch(`${stage.server.url}/api/v1/files/${id}`, { headers: { Authorization: `Bearer ${api.token}` } });
    const type = response.headers.get('content-type');
    if (/^image\/png/.test(type)) continue;
    disguised += 1;
    assert.doesNotMatch(type, /html|svg|xml/);
    assert.match(response.headers.get('content-disposition'), /^attachment/);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.match(response.headers.get('content-security-policy'), /sandbox/);
  }
  assert.ok(disguised >= 3, `${disguised} files were asked for`);
  for (const person of [ada, ben]) assert.equal(await person.page.evaluate(() => window.bad), undefined);
});

stage.test('an upload says how far it is; it is cancelled, then sent again', async () => {
  await end();
  const slow = await ada.page.context().newCDPSession(ada.page);
  await slow.send('Network.enable');
  await slow.send('Network.emulateNetworkConditions', { offline: false, latency: 20, downloadThroughput: -1, uploadThroughput: 40_000 });
  await give(ada, 'paste', { name: 'slow.png', type: 'image/png', body: png(120, 30, 250_000) });
  const bar = ada.page.getByRole('progressbar', { name: 'Uploading…' });
  await until('it is somewhere in the middle', async () => {
    const now = Number(await bar.getAttribute('aria-valuenow', { timeout: 1_000 }));
    return now > 0 && now < 100;
  });
  await ada.page.getByText(/^Uploading… \d+ %$/).waitFor();
  await ada.accessible('an upload');
  await ada.button('Cancel uploading slow.png').click();
  await ada.page.getByText('Not uploaded: you cancelled it.').waitFor();
  await ada.says('Saved');
  assert.equal(await ben.description.getByText('It may still be on its way, or it isn’t there any more.').count(), 1);
  await slow.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  await ada.button('Try again').click();
  await quiet(ada);
  await shows(ada, 320, 200, 120);
  await shows(ben, 320, 200, 120);
});

stage.test('what the server refuses says so, is tried again, or goes', async () => {
  await end();
  let refuse = true;
  await ada.page.route(/\/api\/v1\/projects\/[^/]+\/files\//, (route) =>
    refuse
      ? route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: 'Conflict', status: 409, code: 'file-quota', detail: 'The organization’s files take all the room that they may.' }) })
      : route.continue(),
  );
  await give(ada, 'paste', { name: 'refused.png', type: 'image/png', body: png(90, 30) });
  await ada.page.getByText('It couldn’t be uploaded.').waitFor();
  refuse = false;
  await ada.button('Try again').click();
  await quiet(ada);
  await shows(ben, 320, 200, 120, 90);
  refuse = true;
  await give(ada, 'paste', { name: 'again.png', type: 'image/png', body: png(91, 30) });
  await ada.page.getByText('It couldn’t be uploaded.').waitFor();
  await ada.description.getByRole('button', { name: 'Remove', exact: true }).click();
  await quiet(ada);
  await ada.page.unroute(/\/api\/v1\/projects\/[^/]+\/files\//);
  await shows(ada, 320, 200, 120, 90);
});

stage.test('without the network a picture waits on the device, over a reload too, and goes out on return', async () => {
  await end();
  ada.network.cut();
  await ada.says('Offline');
  await give(ada, 'paste', { name: 'later.png', type: 'image/png', body: png(77, 30) });
  await ada.page.getByText('Kept on this device. It is uploaded when you are back online.').waitFor();
  await shows(ada, 320, 200, 120, 90, 77);
  await ada.pill.click();
  await ada.page.getByRole('listitem').filter({ hasText: 'File: later.png' }).waitFor();
  await ada.press('Escape');
  await until('all of it is on this device', () =>
    ada.page.evaluate(() => {
      const event = new Event('beforeunload', { cancelable: true });
      window.dispatchEvent(event);
      return !event.defaultPrevented;
    }),
  );
  await ada.page.reload();
  await ada.page.getByText('Kept on this device. It is uploaded when you are back online.').waitFor();
  // Pictures seen before are on this device, too.
  await shows(ada, 320, 200, 120, 90, 77);
  ada.network.mend();
  await ada.says('Saved', 40_000);
  await quiet(ada);
  await shows(ben, 320, 200, 120, 90, 77);
  await ben.page.reload();
  await shows(ben, 320, 200, 120, 90, 77);
});
