import { describe, expect, it } from 'vitest';
import { combine, initialState, isPermanent, isSaved, parseRefusal, pill, reduce, type RoomEvent, type RoomState } from './state';

const run = (events: RoomEvent[], from: RoomState = initialState) => events.reduce(reduce, from);
const kinds = (events: RoomEvent[], from?: RoomState) => pill(run(events, from)).kind;
const open: RoomEvent[] = [
  { type: 'loaded', kept: 0 },
  { type: 'joining' },
  { type: 'joined', access: 'read-write' },
  { type: 'received' },
  { type: 'offered' },
];
const saved = run([...open, { type: 'acknowledged' }]);
const typed: RoomEvent[] = [{ type: 'changed' }, { type: 'sent' }];

describe('the state of a room', () => {
  it('is saved only after the handshake was acknowledged', () => {
    expect(kinds(open.slice(0, 1))).toBe('offline');
    expect(kinds(open)).toBe('opening');
    expect(isSaved(saved)).toBe(true);
    expect(pill(saved)).toEqual({ kind: 'saved' });
  });

  it('is saving until every change is acknowledged', () => {
    const two = run([...typed, ...typed], saved);
    expect(pill(two).kind).toBe('saving');
    const one = reduce(two, { type: 'acknowledged' });
    expect(pill(one).kind).toBe('saving');
    expect(pill(reduce(one, { type: 'acknowledged' })).kind).toBe('saved');
  });

  it('counts what is kept while offline', () => {
    const state = run([{ type: 'left' }, { type: 'changed' }, { type: 'changed' }], saved);
    expect(pill(state)).toEqual({ kind: 'offline', kept: 2, unkept: false });
  });

  it('says offline, not saved, for a change that was under way when the socket went', () => {
    const state = run([...typed, { type: 'left' }], saved);
    expect(pill(state)).toEqual({ kind: 'offline', kept: 1, unkept: false });
  });

  it('is saved after a reconnect only when the offered state is acknowledged', () => {
    const offline = run([{ type: 'left' }, { type: 'changed' }, { type: 'changed' }], saved);
    const joined = run([{ type: 'joining' }, { type: 'joined', access: 'read-write' }, { type: 'received' }], offline);
    expect(pill(joined).kind).toBe('saving');
    // A late acknowledgement without anything under way proves nothing.
    expect(pill(reduce(joined, { type: 'acknowledged' })).kind).toBe('saving');
    const offered = reduce(joined, { type: 'offered' });
    expect(offered.flight).toEqual([2]);
    const more = run(typed, offered);
    expect(more.flight).toEqual([2, 1]);
    const first = reduce(more, { type: 'acknowledged' });
    expect(first.kept).toBe(1);
    expect(pill(first).kind).toBe('saving');
    expect(pill(reduce(first, { type: 'acknowledged' })).kind).toBe('saved');
  });

  it('keeps counting changes of an earlier visit', () => {
    expect(pill(run([{ type: 'loaded', kept: 3 }]))).toEqual({ kind: 'offline', kept: 3, unkept: false });
  });

  it('reads only for a reader', () => {
    const events: RoomEvent[] = open.map((event) => (event.type === 'joined' ? { type: 'joined', access: 'readonly' } : event));
    expect(kinds([...events, { type: 'acknowledged' }])).toBe('readonly');
  });

  it('stays refused until it is forgiven', () => {
    const refusal = { code: 4403, reason: 'read-only' };
    const refused = run([...typed, { type: 'refused', refusal }], saved);
    expect(pill(refused)).toEqual({ kind: 'refused', refusal, kept: 1 });
    expect(pill(run([{ type: 'changed' }], refused))).toEqual({ kind: 'refused', refusal, kept: 2 });
    expect(pill(reduce(refused, { type: 'forgiven' })).kind).toBe('offline');
  });

  it('admits when this device can not keep changes', () => {
    expect(pill(run([{ type: 'left' }, { type: 'unkept' }, { type: 'changed' }], saved))).toEqual({ kind: 'offline', kept: 1, unkept: true });
  });
});

describe('one pill for several documents', () => {
  const offline = run([{ type: 'left' }, { type: 'changed' }], saved);
  it('adds up what is kept, also in documents that are not on the screen', () => {
    expect(combine([offline, saved], [offline])).toEqual({ kind: 'offline', kept: 2, unkept: false });
    expect(combine([saved], [run(typed, saved)]).kind).toBe('saving');
    expect(combine([saved, saved]).kind).toBe('saved');
  });
  it('puts a refusal first', () => {
    const refused = reduce(saved, { type: 'refused', refusal: { code: 4413, reason: 'too-large' } });
    expect(combine([offline, refused]).kind).toBe('refused');
  });
});

describe('refusals', () => {
  it('are read from the reason', () => {
    expect(parseRefusal('4403:read-only')).toEqual({ code: 4403, reason: 'read-only' });
    expect(parseRefusal('1013:try-again')).toEqual({ code: 1013, reason: 'try-again' });
    expect(parseRefusal('Failed to get token')).toBeNull();
  });
  it('are permanent from 4400 to 4499', () => {
    expect(isPermanent({ code: 4409, reason: '' })).toBe(true);
    expect(isPermanent({ code: 1013, reason: '' })).toBe(false);
  });
});
