// The table, in two browsers: sorted, changed in place, walked by keyboard.
import assert from 'node:assert/strict';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let ben;
let api;
let project;

const grid = (person) => person.page.getByRole('grid');
const rows = (person) => grid(person).locator('[role=row][data-item]');
const cell = (person, title, column) => rows(person).filter({ hasText: title }).locator(`[data-column=${column}]`);

async function order(person, ...titles) {
  await until(`${person.name}'s rows`, async () => {
    const now = await rows(person).evaluateAll((all) => all.sort((a, b) => a.offsetTop - b.offsetTop).map((row) => row.querySelector('[data-column=title]').textContent));
    assert.deepEqual(now, titles);
    return true;
  });
}

async function says(person, title, column, text) {
  await until(`${person.name} reads ${column} of ${title}`, async () => {
    assert.equal((await cell(person, title, column).innerText()).trim(), text);
    return true;
  });
}

const stored = async (title) => (await api.items(project.id)).find((item) => item.title === title);

const stage = new Stage({}, async ({ server }) => {
  api = server.api.as((await server.setUp()).access_token);
  await api.invite('manager', { name: 'Ben Okafor', email: 'ben@example.com', password: PASSWORD });
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  for (const [title, status] of [['Wallets', 'todo'], ['Cards', 'done'], ['Vouchers', 'backlog']]) await api.post(`/projects/${project.id}/items`, { title, type: 'story', status });
  ada = await stage.person('ada', { width: 1600 });
  ben = await stage.person('ben', { width: 1600 });
  await ada.signIn('ada@example.com');
  await ben.signIn('ben@example.com');
  for (const person of [ada, ben]) {
    await person.project('Checkout');
    await person.button('Table').click();
  }
});

stage.test('rows stand in the order of the tree, or by a column', async () => {
  await order(ada, 'Wallets', 'Cards', 'Vouchers');
  await ada.page.getByRole('columnheader', { name: 'Title' }).getByRole('button').click();
  await order(ada, 'Cards', 'Vouchers', 'Wallets');
  assert.equal(await ada.page.getByRole('columnheader', { name: 'Title' }).getAttribute('aria-sort'), 'ascending');
  await ada.page.getByRole('columnheader', { name: 'Status' }).getByRole('button').click();
  await order(ada, 'Vouchers', 'Wallets', 'Cards');
  await ada.accessible('table');
  // The other person's table is theirs.
  await order(ben, 'Wallets', 'Cards', 'Vouchers');
});

stage.test('a status is changed in its cell', async () => {
  await cell(ada, 'Wallets', 'status').dblclick();
  await ada.page.getByRole('option', { name: 'In progress' }).click();
  await says(ben, 'Wallets', 'status', 'In progress');
  await until('the server has it', async () => (await stored('Wallets')).status === 'in_progress');
});

stage.test('cells are walked and changed by keyboard', async () => {
  await ben.page.getByRole('grid').focus();
  await ben.press('Control+Home');
  for (let column = 0; column < 6; column += 1) await ben.press('ArrowRight');
  await ben.type('5');
  await ben.press('Enter');
  await says(ada, 'Wallets', 'estimate', '5');
  await ben.type('8');
  await ben.press('Tab');
  await says(ada, 'Cards', 'estimate', '8');
  await until('the server has it', async () => (await stored('Cards')).estimate === 8);
  await ben.press('Control+z');
  await says(ada, 'Cards', 'estimate', '');
  await ben.press('Home');
  await ben.press('F2');
  await ben.type('Card payments');
  await ben.press('Enter');
  await rows(ada).filter({ hasText: 'Card payments' }).waitFor();
});

stage.test('rows are chosen with Shift and changed together', async () => {
  await grid(ben).focus();
  await ben.press('Control+Home');
  await ben.press('Shift+ArrowDown');
  await ben.press('Alt+a');
  await ben.page.getByRole('option', { name: /Ada Lindqvist/ }).click();
  await ben.press('Escape');
  await says(ada, 'Wallets', 'assignees', 'Ada Lindqvist');
  await says(ada, 'Card payments', 'assignees', 'Ada Lindqvist');
  await says(ada, 'Vouchers', 'assignees', '');
  await ben.accessible('rows chosen');
  await ben.press('Escape');
});

stage.test('columns are hidden, moved, and stay so', async () => {
  await ada.button('Columns').click();
  await ada.page.getByRole('menuitemcheckbox', { name: 'Labels' }).click();
  await ada.press('Escape');
  await ada.page.getByRole('columnheader', { name: 'Labels' }).waitFor({ state: 'detached' });
  await ada.page.getByRole('menu').waitFor({ state: 'detached' });
  await grid(ada).focus();
  await ada.press('Control+Home');
  await ada.press('ArrowUp');
  await ada.press('ArrowRight');
  await ada.press('Alt+ArrowRight');
  const heads = () => ada.page.getByRole('columnheader').evaluateAll((all) => all.map((head) => head.textContent).filter(Boolean));
  await until('the columns', async () => {
    assert.deepEqual((await heads()).slice(0, 4), ['Title', 'Status', 'Type', 'Priority']);
    return true;
  });
  await ada.page.reload();
  await order(ada, 'Vouchers', 'Wallets', 'Card payments');
  assert.deepEqual((await heads()).slice(0, 3), ['Title', 'Status', 'Type']);
});
