/**
 * Edits of a diagram's document. Each is one transaction of this person's origin: one step of their undo, one intention in history.
 */
import * as Y from 'yjs';
import { ranksBetween } from '@/collab/rank';
import { add, boundsOf, boxOf, centreOf, inBox, round, roundPoint } from './geo';
import { isBehind } from './drawing';
import { wayOf, type Way } from './geometry';
import { connectorsOf, inOrder, mapOf, shapesOf, type ElementMap, type Scene } from './scene';
import { endsOf, type Connector, type ConnectorJson, type DiagramJson, type Element, type End, type EndJson, type Point, type Shape, type ShapeJson } from './schema';
import { ORIGIN } from './undo';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A new id: 12 random characters. */
export function freshId(random: (bytes: Uint8Array<ArrayBuffer>) => void = (bytes) => crypto.getRandomValues(bytes)): string {
  const bytes = new Uint8Array(12);
  random(bytes);
  return [...bytes].map((byte) => LETTERS[byte % LETTERS.length]).join('');
}

/** What is given as new values; `undefined` removes a key. */
export type Patch = Record<string, unknown>;

/** Plain values of a new element; its text is made with it. */
export type New = Patch & { text?: string };

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

function write(map: ElementMap, patch: Patch): void {
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) {
      if (map.has(key)) map.delete(key);
    } else if (!same(map.get(key), value)) map.set(key, value);
  }
}

function make({ text = '', ...values }: New): ElementMap {
  const map = new Y.Map<unknown>();
  for (const [key, value] of Object.entries(values)) if (value !== undefined && value !== null) map.set(key, value);
  map.set('text', new Y.Text(text));
  return map;
}

export class Edits {
  constructor(
    readonly doc: Y.Doc,
    readonly scene: Scene,
    readonly undo: Y.UndoManager,
  ) {}

  /** Everything that `run` changes is one step of undo. */
  step<T>(run: () => T): T {
    this.undo.stopCapturing();
    try {
      return this.doc.transact(run, ORIGIN);
    } finally {
      this.undo.stopCapturing();
    }
  }

  /** Ranks in front of everything (or behind it), ascending. */
  ranks(count: number, where: 'front' | 'back' = 'front'): string[] {
    const { order } = this.scene;
    const [first, last] = [order.find(({ rank }) => rank !== ''), order.at(-1)];
    const ranks = where === 'front' ? ranksBetween(last === undefined || last.rank === '' ? null : last.rank, null, count) : ranksBetween(null, first?.rank ?? null, count);
    // A rank that no other client made well: what is new stands in front all the same.
    return ranks ?? Array.from({ length: count }, (_, index) => `zz${String(index).padStart(6, '0')}V`);
  }

  addShape(values: New, id = freshId()): string {
    this.step(() => shapesOf(this.doc).set(id, make({ rank: this.ranks(1, isBehind(String(values.kind)) ? 'back' : 'front')[0], ...values })));
    return id;
  }

  addConnector(values: New & { from: End; to: End }, id = freshId()): string {
    this.step(() => connectorsOf(this.doc).set(id, make({ rank: this.ranks(1)[0], ...values, from: endJson(values.from), to: endJson(values.to) })));
    return id;
  }

  /** Gives each of `ids` what `patch` says for it. */
  patch(ids: Iterable<string>, patch: Patch | ((element: Element) => Patch)): void {
    this.step(() => {
      for (const id of ids) {
        const map = mapOf(this.doc, id);
        const element = this.scene.element(id);
        if (map !== null && element !== undefined) write(map, typeof patch === 'function' ? patch(element) : patch);
      }
    });
  }

  /** Deletes shapes with the connectors that hold on to them. What a deleted frame held and isn't deleted itself stays where it is. */
  remove(ids: Iterable<string>): void {
    this.step(() => {
      const [shapes, connectors] = [shapesOf(this.doc), connectorsOf(this.doc)];
      const doomed = new Set(ids);
      for (const id of doomed) {
        connectors.delete(id);
        if (!shapes.has(id)) continue;
        for (const connector of this.scene.attached(id)) connectors.delete(connector);
        if (this.scene.shape(id)?.kind === 'frame') for (const member of this.scene.members(id)) if (!doomed.has(member.id)) shapes.get(member.id)?.delete('frame');
        shapes.delete(id);
      }
    });
  }

  /**
   * Puts moved or resized shapes where they stand now, with what follows: free ends of connectors that go along, the frame that
   * shapes were dropped into or taken out of, and the last known places of ends.
   */
  place(places: ReadonlyMap<string, Partial<Pick<Shape, 'at' | 'size' | 'angle'>>>, connectors: ReadonlyMap<string, Partial<Pick<Connector, 'from' | 'to' | 'points'>>> = new Map(), reframe = true): void {
    this.step(() => {
      for (const [id, place] of places) {
        const map = shapesOf(this.doc).get(id);
        if (map === undefined) continue;
        const { at, size, angle } = place;
        write(map, { ...(at === undefined ? {} : { at: roundPoint(at) }), ...(size === undefined ? {} : { size: roundPoint(size) }), ...(angle === undefined ? {} : { angle: angle === 0 ? undefined : round(angle) }) });
      }
      for (const [id, { from, to, points }] of connectors) {
        const map = connectorsOf(this.doc).get(id);
        if (map !== undefined) write(map, { ...(from === undefined ? {} : { from: endJson(from) }), ...(to === undefined ? {} : { to: endJson(to) }), ...(points === undefined ? {} : { points: points.length === 0 ? undefined : points.map(roundPoint) }) });
      }
      if (!reframe) return;
      // The scene reads the document after the transaction; what was placed is known here.
      const now = (shape: Shape): Shape => ({ ...shape, ...places.get(shape.id) });
      for (const id of places.keys()) {
        const shape = this.scene.shape(id);
        const map = shapesOf(this.doc).get(id);
        if (shape === undefined || map === undefined || shape.kind === 'frame') continue;
        // Its frame moved along: nothing changed between them.
        if (shape.frame !== null && places.has(shape.frame)) continue;
        write(map, { frame: frameAt(this.scene, centreOf(now(shape)), now) });
      }
    });
  }

  /** Order front to back of `ids`, among each other as before. */
  order(ids: Iterable<string>, to: 'front' | 'back' | 'forward' | 'backward'): void {
    const chosen = new Set(ids);
    const moved = this.scene.order.filter(({ id }) => chosen.has(id));
    const rest = this.scene.order.filter(({ id }) => !chosen.has(id));
    if (moved.length === 0) return;
    let at = to === 'front' ? rest.length : 0;
    if (to === 'forward' || to === 'backward') {
      // Past the next one that it overlaps: past others nothing would be seen to change.
      const overlapping = rest.map((one, index) => ({ one, index })).filter(({ one }) => one.type === 'shape' && moved.some((mine) => mine.type === 'shape' && touch(mine, one)));
      const edge = to === 'forward' ? (moved.at(-1) as Element) : (moved[0] as Element);
      const next = to === 'forward' ? overlapping.find(({ one }) => inOrder(one, edge) > 0) : overlapping.findLast(({ one }) => inOrder(one, edge) < 0);
      if (next === undefined) return;
      at = to === 'forward' ? next.index + 1 : next.index;
    }
    const ranks = ranksBetween(rest[at - 1]?.rank || null, rest[at]?.rank || null, moved.length);
    // Between two with one rank there is no room: all get new ones.
    const all = ranks === null ? ranksBetween(null, null, rest.length + moved.length) : null;
    this.step(() => {
      if (all !== null) rest.toSpliced(at, 0, ...moved).forEach(({ id }, index) => write(mapOf(this.doc, id) as ElementMap, { rank: all[index] }));
      else moved.forEach(({ id }, index) => write(mapOf(this.doc, id) as ElementMap, { rank: ranks?.[index] }));
    });
  }

  group(ids: Iterable<string>): void {
    const group = freshId();
    this.patch(ids, ({ groups }) => ({ groups: [...groups, group] }));
  }

  /** Takes the outermost group away. */
  ungroup(ids: Iterable<string>): void {
    this.patch(ids, ({ groups }) => ({ groups: groups.length <= 1 ? undefined : groups.slice(0, -1) }));
  }

  /** Puts a diagram's elements in under new ids, in front, moved by `by`. Gives them. */
  insert({ shapes, connectors }: Pick<DiagramJson, 'shapes' | 'connectors'>, by: Point = [0, 0]): string[] {
    const ids = new Map<string, string>();
    const groups = new Map<string, string>();
    for (const { id } of [...shapes, ...connectors]) ids.set(id, freshId());
    const grouped = (list: readonly string[] | undefined) => list?.map((one) => groups.get(one) ?? groups.set(one, freshId()).get(one));
    const moved = (point: Point): Point => roundPoint(add(point, by));
    const end = (value: EndJson): EndJson => {
      const at = value.at === undefined ? {} : { at: moved(value.at) };
      if (!('shape' in value)) return { ...value, ...at };
      return { ...value, shape: ids.get(value.shape) as string, ...at };
    };
    const added: string[] = [];
    const frames = this.scene.order.filter((one): one is Shape => one.type === 'shape' && one.kind === 'frame').toReversed();
    // What stands in no frame that comes along stands in the one that it is put into.
    const within = (kind: string, [x, y]: Point, [w, h]: Point): string | undefined => (kind === 'frame' ? undefined : frames.find((frame) => inBox([x + w / 2, y + h / 2], boxOf(frame)))?.id);
    this.step(() => {
      const all = [
        ...shapes.map((one) => ({ one, root: shapesOf(this.doc), place: { at: moved(one.at), frame: ids.get(one.frame ?? '') ?? within(one.kind, moved(one.at), one.size) } })),
        ...connectors.map((one) => ({ one, root: connectorsOf(this.doc), place: { from: end(one.from), to: end(one.to), points: one.points?.map(moved) } })),
      ].sort((a, b) => inOrder(a.one, b.one));
      const ranks = this.ranks(all.length);
      all.forEach(({ one: { id, ...values }, root, place }, index) => {
        const fresh = ids.get(id) as string;
          root.set(fresh, make({ ...values, ...place, groups: grouped(values.groups), rank: ranks[index] }));
        added.push(fresh);
      });
    });
    return added;
  }
}

function touch(a: Shape, b: Shape): boolean {
  const [p, q] = [boundsOf(a), boundsOf(b)];
  return p.x < q.x + q.w && q.x < p.x + p.w && p.y < q.y + q.h && q.y < p.y + p.h;
}

/** An end as it is stored. */
export function endJson(end: End): EndJson {
  if (end.shape === null) return { at: roundPoint(end.at) };
  return { shape: end.shape, side: end.side, ...(end.along === undefined ? {} : { along: end.along }), ...(end.at === null ? {} : { at: roundPoint(end.at) }) };
}

/** The frame in front that a point lies in. */
export function frameAt(scene: Scene, point: Point, now: (shape: Shape) => Shape = (shape) => shape): string | undefined {
  for (const one of scene.order.toReversed()) {
    if (one.type !== 'shape' || one.kind !== 'frame') continue;
    const { at: [x, y], size: [w, h] } = now(one);
    if (inBox(point, { x, y, w, h })) return one.id;
  }
  return undefined;
}

/** An element as it stands in a file. */
const elementJson = <E extends Element>({ id, values, text }: E) => ({ ...values, id, text }) as unknown as E extends Shape ? ShapeJson : ConnectorJson;

/** `ids` and what goes with them: the members of frames, and the connectors between shapes that go. */
export function closure(scene: Scene, ids: Iterable<string>): { shapes: Shape[]; connectors: Connector[] } {
  const chosen = new Set(ids);
  for (const id of [...chosen]) if (scene.shape(id)?.kind === 'frame') for (const member of scene.members(id)) chosen.add(member.id);
  const shapes: Shape[] = [];
  const connectors: Connector[] = [];
  for (const one of scene.order) {
    if (one.type === 'shape') {
      if (chosen.has(one.id)) shapes.push(one);
    } else if (chosen.has(one.id) || (endsOf(one).length === 2 && endsOf(one).every((end) => chosen.has(end)))) connectors.push(one);
  }
  return { shapes, connectors };
}

/** A part of a diagram as a file. An end whose shape is not taken along is free, where it stands. */
export function partOf(scene: Scene, ids: Iterable<string>, title = ''): DiagramJson {
  const { shapes, connectors } = closure(scene, ids);
  const taken = new Set(shapes.map(({ id }) => id));
  const written = (connector: Connector): ConnectorJson => {
    const json = elementJson(connector);
    if (endsOf(connector).every((shape) => taken.has(shape))) return json;
    const way = wayOf(connector, (id) => scene.shape(id)) as Way;
    const end = ({ shape }: End, at: Point, is: EndJson): EndJson => (shape === null || taken.has(shape) ? is : { at: roundPoint(at) });
    return { ...json, from: end(connector.from, way.start[0], json.from), to: end(connector.to, way.end[0], json.to) };
  };
  return { canopy: 'diagram', version: 1, title, shapes: shapes.map(elementJson), connectors: connectors.map(written) };
}

/** The diagram as a file. */
export function wholeOf(scene: Scene, title: string): DiagramJson {
  return partOf(scene, scene.order.map(({ id }) => id), title);
}
