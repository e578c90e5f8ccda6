// What the tests of one file share: a server, the people and their network. Everything ends with the file.
import { after, before, test } from 'node:test';
import { Canopy } from '../support/server.mjs';
import { Proxy } from '../support/proxy.mjs';
import { Person } from './person.mjs';

/** How long one test may take, in milliseconds. */
const TIME = 90_000;

export class Stage {
  people = [];
  #proxies = [];
  #broken = false;

  /** `prepare` runs once, when the server listens. */
  constructor(options, prepare) {
    before(async () => {
      this.server = await Canopy.start(options);
      try {
        await prepare?.(this);
      } catch (error) {
        await this.#pictures('prepare');
        throw error;
      }
    }, { timeout: TIME });
    after(async () => {
      await Promise.all(this.people.map((person) => person.leave()));
      for (const proxy of this.#proxies) proxy.end();
      await this.server?.end();
    }, { timeout: TIME });
  }

  /** A person with a browser. With `network`, their connections can be cut: `person.network.cut()`. */
  async person(name, { network = false, ...options } = {}) {
    const proxy = network ? await Proxy.to(() => this.server.port) : null;
    if (proxy !== null) this.#proxies.push(proxy);
    const person = await Person.open(proxy?.url ?? this.server.url, { name, ...options });
    person.network = proxy;
    this.people.push(person);
    return person;
  }

  async #pictures(name) {
    for (const person of this.people) {
      await person.picture(name);
      if (person.errors.length > 0) console.error(`${person.name}'s browser: ${person.errors.join('\n')}`);
    }
  }

  /** One test. Those of a file build on each other, so after a failure the rest would only say so again. */
  test(name, run) {
    test(name, { timeout: TIME }, async (t) => {
      if (this.#broken) {
        t.skip('an earlier test of this file failed');
        return;
      }
      try {
        await run();
        for (const person of this.people) person.well();
      } catch (error) {
        this.#broken = true;
        await this.#pictures(name);
        throw error;
      }
    });
  }
}
