// Gzipped JavaScript and CSS that each screen loads from a cold cache.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { launch, mock, signIn } from './browser.mjs';

const server = await mock();
const browser = await launch();
const page = await (await browser.newContext()).newPage();
let total = 0;
const seen = new Set();
page.on('response', (response) => {
  const { pathname } = new URL(response.url());
  if (!pathname.startsWith('/assets/') || seen.has(pathname)) return;
  seen.add(pathname);
  total += gzipSync(readFileSync(new URL(`../dist${pathname}`, import.meta.url))).length;
});
const say = async (name) => {
  await page.waitForTimeout(1500);
  console.log(name, `${(total / 1000).toFixed(1)} kB in all`);
};
await page.goto(`${server.url}/login`);
await say('/login');
await signIn(page, server.url, 'ada@example.com');
await say('/');
await page.getByRole('main').getByRole('link', { name: /Checkout redesign/ }).click();
await say('/p/…');
await page.getByRole('treeitem').first().click();
await say('/p/…/…');
await browser.close();
server.stop();
