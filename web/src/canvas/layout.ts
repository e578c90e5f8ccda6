/**
 * Places shapes automatically, by what connects them. Sizes stay; a frame grows or shrinks around what it holds; a group
 * moves as one; what is locked stays where it is, with all inside. What is not connected to anything stands below the rest, in rows.
 *
 * A frame's content is laid out first and the frame then stands for it: a connector between things in two frames counts
 * between the frames that stand side by side.
 */
import { Graph, layout as dagre } from '@dagrejs/dagre';
import type { ConnectorJson, DiagramJson, EndJson, Point, ShapeJson, Side } from './schema';
import { around, boxOf, tenth, textSize, type Box } from './formats/draft';

export type Direction = 'down' | 'up' | 'right' | 'left';

export interface LayoutOptions {
  /** `layered`: in layers along the connectors, few crossings. `tree`: parents centred over their children. */
  kind: 'layered' | 'tree';
  /** Where connectors lead. */
  direction: Direction;
}

export interface Layout {
  /** The shapes that are somewhere else or have another size now. */
  shapes: { id: string; at: Point; size: Point }[];
  /** The connectors between them: on which sides they are now. Their waypoints led around what was there before, and go. */
  connectors: { id: string; from: Side | 'auto'; to: Side | 'auto' }[];
}

/** Room between neighbours and between layers, around the content of a frame, and between what is not connected. */
const GAP = { beside: 40, layers: 64, frame: 32, apart: 56 };
/** Above it the best layers take longer than anybody waits: good ones do. */
const MANY = 400;
/** Shapes and connectors that hang together. Above it even those take minutes: the tree takes their place. */
const TOO_MANY = 5000;

/** What moves as one: a shape, a group, or a frame with its content. */
interface Unit {
  members: ShapeJson[];
  /** What is to be laid out inside; none where the content keeps its place in the unit. */
  content: Level | null;
  box: Box;
}

/** What stands side by side: all that no frame holds, or the content of one. */
interface Level {
  units: Unit[];
  edges: Edge[];
}

interface Edge {
  from: Unit;
  to: Unit;
  label: { width: number; height: number };
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Where a connector leaves and arrives for each direction, if what it joins stands one behind the other that way. */
const SIDES: Readonly<Record<Direction, { from: Side; to: Side; axis: 0 | 1; sign: 1 | -1 }>> = {
  down: { from: 'bottom', to: 'top', axis: 1, sign: 1 },
  up: { from: 'top', to: 'bottom', axis: 1, sign: -1 },
  right: { from: 'right', to: 'left', axis: 0, sign: 1 },
  left: { from: 'left', to: 'right', axis: 0, sign: -1 },
};

/** The room that a turned shape takes. */
function room(shape: ShapeJson): Box {
  const box = boxOf(shape);
  if (!shape.angle) return box;
  const turn = (shape.angle * Math.PI) / 180;
  const [sin, cos] = [Math.abs(Math.sin(turn)), Math.abs(Math.cos(turn))];
  const width = box.width * cos + box.height * sin;
  const height = box.width * sin + box.height * cos;
  return { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height };
}

/** Places the units of a level, from 0, 0 on; answers how much room they take. */
type Placing = (units: Unit[], edges: Edge[], direction: Direction) => void;

const layered: Placing = (units, edges, direction) => {
  const graph = new Graph({ multigraph: true });
  const ranker = units.length > MANY ? 'longest-path' : 'network-simplex';
  graph.setGraph({ rankdir: { down: 'TB', up: 'BT', right: 'LR', left: 'RL' }[direction], nodesep: GAP.beside, ranksep: GAP.layers, edgesep: GAP.beside / 2, ranker });
  graph.setDefaultEdgeLabel(() => ({}));
  const names = new Map(units.map((unit, i) => [unit, String(i)]));
  for (const [unit, name] of names) graph.setNode(name, { width: unit.box.width, height: unit.box.height });
  edges.forEach(({ from, to, label }, i) => graph.setEdge(names.get(from)!, names.get(to)!, { ...label, labelpos: 'c' }, String(i)));
  dagre(graph);
  for (const [unit, name] of names) {
    const { x, y } = graph.node(name) as { x: number; y: number };
    unit.box.x = x - unit.box.width / 2;
    unit.box.y = y - unit.box.height / 2;
  }
};

const tree: Placing = (units, edges, direction) => {
  const across = direction === 'left' || direction === 'right';
  const breadth = ({ box }: Unit) => (across ? box.height : box.width);
  const depth = ({ box }: Unit) => (across ? box.width : box.height);
  const heads = new Map<Unit, Unit[]>();
  const below = new Set<Unit>();
  for (const { from, to } of edges) {
    push(heads, from, to);
    below.add(to);
  }
  // Whoever is reached first is the parent. A circle without an entry starts at its first unit.
  const layer = new Map<Unit, number>();
  const children = new Map<Unit, Unit[]>();
  const order: Unit[] = [];
  const roots: Unit[] = [];
  for (const start of [...units.filter((unit) => !below.has(unit)), ...units]) {
    if (layer.has(start)) continue;
    roots.push(start);
    layer.set(start, 0);
    const queue = [start];
    for (const unit of queue) {
      order.push(unit);
      const own: Unit[] = [];
      for (const child of heads.get(unit) ?? []) {
        if (layer.has(child)) continue;
        layer.set(child, layer.get(unit)! + 1);
        own.push(child);
      }
      children.set(unit, own);
      queue.push(...own);
    }
  }
  const breadths = new Map<Unit, number>();
  const total = (row: Unit[]) => row.reduce((sum, unit) => sum + breadths.get(unit)!, Math.max(0, row.length - 1) * GAP.beside);
  for (const unit of order.toReversed()) breadths.set(unit, Math.max(breadth(unit), total(children.get(unit)!)));

  const depths: number[] = [];
  for (const [unit, at] of layer) depths[at] = Math.max(depths[at] ?? 0, depth(unit));
  let next = 0;
  const tops = depths.map((size) => (next += size + GAP.layers) - size - GAP.layers);
  const starts = new Map<Unit, number>();
  const spread = (row: Unit[], from: number) => {
    for (const unit of row) {
      starts.set(unit, from);
      from += breadths.get(unit)! + GAP.beside;
    }
  };
  spread(roots, 0);
  for (const unit of order) {
    const row = children.get(unit)!;
    const from = starts.get(unit)!;
    spread(row, from + (breadths.get(unit)! - total(row)) / 2);
    const beside = from + (breadths.get(unit)! - breadth(unit)) / 2;
    const top = tops[layer.get(unit)!]!;
    const along = direction === 'down' || direction === 'right' ? top : -top - depth(unit);
    unit.box.x = across ? along : beside;
    unit.box.y = across ? beside : along;
  }
};

/** What hangs together, in the order of its first unit. */
function components({ units, edges }: Level): Level[] {
  const up = new Map<Unit, Unit>(units.map((unit) => [unit, unit]));
  const top = (unit: Unit): Unit => {
    for (let next = up.get(unit)!; next !== unit; next = up.get(unit)!) {
      up.set(unit, up.get(next)!);
      unit = next;
    }
    return unit;
  };
  for (const { from, to } of edges) up.set(top(from), top(to));
  const found = new Map<Unit, Level>();
  for (const unit of units) {
    const head = top(unit);
    if (!found.has(head)) found.set(head, { units: [], edges: [] });
    found.get(head)!.units.push(unit);
  }
  for (const edge of edges) found.get(top(edge.from))!.edges.push(edge);
  return [...found.values()];
}

function shift(units: Unit[], dx: number, dy: number): void {
  for (const { box } of units) {
    box.x += dx;
    box.y += dy;
  }
}

/** Puts blocks in rows, about half again as wide as high altogether. */
function inRows(blocks: Unit[][], top: number): void {
  const boxes = blocks.map((units) => around(units.map(({ box }) => box)));
  const area = boxes.reduce((sum, box) => sum + (box.width + GAP.apart) * (box.height + GAP.apart), 0);
  const width = Math.max(Math.sqrt(area * 1.5), ...boxes.map((box) => box.width));
  let [x, y, height] = [0, top, 0];
  boxes.forEach((box, i) => {
    if (x > 0 && x + box.width > width) {
      x = 0;
      y += height + GAP.apart;
      height = 0;
    }
    shift(blocks[i]!, x - box.x, y - box.y);
    x += box.width + GAP.apart;
    height = Math.max(height, box.height);
  });
}

/** Lays the level out from 0, 0 on, what is inside its units first. */
function settle(level: Level, { kind, direction }: LayoutOptions): void {
  for (const unit of level.units) {
    if (!unit.content) continue;
    settle(unit.content, { kind, direction });
    const inside = around(unit.content.units.map(({ box }) => box));
    unit.box.width = inside.width + 2 * GAP.frame;
    unit.box.height = inside.height + 2 * GAP.frame;
  }
  const [joined, single]: [Level[], Level[]] = [[], []];
  for (const part of components(level)) (part.units.length > 1 ? joined : single).push(part);
  for (const part of joined) {
    // Where the layers can't be had (far too deep for the stack), the tree can.
    try {
      (kind === 'tree' || part.units.length + part.edges.length > TOO_MANY ? tree : layered)(part.units, part.edges, direction);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      tree(part.units, part.edges, direction);
    }
  }
  inRows(joined.map(({ units }) => units), 0);
  const bottom = around(joined.flatMap(({ units }) => units.map(({ box }) => box))).height;
  inRows(single.map(({ units }) => units), bottom > 0 ? bottom + GAP.apart : 0);
}

export function layout(diagram: DiagramJson, options: LayoutOptions): Layout {
  const shapes = new Map(diagram.shapes.map((shape) => [shape.id, shape]));
  const holds = new Map<string, ShapeJson[]>();
  for (const shape of diagram.shapes) {
    const frame = shape.frame !== undefined && shapes.has(shape.frame) ? shape.frame : '';
    push(holds, frame, shape);
  }

  /** Of every shape that moves: the units it is in, outermost first. */
  const paths = new Map<string, Unit[]>();
  const gather = (frame: string, path: Unit[]): Level => {
    const units = new Map<string, Unit>();
    for (const shape of holds.get(frame) ?? []) {
      if (shape.locked) continue;
      const group = shape.groups?.at(-1);
      const key = group === undefined ? `shape ${shape.id}` : `group ${group}`;
      if (!units.has(key)) units.set(key, { members: [], content: null, box: { x: 0, y: 0, width: 0, height: 0 } });
      units.get(key)!.members.push(shape);
    }
    for (const unit of units.values()) {
      unit.box = around(unit.members.map(room));
      const inner = [...path, unit];
      const [only] = unit.members;
      if (unit.members.length === 1 && holds.has(only!.id)) {
        const content = gather(only!.id, inner);
        if (content.units.length > 0) unit.content = content;
      }
      const stand = (shape: ShapeJson) => {
        if (paths.has(shape.id)) return;
        paths.set(shape.id, inner);
        for (const held of holds.get(shape.id) ?? []) stand(held);
      };
      unit.members.forEach(stand);
    }
    return { units: [...units.values()], edges: [] };
  };
  const root = gather('', []);
  const levels = new Map<Unit | null, Level>([[null, root]]);
  for (const path of paths.values()) for (const unit of path) if (unit.content) levels.set(unit, unit.content);

  const ends = ({ from, to }: ConnectorJson) => ('shape' in from && 'shape' in to ? [paths.get(from.shape), paths.get(to.shape)] : []);
  for (const connector of diagram.connectors) {
    const [from, to] = ends(connector);
    if (!from || !to) continue;
    const depth = from.findIndex((unit, i) => unit !== to[i]);
    if (depth < 0 || depth >= to.length) continue;
    const label = connector.text ? textSize(connector.text, connector.fontSize) : { width: 0, height: 0 };
    levels.get(from[depth - 1] ?? null)?.edges.push({ from: from[depth]!, to: to[depth]!, label });
  }

  const before = around(root.units.map(({ box }) => box));
  settle(root, options);
  const after = around(root.units.map(({ box }) => box));
  shift(root.units, before.x - after.x, before.y - after.y);

  const result: Layout = { shapes: [], connectors: [] };
  const place = (shape: ShapeJson, at: Point, size: Point) => {
    at = [tenth(at[0]), tenth(at[1])];
    size = [tenth(size[0]), tenth(size[1])];
    if (at[0] !== shape.at[0] || at[1] !== shape.at[1] || size[0] !== shape.size[0] || size[1] !== shape.size[1]) result.shapes.push({ id: shape.id, at, size });
  };
  const move = (shape: ShapeJson, dx: number, dy: number) => {
    place(shape, [shape.at[0] + dx, shape.at[1] + dy], shape.size);
    for (const held of holds.get(shape.id) ?? []) if (!held.locked) move(held, dx, dy);
  };
  const apply = (level: Level) => {
    for (const unit of level.units) {
      if (unit.content) {
        place(unit.members[0]!, [unit.box.x, unit.box.y], [unit.box.width, unit.box.height]);
        const inside = around(unit.content.units.map(({ box }) => box));
        shift(unit.content.units, unit.box.x + GAP.frame - inside.x, unit.box.y + GAP.frame - inside.y);
        apply(unit.content);
      } else {
        const was = around(unit.members.map(room));
        for (const member of unit.members) move(member, unit.box.x - was.x, unit.box.y - was.y);
      }
    }
  };
  apply(root);

  const places = new Map<string, { at: Point; size: Point }>([...shapes, ...result.shapes.map((place) => [place.id, place] as const)]);
  const { axis, sign, ...sides } = SIDES[options.direction];
  for (const { id, from, to, points } of diagram.connectors) {
    if (!('shape' in from && 'shape' in to) || !paths.has(from.shape) || !paths.has(to.shape)) continue;
    const [a, b] = [places.get(from.shape)!, places.get(to.shape)!];
    const behind = from.shape !== to.shape && (sign > 0 ? a.at[axis] + a.size[axis] <= b.at[axis] : b.at[axis] + b.size[axis] <= a.at[axis]);
    const now = behind ? sides : ({ from: 'auto', to: 'auto' } as const);
    if (points?.length || from.side !== now.from || to.side !== now.to) result.connectors.push({ id, ...now });
  }
  return result;
}

/** The diagram with its shapes where {@link layout} puts them. */
export function laidOut(diagram: DiagramJson, options: LayoutOptions): DiagramJson {
  const { shapes, connectors } = layout(diagram, options);
  const places = new Map(shapes.map((place) => [place.id, place]));
  const sides = new Map(connectors.map((connector) => [connector.id, connector]));
  const turned = (end: EndJson, side: Side | 'auto'): EndJson => ('shape' in end ? { shape: end.shape, side } : end);
  return {
    ...diagram,
    shapes: diagram.shapes.map((shape) => ({ ...shape, ...places.get(shape.id) })),
    connectors: diagram.connectors.map((connector) => {
      const now = sides.get(connector.id);
      if (!now) return connector;
      const { points: _, ...rest } = connector;
      return { ...rest, from: turned(connector.from, now.from), to: turned(connector.to, now.to) } as ConnectorJson;
    }),
  };
}
