// From the first start to two people in one project.
import assert from 'node:assert/strict';
import { PASSWORD } from '../support/server.mjs';
import { Stage } from './stage.mjs';

const stage = new Stage();
let ada;
let ben;
let invitation;

stage.test('the set-up link makes the owner and the organization', async () => {
  ada = await stage.person('ada');
  const link = await stage.server.setupLink();
  await ada.page.goto(link);
  await ada.page.getByLabel('Organization').fill('Northwind');
  await ada.page.getByLabel('Your name').fill('Ada Lindqvist');
  await ada.page.getByLabel('E-mail').fill('ada@example.com');
  await ada.page.getByLabel('Password', { exact: true }).fill('short');
  await ada.button('Create account and organization').click();
  assert.match(ada.page.url(), /\/setup/, 'a short password is not taken');
  await ada.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await ada.accessible('set-up');
  await ada.button('Create account and organization').click();
  await ada.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
  await ada.page.getByText('Northwind').first().waitFor();
});

stage.test('the set-up link works once', async () => {
  const link = new URL(await stage.server.setupLink());
  ben = await stage.person('ben');
  await ben.page.goto(link.href);
  await ben.page.getByText('This server is set up already.').waitFor();
  const again = { token: link.searchParams.get('token'), name: 'Mallory', email: 'mallory@example.com', password: PASSWORD, organization: 'Other' };
  await assert.rejects(stage.server.api.post('/setup', again), (error) => error.status >= 400 && error.status < 500);
});

stage.test('a project is made and opens empty', async () => {
  await ada.accessible('no projects');
  await ada.button('New project').first().click();
  const dialog = ada.page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Checkout redesign');
  await ada.accessible('new project');
  await dialog.getByRole('button', { name: 'Create project' }).click();
  await ada.page.getByRole('heading', { name: 'Checkout redesign', level: 1 }).waitFor();
  await ada.button('Add the first epic').click();
  await ada.type('Pay in two taps');
  await ada.press('Enter');
  await ada.press('Escape');
  await ada.row(/Epic: Pay in two taps/).waitFor();
  await ada.says('Saved');
});

stage.test('an invitation is a link', async () => {
  await ada.page.getByRole('link', { name: 'People' }).click();
  await ada.button('Invite people').click();
  const dialog = ada.page.getByRole('dialog');
  await dialog.getByRole('radio', { name: /^Editor/ }).check();
  await dialog.getByRole('button', { name: 'Create link' }).click();
  invitation = await dialog.getByLabel('Invitation link').inputValue();
  assert.ok(invitation.startsWith(`${stage.server.url}/invite/`));
  await ada.accessible('invitation');
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await ada.page.getByText('Pending invitations').waitFor();
});

stage.test('the invited person joins, and both are in the project', async () => {
  await ben.page.goto(invitation);
  await ben.page.getByRole('heading', { name: /Join Northwind/ }).waitFor();
  await ben.page.getByLabel('Your name').fill('Ben Okafor');
  await ben.page.getByLabel('E-mail').fill('ben@example.com');
  await ben.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await ben.accessible('joining');
  await ben.button('Create account and join').click();
  await ben.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
  await ben.project('Checkout redesign');
  await ben.row(/Epic: Pay in two taps/).waitFor();
  // She is on People and sees him come; then she goes back.
  await ada.page.getByText('ben@example.com').waitFor();
  await ada.page.getByRole('link', { name: 'Checkout redesign' }).first().click();
  await ada.open(/Pay in two taps/);
  await ben.row(/Pay in two taps/).getByRole('img', { name: /Ada Lindqvist/ }).waitFor();
});

stage.test('the invitation is used up', async () => {
  await assert.rejects(stage.server.api.get(`/invitations/${invitation.split('/').at(-1)}`), { status: 404 });
});
