// A project's own fields: made by who administers it, filled in by everybody, live; and taken away again.
import assert from 'node:assert/strict';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

const stage = new Stage({ demo: true });
let project;
let story;
let api;
let ada;
let bob;
const rail = (person) => person.page.getByRole('complementary').getByRole('region', { name: 'Properties' });
const dialog = () => ada.page.getByRole('dialog', { name: 'Fields of this project' });
const custom = async () => Object.values((await api.get(`/items/${story.id}`)).custom);

async function make(name, kind, options = []) {
  if (!(await dialog().getByLabel('Name', { exact: true }).isVisible())) await dialog().getByRole('button', { name: 'Add field' }).click();
  await dialog().getByLabel('Name', { exact: true }).fill(name);
  if (kind !== 'Text') {
    await dialog().getByRole('combobox', { name: /^Kind/ }).click();
    await ada.page.getByRole('option', { name: kind, exact: true }).click();
    await dialog().getByRole('combobox', { name: `Kind: ${kind}` }).waitFor();
  }
  for (const [index, option] of options.entries()) {
    if (index === 0) await dialog().getByRole('button', { name: 'Add option' }).click();
    await dialog().getByLabel(`Option ${index + 1}`, { exact: true }).fill(option);
    if (index < options.length - 1) await ada.press('Enter');
  }
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().getByRole('listitem').filter({ hasText: name }).waitFor();
}

stage.test('the first field is asked for at once', async () => {
  const accounts = await stage.server.accounts();
  [ada, bob] = [await stage.person('ada', { width: 1440, height: 900 }), await stage.person('bob', { width: 1440, height: 900 })];
  await ada.signIn(accounts[0].email, accounts[0].password);
  await bob.signIn(accounts[1].email, accounts[1].password);
  api = await stage.server.api.signIn(accounts[0].email, accounts[0].password);
  project = (await api.get(`/organizations/${(await api.organization()).id}/projects`)).projects[0];
  story = (await api.items(project.id)).find((item) => item.type === 'story');
  await Promise.all([ada, bob].map((person) => person.go(`/p/${project.id}/${story.id}`)));
  await ada.description.waitFor();
  assert.equal(await rail(bob).getByRole('button', { name: 'Add field' }).count(), 0, 'only who administers the project makes fields');
  await rail(ada).getByRole('button', { name: 'Add field' }).click();
  await dialog().getByLabel('Name', { exact: true }).waitFor();
  await ada.axe('a new field');
});

stage.test('fields of several kinds are made, and say what is missing', async () => {
  await make('Customer', 'Text');
  await dialog().getByRole('button', { name: 'Add field' }).click();
  await dialog().getByLabel('Name', { exact: true }).fill('Risk');
  await dialog().getByRole('combobox', { name: /^Kind/ }).click();
  await ada.page.getByRole('option', { name: 'One of a list', exact: true }).click();
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().getByText('A list needs at least one option.').waitFor();
  await dialog().getByRole('button', { name: 'Cancel' }).click();
  await make('Risk', 'One of a list', ['Low', 'High']);
  await make('Regions', 'Several of a list', ['North', 'South']);
  await make('Effort', 'Number');
  await make('Reviewer', 'Person');
  await make('Public', 'Checkbox');
  await make('Page', 'Link');
  await ada.axe('the fields of a project');
});

stage.test('their order is changed', async () => {
  await dialog().getByRole('button', { name: 'Move Risk up' }).click();
  await until('Risk stands first', async () => (await dialog().getByRole('listitem').first().innerText()).startsWith('Risk'));
  await ada.press('Escape');
  await dialog().waitFor({ state: 'hidden' });
});

stage.test('the other person has them at once, and fills them in', async () => {
  await rail(bob).getByRole('button', { name: /^Risk/ }).click();
  await bob.page.getByRole('option', { name: 'High' }).click();
  await rail(bob).getByRole('button', { name: /^Regions/ }).click();
  await bob.page.getByRole('option', { name: 'North' }).click();
  await bob.page.getByRole('option', { name: 'South' }).click();
  await bob.press('Escape');
  await rail(bob).getByLabel('Customer').fill('Acme');
  await bob.press('Enter');
  await rail(bob).getByRole('spinbutton', { name: 'Effort' }).fill('-2.5');
  await bob.press('Enter');
  await rail(bob).getByRole('checkbox', { name: 'Public' }).check();
  await rail(bob).getByLabel('Page', { exact: true }).fill('javascript:alert(1)');
  await bob.press('Enter');
  assert.equal(await rail(bob).getByRole('link', { name: 'Open Page' }).count(), 0, 'a script is no link');
  await rail(bob).getByLabel('Page', { exact: true }).fill('https://example.com/a');
  await bob.press('Enter');
  await rail(bob).getByRole('link', { name: 'Open Page' }).waitFor();
});

stage.test('what was filled in shows here, and by the API', async () => {
  await rail(ada).getByRole('button', { name: 'Risk: High' }).waitFor();
  await rail(ada).getByRole('button', { name: /^Regions: North ?South/ }).waitFor();
  assert.equal(await rail(ada).getByLabel('Customer').inputValue(), 'Acme');
  assert.equal(await rail(ada).getByRole('spinbutton', { name: 'Effort' }).inputValue(), '-2.5');
  assert.equal(await rail(ada).getByRole('checkbox', { name: 'Public' }).isChecked(), true);
  await until('the row has them', async () => {
    const values = await custom();
    return values.length === 6 && values.includes('https://example.com/a');
  });
});

stage.test('an option gets another name; a field goes, everywhere', async () => {
  await rail(ada).getByRole('button', { name: 'Manage fields' }).click();
  await dialog().getByRole('button', { name: 'Change Risk' }).click();
  await dialog().getByLabel('Option 2', { exact: true }).fill('Severe');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await rail(bob).getByText('Severe').waitFor();
  await dialog().getByRole('button', { name: 'Delete Customer' }).click();
  await ada.page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await rail(bob).getByLabel('Customer').waitFor({ state: 'hidden' });
  await ada.press('Escape');
});
