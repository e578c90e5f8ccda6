// The spec tree, in two browsers: whatever one person does, the other sees.
import assert from 'node:assert/strict';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let ben;
let api;
let project;

/** The tree as the server projects it: every title with its level, in order. */
async function stored() {
  const items = await api.items(project.id);
  const inside = (parent, level) =>
    items
      .filter((item) => item.parent === parent)
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .flatMap((item) => [`${'  '.repeat(level)}${item.title}`, ...inside(item.id, level + 1)]);
  return inside(null, 0);
}

const shown = (person) =>
  person.page.getByRole('treeitem').evaluateAll((rows) =>
    rows
      .map((row) => ({ top: row.offsetTop, level: Number(row.getAttribute('aria-level')), title: row.getAttribute('aria-label').replace(/^\w+: (.*?), .*$/, '$1') }))
      .sort((a, b) => a.top - b.top)
      .map(({ level, title }) => `${'  '.repeat(level - 1)}${title}`),
  );

/** Both browsers and the server have come to this tree. */
async function is(...lines) {
  for (const [who, read] of [['ada', () => shown(ada)], ['ben', () => shown(ben)], ['the server', stored]]) {
    await until(`${who} has the tree`, async () => {
      const now = await read();
      assert.deepEqual(now, lines);
      return true;
    });
  }
}

const stage = new Stage({}, async ({ server }) => {
  api = server.api.as((await server.setUp()).access_token);
  await api.invite('manager', { name: 'Ben Okafor', email: 'ben@example.com', password: PASSWORD });
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  ada = await stage.person('ada');
  ben = await stage.person('ben');
  await ada.signIn('ada@example.com');
  await ben.signIn('ben@example.com');
  for (const person of [ada, ben]) await person.project('Checkout');
});

stage.test('items are made by typing, one after the other', async () => {
  await ada.button('Add the first epic').click();
  for (const title of ['Pay', 'Ship', 'Learn']) {
    await ada.type(title);
    await ada.press('Enter');
  }
  await ada.press('Escape');
  await is('Pay', 'Ship', 'Learn');
});

stage.test('items are made inside others, with the type that belongs there', async () => {
  await ada.row(/Epic: Pay/).click();
  await ada.press('Control+Shift+Enter');
  await ada.type('Cards');
  await ada.press('Enter');
  await ada.type('Wallets');
  await ada.press('Enter');
  await ada.press('Escape');
  await ben.row(/Feature: Cards/).waitFor();
  await is('Pay', '  Cards', '  Wallets', 'Ship', 'Learn');
});

stage.test('a new item is given up by Escape', async () => {
  await ada.press('Control+Enter');
  await ada.type('Never mind');
  await ada.press('Escape');
  await ada.page.getByRole('textbox', { name: /^Title of the new/ }).waitFor({ state: 'detached' });
  await ada.press('Control+Enter');
  await ada.press('Escape');
  await is('Pay', '  Cards', '  Wallets', 'Ship', 'Learn');
});

stage.test('who is on which row shows', async () => {
  await ben.open(/Feature: Cards/);
  await ada.row(/Feature: Cards/).getByRole('img', { name: 'Here now: Ben Okafor' }).waitFor();
  await ben.open(/Epic: Ship/);
  await ada.row(/Epic: Ship/).getByRole('img', { name: 'Here now: Ben Okafor' }).waitFor();
  await ada.row(/Feature: Cards/).getByRole('img').first().waitFor({ state: 'detached' });
});

stage.test('renaming in place', async () => {
  await ben.page.getByRole('tree').focus();
  await ben.press('F2');
  await ben.type('Ship it');
  await ben.press('Enter');
  await ada.row(/Epic: Ship it,/).waitFor();
  // The item is open at him: its title followed.
  await ben.reads('the title', ben.title, 'Ship it');
  await ben.press('F2');
  await ben.type('Not this');
  await ben.press('Escape');
  await is('Pay', '  Cards', '  Wallets', 'Ship it', 'Learn');
});

stage.test('moving by keyboard: in, out, up, down, and undone', async () => {
  await ada.row(/Wallets/).click();
  await ada.press('Tab');
  await is('Pay', '  Cards', '    Wallets', 'Ship it', 'Learn');
  await ada.press('Shift+Tab');
  await is('Pay', '  Cards', '  Wallets', 'Ship it', 'Learn');
  await ada.press('Alt+ArrowUp');
  await is('Pay', '  Wallets', '  Cards', 'Ship it', 'Learn');
  await ada.press('Alt+ArrowDown');
  await is('Pay', '  Cards', '  Wallets', 'Ship it', 'Learn');
  await ada.press('Shift+Tab');
  await is('Pay', '  Cards', 'Wallets', 'Ship it', 'Learn');
  await ada.press('Control+z');
  await is('Pay', '  Cards', '  Wallets', 'Ship it', 'Learn');
});

stage.test('both move at once, and both moves count', async () => {
  await ada.row(/Cards/).click();
  await ben.row(/Learn/).click();
  await Promise.all([ada.press('Alt+ArrowDown'), ben.press('Alt+ArrowUp')]);
  await is('Pay', '  Wallets', '  Cards', 'Learn', 'Ship it');
});

stage.test('moving by drag', async () => {
  const from = await ada.row(/Ship it/).boundingBox();
  const to = await ada.row(/Wallets/).boundingBox();
  await ada.page.mouse.move(from.x + 120, from.y + from.height / 2);
  await ada.page.mouse.down();
  // Below Wallets, one level to the right of where it was.
  await ada.page.mouse.move(to.x + 140, to.y + to.height, { steps: 10 });
  await ada.page.mouse.up();
  await is('Pay', '  Wallets', '  Ship it', '  Cards', 'Learn');
});

stage.test('status from the tree', async () => {
  await ada.row(/Wallets/).getByRole('button', { name: /^Status of/ }).click();
  await ada.page.getByRole('option', { name: 'In review' }).click();
  await ben.row(/Wallets, In review/).waitFor();
  await until('the server has it', async () => (await api.items(project.id)).find((item) => item.title === 'Wallets').status === 'in_review');
});

stage.test('deleting takes what is inside, and undo brings it back', async () => {
  await ada.row(/Epic: Pay/).click();
  await ada.press('Delete');
  await is('Learn');
  // Of the notices on the screen, the newest.
  await ada.page.getByRole('listitem').filter({ hasText: 'Deleted “Pay” and 3 items inside' }).getByRole('button', { name: 'Undo' }).click();
  await is('Pay', '  Wallets', '  Ship it', '  Cards', 'Learn');
});

stage.test('somebody who reads what is deleted is told', async () => {
  await ben.open(/Wallets/);
  await ada.row(/Wallets/).click();
  await ada.press('Delete');
  await ben.page.getByText('This item was deleted').waitFor();
  await is('Pay', '  Ship it', '  Cards', 'Learn');
});

stage.test('restoring from the bin, by the other person', async () => {
  await ben.button('Bin').click();
  await ben.page.getByText(/^Deleted by Ada Lindqvist, now|^Deleted by Ada Lindqvist, \d+ minutes? ago/).waitFor();
  await ben.accessible('bin');
  await ben.button('Restore: Wallets').click();
  await ben.page.getByText('The bin is empty.').waitFor();
  await ben.press('Escape');
  await is('Pay', '  Wallets', '  Ship it', '  Cards', 'Learn');
  // It opens as before.
  await ben.open(/Wallets/);
  await ben.reads('the title', ben.title, 'Wallets');
  await ben.says('Saved');
});

stage.test('the arrows, Home, End and letters go where they should', async () => {
  await ada.page.getByRole('tree').focus();
  await ada.press('Home');
  await ada.at(/Epic: Pay/);
  await ada.press('ArrowDown');
  await ada.at(/Wallets/);
  await ada.press('ArrowLeft');
  await ada.at(/Epic: Pay/);
  await ada.press('ArrowLeft');
  await ada.rowIs(/Epic: Pay/, 'aria-expanded', false);
  assert.equal(await ada.row(/Wallets/).count(), 0);
  await ada.press('ArrowRight');
  await ada.rowIs(/Epic: Pay/, 'aria-expanded', true);
  await ada.press('ArrowRight');
  await ada.at(/Wallets/);
  await ada.press('End');
  await ada.at(/Learn/);
  await ada.type('sh');
  await ada.at(/Ship it/);
  await ada.press('Control+ArrowLeft');
  await ada.rowIs(/Epic: Pay/, 'aria-expanded', false);
  await ada.press('Control+ArrowRight');
  await ada.row(/Wallets/).waitFor();
});

stage.test('several at once: chosen by keys and clicks, changed, undone', async () => {
  await ada.row(/Wallets/).click();
  await ada.press('Shift+ArrowDown');
  await ada.press('Shift+ArrowDown');
  for (const title of [/Wallets/, /Ship it/, /Cards/]) await ada.rowIs(title, 'aria-selected', true);
  await ada.row(/Ship it/).click({ modifiers: ['Control'] });
  await ada.rowIs(/Ship it/, 'aria-selected', false);
  await ada.accessible('several items chosen');
  await ada.page.getByRole('toolbar', { name: 'Selected items' }).getByRole('button', { name: 'Priority…' }).click();
  await ada.page.getByRole('option', { name: 'Urgent' }).click();
  for (const title of [/Wallets, .*Urgent/, /Cards, .*Urgent/]) await ben.row(title).waitFor();
  assert.equal(await ben.row(/Ship it.*Urgent/).count(), 0);
  // Somebody else changes one of them in between: only the other goes back.
  await ben.row(/Cards/).click();
  await ben.press('Alt+p');
  await ben.page.getByRole('option', { name: 'Low' }).click();
  await ada.row(/Cards, .*Low/).waitFor();
  await ada.page.getByRole('tree').focus();
  await ada.press('Control+z');
  await ada.row(/Wallets, In review$/).waitFor();
  await ben.row(/Cards, .*Low/).waitFor();
  await ada.press('Control+Shift+z');
  await ben.row(/Wallets, .*Urgent/).waitFor();
  await ada.press('Control+z');
  await ada.press('Escape');
  await ada.rowIs(/Wallets/, 'aria-selected', false);
});

stage.test('several are moved with the keyboard and with “Move to…”', async () => {
  await ada.row(/Wallets/).click();
  await ada.press('Shift+ArrowDown');
  await ada.press('Alt+ArrowDown');
  await is('Pay', '  Cards', '  Wallets', '  Ship it', 'Learn');
  await ada.page.getByTestId('announcement').filter({ hasText: 'Moved 2 items into Pay: level 2, 2 of 3.' }).waitFor();
  await ada.press('Alt+m');
  await ada.page.getByRole('combobox', { name: /^Where to/ }).fill('lear');
  await ada.page.getByRole('option', { name: /Learn/ }).waitFor();
  await ada.press('Enter');
  await is('Pay', '  Cards', 'Learn', '  Wallets', '  Ship it');
  await ada.page.getByRole('listitem').filter({ hasText: 'Moved 2 items' }).getByRole('button', { name: 'Undo' }).click();
  await is('Pay', '  Cards', '  Wallets', '  Ship it', 'Learn');
  await ada.page.getByRole('tree').focus();
  await ada.press('Control+z');
  await is('Pay', '  Wallets', '  Ship it', '  Cards', 'Learn');
  await ada.press('Escape');
});

stage.test('several are dragged together, and Escape puts them back', async () => {
  await ada.row(/Wallets/).click();
  await ada.press('Shift+ArrowDown');
  const from = await ada.row(/Ship it/).boundingBox();
  const to = await ada.row(/Learn/).boundingBox();
  const drag = async () => {
    await ada.page.mouse.move(from.x + 120, from.y + from.height / 2);
    await ada.page.mouse.down();
    await ada.page.mouse.move(to.x + 120, to.y + to.height, { steps: 12 });
    await ada.page.getByTestId('drop-line').waitFor();
  };
  await drag();
  await ada.press('Escape');
  await ada.page.mouse.up();
  assert.equal(await ada.page.getByTestId('drop-line').count(), 0);
  await is('Pay', '  Wallets', '  Ship it', '  Cards', 'Learn');
  await drag();
  await ada.page.mouse.up();
  await is('Pay', '  Cards', 'Learn', '  Wallets', '  Ship it');
  await ada.press('Control+z');
  await is('Pay', '  Wallets', '  Ship it', '  Cards', 'Learn');
  await ada.press('Escape');
});

stage.test('a copy takes along what is inside, and is undone', async () => {
  await ada.row(/Epic: Pay/).click();
  await ada.press('Control+d');
  await is('Pay', '  Wallets', '  Ship it', '  Cards', 'Pay', '  Wallets', '  Ship it', '  Cards', 'Learn');
  await ada.press('Control+z');
  await is('Pay', '  Wallets', '  Ship it', '  Cards', 'Learn');
});

stage.test('a filter shows what fits with its ancestors, and is kept under a name', async () => {
  const field = ada.page.getByLabel('Filter by title');
  await field.fill('ship');
  await ada.row(/Wallets/).waitFor({ state: 'detached' });
  assert.deepEqual(await shown(ada), ['Pay', '  Ship it']);
  await ada.page.getByText('1 of 5 items').waitFor();
  await field.fill('no such thing');
  await ada.page.getByRole('heading', { name: 'No item fits' }).waitFor();
  await ada.accessible('a filter that fits nothing');
  await ada.page.getByRole('main').getByRole('button', { name: 'Clear filters' }).last().click();
  await ada.row(/Wallets/).waitFor();
  await ada.page.getByRole('button', { name: 'Filter', exact: true }).click();
  await ada.page.getByRole('menuitem', { name: 'Status' }).click();
  await ada.page.getByRole('option', { name: 'In review' }).click();
  await ada.press('Escape');
  await ada.row(/Cards/).waitFor({ state: 'detached' });
  assert.deepEqual(await shown(ada), ['Pay', '  Wallets']);
  await ada.page.getByRole('button', { name: 'Filter', exact: true }).click();
  await ada.page.getByRole('menuitem', { name: 'Save this filter…' }).click();
  await ada.page.getByLabel('Name').fill('To review');
  await ada.press('Enter');
  await ada.button('Clear filters').click();
  await ada.row(/Cards/).waitFor();
  await ada.page.getByRole('button', { name: 'Filter', exact: true }).click();
  await ada.page.getByRole('menuitem', { name: 'To review' }).click();
  await ada.row(/Cards/).waitFor({ state: 'detached' });
  await ada.button('Clear filters').click();
  await ada.row(/Cards/).waitFor();
});

stage.test('two items stand side by side, and the address says so', async () => {
  await ada.row(/Wallets/).click();
  await ada.reads('the title', ada.title, 'Wallets');
  await ada.row(/Cards/).click({ modifiers: ['Alt'] });
  const beside = ada.page.getByRole('region', { name: 'Item beside' });
  await ada.reads('the title beside', beside.getByRole('textbox', { name: 'Title', exact: true }), 'Cards');
  assert.match(ada.page.url(), /beside=/);
  await ada.page.reload();
  await ada.reads('the title beside', beside.getByRole('textbox', { name: 'Title', exact: true }), 'Cards');
  await ada.button('Close the item beside').click();
  await beside.waitFor({ state: 'detached' });
  await ada.reads('the title', ada.title, 'Wallets');
});

stage.test('the menu of a row, with the other mouse button and with Shift+F10', async () => {
  await ada.row(/Ship it/).click({ button: 'right' });
  await ada.page.getByRole('menuitem', { name: 'Open', exact: true }).waitFor();
  await ada.press('Escape');
  await ada.page.getByRole('tree').focus();
  await ada.press('Shift+F10');
  await ada.page.getByRole('menuitem', { name: /^Duplicate/ }).waitFor();
  await ada.press('Escape');
});

stage.test('several are restored from the bin', async () => {
  await ada.row(/Wallets/).click();
  await ada.press('Delete');
  await ada.row(/Wallets/).waitFor({ state: 'detached' });
  await ada.row(/Cards/).click();
  await ada.press('Delete');
  await is('Pay', '  Ship it', 'Learn');
  await ada.button('Bin').click();
  await ada.page.getByRole('checkbox', { name: 'Select Wallets' }).check();
  await ada.page.getByRole('checkbox', { name: 'Select Cards' }).check();
  await ada.button('Restore 2 items').click();
  // The copy that was undone is still there.
  for (const title of ['Wallets', 'Cards']) await ada.page.getByRole('checkbox', { name: `Select ${title}` }).waitFor({ state: 'detached' });
  await ada.page.getByText('and 3 items inside').waitFor();
  await ada.press('Escape');
  await is('Pay', '  Wallets', '  Ship it', '  Cards', 'Learn');
});

stage.test('a reload shows the same tree', async () => {
  await ben.page.reload();
  await is('Pay', '  Wallets', '  Ship it', '  Cards', 'Learn');
  await ada.accessible('tree');
});
