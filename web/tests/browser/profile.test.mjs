// What people set about themselves: name, picture, e-mail, theme, tokens.
import assert from 'node:assert/strict';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let ben;
let api;
let token;

const stage = new Stage({}, async ({ server }) => {
  api = server.api.as((await server.setUp()).access_token);
  await api.invite('editor', { name: 'Ben Okafor', email: 'ben@example.com', password: PASSWORD });
  const { id } = await api.organization();
  await api.post(`/organizations/${id}/projects`, { name: 'Shop' });
  ada = await stage.person('ada');
  ben = await stage.person('ben');
  await ada.signIn('ada@example.com');
  await ben.signIn('ben@example.com');
  await ada.page.getByRole('link', { name: 'Account' }).click();
  await ada.page.getByRole('heading', { name: 'Account', level: 1 }).waitFor();
});

const toast = (text) => ada.page.getByText(text).first().waitFor();

stage.test('the account, in both themes', async () => {
  await ada.page.getByText('There are none.').waitFor();
  await ada.axe('the account');
});

stage.test('a name changes everywhere', async () => {
  await ada.page.getByLabel('Name', { exact: true }).fill('Ada L. Lindqvist');
  await ada.button('Save').first().click();
  await toast('Name saved');
  await ada.button(/Ada L\. Lindqvist.*account menu/).waitFor();
  await ben.page.getByRole('link', { name: 'People' }).click();
  await ben.page.getByText('Ada L. Lindqvist').waitFor();
});

stage.test('a picture is cropped to a square, shows everywhere, and is removed', async () => {
  // Wider than high, red on the left and blue on the right.
  const picture = await ada.page.evaluate(() => {
    const canvas = document.createElement('canvas');
    canvas.width = 800;
    canvas.height = 400;
    const context = canvas.getContext('2d');
    context.fillStyle = '#c00';
    context.fillRect(0, 0, 400, 400);
    context.fillStyle = '#00c';
    context.fillRect(400, 0, 400, 400);
    return canvas.toDataURL('image/png').split(',')[1];
  });
  await ada.page.getByLabel('Picture file').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: Buffer.from(picture, 'base64') });
  const dialog = ada.page.getByRole('dialog', { name: 'Your picture' });
  const area = dialog.getByRole('application');
  await area.waitFor();
  await ada.axe('cropping');
  const colour = (x) => area.evaluate((canvas, at) => [...canvas.getContext('2d').getImageData(at, 200, 1, 1).data.slice(0, 3)], x);
  await until('the middle shows', async () => (await colour(20)).join() === '204,0,0' && (await colour(490)).join() === '0,0,204');
  await area.focus();
  for (let press = 0; press < 40; press++) await ada.press('ArrowRight');
  await until('only the right half is left', async () => (await colour(20)).join() === '0,0,204');
  await dialog.getByRole('button', { name: 'Save picture' }).click();
  await toast('Picture saved');
  const { user } = await api.get('/me');
  assert.match(user.avatar, /\w/);
  const shown = (person) => person.page.locator('main [role=img][style*="blob:"]').first().waitFor();
  await shown(ada);
  await ben.page.reload();
  await ben.page.getByText('Ada L. Lindqvist').waitFor();
  await shown(ben);
  await ada.button('Remove', { exact: true }).click();
  await toast('Picture removed');
  await until('initials are back', async () => (await ada.page.locator('main [role=img][style*="blob:"]').count()) === 0);
});

stage.test('a file that is no picture says so', async () => {
  await ada.page.getByLabel('Picture file').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') });
  await ada.page.getByText('This file can’t be read as a picture.').waitFor();
  await ada.press('Escape');
});

stage.test('an e-mail changes when the link to the new address is opened', async () => {
  await ada.button('Change e-mail').click();
  const dialog = ada.page.getByRole('dialog', { name: 'Change e-mail' });
  await dialog.getByLabel('New e-mail').fill('ada.l@example.com');
  await dialog.getByLabel('Current password').fill('wrong wrong wrong');
  await dialog.getByRole('button', { name: 'Send link' }).click();
  await until('it says what is wrong', async () => (await dialog.getByRole('alert').count()) + (await dialog.locator('[aria-invalid=true]').count()) > 0);
  await dialog.getByLabel('Current password').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Send link' }).click();
  await ada.page.getByText(/Open the link that we sent to ada\.l@example\.com/).waitFor();
  const [link] = await stage.server.says(/http:\/\/[^\s"\\]*\/verify-email\?token=[\w-]+/);
  const path = new URL(link);
  await ada.go(path.pathname + path.search);
  await ada.page.getByText('Your e-mail is changed.').waitFor();
  await ada.page.getByRole('link', { name: 'Go to your account' }).click();
  await ada.page.getByRole('main').getByText('ada.l@example.com').first().waitFor();
});

stage.test('a theme that is chosen here is there on the next device', async () => {
  await ada.page.getByRole('radio', { name: 'Dark' }).check();
  await until('it is kept', async () => (await api.get('/me/preferences')).theme === 'dark');
  const other = await stage.person('ada-elsewhere');
  await other.signIn('ada.l@example.com');
  await until('it is dark there', () => other.page.evaluate(() => document.documentElement.dataset.theme === 'dark'));
  await ada.page.getByRole('radio', { name: 'System' }).check();
  await until('it is kept', async () => (await api.get('/me/preferences')).theme === 'system');
});

stage.test('a token is made, shown once, works as far as it may, and ends', async () => {
  await ada.button('New token').click();
  await ada.page.getByRole('dialog').getByLabel('Name').fill('Nightly report');
  await ada.axe('a new token');
  await ada.button('Create token').click();
  token = await ada.page.getByLabel('Token', { exact: true }).inputValue();
  assert.match(token, /^canopy_pat_/);
  await ada.axe('the token');
  await ada.button('I have it').click();
  await ada.page.getByText('Nightly report').waitFor();
  await ada.page.getByText('Read only').waitFor();
  await ada.page.getByText('Never used').waitFor();
  const script = stage.server.api.as(token);
  const { id } = await script.organization();
  assert.equal((await script.get(`/organizations/${id}/projects`)).projects.length, 1);
  await assert.rejects(script.post(`/organizations/${id}/projects`, { name: 'No' }), { status: 403 });
  await assert.rejects(script.get('/me/tokens'), { status: 403 });
  await ada.page.reload();
  await ada.page.getByText(/^Used /).waitFor();
  assert.equal(await ada.page.getByText(token).count(), 0);
  await ada.button('Revoke Nightly report').click();
  await ada.page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
  await toast('Token revoked');
  await assert.rejects(script.organization(), { status: 401 });
});
