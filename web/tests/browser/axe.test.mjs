// Every screen, and what opens over it, breaks no rule of access that axe can check, light and dark.
import assert from 'node:assert/strict';
import { fill, prepare, screens } from '../support/screens.mjs';
import { Canopy } from '../support/server.mjs';
import { until } from '../support/wait.mjs';
import { Stage } from './stage.mjs';

let told;
let bare;
const people = new Map();

const stage = new Stage({ demo: true }, async ({ server }) => {
  told = await prepare(server);
  await fill(await who('owner'), told);
});

async function who(name) {
  if (people.has(name)) return people.get(name);
  const person = await stage.person(name, { width: 1440, height: 900, network: name === 'away', still: true });
  people.set(name, person);
  if (name === 'owner' || name === 'away') await person.signIn(told.email, told.password);
  if (name === 'reader') await person.signIn(told.reader.email, told.reader.password);
  return person;
}

/** Walks the screens of one kind of person, from one to another; every screen that breaks a rule is named. */
const walk = (name, of, from, to) =>
  stage.test(name, async () => {
    const broken = [];
    const names = screens.map((screen) => screen.name);
    for (const { name: screen, who: whose, show, narrow, alike } of screens.slice(from === undefined ? 0 : names.indexOf(from), to === undefined ? undefined : names.indexOf(to) + 1)) {
      if (whose !== of || narrow || alike) continue;
      const person = await who(whose);
      await show(person, told).catch((error) => {
        throw new Error(`${screen} does not show`, { cause: error });
      });
      await person.axe(screen).catch((error) => broken.push(error.message));
    }
    assert.deepEqual(broken, []);
  });

stage.test('a server that nobody has set up', async () => {
  bare = await Canopy.start();
  try {
    told.setup = await bare.setupLink();
    for (const { name, who: whose, show } of screens) {
      if (whose !== 'first') continue;
      await show(await who('first'), told);
      await people.get('first').axe(name);
    }
  } finally {
    await bare.end();
  }
});
walk('before signing in', 'nobody');
walk('projects, people, the account', 'owner', 'home', 'account-email');
walk('a project’s tree', 'owner', 'tree', 'tree-nothing');
walk('its bin, board and table', 'owner', 'bin', 'table-selection');
walk('an item and its properties', 'owner', 'item', 'item-fields');
walk('a text and what opens over it', 'owner', 'rich', 'rich-hover');
walk('two items side by side', 'owner', 'backlinks', 'item-gone');
walk('a diagram, what is chosen on it and its lists', 'owner', 'diagram', 'diagram-list');
walk('what else opens over a diagram', 'owner', 'diagram-pick', 'stands-in');
walk('the palette, search, import, paper', 'owner', 'palette', 'project-gone');
walk('without the network', 'away');
walk('reading only', 'reader');

stage.test('Tab in an open menu closes it, and is back on its button', async () => {
  const person = await who('owner');
  await person.go('/');
  const button = person.page.getByRole('main').getByRole('button', { name: `Actions for ${told.project.name}` });
  await button.focus();
  await person.press('Enter');
  await person.page.getByRole('menuitem').first().waitFor();
  assert.equal(await person.focused(), 'Add to favourites', 'by keyboard the first entry is taken');
  await person.press('Tab');
  await person.page.getByRole('menu').waitFor({ state: 'hidden' });
  await until('the button has the focus', async () => (await person.focused()) === `Actions for ${told.project.name}`);
});
