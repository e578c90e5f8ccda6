import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { Edits } from './edits';
import { Live } from './live';
import { Presence } from './presence';
import { Scene } from './scene';
import { Undo } from './undo';

const user = { id: 'u1', name: 'Ben', color: '#123456' };
let doc: Y.Doc;
let awareness: Awareness;
let live: Live;
let edits: Edits;
let presence: Presence;

/** What the server passes on of somebody else. */
function hear(client: number, state: Record<string, unknown> | null): void {
  if (state === null) awareness.states.delete(client);
  else awareness.states.set(client, state);
  awareness.emit('change', [{ added: [], updated: [client], removed: [] }, 'remote']);
}

beforeEach(() => {
  vi.useFakeTimers();
  doc = new Y.Doc();
  awareness = new Awareness(doc);
  const scene = new Scene(doc);
  live = new Live(scene);
  edits = new Edits(doc, scene, new Undo(doc));
  presence = new Presence(awareness, live);
});
afterEach(() => {
  presence.destroy();
  awareness.destroy();
  vi.useRealTimers();
});

describe('what one does', () => {
  it('is told at most twenty times a second, all at once, and only when it changed', () => {
    let told = 0;
    awareness.on('update', () => (told += 1));
    for (let n = 0; n < 100; n += 1) {
      presence.tell({ pointer: { x: n, y: 0 } });
      vi.advanceTimersByTime(10);
    }
    expect(told).toBeLessThanOrEqual(20);
    vi.advanceTimersByTime(100);
    const before = told;
    presence.tell({ pointer: { x: 99, y: 0 } });
    vi.advanceTimersByTime(100);
    expect(told).toBe(before);
    expect(awareness.getLocalState()).toMatchObject({ pointer: { x: 99, y: 0 } });
  });

  it('never grows beyond what the server takes', () => {
    presence.tell({ selection: Array.from({ length: 500 }, (_, n) => `shape-with-a-long-id-${n}`), drawing: { kind: 'draw', points: Array.from({ length: 9_000 }, (_, n) => n / 7) } });
    vi.advanceTimersByTime(100);
    const state = awareness.getLocalState() as Record<string, unknown>;
    expect(JSON.stringify(state).length).toBeLessThan(8_192);
    expect(state.drawing).toBeNull();
    expect((state.selection as string[]).length).toBeGreaterThan(10);
  });
});

describe('what others do', () => {
  it('is taken only in the right form', () => {
    hear(7, { user, pointer: { x: 1, y: 'far' }, selection: ['a', 4], viewport: { x: 0, y: 0, zoom: -1 }, drawing: { kind: 'rectangle' }, chat: 'x'.repeat(900), summon: { id: 3 } });
    hear(8, { pointer: { x: 1, y: 1 } });
    expect(presence.peers.getState()).toHaveLength(1);
    expect(presence.peers.getState()[0]).toMatchObject({ client: 7, pointer: null, selection: ['a'], viewport: null, drawing: null, summon: null });
    expect(presence.peers.getState()[0]?.chat).toHaveLength(200);
  });

  it('moves shapes while they are dragged, and not once more when they are written', () => {
    const id = edits.addShape({ kind: 'rectangle', at: [0, 0], size: [100, 50] });
    hear(7, { user, dragging: { ids: [id, 'nobody'], dx: 30, dy: 10 } });
    expect(live.shape(id)?.at).toEqual([30, 10]);
    expect(live.isHeld(id)).toBe(true);
    // The edit comes before the end of the drag is told.
    edits.place(new Map([[id, { at: [40, 10] as const }]]));
    expect(live.shape(id)?.at).toEqual([40, 10]);
    hear(7, { user, dragging: { ids: [id], dx: 40, dy: 10 } });
    expect(live.shape(id)?.at).toEqual([40, 10]);
    hear(7, { user, dragging: null });
    expect(live.shape(id)?.at).toEqual([40, 10]);
  });

  it('lets go of what somebody held who is gone', () => {
    const id = edits.addShape({ kind: 'rectangle', at: [0, 0], size: [100, 50] });
    hear(7, { user, dragging: { ids: [id], dx: 5, dy: 5, boxes: { [id]: [5, 5, 200, 80, 15] } } });
    expect(live.shape(id)).toMatchObject({ at: [5, 5], size: [200, 80], angle: 15 });
    hear(7, null);
    expect(live.shape(id)).toMatchObject({ at: [0, 0], size: [100, 50], angle: 0 });
    expect(presence.peers.getState()).toEqual([]);
  });
});
