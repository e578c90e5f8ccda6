// A TCP proxy between a browser and the server: the network, which can be cut.
import { connect, createServer } from 'node:net';

export class Proxy {
  #pairs = new Set();
  #cut = false;
  #server;

  /** `port` is asked at every connection, so that the server may move. */
  static async to(port) {
    const proxy = new Proxy();
    proxy.#server = createServer((near) => {
      if (proxy.#cut) {
        near.destroy();
        return;
      }
      const far = connect(port(), '127.0.0.1');
      const pair = [near, far];
      proxy.#pairs.add(pair);
      for (const [from, to] of [pair, [far, near]]) {
        from.setNoDelay(true);
        from.pipe(to);
        from.on('error', () => undefined);
        from.on('close', () => {
          to.destroy();
          proxy.#pairs.delete(pair);
        });
      }
    });
    await new Promise((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Ends every connection and lets no new one through. */
  cut() {
    this.#cut = true;
    for (const [near, far] of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  mend() {
    this.#cut = false;
  }

  end() {
    this.cut();
    this.#server.close();
  }
}
