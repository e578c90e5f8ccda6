// What the smoke test and the pictures share.
import { spawn } from 'node:child_process';
import { chromium } from 'playwright-core';

/** Starts a mock on a free port. */
export function mock(args = [], env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [new URL('./mock.mjs', import.meta.url).pathname, ...args], {
      env: { ...process.env, ...env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.once('exit', (code) => reject(new Error(`mock ended: ${code}`)));
    child.stdout.on('data', (data) => {
      const url = /http:\S+/.exec(String(data))?.[0];
      if (url !== undefined) resolve({ url, stop: () => child.kill() });
    });
  });
}

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });

export async function signIn(page, base, email) {
  await page.goto(`${base}/login`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.pathname === '/');
  await page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
}
