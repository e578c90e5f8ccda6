// One item, in two browsers: title, description, acceptance criteria, fields, presence.
import assert from 'node:assert/strict';
import { PASSWORD } from '../support/server.mjs';
import { holds, until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let ben;
let api;
let item;
const stored = () => api.get(`/items/${item.id}`);

const paint = (element) => element.evaluate((shown) => getComputedStyle(shown).backgroundColor);
const rgb = (hex) => `rgb(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(', ')})`;

const stage = new Stage({}, async ({ server }) => {
  api = server.api.as((await server.setUp()).access_token);
  await api.invite('editor', { name: 'Ben Okafor', email: 'ben@example.com', password: PASSWORD });
  const project = await api.post(`/organizations/${(await api.organization()).id}/projects`, { name: 'Checkout' });
  item = await api.post(`/projects/${project.id}/items`, { title: 'Pay with a card', type: 'story' });
  ada = await stage.person('ada');
  ben = await stage.person('ben');
  await ada.signIn('ada@example.com');
  await ben.signIn('ben@example.com');
  for (const person of [ada, ben]) {
    await person.project('Checkout');
    await person.open(/Pay with a card/);
    await person.says('Saved');
  }
});

const faceOfBen = () => ada.page.getByRole('button', { name: /^Follow Ben Okafor/ }).first();

stage.test('who is here shows, with the same colour everywhere', async () => {
  const face = faceOfBen();
  await face.waitFor();
  await ben.page.getByRole('button', { name: /^Follow Ada Lindqvist/ }).first().waitFor();
  const his = await stage.server.api.signIn('ben@example.com', PASSWORD);
  const { colour } = (await his.get('/me')).user;
  assert.equal(await paint(face.getByRole('img', { includeHidden: true })), rgb(colour));
  assert.equal(await paint(ada.row(/Pay with a card/).getByRole('img', { name: /Ben Okafor/ }).getByRole('img', { includeHidden: true }).first()), rgb(colour));
});

stage.test('the title is typed by both at once', async () => {
  await Promise.all([
    (async () => {
      await ada.title.focus();
      await ada.press('Home');
      await ada.page.keyboard.type('Story: ', { delay: 15 });
    })(),
    (async () => {
      await ben.title.focus();
      await ben.press('End');
      await ben.page.keyboard.type(' in two taps', { delay: 15 });
    })(),
  ]);
  for (const person of [ada, ben]) {
    await person.reads('the title', person.title, 'Story: Pay with a card in two taps');
    await person.row(/Story: Pay with a card in two taps/).waitFor();
    await person.says('Saved');
  }
  await until('the projection has it', async () => (await stored()).title === 'Story: Pay with a card in two taps');
});

stage.test('the description, with carets and names', async () => {
  await ada.description.click();
  await ada.type('## Why\nPeople leave when paying is slow.');
  await ben.description.getByRole('heading', { name: 'Why' }).waitFor();
  await ben.description.getByText('People leave when paying is slow.').waitFor();
  await ben.page.locator('.caret-label', { hasText: 'Ada Lindqvist' }).waitFor();
  await ben.description.click();
  await ben.press('Control+End');
  await ben.press('Enter');
  await ben.type('- [ ] measure it');
  await ada.description.locator('ul[data-type=taskList]').getByText('measure it').last().waitFor();
  await ada.page.locator('.caret-label', { hasText: 'Ben Okafor' }).waitFor();
  const caret = await paint(ada.page.locator('.caret-label', { hasText: 'Ben Okafor' }));
  assert.equal(caret, await paint(faceOfBen().getByRole('img', { includeHidden: true })));
  assert.notEqual(caret, await paint(ben.page.locator('.caret-label', { hasText: 'Ada Lindqvist' })));
});

stage.test('both write in the same paragraph at once', async () => {
  const before = ada.description.getByText('People leave');
  await before.click();
  await ada.press('End');
  await ben.description.getByText('People leave').click();
  await ben.press('Home');
  await Promise.all([ada.page.keyboard.type(' We know.', { delay: 10 }), ben.page.keyboard.type('Look: ', { delay: 10 })]);
  for (const person of [ada, ben]) await person.writes('Why', 'Look: People leave when paying is slow. We know.', 'measure it');
});

stage.test('undo takes back only what is one’s own', async () => {
  // How much one step of undo takes depends on how fast he typed.
  await until('his word is gone', async () => {
    if (!(await ben.text()).includes('L')) return true;
    await ben.press('Control+z');
    return false;
  }, { every: 200 });
  for (const person of [ada, ben]) await person.description.getByText('People leave when paying is slow. We know.').waitFor();
  assert.match(await ada.text(), /^Why\nPeople leave/);
});

stage.test('acceptance criteria: added, written together, ordered, checked', async () => {
  await ada.button('Add criterion').click();
  await ada.type('the card is known');
  await ada.press('Enter');
  await ada.type('two taps are enough');
  await until('he sees both', async () => (await ben.criteria()).join('|') === 'the card is known|two taps are enough');
  await Promise.all([
    (async () => {
      await ada.criterion(1).focus();
      await ada.press('Home');
      await ada.page.keyboard.type('Given ', { delay: 15 });
    })(),
    (async () => {
      await ben.criterion(1).focus();
      await ben.press('End');
      await ben.page.keyboard.type(' and valid', { delay: 15 });
    })(),
  ]);
  for (const person of [ada, ben]) await person.reads('criterion 1', person.criterion(1), 'Given the card is known and valid');
  await ben.criterion(2).focus();
  await ben.press('Alt+ArrowUp');
  for (const person of [ada, ben]) {
    await until('the order changed', async () => (await person.criteria()).join('|') === 'two taps are enough|Given the card is known and valid');
  }
  await ben.page.getByRole('checkbox', { name: 'Criterion 1 done', exact: true }).check();
  await until('she sees it checked', () => ada.page.getByRole('checkbox', { name: 'Criterion 1 done', exact: true }).isChecked());
  await until('the projection counts', async () => {
    const { criteria_done: done, criteria_total: total } = await stored();
    return done === 1 && total === 2;
  });
  await ada.row(/1 of 2 criteria done/).waitFor();
});

stage.test('a criterion that somebody else moves can be written on', async () => {
  await ada.criterion(2).focus();
  await ada.press('End');
  await ben.criterion(2).focus();
  await ben.press('Alt+ArrowUp');
  await ada.reads('criterion 1', ada.criterion(1), 'Given the card is known and valid');
  // The caret moved along.
  await ada.type(' today');
  for (const person of [ada, ben]) {
    await until('both have moved and written', async () => {
      assert.deepEqual(await person.criteria(), ['Given the card is known and valid today', 'two taps are enough']);
      return true;
    });
  }
});

stage.test('a criterion is dragged', async () => {
  const first = await ada.criterion(1).boundingBox();
  const second = await ada.criterion(2).boundingBox();
  await ada.criterion(1).hover();
  const grip = await ada.button(/^Move criterion 1\./).boundingBox();
  await ada.page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
  await ada.page.mouse.down();
  await ada.page.mouse.move(first.x, second.y + second.height, { steps: 6 });
  await ada.page.mouse.up();
  await until('he sees it', async () => (await ben.criteria())[0] === 'two taps are enough');
});

stage.test('fields are live', async () => {
  await ada.page.getByRole('combobox', { name: 'Status' }).first().click();
  await ada.page.getByRole('option', { name: 'In progress' }).click();
  await ben.page.getByRole('combobox', { name: 'Status' }).filter({ hasText: 'In progress' }).first().waitFor();
  await ben.row(/In progress/).waitFor();
  await ben.page.getByRole('combobox', { name: 'Priority' }).first().click();
  await ben.page.getByRole('option', { name: 'Urgent' }).click();
  await ada.page.getByRole('combobox', { name: 'Priority' }).filter({ hasText: 'Urgent' }).first().waitFor();
  await ada.button(/^Assign people/).locator('visible=true').first().click();
  await ada.page.getByRole('option', { name: /Ben Okafor/ }).click();
  await ada.press('Escape');
  await ben.button(/^Assign people:\s*Ben Okafor/).locator('visible=true').first().waitFor();
  const visible = (person, label) => person.page.getByLabel(label).locator('visible=true').first();
  await ben.button(/^Labels/).locator('visible=true').first().click();
  await ben.page.getByPlaceholder('Find or add a label').fill('payments');
  await ben.page.getByRole('option', { name: 'Add “payments”' }).waitFor();
  await ben.press('Enter');
  await ben.press('Escape');
  await ada.button(/^Labels:\s*payments/).locator('visible=true').first().waitFor();
  await visible(ada, /^Estimate/).fill('5');
  await ada.press('Enter');
  await ben.reads('the estimate', visible(ben, /^Estimate/), '5');
  await visible(ada, 'Due').fill('2030-05-17');
  await ben.reads('the date', visible(ben, 'Due'), '2030-05-17');
  await until('the projection has them', async () => {
    const { status, priority, labels, assignees } = await stored();
    return status === 'in_progress' && priority === 'urgent' && labels.join() === 'payments' && assignees.length === 1;
  });
});

stage.test('"Saved" waits for the server’s disk', async () => {
  await ada.says('Saved');
  stage.server.freeze();
  await ada.append(ada.title, '!');
  await ada.says('Saving…');
  await holds('it does not say Saved before the server did', async () => (await ada.pill.innerText()).trim() === 'Saving…', 600);
  stage.server.thaw();
  await ada.says('Saved');
  await ben.reads('the title', ben.title, 'Story: Pay with a card in two taps!');
});

stage.test('the API’s edits arrive in open editors', async () => {
  await api.patch(`/items/${item.id}`, { title: 'Named by a program' });
  for (const person of [ada, ben]) await person.reads('the title', person.title, 'Named by a program');
});

stage.test('presence goes when somebody leaves', async () => {
  await ben.go('/account');
  await ada.page.getByRole('img', { name: 'Ben Okafor is here' }).first().waitFor({ state: 'detached' });
  await ada.row(/Named by a program/).getByRole('img', { name: /Ben Okafor/ }).waitFor({ state: 'detached' });
  await ada.accessible('item');
});
