/** The service worker's place in a page: registered after the first paint, and renewed when the server has a new version. */
import { createStore } from 'zustand';

/** Whether a new version is ready; a reload shows it. */
export const update = createStore<{ ready: boolean; reload: () => void }>(() => ({ ready: false, reload: () => window.location.reload() }));

/** How often a page that stays open looks for a new version, in milliseconds. */
const EVERY = 60 * 60_000;

let registration: ServiceWorkerRegistration | null = null;
let asked = false;

function offer(waiting: ServiceWorker): void {
  update.setState({
    ready: true,
    reload: () => {
      asked = true;
      waiting.postMessage('take over');
    },
  });
}

/** Looks for a new version, such as after the server was away. */
export function lookForUpdate(): void {
  registration?.update().catch(() => undefined);
}

export async function startWorker(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const container = navigator.serviceWorker;
  // The first version takes over by itself, and nothing changes by that.
  let controlled = container.controller !== null;
  container.addEventListener('controllerchange', () => {
    if (!controlled) {
      controlled = true;
      return;
    }
    // Asked for here, or in another tab: this one's files are gone, so it goes along as soon as nobody looks at it.
    if (asked || document.visibilityState === 'hidden') window.location.reload();
    else {
      update.setState({ ready: true, reload: () => window.location.reload() });
      document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && window.location.reload());
    }
  });
  try {
    // Where workers are blocked there may be no answer at all.
    registration = ((await container.register('/sw.js', { updateViaCache: 'none' })) as ServiceWorkerRegistration | undefined) ?? null;
  } catch {
    // Without it the client works with the network only.
    return;
  }
  if (registration === null) return;
  const watch = (worker: ServiceWorker | null) => {
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed' && container.controller !== null) offer(worker);
    });
  };
  if (registration.waiting !== null && container.controller !== null) offer(registration.waiting);
  watch(registration.installing);
  registration.addEventListener('updatefound', () => watch(registration?.installing ?? null));
  setInterval(lookForUpdate, EVERY);
}
