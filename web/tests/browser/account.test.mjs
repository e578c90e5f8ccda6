// Sessions, passwords and roles, as they show in what is open.
import assert from 'node:assert/strict';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let other;
let ben;
let api;
let item;

const stage = new Stage({}, async ({ server }) => {
  api = server.api.as((await server.setUp()).access_token);
  await api.invite('viewer', { name: 'Ben Okafor', email: 'ben@example.com', password: PASSWORD });
  const project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  item = await api.post(`/projects/${project.id}/items`, { title: 'Pay', type: 'story' });
  ada = await stage.person('ada');
  ben = await stage.person('ben');
  await ada.signIn('ada@example.com');
  await ben.signIn('ben@example.com');
  for (const person of [ada, ben]) {
    await person.project('Checkout');
    await person.open(/Pay/);
  }
  await ada.says('Saved');
});

stage.test('a viewer reads live, can’t edit, and sees why', async () => {
  await ben.says('Read only');
  await ben.pill.click();
  await ben.page.getByText('You may read this. Ask an administrator for the editor role to write.').waitFor();
  await ben.press('Escape');
  assert.equal(await ben.title.getAttribute('readonly'), '');
  assert.equal(await ben.description.getAttribute('contenteditable'), 'false');
  assert.equal(await ben.button('Add criterion').count(), 0);
  assert.equal(await ben.button('New item').count(), 0);
  assert.equal(await ben.button(/^Status of/).count(), 0);
  await ada.append(ada.title, ' fast');
  await ben.reads('the title', ben.title, 'Pay fast');
  await ben.row(/Pay fast/).click();
  await ben.press('F2');
  await ben.press('Delete');
  await ben.press('Control+Enter');
  assert.equal(await ben.page.getByRole('tree').getByRole('textbox').count(), 0);
  await ben.accessible('a viewer’s item');
});

stage.test('a role that is given shows at once in what is open', async () => {
  const { id } = await api.organization();
  const { members } = await api.get(`/organizations/${id}/members`);
  const user = members.find((member) => member.user.email === 'ben@example.com').user.id;
  await api.patch(`/organizations/${id}/members/${user}`, { role: 'editor' });
  await ben.says('Saved');
  await until('the title can be written', async () => (await ben.title.getAttribute('readonly')) === null);
  await ben.append(ben.title, ' and sure');
  await ada.reads('the title', ada.title, 'Pay fast and sure');
  await api.patch(`/organizations/${id}/members/${user}`, { role: 'viewer' });
  await ben.says('Read only');
  await until('the title is read-only', async () => (await ben.title.getAttribute('readonly')) === '');
});

stage.test('a session that is ended on the account page stops editing elsewhere within a second', async () => {
  other = await stage.person('ada-elsewhere');
  await other.signIn('ada@example.com');
  await other.project('Checkout');
  await other.open(/Pay/);
  await other.says('Saved');
  await ada.page.getByRole('link', { name: 'Account' }).click();
  await ada.accessible('account');
  // The sign-in by the API at the start is a session, too; the browser's is the newest.
  const end = ada.button(/^End session/);
  await until('both other sessions show', async () => (await end.count()) === 2);
  await ada.button(/^End session: .*Chrome on/).click();
  const start = Date.now();
  await until('editing has ended', () => other.out(), { within: 5_000, every: 20 });
  assert.ok(Date.now() - start < 1_000, `it took ${Date.now() - start} ms`);
  await ada.page.getByText('Session ended').waitFor();
  await until('its list is short', async () => (await end.count()) === 1);
});

stage.test('who was signed out signs in again and goes on', async () => {
  if (!other.page.url().includes('/login')) {
    await other.pill.click();
    await other.button('Sign in again').click();
  }
  await other.page.getByText('Your session has ended.').waitFor();
  await other.page.getByLabel('E-mail').fill('ada@example.com');
  await other.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await other.button('Sign in').click();
  await other.description.waitFor();
  await other.says('Saved');
  await other.append(other.title, '!');
  await other.says('Saved');
  await ben.reads('the title', ben.title, 'Pay fast and sure!');
});

stage.test('signing out ends the session and can remove what is on this device', async () => {
  await other.button(/account menu/).click();
  await other.page.getByRole('menuitem', { name: 'Sign out' }).click();
  await other.page.getByRole('checkbox', { name: /Remove my documents/ }).check();
  await other.accessible('signing out');
  await other.button('Sign out').last().click();
  await other.page.waitForURL(/login/);
  await until('the device is empty', async () => (await other.page.evaluate(async () => (await indexedDB.databases()).length)) === 0);
  await other.go(`/p/${item.project_id}/${item.id}`);
  await other.page.waitForURL(/login/);
});

stage.test('a wrong password says so', async () => {
  await other.page.getByLabel('E-mail').fill('ada@example.com');
  await other.page.getByLabel('Password', { exact: true }).fill('wrong wrong wrong');
  await other.button('Sign in').click();
  await other.page.getByText('E-mail or password is wrong.').waitFor();
  await other.accessible('signing in');
});

stage.test('a forgotten password is reset by the link that the server wrote for the administrator', async () => {
  await other.page.getByRole('link', { name: 'Forgot password?' }).click();
  await other.page.getByLabel('E-mail').fill('ben@example.com');
  await other.button('Send link').click();
  await other.page.getByText(/a link is on its way/).waitFor();
  const [link] = await stage.server.says(/http:\/\/[^\s"\\]*\/reset\?token=[\w-]+/);
  await other.page.goto(link);
  await other.page.getByLabel('New password', { exact: true }).fill('another harbour lantern 48');
  await other.button('Save password').click();
  await other.page.getByText('Your password is changed.').waitFor();
  // Every session of before has ended: his screen lets go.
  await until('his editing has ended', () => ben.out());
  await other.page.goto(link);
  await other.page.getByLabel('New password', { exact: true }).fill('a third harbour lantern 49');
  await other.button('Save password').click();
  await other.page.getByRole('alert').waitFor();
  await other.signIn('ben@example.com', 'another harbour lantern 48');
});
