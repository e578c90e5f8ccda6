/** One open document: its Y.Doc, its copy on this device, its place on the socket, and what is true of it. */
import { HocuspocusProvider, MessageType, type HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { createStore } from 'zustand/vanilla';
import { session, SignedOutError } from '@/api/session';
import { claim, echoFresh, registered, settleFresh } from './fresh';
import { nameOf, OTHER_TAB, Persistence } from './persistence';
import { SCHEMA } from './schema';
import { initialState, isPermanent, isSaved, parseRefusal, reduce, type Refusal, type RoomEvent, type RoomState } from './state';
import { isStep2, readFrame } from './socket';

/** What tabs with the same document open tell each other. */
export type TabMessage = { document: string; update: Uint8Array } | { document: string; hello: Uint8Array };

export type RoomDeps = {
  socket: HocuspocusProviderWebsocket;
  user: { id: string; name: string; colour: string };
  /** Changes kept from an earlier visit, not acknowledged then. */
  kept: Promise<number>;
  /** Resolves when the server may be asked for the document. */
  turn: Promise<void>;
  epoch: number;
  /** Called after every change of `state` or `pending`. */
  changed: (room: Room) => void;
  /** Tells the other tabs. */
  tell: (message: TabMessage) => void;
};

export class Room {
  readonly doc = new Y.Doc();
  readonly store = createStore<RoomState>(() => initialState);
  readonly provider: HocuspocusProvider;
  readonly awareness: Awareness;
  readonly persistence: Persistence;
  /** Resolves when the copy on this device was read. */
  readonly started: Promise<void>;
  /** Writes to this device's copy that aren't on disk yet. */
  pending = 0;
  #tries = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #renewed = 0;
  #demoted = false;
  #closed = new AbortController();

  constructor(
    readonly id: string,
    private readonly deps: RoomDeps,
  ) {
    const name = nameOf(id, deps.epoch);
    // Before the provider's own listener: a change is counted before the frame that carries it.
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === this.provider || origin === this.persistence || origin === OTHER_TAB) return;
      deps.tell({ document: name, update });
      this.#dispatch({ type: 'changed' });
    });
    this.persistence = new Persistence(
      deps.user.id,
      name,
      this.doc,
      {
        pending: (count) => {
          this.pending = count;
          deps.changed(this);
        },
        failed: (error) => {
          console.warn('a document is not kept on this device', error);
          this.#dispatch({ type: 'unkept' });
        },
      },
      (origin) => origin === this.provider,
    );
    this.provider = new HocuspocusProvider({
      name: id,
      document: this.doc,
      websocketProvider: deps.socket,
      token: async () => `${await session.token()}#schema=${SCHEMA}`,
    });
    this.awareness = this.provider.awareness as Awareness;
    const { id: userId, name: userName, colour: color } = deps.user;
    // The server says who it really is, in the same form.
    this.awareness.setLocalStateField('user', { id: userId, name: userName, color });
    this.#listen();
    this.started = this.#start();
  }

  get state(): RoomState {
    return this.store.getState();
  }

  get canWrite(): boolean {
    return this.state.access !== 'readonly' && this.state.refusal === null;
  }

  /** Notes a frame that went onto the socket. */
  sent(what: 'offered' | 'sent'): void {
    this.#dispatch({ type: what });
  }

  /** What another tab says. */
  heard(message: TabMessage): void {
    if ('update' in message) Y.applyUpdate(this.doc, message.update, OTHER_TAB);
    else if (this.state.loaded) {
      const missing = Y.encodeStateAsUpdate(this.doc, message.hello);
      if (missing.length > 2) this.deps.tell({ document: message.document, update: missing });
    }
  }

  /** Takes over changes that another tab has left on disk. */
  async adopt(kept: number): Promise<void> {
    await this.started;
    await this.persistence.load();
    if (this.#closed.signal.aborted) return;
    this.#dispatch({ type: 'loaded', kept });
    // A new handshake offers all that is here.
    if (this.state.refusal === null) this.rejoin();
  }

  /** Joins again after a refusal that the person has dealt with. */
  rejoin(): void {
    if (this.#closed.signal.aborted) return;
    clearTimeout(this.#retry);
    this.#dispatch({ type: 'forgiven' });
    this.provider.detach();
    this.provider.attach();
  }

  /** Leaves the document. The copy on this device stays. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    clearTimeout(this.#retry);
    this.provider.destroy();
    await this.persistence.close();
    this.doc.destroy();
  }

  async #start(): Promise<void> {
    const { id, persistence, deps } = this;
    const isNew = await claim(deps.user.id, id, deps.epoch).catch(() => false);
    await persistence.load();
    const kept = await deps.kept;
    if (this.#closed.signal.aborted) return;
    deps.tell({ document: persistence.name, hello: Y.encodeStateVector(this.doc) });
    const fresh = persistence.row?.fresh;
    // The title that stands in a new document is a change, too.
    this.#dispatch({ type: 'loaded', kept: isNew && kept === 0 ? 1 : kept });
    if (fresh !== undefined) {
      settleFresh(this.doc, (origin) => origin === this.provider, fresh, () => void persistence.note({ fresh: undefined }));
      echoFresh(deps.user.id, id, this.doc);
    }
    void Promise.all([registered(id, this.#closed.signal), deps.turn]).then(() => {
      if (!this.#closed.signal.aborted) this.provider.attach();
    });
  }

  #listen(): void {
    const { provider } = this;
    provider.on('open', () => this.#dispatch({ type: 'joining' }));
    provider.on('authenticated', ({ scope }: { scope: string }) => {
      this.#dispatch({ type: 'joined', access: scope === 'readonly' ? 'readonly' : 'read-write' });
    });
    provider.on('authenticationFailed', ({ reason }: { reason: string }) => this.#refuse(parseRefusal(reason)));
    provider.on('message', ({ event }: { event: MessageEvent<ArrayBuffer> }) => {
      const frame = readFrame(event.data);
      if (frame === null) return;
      if (isStep2(frame)) this.#dispatch({ type: 'received' });
      else if (frame.type === MessageType.SyncStatus) {
        if (frame.applied) this.#dispatch({ type: 'acknowledged' });
        else this.#refuse({ code: 4403, reason: 'not-applied' });
      }
    });
    provider.on('close', ({ event }: { event: { code: number; reason: string } }) => {
      // A refusal of this document alone comes as a message, which the provider reports with code 1000.
      const refusal = event.code === 1000 ? parseRefusal(event.reason) : null;
      if (refusal !== null) this.#refuse(refusal);
      else this.#dispatch({ type: 'left' });
    });
  }

  #refuse(refusal: Refusal | null): void {
    if (this.#closed.signal.aborted) return;
    if (refusal === null || !isPermanent(refusal)) {
      this.#later();
      return;
    }
    if (refusal.code === 4401 && Date.now() - this.#renewed > 30_000) {
      // The token may simply have run out.
      this.#renewed = Date.now();
      this.#later(
        session.refresh().catch((error: unknown) => {
          if (error instanceof SignedOutError) this.#stop(refusal);
        }),
      );
      return;
    }
    if (refusal.code === 4403 && this.state.kept === 0 && this.state.access === 'read-write' && !this.#demoted) {
      // Demoted without anything to lose: join again as a reader.
      this.#demoted = true;
      this.#later();
      return;
    }
    this.#stop(refusal);
  }

  #stop(refusal: Refusal): void {
    clearTimeout(this.#retry);
    this.#dispatch({ type: 'refused', refusal });
    this.provider.detach();
  }

  /** Leaves and joins again after a pause that grows. */
  #later(after: Promise<unknown> = Promise.resolve()): void {
    this.provider.detach();
    this.#dispatch({ type: 'left' });
    const pause = 200 + Math.random() * Math.min(15_000, 400 * 2 ** this.#tries++);
    clearTimeout(this.#retry);
    void after.then(() => {
      if (this.#closed.signal.aborted || this.state.refusal !== null) return;
      this.#retry = setTimeout(() => this.provider.attach(), pause);
    });
  }

  #dispatch(event: RoomEvent): void {
    const next = reduce(this.state, event);
    this.store.setState(next, true);
    if (isSaved(next)) {
      this.#tries = 0;
      this.#demoted = false;
    }
    this.deps.changed(this);
  }
}
