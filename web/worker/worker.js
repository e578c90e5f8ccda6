/**
 * The service worker: the client's own files, from this device. All of them belong to one version and are fetched before it
 * counts as installed, so that a page never gets half of a new one. What the API says is none of its business.
 *
 * `VERSION`, `FILES` and `PAGE_HASH` are written by the build (`worker/plugin.ts`).
 */
/* global self, caches, clients, crypto, fetch, Request, URL, VERSION, FILES, PAGE_HASH */
const PREFIX = 'canopy:files:';
const CACHE = PREFIX + VERSION;
const PAGE = '/index.html';

/** Paths that are the server's, not the client's. */
const OTHERS = /^\/(api|collab|healthz|readyz|metrics)(\/|$)/;

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await Promise.all(
        FILES.map(async (path) => {
          // A file with a hash in its name is the same for ever: the last version's copy will do.
          const known = path.startsWith('/assets/') ? await caches.match(path) : undefined;
          const response = known ?? (await fetch(new Request(path === PAGE ? '/' : path, { cache: 'no-cache', credentials: 'same-origin', redirect: 'error' })));
          if (!response.ok) throw new Error(`${path} answered ${response.status}`);
          await cache.put(path, response);
        }),
      );
      // A page of another version, deployed meanwhile, asks for other files than these. The browser tries again later.
      const page = await (await cache.match(PAGE)).arrayBuffer();
      const hash = [...new Uint8Array(await crypto.subtle.digest('SHA-256', page))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      if (hash !== PAGE_HASH) {
        await caches.delete(CACHE);
        throw new Error('another version was deployed meanwhile');
      }
    })(),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
      await clients.claim();
    })(),
  );
});

self.addEventListener('message', (event) => {
  if (event.data === 'take over') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || OTHERS.test(url.pathname)) return;
  const path = request.mode === 'navigate' ? PAGE : url.pathname;
  if (!FILES.includes(path)) return;
  event.respondWith(
    (async () => {
      const cache = await caches.open(CACHE);
      return (await cache.match(path)) ?? fetch(request);
    })(),
  );
});
