// `npm run pictures` makes the README's pictures from the demo, into docs/pictures. `npm run pictures -- all` takes every screen,
// light and dark, in three widths, into tests/pictures/out, for somebody to look at; a pattern behind it chooses some by name.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Person } from '../browser/person.mjs';
import { Proxy } from '../support/proxy.mjs';
import { fill, prepare, screens } from '../support/screens.mjs';
import { Canopy } from '../support/server.mjs';

const README = fileURLToPath(new URL('../../../docs/pictures/', import.meta.url));
const OUT = fileURLToPath(new URL('./out/', import.meta.url));
const SIZES = [[1440, 900], [1024, 768], [390, 844]];
const [mode, pattern = '.'] = process.argv.slice(2);

const server = await Canopy.start({ demo: true });
const bare = await Canopy.start();
const told = { ...(await prepare(server)), setup: await bare.setupLink() };
try {
  if (mode === 'all') await everything(new RegExp(pattern));
  else await readme();
} finally {
  await server.end();
  await bare.end();
}
process.exit();

/** Only for the eye: transitions have ended. */
function settled(person) {
  return person.page.waitForTimeout(400);
}

async function everything(chosen) {
  mkdirSync(OUT, { recursive: true });
  const network = await Proxy.to(() => server.port);
  let filled = false;
  for (const theme of ['light', 'dark']) {
    for (const [width, height] of SIZES) {
      const people = new Map();
      network.mend();
      for (const { name, who, show, wide, narrow, least = 0 } of screens) {
        if (!chosen.test(name) || (wide && width < 768) || (narrow && width >= 768) || width < least) continue;
        try {
          if (!people.has(who)) {
            const person = await Person.open(who === 'away' ? network.url : server.url, { theme, width, height, touch: width < 768 });
            people.set(who, Object.assign(person, { network }));
            if (who === 'owner' || who === 'away') await person.signIn(told.email, told.password);
            if (who === 'reader') await person.signIn(told.reader.email, told.reader.password);
            if (who === 'owner' && !filled) await fill(person, told);
            filled ||= who === 'owner';
          }
          await show(people.get(who), told);
        } catch (error) {
          console.log(`${name} ${width} ${theme}: ${error.message.split('\n')[0]}`);
        }
        const person = people.get(who);
        await settled(person);
        const reach = await person.page.evaluate(() => document.documentElement.scrollWidth);
        if (reach > width) console.log(`${name} ${width} ${theme}: sticks out to ${reach}`);
        await person.page.screenshot({ path: `${OUT}${name}-${width}-${theme}.png` });
      }
      for (const person of people.values()) await person.leave();
    }
  }
  network.end();
}

async function readme() {
  mkdirSync(README, { recursive: true });
  const story = told.items.find(({ type, criteria_total, labels }) => type === 'feature' && criteria_total > 3 && labels.length > 0) ?? told.story;
  const accounts = await server.accounts();
  const other = await Person.open(server.url, { theme: 'light', width: 1280, height: 800 });
  await other.signIn(accounts[1].email, accounts[1].password);
  await other.go(`/p/${told.project.id}/${story.id}`);
  await other.description.waitFor();
  await other.description.locator('p').first().click();
  await other.press('End');

  const wide = await Person.open(server.url, { theme: 'light', width: 1440, height: 900 });
  await wide.signIn(told.email, told.password);
  await wide.go(`/p/${told.project.id}/${story.id}`);
  await wide.description.waitFor();
  await wide.says('Saved');
  await wide.page.locator('.caret').first().waitFor();
  await picture(wide, 'item');
  await wide.press('Control+k');
  await wide.page.getByRole('dialog').getByRole('combobox').fill('emerg');
  await wide.page.getByText('Found on the server').waitFor();
  await picture(wide, 'palette');
  await wide.press('Escape');
  const canvas = ({ page }) => page.getByRole('application', { name: 'Canvas' });
  for (const person of [other, wide]) {
    await person.page.evaluate(() => localStorage.setItem('canopy:tree-width', '330'));
    await person.go(`/p/${told.project.id}/${told.drawn.id}`);
    await canvas(person).getByText('Export to accounting').waitFor();
    await person.says('Saved');
  }
  await canvas(other).getByText('Route optimizer').click({ force: true });
  await picture(wide, 'diagram');
  await wide.page.emulateMedia({ colorScheme: 'dark' });
  await wide.go(`/p/${told.project.id}`);
  await wide.button('Board', { exact: true }).click();
  await wide.page.getByRole('row').first().waitFor();
  await picture(wide, 'board');
  await wide.button('Tree', { exact: true }).click();

  const phone = await Person.open(server.url, { theme: 'dark', width: 390, height: 780, touch: true });
  await phone.signIn(told.email, told.password);
  await phone.go(`/p/${told.project.id}`);
  await phone.row(/./).first().waitFor();
  await phone.says('Saved');
  await picture(phone, 'phone');
  for (const person of [wide, phone, other]) await person.leave();
}

/** Small enough for a README: the browser itself writes WebP. */
async function picture(person, name) {
  await settled(person);
  const png = await person.page.screenshot();
  const page = await person.browser.newPage();
  const webp = await page.evaluate(async (base64) => {
    const bytesOf = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytesOf], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext('2d').drawImage(image, 0, 0);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/webp', quality: 0.86 })).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  }, png.toString('base64'));
  await page.close();
  const bytes = Buffer.from(webp, 'base64');
  writeFileSync(`${README}${name}.webp`, bytes);
  console.log(`${name}.webp ${Math.ceil(bytes.length / 1024)} kB`);
}
