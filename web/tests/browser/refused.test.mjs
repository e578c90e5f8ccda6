// What the server refuses is said, kept, and never reaches anybody else.
import assert from 'node:assert/strict';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let ben;
let api;

const stage = new Stage({ env: { CANOPY_LIMITS__DOCUMENT_BYTES: '65536' } }, async ({ server }) => {
  api = server.api.as((await server.setUp()).access_token);
  await api.invite('editor', { name: 'Ben Okafor', email: 'ben@example.com', password: PASSWORD });
  const project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  await api.post(`/projects/${project.id}/items`, { title: 'Pay', type: 'story' });
  ada = await stage.person('ada');
  ben = await stage.person('ben');
  await ada.signIn('ada@example.com');
  await ben.signIn('ben@example.com');
  for (const person of [ada, ben]) {
    await person.project('Checkout');
    await person.open(/Pay/);
    await person.says('Saved');
  }
});

stage.test('what is too large is not saved, and says so', async () => {
  await ada.description.click();
  await ada.page.keyboard.insertText('far too much '.repeat(8_000));
  await ada.says('Not saved — too large');
  await ada.pill.click();
  await ada.page.getByText('The document is too large for the server.').waitFor();
  await ada.accessible('refusal');
  assert.match(await ada.text(), /far too much/, 'the text stays on the screen');
  assert.equal(await ben.text(), '');
});

stage.test('the refused text survives a reload, and still says so', async () => {
  await ada.page.reload();
  await ada.says('Not saved — too large');
});

stage.test('the server’s version is one press and a confirmation away', async () => {
  await ada.pill.click();
  await ada.button('Open the server’s version').click();
  // The button that asks has the name of the one that answers.
  await ada.page.getByText('on this device will be lost').waitFor();
  await ada.page.getByRole('alertdialog').or(ada.page.getByRole('dialog')).getByRole('button', { name: 'Open the server’s version' }).last().click();
  await ada.says('Saved');
  assert.equal(await ada.text(), '');
  await ada.description.click();
  await ada.type('short and good');
  await until('he reads it', async () => (await ben.text()) === 'short and good');
  await ada.says('Saved');
});
