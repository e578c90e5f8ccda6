/** One open diagram: its document, what shows of it, what is chosen, and everything that a person can do to it. */
import { createStore } from 'zustand/vanilla';
import type { Room } from '@/collab/room';
import { align, distribute, type Alignment } from './arrange';
import { closure, Edits, frameAt, freshId, partOf, type New, type Patch } from './edits';
import { boundsOf, centreOf, round, union, type Box } from './geo';
import { painted } from './hit';
import { Live } from './live';
import { Presence } from './presence';
import { ruleOf } from './rules';
import { Scene } from './scene';
import type { DiagramJson, Element, End, Point, Shape, Values } from './schema';
import type { Guide } from './snap';
import { Undo } from './undo';

/** `select` and `hand`, what draws a line, or the kind of shape that is drawn next. */
export type Tool = 'select' | 'hand' | 'pen' | 'connector' | 'line' | (string & {});

export interface View {
  /** Of the screen's top left corner, in pixels from the origin of the diagram at this zoom, as React Flow has it. */
  x: number;
  y: number;
  zoom: number;
  /** Of the canvas on the screen. */
  w: number;
  h: number;
}

export interface Ui {
  tool: Tool;
  selection: ReadonlySet<string>;
  /** The group whose members are chosen one by one. */
  scope: string | null;
  /** Whose text is being written. */
  editing: string | null;
  marquee: Box | null;
  guides: readonly Guide[];
  /** What is being drawn and not written yet. */
  draft: Shape | null;
  /** A connector that is being drawn. */
  wire: { from: End; to: End; route: string } | null;
  /** The shape that shows where connectors can begin, and the one that an end would hold on to. */
  hover: string | null;
  target: string | null;
  /** A gesture is going on. */
  busy: 'move' | 'resize' | 'rotate' | 'draw' | 'wire' | 'pan' | null;
  menu: { x: number; y: number } | null;
  panel: 'library' | 'list' | null;
  /** The message at one's own cursor while it is written. */
  chat: string | null;
  /** Choosing an item: for a card, or for cards of all that is below it. */
  picking: 'card' | 'subtree' | null;
  /** What could not be taken over from a file or text, or into one. */
  report: { title: string; lines: readonly { level: string; message: string; count: number }[] } | null;
  /** Choosing what of a file is taken. */
  choosing: { name: string; pages: readonly { name: string; hidden: readonly string[] }[]; chosen: (choice: { pages: readonly number[]; hidden: boolean } | null) => void } | null;
  /** How a picture is made is being chosen. */
  picture: boolean;
  grid: boolean;
  minimap: boolean;
}

const stored = (key: string, usual: boolean): boolean => {
  try {
    return (localStorage.getItem(`canopy:diagram:${key}`) ?? String(usual)) === 'true';
  } catch {
    return usual;
  }
};

/** Smaller text nobody writes, in pixels on the screen. */
const LEGIBLE = 8;

/** What moves the canvas on the screen. */
export interface Camera {
  move: (view: { x: number; y: number; zoom: number }, duration?: number) => void;
}

export const ZOOM = { min: 0.05, max: 8 } as const;

/** What the bars above and below take of the canvas, in pixels. */
const BARS = [60, 76] as const;

export class Editor {
  readonly scene: Scene;
  readonly live: Live;
  readonly undo: Undo;
  readonly edits: Edits;
  readonly presence: Presence;
  readonly ui = createStore<Ui>(() => ({
    tool: 'select', selection: new Set(), scope: null, editing: null, marquee: null, guides: [], draft: null, wire: null, hover: null, target: null, busy: null,
    menu: null, panel: null, chat: null, picking: null, report: null, choosing: null, picture: false, grid: stored('grid', true), minimap: stored('minimap', true),
  }));
  readonly view = createStore<View>(() => ({ x: 0, y: 0, zoom: 1, w: 0, h: 0 }));
  /** How the next shape or connector looks: as the last one that was given a style. */
  readonly #styles = new Map<string, Patch>();
  camera: Camera | null = null;
  /** The canvas on the screen. */
  stage: HTMLElement | null = null;
  /** Reads a text in a language of diagrams, where there is a reader; `text` if it is in none, null if nothing of it is taken. */
  readText: ((text: string) => Promise<DiagramJson | 'text' | null>) | null = null;
  /** Takes files of other tools, where there is a reader. */
  readFiles: ((files: File[]) => void) | null = null;
  /** Where the pointer is, in diagram units. */
  pointer: Point | null = null;
  mayEdit: boolean;
  #stop: (() => void)[] = [];
  #painted: { version: number; elements: readonly Element[] } | null = null;

  constructor(
    readonly room: Room,
    readonly project: string,
    mayEdit: boolean,
  ) {
    this.mayEdit = mayEdit;
    const { doc } = room;
    this.scene = new Scene(doc);
    this.live = new Live(this.scene);
    this.undo = new Undo(doc);
    this.edits = new Edits(doc, this.scene, this.undo);
    this.presence = new Presence(room.awareness, this.live);
    this.#stop = [
      // What is gone is not chosen.
      this.scene.listen(({ ids, structure }) => {
        if (!structure) return;
        const { selection, editing } = this.ui.getState();
        if ([...ids].some((id) => selection.has(id) && this.scene.element(id) === undefined)) this.select([...selection].filter((id) => this.scene.element(id) !== undefined));
        if (editing !== null && this.scene.element(editing) === undefined) this.set({ editing: null });
      }),
      this.view.subscribe(() => this.tellView()),
    ];
  }

  destroy(): void {
    for (const stop of this.#stop) stop();
    this.presence.destroy();
    this.undo.destroy();
    this.live.destroy();
    this.scene.destroy();
  }

  get state(): Ui {
    return this.ui.getState();
  }

  set(change: Partial<Ui>): void {
    this.ui.setState(change);
    for (const key of ['grid', 'minimap'] as const) {
      if (change[key] === undefined) continue;
      try {
        localStorage.setItem(`canopy:diagram:${key}`, String(change[key]));
      } catch {
        // Only a convenience.
      }
    }
  }

  focus(): void {
    this.stage?.focus({ preventScroll: true });
  }

  // --- The view

  /** A point of the canvas on the screen as one of the diagram. */
  toDiagram([x, y]: Point): Point {
    const view = this.view.getState();
    return [(x - view.x) / view.zoom, (y - view.y) / view.zoom];
  }

  toScreen([x, y]: Point): Point {
    const view = this.view.getState();
    return [x * view.zoom + view.x, y * view.zoom + view.y];
  }

  /** What is seen of the diagram. */
  get seen(): Box {
    const { w, h, zoom } = this.view.getState();
    const [x, y] = this.toDiagram([0, 0]);
    return { x, y, w: w / zoom, h: h / zoom };
  }

  get middle(): Point {
    const { x, y, w, h } = this.seen;
    return [x + w / 2, y + h / 2];
  }

  tellView(): void {
    const { zoom } = this.view.getState();
    const { x, y, w, h } = this.seen;
    if (w > 0) this.presence.tell({ viewport: { x: round(x + w / 2), y: round(y + h / 2), zoom: round(zoom), w: Math.round(w), h: Math.round(h) } });
  }

  /** Brings a point to the middle of the screen. */
  lookAt([x, y]: Point, zoom = this.view.getState().zoom, duration = 0): void {
    const { w, h } = this.view.getState();
    const to = Math.max(ZOOM.min, Math.min(ZOOM.max, zoom));
    this.camera?.move({ x: w / 2 - x * to, y: h / 2 - y * to, zoom: to }, duration);
  }

  zoomBy(factor: number): void {
    this.lookAt(this.middle, this.view.getState().zoom * factor, 120);
  }

  /** Shows a part of the diagram as large as it fits between the bars, at most at `most`. */
  fit(box: Box | null = this.bounds(), most = 1, duration = 200): void {
    const { w, h } = this.view.getState();
    if (box === null || w === 0) {
      if (w > 0) this.lookAt([0, 0], 1, duration);
      return;
    }
    const aside = Math.min(40, w / 16);
    const [above, below] = h > 320 ? BARS : [0, 0];
    const zoom = Math.min(most, (w - 2 * aside) / Math.max(1, box.w), (h - above - below) / Math.max(1, box.h));
    const to = Math.max(ZOOM.min, Math.min(ZOOM.max, zoom));
    this.lookAt([box.x + box.w / 2, box.y + box.h / 2 + (below - above) / 2 / to], to, duration);
  }

  fitSelection(): void {
    this.fit(this.bounds(this.state.selection), 2);
  }

  /** Around some or all of what there is. */
  bounds(ids?: Iterable<string>): Box | null {
    const boxes = [...(ids ?? this.live.order.map(({ id }) => id))].flatMap((id) => this.live.box(id) ?? []);
    return union(boxes);
  }

  /** Asks everybody to look at what is seen here. Gives how many are asked. */
  summon(): number {
    const [x, y] = this.middle;
    this.presence.tell({ summon: { id: freshId(), x: round(x), y: round(y), zoom: round(this.view.getState().zoom) } });
    return new Set(this.presence.peers.getState().map(({ person }) => person.id)).size;
  }

  // --- What is chosen

  select(ids: Iterable<string>): void {
    const selection = new Set(ids);
    this.set({ selection });
    this.presence.tell({ selection: [...selection] });
  }

  /** What a click on an element chooses: its outermost group, unless that one is open. */
  whole(id: string): string[] {
    const element = this.scene.element(id);
    const { scope } = this.state;
    if (element === undefined || element.groups.length === 0) return [id];
    const at = scope === null ? element.groups.length : element.groups.indexOf(scope);
    const group = at < 0 ? element.groups.at(-1) : element.groups[at - 1];
    return group === undefined ? [id] : this.scene.order.filter(({ groups }) => groups.includes(group)).map(({ id: member }) => member);
  }

  selectAll(): void {
    this.select(this.scene.order.filter(({ locked }) => !locked).map(({ id }) => id));
  }

  get selected(): Element[] {
    const { selection } = this.state;
    return this.scene.order.filter(({ id }) => selection.has(id));
  }

  get selectedShapes(): Shape[] {
    return this.selected.filter((one): one is Shape => one.type === 'shape');
  }

  /** Goes to the next element in reading order, for the keyboard. */
  step(by: 1 | -1): void {
    const all = readingOrder(this.scene);
    if (all.length === 0) return;
    const { selection } = this.state;
    const at = all.findIndex(({ id }) => selection.has(id));
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length] as Element;
    this.select([next.id]);
    this.reveal(next.id);
  }

  /** Brings an element onto the screen, if it isn't there. */
  reveal(id: string): void {
    const box = this.live.box(id);
    const { x, y, w, h } = this.seen;
    if (box === null || (box.x >= x && box.y >= y && box.x + box.w <= x + w && box.y + box.h <= y + h)) return;
    if (box.w > w || box.h > h) this.fit(box, this.view.getState().zoom);
    else this.lookAt([box.x + box.w / 2, box.y + box.h / 2], undefined, 200);
  }

  // --- Edits

  use(tool: Tool): void {
    if (!this.mayEdit && tool !== 'select' && tool !== 'hand') return;
    if (tool === 'card') {
      this.set({ picking: 'card', panel: null });
      return;
    }
    this.set({ tool, editing: null, hover: null, ...(tool === 'select' || tool === 'hand' ? {} : { selection: new Set<string>() }) });
  }

  /** Looks of what is drawn next. */
  styleFor(kind: string): Patch {
    return this.#styles.get(styleKey(kind)) ?? {};
  }

  /** Gives what is chosen a look, and remembers it for what is drawn next. */
  style(patch: Patch): void {
    const { selected } = this;
    for (const element of selected) {
      const kind = styleKey(element.type === 'connector' ? 'connector' : element.kind);
      const { text: _text, ...kept } = { ...this.#styles.get(kind), ...patch } as Patch & { text?: unknown };
      this.#styles.set(kind, kept);
    }
    if (this.mayEdit) this.edits.patch(selected.filter(({ locked }) => !locked).map(({ id }) => id), patch);
  }

  /** Makes a shape of a kind around a point, of its usual size. */
  addAt(kind: string, centre: Point, more: New = {}): string | null {
    if (!this.mayEdit) return null;
    const size = (more.size as Point | undefined) ?? ruleOf(kind).size;
    return this.add(kind, { at: [round(centre[0] - size[0] / 2), round(centre[1] - size[1] / 2)], size, ...more });
  }

  add(kind: string, values: New & { at: Point; size: Point }): string {
    const frame = kind === 'frame' ? undefined : frameAt(this.scene, centreOf({ at: values.at, size: values.size }));
    const id = this.edits.addShape({ ...this.styleFor(kind), kind, frame, ...values });
    this.select([id]);
    return id;
  }

  connect(from: End, to: End, more: New = {}): string {
    const last = (end: End): End => {
      if (end.shape === null) return end;
      const shape = this.live.shape(end.shape);
      return { ...end, at: shape === undefined ? end.at : centreOf(shape) };
    };
    const id = this.edits.addConnector({ ...this.styleFor('connector'), ...more, from: last(from), to: last(to) });
    this.select([id]);
    return id;
  }

  /** What is deleted takes along what it holds. */
  remove(ids: Iterable<string> = this.state.selection): void {
    if (!this.mayEdit) return;
    const doomed = [...ids].filter((id) => this.scene.element(id)?.locked === false);
    if (doomed.length > 0) this.edits.remove([...doomed, ...closure(this.scene, doomed).shapes.map(({ id }) => id)]);
  }

  /** Takes frames away from around what they hold. */
  unframe(): void {
    if (!this.mayEdit) return;
    const frames = this.selectedShapes.filter(({ kind, locked }) => kind === 'frame' && !locked);
    const held = frames.flatMap(({ id }) => this.scene.members(id));
    this.edits.remove(frames.map(({ id }) => id));
    this.select(held.map(({ id }) => id));
  }

  /** What moves when these do: members of frames go along, and connectors with free ends that are chosen themselves. */
  moving(ids: Iterable<string>): { shapes: Shape[]; connectors: string[] } {
    const chosen = [...ids].filter((id) => this.scene.element(id)?.locked === false);
    const { shapes } = closure(this.scene, chosen);
    return { shapes: shapes.filter(({ locked }) => !locked), connectors: chosen.filter((id) => this.scene.connector(id) !== undefined) };
  }

  nudge(dx: number, dy: number): void {
    if (!this.mayEdit) return;
    const { shapes, connectors } = this.moving(this.state.selection);
    const places = new Map(shapes.map(({ id, at }) => [id, { at: [at[0] + dx, at[1] + dy] as Point }]));
    const ends = new Map(connectors.flatMap((id) => {
      const connector = this.scene.connector(id);
      return connector === undefined ? [] : [[id, movedEnds(connector, [dx, dy])] as const];
    }));
    this.edits.place(places, ends);
  }

  align(to: Alignment): void {
    if (this.mayEdit) this.edits.place(this.#withMembers(align(this.selectedShapes.filter(({ locked }) => !locked), to)));
  }

  distribute(axis: 'x' | 'y'): void {
    if (this.mayEdit) this.edits.place(this.#withMembers(distribute(this.selectedShapes.filter(({ locked }) => !locked), axis)));
  }

  /** What a frame holds goes along with it. */
  #withMembers(places: Map<string, { at: Point }>): Map<string, { at: Point }> {
    for (const [id, { at }] of [...places]) {
      const frame = this.scene.shape(id);
      if (frame?.kind !== 'frame') continue;
      for (const member of this.scene.members(id)) if (!places.has(member.id)) places.set(member.id, { at: [member.at[0] + at[0] - frame.at[0], member.at[1] + at[1] - frame.at[1]] });
    }
    return places;
  }

  lock(): void {
    if (!this.mayEdit) return;
    const lock = this.selected.some(({ locked }) => !locked);
    this.edits.patch(this.state.selection, { locked: lock ? true : undefined });
  }

  group(): void {
    if (this.mayEdit && this.state.selection.size > 1) this.edits.group(this.state.selection);
  }

  ungroup(): void {
    if (this.mayEdit) this.edits.ungroup(this.selected.filter(({ groups }) => groups.length > 0).map(({ id }) => id));
  }

  duplicate(by: Point = [20, 20]): string[] {
    if (!this.mayEdit || this.state.selection.size === 0) return [];
    const added = this.edits.insert(partOf(this.scene, this.state.selection), by);
    this.select(added);
    return added;
  }

  /** Puts a diagram in, in the middle of what is seen or around `at`. Gives what it made. */
  insert(diagram: DiagramJson, at: Point | null = null): string[] {
    if (!this.mayEdit) return [];
    const boxes = diagram.shapes.flatMap(({ at: place, size }) => (Array.isArray(place) && Array.isArray(size) ? [{ x: Number(place[0]), y: Number(place[1]), w: Number(size[0]), h: Number(size[1]) }] : []));
    const box = union(boxes);
    const [x, y] = at ?? this.middle;
    const added = this.edits.insert(diagram, box === null ? [0, 0] : [Math.round(x - box.x - box.w / 2), Math.round(y - box.y - box.h / 2)]);
    this.select(added);
    const around = this.bounds(added);
    if (around !== null) this.fitIfOutside(around);
    return added;
  }

  fitIfOutside(box: Box): void {
    const { x, y, w, h } = this.seen;
    if (box.x < x || box.y < y || box.x + box.w > x + w || box.y + box.h > y + h) this.fit(union([box, { x: box.x, y: box.y, w: box.w, h: box.h }]), this.view.getState().zoom);
  }

  /** Begins to write the text of an element. */
  write(id: string): void {
    const element = this.scene.element(id);
    if (!this.mayEdit || element === undefined || element.locked) return;
    if (element.type === 'shape' && (element.kind === 'draw' || element.kind === 'image')) return;
    this.select([id]);
    // What is written can be read.
    const box = this.live.box(id);
    const { zoom } = this.view.getState();
    if (box !== null && element.style.fontSize * zoom < LEGIBLE) this.lookAt([box.x + box.w / 2, box.y + box.h / 2], (LEGIBLE + 2) / element.style.fontSize, 150);
    this.set({ editing: id, hover: null, tool: 'select' });
  }

  /** Ends writing. An empty text by itself is nothing to keep. */
  written(): void {
    const { editing } = this.state;
    if (editing === null) return;
    const shape = this.scene.shape(editing);
    this.undo.stopCapturing();
    this.set({ editing: null });
    if (shape?.kind === 'text' && shape.text.trim() === '') this.edits.remove([shape.id]);
  }

  /** Back to front, as it is drawn. */
  painted(): readonly Element[] {
    const { version } = this.live;
    if (this.#painted?.version !== version) this.#painted = { version, elements: painted(this.live.order.map(({ id }) => this.live.element(id) as Element)) };
    return this.#painted.elements;
  }
}

/** Kinds that look alike share a style; what has a look of its own keeps it to itself. */
const styleKey = (kind: string): string => (['connector', 'sticky', 'text', 'draw', 'frame', 'card', 'image', 'boundary', 'person', 'system', 'container', 'component', 'note'].includes(kind) ? kind : 'shape');

/** Ends and waypoints of a connector that are at no shape, moved. */
export function movedEnds({ from, to, points }: { from: End; to: End; points: readonly Point[] }, [dx, dy]: Point): { from: End; to: End; points: readonly Point[] } {
  const moved = (end: End): End => (end.shape === null ? { shape: null, at: [end.at[0] + dx, end.at[1] + dy] } : end);
  return { from: moved(from), to: moved(to), points: points.map(([x, y]) => [x + dx, y + dy]) };
}

/** Shapes from top left to bottom right, each followed by the connectors that leave it. */
export function readingOrder(scene: Scene): Element[] {
  const shapes = [...scene.shapes.values()].sort((a, b) => {
    const [p, q] = [boundsOf(a), boundsOf(b)];
    // Those in about one line go from left to right.
    const row = Math.round(p.y / 40) - Math.round(q.y / 40);
    return row || p.x - q.x || (a.id < b.id ? -1 : 1);
  });
  const out: Element[] = [];
  const free: Element[] = [];
  for (const shape of shapes) {
    out.push(shape);
    for (const id of scene.attached(shape.id)) {
      const connector = scene.connector(id);
      if (connector !== undefined && (connector.from.shape === shape.id || connector.from.shape === null)) out.push(connector);
    }
  }
  const seen = new Set(out.map(({ id }) => id));
  for (const one of scene.order) if (!seen.has(one.id)) free.push(one);
  return [...out, ...free];
}

export type { Values };
