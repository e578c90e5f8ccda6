/**
 * What people do on the canvas at this moment, in the room's presence: never stored. Told at most 20 times a second, all at once.
 * Others' states are anybody's bytes: only what has the right form is taken.
 */
import type { Awareness } from 'y-protocols/awareness';
import { createStore } from 'zustand/vanilla';
import type { Person } from '@/collab/react';
import type { Live, Placement } from './live';
import { readPoint, shapeFrom, type Point, type Shape, type Values } from './schema';

/** Milliseconds between two tellings. */
const TICK = 50;
/** More than these are not told one by one. */
const MOST = 60;
/** The server drops what is larger than 8 KiB: before that, something is left out here. */
const LARGEST = 7_500;
const encoder = new TextEncoder();
const sizeOf = (state: object): number => encoder.encode(JSON.stringify(state)).length;
/** Longest message at a cursor. */
export const MAX_CHAT = 200;

export interface Told {
  pointer: { x: number; y: number } | null;
  selection: readonly string[];
  /** The middle of what is seen, how large it shows, and how much of the canvas fits. */
  viewport: { x: number; y: number; zoom: number; w: number; h: number } | null;
  /** What is being drawn and not written yet. */
  drawing: Values | null;
  chat: string | null;
  dragging: { ids: readonly string[]; dx: number; dy: number; boxes?: Record<string, readonly number[]> } | null;
  /** A call to come here; a new id is a new call. */
  summon: { id: string; x: number; y: number; zoom: number } | null;
}

export interface Peer extends Omit<Told, 'drawing' | 'dragging'> {
  client: number;
  person: Person;
  drawing: Shape | null;
}

const finite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= 1e6;

function place(value: unknown): { x: number; y: number } | null {
  const { x, y } = (value ?? {}) as { x?: unknown; y?: unknown };
  return finite(x) && finite(y) ? { x, y } : null;
}

function peerOf(client: number, state: Record<string, unknown>): Peer | null {
  const user = state.user as { id?: unknown; name?: unknown; color?: unknown; avatar?: string | null } | undefined;
  if (typeof user?.id !== 'string') return null;
  const viewport = state.viewport as Partial<NonNullable<Told['viewport']>> | null | undefined;
  const middle = place(viewport);
  const summon = state.summon as Partial<NonNullable<Told['summon']>> | null | undefined;
  const there = place(summon);
  const drawing = state.drawing as Values | null | undefined;
  return {
    client,
    person: { id: user.id, name: String(user.name ?? ''), colour: String(user.color ?? '#6b7280'), avatar: user.avatar },
    pointer: place(state.pointer),
    selection: Array.isArray(state.selection) ? state.selection.filter((id): id is string => typeof id === 'string').slice(0, MOST) : [],
    viewport: middle !== null && finite(viewport?.zoom) && viewport.zoom > 0 ? { ...middle, zoom: viewport.zoom, w: finite(viewport.w) ? viewport.w : 0, h: finite(viewport.h) ? viewport.h : 0 } : null,
    drawing: typeof drawing === 'object' && drawing !== null ? shapeFrom('drawing', drawing, '') : null,
    chat: typeof state.chat === 'string' && state.chat !== '' ? state.chat.slice(0, MAX_CHAT) : null,
    summon: typeof summon?.id === 'string' && there !== null && finite(summon.zoom) && summon.zoom > 0 ? { id: summon.id, ...there, zoom: summon.zoom } : null,
  };
}

export class Presence {
  /** Everybody else on this diagram, one entry for each open tab. */
  readonly peers = createStore<readonly Peer[]>(() => []);
  #told: Partial<Told> = {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Where what others drag was when they took it. */
  readonly #taken = new Map<number, Map<string, Point>>();
  readonly #drags = new Map<number, string>();

  constructor(
    private readonly awareness: Awareness,
    private readonly live: Live,
  ) {
    awareness.on('change', this.#read);
    this.#read();
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.awareness.off('change', this.#read);
    const state = this.awareness.getLocalState();
    if (state === null) return;
    this.awareness.setLocalState({ ...state, pointer: null, selection: [], viewport: null, drawing: null, chat: null, dragging: null, summon: null });
  }

  tell(told: Partial<Told>): void {
    Object.assign(this.#told, told);
    this.#timer ??= setTimeout(this.#send, TICK);
  }

  /** Tells now, for what would come too late. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#send();
  }

  #send = () => {
    this.#timer = undefined;
    const state = this.awareness.getLocalState();
    const told = this.#told;
    this.#told = {};
    if (state === null) return;
    if (told.selection !== undefined) told.selection = told.selection.slice(0, MOST);
    if (told.dragging != null) told.dragging = { ...told.dragging, ids: told.dragging.ids.slice(0, MOST) };
    const changed = Object.entries(told).some(([key, value]) => JSON.stringify(state[key] ?? null) !== JSON.stringify(value ?? null));
    if (!changed) return;
    const next: Record<string, unknown> = { ...state, ...told };
    for (const key of ['drawing', 'dragging', 'selection']) if (sizeOf(next) > LARGEST) next[key] = key === 'selection' ? [] : null;
    this.awareness.setLocalState(next);
  };

  #read = () => {
    const peers: Peer[] = [];
    const here = new Set<number>();
    for (const [client, state] of this.awareness.getStates()) {
      if (client === this.awareness.clientID) continue;
      const peer = peerOf(client, state as Record<string, unknown>);
      if (peer === null) continue;
      here.add(client);
      peers.push(peer);
      this.#drag(client, (state as Record<string, unknown>).dragging);
    }
    for (const client of this.#drags.keys()) if (!here.has(client)) this.#drag(client, null);
    peers.sort((a, b) => a.client - b.client);
    if (JSON.stringify(peers) !== JSON.stringify(this.peers.getState())) this.peers.setState(peers, true);
  };

  /** Shows what somebody drags where they have it. */
  #drag(client: number, value: unknown): void {
    const { ids, dx, dy, boxes } = (value ?? {}) as Partial<NonNullable<Told['dragging']>>;
    if (!Array.isArray(ids) || !finite(dx) || !finite(dy)) {
      if (this.#drags.delete(client)) this.live.move(client, null);
      this.#taken.delete(client);
      return;
    }
    const text = JSON.stringify([ids, dx, dy, boxes]);
    if (this.#drags.get(client) === text) return;
    this.#drags.set(client, text);
    const taken = this.#taken.get(client) ?? new Map<string, Point>();
    this.#taken.set(client, taken);
    const placements = new Map<string, Placement>();
    for (const id of (ids as unknown[]).slice(0, MOST)) {
      const shape = typeof id === 'string' ? this.live.scene.shape(id) : undefined;
      if (shape === undefined) continue;
      const known = taken.get(shape.id);
      // Written meanwhile: the document is ahead of what is told.
      if (known !== undefined && (known[0] !== shape.at[0] || known[1] !== shape.at[1])) continue;
      taken.set(shape.id, shape.at);
      const box = boxes?.[shape.id];
      const [at, size] = Array.isArray(box) ? [readPoint(box.slice(0, 2)), readPoint(box.slice(2, 4))] : [null, null];
      if (at !== null && size !== null && size[0] >= 1 && size[1] >= 1) placements.set(shape.id, { at, size, angle: finite(box?.[4]) ? box[4] : shape.angle });
      else placements.set(shape.id, { at: [shape.at[0] + dx, shape.at[1] + dy] });
    }
    this.live.move(client, placements);
  }
}
