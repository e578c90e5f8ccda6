// The item screen around its texts: rail, breadcrumbs, neighbours, criteria, and following somebody.
import assert from 'node:assert/strict';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

const stage = new Stage({ demo: true });
let project;
let items;
let ada;
let bob;
let story;
const titleOf = (id) => items.find((item) => item.id === id)?.title;
const rail = (person) => person.page.getByRole('complementary').getByRole('region', { name: 'Properties' });
const field = (person, name) => rail(person).getByRole('button', { name: new RegExp(`^${name}`) });

stage.test('two people open the demo', async () => {
  const accounts = await stage.server.accounts();
  [ada, bob] = [await stage.person('ada', { width: 1440, height: 900 }), await stage.person('bob', { width: 1440, height: 900 })];
  await ada.signIn(accounts[0].email, accounts[0].password);
  await bob.signIn(accounts[1].email, accounts[1].password);
  const api = await stage.server.api.signIn(accounts[0].email, accounts[0].password);
  project = (await api.get(`/organizations/${(await api.organization()).id}/projects`)).projects[0];
  items = await api.items(project.id);
  story = items.find((item) => item.type === 'story' && item.criteria_total > 2);
});

stage.test('breadcrumbs lead up, previous and next walk the tree', async () => {
  await ada.go(`/p/${project.id}/${story.id}`);
  const crumbs = ada.page.getByRole('navigation', { name: 'Where it stands' });
  await crumbs.getByRole('link').last().waitFor();
  assert.equal(await crumbs.getByRole('link').last().innerText(), titleOf(story.parent));
  await ada.button('Next item').click();
  await until('another item is open', () => !ada.page.url().endsWith(story.id));
  await ada.button('Previous item').click();
  await until('it is open again', () => ada.page.url().endsWith(story.id));
  await ada.reads('the title', ada.title, story.title);
});

stage.test('people, labels and the parent are chosen by typing', async () => {
  await bob.go(`/p/${project.id}/${story.id}`);
  await bob.description.waitFor();
  await field(ada, 'Assign people').click();
  await ada.page.getByPlaceholder('Find a person').waitFor();
  const choice = ada.page.getByRole('option').first();
  const name = (await choice.innerText()).split('\n')[0];
  const before = await field(bob, 'Assign people').innerText();
  await ada.press('ArrowDown');
  await ada.press('Enter');
  await ada.press('Escape');
  await until('the other sees who works on it', async () => (await field(bob, 'Assign people').innerText()) !== before);
  assert.ok(name.length > 0);

  await field(ada, 'Labels').click();
  await ada.page.getByPlaceholder('Find or add a label').fill('from the rail');
  await ada.page.getByRole('option', { name: 'Add “from the rail”' }).waitFor();
  await ada.press('Enter');
  await ada.press('Escape');
  await rail(bob).getByText('from the rail').waitFor();

  const epic = items.find((item) => item.type === 'epic' && item.id !== story.parent);
  await field(ada, 'Parent').click();
  await ada.page.getByPlaceholder('Find an item').fill(epic.title);
  await ada.page.locator('[role=option][data-highlighted]').filter({ hasText: epic.title }).waitFor();
  await ada.press('Enter');
  const crumbs = bob.page.getByRole('navigation', { name: 'Where it stands' });
  await until('it stands under another', async () => (await crumbs.getByRole('link').last().innerText()) === epic.title);
});

stage.test('a wrong estimate says so and changes nothing', async () => {
  const estimate = rail(ada).getByRole('spinbutton', { name: /Estimate/ });
  await estimate.fill('-3');
  await rail(ada).getByRole('alert').waitFor();
  await estimate.fill('5');
  await ada.press('Enter');
  await until('the other sees the estimate', async () => (await rail(bob).getByRole('spinbutton', { name: /Estimate/ }).inputValue()) === '5');
});

stage.test('criteria: Given/When/Then to fill in, and a pasted list', async () => {
  const before = await ada.criteria();
  await ada.button('Given / when / then').click();
  await ada.type('a reader');
  await ada.press('Tab');
  await ada.type('they open it');
  await ada.press('Tab');
  await ada.type('it shows');
  await until('the other reads it', async () => (await bob.criteria()).length === before.length + 1);
  assert.equal((await ada.page.getByRole('textbox', { name: /^Criterion \d/ }).last().inputValue()), 'Given a reader, when they open it, then it shows');
  await ada.button('Add criterion').click();
  await ada.page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', '- [x] first of three\n- second of three\n3. third of three');
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await until('all three are there', async () => (await bob.criteria()).length === before.length + 4);
  const last = bob.page.getByRole('textbox', { name: /^Criterion \d/ });
  await until('in order', async () => (await last.nth(before.length + 1).inputValue()) === 'first of three' && (await last.nth(before.length + 3).inputValue()) === 'third of three');
  assert.ok(await bob.page.getByRole('checkbox', { name: `Criterion ${before.length + 2} done` }).isChecked());
});

stage.test('a caret with a name shows where somebody writes in title and criteria', async () => {
  await ada.title.click();
  await bob.page.locator('.remote-caret').waitFor({ state: 'attached' });
  assert.ok((await bob.page.locator('.remote-caret-name').textContent()).length > 0);
  await ada.page.getByRole('textbox', { name: /^Criterion 1/ }).click();
  await until('it went along', async () => (await bob.page.locator('li .remote-caret').count()) === 1);
});

stage.test('a click on a face follows: to another item, and down the page', async () => {
  await bob.page.getByRole('button', { name: /^Follow/ }).first().click();
  await bob.page.getByText(/^Following /).waitFor();
  const other = items.filter((item) => item.type === 'story' && item.id !== story.id).sort((a, b) => b.criteria_total - a.criteria_total)[0];
  await ada.go(`/p/${project.id}/${other.id}`);
  await until('bob went along', () => bob.page.url().endsWith(other.id));
  await ada.description.waitFor();
  const scroller = (person) => person.page.locator('[data-view="title"]').locator('xpath=ancestor::div[contains(@class,"overflow-y-auto")]');
  await scroller(ada).evaluate((element) => element.scrollTo(0, 250));
  const want = await scroller(ada).evaluate((element) => element.scrollTop);
  if (want > 50) await until('bob sees the same part', async () => Math.abs((await scroller(bob).evaluate((element) => element.scrollTop)) - want) < 60);
  await bob.press('Escape');
  await bob.page.getByText(/^Following /).waitFor({ state: 'detached' });
});
