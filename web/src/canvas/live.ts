/**
 * What shows: the scene, and over it what is being dragged, here or by others, and not written yet. Knows the ways of connectors.
 * Whoever shows one element listens for that one alone.
 */
import { labelOf } from './drawing';
import { boundsOf, distance, grown, union, type Box } from './geo';
import { wayOf, type Way } from './geometry';
import type { Change, Scene } from './scene';
import type { Connector, Element, End, Point, Shape } from './schema';

export type Placement = Partial<Pick<Shape, 'at' | 'size' | 'angle'>> & Partial<Pick<Connector, 'from' | 'to' | 'points'>>;
export type Placements = ReadonlyMap<string, Placement>;

const nothing: Placements = new Map();
const STILL: Point = [0, 0];
/** Places are rounded one by one: what moves together may differ by so much. */
const ROUNDED = 0.02;

export class Live {
  /** By who moves them: nobody's key is this person's own. */
  readonly #moved = new Map<number | 'own', Placements>();
  readonly #shown = new Map<string, Element>();
  readonly #ways = new Map<string, Way | null>();
  readonly #boxes = new Map<string, Box>();
  /** Where things are when nobody drags them. */
  readonly #restingWays = new Map<string, Way | null>();
  readonly #restingBoxes = new Map<string, Box>();
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
      for (const id of ids) {
        this.#rests(id);
        for (const connector of scene.attached(id)) this.#rests(connector);
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
    const shift = this.shift(id);
    const still = shift !== null && shift[0] === 0 && shift[1] === 0;
    const way = connector === undefined ? null : still ? this.restingWay(id) : wayOf(connector, (shape) => this.shape(shape));
    this.#ways.set(id, way);
    return way;
  };

  /** The way of a connector where the document has it. */
  restingWay(id: string): Way | null {
    const known = this.#restingWays.get(id);
    if (known !== undefined) return known;
    const connector = this.scene.connector(id);
    const way = connector === undefined ? null : wayOf(connector, (shape) => this.scene.shape(shape));
    this.#restingWays.set(id, way);
    return way;
  }

  /** How far all of an element is dragged from where the document has it; `null` when that is not all that is done to it. */
  shift(id: string): Point | null {
    if (this.#moved.size === 0) return STILL;
    const [now, then] = [this.element(id), this.scene.element(id)];
    if (now === undefined || then === undefined) return null;
    if (now.type === 'shape') {
      if (now === then) return STILL;
      const before = then as Shape;
      const same = now.angle === before.angle && now.size[0] === before.size[0] && now.size[1] === before.size[1];
      return same ? [now.at[0] - before.at[0], now.at[1] - before.at[1]] : null;
    }
    const before = then as Connector;
    const from = this.#shiftOfEnd(now.from, before.from);
    const to = this.#shiftOfEnd(now.to, before.to);
    if (from === null || to === null || distance(from, to) > ROUNDED) return null;
    const bent = now.points.some(([x, y], index) => {
      const [bx, by] = before.points[index] ?? [NaN, NaN];
      return !(distance(from, [x - bx, y - by]) <= ROUNDED);
    });
    return bent || now.points.length !== before.points.length ? null : from;
  }

  #shiftOfEnd(now: End, then: End): Point | null {
    if (now === then && now.shape !== null) return this.shift(now.shape);
    if (now.shape !== null || then.shape !== null) return null;
    return [now.at[0] - then.at[0], now.at[1] - then.at[1]];
  }

  /** All that is drawn of an element: turned, with a frame's name or a connector's label. */
  box(id: string): Box | null {
    const known = this.#boxes.get(id);
    if (known !== undefined) return known;
    const shift = this.shift(id);
    let box: Box | null;
    if (shift === null) {
      const element = this.element(id);
      box = element === undefined ? null : extentOf(element, () => this.way(id));
    } else {
      const resting = this.#restingBox(id);
      box = resting === null || shift === STILL ? resting : { ...resting, x: resting.x + shift[0], y: resting.y + shift[1] };
    }
    if (box !== null) this.#boxes.set(id, box);
    return box;
  }

  #restingBox(id: string): Box | null {
    const known = this.#restingBoxes.get(id);
    if (known !== undefined) return known;
    const element = this.scene.element(id);
    const box = element === undefined ? null : extentOf(element, () => this.restingWay(id));
    if (box !== null) this.#restingBoxes.set(id, box);
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

  #rests(id: string): void {
    this.#restingWays.delete(id);
    this.#restingBoxes.delete(id);
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

function extentOf(element: Element, wayOfIt: () => Way | null): Box | null {
  const { style } = element;
  if (element.type === 'shape') {
    const box = grown(boundsOf(element), style.strokeWidth / 2);
    return element.kind === 'frame' ? { ...box, y: box.y - style.fontSize * 1.8, h: box.h + style.fontSize * 1.8 } : box;
  }
  const way = wayOfIt();
  if (way === null) return null;
  const label = labelOf(element, way.middle);
  return grown(union([way.bounds, ...(label === null ? [] : [label.place])]) as Box, 14 + style.strokeWidth * 2);
}
