// Somebody who draws: the client's own editor, gestures and text fields, moved by dice in place of a hand.
import assert from 'node:assert/strict';
import * as Y from 'yjs';

const KINDS = [
  'rectangle', 'rounded', 'ellipse', 'diamond', 'cylinder', 'sticky', 'text', 'frame', 'terminator', 'parallelogram', 'hexagon', 'document', 'subroutine', 'triangle',
  'cloud', 'person', 'system', 'container', 'component', 'boundary', 'entity', 'class', 'actor', 'note',
];
const WORDS = ['Pay', ' now', 'é', '漢字', '😀', '\n', '---\n', ' & <b>', 'x', ' and then '];
const COLOURS = ['default', 'gray', 'red', 'orange', 'yellow', 'green', 'blue', 'purple', 'none', '#12ab9f'];
const HEADS = ['none', 'arrow', 'triangle', 'diamond_open', 'circle', 'cross', 'one', 'zero_many'];
/** How many elements a page has before people rather clear up. */
const CROWDED = 150;

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** The modules of the client that an artist works with. */
export async function tools({ load, window }) {
  // The words of diagrams come with their screen.
  await load('texts/en/diagram.ts');
  const [editor, gestures, edits, undo, scene, binding, exchange, json] = await Promise.all(
    ['canvas/editor.ts', 'canvas/gestures.ts', 'canvas/edits.ts', 'canvas/undo.ts', 'canvas/scene.ts', 'editor/textBinding.ts', 'canvas/exchange.ts', 'canvas/formats/json.ts'].map(load),
  );
  return { ...editor, ...gestures, ...edits, ...undo, ...scene, ...binding, arrange: exchange.arrange, readJson: json.readJson, window };
}

export class Artist {
  /** How often each act was done. */
  did = {};

  /** `shared`: what all have at hand, a clipboard, items and files. `next`: their dice. */
  constructor(name, client, project, tools, shared, next) {
    this.name = name;
    this.client = client;
    this.tools = tools;
    this.shared = shared;
    this.next = next;
    [this.doc] = client.docs.values();
    const [{ awareness }] = client.providers;
    awareness.setLocalStateField('user', { id: name, name, color: '#336699' });
    this.editor = new tools.Editor({ id: [...client.docs.keys()][0], doc: this.doc, awareness }, project, true);
    this.editor.view.setState({ x: 0, y: 0, zoom: 1, w: 1600, h: 1000 });
    this.#watch();
  }

  end() {
    this.editor.destroy();
    this.client.end();
  }

  // --- Dice

  chance = (share) => this.next() < share;
  pick = (list) => list[Math.floor(this.next() * list.length)];
  within = (from, to) => Math.round(from + this.next() * (to - from));
  point = () => [this.within(0, 1600), this.within(0, 1000)];
  keys = () => ({ shift: this.chance(0.1), alt: false, mod: this.chance(0.3) });

  // --- What changed by this person's own hand, to judge what undo may touch

  /** `id` where an element came or went, `id key` where one of its values did. */
  own = new Set();
  /** Letters of others that an undo took out of a text that is still there. */
  #foreign = [];

  #watch() {
    const roots = [this.tools.shapesOf(this.doc), this.tools.connectorsOf(this.doc)];
    this.doc.on('afterTransaction', (tr) => {
      const { ORIGIN } = this.tools;
      if (tr.origin !== ORIGIN && tr.origin !== this.editor?.undo) return;
      for (const [type, keys] of tr.changed) {
        if (roots.includes(type)) {
          for (const id of keys) {
            this.own.add(id);
            for (const key of type.get(id)?.keys() ?? []) this.own.add(`${id} ${key}`);
          }
        } else if (type instanceof Y.Map) for (const key of keys) this.own.add(`${type._item.parentSub} ${key}`);
        else if (type instanceof Y.Text) this.own.add(`${type.parent._item.parentSub} text`);
      }
      if (tr.origin === ORIGIN) return;
      Y.iterateDeletedStructs(tr, tr.deleteSet, (item) => {
        if (item.parent instanceof Y.Text && item.parent._item?.deleted === false && item.id.client !== this.doc.clientID) this.#foreign.push(`${item.parent.parent._item.parentSub} "${item.content.str}"`);
      });
    });
  }

  /** Undoes or redoes one step, which must touch nothing that this person hasn't touched. */
  back(how) {
    const { doc, editor } = this;
    const read = () => ({ ...doc.getMap('shapes').toJSON(), ...doc.getMap('connectors').toJSON() });
    const before = read();
    this.#foreign.length = 0;
    const own = new Set(this.own);
    editor.undo[how]();
    const after = read();
    assert.deepEqual(this.#foreign, [], `${this.name}'s ${how} takes letters of others`);
    for (const id of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const [was, is] = [before[id], after[id]];
      if (was === undefined || is === undefined) {
        assert.ok(own.has(id), `${this.name}'s ${how} makes ${id} ${is === undefined ? 'go' : 'come'}, which is not theirs`);
        continue;
      }
      for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
        if (JSON.stringify(was[key]) !== JSON.stringify(is[key])) assert.ok(own.has(`${id} ${key}`), `${this.name}'s ${how} changes ${key} of ${id} from ${JSON.stringify(was[key])} to ${JSON.stringify(is[key])}, which is not theirs`);
      }
    }
  }

  // --- Acts

  /** Does something, as a hand would: what is dragged goes on for a while, and others may take it away meanwhile. */
  async act() {
    const { scene } = this.editor;
    const { size } = scene.shapes;
    const possible = ACTS.filter(([, , least]) => size >= least);
    const weight = ([name, share]) => (scene.order.length > CROWDED && name === 'remove' ? share * 8 : share);
    let at = this.next() * possible.reduce((sum, act) => sum + weight(act), 0);
    const [name, , , run] = possible.find((act) => (at -= weight(act)) < 0) ?? possible[0];
    await run.call(this);
    this.did[name] = (this.did[name] ?? 0) + 1;
  }

  /** Chooses one thing, or all that a rectangle holds. */
  async choose(least = 1) {
    const { editor, tools } = this;
    if (least > 1 || this.chance(0.2)) {
      const [x, y] = this.point();
      await this.drag(tools.marquee(editor, [x, y], false), [x + this.within(200, 700), y + this.within(200, 500)]);
      if (editor.state.selection.size >= least) return;
    }
    const ids = editor.scene.order.map(({ id }) => id);
    editor.select(Array.from({ length: least }, () => this.pick(ids)).flatMap((id) => editor.whole(id)));
  }

  /** Pulls a gesture to a point. */
  async drag(gesture, to, from = null) {
    if (gesture === null) return;
    const keys = this.keys();
    const steps = this.within(2, 6);
    const [x, y] = from ?? [to[0] - 60, to[1] - 40];
    for (let n = 1; n <= steps; n += 1) {
      gesture.move([x + ((to[0] - x) * n) / steps, y + ((to[1] - y) * n) / steps], keys, this.next());
      await pause(16);
    }
    if (this.chance(0.05)) gesture.cancel();
    else gesture.end(true, keys);
  }

  async draw() {
    const { editor, tools } = this;
    const kind = this.pick(KINDS);
    const [x, y] = this.point();
    const size = kind === 'frame' ? 400 : 150;
    await this.drag(tools.drawing(editor, kind, [x, y], this.chance(0.3)), [x + this.within(10, size), y + this.within(10, size)], [x, y]);
    const { editing } = editor.state;
    if (editing !== null) await this.write(editing);
  }

  /** Types into the text of an element, by the field that stands there. */
  async write(id, words = Array.from({ length: this.within(1, 4) }, () => this.pick(WORDS)).join('')) {
    const { editor, tools, doc } = this;
    editor.write(id);
    let binding = null;
    const area = tools.window.document.createElement('textarea');
    let caret = 0;
    for (const letter of words) {
      // What is gone is not written any more; where it came back, its text is another.
      const text = editor.state.editing === id ? tools.textOf(doc, id) : null;
      if (text === null) break;
      if (binding?.text !== text) {
        binding?.destroy();
        binding = new tools.TextBinding(area, text, { origin: tools.ORIGIN, multiline: true });
        // A caret stands between letters, never in one.
        caret = [...area.value].slice(0, this.within(0, [...area.value].length)).join('').length;
      } else caret = area.selectionStart;
      const before = [...area.value.slice(0, caret)];
      if (this.chance(0.12)) before.pop();
      else before.push(letter);
      area.value = before.join('') + area.value.slice(caret);
      caret = before.join('').length;
      area.setSelectionRange(caret, caret);
      area.dispatchEvent(new tools.window.Event('input'));
      if (this.chance(0.03)) this.back('undo');
      await pause(this.within(5, 40));
    }
    binding?.destroy();
    editor.written();
  }

  /** A shape that everybody likes to write in, or any. */
  written() {
    const { scene } = this.editor;
    const ids = [...scene.shapes.values()].filter(({ kind }) => !['draw', 'image', 'card'].includes(kind)).map(({ id }) => id).sort();
    if (this.chance(0.5) && ids.length > 0) return this.write(ids[0]);
    const one = this.pick(scene.order);
    return one.kind === 'card' ? undefined : this.write(one.id);
  }

  somewhere() {
    const shape = this.chance(0.75) ? this.pick([...this.editor.scene.shapes.values()]) : undefined;
    return shape === undefined ? this.point() : [shape.at[0] + shape.size[0] / 2, shape.at[1] + shape.size[1] / 2];
  }
}

const connectors = ({ scene }) => scene.order.filter(({ type }) => type === 'connector');
const look = (artist) => {
  const { pick, within, next } = artist;
  return pick([
    { fill: pick(COLOURS) },
    { stroke: pick(COLOURS), strokeWidth: pick([1, 2, 4]) },
    { color: pick(COLOURS), fontSize: within(10, 40), bold: pick([true, undefined]) },
    { opacity: Math.round(next() * 10) / 10, strokeStyle: pick(['solid', 'dashed', 'dotted']) },
    { align: pick(['left', 'center', 'right']), valign: pick(['top', 'middle', 'bottom']) },
    { link: pick(['https://example.com/a?b=c', undefined]) },
    { route: pick(['straight', 'orthogonal', 'curved']), start: pick(HEADS), end: pick(HEADS), startText: pick(['1', undefined]), endText: pick(['0..n', undefined]) },
  ]);
};

/** What is done, how often, with how many shapes there at least, and how. */
const ACTS = [
  ['draw', 16, 0, Artist.prototype.draw],
  ['write', 14, 1, Artist.prototype.written],
  ['pen', 4, 0, async function pen() {
    const from = this.point();
    await this.drag(this.tools.penning(this.editor, from, this.next()), [from[0] + this.within(-200, 200), from[1] + this.within(-200, 200)], from);
  }],
  ['connect', 12, 2, async function connect() {
    const { editor, tools } = this;
    const from = this.somewhere();
    const to = this.somewhere();
    await this.drag(tools.wiring(editor, tools.endAt(editor, from), { route: this.pick(['straight', 'orthogonal', 'curved']) }, from, null), to, from);
  }],
  ['rewire', 5, 2, async function rewire() {
    const one = this.pick(connectors(this.editor));
    if (one !== undefined) await this.drag(this.tools.rewiring(this.editor, one.id, this.pick(['from', 'to'])), this.somewhere());
  }],
  ['bend', 3, 2, async function bend() {
    const one = this.pick(connectors(this.editor));
    if (one === undefined) return;
    const fresh = one.points.length === 0 || this.chance(0.6);
    await this.drag(this.tools.bending(this.editor, one.id, this.within(0, Math.max(0, one.points.length - (fresh ? 0 : 1))), fresh), this.point());
  }],
  ['move', 14, 1, async function move() {
    await this.choose();
    const from = this.point();
    await this.drag(this.tools.moving(this.editor, from, this.chance(0.08)), [from[0] + this.within(-300, 300), from[1] + this.within(-200, 200)], from);
  }],
  ['resize', 6, 1, async function resize() {
    await this.choose();
    const from = this.point();
    await this.drag(this.tools.resizing(this.editor, this.pick(['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw']), from), [from[0] + this.within(-80, 120), from[1] + this.within(-80, 120)], from);
  }],
  ['rotate', 3, 1, async function rotate() {
    await this.choose();
    await this.drag(this.tools.rotating(this.editor), this.point());
  }],
  ['style', 8, 1, async function style() {
    await this.choose();
    this.editor.style(look(this));
  }],
  ['nudge', 3, 1, async function nudge() {
    await this.choose();
    this.editor.nudge(this.pick([-10, -1, 1, 10]), this.pick([0, 10]));
  }],
  ['align', 3, 3, async function align() {
    await this.choose(3);
    if (this.chance(0.5)) this.editor.align(this.pick(['left', 'centre', 'right', 'top', 'middle', 'bottom']));
    else this.editor.distribute(this.pick(['x', 'y']));
  }],
  ['arrange', 0.4, 4, async function arrange() {
    await this.choose(4);
    this.tools.arrange(this.editor, { kind: this.pick(['layered', 'tree']), direction: this.pick(['down', 'right']) });
  }],
  ['lock', 2, 1, async function lock() {
    await this.choose();
    this.editor.lock();
  }],
  ['group', 4, 2, async function group() {
    await this.choose(2);
    if (this.chance(0.6)) this.editor.group();
    else this.editor.ungroup();
  }],
  ['order', 5, 2, async function order() {
    await this.choose();
    this.editor.edits.order(this.editor.state.selection, this.pick(['front', 'back', 'forward', 'backward']));
  }],
  ['copy', 4, 1, async function copy() {
    await this.choose();
    this.shared.clipboard = JSON.stringify(this.tools.partOf(this.editor.scene, this.editor.state.selection));
  }],
  ['paste', 4, 0, function paste() {
    const read = this.shared.clipboard === '' ? null : this.tools.readJson(this.shared.clipboard).diagram;
    if (read !== null && read.shapes.length + read.connectors.length < 12) this.editor.insert(read, this.point());
  }],
  ['duplicate', 3, 1, async function duplicate() {
    await this.choose();
    if (this.editor.state.selection.size < 8) this.editor.duplicate();
  }],
  ['card', 2, 0, function card() {
    this.editor.addAt('card', this.point(), { item: this.pick(this.shared.items) });
  }],
  ['image', 1, 0, function image() {
    this.editor.addAt('image', this.point(), { file: this.pick(this.shared.files), alt: 'A dot', size: [60, 40] });
  }],
  ['remove', 9, 4, async function remove() {
    await this.choose();
    if (this.editor.state.selection.size < 12 || this.editor.scene.order.length > CROWDED) this.editor.remove();
  }],
  ['remove a frame', 1.5, 4, function removeFrame() {
    const frame = this.pick([...this.editor.scene.shapes.values()].filter(({ kind }) => kind === 'frame'));
    if (frame === undefined) return;
    this.editor.select([frame.id]);
    this.editor.remove();
  }],
  ['undo', 12, 0, async function undo() {
    for (let times = this.within(1, 3); times > 0; times -= 1) {
      this.back('undo');
      await pause(20);
    }
  }],
  ['redo', 6, 0, function redo() {
    this.back('redo');
  }],
];
