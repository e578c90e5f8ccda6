/** Two people and their undo: each takes back their own, whatever the other has done meanwhile. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { Room } from '@/collab/room';
import { Editor } from './editor';
import { partOf } from './edits';
import { connectorsOf, textOf } from './scene';
import type { End, Point } from './schema';
import { ORIGIN } from './undo';

interface Person {
  doc: Y.Doc;
  editor: Editor;
}

function person(): Person {
  const doc = new Y.Doc();
  return { doc, editor: new Editor({ id: 'diagram', doc, awareness: new Awareness(doc) } as unknown as Room, 'project', true) };
}

let a: Person;
let b: Person;
beforeEach(() => {
  [a, b] = [person(), person()];
});
afterEach(() => {
  for (const { editor, doc } of [a, b]) {
    editor.destroy();
    doc.destroy();
  }
});

const send = (from: Person, to: Person) => Y.applyUpdate(to.doc, Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc)), 'remote');

/** Both hear of all that the other did; then both see the same, and nothing hangs. */
function meet(): void {
  // What goes out at once doesn't know of what comes in.
  const [fromA, fromB] = [Y.encodeStateAsUpdate(a.doc, Y.encodeStateVector(b.doc)), Y.encodeStateAsUpdate(b.doc, Y.encodeStateVector(a.doc))];
  Y.applyUpdate(b.doc, fromA, 'remote');
  Y.applyUpdate(a.doc, fromB, 'remote');
  expect(a.editor.scene.order).toEqual(b.editor.scene.order);
  for (const { editor: { scene } } of [a, b]) {
    for (const one of scene.order) {
      if (one.type !== 'connector') continue;
      for (const { shape } of [one.from, one.to]) expect(shape === null || scene.shapes.has(shape)).toBe(true);
    }
  }
}

const box = ({ editor }: Person, x = 0, y = 0, more = {}) => editor.add('rectangle', { at: [x, y], size: [100, 50], ...more });
const wire = ({ editor }: Person, from: string, to: string) => editor.connect({ shape: from, side: 'auto', at: null } as End, { shape: to, side: 'auto', at: null } as End);
const move = ({ editor }: Person, id: string, at: Point) => editor.edits.place(new Map([[id, { at }]]));
const style = ({ editor }: Person, id: string, patch: Record<string, unknown>) => {
  editor.select([id]);
  editor.style(patch);
};
const remove = ({ editor }: Person, ...ids: string[]) => {
  editor.select(ids);
  editor.remove();
};
const type = ({ doc, editor }: Person, id: string, at: number, text: string) => {
  editor.undo.stopCapturing();
  for (const [index, letter] of [...text].entries()) doc.transact(() => textOf(doc, id)?.insert(at + index, letter), ORIGIN);
  editor.undo.stopCapturing();
};
const undo = ({ editor }: Person) => editor.undo.undo();
const redo = ({ editor }: Person) => editor.undo.redo();
const shape = ({ editor }: Person, id: string) => editor.scene.shape(id);

describe('one takes back their own', () => {
  it('move, and what the other did to its look stays', () => {
    const id = box(a);
    meet();
    move(a, id, [300, 0]);
    meet();
    style(b, id, { fill: 'red' });
    meet();
    undo(a);
    meet();
    expect(shape(b, id)).toMatchObject({ at: [0, 0], style: { fill: 'red' } });
    redo(a);
    meet();
    expect(shape(b, id)).toMatchObject({ at: [300, 0], style: { fill: 'red' } });
    undo(b);
    meet();
    expect(shape(a, id)).toMatchObject({ at: [300, 0], style: { fill: 'default' } });
  });

  it('move, unless the other has moved it since: then it stays there', () => {
    const id = box(a);
    meet();
    move(a, id, [300, 0]);
    meet();
    move(b, id, [0, 700]);
    meet();
    style(a, id, { fill: 'blue' });
    undo(a);
    undo(a);
    meet();
    // The move is not theirs to take back any more; before it came the drawing.
    expect(shape(a, id)).toBeUndefined();
    redo(a);
    meet();
    expect(shape(b, id)).toMatchObject({ at: [0, 700] });
  });

  it('letters in a text that both write, and the other’s stay where they are', () => {
    const id = box(a, 0, 0, { text: 'Pay' });
    meet();
    type(a, id, 3, ' by card');
    type(b, id, 0, 'Please: ');
    meet();
    type(b, id, 'Please: Pay by'.length, ' any');
    meet();
    expect(shape(a, id)?.text).toBe('Please: Pay by any card');
    undo(a);
    meet();
    expect(shape(b, id)?.text).toBe('Please: Pay any');
    redo(a);
    meet();
    expect(shape(b, id)?.text).toBe('Please: Pay by any card');
    undo(b);
    undo(b);
    meet();
    expect(shape(a, id)?.text).toBe('Pay by card');
  });

  it('pasting, of which the other has deleted a part meanwhile', () => {
    const [one, other] = [box(a), box(a, 300)];
    const connector = wire(a, one, other);
    const added = a.editor.insert(partOf(a.editor.scene, [one, other, connector]), [900, 900]);
    meet();
    const [first] = added.filter((id) => shape(b, id) !== undefined);
    remove(b, first as string);
    meet();
    undo(a);
    meet();
    expect(a.editor.scene.order.map(({ id }) => id).sort()).toEqual([one, other, connector].sort());
    redo(a);
    meet();
    // What the other deleted stays deleted, and the connector with it.
    expect(added.filter((id) => b.editor.scene.element(id) !== undefined)).toHaveLength(1);
    expect(shape(b, first as string)).toBeUndefined();
  });

  it('a group, and where the other has put it further in or out it stays', () => {
    const ids = [box(a), box(a, 200)];
    meet();
    a.editor.select(ids);
    a.editor.group();
    meet();
    b.editor.select([ids[0] as string]);
    b.editor.ungroup();
    meet();
    undo(a);
    meet();
    for (const id of ids) expect(shape(b, id)?.groups).toEqual([]);
    undo(b);
    meet();
    expect(shape(a, ids[1] as string)?.groups).toEqual([]);
  });
});

describe('a shape that one deletes', () => {
  it('comes back with what the other was writing in it, who goes on there', () => {
    const id = box(a, 0, 0, { text: 'Pay' });
    meet();
    type(a, id, 3, '!');
    type(b, id, 3, ' by card');
    meet();
    const text = shape(a, id)?.text;
    b.editor.write(id);
    remove(a, id);
    send(a, b);
    expect(b.editor.state.editing).toBeNull();
    undo(a);
    meet();
    expect(shape(b, id)?.text).toBe(text);
    type(b, id, 0, 'Now: ');
    meet();
    expect(shape(a, id)?.text).toBe(`Now: ${text}`);
    undo(b);
    meet();
    expect(shape(a, id)?.text).toBe(text);
  });

  it('comes back with what the other wrote and did to it before hearing of that', () => {
    const id = box(a, 0, 0, { text: 'Pay' });
    meet();
    remove(a, id);
    type(b, id, 3, ' by card');
    type(b, id, 0, 'Please: ');
    style(b, id, { fill: 'red', strokeWidth: 4 });
    move(b, id, [10, 500]);
    move(b, id, [10, 600]);
    meet();
    expect(shape(b, id)).toBeUndefined();
    undo(a);
    meet();
    expect(shape(b, id)).toMatchObject({ text: 'Please: Pay by card', at: [10, 600], style: { fill: 'red', strokeWidth: 4 } });
    redo(a);
    meet();
    expect(shape(b, id)).toBeUndefined();
    undo(a);
    meet();
    expect(shape(a, id)).toMatchObject({ text: 'Please: Pay by card', at: [10, 600] });
  });

  it('comes back when the other’s letters arrive one by one, and while some come late again', () => {
    const id = box(a, 0, 0, { text: 'ab' });
    meet();
    remove(a, id);
    const updates: Uint8Array[] = [];
    b.doc.on('update', (update: Uint8Array, origin: unknown) => origin === ORIGIN && updates.push(update));
    type(b, id, 1, 'xyz');
    for (const update of updates) Y.applyUpdate(a.doc, update, 'remote');
    undo(a);
    expect(shape(a, id)?.text).toBe('axyzb');
    meet();
    expect(shape(b, id)?.text).toBe('axyzb');
  });

  it('comes back with the connectors that went with it, the other’s and those drawn meanwhile', () => {
    const [one, other] = [box(a), box(a, 300)];
    meet();
    const his = wire(b, one, other);
    meet();
    remove(a, one);
    const late = wire(b, other, one);
    meet();
    expect(b.editor.scene.order.map(({ id }) => id)).toEqual([other]);
    undo(a);
    meet();
    for (const id of [his, late]) expect(b.editor.scene.connector(id)).toBeDefined();
  });

  it('came back, and is deleted by the other: then the next step is one that can be seen', () => {
    const [first, id] = [box(a), box(a, 300, 0, { text: 'Pay' })];
    meet();
    move(a, first, [0, 900]);
    style(a, id, { fill: 'red' });
    type(a, id, 3, ' now');
    remove(a, id);
    undo(a);
    meet();
    remove(b, id);
    meet();
    undo(a);
    expect(shape(a, id)).toBeUndefined();
    expect(shape(a, first)?.at).toEqual([0, 0]);
    redo(a);
    expect(shape(a, first)?.at).toEqual([0, 900]);
    meet();
    undo(b);
    meet();
    expect(shape(a, id)).toMatchObject({ text: 'Pay now', at: [300, 0], style: { fill: 'red' } });
  });

  it('came back, and is gone again by the other: no step of what was done in it fails', () => {
    const id = box(a, 0, 0, { text: 'Pay' });
    meet();
    move(a, id, [300, 300]);
    type(a, id, 3, '!');
    remove(a, id);
    undo(a);
    meet();
    remove(b, id);
    meet();
    for (let times = 0; times < 4; times += 1) undo(a);
    for (let times = 0; times < 4; times += 1) redo(a);
    meet();
    expect(shape(b, id)).toBeUndefined();
  });

  it('was brought back by the other before: an older deletion does not bring back what it was then', () => {
    const id = box(b, 0, 0, { text: 'Pay' });
    const first = box(a, 300);
    meet();
    move(a, first, [300, 300]);
    remove(a, id);
    remove(b, id);
    meet();
    undo(b);
    meet();
    remove(a, id);
    undo(a);
    meet();
    style(b, id, { fill: 'red' });
    meet();
    undo(a);
    meet();
    expect(shape(a, id)?.style.fill).toBe('red');
    expect(shape(a, first)?.at).toEqual([300, 0]);
  });

  it('comes back once when both have deleted it', () => {
    const id = box(a, 0, 0, { text: 'Pay' });
    meet();
    remove(a, id);
    remove(b, id);
    meet();
    undo(a);
    meet();
    expect(shape(b, id)?.text).toBe('Pay');
    type(a, id, 3, ' now');
    meet();
    undo(b);
    meet();
    expect(shape(a, id)?.text).toBe('Pay now');
  });

  it('comes back once when both take it back at once', () => {
    const id = box(a, 0, 0, { text: 'Pay' });
    meet();
    remove(a, id);
    remove(b, id);
    meet();
    undo(a);
    undo(b);
    meet();
    expect(a.editor.scene.order).toHaveLength(1);
    expect(shape(b, id)).toMatchObject({ text: 'Pay', at: [0, 0] });
  });

  it('that was a frame comes back with what it held', () => {
    const frame = a.editor.add('frame', { at: [0, 0], size: [400, 300] });
    const held = box(a, 10, 10);
    meet();
    remove(a, frame);
    meet();
    expect(shape(b, held)).toBeUndefined();
    undo(a);
    meet();
    expect(shape(b, held)?.frame).toBe(frame);
  });

  it('that was a frame around others holds them again, but for what the other has taken elsewhere', () => {
    const frame = a.editor.add('frame', { at: [0, 0], size: [400, 300] });
    const [stays, goes] = [box(a, 10, 10), box(a, 200, 10)];
    const elsewhere = a.editor.add('frame', { at: [1000, 0], size: [400, 300] });
    meet();
    expect(shape(b, stays)?.frame).toBe(frame);
    a.editor.select([frame]);
    a.editor.unframe();
    meet();
    move(b, goes, [1100, 50]);
    meet();
    undo(a);
    meet();
    expect(shape(b, stays)?.frame).toBe(frame);
    expect(shape(b, goes)).toMatchObject({ frame: elsewhere, at: [1100, 50] });
  });
});

describe('a drawing that one takes back', () => {
  it('takes no connector of the other along to nowhere, and both are back when it is redone', () => {
    const other = box(b, 300);
    meet();
    const id = box(a);
    meet();
    const connector = wire(b, id, other);
    meet();
    undo(a);
    meet();
    expect(b.editor.scene.order.map((one) => one.id)).toEqual([other]);
    expect(b.editor.live.way(connector)).toBeNull();
    redo(a);
    meet();
    expect(a.editor.scene.connector(connector)).toMatchObject({ from: { shape: id }, to: { shape: other } });
    expect(b.editor.live.way(connector)).not.toBeNull();
    undo(b);
    meet();
    expect(connectorsOf(a.doc).size).toBe(0);
  });

  it('leaves no connector that is drawn before one hears of it', () => {
    const other = box(b, 300);
    const id = box(a);
    meet();
    undo(a);
    const connector = wire(b, id, other);
    meet();
    expect(a.editor.scene.element(connector)).toBeUndefined();
    redo(a);
    meet();
    expect(b.editor.scene.connector(connector)).toBeDefined();
    // Deleted with its shape it is gone for good, also from the document.
    remove(b, id);
    meet();
    expect(connectorsOf(a.doc).size).toBe(0);
  });

  it('comes back as the other has changed it, also of late', () => {
    const id = box(a, 0, 0, { text: 'Pay' });
    meet();
    style(b, id, { fill: 'green' });
    type(b, id, 3, ' later');
    meet();
    undo(a);
    move(b, id, [0, 400]);
    type(b, id, 0, 'Please: ');
    meet();
    expect(shape(b, id)).toBeUndefined();
    redo(a);
    meet();
    expect(shape(b, id)).toMatchObject({ text: 'Please: Pay later', at: [0, 400], style: { fill: 'green' } });
  });
});
