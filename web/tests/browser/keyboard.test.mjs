// The main flow with no pointer at all: what can't be reached by keys isn't there for some people.
import assert from 'node:assert/strict';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;

const stage = new Stage({}, async ({ server }) => {
  await server.setUp();
  ada = await stage.person('ada');
  // Whoever clicks here has cheated.
  await ada.page.addInitScript(() => {
    addEventListener('pointerdown', () => console.error('a pointer was used'), { capture: true });
  });
});

const heading = (name) => ada.page.getByRole('heading', { name, level: 1 });
/** Which row the keys act on. */
const activeIs = (name) =>
  until(`the keys act on ${name}`, async () =>
    name.test(await ada.page.evaluate(() => document.getElementById(document.activeElement?.getAttribute('aria-activedescendant') ?? '')?.getAttribute('aria-label') ?? '')),
  );
const palette = async (words) => {
  await ada.press('Control+k');
  await ada.page.getByRole('dialog').getByRole('combobox').waitFor();
  await until('the field has the focus', () => ada.page.evaluate(() => document.activeElement?.getAttribute('role') === 'combobox'));
  await ada.type(words);
};

stage.test('sign in', async () => {
  await ada.go('/login');
  await heading('Sign in').waitFor();
  await until('the form has the focus or can be reached', async () => {
    if ((await ada.page.evaluate(() => document.activeElement?.getAttribute('name'))) === 'email') return true;
    await ada.press('Tab');
    return false;
  });
  await ada.type('ada@example.com');
  await ada.press('Tab');
  if ((await ada.page.evaluate(() => document.activeElement?.getAttribute('name'))) !== 'password') await ada.press('Tab');
  await ada.type(PASSWORD);
  await ada.press('Enter');
  await heading('Projects').waitFor();
});

stage.test('skip to the content', async () => {
  await ada.page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await ada.tabTo(/^Skip to content$/);
  await ada.press('Enter');
  assert.equal(await ada.page.evaluate(() => location.hash), '#main');
  assert.equal(await ada.page.evaluate(() => document.activeElement?.id), 'main');
});

stage.test('create a project', async () => {
  await ada.press('c');
  const dialog = ada.page.getByRole('dialog', { name: 'New project' });
  await dialog.waitFor();
  await until('the name has the focus', () => ada.page.evaluate(() => document.activeElement?.getAttribute('name') === 'name'));
  await ada.type('Checkout');
  await ada.press('Enter');
  await heading('Checkout').waitFor();
});

stage.test('create items', async () => {
  await ada.tabTo(/^Add the first epic$/);
  await ada.press('Enter');
  await until('the title of the new item has the focus', () => ada.page.evaluate(() => document.activeElement?.tagName === 'INPUT'));
  await ada.type('Pay in two taps');
  await ada.press('Enter');
  await ada.row(/Pay in two taps/).waitFor();
  await ada.type('Returns');
  await ada.press('Enter');
  await ada.row(/Returns/).waitFor();
  await ada.press('Escape');
  await until('the tree has the focus', () => ada.page.evaluate(() => document.activeElement?.getAttribute('role') === 'tree'));
});

stage.test('open one and write', async () => {
  await activeIs(/Returns/);
  await ada.press('Home');
  await activeIs(/Pay in two taps/);
  await ada.press('Enter');
  await ada.description.waitFor();
  await ada.reads('the title', ada.title, 'Pay in two taps');
  // In the tree, Tab changes the level: Escape leaves it.
  await ada.press('Escape');
  await ada.tabTo(/^Title$/);
  await ada.tabTo(/^Description$/, { most: 40 });
  await ada.type('People pay with the card that we know.');
  await ada.writes('People pay with the card that we know.');
  await ada.says('Saved');
});

stage.test('change its status', async () => {
  await ada.tabTo(/^Status: Backlog$|^Status of .*Backlog$/, { key: 'Shift+Tab', most: 80 });
  await ada.press('Enter');
  const option = ada.page.getByRole('option', { name: 'In progress' }).or(ada.page.getByRole('menuitemradio', { name: 'In progress' }));
  await option.waitFor();
  await ada.type('In p');
  await until('it is chosen', async () => (await option.getAttribute('data-highlighted')) !== null);
  await ada.press('Enter');
  await ada.row(/Pay in two taps, In progress/).waitFor();
});

stage.test('search', async () => {
  await palette('search everything');
  await ada.press('Enter');
  await until('the field has the focus', () => ada.page.evaluate(() => document.activeElement?.getAttribute('aria-label') === 'Search for'));
  await ada.type('card');
  await ada.page.getByRole('option', { name: /Pay in two taps/ }).waitFor();
  await ada.press('Enter');
  await ada.reads('the title', ada.title, 'Pay in two taps');
});

stage.test('sign out', async () => {
  await palette('sign out');
  await ada.press('Enter');
  await ada.page.getByRole('alertdialog', { name: 'Sign out?' }).waitFor();
  await ada.tabTo(/^Sign out$/);
  await ada.press('Enter');
  await heading('Sign in').waitFor();
});
