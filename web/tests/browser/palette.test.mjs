// The command palette, the shortcuts, and the keys that work everywhere.
import assert from 'node:assert/strict';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let project;

const stage = new Stage({}, async ({ server }) => {
  const api = server.api.as((await server.setUp()).access_token);
  const { id } = await api.organization();
  project = await api.post(`/organizations/${id}/projects`, { name: 'Checkout redesign' });
  await api.post(`/organizations/${id}/projects`, { name: 'Warehouse' });
  const epic = await api.post(`/projects/${project.id}/items`, { title: 'Pay in two taps', type: 'epic' });
  await api.post(`/projects/${project.id}/items`, { title: 'Remember the card', type: 'feature', parent: epic.id });
  await api.post(`/projects/${project.id}/items`, { title: 'Résumé of the order', type: 'feature', parent: epic.id });
  ada = await stage.person('ada', { network: true });
  await ada.signIn('ada@example.com');
});

const palette = () => ada.page.getByRole('dialog', { name: 'Go to, create, change' });
const options = () => palette().getByRole('option');
const open = async (words = '') => {
  await ada.press('Control+k');
  await palette().getByRole('combobox').waitFor();
  await until('the field has the focus', () => palette().getByRole('combobox').evaluate((field) => field === document.activeElement));
  if (words !== '') await ada.type(words);
};
const gone = () => palette().waitFor({ state: 'detached' });
const heading = (name) => ada.page.getByRole('heading', { name, level: 1 });

stage.test('its code is there before somebody asks for it', async () => {
  await until('the code is loaded', () => ada.page.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => /\/palette-[^/]+\.js$/.test(name))));
});

stage.test('it opens by its keys, lists what can be done, and closes by them', async () => {
  await open();
  for (const name of [/New project/, /Go to people/, /Dark theme/, /Keyboard shortcuts/]) await options().filter({ hasText: name }).waitFor();
  await ada.axe('the palette');
  await ada.press('Control+k');
  await gone();
  await open();
  await ada.press('Escape');
  await gone();
});

stage.test('it goes to a project by the beginning of a word, and to an item', async () => {
  await open('redes');
  await options().first().filter({ hasText: 'Checkout redesign' }).waitFor();
  await ada.press('Enter');
  await heading('Checkout redesign').waitFor();
  await ada.row(/Remember the card/).waitFor();
  await open('card rem');
  await options().first().filter({ hasText: 'Remember the card' }).waitFor();
  await palette().getByText('Checkout redesign › Pay in two taps').first().waitFor();
  await ada.press('Enter');
  await ada.reads('the title', ada.title, 'Remember the card');
});

stage.test('it forgives accents, moves by arrows, and says when nothing fits', async () => {
  await open('resume');
  await options().first().filter({ hasText: 'Résumé of the order' }).waitFor();
  await ada.press('Control+a');
  await ada.type('theme');
  await until('the first is chosen', async () => (await options().first().getAttribute('aria-selected')) === 'true');
  await ada.press('ArrowDown');
  assert.equal(await options().nth(1).getAttribute('aria-selected'), 'true');
  await ada.press('Control+a');
  await ada.type('qqqq zzzz');
  await options().filter({ hasText: 'Search everything for “qqqq zzzz”' }).waitFor();
  assert.equal(await options().count(), 1);
  await ada.press('Escape');
});

stage.test('it runs commands: the theme changes, and stays after a reload', async () => {
  const theme = () => ada.page.evaluate(() => document.documentElement.dataset.theme);
  await open('dark theme');
  await ada.press('Enter');
  await until('it is dark', async () => (await theme()) === 'dark');
  await ada.page.reload();
  await ada.row(/Remember the card/).waitFor();
  assert.equal(await theme(), 'dark');
  await open('theme of the system');
  await ada.press('Enter');
  await until('it is light', async () => (await theme()) === 'light');
});

stage.test('what was opened lately comes first', async () => {
  await ada.go('/');
  await ada.page.getByRole('heading', { name: 'Go on where you left off' }).waitFor();
  await open();
  await options().first().filter({ hasText: 'Remember the card' }).waitFor();
  await ada.press('Escape');
  await gone();
});

stage.test('a late answer to an earlier question changes nothing', async () => {
  const hit = (id, title) => ({
    item: { id, project_id: project.id, title, type: 'story', status: 'todo' },
    project: { id: project.id, name: project.name, key: project.key },
    path: [],
    title: { text: title, marks: [] },
    snippet: null,
  });
  let release;
  const held = new Promise((resolve) => (release = resolve));
  let asked = 0;
  await ada.page.route('**/api/v1/search?**', async (route) => {
    const q = new URL(route.request().url()).searchParams.get('q');
    asked++;
    if (q === 'slow') await held;
    const hits = q === 'slow' ? [hit('00000000-0000-7000-8000-000000000001', 'The slow answer')] : q === 'slower' ? [hit('00000000-0000-7000-8000-000000000002', 'The right answer')] : [];
    await route.fulfill({ json: { hits, next_cursor: null } }).catch(() => undefined);
  });
  await open('slow');
  await until('the first question is asked', () => asked === 1);
  await ada.type('er');
  await options().filter({ hasText: 'The right answer' }).waitFor();
  release();
  await until('the second is answered for good', async () => (await palette().getByText('Searching…').count()) === 0);
  assert.equal(await options().filter({ hasText: 'The slow answer' }).count(), 0);
  await ada.press('Escape');
  await gone();
  await ada.page.unroute('**/api/v1/search?**');
});

stage.test('keys work on the screen, one after the other, and not under somebody’s typing', async () => {
  await ada.press('g');
  await ada.press('p');
  await heading('People').waitFor();
  await ada.press('g');
  await ada.press('h');
  await heading('Projects').waitFor();
  await ada.press('c');
  const dialog = ada.page.getByRole('dialog', { name: 'New project' });
  await dialog.getByLabel('Name').waitFor();
  await until('the name has the focus', async () => /project-|name/i.test((await ada.page.evaluate(() => document.activeElement?.getAttribute('name'))) ?? ''));
  await ada.type('gc?[/');
  assert.equal(await dialog.getByLabel('Name').inputValue(), 'gc?[/');
  await ada.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

stage.test('the sidebar folds away and comes back, and stays as it was left', async () => {
  await ada.press('[');
  await ada.button('Expand the sidebar').waitFor();
  await ada.page.reload();
  await ada.button('Expand the sidebar').click();
  await ada.button('Collapse the sidebar').waitFor();
});

stage.test('the shortcuts of the screen are listed, and found by name', async () => {
  await ada.page.getByRole('main').getByRole('link', { name: 'Checkout redesign', exact: true }).click();
  await ada.row(/Pay in two taps/).waitFor();
  await ada.page.locator('#main').focus();
  await ada.press('Shift+?');
  const dialog = ada.page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await dialog.getByText('Command palette').waitFor();
  await ada.axe('shortcuts');
  await dialog.getByLabel('Find a shortcut').fill('sidebar');
  await until('only that is left', async () => (await dialog.locator('dt').allTextContents()).join() === 'Show or hide the sidebar');
  await ada.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

stage.test('without the network it still goes to what is loaded, and says what it can’t', async () => {
  ada.network.cut();
  await open('two taps');
  await options().first().filter({ hasText: 'Pay in two taps' }).waitFor();
  await palette().getByText(/The server can’t be reached/).waitFor();
  await ada.press('Enter');
  await until('the item is open', () => /\/p\/[^/]+\/[^/]+$/.test(new URL(ada.page.url()).pathname));
  ada.network.mend();
});
