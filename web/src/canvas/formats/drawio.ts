/** Draw.io files (`.drawio`, `.xml`, and the SVG that draw.io writes): one page, or several one after the other as frames. */
import { t } from '@/texts';
import { roomOf } from '../drawing';
import { facing, sideOf as sideOfShape } from '../geometry';
import { rules } from '../rules';
import { MAX, type ConnectorJson, type EndJson, type Point, type ShapeJson, type Side } from '../schema';
import { around, attached, boxOf, Draft, fitting, free, lifeline, tenth, textSize, thinned, type Box } from './draft';
import { readPages, type Page } from './drawio/file';
import { besideOf, headOf, isOn, kindOf, look, lookOfShape, parseStyle, routeOf, sideOf, type Style } from './drawio/style';
import { decodeEntities, isRich, plainText } from './html';
import { IMAGE_TYPES, imageOf, type Imported } from './files';
import { attribute, child, type Element } from './xml';

interface Cell {
  id: string;
  parent: string;
  label: string;
  style: Style;
  cell: Element;
  geometry: Element | undefined;
  /** Of the `<object>` or `<UserObject>` around the cell: its own fields. */
  data: ReadonlyMap<string, string>;
  children: Cell[];
}

const MAX_NESTED = 64;
/** How far down a row of a table stands, as it is drawn. */
function rowOf({ size, fontSize = 12 }: ShapeJson, text: string, row: number): number {
  const { padding } = rules.common;
  const step = fontSize * rules.font.lineHeight;
  let down = padding * 1.5 + step;
  for (const line of text.split('\n').slice(1)) {
    if (line === '---') down += padding;
    else if (row-- === 0) break;
    else down += step;
  }
  return Math.min(1, (down + step / 2) / size[1]);
}

const GAP_OF_PAGES = 160;
const PADDING = 32;

const value = (element: Element | undefined, key: string) => {
  const number = Number(attribute(element, key) ?? 0);
  return Number.isFinite(number) ? number : 0;
};

/** The cells of a page by id, each with those inside it. Ids that stand twice count once. */
function cellsOf({ model }: Page): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const element of child(model, 'root')?.children ?? []) {
    const cell = element.name === 'mxCell' ? element : child(element, 'mxCell');
    const id = attribute(element, 'id') ?? attribute(cell, 'id');
    if (!cell || id === undefined || cells.has(id)) continue;
    const label = attribute(element, element.name === 'mxCell' ? 'value' : 'label') ?? '';
    cells.set(id, { id, parent: attribute(cell, 'parent') ?? '', label, style: parseStyle(attribute(cell, 'style') ?? ''), cell, geometry: child(cell, 'mxGeometry'), data: element.name === 'mxCell' ? new Map() : element.attributes, children: [] });
  }
  for (const cell of cells.values()) cells.get(cell.parent)?.children.push(cell);
  return cells;
}

/** A label in plain words; `%name%` stands for a field where the cell says so. */
function words({ label, style, data }: Pick<Cell, 'label' | 'style' | 'data'>, draft: Draft): string {
  const filled = data.get('placeholders') === '1' ? label.replace(/%(\w+)%/g, (whole, name: string) => data.get(name) ?? (/^c4/.test(name) ? '' : whole)) : label;
  if (!isOn(style, 'html')) return decodeEntities(filled);
  if (isRich(filled)) draft.report.info('rich_text');
  return plainText(filled);
}

const isDrawn = ({ cell }: Cell) => attribute(cell, 'vertex') === '1' || attribute(cell, 'edge') === '1';
const isHidden = ({ cell }: Cell) => attribute(cell, 'visible') === '0';

/** The cells right below the root. */
const layersOf = (cells: ReadonlyMap<string, Cell>): readonly Cell[] => [...cells.values()].find(({ parent }) => !cells.has(parent))?.children ?? [];

const C4: readonly [RegExp, string][] = [
  [/person/i, 'person'],
  [/(system|container|enterprise)\s*(scope)?\s*boundary/i, 'boundary'],
  [/component/i, 'component'],
  [/container/i, 'container'],
  [/system/i, 'system'],
];

class PageReader {
  readonly shapes = new Map<string, ShapeJson>();
  private readonly edges: { cell: Cell; origin: Point }[] = [];
  /** Where rows of a table stand along its sides, by their cells. */
  private readonly rows = new Map<string, number>();
  private readonly byId = new Map<string, ShapeJson>();
  private readonly groups = new Map<string, string[]>();
  private grouped = 0;

  constructor(
    private readonly draft: Draft,
    private readonly cells: Map<string, Cell>,
    private readonly prefix: string,
    private readonly hidden: boolean,
  ) {}

  read(): void {
    for (const layer of layersOf(this.cells)) {
      if (isDrawn(layer)) this.take(layer, [0, 0], undefined, [], 0);
      else if (isHidden(layer) && !this.hidden) this.draft.report.warn('hidden_layer', layer.label);
      else for (const cell of layer.children) this.take(cell, [0, 0], undefined, [], 0, isOn(layer.style, 'locked'));
    }
    for (const shape of this.shapes.values()) this.byId.set(shape.id, shape);
    for (const { cell, origin } of this.edges) this.connect(cell, origin);
  }

  private box({ geometry, cell }: Cell, [x, y]: Point): Box {
    const shown = attribute(cell, 'collapsed') === '1' ? (child(geometry ?? cell, 'mxRectangle') ?? geometry) : geometry;
    return { x: x + value(geometry, 'x'), y: y + value(geometry, 'y'), width: value(shown, 'width'), height: value(shown, 'height') };
  }

  private take(cell: Cell, origin: Point, frame: ShapeJson | undefined, groups: string[], depth: number, locked = false): void {
    const { report } = this.draft;
    if (attribute(cell.cell, 'visible') === '0') return;
    if (attribute(cell.cell, 'edge') === '1') {
      this.edges.push({ cell, origin });
      this.groups.set(cell.id, groups);
      return;
    }
    if (attribute(cell.cell, 'vertex') !== '1' || !cell.geometry) return;
    if (depth > MAX_NESTED) return report.warn('malformed', cell.id);
    const box = this.box(cell, origin);
    if (attribute(cell.geometry, 'relative') === '1') {
      // Relative to the size of what it stands in.
      const parent = this.shapes.get(cell.parent);
      const offset = cell.geometry.children.find((point) => attribute(point, 'as') === 'offset');
      if (parent) Object.assign(box, { x: origin[0] + value(cell.geometry, 'x') * parent.size[0] + value(offset, 'x'), y: origin[1] + value(cell.geometry, 'y') * parent.size[1] + value(offset, 'y') });
    }
    const inner: Point = [box.x, box.y];
    const inside = (list: Cell[], holder: ShapeJson | undefined, around: string[]) => {
      for (const one of list) this.take(one, inner, holder, around, depth + 1, locked);
    };
    const name = cell.style.get('shape') ?? '';
    const own = { ...(frame ? { frame: frame.id } : {}), ...(groups.length > 0 ? { groups } : {}), ...(locked ? { locked: true } : {}) };

    // A group is nothing to see; neither is a shape that is told not to be drawn.
    if (cell.style.has('group') && cell.children.length > 0) {
      return inside(cell.children, frame, [...(cell.children.length > 1 ? [`g${this.prefix}${++this.grouped}`] : []), ...groups].slice(0, 8));
    }
    const table = this.tableOf(cell);
    if (table) {
      const shape = this.put(cell, table.kind, box, { ...own, text: table.text });
      delete shape.align;
      delete shape.valign;
      if (table.kind === 'rectangle') shape.align = 'left';
      const hold = (list: readonly Cell[], row?: number) => {
        for (const [i, one] of list.entries()) {
          this.shapes.set(one.id, shape);
          if (table.kind !== 'rectangle') this.rows.set(one.id, rowOf(shape, table.text, row ?? i));
          if (attribute(one.cell, 'edge') === '1') this.edges.push({ cell: one, origin: inner });
          else hold(one.children, row ?? i);
        }
      };
      hold(table.rows);
      hold(cell.children.filter((one) => !table.rows.includes(one)), 0);
      return;
    }
    const held = cell.children.filter((one) => attribute(one.cell, 'vertex') === '1');
    const container = cell.style.has('swimlane') || name === 'swimlane' || (isOn(cell.style, 'container') && name !== 'umlLifeline' && held.length > 0);
    const c4 = cell.data.get('c4Type') ?? '';
    const known = C4.find(([type]) => type.test(c4))?.[1];
    if (container && known === undefined) {
      return inside(cell.children, this.lane(cell, box, own), []);
    }
    const isLine = cell.style.has('line') || name === 'line';
    const kind = known ?? (isLine ? 'rectangle' : kindOf(cell.style, this.draft));
    if (kind === 'image') {
      // In a style ";" ends a value, so the data stands right behind the type.
      const image = (cell.style.get('image') ?? '').replace(IMAGE_TYPES, '$1;base64,');
      const file = imageOf(image, report);
      const shape = this.put(cell, 'image', box, { ...own, alt: words(cell, this.draft) });
      if (file) this.draft.files.push({ shape: shape.id, file });
      this.beside(shape, shape.alt ?? '', besideOf(cell.style) ?? 'bottom');
    } else if (kind === 'frame') inside(cell.children, this.put(cell, 'frame', box, { ...own, text: words(cell, this.draft) }), []);
    else if (isLine) {
      const across = cell.style.get('direction') === 'south' || cell.style.get('direction') === 'north';
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const { fontSize: _, ...line } = look(cell.style, this.draft) as Partial<ConnectorJson>;
      this.draft.connector(across ? free(x, box.y) : free(box.x, y), across ? free(x, box.y + box.height) : free(box.x + box.width, y), { ...line, route: 'straight', end: 'none' });
      return;
    } else {
      let text = words(cell, this.draft);
      if (known !== undefined && text === '') text = [cell.data.get('c4Name'), c4 && `[${c4}]`, cell.data.get('c4Description')].filter((line) => line).join('\n');
      if (name === 'umlLifeline') {
        // The head and the line below it go together; what leads to the whole leads to the line.
        const group = `g${this.prefix}${++this.grouped}`;
        const inside = [group, ...groups];
        const participant = cell.style.get('participant');
        const tall = Math.min(box.height - 1, Number(cell.style.get('size') ?? 40) || 40);
        this.put(cell, participant === 'umlActor' ? 'actor' : participant === undefined ? 'rectangle' : 'ellipse', { ...box, height: tall }, { ...own, groups: inside, text });
        this.shapes.set(cell.id, lifeline(this.draft, box.x + box.width / 2, box.y + tall, box.y + box.height, { ...own, groups: inside }));
      } else {
        const side = besideOf(cell.style);
        const shape = this.put(cell, kind, box, { ...own, text: side === null ? text : '' });
        if (side !== null) this.beside(shape, text, side);
        else if (kind !== 'text') shape.fontSize = fitting(text, roomOf({ kind, at: shape.at, size: shape.size }).w, shape.fontSize ?? 12, shape.bold);
      }
    }
    inside(cell.children, frame, groups);
  }

  /** A label that stands beside its shape, and goes with it. */
  private beside(shape: ShapeJson, text: string, side: Side): void {
    if (text === '') return;
    const group = `g${this.prefix}${++this.grouped}`;
    const { fontSize = 12, color, bold, frame, locked } = shape;
    const size = textSize(text, fontSize, bold);
    const [width, height] = [size.width + 8, size.height + 4];
    const [x, y] = shape.at;
    const [w, h] = shape.size;
    const [cx, cy] = [x + (w - width) / 2, y + (h - height) / 2];
    const at: Record<Side, Point> = { top: [cx, y - height - 2], bottom: [cx, y + h + 2], left: [x - width - 4, cy], right: [x + w + 4, cy] };
    shape.groups = [group, ...(shape.groups ?? [])];
    const align = side === 'left' ? 'right' : side === 'right' ? 'left' : 'center';
    this.draft.shape('text', { x: at[side][0], y: at[side][1], width, height }, { text, fontSize, align, groups: shape.groups, ...(color ? { color } : {}), ...(bold ? { bold } : {}), ...(frame ? { frame } : {}), ...(locked ? { locked } : {}) });
  }

  /** A swimlane: a frame below its title, or, where its title stands at its side or has a colour, one with a bar for it. */
  private lane(cell: Cell, box: Box, own: Partial<ShapeJson>): ShapeJson {
    const { style } = cell;
    const text = words(cell, this.draft);
    const lane = style.has('swimlane') || style.get('shape') === 'swimlane';
    const room = lane ? Math.min(Number(style.get('startSize') ?? 23) || 0, box.width, box.height) : 0;
    const aside = style.get('horizontal') === '0';
    const fill = lookOfShape(style, 'rectangle', this.draft).fill ?? 'none';
    const bare = text === '' || room < 8 || (!aside && (fill === 'none' || fill === '#ffffff'));
    const below = bare && room >= 8 ? { ...box, y: box.y + room, height: Math.max(1, box.height - room) } : box;
    const frame = this.put(cell, 'frame', below, { ...own, text: bare ? text : '' });
    const { bold, stroke, strokeWidth, color, opacity, fontSize = 12 } = frame;
    for (const key of ['align', 'valign', 'bold'] as const) delete frame[key];
    if (bare) return frame;
    const length = aside ? box.height : box.width;
    const middle: Point = aside ? [box.x + room / 2, box.y + box.height / 2] : [box.x + box.width / 2, box.y + room / 2];
    this.draft.shape('rectangle', { x: middle[0] - length / 2, y: middle[1] - room / 2, width: length, height: room }, {
      text, fill, frame: frame.id, fontSize: fitting(text, length, fontSize, bold), ...(aside ? { angle: 270 } : {}), ...(bold ? { bold } : {}), ...(stroke ? { stroke } : {}), ...(strokeWidth ? { strokeWidth } : {}), ...(color ? { color } : {}), ...(opacity === undefined ? {} : { opacity }),
    });
    return frame;
  }

  private put(cell: Cell, kind: string, box: Box, extra: Partial<ShapeJson>): ShapeJson {
    const link = cell.data.get('link') ?? cell.style.get('link');
    const pageLink = link?.startsWith('data:page') ?? false;
    if (pageLink) this.draft.report.info('page_link');
    const style = { ...look(cell.style, this.draft), ...lookOfShape(cell.style, kind, this.draft) };
    // The colour of a label that has one of its own.
    const colored = cell.style.has('html') && (/<font[^<>]*\scolor="([^"]{1,40})"/.exec(cell.label) ?? /style="(?:[^"]*;)?\s*color:\s*([^;"]{1,40})/.exec(cell.label))?.[1];
    if (colored && (style.color === undefined || cell.label.startsWith('<font'))) style.color = this.draft.color(colored.replace(/^light-dark\(\s*([^,]+),.*$/, '$1'));
    if (kind === 'image') delete style.stroke;
    const tilted = cell.style.get('direction') === 'south' || cell.style.get('direction') === 'north';
    if (tilted && kind !== 'frame') this.draft.report.info('flip');
    const shape = this.draft.shape(kind, box, { ...style, ...extra, ...(link && !pageLink ? { link } : {}) });
    this.shapes.set(cell.id, shape);
    return shape;
  }

  /** Tables and lists of fields are one shape here: its lines are their rows. */
  private tableOf(cell: Cell): { kind: 'entity' | 'class' | 'rectangle'; text: string; rows: readonly Cell[] } | null {
    const name = cell.style.get('shape') ?? '';
    const layout = cell.style.get('childLayout') ?? '';
    const rows = cell.children.filter((one) => attribute(one.cell, 'vertex') === '1').sort((a, b) => value(a.geometry, 'y') - value(b.geometry, 'y'));
    const joined = (parts: readonly Cell[]) => (parts.length === 1 ? words(parts[0]!, this.draft) : parts.map((part) => words(part, this.draft).replace(/\s*\n\s*/g, ' ')).filter((text) => text !== '').join(' '));
    if (name === 'table' || layout === 'tableLayout') {
      const lines = rows.map((row) => {
        const columns = row.children.length > 0 ? row.children.filter((one) => attribute(one.cell, 'vertex') === '1').sort((a, b) => value(a.geometry, 'x') - value(b.geometry, 'x')) : [row];
        return joined(columns);
      });
      // The rule under the keys.
      const keys = rows.findIndex((row) => row.style.get('bottom') === '1');
      if (keys >= 0 && keys < lines.length - 1) lines.splice(keys + 1, 0, '---');
      return { kind: 'entity', text: [words(cell, this.draft), ...lines].join('\n'), rows };
    }
    if (layout !== 'stackLayout' || rows.length === 0) return null;
    const isLine = ({ style }: Pick<Cell, 'style'>) => style.has('line') || style.get('shape') === 'line';
    const isPart = ({ style }: Cell) => style.has('text') || style.get('shape') === 'partialRectangle';
    // The key of a field may stand in a cell of its own.
    const isField = (one: Cell) => (isPart(one) || isLine(one) || one.style.get('strokeColor') === 'none') && one.children.every((part) => part.children.length === 0 && isPart(part));
    if (!rows.every(isField)) return null;
    const title = words(cell, this.draft);
    const lines = rows.map((row) => (isLine(row) ? '---' : joined([...row.children, row])));
    if (title === '') return { kind: 'rectangle', text: lines.join('\n'), rows };
    return { kind: lines.includes('---') ? 'class' : 'entity', text: [title, ...lines].join('\n'), rows };
  }

  private shapeAt(end: EndJson): ShapeJson | undefined {
    return 'shape' in end ? this.byId.get(end.shape) : undefined;
  }

  /** Where an end stands; nowhere yet, if it floats. */
  private placeOf(end: EndJson): Point | null {
    const shape = this.shapeAt(end);
    if (shape === undefined) return end.at ?? null;
    const { side, along } = end as { side: Side | 'auto'; along?: number };
    return side === 'auto' ? null : sideOfShape({ ...shape, angle: shape.angle ?? 0 }, side, along);
  }

  /** An end that may stand anywhere on its shape: right across from where it leads, on bars of a sequence and where a connector is bent. */
  private floating(end: EndJson, to: Point | null, squared: boolean, elbow: 0 | 1 | null): EndJson {
    const shape = this.shapeAt(end);
    if (shape === undefined || to === null || !('shape' in end) || end.side !== 'auto' || (shape.angle ?? 0) !== 0) return end;
    const { at: [x, y], size: [w, h] } = shape;
    const bar = shape.kind === 'draw' || (w <= 20 && h >= w * 2);
    if (!squared && !bar) return end;
    const [along, down] = [(to[0] - x) / w, (to[1] - y) / h];
    const within = (share: number) => share >= 0 && share <= 1;
    if (elbow !== 0 && within(down) && !within(along)) return attached(shape, along < 0 ? 'left' : 'right', down);
    if (elbow !== 1 && within(along) && !within(down)) return attached(shape, down < 0 ? 'top' : 'bottom', along);
    return attached(shape, elbow === 0 ? (along < 0.5 ? 'left' : 'right') : elbow === 1 ? (down < 0.5 ? 'top' : 'bottom') : facing({ ...shape, angle: 0 }, to));
  }

  /** One piece across at the height (or down at the place) that the bend says. */
  private elbowed(from: EndJson, bend: Point, to: EndJson, axis: 0 | 1): Point[] {
    const corner = (place: Point | null): Point => (axis === 0 ? [bend[0], (place ?? bend)[1]] : [(place ?? bend)[0], bend[1]]);
    return [corner(this.placeOf(from)), corner(this.placeOf(to))];
  }

  /** Bends with corners between those that don't stand above or beside one another. */
  private squared(from: EndJson, bends: readonly Point[], to: EndJson): Point[] {
    const place = (end: EndJson, next: Point): { at: Point; across: boolean | null } => ({
      at: this.placeOf(end) ?? next,
      across: 'shape' in end && end.side !== 'auto' ? end.side === 'left' || end.side === 'right' : null,
    });
    const first = place(from, bends[0]!);
    const last = place(to, bends.at(-1)!);
    const out: Point[] = [];
    let before = first.at;
    let { across } = first;
    const go = (next: Point, arrives: boolean | null) => {
      const [dx, dy] = [Math.abs(next[0] - before[0]), Math.abs(next[1] - before[1])];
      if (dx > 1 && dy > 1) {
        // Out of a shape it goes straight on; later it turns.
        const way = across ?? (arrives === null ? dx >= dy : !arrives);
        const corner: Point = way ? [next[0], before[1]] : [before[0], next[1]];
        out.push(corner);
        across = !way;
      } else across = dx >= dy;
      before = next;
    };
    for (const bend of bends) {
      go(bend, null);
      out.push(bend);
      across = across === null ? null : !across;
    }
    go(last.at, last.across);
    return out.map(([x, y]): Point => [tenth(x), tenth(y)]);
  }

  /** An end on a shape: on the side that the style says; at the height of its row; at its height of a lifeline. */
  private onShape(cell: Cell, role: 'source' | 'target', shape: ShapeJson): EndJson {
    const id = attribute(cell.cell, role) ?? '';
    const key = role === 'source' ? 'exit' : 'entry';
    const { side, along } = sideOf(cell.style, key);
    const row = this.rows.get(id);
    const height = cell.style.get(`${key}Y`);
    const lifeline = shape.kind === 'draw' && this.cells.get(id)?.style.get('shape') === 'umlLifeline';
    if (row === undefined && !(lifeline && height !== undefined)) return attached(shape, side, along);
    const other = this.shapes.get(attribute(cell.cell, role === 'source' ? 'target' : 'source') ?? '');
    const facing: Side = side === 'left' || side === 'right' ? side : (other?.at[0] ?? Infinity) < shape.at[0] ? 'left' : 'right';
    if (row !== undefined) return attached(shape, facing, row);
    // Of a lifeline the head is a part, in draw.io.
    const whole = value(this.cells.get(id)?.geometry, 'height');
    return attached(shape, facing, 1 - (whole * (1 - (Number(height) || 0))) / shape.size[1]);
  }

  private connect(cell: Cell, [x, y]: Point): void {
    const { report } = this.draft;
    const points = cell.geometry?.children.filter(({ name }) => name === 'mxPoint') ?? [];
    const pointAs = (role: string): Point | undefined => {
      const point = points.find((one) => attribute(one, 'as') === role);
      return point && [tenth(x + value(point, 'x')), tenth(y + value(point, 'y'))];
    };
    const style = cell.style;
    const end = (role: 'source' | 'target'): EndJson | null => {
      const id = attribute(cell.cell, role);
      const shape = id === undefined ? undefined : this.shapes.get(id);
      if (shape) return this.onShape(cell, role, shape);
      if (id !== undefined && attribute(this.cells.get(id)?.cell, 'edge') === '1') report.info('arrow_on_arrow');
      const at = pointAs(`${role}Point`);
      return at ? { at } : null;
    };
    const bends = (cell.geometry?.children.find((one) => one.name === 'Array' && attribute(one, 'as') === 'points')?.children ?? []).map((point): Point => [tenth(x + value(point, 'x')), tenth(y + value(point, 'y'))]);
    let [from, to] = [end('source'), end('target')];
    // An end on another connector has no place of its own: the nearest bend is where it was heading.
    if (!from && bends.length > 0) from = { at: bends.shift()! };
    if (!to && bends.length > 0) to = { at: bends.pop()! };
    if (!from || !to) return report.warn('dangling');
    const squared = routeOf(style) === 'orthogonal' && bends.length > 0;
    const elbow = style.get('edgeStyle') === 'elbowEdgeStyle' ? (style.get('elbow') === 'vertical' ? 1 : 0) : null;
    from = this.floating(from, bends[0] ?? this.placeOf(to), squared, elbow);
    to = this.floating(to, bends.at(-1) ?? this.placeOf(from), squared, elbow);

    // Bends that somebody chose are kept: between them it goes in right angles, as in draw.io.
    const route = squared ? 'straight' : routeOf(style);
    const extra: Partial<ConnectorJson> = { ...(look(style, this.draft) as Partial<ConnectorJson>), route, start: headOf(style, 'start', this.draft), end: headOf(style, 'end', this.draft) };
    if (bends.length > 0) {
      const points = !squared ? bends : elbow === null ? this.squared(from, bends, to) : this.elbowed(from, bends[0]!, to, elbow);
      if (squared) report.info('waypoints');
      extra.points = thinned(points, MAX.waypoints);
      if (points.length > MAX.waypoints) report.info('points_cut');
    }
    const groups = this.groups.get(cell.id);
    if (groups?.length) extra.groups = groups;

    // Its label stands in the middle; more of them along it, from -1 at the start to 1 at the end.
    const texts = { start: [] as string[], middle: [words(cell, this.draft)], end: [] as string[] };
    for (const label of cell.children) {
      const at = value(label.geometry, 'x');
      texts[at < -0.4 ? 'start' : at > 0.4 ? 'end' : 'middle'].push(words(label, this.draft));
    }
    const text = (list: string[]) => list.filter((one) => one !== '').join('\n');
    if (text(texts.middle) !== '') extra.text = text(texts.middle);
    if (text(texts.start) !== '') extra.startText = text(texts.start);
    if (text(texts.end) !== '') extra.endText = text(texts.end);
    this.draft.connector(from, to, extra);
  }
}

/** What of a file is read: all pages and what shows on them, unless it says otherwise. */
export interface Choice {
  /** By number, from 0 on. */
  pages?: readonly number[];
  /** Hidden layers, too. */
  hidden?: boolean;
}

export interface DrawioFile {
  /** For somebody to choose from: their names, and those of the layers that are hidden. */
  pages: readonly { name: string; hidden: readonly string[] }[];
  read: (choice?: Choice) => Imported;
}

export async function openDrawio(text: string): Promise<DrawioFile> {
  const pages = (await readPages(text)).map((page) => ({ name: page.name, cells: cellsOf(page) }));
  return {
    pages: pages.map(({ name, cells }) => ({ name, hidden: layersOf(cells).filter((layer) => !isDrawn(layer) && isHidden(layer)).map(({ label }, i) => label || t.formats.layer(i + 1)) })),
    read({ pages: wanted, hidden = false } = {}) {
      const read = pages.filter((_, i) => wanted?.includes(i) ?? true);
      const draft = new Draft();
      let left = 0;
      for (const [i, { name, cells }] of read.entries()) {
        const frame = read.length > 1 ? draft.shape('frame', { x: 0, y: 0, width: 1, height: 1 }, { text: name }) : undefined;
        const [shapes, connectors] = [draft.shapes.length, draft.connectors.length];
        new PageReader(draft, cells, `${i}_`, hidden).read();
        if (frame) left = framed(frame, draft.shapes.slice(shapes), draft.connectors.slice(connectors), left) + GAP_OF_PAGES;
      }
      return draft.finish(pages.length > 1 && read.length === 1 ? read[0]!.name : '');
    },
  };
}

export const readDrawio = async (text: string, choice?: Choice): Promise<Imported> => (await openDrawio(text)).read(choice);

/** Puts a frame around a page, and both at `left`. Gives where it ends. */
function framed(frame: ShapeJson, shapes: readonly ShapeJson[], connectors: readonly ConnectorJson[], left: number): number {
  const ends = connectors.flatMap(({ from, to, points }) => [...[from, to].flatMap((end) => ('shape' in end ? [] : [end.at])), ...(points ?? [])]);
  const box = around([...shapes.map(boxOf), ...ends.map(([x, y]) => ({ x, y, width: 0, height: 0 }))]);
  const [dx, dy] = [left + PADDING - box.x, PADDING - box.y];
  const move = ([x, y]: Point): Point => [tenth(x + dx), tenth(y + dy)];
  for (const shape of shapes) {
    shape.at = move(shape.at);
    shape.frame ??= frame.id;
  }
  for (const line of connectors) {
    if (!('shape' in line.from)) line.from = { at: move(line.from.at) };
    if (!('shape' in line.to)) line.to = { at: move(line.to.at) };
    if (line.points) line.points = line.points.map(move);
  }
  frame.at = [tenth(left), 0];
  frame.size = [Math.max(100, tenth(box.width + 2 * PADDING)), Math.max(100, tenth(box.height + 2 * PADDING))];
  return left + frame.size[0];
}
