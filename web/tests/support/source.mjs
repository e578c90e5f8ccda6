// The client's own code in Node, as it is in `src`: what edits here is what edits in a browser.
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import { Window } from 'happy-dom';

/** Gives `load(path)` for modules of `src`, a `window` to make fields in, and `end`. */
export async function source() {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  // Tabs of one browser would hear each other, and keep the process alive. Here is only one.
  globalThis.BroadcastChannel = undefined;
  const vite = await createServer({
    root,
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    resolve: { alias: { '@': `${root}src` } },
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true, include: [] },
  });
  const window = new Window();
  return {
    window,
    load: (path) => vite.ssrLoadModule(`/src/${path}`),
    end: async () => {
      await window.happyDOM.close();
      await vite.close();
    },
  };
}
