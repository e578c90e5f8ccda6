// Documents that were never opened here are fetched ahead, so that a link to any of them opens without the network.
import assert from 'node:assert/strict';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let api;
let project;
let items;

const stage = new Stage({}, async ({ server }) => {
  api = server.api.as((await server.setUp()).access_token);
  project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  items = [];
  for (const title of ['Pay', 'Ship', 'Learn']) items.push(await api.post(`/projects/${project.id}/items`, { title, type: 'epic' }));
  ada = await stage.person('ada', { network: true });
  await ada.signIn('ada@example.com');
});

/** Copies of documents on ada's device. */
const copies = () =>
  ada.page.evaluate(async () => {
    const { user } = JSON.parse(localStorage.getItem('canopy:session'));
    const db = await new Promise((resolve, reject) => {
      const opening = indexedDB.open(`canopy:${user.id}`);
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const keys = await new Promise((resolve) => {
      const all = db.transaction('documents').objectStore('documents').getAllKeys();
      all.onsuccess = () => resolve(all.result);
    });
    db.close();
    return keys.map((key) => key.split('~')[0]);
  });

stage.test('opening a project brings copies of its documents', async () => {
  await ada.project('Checkout');
  await ada.row(/Ship/).waitFor();
  await until('there is a copy of each', async () => {
    const here = await copies();
    return items.every(({ id }) => here.includes(id));
  }, { within: 30_000 });
  await until('the worker is there', () => ada.page.evaluate(() => navigator.serviceWorker.controller !== null));
});

stage.test('a link to one that was never opened opens without the network, and what is written there arrives', async () => {
  ada.network.cut();
  await ada.go(`/p/${project.id}/${items[1].id}`);
  await ada.reads('the title', ada.title, 'Ship');
  await ada.append(ada.description, 'seen for the first time');
  await ada.append(ada.title, ' it');
  ada.network.mend();
  await ada.says('Saved');
  await until('the server has it', async () => {
    assert.equal((await api.get(`/items/${items[1].id}`)).title, 'Ship it');
    return true;
  });
});
