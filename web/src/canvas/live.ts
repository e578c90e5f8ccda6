/**
 * What shows: the scene, and over it what is being dragged, here or by others, and not written yet. Knows the ways of connectors.
 * Whoever shows one element listens for that one alone.
 */
import { labelOf } from './drawing';
import { boundsOf, grown, union, type Box } from './geo';
import { wayOf, type Way } from './geometry';
import type { Change, Scene } from './scene';
import type { Connector, Element, Shape } from './schema';

export type Placement = Partial<Pick<Shape, 'at' | 'size' | 'angle'>> & Partial<Pick<Connector, 'from' | 'to' | 'points'>>;
export type Placements = ReadonlyMap<string, Placement>;

const nothing: Placements = new Map();

export class Live {
  /** By who moves them: nobody's key is this person's own. */
  readonly #moved = new Map<number | 'own', Placements>();
  readonly #shown = new Map<string, Element>();
  readonly #ways = new Map<string, Way | null>();
  readonly #boxes = new Map<string, Box>();
  readonly #one = new Map<string, Set<() => void>>();
  readonly #all = new Set<(change: Change) => void>();
  readonly #stop: () => void;
  /** Grows with every change. */
  version = 0;

  constructor(readonly scene: Scene) {
    this.#stop = scene.listen(({ ids, structure }) => {
      // What others drag is where the document says as soon as it says something new.
      for (const [who, moved] of this.#moved) {
        if (who === 'own' || ![...ids].some((id) => moved.has(id))) continue;
        this.#moved.set(who, new Map([...moved].filter(([id]) => !ids.has(id))));
      }
      this.#changed(ids, structure);
    });
  }

  destroy(): void {
    this.#stop();
  }

  get order(): readonly Element[] {
    return this.scene.order;
  }

  element(id: string): Element | undefined {
    const known = this.#shown.get(id);
    if (known !== undefined) return known;
    let element = this.scene.element(id);
    if (element === undefined) return undefined;
    for (const moved of this.#moved.values()) {
      const placement = moved.get(id);
      if (placement !== undefined) element = { ...element, ...placement } as Element;
    }
    this.#shown.set(id, element);
    return element;
  }

  shape(id: string): Shape | undefined {
    const element = this.element(id);
    return element?.type === 'shape' ? element : undefined;
  }

  connector(id: string): Connector | undefined {
    const element = this.element(id);
    return element?.type === 'connector' ? element : undefined;
  }

  way = (id: string): Way | null => {
    const known = this.#ways.get(id);
    if (known !== undefined) return known;
    const connector = this.connector(id);
    const way = connector === undefined ? null : wayOf(connector, (shape) => this.shape(shape));
    this.#ways.set(id, way);
    return way;
  };

  /** All that is drawn of an element: turned, with a frame's name or a connector's label. */
  box(id: string): Box | null {
    const known = this.#boxes.get(id);
    if (known !== undefined) return known;
    const element = this.element(id);
    if (element === undefined) return null;
    let box: Box;
    if (element.type === 'shape') {
      box = grown(boundsOf(element), element.style.strokeWidth / 2);
      if (element.kind === 'frame') box = { ...box, y: box.y - element.style.fontSize * 1.8, h: box.h + element.style.fontSize * 1.8 };
    } else {
      const way = this.way(id);
      if (way === null) return null;
      const label = labelOf(element, way.middle);
      box = grown(union([way.bounds, ...(label === null ? [] : [label.place])]) as Box, 14 + element.style.strokeWidth * 2);
    }
    this.#boxes.set(id, box);
    return box;
  }

  /** Shows elements elsewhere than where the document has them. */
  move(who: number | 'own', placements: Placements | null): void {
    const before = this.#moved.get(who) ?? nothing;
    const next = placements ?? nothing;
    if (before.size === 0 && next.size === 0) return;
    if (next.size === 0) this.#moved.delete(who);
    else this.#moved.set(who, next);
    this.#changed(new Set([...before.keys(), ...next.keys()]), false);
  }

  /** Whether somebody else is dragging it. */
  isHeld(id: string): boolean {
    for (const [who, moved] of this.#moved) if (who !== 'own' && moved.has(id)) return true;
    return false;
  }

  subscribe(id: string, listener: () => void): () => void {
    const listeners = this.#one.get(id) ?? new Set();
    this.#one.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#one.get(id) === listeners) this.#one.delete(id);
    };
  }

  listen(listener: (change: Change) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  #changed(ids: ReadonlySet<string>, structure: boolean): void {
    this.version += 1;
    const all = new Set(ids);
    for (const id of ids) for (const connector of this.scene.attached(id)) all.add(connector);
    for (const id of all) {
      this.#shown.delete(id);
      this.#ways.delete(id);
      this.#boxes.delete(id);
    }
    for (const id of all) for (const listener of [...(this.#one.get(id) ?? [])]) listener();
    for (const listener of this.#all) listener({ ids: all, structure });
  }
}
