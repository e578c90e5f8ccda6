// The demo organization, with both of the accounts that are printed.
import assert from 'node:assert/strict';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

const stage = new Stage({ demo: true });
let accounts;
let project;

stage.test('two accounts are printed, and both sign in', async () => {
  accounts = await stage.server.accounts();
  assert.equal(accounts.length, 2);
  for (const { email, password } of accounts) {
    const person = await stage.person(email.split('@')[0]);
    await person.signIn(email, password);
  }
  const api = await stage.server.api.signIn(accounts[0].email, accounts[0].password);
  project = (await api.get(`/organizations/${(await api.organization()).id}/projects`)).projects[0];
});

stage.test('the spec is a tree of well over a hundred items', async () => {
  const api = await stage.server.api.signIn(accounts[1].email, accounts[1].password);
  const items = await api.items(project.id);
  assert.ok(items.length >= 150, `${items.length} items`);
  for (const type of ['epic', 'feature', 'story', 'task']) assert.ok(items.some((item) => item.type === type), type);
  for (const person of stage.people) {
    await person.project(project.name);
    await person.page.getByText(`${items.length} items`).waitFor();
    await person.row(/./).first().waitFor();
    await person.says('Saved');
  }
});

stage.test('every kind of item is read: rich text and acceptance criteria', async () => {
  const [person] = stage.people;
  const items = await (await stage.server.api.signIn(accounts[0].email, accounts[0].password)).items(project.id);
  const story = items.find((item) => item.type === 'story' && item.criteria_total > 1);
  await person.go(`/p/${project.id}/${story.id}`);
  await person.description.waitFor();
  await person.reads('the title', person.title, story.title);
  await until('the description has text', async () => (await person.description.innerText()).trim().length > 40);
  await until('all criteria show', async () => (await person.criteria()).length === story.criteria_total);
  // What stands deep in the tree is unfolded to and shown.
  await person.row(new RegExp(story.title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))).waitFor();
  await person.accessible('item of the demo');
});

stage.test('first of all stands a diagram, whose cards show items as they are', async () => {
  const [person] = stage.people;
  const api = await stage.server.api.signIn(accounts[0].email, accounts[0].password);
  const items = await api.items(project.id);
  const feature = items.find(({ title }) => title === 'Export to accounting');
  await person.go(`/p/${project.id}`);
  await person.row(/./).first().click();
  const canvas = person.page.getByRole('application', { name: 'Canvas' });
  await canvas.getByText('Customer portal').first().waitFor();
  const card = canvas.locator('.react-flow__node', { hasText: feature.title });
  await card.getByText(`${feature.criteria_done}/${feature.criteria_total}`).waitFor();
  const { items: backlinks } = await api.get(`/items/${feature.id}/backlinks`);
  assert.ok(backlinks.some(({ item }) => item.type === 'diagram'));
});

stage.test('light and dark, chosen and remembered', async () => {
  const [person] = stage.people;
  await person.go(`/p/${project.id}`);
  await person.row(/^Epic/).first().click();
  await person.description.waitFor();
  const theme = () => person.page.evaluate(() => document.documentElement.dataset.theme);
  const paper = () => person.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await theme(), 'light');
  const light = await paper();
  await person.button(/account menu/).click();
  await person.page.getByRole('menuitemradio', { name: 'Dark' }).click();
  await until('it is dark', async () => (await theme()) === 'dark');
  assert.notEqual(await paper(), light);
  await person.press('Escape');
  await person.accessible('dark item');
  await person.page.reload();
  await person.description.waitFor();
  assert.equal(await theme(), 'dark');
  await person.button(/account menu/).click();
  await person.page.getByRole('menuitemradio', { name: 'System' }).click();
  await until('it follows the system', async () => (await theme()) === 'light');
  await person.page.emulateMedia({ colorScheme: 'dark' });
  await until('it follows the system into the dark', async () => (await theme()) === 'dark');
});

stage.test('a narrow screen shows the tree or the item', async () => {
  const phone = await stage.person('phone', { width: 390, height: 800 });
  await phone.signIn(accounts[1].email, accounts[1].password);
  await phone.project(project.name);
  await phone.row(/^Epic/).first().click();
  await phone.description.waitFor();
  assert.equal(await phone.page.getByRole('tree').isVisible(), false);
  assert.equal(await phone.page.evaluate(() => document.documentElement.scrollWidth), 390, 'nothing sticks out to the right');
  await phone.accessible('item on a phone');
  await phone.page.getByRole('link', { name: 'Back to the tree' }).click();
  await phone.page.getByRole('tree').waitFor();
});
