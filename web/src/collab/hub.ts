/**
 * The open documents of the person who is signed in. A document with unacknowledged changes stays open after the screen that
 * showed it has gone, and is opened again at the next visit, until the server has them.
 */
import type { HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { createStore } from 'zustand/vanilla';
import { session } from '@/api/session';
import { openSocket } from './socket';
import { Room } from './room';
import { isSaved } from './state';
import { deleteAll } from '@/local/database';
import type { TabMessage } from './room';
import { epochOf, nextEpoch } from './epoch';
import { adoptKept, isKeptEvent, noteKept, othersKept, ownKept } from './kept';
import { currentOperations } from './operations';
import { pending } from './pending';
import { listShows } from './turn';
import { onLeave } from '@/app/leave';

/** How long a document stays open after its last screen has gone, in milliseconds. */
const GRACE = 8_000;

/** How often a tab looks after what others have left, in milliseconds. */
const LOOK = 2_000;

type Entry = { room: Room; refs: number; timer: ReturnType<typeof setTimeout> | undefined };

export type Me = { id: string; name: string; colour: string };

export class Hub {
  /** The open rooms by document id; replaced as a whole on every opening and closing. */
  readonly rooms = createStore<ReadonlyMap<string, Room>>(() => new Map());
  #entries = new Map<string, Entry>();
  #socket: HocuspocusProviderWebsocket;
  #closeSocket: () => void;
  /** What earlier visits have left, once it is known. */
  #adopted: Promise<void>;
  #looking: ReturnType<typeof setTimeout> | undefined;
  #channel: BroadcastChannel | null;
  #stopped = false;
  #unsubscribe: () => void;

  constructor(readonly me: Me) {
    const { protocol, host } = window.location;
    const opened = openSocket(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}/collab`, (document, what) =>
      this.#entries.get(document)?.room.sent(what),
    );
    this.#socket = opened.socket;
    this.#closeSocket = opened.close;
    this.#channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`canopy:${me.id}:documents`);
    this.#channel?.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => {
      for (const { room } of this.#entries.values()) if (room.persistence.name === data.document) room.heard(data);
    });
    window.addEventListener('beforeunload', this.#beforeUnload);
    window.addEventListener('storage', this.#onStorage);
    const stopPending = pending.subscribe((now, before) => {
      // Restored: what was opened while it still was deleted on the server can be joined.
      const restores = before.filter(({ op }) => op.type === 'items.restore');
      if (!restores.some((one) => !now.some(({ seq }) => seq === one.seq))) return;
      for (const { room } of this.#entries.values()) if (room.state.refusal?.code === 4404) room.rejoin();
    });
    const stopSession = session.store.subscribe((now, before) => {
      // Signed in again: what was refused with the old session is open again.
      if (now.status !== 'in' || before.status === 'in' || now.user.id !== me.id) return;
      for (const { room } of this.#entries.values()) if (room.state.refusal?.code === 4401) room.rejoin();
    });
    this.#unsubscribe = () => {
      stopPending();
      stopSession();
    };
    this.#adopted = this.#adopt();
  }

  /** Opens `id`, or joins in; call {@link release} once for every retain. */
  retain(id: string): Room {
    const entry = this.#entries.get(id) ?? this.#open(id);
    entry.refs += 1;
    clearTimeout(entry.timer);
    return entry.room;
  }

  release(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.refs -= 1;
    if (entry.refs === 0) this.#scheduleClose(id);
  }

  /** Removes this device's copy of `id`, with what the server never took, and opens the server's. */
  async discard(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    await entry.room.close();
    await entry.room.persistence.clear();
    noteKept(this.me.id, id, 0);
    entry.room = this.#room(id);
    this.#publish();
  }

  /** Opens `id` under a new name on this device after its history was rewritten. The old copy stays under the old name. */
  async startOver(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    await entry.room.close();
    nextEpoch(this.me.id, id);
    noteKept(this.me.id, id, 0);
    entry.room = this.#room(id);
    this.#publish();
  }

  /** Changes of documents in other tabs that are only on this device. */
  get elsewhere(): number {
    return Object.values(othersKept(this.me.id)).reduce((total, count) => total + count, 0);
  }

  /** Closes everything. With `forget`, removes this person's copies from the device. */
  async stop(forget: boolean): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#looking);
    window.removeEventListener('beforeunload', this.#beforeUnload);
    window.removeEventListener('storage', this.#onStorage);
    this.#unsubscribe();
    const rooms = [...this.#entries.values()].map((entry) => {
      clearTimeout(entry.timer);
      return entry.room;
    });
    this.#entries.clear();
    this.#publish();
    await Promise.all(rooms.map((room) => room.close()));
    this.#closeSocket();
    this.#channel?.close();
    if (forget) await deleteAll(this.me.id);
  }

  #open(id: string): Entry {
    const entry: Entry = { room: this.#room(id), refs: 0, timer: undefined };
    this.#entries.set(id, entry);
    this.#publish();
    return entry;
  }

  #room(id: string): Room {
    return new Room(id, {
      socket: this.#socket,
      user: this.me,
      kept: this.#adopted.then(() => ownKept(this.me.id, id)),
      turn: listShows(id),
      epoch: epochOf(this.me.id, id),
      changed: (room) => this.#changed(room),
      tell: (message) => this.#stopped || this.#channel?.postMessage(message),
    });
  }

  #changed(room: Room): void {
    if (this.#stopped || !room.state.loaded) return;
    noteKept(this.me.id, room.id, room.state.kept);
    const entry = this.#entries.get(room.id);
    if (entry?.room === room && entry.refs === 0 && entry.timer === undefined) this.#scheduleClose(room.id);
  }

  #scheduleClose(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => {
      entry.timer = undefined;
      if (entry.refs > 0 || this.#entries.get(id) !== entry) return;
      const { state } = entry.room;
      // Kept changes wait for the network; `#changed` comes back here when they are acknowledged.
      if (!isSaved(state) && state.kept > 0 && state.refusal === null) return;
      this.#entries.delete(id);
      this.#publish();
      void entry.room.close();
    }, GRACE);
  }

  #publish(): void {
    this.rooms.setState(new Map([...this.#entries].map(([id, { room }]) => [id, room])), true);
  }

  #onStorage = (event: StorageEvent) => {
    if (!isKeptEvent(this.me.id, event)) return;
    this.#publish();
    this.#look();
  };

  /** Takes over what tabs that are gone have left, and sends it. */
  async #adopt(): Promise<void> {
    const open = new Set(this.#entries.values());
    const kept = await adoptKept(this.me.id).catch((): Record<string, number> => ({}));
    if (this.#stopped) return;
    for (const [id, count] of Object.entries(kept)) {
      const entry = this.#entries.get(id);
      // A room that is only starting reads what is on disk, and the count with it.
      if (entry !== undefined) {
        if (open.has(entry)) void entry.room.adopt(count);
        continue;
      }
      this.#open(id);
      this.#scheduleClose(id);
    }
    this.#look();
  }

  /** Looks again in a while, for as long as other tabs have something: one of them may be closed by then. */
  #look(): void {
    if (this.#looking !== undefined || this.#stopped || this.elsewhere === 0) return;
    this.#looking = setTimeout(() => {
      this.#looking = undefined;
      if (!this.#stopped && this.elsewhere > 0) void this.#adopt().then(() => this.#publish());
    }, LOOK);
  }

  /** Leaving is safe as soon as everything is on disk, sent or not. */
  #beforeUnload = (event: BeforeUnloadEvent) => {
    const queue = currentOperations();
    const risky =
      (queue !== null && (queue.unwritten > 0 || queue.unkept)) ||
      [...this.#entries.values()].some(({ room }) => room.pending > 0 || (room.state.unkept && room.state.kept > 0));
    if (risky) event.preventDefault();
  };
}

let current: Hub | null = null;

/** The hub of `me`; another person's is closed. */
export function hubOf(me: Me): Hub {
  if (current?.me.id !== me.id) {
    onLeave(() => void stopHub(false));
    void current?.stop(false);
    current = new Hub(me);
  }
  return current;
}

export const currentHub = (): Hub | null => current;

export async function stopHub(forget: boolean): Promise<void> {
  const hub = current;
  current = null;
  await hub?.stop(forget);
}
