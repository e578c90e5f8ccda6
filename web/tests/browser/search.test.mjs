// Search over everything one may see: as one types, by filters and words, with the keyboard, and without the server.
import assert from 'node:assert/strict';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let api;
let shop;
let card;

const stage = new Stage({}, async ({ server }) => {
  api = server.api.as((await server.setUp()).access_token);
  await api.invite('editor', { name: 'Ben Okafor', email: 'ben@example.com', password: PASSWORD });
  const { id } = await api.organization();
  shop = await api.post(`/organizations/${id}/projects`, { name: 'Shop' });
  const store = await api.post(`/organizations/${id}/projects`, { name: 'Warehouse' });
  const epic = await api.post(`/projects/${shop.id}/items`, { title: 'Payment', type: 'epic' });
  card = await api.post(`/projects/${shop.id}/items`, { title: 'Remember the credit card', type: 'story', parent: epic.id });
  await api.post(`/projects/${shop.id}/items`, { title: 'Forget a credit card', type: 'task', status: 'done', parent: epic.id });
  await api.post(`/projects/${store.id}/items`, { title: 'Credit notes for returns', type: 'feature' });
  ada = await stage.person('ada', { network: true });
  await ada.signIn('ada@example.com');
});

const field = () => ada.page.getByRole('combobox', { name: 'Search for' });
const hits = () => ada.page.getByRole('option');
const finds = (...titles) =>
  until(`it finds ${titles.join(', ')}`, async () => {
    const shown = await hits().evaluateAll((all) => all.map((one) => one.querySelector('.font-medium').textContent));
    assert.deepEqual(shown.toSorted(), titles.toSorted());
    return true;
  });
const ask = async (words) => {
  await field().fill(words);
};

stage.test('"/" leads there, and an empty search teaches its words', async () => {
  await ada.press('/');
  await field().waitFor();
  await until('the field has the focus', () => field().evaluate((element) => element === document.activeElement));
  await ada.page.getByRole('heading', { name: 'Search all that you may read' }).waitFor();
  await ada.axe('an empty search');
  await ada.button('status:done').click();
  await finds('Forget a credit card');
});

stage.test('it finds as one types, by beginnings and with mistakes, marks what fits, and says where it stands', async () => {
  await ask('cred');
  await finds('Remember the credit card', 'Forget a credit card', 'Credit notes for returns');
  await ask('remenber card');
  await finds('Remember the credit card');
  assert.ok((await hits().locator('mark').allTextContents()).includes('card'));
  await hits().getByText('Shop › Payment').waitFor();
  assert.match(ada.page.url(), /q=remenber(\+|%20)card/);
  await ada.axe('search results');
});

stage.test('what was written a moment ago is found, in the text, too', async () => {
  await ada.go(`/p/${shop.id}/${card.id}`);
  await ada.description.click();
  await ada.type('The wallet keeps a token, never the number.');
  await ada.says('Saved');
  await ada.go('/search?q=wallet');
  await finds('Remember the credit card');
  await hits().locator('mark', { hasText: 'wallet' }).waitFor();
});

stage.test('chips narrow it down, stay in the address, and are taken away', async () => {
  await ada.go('/search?q=credit');
  await finds('Remember the credit card', 'Forget a credit card', 'Credit notes for returns');
  await ada.button('Type').click();
  await ada.page.getByRole('menuitemcheckbox', { name: 'Story' }).click();
  await ada.page.getByRole('menuitemcheckbox', { name: 'Feature' }).click();
  await ada.press('Escape');
  await finds('Remember the credit card', 'Credit notes for returns');
  await ada.button('Project', { exact: true }).click();
  await ada.page.getByRole('menuitemcheckbox', { name: 'Shop' }).click();
  await ada.press('Escape');
  await finds('Remember the credit card');
  await ada.page.reload();
  await ada.button('Type: Feature, Story').waitFor();
  await finds('Remember the credit card');
  await ada.axe('search with filters');
  await ada.button('Remove the filter Project').click();
  await finds('Remember the credit card', 'Credit notes for returns');
  await ada.button('Clear filters').click();
  await finds('Remember the credit card', 'Forget a credit card', 'Credit notes for returns');
});

stage.test('arrows choose, Enter opens, and what was searched is offered again', async () => {
  await field().fill('forget');
  await finds('Forget a credit card');
  await ada.press('Enter');
  await ada.reads('the title', ada.title, 'Forget a credit card');
  await ada.go('/search');
  await ada.button('forget', { exact: true }).click();
  await finds('Forget a credit card');
  await ask('credit');
  await finds('Remember the credit card', 'Forget a credit card', 'Credit notes for returns');
  const second = await hits().nth(1).locator('.font-medium').textContent();
  await ada.press('ArrowDown');
  await until('the second is chosen', async () => (await hits().nth(1).getAttribute('aria-selected')) === 'true');
  assert.equal(await field().getAttribute('aria-activedescendant'), await hits().nth(1).getAttribute('id'));
  await ada.press('Enter');
  await ada.reads('the title', ada.title, second);
});

stage.test('Control and Enter opens beside what is open', async () => {
  await ada.page.setViewportSize({ width: 1440, height: 860 });
  await ada.go(`/p/${shop.id}/${card.id}`);
  await ada.reads('the title', ada.title.first(), 'Remember the credit card');
  await ada.press('Escape');
  await ada.press('Control+k');
  await ada.page.getByRole('dialog').getByRole('combobox').fill('forget');
  await ada.page.getByRole('dialog').getByRole('option', { name: /Forget a credit card/ }).waitFor();
  await ada.press('Control+Enter');
  await until('both are open', async () => (await ada.title.count()) === 2);
});

stage.test('nothing found says what helps', async () => {
  await ada.go('/search?q=xylophone');
  await ada.page.getByRole('heading', { name: 'Nothing found for “xylophone”' }).waitFor();
  await ada.axe('nothing found');
});

stage.test('without the server it finds titles that are on this device, and says so', async () => {
  await ada.go(`/p/${shop.id}`);
  await ada.row(/Remember the credit card/).waitFor();
  await ada.page.locator('#main').focus();
  await ada.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Search' }).click();
  await field().waitFor();
  ada.network.cut();
  await ask('credit');
  await ada.page.getByText('The server can’t be reached').waitFor();
  await hits().filter({ hasText: 'Remember the credit card' }).waitFor();
  await hits().filter({ hasText: 'Forget a credit card' }).waitFor();
  ada.network.mend();
});
