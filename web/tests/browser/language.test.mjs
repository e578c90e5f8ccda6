// Every text comes from the catalogue: in the pseudo-language they all stand in brackets, and what doesn't is written into a component.
import assert from 'node:assert/strict';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let ada;
let project;
let item;

/** What people wrote; everything else on a screen is ours. */
const DATA = ['Ada Lindqvist', 'ada@example.com', 'Northwind', 'Shop', 'SHOP', 'SHO', 'Pay in two taps', '127.0.0.1', 'AL', 'Headless Chrome on Linux', 'node', 'English', 'Pseudo'];
/** What the browser's own formats write: "now", "in 3 days", "Nov 21, 2026, 4:30 PM". */
const FORMATS = /\b(?:now|today|yesterday|tomorrow|(?:in )?\d+ (?:second|minute|hour|day|week|month|year)s?(?: ago)?|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d+|AM|PM)\b/g;

const stage = new Stage({}, async ({ server }) => {
  const api = server.api.as((await server.setUp()).access_token);
  const { id } = await api.organization();
  project = await api.post(`/organizations/${id}/projects`, { name: 'Shop', key: 'SHOP' });
  item = await api.post(`/projects/${project.id}/items`, { title: 'Pay in two taps', type: 'epic' });
  ada = await stage.person('ada', { width: 1440 });
  await ada.signIn('ada@example.com');
  await ada.page.evaluate(() => localStorage.setItem('canopy:language', 'en-XA'));
});

/** Texts, names and hints on the screen that are neither in brackets nor anybody's data. */
const foreign = async () => {
  const texts = await ada.page.evaluate(() => {
    const found = new Set();
    const note = (text) => text && found.add(text.trim());
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (parent.closest('script, style, noscript, [contenteditable]') === null) note(walker.currentNode.data);
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
      for (const name of ['aria-label', 'title', 'placeholder', 'alt']) note(element.getAttribute(name));
    note(document.title);
    return [...found];
  });
  return texts.filter((text) => {
    let rest = text.replace(/⟦[^⟦⟧]*⟧/g, '');
    // A text with another one in it.
    while (/⟦[^⟦⟧]*⟧/.test(rest)) rest = rest.replace(/⟦[^⟦⟧]*⟧/g, '');
    for (const data of DATA) rest = rest.replaceAll(data, '');
    rest = rest.replace(FORMATS, '').replace(/[⟦⟧~]/g, '');
    return /\p{L}{2}/u.test(rest) && !/^Chrome/.test(rest);
  });
};

const ours = async (where) => {
  let left;
  await until(`${where} has texts`, async () => (await ada.page.getByText('⟦').count()) > 3);
  await until(`${where} has no text of its own`, async () => {
    left = await foreign();
    return left.length === 0;
  }, { within: 4_000 }).catch(() => assert.deepEqual(left, [], `texts on ${where} that are not in the catalogue`));
};

const screens = {
  projects: () => '/',
  search: () => '/search',
  people: () => '/people',
  account: () => '/account',
  'a project': () => `/p/${project.id}`,
  'an item': () => `/p/${project.id}/${item.id}`,
  import: () => `/p/${project.id}/import`,
};

for (const [name, path] of Object.entries(screens)) {
  stage.test(name, async () => {
    await ada.go(path());
    await ada.page.getByRole('heading', { level: 1 }).first().waitFor();
    await ours(name);
    assert.equal(await ada.page.evaluate(() => document.documentElement.lang), 'en-XA');
  });
}

stage.test('the palette and the shortcuts', async () => {
  await ada.go('/');
  await ada.page.getByRole('heading', { level: 1 }).waitFor();
  await ada.press('Control+k');
  await ada.page.getByRole('dialog').getByRole('option').first().waitFor();
  await ours('the palette');
  await ada.press('Escape');
  await ada.press('Shift+?');
  await ada.page.getByRole('dialog').getByRole('term').first().waitFor();
  await ours('the shortcuts');
});

stage.test('signing in', async () => {
  await ada.page.context().clearCookies();
  await ada.go('/login');
  await ada.page.getByRole('heading', { level: 1 }).waitFor();
  await ours('signing in');
});

stage.test('a language that there is not is not shown', async () => {
  await ada.page.evaluate(() => localStorage.setItem('canopy:language', 'tlh'));
  await ada.go('/login');
  await ada.page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();
  assert.equal(await ada.page.evaluate(() => document.documentElement.lang), 'en');
});
