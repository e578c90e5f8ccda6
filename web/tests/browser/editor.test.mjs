// The description editor, in two browsers: what it can hold, how it is typed and pasted, and how two people get along in it.
import assert from 'node:assert/strict';
import * as Y from 'yjs';
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { WebSocket } from 'ws';
import { PASSWORD } from '../support/server.mjs';
import { holds, until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let ben;
let api;
let project;
let item;
let other;
let adaId;

/** Answers for files, until the server has them: kept in memory, shared by both browsers. */
const files = new Map();
let refuse = false;
const fakeFiles = (person) =>
  person.page.route(/\/api\/v1\/(projects\/[^/]+\/)?files\//, async (route) => {
    const url = new URL(route.request().url());
    const [, id, meta] = /files\/([^/]+)(\/meta)?$/.exec(url.pathname);
    if (route.request().method() === 'PUT') {
      if (refuse) return route.fulfill({ status: 413, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: 'Too large', status: 413, code: 'too_large', detail: 'The file is too large.' }) });
      files.set(id, { name: url.searchParams.get('name'), bytes: route.request().postDataBuffer() });
      return route.fulfill({ status: 201, json: { id, name: url.searchParams.get('name') } });
    }
    const file = files.get(id);
    if (file === undefined) return route.fulfill({ status: 404, json: {} });
    if (meta !== undefined) return route.fulfill({ json: { id, project_id: project.id, name: file.name, media_type: 'image/png', size: 70, width: 200, height: 100, created_at: '2026-01-01T00:00:00Z' } });
    return route.fulfill({ body: PNG, contentType: 'image/png' });
  });
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

const paste = (person, data, file = null) =>
  person.description.evaluate(
    async (shown, [given, picture]) => {
      // The editor learns of a selection by an event of its own, which comes after the key that made it, and before any key of a person.
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
      const transfer = new DataTransfer();
      for (const [type, text] of Object.entries(given)) transfer.setData(type, text);
      if (picture !== null) transfer.items.add(new File([Uint8Array.from(atob(picture), (one) => one.charCodeAt(0))], 'screenshot.png', { type: 'image/png' }));
      shown.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }));
    },
    [data, file],
  );

/** What a copy of everything would put on the clipboard. */
const copied = (person) =>
  person.description.evaluate((shown) => {
    const transfer = new DataTransfer();
    shown.dispatchEvent(new ClipboardEvent('copy', { clipboardData: transfer, bubbles: true, cancelable: true }));
    return { text: transfer.getData('text/plain'), html: transfer.getData('text/html') };
  });

/** An empty description, in both browsers. */
const clear = async () => {
  await until('it is empty', async () => {
    if ((await ada.text()) === '' && (await ada.description.locator(':scope > *').count()) === 1 && (await ada.description.locator(':scope > p').count()) === 1) return true;
    await ada.press('Escape');
    await ada.description.focus();
    await ada.press('Control+Home');
    await ada.press('Control+a');
    await ada.press('Control+a');
    await ada.press('Backspace');
    return false;
  }, { every: 100 });
  await ada.description.focus();
  await until('he sees it', async () => (await ben.text()) === '' && (await ben.description.locator(':scope > *').count()) === 1);
};

const stage = new Stage({}, async ({ server }) => {
  api = server.api.as((await server.setUp()).access_token);
  adaId = (await api.get('/me')).user.id;
  await api.invite('editor', { name: 'Ben Okafor', email: 'ben@example.com', password: PASSWORD });
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  item = await api.post(`/projects/${project.id}/items`, { title: 'Pay with a card', type: 'story' });
  other = await api.post(`/projects/${project.id}/items`, { title: 'Refund in two taps', type: 'epic' });
  ada = await stage.person('ada');
  ben = await stage.person('ben');
  for (const person of [ada, ben]) await fakeFiles(person);
  await ada.signIn('ada@example.com');
  await ben.signIn('ben@example.com');
  for (const person of [ada, ben]) {
    await person.go(`/p/${project.id}/${item.id}`);
    await person.description.waitFor();
    await person.says('Saved');
  }
});

stage.test('Markdown is typed: headings, tasks, quotes, callouts, highlights, code', async () => {
  await ada.description.click();
  await ada.type('## Goal\nPeople ==love== it.\n> [!WARNING] Beware.\n');
  await ada.press('Enter');
  await ada.press('Backspace');
  const callout = ben.description.locator('.callout[data-kind=warning]');
  await callout.getByText('Beware.').waitFor();
  await ben.description.locator('mark', { hasText: 'love' }).waitFor();
  await ben.description.getByRole('heading', { name: 'Goal', level: 2 }).waitFor();
  await clear();
  await ada.type('- [x] measured\nnot yet');
  await ben.description.getByRole('checkbox', { name: 'Done: measured', checked: true }).waitFor();
  await ben.description.getByRole('checkbox', { name: 'Done: not yet' }).check();
  await ada.description.getByRole('checkbox', { name: 'Done: not yet', checked: true }).waitFor();
});

stage.test('the slash menu filters, and is run by the keyboard', async () => {
  await clear();
  await ada.type('/warn');
  const list = ada.page.getByRole('listbox', { name: 'Insert' });
  await list.getByRole('option', { name: 'Warning', selected: true }).waitFor();
  await ada.press('Enter');
  await ada.type('Mind the gap');
  await ben.description.locator('.callout[data-kind=warning]').getByText('Mind the gap').waitFor();
  assert.doesNotMatch(await ada.text(), /\/warn/);
  await ada.button('Warning. Change the kind').click();
  await ada.page.getByRole('menuitemradio', { name: 'Tip' }).click();
  await ben.description.locator('.callout[data-kind=tip]').getByText('Mind the gap').waitFor();
});

stage.test('a table: made, filled with Tab, grown and shrunk', async () => {
  await clear();
  await ada.type('/table');
  await ada.press('Enter');
  await ben.description.locator('table').waitFor();
  await ada.type('Field');
  await ada.press('Tab');
  await ada.type('Meaning');
  await ben.description.getByRole('columnheader', { name: 'Meaning' }).waitFor();
  const rows = () => ben.description.locator('tr').count();
  const columns = () => ben.description.locator('tr').first().locator('th').count();
  assert.deepEqual([await rows(), await columns()], [3, 3]);
  await ada.button('Add row below').click();
  await ada.button('Add column right').click();
  await until('he sees both', async () => (await rows()) === 4 && (await columns()) === 4);
  await ada.button('More for tables').click();
  await ada.page.getByRole('menuitem', { name: 'Delete column' }).click();
  await until('he sees it gone', async () => (await columns()) === 3);
  for (let cell = 0; cell < 20 && (await rows()) < 5; cell += 1) await ada.press('Tab');
  assert.equal(await rows(), 5, 'Tab in the last cell makes a row');
  for (const [n, name] of [[1, 'Kind'], [2, 'Unit']]) {
    await ada.description.locator('th').nth(n).click();
    await ada.type(name);
  }
  await ada.accessible('a table');
});

stage.test('code: coloured, its language chosen, nothing of it in the document', async () => {
  await clear();
  await ada.type('```ts\nconst answer = 42;');
  await ben.description.locator('.hljs-keyword', { hasText: 'const' }).waitFor();
  await ada.button('Language: TypeScript').click();
  await ada.page.getByRole('menuitemradio', { name: 'Rust', exact: true }).click();
  await ben.button('Language: Rust').waitFor();
  // The menu gives the focus back to its button a moment after it has closed.
  await until('the code is copied as it is', async () => {
    await ada.description.locator('pre').click();
    await ada.press('Control+a');
    assert.equal((await copied(ada)).text, 'const answer = 42;');
    return true;
  }, { every: 200 });
});

stage.test('people and items are named, and show what is true now', async () => {
  await clear();
  await ada.type('Ask @ben');
  await ada.page.getByRole('option', { name: /Ben Okafor/ }).waitFor();
  await ada.press('Enter');
  await ada.type('about #refund');
  await ada.page.getByRole('option', { name: /Refund in two taps/ }).waitFor();
  await ada.press('Tab');
  await ben.description.locator('.chip-mention', { hasText: '@Ben Okafor' }).waitFor();
  const chip = ben.description.locator('.chip-itemLink');
  await chip.getByText('Refund in two taps').waitFor();
  await api.patch(`/items/${other.id}`, { title: 'Refund at once' });
  await chip.getByText('Refund at once').waitFor();
  await ada.press('Backspace');
  await ada.press('Control+a');
  const { text } = await copied(ada);
  assert.match(text, new RegExp(`^Ask \\[@Ben Okafor\\]\\(user:[0-9a-f-]+\\) about \\[#Refund in two taps\\]\\(item:${other.id}\\)$`));
  await ben.page.mouse.move(5, 5);
  await chip.hover();
  await ben.page.getByRole('tooltip').getByText('Refund at once').waitFor();
  await ben.page.getByRole('tooltip').getByText('Epic').waitFor();
  await ben.page.mouse.move(5, 5);
  await ben.description.locator('.chip-mention').hover();
  await ben.page.getByRole('tooltip').getByText('ben@example.com').waitFor();
  await chip.click();
  await until('he is there', async () => ben.page.url().endsWith(other.id));
  await ben.page.goBack();
  await ben.description.locator('.chip-itemLink').waitFor();
});

stage.test('items of other projects are found, shown and followed; one that nobody may see keeps its name', async () => {
  const far = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Warehouse' });
  const shelf = await api.post(`/projects/${far.id}/items`, { title: 'Shelves count themselves', type: 'epic', status: 'in_progress' });
  await clear();
  await until('the search knows it', async () => {
    await ada.description.focus();
    await ada.press('Control+a');
    await ada.press('Backspace');
    await ada.type('See #shelv');
    await ada.page.getByRole('option', { name: /Shelves count themselves.*Warehouse/ }).waitFor({ timeout: 1_500 });
    return true;
  });
  await ada.press('Enter');
  const chip = ben.description.locator('.chip-itemLink');
  await chip.getByText('Shelves count themselves').waitFor();
  await api.patch(`/items/${shelf.id}`, { title: 'Shelves that count' });
  // Neither has that project's list; both are told.
  for (const person of [ada, ben]) await person.description.locator('.chip-itemLink').getByText('Shelves that count').waitFor();
  await ben.page.mouse.move(5, 5);
  await chip.hover();
  const card = ben.page.getByRole('tooltip');
  await card.getByText('In progress').waitFor();
  await card.getByText('Warehouse').waitFor();
  await chip.click();
  await until('he is there', async () => ben.page.url().endsWith(`/p/${far.id}/${shelf.id}`));
  await ben.page.goBack();
  await chip.waitFor();
  await ada.press('End');
  await paste(ada, { 'text/html': '<p>and <span data-type="itemLink" data-id="01960000-0000-7000-8000-000000000000" data-label="Secret merger">#Secret merger</span> too</p>', 'text/plain': 'x' });
  const hidden = ben.description.locator('.chip-itemLink', { hasText: 'An item you can’t see' });
  await hidden.waitFor();
  assert.doesNotMatch(await ben.description.innerText(), /Secret/);
  await ben.page.mouse.move(5, 5);
  await hidden.hover();
  await card.getByText('It was deleted for good, or it is in a place that you may not look into.').waitFor();
  await ben.page.mouse.move(5, 5);
  await ben.accessible('links to items elsewhere');
});

stage.test('links: pasted over words, opened, edited, removed; no script is one', async () => {
  await clear();
  await ada.type('the manual');
  await ada.press('Shift+Home');
  await paste(ada, { 'text/plain': 'https://example.com/manual' });
  const link = ben.description.getByRole('link', { name: 'the manual' });
  await link.waitFor();
  assert.equal(await link.getAttribute('href'), 'https://example.com/manual');
  await ada.press('ArrowRight');
  await ada.press('ArrowLeft');
  await ada.button('Edit link').click();
  const address = ada.page.getByRole('textbox', { name: 'Address' });
  await address.fill('javascript:alert(1)');
  await ada.button('Apply').click();
  await ada.page.getByText('Such an address can’t be a link.').waitFor();
  await address.fill('example.org');
  await ada.button('Apply').click();
  await until('he has the new one', async () => (await link.getAttribute('href')) === 'https://example.org');
  await ada.button('Remove link').click();
  await until('it is gone', async () => (await link.count()) === 0);
});

stage.test('a picture is pasted, described, made smaller; another that is refused is tried again', async () => {
  await clear();
  await paste(ada, {}, PNG.toString('base64'));
  const image = ben.description.locator('figure.image');
  await image.waitFor();
  await ada.description.locator('figure.image img').waitFor();
  await until('the server has it', async () => files.size === 1);
  await ada.description.locator('figure.image').hover();
  await ada.button('Alternative text').click();
  await ada.page.getByRole('textbox', { name: 'Alternative text' }).fill('A receipt');
  await ada.page.getByRole('button', { name: 'Save', exact: true }).click();
  await until('he retried until it was there', async () => {
    const retry = image.getByRole('button', { name: 'Try again' });
    if ((await retry.count()) > 0) await retry.click();
    return (await image.getByRole('img', { name: 'A receipt' }).count()) > 0;
  }, { every: 300 });
  await ada.page.getByRole('slider', { name: 'Width of the picture' }).focus();
  await ada.press('ArrowRight');
  await until('he sees the width', async () => (await image.locator('.image-frame').evaluate((frame) => frame.style.width)) !== '');
  refuse = true;
  await ada.description.locator('p').last().click();
  await paste(ada, {}, PNG.toString('base64'));
  await ada.page.getByText('It couldn’t be uploaded.').waitFor();
  refuse = false;
  await ada.button('Try again').last().click();
  await until('the server has it, too', async () => files.size === 2);
  await until('nothing is said any more', async () => (await ada.page.getByText('It couldn’t be uploaded.').count()) === 0);
});

stage.test('Markdown is pasted as structure, and comes out the same', async () => {
  await clear();
  const markdown = '# One\n\nA **bold** and *quiet* word, `code`.\n\n- a\n  - b\n\n| x | y |\n| --- | --- |\n| 1 | 2 |\n\n> [!TIP]\n> Rest.\n\n```rust\nfn main() {}\n```\n\n- [x] done';
  await paste(ada, { 'text/plain': markdown });
  await ben.description.getByRole('heading', { name: 'One', level: 1 }).waitFor();
  await ben.description.locator('.callout[data-kind=tip]').waitFor();
  await ada.press('Control+Home');
  await ada.press('Control+a');
  await until('it comes out the same', async () => {
    assert.equal((await copied(ada)).text, markdown);
    return true;
  });
  assert.match((await copied(ada)).html, /<h1[^>]*>One<\/h1>/);
});

stage.test('HTML from elsewhere brings its structure and nothing else', async () => {
  await clear();
  await paste(ada, {
    'text/html':
      '<meta charset="utf-8"><b style="font-weight:normal" id="docs-internal-guid-1"><h2 style="color:red" onclick="alert(1)">Plan</h2><p><span style="font-weight:700">Bold</span> <a href="javascript:alert(1)">bad</a> <a href="https://example.com">good</a></p><script>window.bad = true</script><style>p { color: red }</style><iframe src="https://example.com"></iframe><ul><li><input type="checkbox" checked>task</li></ul></b>',
    'text/plain': 'Plan',
  });
  await ben.description.getByRole('heading', { name: 'Plan', level: 2 }).waitFor();
  await ben.description.locator('strong', { hasText: 'Bold' }).waitFor();
  await ben.description.getByRole('checkbox', { name: 'Done: task', checked: true }).waitFor();
  assert.equal(await ben.description.getByRole('link').count(), 1);
  for (const person of [ada, ben]) {
    const html = await person.description.evaluate((shown) => shown.innerHTML);
    assert.doesNotMatch(html, /javascript:|onclick|<script|<style|<iframe|color:\s*red/);
    assert.equal(await person.page.evaluate(() => window.bad), undefined);
  }
});

stage.test('blocks move and double by the keyboard, in one step of undo each', async () => {
  await clear();
  await ada.type('one\ntwo\nthree');
  await ben.writes('one', 'two', 'three');
  await ada.press('Alt+ArrowUp');
  await ben.writes('one', 'three', 'two');
  await ada.type('!');
  await ben.writes('one', 'three!', 'two');
  await ada.press('Control+z');
  await ada.press('Control+z');
  await ben.writes('one', 'two', 'three');
  await ada.press('Control+d');
  await ben.writes('one', 'two', 'three', 'three');
});

stage.test('the handle beside a block opens what can be done with it', async () => {
  await ada.description.getByText('two').hover();
  await ada.button(/^Block: drag/).click();
  await ada.page.getByRole('menuitem', { name: 'Heading 2' }).click();
  await ben.description.getByRole('heading', { name: 'two', level: 2 }).waitFor();
  await ada.description.getByText('one').hover();
  await ada.button(/^Block: drag/).click();
  await ada.page.getByRole('menuitem', { name: 'Delete' }).click();
  await ben.writes('two', 'three', 'three');
});

stage.test('a block is dragged by its handle, others see where it went, and undo is one step', async () => {
  await clear();
  await ada.type('one\ntwo\nthree\nfour');
  await ben.writes('one', 'two', 'three', 'four');
  const drag = async (text, to, { after = true } = {}) => {
    await ada.description.getByText(text, { exact: true }).hover();
    const handle = await ada.button(/^Block: drag/).boundingBox();
    const target = await ada.description.getByText(to, { exact: true }).boundingBox();
    await ada.page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
    await ada.page.mouse.down();
    await ada.page.mouse.move(target.x + 30, target.y + target.height / 2, { steps: 8 });
    await ada.page.mouse.move(target.x + 30, after ? target.y + target.height - 1 : target.y + 1, { steps: 4 });
    await ada.page.mouse.up();
  };
  await drag('four', 'one');
  await ada.writes('one', 'four', 'two', 'three');
  await ben.writes('one', 'four', 'two', 'three');
  await ada.button('Undo').click();
  await ada.writes('one', 'two', 'three', 'four');
  await ben.writes('one', 'two', 'three', 'four');
  await ada.button('Redo').click();
  await ben.writes('one', 'four', 'two', 'three');
  await drag('one', 'three');
  await ben.writes('four', 'two', 'three', 'one');
  // The handle goes on working for what was moved.
  await ada.description.getByText('one', { exact: true }).hover();
  await ada.button(/^Block: drag/).click();
  await ada.page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await ben.writes('four', 'two', 'three', 'one', 'one');
  await ada.button('Undo').click();
  await ben.writes('four', 'two', 'three', 'one');
});

stage.test('undo takes back one’s own only, and puts the caret where it was', async () => {
  await clear();
  await ada.type('first line\nsecond line');
  await ben.writes('first line', 'second line');
  await ada.page.waitForTimeout(700);
  await ada.type(' mine');
  await ben.description.getByText('first line').click();
  await ben.press('Home');
  await ben.type('his ');
  await ada.writes('his first line', 'second line mine');
  await ada.press('Control+z');
  await ada.writes('his first line', 'second line');
  await ada.type('X');
  await ben.writes('his first line', 'second lineX');
  await ben.button('Undo').click();
  await ada.writes('first line', 'second lineX');
  await ben.button('Redo').click();
  await ada.writes('his first line', 'second lineX');
});

stage.test('a typing person’s line stays where it is when others write above', async () => {
  await clear();
  await paste(ada, { 'text/plain': Array.from({ length: 40 }, (_, n) => `Paragraph ${n + 1} of this long text.\n`).join('\n') });
  await ben.description.getByText('Paragraph 40 of').waitFor();
  const line = ada.description.getByText('Paragraph 25 of');
  await line.click();
  await ada.press('End');
  const top = async () => Math.round((await line.boundingBox()).y);
  const before = await top();
  await ben.description.getByText('Paragraph 3 of').click();
  await ben.press('End');
  const tops = new Set();
  const typing = (async () => {
    for (let n = 0; n < 6; n += 1) {
      await ben.press('Enter');
      await ben.type('Something more, long enough to take a line of its own.');
    }
  })();
  await Promise.all([typing, holds('her line stays', async () => {
    const now = await top();
    tops.add(now);
    return Math.abs(now - before) <= 2;
  }, 1_500)]);
  await ada.description.getByText('Something more').nth(5).waitFor({ state: 'attached' });
  assert.ok(Math.abs((await top()) - before) <= 2, `it went from ${before} to ${[...tops]}`);
  await ada.type(' Still here.');
  await ben.description.getByText('Paragraph 25 of this long text. Still here.').waitFor();
});

stage.test('what this editor doesn’t know is shown as far as it goes, and nobody deletes it', async () => {
  const strange = await api.post(`/projects/${project.id}/items`, { title: 'Strange', type: 'task' });
  const doc = new Y.Doc();
  const socket = new HocuspocusProviderWebsocket({ url: `ws://127.0.0.1:${stage.server.port}/collab`, WebSocketPolyfill: WebSocket });
  const provider = new HocuspocusProvider({ name: strange.id, document: doc, websocketProvider: socket, token: api.token });
  provider.attach();
  await until('it is synced', () => provider.synced);
  const description = doc.getXmlFragment('description');
  const element = (name, attrs, ...children) => {
    const made = new Y.XmlElement(name);
    for (const [key, value] of Object.entries(attrs)) made.setAttribute(key, value);
    made.insert(0, children);
    return made;
  };
  const words = (text, marks = {}) => {
    const made = new Y.XmlText();
    made.insert(0, text, marks);
    return made;
  };
  try {
    // Known names with values that make no sense.
    doc.transact(() => {
      description.delete(0, description.length);
      description.insert(0, [
        element('heading', { level: 99 }, words('Deep')),
        element('callout', { kind: 'x' }, element('paragraph', {}, words('Odd'))),
        element('paragraph', {}, words('click', { link: { href: 'javascript:window.bad=true' } })),
        element('image', { file: null, src: 'data:text/html,x', width: 1e9, alt: 'gone' }),
        element('orderedList', { start: 'many' }, element('listItem', {}, element('paragraph', {}, words('entry')))),
      ]);
    });
    await ada.go(`/p/${project.id}/${strange.id}`);
    await ada.description.getByRole('heading', { name: 'Deep', level: 3 }).waitFor();
    await ada.description.locator('.callout[data-kind=note]').getByText('Odd').waitFor();
    assert.equal(await ada.description.getByRole('link').count(), 0);
    await ada.description.getByText('click').click();
    assert.equal(await ada.page.evaluate(() => window.bad), undefined);
    await ada.press('End');
    await ada.type('able');
    await until('it is written', () => description.toString().includes('able<'));
    assert.match(description.toString(), /level="99"/);
    assert.match(description.toString(), /kind="x"/);
    // A node that nobody here knows arrives while the editor is open.
    doc.transact(() => description.insert(1, [element('hologram', { depth: 3 }, element('paragraph', {}, words('from the future')))]));
    await ada.page.getByText('You can read this description, but not edit it here.').waitFor();
    await ada.description.getByText('from the future').waitFor();
    await ada.description.getByText('clickable').waitFor();
    await ada.page.reload();
    await ada.page.getByText('You can read this description, but not edit it here.').waitFor();
    await ada.description.getByText('from the future').waitFor();
    await ada.accessible('a frozen description');
    assert.match(description.toString(), /<hologram depth="3"><paragraph>from the future<\/paragraph><\/hologram>/);
    // It goes away again by another hand, and the description is as it was.
    doc.transact(() => description.delete(1, 1));
    // Only then is it sent: a provider that ends takes along what it hasn't.
    await ada.description.getByText('from the future').waitFor({ state: 'detached' });
  } finally {
    provider.destroy();
    socket.destroy();
    doc.destroy();
  }
  await ada.page.reload();
  await ada.button('Bold').waitFor();
});

stage.test('who may only read sees everything and checks nothing', async () => {
  await ada.go(`/p/${project.id}/${item.id}`);
  await ada.description.waitFor();
  await clear();
  await paste(ada, { 'text/plain': '- [ ] a task\n\n> [!NOTE]\n> A note\n\n```rust\nfn main() {}\n```' });
  await ada.says('Saved');
  await api.invite('viewer', { name: 'Vic Reader', email: 'vic@example.com', password: PASSWORD });
  const vic = await stage.person('vic');
  await vic.signIn('vic@example.com');
  await vic.go(`/p/${project.id}/${item.id}`);
  await vic.description.getByText('A note').waitFor();
  assert.equal(await vic.page.getByRole('toolbar').count(), 0);
  assert.equal(await vic.description.getByRole('checkbox', { name: 'Done: a task' }).isDisabled(), true);
  assert.equal(await vic.description.getAttribute('contenteditable'), 'false');
  await vic.accessible('a description that may only be read');
  assert.ok(adaId);
});

stage.test('nothing of it breaks the rules of access, light or dark', async () => {
  for (const theme of ['light', 'dark']) {
    await ada.page.evaluate((now) => (document.documentElement.dataset.theme = now), theme);
    await ada.accessible(`the editor, ${theme}`);
  }
});
