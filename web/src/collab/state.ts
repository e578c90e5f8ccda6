/**
 * What is true of one document's connection: a pure reducer, so that the indicator can't drift from the wire.
 *
 * The provider's own `unsyncedChanges` is not used. It is reset to 1 at every (re)connect while updates queued before are still
 * acknowledged one by one, so it reaches 0 too early. Here every frame with content that really went onto the present socket
 * stands in `flight` with the number of local changes it carries; the server acknowledges frames in order.
 */
export type Access = 'unknown' | 'read-write' | 'readonly';

export interface Refusal {
  /** 4400-4499, as the server sent it. */
  code: number;
  reason: string;
}

export interface RoomState {
  /** The copy on this device was read. */
  loaded: boolean;
  /** The copy on this device can't be written: full, or forbidden. */
  unkept: boolean;
  link: 'offline' | 'joining' | 'joined';
  access: Access;
  /** The server's state has arrived on this connection. */
  caughtUp: boolean;
  /** Our own state was sent on this connection, so nothing of ours is unknown to the socket. */
  offered: boolean;
  /** Unacknowledged frames on this connection, oldest first: how many local changes each carries. */
  flight: number[];
  /** Local changes that the server hasn't acknowledged, from earlier visits too. */
  kept: number;
  refusal: Refusal | null;
}

export const initialState: RoomState = {
  loaded: false,
  unkept: false,
  link: 'offline',
  access: 'unknown',
  caughtUp: false,
  offered: false,
  flight: [],
  kept: 0,
  refusal: null,
};

export type RoomEvent =
  | { type: 'loaded'; kept: number }
  | { type: 'unkept' }
  | { type: 'changed' }
  | { type: 'joining' }
  | { type: 'joined'; access: 'read-write' | 'readonly' }
  | { type: 'received' }
  | { type: 'offered' }
  | { type: 'sent' }
  | { type: 'acknowledged' }
  | { type: 'left' }
  | { type: 'refused'; refusal: Refusal }
  | { type: 'forgiven' };

const disconnected = { link: 'offline', caughtUp: false, offered: false, flight: [] } as const;
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

export function reduce(state: RoomState, event: RoomEvent): RoomState {
  switch (event.type) {
    case 'loaded':
      return { ...state, loaded: true, kept: state.kept + event.kept };
    case 'unkept':
      return { ...state, unkept: true };
    case 'changed':
      return { ...state, kept: state.kept + 1 };
    case 'joining':
      return { ...state, ...disconnected, flight: [], link: 'joining' };
    case 'joined':
      return { ...state, link: 'joined', access: event.access };
    case 'received':
      return { ...state, caughtUp: true };
    // Sync step 2: all that we have, so every change that isn't under way yet.
    case 'offered':
      return { ...state, offered: true, flight: [...state.flight, Math.max(0, state.kept - sum(state.flight))] };
    // One update. The change it carries was counted just before.
    case 'sent':
      return { ...state, flight: [...state.flight, Math.max(0, Math.min(1, state.kept - sum(state.flight)))] };
    case 'acknowledged': {
      const [first, ...rest] = state.flight;
      if (first === undefined) return state;
      return { ...state, flight: rest, kept: Math.max(0, state.kept - first) };
    }
    case 'left':
      return { ...state, ...disconnected, flight: [] };
    case 'refused':
      return { ...state, ...disconnected, flight: [], refusal: event.refusal };
    case 'forgiven':
      return { ...state, refusal: null };
  }
}

/** Nothing of ours is missing on the server's disk, and nothing of the server's is missing here. */
export function isSaved(state: RoomState): boolean {
  return (
    state.loaded &&
    state.refusal === null &&
    state.link === 'joined' &&
    state.caughtUp &&
    state.offered &&
    state.flight.length === 0 &&
    state.kept === 0
  );
}

/** What the state pill says. */
export type Pill =
  | { kind: 'opening' }
  | { kind: 'saved' }
  | { kind: 'saving' }
  /** What was kept while the server was away is on its way: the `at`-th of `of`. */
  | { kind: 'sending'; at: number; of: number }
  | { kind: 'readonly' }
  | { kind: 'offline'; kept: number; unkept: boolean }
  | { kind: 'refused'; refusal: Refusal; kept: number };

export function pill(state: RoomState): Pill {
  if (state.refusal !== null) return { kind: 'refused', refusal: state.refusal, kept: state.kept };
  if (state.link === 'offline') {
    return state.loaded || state.kept > 0
      ? { kind: 'offline', kept: state.kept, unkept: state.unkept }
      : { kind: 'opening' };
  }
  if (state.access === 'readonly' && state.link === 'joined' && state.kept === 0) return { kind: 'readonly' };
  if (isSaved(state)) return { kind: 'saved' };
  return state.kept > 0 ? { kind: 'saving' } : { kind: 'opening' };
}

/** The code and reason in a refusal such as `4403:read-only`; null when there is no code in it. */
export function parseRefusal(text: string): Refusal | null {
  const match = /^\s*(\d{4})(?::(.*))?$/s.exec(text);
  return match === null ? null : { code: Number(match[1]), reason: match[2] ?? '' };
}

/** Whether trying again can't help: 4400-4499. */
export function isPermanent(refusal: Refusal): boolean {
  return refusal.code >= 4400 && refusal.code <= 4499;
}

/** What waits beside the open documents of this tab. */
export interface Beside {
  /** Operations and uploads. */
  operations: number;
  /** Changes of documents that other tabs have open. */
  elsewhere: number;
  /** This browser doesn't store operations. */
  unkept: boolean;
}

const nothing: Beside = { operations: 0, elsewhere: 0, unkept: false };

/** Everything that only this device has. What was refused isn't going anywhere, and is told apart. */
export const waitingIn = (states: RoomState[], beside: Beside = nothing): number =>
  states.reduce((total, state) => total + (state.refusal === null ? state.kept : 0), 0) + beside.operations + beside.elsewhere;

/** One pill for everything: the worst news first. `main` are the documents on the screen. */
export function combine(main: RoomState[], others: RoomState[] = [], beside: Beside = nothing): Pill {
  const pills = main.map(pill);
  const all = [...main, ...others];
  const kept = waitingIn(all, beside);
  const refused = pills.find((one) => one.kind === 'refused');
  if (refused !== undefined) return refused;
  if (pills.some((one) => one.kind === 'offline')) {
    return { kind: 'offline', kept, unkept: beside.unkept || all.some((state) => state.unkept) };
  }
  if (kept > 0) return { kind: 'saving' };
  if (pills.some((one) => one.kind === 'opening')) return { kind: 'opening' };
  if (pills.some((one) => one.kind === 'saving')) return { kind: 'saving' };
  return pills.some((one) => one.kind === 'readonly') ? { kind: 'readonly' } : { kind: 'saved' };
}

/** Counts down what was kept while the server was away. */
export function countdown(): (pill: Pill, waiting: number) => Pill {
  let backlog = 0;
  return (now, waiting) => {
    if (now.kind === 'offline') backlog = now.kept;
    else if (now.kind === 'saved' || waiting === 0) backlog = 0;
    if (now.kind !== 'saving' || backlog < 2) return now;
    return { kind: 'sending', at: Math.max(1, Math.min(backlog, backlog - waiting + 1)), of: backlog };
  };
}
