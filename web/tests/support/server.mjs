// The real binary on a data folder of its own: started, stopped, killed, frozen and started again on the same port.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Api } from './api.mjs';

const BIN = process.env.CANOPY_BIN ?? fileURLToPath(new URL('../../../target/debug/canopy', import.meta.url));
if (!existsSync(BIN)) throw new Error(`there is no server at ${BIN}; build it (\`cargo build -p canopy\`), or name it in CANOPY_BIN`);

/** The environment without settings of a server: what a test starts is as the test says. */
const outside = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CANOPY_')));

/** Everything that runs, so that nothing is left over however a test run ends. */
const running = new Set();
process.setMaxListeners(50);
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

export class Canopy {
  #args;
  #env;
  #child = null;
  #text = '';
  #waiting = new Set();

  constructor({ demo = false, env = {} } = {}) {
    this.#env = env;
    this.dir = mkdtempSync(join(tmpdir(), 'canopy-test-'));
    this.#args = demo ? ['--demo'] : [];
    this.port = 0;
  }

  /** Starts a server, and gives it when it listens. */
  static async start(options) {
    const server = new Canopy(options);
    await server.up();
    return server;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get api() {
    return new Api(this.url);
  }

  /** What the server has written since its last start. */
  get output() {
    return this.#text;
  }

  /** Starts the process, on the port of last time if there was one. */
  async up() {
    this.#text = '';
    const child = spawn(BIN, ['serve', '--data-dir', this.dir, '--listen', `127.0.0.1:${this.port}`, ...this.#args], {
      env: { ...outside, CANOPY_LOG__FORMAT: 'text', NO_COLOR: '1', ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    running.add(child);
    const heard = (data) => {
      this.#text += String(data);
      for (const one of this.#waiting) one();
    };
    child.stdout.on('data', heard);
    child.stderr.on('data', heard);
    child.once('exit', () => {
      running.delete(child);
      for (const one of this.#waiting) one();
    });
    const [, port] = await this.says(/listening on http:\/\/127\.0\.0\.1:(\d+)/, 60_000);
    this.port = Number(port);
  }

  /** Waits until the output of the present process matches. */
  says(pattern, within = 10_000) {
    return new Promise((resolve, reject) => {
      const done = (how, what) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        how(what);
      };
      const look = () => {
        const match = pattern.exec(this.#text);
        if (match !== null) done(resolve, match);
        else if (this.#child?.exitCode != null || this.#child?.signalCode != null) done(reject, new Error(`the server ended before it said ${pattern}:\n${this.#text}`));
      };
      const timer = setTimeout(() => done(reject, new Error(`the server did not say ${pattern}:\n${this.#text}`)), within);
      this.#waiting.add(look);
      look();
    });
  }

  /** The address of the set-up page, as printed. */
  async setupLink() {
    return (await this.says(/Make the first account here, once: (\S+)/))[1];
  }

  /** The demo's two accounts, as printed: `{email, password, role}`. */
  async accounts() {
    await this.says(/accounts:\s+(\S+@\S+.*\n){2}/);
    return [...this.#text.matchAll(/^(\S+@\S+)\s+(\S+)\s+\((\w+)\)$/gm)].map(([, email, password, role]) => ({ email, password, role }));
  }

  /** Makes the owner and the organization without a browser; gives what the server answers. */
  async setUp({ name = 'Ada Lindqvist', email = 'ada@example.com', password = PASSWORD, organization = 'Northwind' } = {}) {
    const token = new URL(await this.setupLink()).searchParams.get('token');
    return this.api.post('/setup', { token, name, email, password, organization });
  }

  /** Ends the process with `signal` and waits until it is gone. */
  async down(signal = 'SIGTERM') {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), 25_000);
    await gone;
    clearTimeout(late);
    this.#child = null;
  }

  /** Stops the process without ending it: connections stay open and nobody answers. */
  freeze() {
    this.#child?.kill('SIGSTOP');
  }

  thaw() {
    this.#child?.kill('SIGCONT');
  }

  /** Ends the server and removes its data. */
  async end() {
    this.thaw();
    await this.down('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export const PASSWORD = 'quiet harbour lantern 47';
