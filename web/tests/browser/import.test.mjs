// Bringing a file in: preview, columns, progress, report, undo. And taking everything out again.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let api;
let shop;

const CSV = `Ref,Headline,Kind,State,Above,Who cares
1,Checkout,Epic,Open,,Sales
2,Pay by card,Story,Doing,1,Finance
3,Pay by invoice,Story,Open,1,
4,Orphan,Task,Open,99,
`;

const stage = new Stage({}, async ({ server }) => {
  api = server.api.as((await server.setUp()).access_token);
  const { id } = await api.organization();
  shop = await api.post(`/organizations/${id}/projects`, { name: 'Shop' });
  ada = await stage.person('ada', { width: 1440 });
  await ada.signIn('ada@example.com');
  await ada.project('Shop');
});

const file = (name, text) => ada.page.getByLabel('File to import').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
const columnIs = async (name, what) => {
  await ada.page.getByRole('combobox', { name: new RegExp(`^What the column ${name} is`) }).click();
  await ada.page.getByRole('option', { name: what, exact: true }).click();
  await ada.page.getByRole('combobox', { name: `What the column ${name} is: ${what}` }).waitFor();
  await until('the list is closed', async () => (await ada.page.getByRole('option').count()) === 0);
};
const preview = () => ada.page.getByRole('group', { name: 'What will be made' });

stage.test('an empty project leads there', async () => {
  await ada.page.getByRole('link', { name: 'Import a file' }).click();
  await ada.page.getByRole('heading', { name: 'Import into Shop', level: 1 }).waitFor();
  await ada.axe('choosing a file');
});

stage.test('a file that holds nothing says so, and changes nothing', async () => {
  await file('nothing.csv', '');
  await ada.page.getByText('This file is empty.').waitFor();
  assert.equal((await api.items(shop.id)).length, 0);
});

stage.test('a table shows its columns with samples, and what comes of them', async () => {
  await file('shop.csv', CSV);
  await ada.button(/^Import \d+ items$/).waitFor();
  await ada.page.getByText('Pay by card').first().waitFor();
  await columnIs('Headline', 'Title');
  await columnIs('Ref', 'Identifier');
  await columnIs('Above', 'Identifier of the parent');
  await columnIs('Kind', 'Type');
  await columnIs('State', 'Status');
  await columnIs('Who cares', 'Leave out');
  await preview().getByText('Checkout').waitFor();
  assert.equal(await preview().getByRole('listitem').filter({ hasText: 'Checkout' }).first().getByRole('listitem').count(), 2);
  await ada.page.getByText(/99.*isn't in the file/).waitFor();
  await ada.axe('a preview');
  assert.equal((await api.items(shop.id)).length, 0);
});

stage.test('it runs, says what it did, and the items are there', async () => {
  await ada.button('Import 4 items').click();
  await ada.page.getByRole('heading', { name: 'Imported 4 items' }).waitFor({ timeout: 30_000 });
  await ada.axe('a report');
  const items = await api.items(shop.id);
  const by = new Map(items.map((item) => [item.title, item]));
  assert.equal(items.length, 4);
  assert.equal(by.get('Pay by card').parent, by.get('Checkout').id);
  assert.equal(by.get('Pay by card').type, 'story');
  assert.equal(by.get('Orphan').parent ?? null, null);
  await ada.page.getByRole('link', { name: 'Open the project' }).click();
  await ada.row(/Story: Pay by card/).waitFor();
});

stage.test('everything goes out as JSON', async () => {
  await ada.button('Actions for Shop').first().click();
  await ada.page.getByRole('menuitem', { name: 'Export…' }).click();
  const dialog = ada.page.getByRole('dialog', { name: 'Export the project' });
  await dialog.getByRole('radio', { name: /^JSON/ }).check();
  await ada.axe('exporting');
  const [download] = await Promise.all([ada.page.waitForEvent('download'), dialog.getByRole('button', { name: 'Download' }).click()]);
  assert.match(download.suggestedFilename(), /\.json$/);
  const { items } = JSON.parse(await readFile(await download.path(), 'utf8'));
  assert.deepEqual(items.map(({ title }) => title).toSorted(), ['Checkout', 'Orphan', 'Pay by card', 'Pay by invoice']);
});

stage.test('an item goes out from its own menu, as a file and onto paper', async () => {
  const menu = async () => {
    await ada.row(/Checkout/).click({ button: 'right' });
    await ada.page.getByRole('menuitem', { name: 'Export…' }).click();
    return ada.page.getByRole('dialog', { name: 'Export “Checkout”' });
  };
  let dialog = await menu();
  await dialog.getByRole('radio', { name: 'This item and all inside it', checked: true }).waitFor();
  await dialog.getByRole('radio', { name: /^JSON/ }).check();
  const [download] = await Promise.all([ada.page.waitForEvent('download'), dialog.getByRole('button', { name: 'Download' }).click()]);
  const { items } = JSON.parse(await readFile(await download.path(), 'utf8'));
  assert.deepEqual(items.map(({ title }) => title).toSorted(), ['Checkout', 'Pay by card', 'Pay by invoice']);
  dialog = await menu();
  await dialog.getByRole('radio', { name: /^Markdown/ }).check();
  const [zip] = await Promise.all([ada.page.waitForEvent('download'), dialog.getByRole('button', { name: 'Download' }).click()]);
  assert.match(zip.suggestedFilename(), /\.zip$/);
  assert.equal((await readFile(await zip.path())).subarray(0, 2).toString(), 'PK');
  dialog = await menu();
  await dialog.getByRole('radio', { name: /^Print or PDF/ }).check();
  await dialog.getByRole('button', { name: 'Open print view' }).click();
  await ada.page.getByRole('heading', { name: 'Checkout', level: 1 }).waitFor();
  await ada.page.getByRole('heading', { name: 'Pay by card' }).waitFor();
  await ada.page.evaluate(() => (window.print = () => (window.printed = true)));
  await ada.button('Print').click();
  assert.equal(await ada.page.evaluate(() => window.printed), true);
  await ada.button('Back').click();
  await ada.row(/Checkout/).waitFor();
});

stage.test('and onto paper', async () => {
  const checkout = (await api.items(shop.id)).find(({ title }) => title === 'Checkout');
  await ada.go(`/p/${shop.id}/print?item=${checkout.id}`);
  await ada.page.getByRole('heading', { name: 'Checkout', level: 1 }).waitFor();
  await ada.page.getByRole('heading', { name: 'Pay by card' }).waitFor();
  assert.equal(await ada.page.getByRole('heading', { name: 'Orphan' }).count(), 0);
  await ada.axe('the print view');
  // What is pressed is not printed.
  await ada.page.emulateMedia({ media: 'print' });
  assert.equal(await ada.button('Print').isVisible(), false);
  await ada.page.emulateMedia({ media: 'screen' });
});

stage.test('an import is found again, and undone in one step', async () => {
  await ada.go(`/p/${shop.id}/import`);
  await ada.page.getByRole('link', { name: /shop\.csv/ }).click();
  await ada.button('Undo import').click();
  await ada.page.getByRole('alertdialog').getByRole('button', { name: 'Undo import' }).click();
  await ada.page.getByRole('heading', { name: 'This import was undone' }).waitFor({ timeout: 30_000 });
  await until('nothing is left', async () => (await api.items(shop.id)).length === 0);
});

stage.test('a Markdown outline becomes a tree', async () => {
  await ada.page.getByRole('link', { name: 'Import another file' }).click();
  await file('spec.md', '# Returns\n\nWhy people send things back.\n\n## Print a label\n\n## Get the money\n');
  await preview().getByText('Print a label').waitFor();
  await ada.button('Discard').click();
  await ada.page.getByText('Drop a file here').waitFor();
  assert.equal((await api.items(shop.id)).length, 0);
});
