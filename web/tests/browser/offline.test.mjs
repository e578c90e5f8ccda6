// Without the network: open, reload, deep links, edit, create, move; come back and merge. Nothing is lost, nothing is doubled.
import assert from 'node:assert/strict';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let ben;
let api;
let project;
const made = {};

const titled = async (title) => (await api.items(project.id)).filter((item) => item.title === title);

/** Everything of the person's is on disk: leaving is not warned about. */
const onDisk = (person) =>
  until('all of it is on this device', () =>
    person.page.evaluate(async () => {
      const event = new Event('beforeunload', { cancelable: true });
      window.dispatchEvent(event);
      return !event.defaultPrevented;
    }),
  );

const stage = new Stage({}, async ({ server }) => {
  api = server.api.as((await server.setUp()).access_token);
  await api.invite('manager', { name: 'Ben Okafor', email: 'ben@example.com', password: PASSWORD });
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  for (const title of ['Pay', 'Ship', 'Learn']) made[title] = await api.post(`/projects/${project.id}/items`, { title, type: 'epic' });
  ada = await stage.person('ada', { network: true });
  ben = await stage.person('ben', { network: true });
  await ada.signIn('ada@example.com');
  await ben.signIn('ben@example.com');
  for (const person of [ada, ben]) {
    await person.project('Checkout');
    await person.open(/Learn/);
    await person.says('Saved');
    await person.open(/Pay/);
    await person.says('Saved');
    await person.installed();
  }
});

stage.test('the pill says exactly what waits here, and lets go of it when it is there', async () => {
  await ada.page.getByRole('tree').waitFor();
  ada.network.cut();
  await ada.says('Offline');
  await ada.append(ada.title, 'ed');
  await ada.says('Offline — 2 changes kept here');
  await ada.row(/Ship/).getByRole('button', { name: /^Status of/ }).click();
  await ada.page.getByRole('option', { name: 'To do' }).click();
  await ada.says('Offline — 3 changes kept here');
  await ada.row(/Epic: Learn/).click();
  await ada.reads('the title', ada.title, 'Learn');
  await ada.append(ada.title, '!');
  await ada.says('Offline — 4 changes kept here');
  await ada.pill.click();
  const waiting = ada.page.getByRole('region', { name: 'Waiting here' });
  await until('each is listed', async () => {
    assert.deepEqual((await waiting.getByRole('listitem').allInnerTexts()).map((line) => line.replace(/\s+/g, ' ')).toSorted(), ['Changed: Ship', 'Learn! 1 change', 'Payed 2 changes']);
    return true;
  });
  await ada.accessible('what waits');
  await ada.press('Escape');
  ada.network.mend();
  await ada.says('Saved', 40_000);
  await until('the server has it all', async () => {
    const items = await api.items(project.id);
    assert.deepEqual(items.map(({ title, status }) => `${title} ${status}`).toSorted(), ['Learn! backlog', 'Payed backlog', 'Ship todo']);
    return true;
  });
  await ada.pill.click();
  await ada.page.getByText('Everything you see is on the server’s disk.').waitFor();
  assert.equal(await waiting.count(), 0);
  await ada.press('Escape');
  // As the tests below have it.
  await api.patch(`/items/${made.Learn.id}`, { title: 'Learn' });
  await api.patch(`/items/${made.Pay.id}`, { title: 'Pay' });
  await api.patch(`/items/${made.Ship.id}`, { status: 'backlog' });
  await ada.open(/Epic: Pay/);
  await ada.reads('the title', ada.title, 'Pay');
  await ada.says('Saved');
});

stage.test('a page reloads without the network, with what was written', async () => {
  await ada.append(ada.description, 'before the cut');
  await ada.says('Saved');
  ada.network.cut();
  await ada.says('Offline');
  await ada.append(ada.title, ' fast');
  await ada.says('Offline — 5 changes kept here');
  await onDisk(ada);
  await ada.page.reload();
  await ada.says('Offline — 5 changes kept here');
  await ada.writes('before the cut');
  await ada.reads('the title', ada.title, 'Pay fast');
  await ada.row(/Epic: Pay fast/).waitFor();
});

stage.test('another item opens by its link, too', async () => {
  await ada.go(`/p/${project.id}/${made.Learn.id}`);
  await ada.reads('the title', ada.title, 'Learn');
  await ada.append(ada.description, 'learned offline');
  await ada.says('Offline — 20 changes kept here');
});

stage.test('items are made, opened, written, renamed and moved without the network', async () => {
  await ada.page.getByRole('tree').focus();
  await ada.press('End');
  await ada.press('Control+Enter');
  await ada.type('Made offline');
  await ada.press('Enter');
  await ada.type('Second');
  await ada.press('Enter');
  await ada.press('Escape');
  const id = await ada.open(/Made offline/);
  made.offline = id;
  await ada.reads('the title', ada.title, 'Made offline');
  await ada.append(ada.title, '!');
  await ada.append(ada.description, 'born without a server');
  await ada.row(/Made offline!/).waitFor();
  // Renamed and moved in the tree: it is in the document by now.
  await ada.page.getByRole('tree').focus();
  await ada.press('Alt+ArrowUp');
  await ada.press('Tab');
  await ada.rowIs(/Made offline!/, 'aria-level', 2);
  await ada.row(/Second/).click();
  await ada.page.getByRole('tree').focus();
  await ada.press('F2');
  await ada.type('Second best');
  await ada.press('Enter');
  await ada.row(/Second best/).waitFor();
  await ada.row(/Ship/).getByRole('button', { name: /^Status of/ }).click();
  await ada.page.getByRole('option', { name: 'Done' }).click();
  await ada.row(/Ship, Done/).waitFor();
});

stage.test('a closed browser keeps it all; a second person edits meanwhile', async () => {
  await onDisk(ada);
  await ada.page.reload();
  await ada.row(/Made offline!/).waitFor();
  await ada.rowIs(/Made offline!/, 'aria-level', 2);
  await ada.row(/Second best/).waitFor();
  await ada.row(/Ship, Done/).waitFor();
  await onDisk(ada);
  await ada.page.goto('about:blank');
  await ben.append(ben.description, ' and ben');
  await ben.row(/Learn/).click();
  await ben.reads('the title', ben.title, 'Learn');
  await ben.append(ben.title, ' more');
  await ben.says('Saved');
});

stage.test('coming back sends everything once, in order, without opening it', async () => {
  ada.network.mend();
  await ada.go('/account');
  await until('the server has it all', async () => {
    const items = await api.items(project.id);
    const titles = items.map(({ title }) => title).sort();
    assert.deepEqual(titles, ['Learn more', 'Made offline!', 'Pay fast', 'Second best', 'Ship']);
    assert.equal(items.find(({ title }) => title === 'Ship').status, 'done');
    const born = items.find(({ id }) => id === made.offline);
    assert.equal(born.parent, made.Ship.id, 'it stands where it was moved to');
    return true;
  }, { within: 20_000 });
  await ben.row(/Made offline!/).waitFor();
  await ben.rowIs(/Made offline!/, 'aria-level', 2);
  await ben.open(/Made offline!/);
  await ben.reads('the title', ben.title, 'Made offline!');
  await ben.writes('born without a server');
  await ben.open(/Learn more/);
  await ben.writes('learned offline');
  await ada.go(`/p/${project.id}/${made.offline}`);
  await ada.says('Saved');
  await ada.reads('the title', ada.title, 'Made offline!');
});

stage.test('two tabs of one person agree without the network, and count once', async () => {
  const context = ada.page.context();
  const first = ada.page;
  const second = await context.newPage();
  second.setDefaultTimeout(10_000);
  ada.network.cut();
  await ada.says('Offline');
  ada.page = second;
  await ada.go(`/p/${project.id}/${made.offline}`);
  await ada.reads('the title', ada.title, 'Made offline!');
  await ada.append(ada.title, '12');
  ada.page = first;
  await ada.reads('the title', ada.title, 'Made offline!12');
  await ada.says('Offline — 2 changes kept here');
  await ada.append(ada.title, '3');
  for (const page of [second, first]) {
    ada.page = page;
    await ada.reads('the title', ada.title, 'Made offline!123');
    await ada.says('Offline — 3 changes kept here');
  }
  // Made in one, seen in the other.
  await ada.page.getByRole('tree').focus();
  await ada.press('End');
  await ada.press('Control+Enter');
  await ada.type('In one tab');
  await ada.press('Enter');
  await ada.press('Escape');
  ada.page = second;
  await ada.row(/In one tab/).waitFor();
  await ada.page.close();
  ada.page = first;
  ada.network.mend();
  await ada.says('Saved');
  await until('the server has it once', async () => {
    assert.equal((await titled('In one tab')).length, 1);
    assert.equal((await titled('Made offline!123')).length, 1);
    return true;
  });
});

stage.test('what the server refuses is undone, and said', async () => {
  ada.network.cut();
  await ada.says('Offline');
  await ada.page.getByRole('tree').focus();
  await ada.row(/Learn more/).getByRole('button', { name: /^Status of/ }).click();
  await ada.page.getByRole('option', { name: 'Done' }).click();
  await ada.row(/Learn more, Done/).waitFor();
  await api.delete(`/items/${made.Learn.id}`);
  ada.network.mend();
  await ada.page.getByText('1 item was not changed.').waitFor();
  await ada.row(/Learn more/).waitFor({ state: 'detached' });
  await ada.says('Saved');
});
