// Pictures of every screen, light and dark, wide and narrow, into dev/out. Needs a build; starts its own mock.
import { mkdirSync } from 'node:fs';
import { launch, mock, signIn } from './browser.mjs';

const out = new URL('./out/', import.meta.url).pathname;
mkdirSync(out, { recursive: true });
const only = process.argv[2];
const server = await mock();
const empty = await mock(['--empty']);
const bare = await mock(['--no-projects']);
const browser = await launch();
const sizes = { wide: { width: 1360, height: 860 }, narrow: { width: 390, height: 800 } };
try {
  for (const theme of ['light', 'dark']) {
    for (const [size, viewport] of Object.entries(sizes)) {
      const context = await browser.newContext({ viewport, colorScheme: theme, hasTouch: size === 'narrow' });
      const page = await context.newPage();
      page.setDefaultTimeout(8000);
      page.on('console', (message) => ['error', 'warning'].includes(message.type()) && console.log(`[${theme} ${size}]`, message.text()));
      page.on('pageerror', (error) => console.log(`[${theme} ${size}] page error`, error.message));
      const shot = async (name) => {
        if (only !== undefined && !name.includes(only)) return;
        await page.waitForTimeout(350);
        await page.screenshot({ path: `${out}${name}-${size}-${theme}.png` });
      };
      const visit = async (base, path, name) => {
        await page.goto(base + path);
        await page.waitForLoadState('networkidle').catch(() => undefined);
        await shot(name);
      };
      await visit(empty.url, '/setup?token=x', 'setup');
      await visit(server.url, '/login', 'login');
      await page.getByLabel('E-mail').fill('ada@example.com');
      await page.getByLabel('Password', { exact: true }).fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
      await shot('login-error');
      await visit(server.url, '/forgot', 'forgot');
      await visit(server.url, '/reset?token=x', 'reset');
      await visit(server.url, '/verify?token=x', 'verify');
      await visit(server.url, '/invite/demo-invite', 'invite');
      await visit(server.url, '/invite/nope', 'invite-gone');
      await signIn(page, bare.url, 'ada@example.com');
      await shot('projects-empty');
      await signIn(page, server.url, 'ada@example.com');
      await page.getByRole('link', { name: /Checkout redesign/ }).first().waitFor();
      await shot('projects');
      await page.getByRole('button', { name: 'New project' }).click();
      await shot('project-new');
      await page.keyboard.press('Escape');
      await visit(server.url, '/people', 'people');
      await page.getByRole('button', { name: 'Invite people' }).click();
      await shot('invite-dialog');
      await page.keyboard.press('Escape');
      await visit(server.url, '/account', 'account');
      await visit(server.url, '/nowhere', 'not-found');
      await page.goto(server.url);
      await page.getByRole('main').getByRole('link', { name: /Checkout redesign/ }).click();
      await page.getByRole('treeitem').first().waitFor();
      await shot('tree');
      const row = page.getByRole('treeitem', { name: /Pay with a saved card/ });
      await row.click();
      await page.getByRole('textbox', { name: 'Description' }).waitFor();
      await shot('item');
      if (size === 'wide') {
        await row.hover();
        await row.getByRole('button', { name: /Actions for/ }).click();
        await shot('row-menu');
        await page.keyboard.press('Escape');
        await page.getByRole('tree').focus();
        await page.keyboard.press('n');
        await shot('draft');
        await page.keyboard.press('Escape');
        const box = await row.boundingBox();
        await page.mouse.move(box.x + 120, box.y + 16);
        await page.mouse.down();
        await page.mouse.move(box.x + 100, box.y + 335, { steps: 6 });
        await shot('drag');
        await page.keyboard.press('Escape');
        await page.mouse.up();
        await page.getByRole('button', { name: /account menu/ }).click();
        await shot('account-menu');
        await page.keyboard.press('Escape');
      } else {
        await page.getByRole('button', { name: 'Open navigation' }).click();
        await shot('drawer');
        await page.keyboard.press('Escape');
      }
      await page.getByTestId('state-pill').click();
      await shot('pill');
      await context.close();
    }
  }
} finally {
  await browser.close();
  for (const one of [server, empty, bare]) one.stop();
}
