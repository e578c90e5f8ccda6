// Losing the connection, going on, and coming back: nothing is lost, nothing is doubled, and the indicator tells the truth.
import assert from 'node:assert/strict';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let ben;
let api;
let item;
let project;

const titleIs = (value) => until(`the server has "${value}"`, async () => {
  const { title } = await api.get(`/items/${item.id}`);
  assert.equal(title, value);
  return true;
});

const stage = new Stage({}, async ({ server }) => {
  api = server.api.as((await server.setUp()).access_token);
  await api.invite('manager', { name: 'Ben Okafor', email: 'ben@example.com', password: PASSWORD });
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  item = await api.post(`/projects/${project.id}/items`, { title: 'Pay', type: 'story' });
  for (const title of ['Ship', 'Learn']) await api.post(`/projects/${project.id}/items`, { title, type: 'epic' });
  ada = await stage.person('ada', { network: true });
  ben = await stage.person('ben', { network: true });
  await ada.signIn('ada@example.com');
  await ben.signIn('ben@example.com');
  for (const person of [ada, ben]) {
    await person.project('Checkout');
    await person.open(/Pay/);
    await person.says('Saved');
  }
});

stage.test('one loses the connection; both go on writing; all of it merges once', async () => {
  ada.network.cut();
  await ada.says('Offline');
  await ada.append(ada.title, ' fast');
  await ada.says('Offline — 5 changes kept here');
  await ben.title.focus();
  await ben.press('Home');
  await ben.type('Now: ');
  await ben.says('Saved');
  await ada.append(ada.description, 'written offline');
  await ben.append(ben.description, 'written online');
  assert.equal(await ben.title.inputValue(), 'Now: Pay');
  ada.network.mend();
  await ada.says('Saved');
  for (const person of [ada, ben]) {
    await person.reads('the title', person.title, 'Now: Pay fast');
    await until('the descriptions merged', async () => {
      const text = await person.description.innerText();
      for (const part of ['written offline', 'written online']) assert.equal(text.split(part).length, 2, text);
      return true;
    });
  }
  await titleIs('Now: Pay fast');
});

stage.test('moves in the tree made offline merge with others’', async () => {
  ada.network.cut();
  await ada.says('Offline');
  await ada.page.getByRole('tree').focus();
  await ada.row(/Learn/).getByRole('button', { name: /^Actions for/ }).click({ force: true });
  await ada.page.getByRole('menuitem', { name: /^Move up/ }).click();
  await ada.rowIs(/Learn/, 'aria-posinset', 2);
  await ada.says('Offline — 1 change kept here');
  await ben.row(/Ship/).getByRole('button', { name: /^Actions for/ }).click({ force: true });
  await ben.page.getByRole('menuitem', { name: /^Move one level in/ }).click();
  await ben.rowIs(/Ship/, 'aria-level', 2);
  ada.network.mend();
  for (const person of [ada, ben]) {
    await person.says('Saved');
    await person.rowIs(/Ship/, 'aria-level', 2);
    await person.rowIs(/Learn/, 'aria-level', 1);
    assert.equal(await person.row(/./).count(), 3);
  }
});

stage.test('the server is killed while both write; what said Saved is there when it is back', async () => {
  await ada.append(ada.title, ' and sure');
  await ada.says('Saved');
  await ada.append(ada.title, '!');
  await stage.server.down('SIGKILL');
  await ada.says('Offline — 1 change kept here').catch(async () => ada.says('Offline'));
  await ben.pill.filter({ hasText: 'Offline' }).waitFor();
  await ada.append(ada.title, '?');
  await ben.append(ben.description, ' kept through the crash');
  await until('his changes are counted', async () => /Offline — \d+ changes kept here/.test(await ben.pill.innerText()));
  await stage.server.up();
  await titleIs('Now: Pay fast and sure!?');
  for (const person of [ada, ben]) {
    await person.says('Saved', 30_000);
    await person.reads('the title', person.title, 'Now: Pay fast and sure!?');
    await until('the description is there once', async () => (await person.description.innerText()).split('kept through the crash').length === 2);
  }
});

stage.test('the server is stopped and started: everybody comes back by themselves', async () => {
  await stage.server.down('SIGTERM');
  await ada.pill.filter({ hasText: 'Offline' }).waitFor();
  await ada.append(ada.title, ' ok');
  await ada.says('Offline — 3 changes kept here');
  await stage.server.up();
  await ada.says('Saved', 30_000);
  await ben.says('Saved', 30_000);
  await ben.reads('the title', ben.title, 'Now: Pay fast and sure!? ok');
  await titleIs('Now: Pay fast and sure!? ok');
});

stage.test('what came from others while away shows after coming back, in the tree too', async () => {
  ben.network.cut();
  await ben.says('Offline');
  await api.post(`/projects/${project.id}/items`, { title: 'Made meanwhile', type: 'epic' });
  await api.patch(`/items/${item.id}`, { title: 'Renamed meanwhile', status: 'done' });
  await ada.row(/Renamed meanwhile, Done/).waitFor();
  ben.network.mend();
  await ben.says('Saved');
  await ben.row(/Made meanwhile/).waitFor();
  await ben.row(/Renamed meanwhile, Done/).waitFor();
  await ben.reads('the title', ben.title, 'Renamed meanwhile');
});

stage.test('offline changes survive a closed tab', async () => {
  // The sockets are cut, the pages still come: a tab that is opened again without any server shows nothing at all.
  ben.network.cut();
  await ben.says('Offline');
  await ben.append(ben.title, ' by Ben');
  await ben.says('Offline — 7 changes kept here');
  await until('all of it is on this device', () =>
    ben.page.evaluate(async () => {
      const event = new Event('beforeunload', { cancelable: true });
      window.dispatchEvent(event);
      return !event.defaultPrevented;
    }),
  );
  const { page } = ben;
  await page.goto('about:blank');
  ben.network.mend();
  await ben.go('/account');
  await ada.reads('the title', ada.title, 'Renamed meanwhile by Ben');
  await titleIs('Renamed meanwhile by Ben');
});
