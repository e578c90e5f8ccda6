// Drives the built client against the mock in two browsers: what a person does in a minute, and what the state pill says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launch, mock, signIn } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const server = await mock();
const browser = await launch();
const errors = [];
async function person(email) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 } });
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(`${email}: ${error.stack}`));
  page.on('console', (message) => message.type() === 'error' && !/401|ERR_|Failed to load|WebSocket/.test(message.text()) && errors.push(`${email}: ${message.text()}`));
  page.setDefaultTimeout(8000);
  await signIn(page, server.url, email);
  await page.getByRole('main').getByRole('link', { name: /Checkout redesign/ }).click();
  await page.getByRole('treeitem').first().waitFor();
  return page;
}
const pill = (page, text) => page.getByTestId('state-pill').filter({ hasText: text }).waitFor();
const row = (page, name) => page.getByRole('treeitem', { name });
const control = (path) => fetch(`${server.url}/__mock/${path}`).then((response) => (response.status === 200 ? response.json() : null));
async function until(what, check) {
  for (let tries = 0; tries < 80; tries += 1) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`did not come true: ${what}`);
}
async function accessible(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  for (const violation of violations) console.log(`axe ${where}: ${violation.id} (${violation.impact}) ${violation.nodes.map((node) => node.target.join(' ')).slice(0, 4).join(' | ')}\n    ${violation.nodes.slice(0, 2).map((node) => node.html.slice(0, 300)).join('\n    ')}`);
  return violations.length;
}
const step = (name) => console.log(`- ${name}`);
let found = 0;

try {
  const ada = await person('ada@example.com');
  const ben = await person('ben@example.com');

  step('both open the same item; presence shows');
  await row(ada, /Pay with a saved card/).click();
  await row(ben, /Pay with a saved card/).click();
  const id = new URL(ada.url()).pathname.split('/').at(-1);
  await ada.getByRole('textbox', { name: 'Description' }).waitFor();
  await ben.getByRole('textbox', { name: 'Description' }).waitFor();
  await pill(ada, 'Saved');
  await ada.getByRole('img', { name: 'Ben Okafor is here' }).first().waitFor();
  await row(ada, /Pay with a saved card/).getByRole('img', { name: /Ben Okafor/ }).waitFor();

  step('typing goes across: title, description, criterion');
  const title = ada.getByRole('textbox', { name: 'Title' });
  await title.focus();
  await ada.keyboard.press('End');
  await ada.keyboard.type(' now');
  await until('title arrives', async () => (await ben.getByRole('textbox', { name: 'Title' }).inputValue()).endsWith('taps now'));
  await row(ada, /two taps now/).waitFor();
  await row(ben, /two taps now/).waitFor();
  await ada.getByRole('textbox', { name: 'Description' }).click();
  await ada.keyboard.press('Control+End');
  await ada.keyboard.press('Enter');
  await ada.keyboard.type('- [ ] a task from Ada');
  await ben.getByRole('textbox', { name: 'Description' }).getByText('a task from Ada').last().waitFor();
  await ben.locator('ul[data-type=taskList]').waitFor();
  await ben.locator('.caret-label', { hasText: 'Ada Lindqvist' }).waitFor();
  await ben.getByRole('textbox', { name: 'Criterion 4' }).focus();
  await ben.keyboard.press('End');
  await ben.keyboard.press('Enter');
  await ben.keyboard.type('And Ben adds one');
  await until('criterion arrives', async () => (await ada.getByRole('textbox', { name: 'Criterion 5' }).inputValue()) === 'And Ben adds one');
  await ben.keyboard.press('Alt+ArrowUp');
  await until('criterion moved', async () => (await ada.getByRole('textbox', { name: 'Criterion 4' }).inputValue()) === 'And Ben adds one');
  await ben.keyboard.type('!');
  await until('caret stayed', async () => (await ada.getByRole('textbox', { name: 'Criterion 4' }).inputValue()) === 'And Ben adds one!');
  await ben.keyboard.press('Control+z');
  await ben.keyboard.press('Control+z');
  await until('undo took back his own only', async () => (await ada.getByRole('textbox', { name: 'Title' }).inputValue()).endsWith('now'));
  found += await accessible(ada, 'item');

  step('"Saved" waits for the acknowledgement');
  await control('hold');
  await title.focus();
  await ada.keyboard.press('End');
  await ada.keyboard.type('!');
  await pill(ada, 'Saving');
  await ada.waitForTimeout(400);
  assert.match(await ada.getByTestId('state-pill').innerText(), /Saving/);
  await control('release');
  await pill(ada, 'Saved');

  step('offline: changes are counted and kept, then merged once');
  await control('down');
  await pill(ada, 'Offline');
  await title.focus();
  await ada.keyboard.press('End');
  await ada.keyboard.type('abc');
  await pill(ada, 'Offline — 3 changes kept here');
  await ben.getByRole('textbox', { name: 'Title' }).focus();
  await ben.keyboard.press('Home');
  await ben.keyboard.type('B:');
  await pill(ben, 'Offline — 2 changes kept here');
  await control('up');
  await pill(ada, 'Saved');
  await pill(ben, 'Saved');
  await until('merged', async () => (await title.inputValue()) === (await ben.getByRole('textbox', { name: 'Title' }).inputValue()));
  assert.equal(await title.inputValue(), 'B:Pay with a saved card in two taps now!abc');
  assert.equal((await control(`doc?document=${id}`)).title, 'B:Pay with a saved card in two taps now!abc');

  step('tree by keyboard');
  const tree = ada.getByRole('tree');
  await row(ada, /Apple Pay/).click();
  await ada.keyboard.press('Tab');
  await until('indented at Ben', async () => (await row(ben, /Apple Pay/).getAttribute('aria-level')) === '4');
  await ada.keyboard.press('Shift+Tab');
  await until('outdented at Ben', async () => (await row(ben, /Apple Pay/).getAttribute('aria-level')) === '3');
  const before = await row(ben, /Apple Pay/).getAttribute('aria-posinset');
  await ada.keyboard.press('Alt+ArrowUp');
  await until('moved up at Ben', async () => Number(await row(ben, /Apple Pay/).getAttribute('aria-posinset')) === Number(before) - 1);
  await ada.keyboard.press('Control+z');
  await until('undone at Ben', async () => (await row(ben, /Apple Pay/).getAttribute('aria-posinset')) === before);
  await ada.keyboard.press('F2');
  await ada.keyboard.type('Wallets');
  await ada.keyboard.press('Enter');
  await row(ben, /Wallets/).waitFor();
  await ada.keyboard.press('n');
  await ada.keyboard.type('First new');
  await ada.keyboard.press('Enter');
  await ada.keyboard.type('Second new');
  await ada.keyboard.press('Enter');
  await ada.keyboard.press('Escape');
  await row(ben, /Story: First new/).waitFor();
  await row(ben, /Story: Second new/).waitFor();
  assert.equal(await row(ada, /Second new/).count(), 1);
  await ada.keyboard.press('Shift+N');
  await ada.keyboard.type('A child');
  await ada.keyboard.press('Enter');
  await ada.keyboard.press('Escape');
  await until('child placed', async () => (await row(ben, /Task: A child/).getAttribute('aria-level')) === '4');
  await tree.focus();
  await row(ada, /Second new/).click();
  await ada.keyboard.press('Delete');
  await row(ben, /Second new/).waitFor({ state: 'detached' });
  await row(ben, /A child/).waitFor({ state: 'detached' });
  await ada.getByRole('button', { name: 'Undo' }).click();
  await row(ben, /A child/).waitFor();
  await row(ada, /A child/).waitFor();

  step('status from the tree, drag and drop, bin');
  await row(ada, /Wallets/).getByRole('button', { name: /^Status of/ }).click();
  await ada.getByRole('menuitemradio', { name: 'Done' }).click();
  await row(ben, /Wallets, Done/).waitFor();
  const from = await row(ada, /Order summary/).boundingBox();
  const to = await row(ada, /Measure and learn/).boundingBox();
  await ada.mouse.move(from.x + 150, from.y + 16);
  await ada.mouse.down();
  await ada.mouse.move(to.x + 110, to.y + to.height, { steps: 8 });
  await ada.mouse.up();
  await until('dragged', async () => (await row(ben, /Order summary/).getAttribute('aria-posinset')) === '1' && (await row(ben, /Order summary/).getAttribute('aria-setsize')) === '3');
  await row(ada, /Funnel/).click();
  await ada.keyboard.press('Delete');
  await row(ben, /Funnel/).waitFor({ state: 'detached' });
  await ada.getByRole('button', { name: 'Bin' }).click();
  await ada.getByRole('button', { name: /Restore: Funnel/ }).click();
  await row(ben, /Funnel/).waitFor();
  await ada.keyboard.press('Escape');

  step('a refusal is explained; the text stays');
  await row(ada, /Wallets/).click();
  await ada.getByRole('textbox', { name: 'Description' }).waitFor();
  await pill(ada, 'Saved');
  const wallets = new URL(ada.url()).pathname.split('/').at(-1);
  await control(`refuse?document=${wallets}&reason=4413:too-large`);
  await pill(ada, 'Not saved — too large');
  await ada.getByTestId('state-pill').click();
  await ada.getByRole('button', { name: 'Open the server’s version' }).click();
  await pill(ada, 'Saved');
  await control(`refuse?document=${wallets}&reason=1013:try-again`);
  await pill(ada, 'Saved');
  await ada.keyboard.press('Escape');

  step('a role that is taken away downgrades what is open');
  await row(ben, /Wallets/).click();
  await ben.getByRole('textbox', { name: 'Description' }).waitFor();
  await pill(ben, 'Saved');
  await ada.getByRole('link', { name: 'People' }).click();
  await ada.getByRole('combobox', { name: /Role of Ben/ }).click();
  await ada.getByRole('option', { name: /Viewer/ }).click();
  await pill(ben, 'Read only');
  found += await accessible(ada, 'people');

  step('offline changes survive a reload');
  await ada.getByRole('link', { name: 'Checkout redesign' }).first().click();
  await row(ada, /Wallets/).click();
  await ada.getByRole('textbox', { name: 'Description' }).waitFor();
  await pill(ada, 'Saved');
  await ada.route('**/collab', (route) => route.abort());
  await control('down');
  await pill(ada, 'Offline');
  await ada.getByRole('textbox', { name: 'Title' }).focus();
  await ada.keyboard.press('End');
  await ada.keyboard.type(' kept');
  await pill(ada, 'Offline — 5 changes kept here');
  await ada.waitForTimeout(300);
  await control('up');
  await ada.goto(`${server.url}/account`);
  await until('sent without opening it', async () => (await control(`doc?document=${wallets}`)).title === 'Wallets kept');

  step('signing out');
  await ada.getByRole('heading', { name: 'Devices' }).waitFor();
  found += await accessible(ada, 'account');
  await ada.getByRole('button', { name: /account menu/ }).click();
  await ada.getByRole('menuitem', { name: 'Sign out' }).click();
  await ada.getByRole('checkbox').check();
  await ada.getByRole('button', { name: 'Sign out' }).click();
  await ada.waitForURL(/login/);
  assert.deepEqual(await ada.evaluate(async () => (await indexedDB.databases()).map((db) => db.name)), []);
  found += await accessible(ada, 'login');

  assert.deepEqual(errors, []);
  assert.equal(found, 0, 'accessibility violations');
  console.log('ok');
} catch (error) {
  for (const [index, context] of browser.contexts().entries()) for (const page of context.pages()) await page.screenshot({ path: `/tmp/smoke-${index}.png` });
  console.log(errors);
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser.close();
  server.stop();
}
