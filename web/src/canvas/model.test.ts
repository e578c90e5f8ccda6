import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { closure, Edits, freshId, partOf, wholeOf } from './edits';
import { Live } from './live';
import { connectorsOf, Scene, shapesOf, textOf } from './scene';
import { readJson, writeJson } from './formats/json';
import type { End } from './schema';
import { Undo } from './undo';

function open(doc = new Y.Doc()) {
  const scene = new Scene(doc);
  const undo = new Undo(doc);
  return { doc, scene, undo, edits: new Edits(doc, scene, undo), live: new Live(scene) };
}

/** Two replicas that hear of each other when `sync` is called. */
function two() {
  const [a, b] = [open(), open()];
  const sync = () => {
    Y.applyUpdate(b.doc, Y.encodeStateAsUpdate(a.doc, Y.encodeStateVector(b.doc)), 'remote');
    Y.applyUpdate(a.doc, Y.encodeStateAsUpdate(b.doc, Y.encodeStateVector(a.doc)), 'remote');
  };
  return { a, b, sync };
}

const to = (shape: string): End => ({ shape, side: 'auto', at: null });
const box = (x: number, y: number, more = {}) => ({ kind: 'rectangle', at: [x, y], size: [100, 50], ...more });

let d: ReturnType<typeof open>;
beforeEach(() => {
  d = open();
});

describe('reading', () => {
  it('leaves out what is no shape, and takes the rest as far as it goes', () => {
    const put = (id: string, values: Record<string, unknown>) => {
      const map = new Y.Map<unknown>();
      for (const [key, value] of Object.entries(values)) map.set(key, value);
      shapesOf(d.doc).set(id, map);
    };
    put('good', { ...box(1, 2), fill: 'chartreuse', strokeWidth: 99, opacity: -1, align: 'sideways', angle: 450, groups: ['g', 3], link: 'javascript:alert(1)', later: { any: 'thing' } });
    put('far', box(1e7, 0));
    put('flat', { ...box(0, 0), size: [0, 10] });
    put('no kind', box(0, 0));
    put('line', { ...box(0, 0), kind: 'draw', points: [1, 2] });
    put('odd', { ...box(0, 0), kind: 'hovercraft' });
    shapesOf(d.doc).set('text', 'not a map' as never);
    expect([...d.scene.shapes.keys()].sort()).toEqual(['good', 'odd']);
    const good = d.scene.shape('good');
    expect(good?.style).toMatchObject({ fill: 'default', strokeWidth: 20, opacity: 0, align: 'center' });
    expect(good).toMatchObject({ angle: 90, groups: ['g'], link: null });
    expect(good?.values.later).toEqual({ any: 'thing' });
  });

  it('reads again only what changed', () => {
    const [one, other] = [d.edits.addShape(box(0, 0)), d.edits.addShape(box(200, 0))];
    const before = [d.scene.shape(one), d.scene.shape(other)];
    const heard: string[][] = [];
    d.scene.listen(({ ids, structure }) => heard.push([...ids, String(structure)]));
    d.edits.patch([one], { fill: 'blue' });
    expect(d.scene.shape(one)).not.toBe(before[0]);
    expect(d.scene.shape(other)).toBe(before[1]);
    expect(heard).toEqual([[one, 'false']]);
    expect(d.scene.order.map(({ id }) => id)).toEqual([one, other]);
  });

  it('hears what is typed into a shape', () => {
    const id = d.edits.addShape({ ...box(0, 0), text: 'Pay' });
    textOf(d.doc, id)?.insert(3, ' now');
    expect(d.scene.shape(id)?.text).toBe('Pay now');
  });
});

describe('edits', () => {
  it('are one step of undo each, and only one’s own', () => {
    const { a, b, sync } = two();
    const id = a.edits.addShape(box(0, 0));
    sync();
    a.edits.place(new Map([[id, { at: [40, 0] as const }]]));
    b.edits.patch([id], { fill: 'red' });
    sync();
    a.undo.undo();
    sync();
    expect(a.scene.shape(id)).toMatchObject({ at: [0, 0] });
    expect(b.scene.shape(id)?.style.fill).toBe('red');
    b.undo.undo();
    expect(b.scene.shape(id)?.style.fill).toBe('default');
    expect(b.scene.shape(id)?.at).toEqual([0, 0]);
    a.undo.undo();
    expect(a.scene.shapes.size).toBe(0);
    a.undo.redo();
    expect(a.scene.shape(id)?.at).toEqual([0, 0]);
  });

  it('write nothing when nothing changes', () => {
    const id = d.edits.addShape(box(10, 10));
    let updates = 0;
    d.doc.on('update', () => (updates += 1));
    d.edits.place(new Map([[id, { at: [10, 10] as const }]]));
    d.edits.patch([id], { kind: 'rectangle', frame: undefined });
    expect(updates).toBe(0);
  });

  it('delete a shape with its connectors, and bring both back', () => {
    const [one, other] = [d.edits.addShape({ ...box(0, 0), text: 'kept' }), d.edits.addShape(box(300, 0))];
    const connector = d.edits.addConnector({ from: to(one), to: to(other) });
    d.edits.remove([one]);
    expect(d.scene.order.map(({ id }) => id)).toEqual([other]);
    expect(connectorsOf(d.doc).size).toBe(0);
    d.undo.undo();
    expect(d.scene.connector(connector)?.from.shape).toBe(one);
    expect(d.scene.shape(one)?.text).toBe('kept');
  });

  it('leave no connector hanging when somebody connects what somebody else deletes', () => {
    const { a, b, sync } = two();
    const [one, other] = [a.edits.addShape(box(0, 0)), a.edits.addShape(box(300, 0))];
    sync();
    a.edits.remove([other]);
    const connector = b.edits.addConnector({ from: to(one), to: to(other) });
    expect(b.scene.connector(connector)).toBeDefined();
    sync();
    for (const { scene } of [a, b]) {
      expect(scene.connector(connector)).toBeUndefined();
      expect(scene.order.map(({ id }) => id)).toEqual([one]);
    }
    a.undo.undo();
    sync();
    // The shape is back, and what was connected meanwhile shows.
    for (const { scene } of [a, b]) expect(scene.connector(connector)?.to.shape).toBe(other);
  });

  it('put shapes into frames and out of them where they are dropped', () => {
    const frame = d.edits.addShape({ kind: 'frame', at: [0, 0], size: [400, 300] });
    const id = d.edits.addShape(box(600, 0));
    d.edits.place(new Map([[id, { at: [100, 100] as const }]]));
    expect(d.scene.shape(id)?.frame).toBe(frame);
    // The frame moves with what it holds.
    d.edits.place(new Map([[frame, { at: [1000, 0] as const }], [id, { at: [1100, 100] as const }]]));
    expect(d.scene.shape(id)?.frame).toBe(frame);
    d.edits.place(new Map([[id, { at: [0, 0] as const }]]));
    expect(d.scene.shape(id)?.frame).toBeNull();
    d.undo.undo();
    expect(d.scene.shape(id)).toMatchObject({ at: [1100, 100], frame });
    d.edits.remove([frame]);
    expect(d.scene.shape(id)).toMatchObject({ at: [1100, 100], frame: null });
  });

  it('order front and back without moving others', () => {
    const ids = [0, 1, 2, 3].map((n) => d.edits.addShape(box(n * 20, 0)));
    const order = () => d.scene.order.map(({ id }) => ids.indexOf(id));
    d.edits.order([ids[0] as string], 'front');
    expect(order()).toEqual([1, 2, 3, 0]);
    d.edits.order([ids[3] as string, ids[0] as string], 'back');
    expect(order()).toEqual([3, 0, 1, 2]);
    d.edits.order([ids[3] as string], 'forward');
    expect(order()).toEqual([0, 3, 1, 2]);
    d.edits.order([ids[2] as string], 'backward');
    expect(order()).toEqual([0, 3, 2, 1]);
  });

  it('order even those that other clients gave one rank', () => {
    const ids = ['a', 'b', 'c'].map((id) => d.edits.addShape({ ...box(0, 0), rank: 'a0' }, id));
    d.edits.order(['a'], 'forward');
    expect(d.scene.order.map(({ id }) => id)).toEqual(['b', 'a', 'c']);
    expect(ids).toEqual(['a', 'b', 'c']);
  });

  it('make ids that are valid and never twice the same', () => {
    const ids = Array.from({ length: 500 }, () => freshId());
    expect(ids.every((id) => /^[A-Za-z0-9]{12}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(500);
  });
});

describe('copying', () => {
  it('takes connectors between what is copied, under new ids', () => {
    const frame = d.edits.addShape({ kind: 'frame', at: [0, 0], size: [400, 300], text: 'Checkout' });
    const [one, other, out] = [d.edits.addShape(box(10, 10, { frame, groups: ['g'] })), d.edits.addShape(box(200, 10, { frame, groups: ['g'] })), d.edits.addShape(box(900, 0))];
    const inside = d.edits.addConnector({ from: to(one), to: to(other), text: 'then' });
    d.edits.addConnector({ from: to(one), to: to(out) });
    const part = partOf(d.scene, [frame]);
    expect(part.shapes.map(({ id }) => id).sort()).toEqual([frame, one, other].sort());
    expect(part.connectors.map(({ id }) => id)).toEqual([inside]);
    const added = d.edits.insert(readJson(writeJson(part)).diagram, [1000, 0]);
    expect(added).toHaveLength(4);
    const copies = added.map((id) => d.scene.element(id));
    const copiedFrame = copies.find((one) => one?.type === 'shape' && one.kind === 'frame');
    const copiedBoxes = copies.filter((one) => one?.type === 'shape' && one.kind === 'rectangle');
    expect(copiedFrame?.text).toBe('Checkout');
    for (const copy of copiedBoxes) expect(copy).toMatchObject({ frame: copiedFrame?.id });
    const [groups] = copiedBoxes.map((copy) => copy?.groups);
    expect(groups).toHaveLength(1);
    expect(groups).not.toEqual(['g']);
    const wire = copies.find((one) => one?.type === 'connector');
    expect(wire).toMatchObject({ text: 'then' });
    expect(copiedBoxes.map((copy) => copy?.id)).toContain(wire?.type === 'connector' ? wire.from.shape : '');
    d.undo.undo();
    expect(d.scene.shapes.size).toBe(4);
  });

  it('frees an end whose shape is not taken along', () => {
    const [one, other] = [d.edits.addShape(box(0, 0)), d.edits.addShape(box(300, 0))];
    const wire = d.edits.addConnector({ from: { shape: one, side: 'right', at: [100, 25] }, to: { shape: other, side: 'left', at: [300, 25] } });
    const added = d.edits.insert(partOf(d.scene, [one, wire]), [0, 100]);
    const copy = added.map((id) => d.scene.connector(id)).find((found) => found !== undefined);
    expect(copy?.to).toEqual({ shape: null, at: [300, 125] });
    expect(partOf(d.scene, [one, wire]).connectors[0]?.to).toEqual({ at: [300, 25] });
    expect(copy?.from.shape).not.toBe(one);
  });

  it('is lossless for the whole, with keys that nobody knows', () => {
    d.edits.addShape({ ...box(0, 0), later: [1, { two: 3 }], text: 'x' }, 's1');
    d.edits.addConnector({ from: to('s1'), to: { shape: null, at: [9, 9] }, startText: '1', mystery: 'yes' }, 'c1');
    const file = wholeOf(d.scene, 'Payments');
    expect(file).toMatchObject({ canopy: 'diagram', version: 1, title: 'Payments' });
    expect(file.shapes[0]).toMatchObject({ id: 's1', text: 'x', later: [1, { two: 3 }] });
    expect(file.connectors[0]).toMatchObject({ id: 'c1', mystery: 'yes', startText: '1', text: '' });
  });

  it('takes nothing of what is not there', () => {
    expect(closure(d.scene, ['nobody'])).toEqual({ shapes: [], connectors: [] });
  });
});

describe('what shows', () => {
  it('follows a drag before it is written, with the connectors', () => {
    const [one, other] = [d.edits.addShape(box(0, 0)), d.edits.addShape(box(300, 0))];
    const wire = d.edits.addConnector({ from: to(one), to: to(other) });
    const heard: string[] = [];
    d.live.subscribe(wire, () => heard.push('wire'));
    d.live.subscribe(other, () => heard.push('other'));
    d.live.move('own', new Map([[one, { at: [0, 400] as const }]]));
    expect(d.live.shape(one)?.at).toEqual([0, 400]);
    expect(d.scene.shape(one)?.at).toEqual([0, 0]);
    expect(heard).toEqual(['wire']);
    expect(d.live.way(wire)?.start[0]).toEqual([50, 400]);
    d.live.move('own', null);
    expect(d.live.way(wire)?.start[0]).toEqual([100, 25]);
  });

  it('is what the document says as soon as what another dragged is written', () => {
    const id = d.edits.addShape(box(0, 0));
    d.live.move(7, new Map([[id, { at: [50, 0] as const }]]));
    expect(d.live.shape(id)?.at).toEqual([50, 0]);
    d.edits.place(new Map([[id, { at: [60, 0] as const }]]));
    expect(d.live.shape(id)?.at).toEqual([60, 0]);
  });
});
