// Pictures of every screen of the real server with the demo, light and dark, wide and narrow, into tests/pictures/out.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Person } from '../browser/person.mjs';
import { Canopy } from '../support/server.mjs';

const out = fileURLToPath(new URL('./out/', import.meta.url));
mkdirSync(out, { recursive: true });
const demo = await Canopy.start({ demo: true });
const bare = await Canopy.start();
try {
  const [{ email, password }] = await demo.accounts();
  const setup = await bare.setupLink();
  const api = await demo.api.signIn(email, password);
  const org = (await api.organization()).id;
  const project = (await api.get(`/organizations/${org}/projects`)).projects[0];
  const items = await api.items(project.id);
  const epic = items.find((item) => item.type === 'epic');
  const story = items.filter((item) => item.type === 'story').sort((a, b) => b.criteria_total - a.criteria_total)[0];
  const { link } = await api.post(`/organizations/${org}/invitations`, { role: 'editor' });
  const invitation = new URL(link, demo.url).pathname;

  for (const theme of ['light', 'dark']) {
    for (const [size, box] of Object.entries({ wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 800 } })) {
      const person = await Person.open(demo.url, { theme, ...box });
      const main = person.page.getByRole('main');
      const shot = async (name) => {
        // Only for the eye: let transitions end.
        await person.page.waitForTimeout(300);
        await person.page.screenshot({ path: `${out}${name}-${size}-${theme}.png` });
      };
      try {
        await person.page.goto(setup);
        await shot('setup');
        for (const [path, name] of [['/login', 'login'], ['/forgot', 'forgot'], ['/reset?token=x', 'reset'], [invitation, 'join'], ['/invite/nothing', 'join-gone']]) {
          await person.go(path);
          await person.page.getByRole('heading', { level: 1 }).waitFor();
          await shot(name);
        }
        await person.signIn(email, password);
        await main.getByRole('link').first().waitFor();
        await shot('projects');
        await person.button('New project').first().click();
        await shot('project-new');
        await person.go('/people');
        await main.getByText(email).waitFor();
        await shot('people');
        await person.button('Invite people').click();
        await shot('invite');
        await person.go('/account');
        await person.page.getByRole('heading', { name: 'Devices' }).waitFor();
        await shot('account');
        await person.go(`/p/${project.id}`);
        await person.row(/./).first().waitFor();
        await shot('tree');
        for (const [item, name] of [[epic, 'epic'], [story, 'story']]) {
          await person.go(`/p/${project.id}/${item.id}`);
          await person.description.waitFor();
          await person.says('Saved');
          await shot(name);
        }
        await person.pill.click();
        await shot('pill');
        await person.press('Escape');
        if (size === 'narrow') {
          await person.button('Open navigation').click();
          await shot('drawer');
        } else {
          const row = person.row(/./).nth(4);
          await row.hover();
          await row.getByRole('button', { name: /^Actions/ }).click();
          await shot('row-menu');
          await person.press('Escape');
          await person.button('Bin').click();
          await shot('bin');
        }
        await person.go('/nowhere');
        await shot('not-found');
        for (const error of person.errors) console.log(`${size} ${theme}: ${error}`);
      } finally {
        await person.leave();
      }
    }
  }
} finally {
  await demo.end();
  await bare.end();
}
