/** Draw.io files (`.drawio`, `.xml`, and the SVG that draw.io writes): one page, or several one after the other as frames. */
import { t } from '@/texts';
import { MAX, type ConnectorJson, type EndJson, type Point, type ShapeJson } from '../schema';
import { around, attached, boxOf, Draft, free, tenth, thinned, type Box } from './draft';
import { readPages, type Page } from './drawio/file';
import { headOf, isOn, kindOf, look, lookOfShape, parseStyle, routeOf, sideOf, type Style } from './drawio/style';
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
      const hold = (list: Cell[]) => {
        for (const one of list) {
          this.shapes.set(one.id, shape);
          if (attribute(one.cell, 'edge') === '1') this.edges.push({ cell: one, origin: inner });
          else hold(one.children);
        }
      };
      hold(cell.children);
      return;
    }
    const held = cell.children.filter((one) => attribute(one.cell, 'vertex') === '1');
    const container = cell.style.has('swimlane') || name === 'swimlane' || (isOn(cell.style, 'container') && name !== 'umlLifeline' && held.length > 0);
    const c4 = cell.data.get('c4Type') ?? '';
    const known = C4.find(([type]) => type.test(c4))?.[1];
    if (container && known === undefined) {
      const shape = this.put(cell, 'frame', box, { ...own, text: words(cell, this.draft) });
      for (const key of ['align', 'valign', 'bold'] as const) delete shape[key];
      return inside(cell.children, shape, []);
    }
    const kind = known ?? kindOf(cell.style, this.draft);
    if (kind === 'image') {
      // In a style ";" ends a value, so the data stands right behind the type.
      const image = (cell.style.get('image') ?? '').replace(IMAGE_TYPES, '$1;base64,');
      const file = imageOf(image, report);
      const shape = this.put(cell, 'image', box, { ...own, alt: words(cell, this.draft) });
      if (file) this.draft.files.push({ shape: shape.id, file });
    } else if (kind === 'frame') inside(cell.children, this.put(cell, 'frame', box, { ...own, text: words(cell, this.draft) }), []);
    else if (cell.style.has('line') || name === 'line') {
      const across = cell.style.get('direction') === 'south' || cell.style.get('direction') === 'north';
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const { fontSize: _, ...line } = look(cell.style, this.draft) as Partial<ConnectorJson>;
      this.draft.connector(across ? free(x, box.y) : free(box.x, y), across ? free(x, box.y + box.height) : free(box.x + box.width, y), { ...line, route: 'straight', end: 'none' });
      return;
    } else {
      let text = words(cell, this.draft);
      if (known !== undefined && text === '') text = [cell.data.get('c4Name'), c4 && `[${c4}]`, cell.data.get('c4Description')].filter((line) => line).join('\n');
      if (kind === 'actor') box.height = Math.min(box.height, Number(cell.style.get('size') ?? 40) || 40);
      const shape = this.put(cell, kind, box, { ...own, text });
      if (name === 'umlLifeline') {
        const full = this.box(cell, origin);
        this.draft.connector(attached(shape, 'bottom'), free(full.x + full.width / 2, full.y + full.height), { route: 'straight', end: 'none', strokeStyle: 'dashed', strokeWidth: 1 });
      }
    }
    inside(cell.children, frame, groups);
  }

  private put(cell: Cell, kind: string, box: Box, extra: Partial<ShapeJson>): ShapeJson {
    const link = cell.data.get('link') ?? cell.style.get('link');
    const pageLink = link?.startsWith('data:page') ?? false;
    if (pageLink) this.draft.report.info('page_link');
    const style = { ...look(cell.style, this.draft), ...lookOfShape(cell.style, kind, this.draft) };
    // The colour of a label that has one of its own.
    const colored = cell.style.has('html') && (/<font[^<>]*\scolor="([^"]{1,40})"/.exec(cell.label) ?? /style="(?:[^"]*;)?\s*color:\s*([^;"]{1,40})/.exec(cell.label))?.[1];
    if (colored && style.color === undefined) style.color = this.draft.color(colored.replace(/^light-dark\(\s*([^,]+),.*$/, '$1'));
    if (kind === 'image') delete style.stroke;
    const tilted = cell.style.get('direction') === 'south' || cell.style.get('direction') === 'north';
    if (tilted && kind !== 'frame') this.draft.report.info('flip');
    const shape = this.draft.shape(kind, box, { ...style, ...extra, ...(link && !pageLink ? { link } : {}) });
    this.shapes.set(cell.id, shape);
    return shape;
  }

  /** Tables and lists of fields are one shape here: its lines are their rows. */
  private tableOf(cell: Cell): { kind: 'entity' | 'class' | 'rectangle'; text: string } | null {
    const name = cell.style.get('shape') ?? '';
    const layout = cell.style.get('childLayout') ?? '';
    const rows = cell.children.filter((one) => attribute(one.cell, 'vertex') === '1').sort((a, b) => value(a.geometry, 'y') - value(b.geometry, 'y'));
    if (name === 'table' || layout === 'tableLayout') {
      const lines = rows.map((row) => {
        const columns = row.children.length > 0 ? row.children.filter((one) => attribute(one.cell, 'vertex') === '1').sort((a, b) => value(a.geometry, 'x') - value(b.geometry, 'x')) : [row];
        return columns.map((column) => words(column, this.draft).replace(/\s*\n\s*/g, ' ')).filter((text) => text !== '').join(' ');
      });
      // The rule under the keys.
      const keys = rows.findIndex((row) => row.style.get('bottom') === '1');
      if (keys >= 0 && keys < lines.length - 1) lines.splice(keys + 1, 0, '---');
      return { kind: 'entity', text: [words(cell, this.draft), '---', ...lines.filter((line) => line !== '')].join('\n') };
    }
    if (layout !== 'stackLayout' || rows.length === 0) return null;
    const isLine = ({ style }: Pick<Cell, 'style'>) => style.has('line') || style.get('shape') === 'line';
    const isField = ({ style, children }: Cell) => children.length === 0 && (style.has('text') || isLine({ style }) || style.get('strokeColor') === 'none');
    if (!rows.every(isField)) return null;
    const title = words(cell, this.draft);
    const lines = rows.map((row) => (isLine(row) ? '---' : words(row, this.draft)));
    if (title === '') return { kind: 'rectangle', text: lines.join('\n') };
    return { kind: lines.includes('---') ? 'class' : 'entity', text: [title, '---', ...lines].join('\n') };
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
      if (shape) return attached(shape, sideOf(style, role === 'source' ? 'exit' : 'entry'));
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

    const route = routeOf(style);
    const extra: Partial<ConnectorJson> = { ...(look(style, this.draft) as Partial<ConnectorJson>), route, start: headOf(style, 'start', this.draft), end: headOf(style, 'end', this.draft) };
    if (route === 'orthogonal') {
      if (bends.length > 0) report.info('waypoints');
    } else if (bends.length > 0) {
      extra.points = thinned(bends, MAX.waypoints);
      if (bends.length > MAX.waypoints) report.info('points_cut');
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
