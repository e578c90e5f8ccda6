// Plans kept from failures first, then new ones for as long as there is time. PLAN_SEED=<number> runs that one only.
import { after, before, test } from 'node:test';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Canopy, PASSWORD } from '../support/server.mjs';
import { draw, run } from './plan.mjs';

/** For how long new plans are drawn, in milliseconds. */
const BUDGET = Number(process.env.PLANS_MS ?? 25_000);
const TIME = { timeout: 90_000 };
const folder = new URL('./plans/', import.meta.url);
let server;
let tokens;

before(async () => {
  server = await Canopy.start();
  const owner = await server.setUp();
  const other = await server.api.as(owner.access_token).invite('editor', { name: 'Ben Okafor', email: 'ben@example.com', password: PASSWORD });
  tokens = [owner.access_token, other.access_token];
}, TIME);

after(() => server?.end(), TIME);

for (const name of readdirSync(fileURLToPath(folder)).filter((name) => name.endsWith('.json'))) {
  test(`kept plan ${name}`, TIME, () => run(JSON.parse(readFileSync(new URL(name, folder), 'utf8')), server, tokens));
}

test('random plans converge', TIME, async (t) => {
  const given = process.env.PLAN_SEED;
  const end = Date.now() + BUDGET;
  let count = 0;
  do {
    const plan = draw(given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given));
    t.diagnostic(`seed ${plan.seed}`);
    try {
      await run(plan, server, tokens);
    } catch (error) {
      writeFileSync(new URL(`${plan.seed}.json`, folder), JSON.stringify(plan));
      throw new Error(`seed ${plan.seed} (kept in tests/sync/plans): ${error.message}`, { cause: error });
    }
    count += 1;
  } while (given === undefined && Date.now() < end);
  t.diagnostic(`${count} plans`);
});
