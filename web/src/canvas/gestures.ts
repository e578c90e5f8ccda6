/** What a pointer does from its press to its release. While it goes on nothing is written: others see it as presence. */
import { t } from '@/texts';
import { endJson, freshId, partOf } from './edits';
import { movedEnds, type Editor } from './editor';
import { boundsOf, boxAround, boxBetween, boxOf, centreOf, distance, grown, inBox, overlaps, rotate, round, union, type Box } from './geo';
import { sideOf } from './geometry';
import { elementsIn, shapeAt } from './hit';
import type { Placement } from './live';
import { ruleOf } from './rules';
import { SIDES, shapeFrom, type Connector, type End, type Point, type Values } from './schema';
import { GRID, snapBox } from './snap';

export interface Keys {
  shift: boolean;
  alt: boolean;
  /** Control, or Command: no snapping. */
  mod: boolean;
}

export interface Gesture {
  /** The pointer is at `point`, in diagram units; `pressure` from 0 to 1. */
  move: (point: Point, keys: Keys, pressure: number) => void;
  /** It was released; `moved` if it went further than a click does. */
  end: (moved: boolean, keys: Keys) => void;
  /** Given up: everything is as before. */
  cancel: () => void;
}

/** How near something draws to itself, in pixels. */
const REACH = 6;

const reach = (editor: Editor, pixels = REACH): number => pixels / editor.view.getState().zoom;

/** What others stand in line with: shapes near what is seen. */
function neighbours(editor: Editor, except: ReadonlySet<string>): Box[] {
  const near = grown(editor.seen, 200);
  const boxes: Box[] = [];
  for (const one of editor.scene.order) {
    if (one.type !== 'shape' || except.has(one.id) || one.kind === 'draw') continue;
    const box = boundsOf(one);
    if (overlaps(box, near)) boxes.push(box);
    if (boxes.length >= 300) break;
  }
  return boxes;
}

export function moving(editor: Editor, from: Point, copy: boolean): Gesture {
  const { shapes, connectors } = editor.moving(editor.state.selection);
  const ids = shapes.map(({ id }) => id);
  const box = union(shapes.map(boundsOf));
  const others = neighbours(editor, new Set(ids));
  let delta: Point = [0, 0];
  const done = () => {
    editor.set({ busy: null, guides: [] });
    editor.live.move('own', null);
    editor.presence.tell({ dragging: null });
  };
  return {
    move: (point, { shift, mod }) => {
      let [dx, dy] = [point[0] - from[0], point[1] - from[1]];
      if (shift) [dx, dy] = Math.abs(dx) >= Math.abs(dy) ? [dx, 0] : [0, dy];
      let guides: Editor['state']['guides'] = [];
      if (!mod && box !== null) {
        const moved = { ...box, x: box.x + dx, y: box.y + dy };
        const snap = snapBox(moved, others, reach(editor), editor.state.grid ? GRID : null);
        if (!shift || dx !== 0) dx += snap.dx;
        if (!shift || dy !== 0) dy += snap.dy;
        guides = snap.guides;
      }
      delta = [round(dx), round(dy)];
      const placements = new Map<string, Placement>(shapes.map(({ id, at }) => [id, { at: [at[0] + delta[0], at[1] + delta[1]] }]));
      for (const id of connectors) {
        const connector = editor.scene.connector(id);
        if (connector !== undefined) placements.set(id, movedEnds(connector, delta));
      }
      editor.live.move('own', placements);
      editor.set({ busy: 'move', guides });
      if (!copy) editor.presence.tell({ dragging: { ids, dx: delta[0], dy: delta[1] } });
    },
    end: (moved, { alt }) => {
      if (moved && (delta[0] !== 0 || delta[1] !== 0)) {
        if (copy || alt) {
          const added = editor.edits.insert(partOf(editor.scene, editor.state.selection), delta);
          editor.select(added);
        } else {
          const ends = new Map(connectors.flatMap((id) => {
            const connector = editor.scene.connector(id);
            return connector === undefined ? [] : [[id, movedEnds(connector, delta)] as const];
          }));
          editor.edits.place(new Map(shapes.map(({ id, at }) => [id, { at: [at[0] + delta[0], at[1] + delta[1]] as Point }])), ends);
        }
      }
      done();
    },
    cancel: done,
  };
}

/** `handle`: the sides that follow the pointer, such as `n` or `se`. */
export function resizing(editor: Editor, handle: string, from: Point): Gesture | null {
  const shapes = editor.selectedShapes.filter(({ locked }) => !locked);
  const [only] = shapes;
  if (only === undefined) return null;
  const single = shapes.length === 1;
  const angle = single ? only.angle : 0;
  const box = single ? boxOf(only) : (union(shapes.map(boundsOf)) as Box);
  const centre: Point = [box.x + box.w / 2, box.y + box.h / 2];
  const start = rotate(from, centre, -angle);
  const others = angle === 0 ? neighbours(editor, new Set(shapes.map(({ id }) => id))) : [];
  const [west, east, north, south] = ['w', 'e', 'n', 's'].map((side) => handle.includes(side)) as [boolean, boolean, boolean, boolean];
  const keepsRatio = handle.length === 2 && shapes.every(({ kind }) => kind === 'image' || kind === 'draw');
  const least = 8;
  let placements = new Map<string, Placement>();
  const done = () => {
    editor.set({ busy: null, guides: [] });
    editor.live.move('own', null);
    editor.presence.tell({ dragging: null });
  };
  return {
    move: (point, { shift, alt, mod }) => {
      const local = rotate(point, centre, -angle);
      let [dx, dy] = [local[0] - start[0], local[1] - start[1]];
      let guides: Editor['state']['guides'] = [];
      if (!mod && angle === 0) {
        const edges = { x: west ? [box.x + dx] : east ? [box.x + box.w + dx] : [], y: north ? [box.y + dy] : south ? [box.y + box.h + dy] : [] };
        const snap = snapBox(box, others, reach(editor), editor.state.grid ? GRID : null, edges);
        dx += snap.dx;
        dy += snap.dy;
        guides = snap.guides;
      }
      let { x, y, w, h } = box;
      const twice = alt ? 2 : 1;
      if (east) w = Math.max(least, box.w + dx * twice);
      if (west) w = Math.max(least, box.w - dx * twice);
      if (south) h = Math.max(least, box.h + dy * twice);
      if (north) h = Math.max(least, box.h - dy * twice);
      if (shift !== keepsRatio && box.w > 0 && box.h > 0) {
        const ratio = handle.length === 2 ? Math.max(w / box.w, h / box.h) : east || west ? w / box.w : h / box.h;
        [w, h] = [Math.max(least, box.w * ratio), Math.max(least, box.h * ratio)];
      }
      if (alt) [x, y] = [centre[0] - w / 2, centre[1] - h / 2];
      else {
        if (west) x = box.x + box.w - w;
        else if (!east) x = centre[0] - w / 2;
        if (north) y = box.y + box.h - h;
        else if (!south) y = centre[1] - h / 2;
      }
      placements = new Map();
      const [sx, sy] = [w / Math.max(box.w, 0.01), h / Math.max(box.h, 0.01)];
      for (const shape of shapes) {
        if (single) {
          // What stays where it is on the screen is the opposite side, turned with the shape.
          const middle = rotate([x + w / 2, y + h / 2], centre, angle);
          placements.set(shape.id, { at: [round(middle[0] - w / 2), round(middle[1] - h / 2)], size: [round(w), round(h)] });
        } else {
          placements.set(shape.id, {
            at: [round(x + (shape.at[0] - box.x) * sx), round(y + (shape.at[1] - box.y) * sy)],
            size: [Math.max(1, round(shape.size[0] * sx)), Math.max(1, round(shape.size[1] * sy))],
          });
        }
      }
      editor.live.move('own', placements);
      editor.set({ busy: 'resize', guides });
      tellBoxes(editor, placements);
    },
    end: (moved) => {
      if (moved) editor.edits.place(placements, undefined, false);
      done();
    },
    cancel: done,
  };
}

function tellBoxes(editor: Editor, placements: ReadonlyMap<string, Placement>): void {
  const boxes: Record<string, readonly number[]> = {};
  for (const id of [...placements.keys()].slice(0, 60)) {
    const shape = editor.live.shape(id);
    if (shape !== undefined) boxes[id] = [...shape.at, ...shape.size, shape.angle];
  }
  editor.presence.tell({ dragging: { ids: Object.keys(boxes), dx: 0, dy: 0, boxes } });
}

export function rotating(editor: Editor): Gesture | null {
  const [shape] = editor.selectedShapes;
  if (shape === undefined || shape.locked) return null;
  const centre = centreOf(shape);
  let angle = shape.angle;
  const done = () => {
    editor.set({ busy: null });
    editor.live.move('own', null);
    editor.presence.tell({ dragging: null });
  };
  return {
    move: (point, { shift }) => {
      const degrees = (Math.atan2(point[1] - centre[1], point[0] - centre[0]) * 180) / Math.PI + 90;
      const step = shift ? 15 : 1;
      angle = ((Math.round(degrees / step) * step) % 360 + 360) % 360;
      // Upright is easily found.
      if (!shift && Math.min(angle % 90, 90 - (angle % 90)) <= 3) angle = (Math.round(angle / 90) * 90) % 360;
      const placements = new Map([[shape.id, { angle }]]);
      editor.live.move('own', placements);
      editor.set({ busy: 'rotate' });
      tellBoxes(editor, placements);
    },
    end: (moved) => {
      if (moved) editor.edits.place(new Map([[shape.id, { angle }]]), undefined, false);
      done();
    },
    cancel: done,
  };
}

export function marquee(editor: Editor, from: Point, adds: boolean): Gesture {
  const before = adds ? [...editor.state.selection] : [];
  return {
    move: (point) => {
      const box = boxBetween(from, point);
      editor.set({ marquee: box });
      const found = elementsIn(editor.scene.order, editor.live.way, box).flatMap((id) => editor.whole(id));
      editor.select([...before, ...found]);
    },
    end: (moved) => {
      editor.set({ marquee: null });
      if (!moved && !adds) {
        editor.select([]);
        editor.set({ scope: null });
      }
    },
    cancel: () => {
      editor.set({ marquee: null });
      editor.select(before);
    },
  };
}

/** A shape that is drawn from corner to corner; a click makes one of the usual size. */
export function drawing(editor: Editor, kind: string, from: Point, keep: boolean): Gesture {
  const snapped = (point: Point, free: boolean): Point => (free || !editor.state.grid ? point : [Math.round(point[0] / GRID) * GRID, Math.round(point[1] / GRID) * GRID]);
  const begin = (mod: boolean) => snapped(from, mod);
  let box: Box | null = null;
  const done = () => {
    editor.set({ busy: null, draft: null });
    editor.presence.tell({ drawing: null });
  };
  return {
    move: (point, { shift, alt, mod }) => {
      const start = begin(mod);
      let to = snapped(point, mod);
      if (shift) {
        const side = Math.max(Math.abs(to[0] - start[0]), Math.abs(to[1] - start[1]));
        to = [start[0] + side * Math.sign(to[0] - start[0] || 1), start[1] + side * Math.sign(to[1] - start[1] || 1)];
      }
      box = alt ? boxBetween([2 * start[0] - to[0], 2 * start[1] - to[1]], to) : boxBetween(start, to);
      const values = { ...editor.styleFor(kind), kind, at: [box.x, box.y], size: [Math.max(1, box.w), Math.max(1, box.h)] };
      editor.set({ busy: 'draw', draft: shapeFrom('draft', values, '') });
      editor.presence.tell({ drawing: values });
    },
    end: (moved) => {
      done();
      const usual = ruleOf(kind).size;
      let place: Box;
      if (moved && box !== null && (box.w >= 4 || box.h >= 4)) place = { x: box.x, y: box.y, w: Math.max(8, box.w), h: kind === 'text' ? usual[1] : Math.max(8, box.h) };
      else {
        const [x, y] = kind === 'text' ? [from[0], from[1] - usual[1] / 2] : snapped([from[0] - usual[0] / 2, from[1] - usual[1] / 2], false);
        place = { x, y, w: usual[0], h: usual[1] };
      }
      const id = editor.edits.step(() => {
        const made = editor.add(kind, { at: [round(place.x), round(place.y)], size: [round(place.w), round(place.h)], text: t.diagram.samples[kind] });
        if (kind === 'frame') adopt(editor, made, place);
        return made;
      });
      editor.set({ tool: keep ? kind : 'select' });
      if (!keep && (kind === 'text' || kind === 'sticky')) editor.write(id);
    },
    cancel: done,
  };
}

/** What lies in a new frame is held by it. */
function adopt(editor: Editor, frame: string, box: Box): void {
  const inside = editor.scene.order.filter((one) => one.type === 'shape' && one.kind !== 'frame' && one.frame === null && inBox(centreOf(one), box));
  editor.edits.patch(inside.map(({ id }) => id), { frame });
}

/** Leaves out points that lie as good as on the line between their neighbours. */
export function simplified(points: readonly number[], tolerance: number): number[] {
  const count = Math.floor(points.length / 3);
  if (count <= 2) return [...points];
  const keep = new Uint8Array(count);
  keep[0] = keep[count - 1] = 1;
  const stack: [number, number][] = [[0, count - 1]];
  const at = (i: number): Point => [points[i * 3] as number, points[i * 3 + 1] as number];
  while (stack.length > 0) {
    const [a, b] = stack.pop() as [number, number];
    const [p, q] = [at(a), at(b)];
    let [far, index] = [tolerance, -1];
    for (let i = a + 1; i < b; i += 1) {
      const [x, y] = at(i);
      const length = distance(p, q);
      const off = length === 0 ? distance(p, [x, y]) : Math.abs((q[0] - p[0]) * (p[1] - y) - (p[0] - x) * (q[1] - p[1])) / length;
      if (off > far) [far, index] = [off, i];
    }
    if (index < 0) continue;
    keep[index] = 1;
    stack.push([a, index], [index, b]);
  }
  const out: number[] = [];
  for (let i = 0; i < count; i += 1) if (keep[i] === 1) out.push(points[i * 3] as number, points[i * 3 + 1] as number, points[i * 3 + 2] as number);
  return out;
}

export function penning(editor: Editor, from: Point, pressure: number): Gesture {
  let line: number[] = [from[0], from[1], pressure];
  const valuesOf = (points: readonly number[]): Values => {
    const xy: Point[] = [];
    for (let i = 0; i + 2 < points.length; i += 3) xy.push([points[i] as number, points[i + 1] as number]);
    const box = boxAround(xy);
    const size: Point = [Math.max(1, round(box.w)), Math.max(1, round(box.h))];
    return {
      ...editor.styleFor('draw'),
      kind: 'draw',
      at: [round(box.x), round(box.y)],
      size,
      base: size,
      points: points.map((value, index) => (index % 3 === 0 ? round(value - box.x) : index % 3 === 1 ? round(value - box.y) : Math.round(value * 100) / 100)),
    };
  };
  const done = () => {
    editor.set({ busy: null, draft: null });
    editor.presence.tell({ drawing: null });
  };
  return {
    move: (point, _keys, force) => {
      const [x, y] = [line.at(-3) as number, line.at(-2) as number];
      if (distance([x, y], point) < 1 / editor.view.getState().zoom) return;
      line.push(point[0], point[1], force);
      // The bounds of a document: what is longer than that is simplified on the way.
      if (line.length > 24_000) line = simplified(line, 1 / editor.view.getState().zoom);
      const values = valuesOf(line);
      editor.set({ busy: 'draw', draft: shapeFrom('draft', values, '') });
      const rough = simplified(line, 1.5 / editor.view.getState().zoom);
      editor.presence.tell({ drawing: valuesOf(rough.length > 600 ? rough.slice(-600) : rough) });
    },
    end: () => {
      const values = valuesOf(simplified(line, 0.4 / editor.view.getState().zoom));
      editor.edits.addShape(values as Record<string, unknown>, freshId());
      done();
    },
    cancel: done,
  };
}

/** Where an end of a connector would be at a point: at a side that is near, at a shape, or free. */
export function endAt(editor: Editor, point: Point, except?: string): End {
  const shape = shapeAt(editor.painted(), point, reach(editor, 10), except);
  if (shape === null) return { shape: null, at: editor.state.grid ? [Math.round(point[0] / GRID) * GRID, Math.round(point[1] / GRID) * GRID] : point };
  const side = SIDES.find((one) => distance(sideOf(shape, one), point) <= reach(editor, 14));
  return { shape: shape.id, side: side ?? 'auto', at: centreOf(shape) };
}

/** A new connector from `from`. */
export function wiring(editor: Editor, from: End, more: Partial<Connector> & Record<string, unknown>, begin: Point, keep: string | null): Gesture {
  let to: End = { shape: null, at: begin };
  const route = String(more.route ?? editor.styleFor('connector').route ?? 'orthogonal');
  const done = () => {
    editor.set({ busy: null, wire: null, target: null });
    editor.presence.tell({ drawing: null });
  };
  return {
    move: (point) => {
      to = endAt(editor, point, from.shape ?? undefined);
      editor.set({ busy: 'wire', wire: { from, to, route }, target: to.shape });
    },
    end: (moved) => {
      done();
      editor.set({ tool: keep ?? 'select' });
      if (moved && (to.shape !== null || distance(to.at, begin) > reach(editor, 8))) editor.connect(from, to, more);
      else if (from.shape !== null && keep === null) editor.select([from.shape]);
    },
    cancel: done,
  };
}

/** Moves one end of a connector elsewhere. */
export function rewiring(editor: Editor, id: string, which: 'from' | 'to'): Gesture | null {
  const connector = editor.scene.connector(id);
  if (connector === undefined || connector.locked) return null;
  let end = connector[which];
  const done = () => {
    editor.live.move('own', null);
    editor.set({ busy: null, target: null });
  };
  return {
    move: (point) => {
      const other = connector[which === 'from' ? 'to' : 'from'];
      end = endAt(editor, point, other.shape ?? undefined);
      editor.live.move('own', new Map([[id, { [which]: end }]]));
      editor.set({ busy: 'wire', target: end.shape });
    },
    end: (moved) => {
      if (moved) editor.edits.patch([id], { [which]: endJson(end) });
      done();
    },
    cancel: done,
  };
}

/** Moves the waypoint at `index` of a connector; with `fresh` there is none there yet. */
export function bending(editor: Editor, id: string, index: number, fresh: boolean): Gesture | null {
  const connector = editor.scene.connector(id);
  if (connector === undefined || connector.locked) return null;
  let points = connector.points;
  const done = () => {
    editor.live.move('own', null);
    editor.set({ busy: null });
  };
  return {
    move: (point, { mod }) => {
      const at: Point = !mod && editor.state.grid ? [Math.round(point[0] / GRID) * GRID, Math.round(point[1] / GRID) * GRID] : point;
      points = connector.points.toSpliced(index, fresh ? 0 : 1, at);
      editor.live.move('own', new Map([[id, { points }]]));
      editor.set({ busy: 'wire' });
    },
    end: (moved) => {
      if (moved) editor.edits.place(new Map(), new Map([[id, { points }]]), false);
      done();
    },
    cancel: done,
  };
}

