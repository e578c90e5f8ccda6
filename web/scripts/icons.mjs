// Draws the icons of the installed app from the logo: `node scripts/icons.mjs`. The results are committed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const logo = readFileSync(at('../public/favicon.svg'), 'utf8');
const green = '#1f7a55';

/** `inset` is the share of the edge that is left around the logo; a maskable icon may be cut to a circle of 80 %. */
const icons = [
  { name: 'icon-192.png', size: 192, inset: 0 },
  { name: 'icon-512.png', size: 512, inset: 0 },
  { name: 'maskable-192.png', size: 192, inset: 0.1, ground: green },
  { name: 'maskable-512.png', size: 512, inset: 0.1, ground: green },
  // The system rounds the corners itself.
  { name: 'apple-touch-icon.png', size: 180, inset: 0.04, ground: green },
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage();
mkdirSync(at('../public/icons'), { recursive: true });
for (const { name, size, inset, ground = 'transparent' } of icons) {
  const edge = Math.round(size * (1 - 2 * inset));
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<style>html,body{margin:0;background:${ground}}div{width:${size}px;height:${size}px;display:grid;place-items:center}svg{width:${edge}px;height:${edge}px;display:block}</style><div>${logo}</div>`,
  );
  writeFileSync(at(`../public/icons/${name}`), await page.screenshot({ omitBackground: true, type: 'png' }));
}
await browser.close();
