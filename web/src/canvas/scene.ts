/** A diagram's document as plain values, kept up to date: a change reads again only what it touched. */
import * as Y from 'yjs';
import { compareRanks } from '@/collab/rank';
import { connectorFrom, endsOf, shapeFrom, type Connector, type Element, type Shape } from './schema';

export type ElementMap = Y.Map<unknown>;

export const shapesOf = (doc: Y.Doc): Y.Map<ElementMap> => doc.getMap('shapes');
export const connectorsOf = (doc: Y.Doc): Y.Map<ElementMap> => doc.getMap('connectors');

/** The map of a shape or connector. */
export function mapOf(doc: Y.Doc, id: string): ElementMap | null {
  const map = shapesOf(doc).get(id) ?? connectorsOf(doc).get(id);
  return map instanceof Y.Map ? map : null;
}

/** The text of a shape or connector. Who made it made its text: nobody else ever does. */
export function textOf(doc: Y.Doc, id: string): Y.Text | null {
  const text = mapOf(doc, id)?.get('text');
  return text instanceof Y.Text ? text : null;
}

function plain(map: ElementMap): { values: Record<string, unknown>; text: string } {
  const values: Record<string, unknown> = {};
  let text = '';
  for (const [key, value] of map.entries()) {
    if (key === 'text') text = value instanceof Y.Text ? value.toString() : typeof value === 'string' ? value : '';
    else if (!(value instanceof Y.AbstractType) && value !== null && value !== undefined) values[key] = value;
  }
  return { values, text };
}

/** Back to front. */
export const inOrder = (a: { rank: string; id: string }, b: { rank: string; id: string }): number => compareRanks(a.rank, b.rank) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

export interface Change {
  /** What was read again, came or went. */
  ids: ReadonlySet<string>;
  /** Something came or went, or stands elsewhere in the order. */
  structure: boolean;
}

type Listener = (change: Change) => void;

export class Scene {
  readonly #shapes = new Map<string, Shape>();
  readonly #connectors = new Map<string, Connector>();
  /** Shape id -> connectors that hold on to it, whether it is there or not. */
  readonly #attached = new Map<string, Set<string>>();
  readonly #listeners = new Set<Listener>();
  #order: readonly Element[] | null = null;
  /** Grows with every change. */
  version = 0;
  #stop: () => void;

  constructor(readonly doc: Y.Doc) {
    const shapes = shapesOf(doc);
    const connectors = connectorsOf(doc);
    for (const id of shapes.keys()) this.#readShape(id);
    for (const id of connectors.keys()) this.#readConnector(id);
    const watch = (root: Y.Map<ElementMap>, read: (id: string) => boolean) => {
      const changed = (events: Y.YEvent<Y.AbstractType<unknown>>[]) => {
        const ids = new Set<string>();
        for (const event of events) {
          if (event.path.length > 0) ids.add(String(event.path[0]));
          else for (const key of (event as Y.YMapEvent<unknown>).keysChanged) ids.add(String(key));
        }
        let structure = false;
        for (const id of ids) structure = read(id) || structure;
        this.#tell(ids, structure);
      };
      root.observeDeep(changed);
      return () => root.unobserveDeep(changed);
    };
    const stopShapes = watch(shapes, (id) => this.#readShape(id));
    const stopConnectors = watch(connectors, (id) => this.#readConnector(id));
    this.#stop = () => {
      stopShapes();
      stopConnectors();
    };
  }

  destroy(): void {
    this.#stop();
    this.#listeners.clear();
  }

  get shapes(): ReadonlyMap<string, Shape> {
    return this.#shapes;
  }

  shape(id: string): Shape | undefined {
    return this.#shapes.get(id);
  }

  /** A connector whose shapes are there. Of one that somebody deleted while somebody else connected it nothing shows. */
  connector(id: string): Connector | undefined {
    const found = this.#connectors.get(id);
    return found !== undefined && endsOf(found).every((end) => this.#shapes.has(end)) ? found : undefined;
  }

  element(id: string): Element | undefined {
    return this.#shapes.get(id) ?? this.connector(id);
  }

  /** The connectors that hold on to a shape. */
  attached(shape: string): string[] {
    return [...(this.#attached.get(shape) ?? [])];
  }

  /** All that shows, back to front. */
  get order(): readonly Element[] {
    this.#order ??= [...this.#shapes.values(), ...[...this.#connectors.keys()].flatMap((id) => this.connector(id) ?? [])].sort(inOrder);
    return this.#order;
  }

  /** What a frame holds, back to front. */
  members(frame: string): Shape[] {
    return this.order.filter((one): one is Shape => one.type === 'shape' && one.frame === frame);
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Gives whether the order may be another now. */
  #readShape(id: string): boolean {
    const before = this.#shapes.get(id);
    const map = shapesOf(this.doc).get(id);
    const read = map instanceof Y.Map ? plain(map) : null;
    const next = read === null ? null : shapeFrom(id, read.values, read.text);
    if (next === null) this.#shapes.delete(id);
    else this.#shapes.set(id, next);
    return before?.rank !== next?.rank;
  }

  #readConnector(id: string): boolean {
    const before = this.#connectors.get(id);
    const map = connectorsOf(this.doc).get(id);
    const read = map instanceof Y.Map ? plain(map) : null;
    const next = read === null ? null : connectorFrom(id, read.values, read.text);
    if (before !== undefined) for (const end of endsOf(before)) this.#attached.get(end)?.delete(id);
    if (next === null) this.#connectors.delete(id);
    else {
      this.#connectors.set(id, next);
      for (const end of endsOf(next)) {
        const known = this.#attached.get(end);
        if (known === undefined) this.#attached.set(end, new Set([id]));
        else known.add(id);
      }
    }
    return before?.rank !== next?.rank || (before !== undefined && next !== null && String(endsOf(before)) !== String(endsOf(next)));
  }

  #tell(ids: Set<string>, structure: boolean): void {
    // Connectors come and go with their shapes.
    if (structure) for (const id of [...ids]) for (const connector of this.attached(id)) ids.add(connector);
    this.version += 1;
    // Where nothing moves in the order, what was read again only takes its place.
    if (structure) this.#order = null;
    else this.#order = this.#order?.map((one) => (ids.has(one.id) ? (this.element(one.id) ?? one) : one)) ?? null;
    for (const listener of this.#listeners) listener({ ids, structure });
  }
}
