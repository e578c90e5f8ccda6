// The board, in two browsers: cards go from column to column by mouse and keyboard, and everybody sees it.
import assert from 'node:assert/strict';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let ben;
let api;
let project;

const column = (person, name) => person.page.getByRole('region', { name, exact: true });
const card = (person, title) => person.page.getByRole('row', { name: new RegExp(`: ${title},`) });

/** What stands in a column, top to bottom. */
async function holds(person, name, ...titles) {
  await until(`${person.name} sees ${titles.join(', ') || 'nothing'} in ${name}`, async () => {
    const cards = await column(person, name).locator('[data-item]').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label').replace(/^\w+: (.*?), .*$/, '$1')));
    assert.deepEqual(cards, titles);
    return true;
  });
}

const stored = async (title) => (await api.items(project.id)).find((item) => item.title === title);

const stage = new Stage({}, async ({ server }) => {
  api = server.api.as((await server.setUp()).access_token);
  await api.invite('manager', { name: 'Ben Okafor', email: 'ben@example.com', password: PASSWORD });
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  const epic = await api.post(`/projects/${project.id}/items`, { title: 'Pay', type: 'epic', status: 'in_progress' });
  for (const title of ['Cards', 'Wallets', 'Vouchers']) await api.post(`/projects/${project.id}/items`, { title, type: 'story', status: 'todo', parent: epic.id });
  ada = await stage.person('ada', { width: 1600 });
  ben = await stage.person('ben', { width: 1600 });
  await ada.signIn('ada@example.com');
  await ben.signIn('ben@example.com');
  for (const person of [ada, ben]) {
    await person.project('Checkout');
    await person.button('Board').click();
  }
});

stage.test('every item stands in the column of its status', async () => {
  await holds(ada, 'To do', 'Cards', 'Wallets', 'Vouchers');
  await holds(ada, 'In progress', 'Pay');
  await holds(ada, 'Done');
  await card(ada, 'Cards').getByText('Pay', { exact: true }).waitFor();
  await ada.accessible('board');
});

stage.test('a card is dragged to another column', async () => {
  const from = await card(ada, 'Wallets').boundingBox();
  const to = await column(ada, 'In review').boundingBox();
  await ada.page.mouse.move(from.x + 80, from.y + 30);
  await ada.page.mouse.down();
  await ada.page.mouse.move(to.x + 100, to.y + 200, { steps: 12 });
  await ada.page.mouse.up();
  await holds(ada, 'In review', 'Wallets');
  await holds(ben, 'In review', 'Wallets');
  await holds(ben, 'To do', 'Cards', 'Vouchers');
  await until('the server has it', async () => (await stored('Wallets')).status === 'in_review');
});

stage.test('a card goes on by keyboard, and back by undo', async () => {
  await card(ben, 'Cards').click();
  await ben.description.waitFor();
  await column(ben, 'To do').getByRole('grid').focus();
  await ben.press('Alt+ArrowRight');
  await holds(ada, 'In progress', 'Pay', 'Cards');
  await ben.press('Alt+ArrowRight');
  await holds(ada, 'In review', 'Cards', 'Wallets');
  await ben.press('Control+z');
  await holds(ada, 'In progress', 'Pay', 'Cards');
  await ben.press('Control+z');
  await holds(ada, 'To do', 'Cards', 'Vouchers');
});

stage.test('several cards go together', async () => {
  await column(ada, 'To do').getByRole('grid').focus();
  await ada.press('Home');
  await ada.press('Shift+ArrowDown');
  await ada.page.getByRole('toolbar', { name: 'Selected items' }).getByText('2 selected').waitFor();
  await ada.press('Alt+s');
  await ada.page.getByRole('option', { name: 'Done' }).click();
  await holds(ben, 'Done', 'Cards', 'Vouchers');
  await ada.press('Escape');
});

stage.test('a card is added to a column by typing', async () => {
  // It says where it goes: beside the card that one stands on.
  await ada.button('Add to Backlog').click();
  await ada.page.getByText('Goes into “Pay”').waitFor();
  await ada.type('Gift cards');
  await ada.press('Enter');
  await ada.type('Points');
  await ada.press('Enter');
  await ada.press('Escape');
  await holds(ada, 'Backlog', 'Gift cards', 'Points');
  await holds(ben, 'Backlog', 'Gift cards', 'Points');
  await until('the server has it', async () => (await stored('Points'))?.status === 'backlog');
  assert.equal((await stored('Points')).parent, (await stored('Pay')).id);
});

stage.test('the filter and the view stay over a reload', async () => {
  await ada.page.getByLabel('Filter by title').fill('gift');
  await holds(ada, 'Backlog', 'Gift cards');
  await holds(ada, 'Done');
  await ada.page.reload();
  await holds(ada, 'Backlog', 'Gift cards');
  await ada.button('Clear filters').click();
  await holds(ada, 'Done', 'Cards', 'Vouchers');
});
