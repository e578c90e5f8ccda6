// One person: a Chromium of their own, what they see, and what went wrong on their screen.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { PASSWORD } from '../support/server.mjs';
import { until } from '../support/wait.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe is not asked about, because it can't see what happens there:
 * - The guards around an open menu of Base UI: hidden, and a stop for Tab. Ours close the menu before Tab gets there.
 * - Code that is being edited: what is too wide is scrolled by moving the caret. Where code is only read, it takes the focus.
 * - That menus and lists stand in no landmark: they are there while the focus is in them, and gone with it. Of dialogs axe says so
 *   itself.
 */
const CHECKS = [{ id: 'region', options: { regionMatcher: 'dialog, [role=dialog], [role=alertdialog], [role=menu], [role=listbox], svg' } }];
const RULES = [
  { id: 'aria-hidden-focus', selector: '[aria-hidden="true"]:not([data-base-ui-focus-guard])' },
  { id: 'scrollable-region-focusable', selector: '*:not(select, textarea, [contenteditable="true"] pre)' },
];

/** Where the pictures of a failed test go. */
const PICTURES = fileURLToPath(new URL('./failures/', import.meta.url));

export class Person {
  /** Errors of scripts and of the content security policy. */
  errors = [];

  /** Opens a browser for somebody who reaches the server at `url`. */
  static async open(url, { name = 'person', width = 1280, height = 860, theme = 'light', touch = false, still = false, serviceWorkers = 'allow' } = {}) {
    const person = new Person();
    person.name = name;
    person.url = url;
    person.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      timeout: 30_000,
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    const context = await person.browser.newContext({ viewport: { width, height }, colorScheme: theme, hasTouch: touch, isMobile: touch, reducedMotion: still ? 'reduce' : 'no-preference', serviceWorkers });
    person.page = await context.newPage();
    person.page.setDefaultTimeout(10_000);
    person.page.on('pageerror', (error) => person.errors.push(error.stack ?? String(error)));
    person.page.on('console', (message) => {
      // The browser itself reports requests that fail, which some tests want.
      if (message.type() === 'error' && !/Failed to load resource|WebSocket connection|ERR_|fetching the script/.test(message.text())) person.errors.push(message.text());
    });
    return person;
  }

  /** The client's files are all on this device. */
  installed = () =>
    until('the service worker has everything', () =>
      this.page.evaluate(async () => {
        const registration = await navigator.serviceWorker.getRegistration();
        return registration?.active?.state === 'activated' && navigator.serviceWorker.controller !== null;
      }),
    );

  /** Leaves a picture of what shows, for whoever looks into a failure. */
  async picture(of) {
    mkdirSync(PICTURES, { recursive: true });
    await this.page.screenshot({ path: `${PICTURES}${of.replace(/\W+/g, '-').slice(0, 60)}-${this.name}.png`, timeout: 5_000 }).catch(() => undefined);
  }

  /** A finger rests at one place until it takes what is there, goes to another, and is lifted. */
  async finger(from, to) {
    const touch = await this.page.context().newCDPSession(this.page);
    const send = (type, ...touchPoints) => touch.send('Input.dispatchTouchEvent', { type, touchPoints });
    await send('touchStart', from);
    await this.page.waitForFunction(() => document.body.classList.contains('cursor-grabbing'));
    for (let step = 1; step <= 12; step += 1) {
      await send('touchMove', { x: from.x + ((to.x - from.x) * step) / 12, y: from.y + ((to.y - from.y) * step) / 12 });
    }
    await send('touchEnd');
    await touch.detach();
  }

  async leave() {
    await this.browser.close().catch(() => undefined);
  }

  /** Nothing failed on the screen in the meantime. */
  well() {
    assert.deepEqual(this.errors, [], `errors in ${this.name}'s browser`);
  }

  /** No violation that axe can find on what shows now, once it has come to rest. */
  async accessible(where, only = undefined) {
    await this.page.evaluate(axe);
    await until(`${where} is accessible`, async () => {
      const { violations } = await this.page.evaluate(({ runOnly, ...those }) => {
        globalThis.axe.configure(those);
        // What lies dimmed and inert behind a modal dialog is looked at when it doesn't.
        const modal = document.querySelector('#root')?.matches('[aria-hidden=true], [inert]') === true;
        const dialogs = ['[role=dialog]', '[role=alertdialog]'].filter((one) => document.querySelector(one) !== null);
        return globalThis.axe.run(modal && dialogs.length > 0 ? { include: dialogs.map((one) => [one]) } : document, { resultTypes: ['violations'], ...(runOnly === undefined ? {} : { runOnly }) });
      }, { rules: RULES, checks: CHECKS, runOnly: only });
      assert.deepEqual(violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`), []);
      return true;
    }, { within: 4_000, every: 150 });
  }

  /** The same in both themes, for who follows the system's. */
  async axe(where) {
    await this.#theme('dark');
    // A theme changes colours and nothing else.
    await this.accessible(`${where}, dark`, ['color-contrast']);
    await this.#theme('light');
    await this.accessible(`${where}, light`);
  }

  /** Another theme, and all of it painted: half of it nobody could read. */
  async #theme(colorScheme) {
    await this.page.emulateMedia({ colorScheme });
    await this.page.evaluate(async () => {
      for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
      const ending = document.getAnimations().filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime));
      await Promise.allSettled(ending.map(({ finished }) => finished));
    });
  }

  /** What has the focus, by its name; for what is done by keyboard alone. */
  focused = () =>
    this.page.evaluate(() => {
      const { activeElement: at } = document;
      const label = document.getElementById(at?.getAttribute('aria-labelledby') ?? '')?.textContent;
      return (at?.getAttribute('aria-label') ?? label ?? at?.textContent ?? '').trim();
    });

  /** Presses a key until the focus is on what is called `name`. */
  async tabTo(name, { key = 'Tab', most = 60 } = {}) {
    const passed = [];
    for (let presses = 0; presses < most; presses++) {
      const now = await this.focused();
      if (name.test(now)) return;
      passed.push(now.slice(0, 40));
      await this.press(key);
    }
    throw new Error(`${key} does not lead to ${name}, but to ${passed.join(', ')}`);
  }

  go = (path) => this.page.goto(`${this.url}${path}`);
  button = (name, more = {}) => this.page.getByRole('button', { name, ...more });
  press = (keys) => this.page.keyboard.press(keys);
  type = (text) => this.page.keyboard.type(text);

  async signIn(email, password = PASSWORD) {
    await this.go('/login');
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.button('Sign in').click();
    await this.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
  }

  /** Opens a project from the list. */
  async project(name) {
    await this.page.getByRole('main').getByRole('link', { name, exact: true }).click();
    await this.page.getByRole('heading', { name, level: 1 }).waitFor();
  }

  /** A row of the tree by what a screen reader says of it: "Story: title, status, …". */
  row = (name) => this.page.getByRole('treeitem', { name });

  async rowIs(name, attribute, value) {
    await until(`${this.name} sees ${name} with ${attribute} ${value}`, async () => (await this.row(name).getAttribute(attribute, { timeout: 1_000 })) === String(value));
  }

  /** Waits until the tree's keys act on this row. */
  async at(name) {
    await until(`${this.name}'s tree is at ${name}`, async () => {
      const active = await this.page.getByRole('tree').getAttribute('aria-activedescendant', { timeout: 1_000 });
      return active !== null && (await this.row(name).getAttribute('id', { timeout: 1_000 })) === active;
    });
  }

  /** Opens an item by its row; gives its id. */
  async open(name) {
    await this.row(name).click();
    await this.description.waitFor();
    return new URL(this.page.url()).pathname.split('/').at(-1);
  }

  get pill() {
    return this.page.getByTestId('state-pill');
  }

  /** Waits until the state pill says exactly `text`. */
  async says(text, within = 15_000) {
    await until(`${this.name}'s pill says "${text}"`, async () => {
      const now = (await this.pill.innerText()).trim();
      if (now !== text) throw new Error(`it says "${now}"`);
      return true;
    }, { within });
  }

  /** Whether the screen has let go of what was open. */
  async out() {
    return this.page.url().includes('/login') || (await this.pill.filter({ hasText: 'Signed out' }).count()) > 0;
  }

  get title() {
    return this.page.getByRole('textbox', { name: 'Title', exact: true });
  }

  get description() {
    return this.page.getByRole('textbox', { name: 'Description' });
  }

  /** What the description says, without the names on carets and what is only for screen readers. */
  text = () =>
    this.description.evaluate((shown) => {
      const copy = shown.cloneNode(true);
      for (const extra of copy.querySelectorAll('.caret, .ProseMirror-separator, [data-type=taskList] label')) extra.remove();
      return [...copy.querySelectorAll('p, h1, h2, h3, pre')].map((block) => block.textContent.replace(/\u2060/g, '')).join('\n');
    });

  /** Waits until the description is exactly this, one line per block; empty ones don't count. */
  async writes(...lines) {
    await until(`${this.name}'s description`, async () => {
      assert.deepEqual((await this.text()).split('\n').filter(Boolean), lines);
      return true;
    });
  }

  criterion = (n) => this.page.getByRole('textbox', { name: `Criterion ${n}`, exact: true });

  async reads(what, field, value) {
    await until(`${this.name} reads ${what} "${value}"`, async () => {
      const now = await field.inputValue({ timeout: 1_000 });
      if (now !== value) throw new Error(`it is "${now}"`);
      return true;
    });
  }

  /** Every criterion's text, in order. */
  criteria = () => this.page.getByRole('textbox', { name: /^Criterion \d+$/ }).evaluateAll((fields) => fields.map((field) => field.value));

  /** Puts the caret at the end of a field and types. */
  async append(field, text) {
    await field.focus();
    await this.press('Control+End');
    await this.type(text);
  }
}
