/**
 * What a person has chosen: theme, views, filters. Kept on this device first, so that it is there at once and offline, and brought
 * to the person's account, so that it is there on every device. The last one who writes a key wins.
 */
import { useCallback } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { session } from '@/api/session';

type Values = Readonly<Record<string, unknown>>;
/** `unsent`: keys that the server has not confirmed yet. A key in it without a value was removed. */
type Kept = { values: Values; unsent: readonly string[] };

export interface PreferenceServer {
  load: () => Promise<Values>;
  /** Merges the keys; `null` removes one. */
  save: (change: Values) => Promise<void>;
}

/** The server won't ever take this: trying again is no use. */
export class Refused extends Error {}

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

/** Waits until nobody has changed anything for this long before sending, in milliseconds. */
const QUIET = 600;
const nothing: Kept = { values: {}, unsent: [] };

export class Preferences {
  readonly store = createStore<Values>(() => ({}));
  #owner: string | null = null;
  #unsent = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending = false;
  #tries = 0;

  constructor(
    private readonly server: PreferenceServer,
    private readonly storage: Storage,
  ) {}

  /** The person whose preferences these are; `null` is whoever sits at this device. */
  get owner(): string | null {
    return this.#owner;
  }

  /** Changes to another person's, as this device knows them; {@link sync} brings the account's. */
  own(owner: string | null): void {
    clearTimeout(this.#timer);
    this.#owner = owner;
    this.#tries = 0;
    this.reread();
  }

  /** Takes over what another tab has written. */
  reread(): void {
    const { values, unsent } = this.#read();
    this.#unsent = new Set(unsent);
    this.#show(values);
  }

  set(key: string, value: unknown): void {
    const before = this.store.getState();
    if (equal(before[key], value)) return;
    this.#unsent.add(key);
    this.#show({ ...before, [key]: value });
    this.#keep();
    this.#schedule(QUIET);
  }

  /** Brings both sides together: what is unsent here goes there, everything else comes from there. */
  async sync(): Promise<void> {
    const owner = this.#owner;
    if (owner === null) return;
    const theirs = await this.server.load();
    if (this.#owner !== owner) return;
    const mine = this.store.getState();
    const values: Record<string, unknown> = { ...theirs };
    for (const key of this.#unsent) values[key] = mine[key];
    this.#show(values);
    this.#keep();
    await this.#send();
  }

  /** Sends now what waits. */
  flush = (): void => {
    if (this.#unsent.size > 0) this.#schedule(0);
  };

  get keptAt(): string {
    return keptAt(this.#owner);
  }

  #schedule(wait: number): void {
    if (this.#owner === null) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#send().catch(() => undefined), wait);
  }

  async #send(): Promise<void> {
    if (this.#sending || this.#unsent.size === 0 || this.#owner === null) return;
    const owner = this.#owner;
    const values = this.store.getState();
    const change = Object.fromEntries([...this.#unsent].map((key) => [key, values[key] ?? null]));
    this.#sending = true;
    let refused = false;
    try {
      await this.server.save(change);
    } catch (error) {
      refused = error instanceof Refused;
      if (!refused) {
        if (this.#owner === owner) this.#schedule(Math.min(60_000, 2_000 * 2 ** this.#tries++));
        throw error;
      }
    } finally {
      this.#sending = false;
    }
    if (this.#owner !== owner) return;
    this.#tries = 0;
    const now = this.store.getState();
    // What was changed again in the meantime is still to be sent.
    for (const key of Object.keys(change)) if (equal(now[key] ?? null, change[key])) this.#unsent.delete(key);
    this.#keep();
    if (this.#unsent.size > 0 && !refused) this.#schedule(QUIET);
  }

  /** Values that are the same stay the same objects, so that nothing renders for nothing. */
  #show(values: Values): void {
    const before = this.store.getState();
    const next: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined || value === null) continue;
      next[key] = equal(before[key], value) ? before[key] : value;
    }
    const keys = Object.keys(next);
    if (keys.length === Object.keys(before).length && keys.every((key) => next[key] === before[key])) return;
    this.store.setState(next, true);
  }

  #read(): Kept {
    try {
      const kept = JSON.parse(this.storage.getItem(this.keptAt) ?? 'null') as Partial<Kept> | null;
      if (typeof kept?.values === 'object' && kept.values !== null && Array.isArray(kept.unsent)) return kept as Kept;
    } catch {
      // Unreadable or blocked: the account has them.
    }
    return nothing;
  }

  #keep(): void {
    try {
      this.storage.setItem(this.keptAt, JSON.stringify({ values: this.store.getState(), unsent: [...this.#unsent] } satisfies Kept));
    } catch {
      // Storage is full or blocked: they last for this visit, and in the account.
    }
  }
}

const keptAt = (owner: string | null) => (owner === null ? 'canopy:preferences' : `canopy:${owner}:preferences`);
const equal = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b);

const PATH = '/api/v1/me/preferences';

const server: PreferenceServer = {
  load: async () => {
    const response = await session.fetch(new Request(PATH));
    if (!response.ok) throw new Error(`preferences answered ${response.status}`);
    return (await response.json()) as Values;
  },
  save: async (change) => {
    const response = await session.fetch(
      new Request(PATH, { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(change) }),
    );
    // 401 is a session that ended: the next one sends them. 429 is for later.
    if (response.status >= 400 && response.status < 500 && ![401, 408, 429].includes(response.status)) throw new Refused(`preferences answered ${response.status}`);
    if (!response.ok) throw new Error(`preferences answered ${response.status}`);
  },
};

export const preferences = new Preferences(server, localStorage);

/** Keeps device and account together until the returned function is called. */
export function followPreferences(): () => void {
  const adopt = () => {
    const owner = session.state.status === 'in' ? session.state.user.id : null;
    if (owner === preferences.owner) return;
    // Whoever signs out leaves the look of the screens behind.
    if (owner !== null || session.state.status === 'out') preferences.own(owner);
    if (owner !== null) void preferences.sync().catch(() => undefined);
  };
  const again = () => {
    if (document.visibilityState === 'visible') void preferences.sync().catch(() => undefined);
    else preferences.flush();
  };
  const elsewhere = (event: StorageEvent) => {
    if (event.key === preferences.keptAt) preferences.reread();
  };
  adopt();
  const stop = session.store.subscribe(adopt);
  window.addEventListener('online', again);
  window.addEventListener('storage', elsewhere);
  document.addEventListener('visibilitychange', again);
  return () => {
    stop();
    window.removeEventListener('online', again);
    window.removeEventListener('storage', elsewhere);
    document.removeEventListener('visibilitychange', again);
  };
}

/**
 * A preference and how to change it. Keys are at most 64 characters; all values together fit into 64 KiB of JSON. Pass a constant
 * `fallback`: until something is chosen, it is what you get.
 */
export function usePreference<T>(key: string, fallback: T): [T, (value: T) => void] {
  const value = useStore(preferences.store, (values) => values[key]) as T | undefined;
  const set = useCallback((next: T) => preferences.set(key, next), [key]);
  return [value ?? fallback, set];
}
