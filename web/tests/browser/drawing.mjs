// A diagram as a test sees it: by pointer and keys on somebody's screen, and as the document that all of them share.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { until } from '../support/wait.mjs';
import { stock } from '../sync/clients.mjs';

/** Makes a diagram; gives it with a client that only looks. */
export async function diagram(server, api, token, project, title) {
  const item = await api.post(`/projects/${project.id}/items`, { title, type: 'diagram' });
  return { ...item, document: await watch(server, token, item.id) };
}

/** The document of a diagram, live. */
export async function watch(server, token, id) {
  const client = stock(server, token, [id]);
  await until('the document is here', () => client.synced());
  const doc = client.docs.get(id);
  return {
    doc,
    awareness: client.providers[0].awareness,
    end: () => client.end(),
    shapes: () => Object.entries(doc.getMap('shapes').toJSON()).map(([key, value]) => ({ id: key, ...value })),
    connectors: () => Object.entries(doc.getMap('connectors').toJSON()).map(([key, value]) => ({ id: key, ...value })),
    /** The one shape whose text is this. */
    shape(text) {
      const found = this.shapes().filter((shape) => shape.text === text);
      if (found.length !== 1) throw new Error(`${found.length} shapes say "${text}"`);
      return found[0];
    },
  };
}

/** Somebody's canvas. Points are in diagram units: its middle is where they look. */
export class Drawing {
  constructor(person, document) {
    this.person = person;
    this.page = person.page;
    this.document = document;
    this.stage = person.page.getByRole('application', { name: 'Canvas' });
  }

  async open(project, id) {
    await this.person.go(`/p/${project}/${id}`);
    await this.stage.waitFor();
    await this.person.says('Saved');
    await this.stage.focus();
  }

  /** Where a point of the diagram is on the screen. */
  async at([x, y]) {
    const [box, view] = await Promise.all([this.stage.boundingBox(), this.view()]);
    return [box.x + view.x + x * view.zoom, box.y + view.y + y * view.zoom];
  }

  /** What React Flow has moved the canvas to. */
  view = () =>
    this.page.locator('.react-flow__viewport').evaluate((element) => {
      const { a, e, f } = new DOMMatrix(getComputedStyle(element).transform);
      return { x: e, y: f, zoom: a };
    });

  async point(to, steps = 1) {
    await this.page.mouse.move(...(await this.at(to)), { steps });
  }

  async click(at, options) {
    await this.page.mouse.click(...(await this.at(at)), options);
  }

  async double(at) {
    await this.page.mouse.dblclick(...(await this.at(at)));
  }

  async press(at) {
    await this.point(at);
    await this.page.mouse.down();
  }

  release = () => this.page.mouse.up();

  async drag(from, to) {
    await this.press(from);
    await this.point([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]);
    await this.point(to, 3);
    await this.release();
  }

  /** Takes a tool by its key and draws with it; writes into what was drawn. */
  async draw(key, from, to, text) {
    await this.person.press(key);
    if (to === null) await this.click(from);
    else await this.drag(from, to);
    if (text === undefined) return;
    if (!(await this.isWriting())) await this.person.press('Enter');
    await this.person.type(text);
    await this.person.press('Escape');
    await this.has(text);
  }

  isWriting = () => this.page.evaluate(() => document.activeElement instanceof HTMLTextAreaElement);

  /** Waits until the document has a shape that says this. */
  async has(text) {
    await until(`a shape says "${text}"`, () => this.document.shape(text) !== undefined);
  }

  /** Waits until `check` holds of the document. */
  async is(what, check) {
    await until(what, () => {
      const found = check(this.document);
      if (found === false || found === undefined) throw new Error(JSON.stringify([this.document.shapes(), this.document.connectors()]).slice(0, 1500));
      return true;
    });
  }

  async shapeIs(text, expected) {
    await until(`"${text}" is as it should be`, () => {
      const { id: _id, rank: _rank, ...shape } = this.document.shape(text);
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(shape[key], value ?? undefined, key);
      return true;
    });
  }

  /** What shows on the screen, by text, wherever React Flow has put it. */
  shown = (text) => this.page.locator('.react-flow__node text', { hasText: text });

  /** Waits until the canvas moves no more. */
  async rest() {
    let last;
    await until('the canvas has come to rest', async () => {
      const now = JSON.stringify(await this.view());
      const rests = now === last;
      last = now;
      return rests;
    }, { every: 150 });
  }

  /** The diagram as this person's own screen saves it. */
  async saved(format) {
    await this.person.button('More', { exact: true }).click();
    const [file] = await Promise.all([this.page.waitForEvent('download'), this.page.getByRole('menuitem', { name: format, exact: true }).click()]);
    return readFileSync(await file.path(), 'utf8');
  }

  async nothing() {
    await this.person.press('Escape');
    await this.person.press('Escape');
  }
}

/** Fingers and a pen on somebody's screen, at points of it. */
export class Touch {
  static async of(person) {
    const touch = new Touch();
    touch.cdp = await person.page.context().newCDPSession(person.page);
    touch.page = person.page;
    return touch;
  }

  #send = (type, points) => this.cdp.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  down = (...points) => this.#send('touchStart', points);
  move = (...points) => this.#send('touchMove', points);
  up = () => this.#send('touchEnd', []);

  /** Fingers go from places to places, all at once. */
  async drag(from, to) {
    await this.down(...from);
    for (let step = 1; step <= 8; step += 1) await this.move(...from.map(([x, y], at) => [x + ((to[at][0] - x) * step) / 8, y + ((to[at][1] - y) * step) / 8]));
    // They come to rest: lifted in full swing, the browser would take the next tap for stopping what it keeps moving.
    await this.page.waitForTimeout(120);
    await this.move(...to);
    await this.up();
  }

  async tap(point) {
    await this.down(point);
    await this.up();
  }

  pen = (type, [x, y], force) => this.cdp.send('Input.dispatchMouseEvent', { type, x, y, force, pointerType: 'pen', button: 'left', buttons: type === 'mouseReleased' ? 0 : 1, clickCount: 1 });
}
