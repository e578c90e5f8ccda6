/**
 * Who is signed in. The access token lives in memory only; the refresh token is an HttpOnly cookie that scripts can't read.
 *
 * A refresh rotates the cookie, and the server takes a second use of an old one for theft. So refreshes are single-flight
 * inside a tab, and one at a time across tabs.
 */
import { createStore } from 'zustand/vanilla';
import type { components } from './schema';

type Auth = components['schemas']['Auth'];
type User = components['schemas']['User'];

export type SessionState =
  | { status: 'unknown'; user: null; sessionId: null }
  | { status: 'unreachable'; user: null; sessionId: null }
  | { status: 'out'; user: null; sessionId: null }
  | { status: 'in'; user: User; sessionId: string };

/** The session has ended, or there never was one. */
export class SignedOutError extends Error {
  constructor() {
    super('signed out');
    this.name = 'SignedOutError';
  }
}

type Deps = {
  fetch: (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;
  now: () => number;
  /** Runs `work` while no other tab runs its own. */
  exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  /** Tells other tabs that this one signed out, and hears it from them. */
  channel?: BroadcastChannel;
  /** Remembers on this device who is signed in, so that what it keeps of them opens without the network. */
  memory?: { read: () => Remembered | null; write: (who: Remembered | null) => void };
};

export type Remembered = { user: User; sessionId: string };

/** A token is renewed when it has less than this left, in milliseconds. */
const MARGIN = 60_000;

export class Session {
  readonly store = createStore<SessionState>(() => ({ status: 'unknown', user: null, sessionId: null }));
  #token: string | null = null;
  #expires = 0;
  #refreshing: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
    deps.channel?.addEventListener('message', (event: MessageEvent) => {
      if (event.data === 'signed-out' && this.store.getState().status === 'in') this.#leave();
    });
  }

  get state(): SessionState {
    return this.store.getState();
  }

  /** Takes over a fresh sign-in, set-up or accepted invitation. */
  adopt(auth: Auth): void {
    this.#token = auth.access_token;
    this.#expires = this.#deps.now() + auth.expires_in * 1000;
    clearTimeout(this.#timer);
    const wait = Math.max(1_000, auth.expires_in * 1000 - MARGIN);
    this.#timer = setTimeout(() => void this.refresh().catch(() => undefined), Math.min(wait, 2 ** 31 - 1));
    this.#enter({ user: auth.user, sessionId: auth.session_id });
  }

  #enter(who: Remembered): void {
    const { state } = this;
    this.#deps.memory?.write(who);
    // The same person: whoever looks on needn't look again.
    if (state.status === 'in' && state.sessionId === who.sessionId && JSON.stringify(state.user) === JSON.stringify(who.user)) return;
    this.store.setState({ status: 'in', ...who }, true);
  }

  /** Replaces what is known of the person, such as a new name. */
  setUser(user: User): void {
    const { state } = this;
    if (state.status === 'in') this.#enter({ user, sessionId: state.sessionId });
  }

  /**
   * Finds out at the start whether a session exists. Never throws. Whoever was signed in here last still is until the server says
   * otherwise, which it is asked meanwhile: the person's own copy opens at once, with or without the network.
   */
  async resume(): Promise<SessionState> {
    if (this.state.status === 'unknown') {
      const last = this.#deps.memory?.read() ?? null;
      if (last !== null) {
        this.#enter(last);
        this.refresh().catch(() => undefined);
        return this.state;
      }
    }
    if (this.state.status === 'unknown' || this.state.status === 'unreachable') {
      await this.refresh().catch(() => undefined);
    }
    return this.state;
  }

  /** A token that is good for a while. Throws {@link SignedOutError}, or what `fetch` throws when the server is away. */
  async token(): Promise<string> {
    if (this.#token === null || this.#expires - this.#deps.now() < Math.min(MARGIN, 10_000)) await this.refresh();
    if (this.#token === null) throw new SignedOutError();
    return this.#token;
  }

  /** Renews the token; concurrent callers share one request. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#deps
      .exclusively(() => this.#renew())
      .finally(() => {
        this.#refreshing = null;
      });
    return this.#refreshing;
  }

  async #renew(): Promise<void> {
    let response: Response;
    try {
      response = await this.#deps.fetch('/api/v1/auth/refresh', { method: 'POST', credentials: 'same-origin' });
    } catch (cause) {
      if (this.state.status === 'unknown') this.#set('unreachable');
      throw cause;
    }
    // A network that wants a sign-in of its own, or a proxy, answers in place of the server: a page, not JSON.
    const speaks = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
    if (response.ok && speaks) {
      this.adopt((await response.json()) as Auth);
      return;
    }
    if (speaks && (response.status === 401 || response.status === 403)) {
      this.#leave();
      throw new SignedOutError();
    }
    if (this.state.status === 'unknown') this.#set('unreachable');
    throw new Error(`refresh answered ${response.status}`);
  }

  /** Sends a request with the token; renews the token and tries once more when it is refused. */
  async fetch(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    if (this.state.status !== 'in' || /\/auth\/(login|refresh|password|email\/verify$)|\/setup$/.test(path)) {
      return this.#deps.fetch(request);
    }
    const again = request.clone();
    const used = await this.token();
    request.headers.set('Authorization', `Bearer ${used}`);
    const response = await this.#deps.fetch(request);
    if (response.status !== 401) return response;
    if (this.#token === used) {
      try {
        await this.refresh();
      } catch (error) {
        if (error instanceof SignedOutError) return response;
        throw error;
      }
    }
    again.headers.set('Authorization', `Bearer ${this.#token ?? ''}`);
    return this.#deps.fetch(again);
  }

  /**
   * Ends the session on the server and then here. `leaving` runs in between: whoever sees the sign-in page is signed out, and the
   * screens that need a session have gone before it ends.
   */
  async signOut(leaving: () => Promise<void> = async () => undefined): Promise<void> {
    const token = this.#token;
    try {
      await this.#deps.fetch('/api/v1/auth/logout', {
        method: 'POST',
        credentials: 'same-origin',
        headers: token === null ? {} : { Authorization: `Bearer ${token}` },
      });
    } finally {
      await leaving().catch(() => undefined);
      this.#deps.channel?.postMessage('signed-out');
      this.#leave();
    }
  }

  #leave(): void {
    this.#token = null;
    this.#expires = 0;
    clearTimeout(this.#timer);
    this.#deps.memory?.write(null);
    this.#set('out');
  }

  #set(status: 'out' | 'unreachable'): void {
    this.store.setState({ status, user: null, sessionId: null }, true);
  }
}

/** Web Locks where there are any: an insecure origin has none. */
async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  if (typeof navigator === 'undefined' || navigator.locks === undefined) return work();
  return navigator.locks.request('canopy:refresh', work) as Promise<T>;
}

const LAST = 'canopy:session';

const memory = {
  read: (): Remembered | null => {
    try {
      const value = JSON.parse(localStorage.getItem(LAST) ?? 'null') as Partial<Remembered> | null;
      return typeof value?.user?.id === 'string' && typeof value.sessionId === 'string' ? (value as Remembered) : null;
    } catch {
      return null;
    }
  },
  write: (who: Remembered | null): void => {
    try {
      if (who === null) localStorage.removeItem(LAST);
      else localStorage.setItem(LAST, JSON.stringify(who));
    } catch {
      // Then the next visit asks the server first.
    }
  },
};

export const session = new Session({
  fetch: (input, init) => globalThis.fetch(input, init),
  now: () => Date.now(),
  exclusively,
  memory,
  channel: typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('canopy:session'),
});
