/** Excalidraw files (version 2 of its JSON, older ones too) and what Excalidraw puts on the clipboard. */
import { ruleOf } from '../rules';
import { MAX, MIDDLE, type ConnectorJson, type EndJson, type Head, type Point, type ShapeJson, type Side } from '../schema';
import { isRecord } from './check';
import { roomOf } from '../drawing';
import { attached, Draft, fitting, free, tenth, textSize, thinned, type Box } from './draft';
import { imageOf, type Imported } from './files';
import { parseJson } from './json';
import { FormatError } from './report';

type Element = Record<string, unknown> & { id: string; type: string } & Box;

const KINDS: Readonly<Record<string, string>> = { rectangle: 'rectangle', diamond: 'diamond', ellipse: 'ellipse', text: 'text', image: 'image', frame: 'frame', magicframe: 'frame', embeddable: 'rectangle', iframe: 'rectangle' };

const HEADS: Readonly<Record<string, Head>> = {
  arrow: 'arrow', bar: 'one', dot: 'circle', circle: 'circle', circle_outline: 'circle_open', triangle: 'triangle', triangle_outline: 'triangle_open', diamond: 'diamond', diamond_outline: 'diamond_open',
  crowfoot_one: 'one', crowfoot_many: 'many', crowfoot_one_or_many: 'one_many', cardinality_one: 'one', cardinality_exactly_one: 'one', cardinality_many: 'many', cardinality_one_or_many: 'one_many',
  cardinality_zero_or_one: 'zero_one', cardinality_zero_or_many: 'zero_many',
};

/** The colour that Excalidraw draws with unless told otherwise: it stands for "readable", which is ours to say. */
const DEFAULT_STROKE = /^#(1e1e1e|000000|000)$/i;

/** Beside a text, left and right together. */
const MARGIN_OF_TEXT = 2 * ruleOf('text').padding + 1;

const number = (value: unknown, otherwise = 0) => (typeof value === 'number' && Number.isFinite(value) ? value : otherwise);

/** The waypoints of a line, absolute and turned. */
function pointsOf({ x, y, angle, points }: Element): Point[] {
  if (!Array.isArray(points)) return [];
  const list = points.filter((point): point is number[] => Array.isArray(point) && point.length >= 2 && point.slice(0, 2).every((value) => typeof value === 'number' && Number.isFinite(value)));
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [px, py] of list) [left, top, right, bottom] = [Math.min(left, px!), Math.min(top, py!), Math.max(right, px!), Math.max(bottom, py!)];
  const [cx, cy] = [x + (left + right) / 2, y + (top + bottom) / 2];
  const [sin, cos] = [Math.sin(number(angle)), Math.cos(number(angle))];
  return list.map(([px, py]) => {
    const [dx, dy] = [x + px! - cx, y + py! - cy];
    return [tenth(cx + dx * cos - dy * sin), tenth(cy + dx * sin + dy * cos)];
  });
}

/** As far from the middle of a side, an end is at the middle. */
const NEAR = 0.1;

/** The side of a shape that an end is at, and where on it. */
function sideAt({ at, size }: ShapeJson, [x, y]: Point): { side: Side; along: number } {
  const dx = (x - at[0] - size[0] / 2) / size[0];
  const dy = (y - at[1] - size[1] / 2) / size[1];
  const along = Math.abs(dx) > Math.abs(dy) ? dy + 0.5 : dx + 0.5;
  return { side: Math.abs(dx) > Math.abs(dy) ? (dx > 0 ? 'right' : 'left') : dy > 0 ? 'bottom' : 'top', along: Math.abs(along - MIDDLE) < NEAR ? MIDDLE : along };
}

export function readExcalidraw(text: string): Imported {
  const raw = parseJson(text);
  if (!isRecord(raw) || !/^excalidraw(\/clipboard)?$/.test(String(raw.type)) || !Array.isArray(raw.elements)) throw new FormatError('not_excalidraw');
  const draft = new Draft();
  const { report } = draft;

  const elements: Element[] = [];
  for (const element of raw.elements as unknown[]) {
    if (isRecord(element) && (element.isDeleted === true || element.type === 'selection')) continue;
    if (!isRecord(element) || typeof element.id !== 'string' || typeof element.type !== 'string') report.warn('malformed');
    else if (![element.x, element.y].every((value) => typeof value === 'number' && Math.abs(value) <= MAX.coordinate)) report.warn('bad_place', element.type);
    else elements.push({ ...element, width: number(element.width), height: number(element.height) } as Element);
  }
  const byId = new Map(elements.map((element) => [element.id, element]));
  /** Texts in shapes and on arrows, by what they are in. */
  const labels = new Map<string, Element>();
  for (const element of elements) if (element.type === 'text' && typeof element.containerId === 'string' && byId.has(element.containerId)) labels.set(element.containerId, element);

  const groups = new Map<string, string>();
  const groupsOf = ({ groupIds }: Element) => {
    if (!Array.isArray(groupIds) || groupIds.length === 0) return {};
    for (const id of groupIds) if (!groups.has(String(id))) groups.set(String(id), `g${groups.size + 1}`);
    return { groups: groupIds.map((id) => groups.get(String(id))!) };
  };
  /** What shapes and lines have in common. */
  const look = (element: Element) => {
    if (number(element.roughness, 1) > 0 && element.type !== 'text' && element.type !== 'image' && element.type !== 'frame') report.info('sketch');
    const stroke = typeof element.strokeColor === 'string' && !DEFAULT_STROKE.test(element.strokeColor) ? draft.color(element.strokeColor) : undefined;
    return {
      ...groupsOf(element),
      ...(stroke === undefined ? {} : { stroke }),
      ...(element.locked === true ? { locked: true } : {}),
      ...(typeof element.strokeWidth === 'number' ? { strokeWidth: Math.min(20, Math.max(0.5, number(element.strokeWidth, 2))) } : {}),
      ...(element.strokeStyle === 'dashed' || element.strokeStyle === 'dotted' ? { strokeStyle: element.strokeStyle as 'dashed' } : {}),
      ...(number(element.opacity, 100) < 100 ? { opacity: Math.max(0, number(element.opacity) / 100) } : {}),
    };
  };
  const words = (element: Element | undefined) => {
    if (!element) return {};
    if (element.fontFamily !== undefined) report.info('font');
    const align = ['left', 'center', 'right'].find((one) => one === element.textAlign);
    const valign = ['top', 'middle', 'bottom'].find((one) => one === element.verticalAlign);
    const color = typeof element.strokeColor === 'string' && !DEFAULT_STROKE.test(element.strokeColor) ? draft.color(element.strokeColor) : undefined;
    return {
      // The text as typed: where lines break is for the new shape to say.
      text: String(element.containerId ? (element.originalText ?? element.text ?? '') : (element.text ?? '')),
      fontSize: Math.min(200, Math.max(8, tenth(number(element.fontSize, 20)))),
      ...(align ? { align: align as 'left' } : {}),
      ...(valign && element.containerId ? { valign: valign as 'top' } : {}),
      ...(color === undefined ? {} : { color }),
    };
  };

  const shapes = new Map<string, ShapeJson>();
  const takeShape = (element: Element) => {
    const { id, type } = element;
    let kind = KINDS[type]!;
    if (kind === 'rectangle' && ((element.roundness ?? null) !== null || element.strokeSharpness === 'round')) kind = 'rounded';
    const extra: Partial<ShapeJson> = { ...look(element), ...words(kind === 'text' ? element : labels.get(id)) };
    if (kind === 'frame') {
      // Excalidraw draws all frames alike.
      for (const key of ['stroke', 'strokeWidth', 'strokeStyle'] as const) delete extra[key];
      extra.text = typeof element.name === 'string' && element.name !== '' ? element.name : 'Frame';
    } else if (kind === 'text') for (const key of ['stroke', 'strokeWidth', 'strokeStyle'] as const) delete extra[key];
    else if (kind !== 'image') {
      extra.fill = draft.color(element.backgroundColor ?? 'transparent') ?? 'none';
      if (extra.fill !== 'none' && element.fillStyle !== undefined && element.fillStyle !== 'solid') report.info('fill_pattern');
    }
    const angle = tenth(((number(element.angle) * 180) / Math.PI) % 360);
    if (angle !== 0 && kind !== 'frame') extra.angle = angle;
    let box: Box = element;
    if (typeof extra.text === 'string' && extra.fontSize !== undefined) {
      if (kind !== 'text') extra.fontSize = fitting(extra.text, roomOf({ kind, at: [0, 0], size: [element.width, element.height] }).w, extra.fontSize);
      // A text that makes its own room needs another one in our typeface.
      else if (element.autoResize === false) extra.fontSize = fitting(extra.text, element.width, extra.fontSize);
      else {
        const width = Math.max(element.width, textSize(extra.text, extra.fontSize).width + MARGIN_OF_TEXT);
        const share = extra.align === 'center' ? 0.5 : extra.align === 'right' ? 1 : 0;
        box = { x: element.x - (width - element.width) * share, y: element.y, width, height: element.height };
      }
    }
    if (typeof element.link === 'string') extra.link = element.link;
    if (type === 'embeddable' || type === 'iframe') {
      report.info('embed', type);
      extra.text ??= typeof element.link === 'string' ? element.link : '';
    }
    if (kind === 'image') {
      delete extra.stroke;
      if (Array.isArray(element.scale) && element.scale.some((value) => number(value, 1) < 0)) report.info('flip');
      if (isRecord(element.crop)) report.info('crop');
    }
    const shape = draft.shape(kind, box, extra);
    shapes.set(id, shape);
    if (kind === 'image') {
      const file = isRecord(raw.files) && typeof element.fileId === 'string' && Object.hasOwn(raw.files, element.fileId) ? raw.files[element.fileId] : undefined;
      const picture = imageOf(isRecord(file) && typeof file.dataURL === 'string' ? file.dataURL : '', report);
      if (picture) draft.files.push({ shape: shape.id, file: picture });
    }
  };
  const takeStroke = (element: Element) => {
    const all = pointsOf({ ...element, angle: 0 });
    if (all.length === 0) return report.warn('malformed', 'freedraw');
    const pressures = Array.isArray(element.pressures) ? element.pressures : [];
    const marks = thinned(all.map((point, i) => [...point, Math.min(1, Math.max(0, number(pressures[i], 0.5)))] as const), MAX.points / 3);
    if (marks.length < all.length) report.info('points_cut');
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [x, y] of all) [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
    const size: [number, number] = [Math.max(1, tenth(right - left)), Math.max(1, tenth(bottom - top))];
    const angle = tenth(((number(element.angle) * 180) / Math.PI) % 360);
    const shape = draft.shape('draw', { x: left, y: top, width: size[0], height: size[1] }, {
      ...look(element),
      points: marks.flatMap(([x, y, pressure]) => [tenth(x - left), tenth(y - top), Math.round(pressure * 100) / 100]),
      base: size,
      ...(angle === 0 ? {} : { angle }),
    });
    shapes.set(element.id, shape);
  };

  // A frame comes behind what it holds, there in front of it.
  for (const element of elements) if (KINDS[element.type] === 'frame') takeShape(element);
  const lines: [Element, ConnectorJson][] = [];
  for (const element of elements) {
    const { type } = element;
    if (KINDS[type] === 'frame' || labels.get(String(element.containerId)) === element) continue;
    if (Object.hasOwn(KINDS, type)) takeShape(element);
    else if (type === 'freedraw') takeStroke(element);
    else if (type === 'arrow' || type === 'line') {
      const points = pointsOf(element);
      if (points.length < 2) {
        report.warn('malformed', type);
        continue;
      }
      if (type === 'line' && (element.backgroundColor ?? 'transparent') !== 'transparent') report.info('filled_line');
      const head = (name: unknown, otherwise: Head): Head => {
        if (name === undefined) return otherwise;
        if (name === null) return 'none';
        if (typeof name === 'string' && Object.hasOwn(HEADS, name)) return HEADS[name]!;
        report.info('arrowhead', name);
        return 'arrow';
      };
      const label = labels.get(element.id);
      const { align: _align, valign: _valign, ...text } = words(label) as Partial<ShapeJson>;
      const inner = thinned(points.slice(1, -1), MAX.waypoints);
      if (inner.length < points.length - 2) report.info('points_cut');
      const round = (element.roundness ?? null) !== null || element.strokeSharpness === 'round';
      const line = draft.connector(free(...points[0]!), free(...points.at(-1)!), {
        ...look(element),
        ...(text as Partial<ConnectorJson>),
        route: element.elbowed === true ? 'orthogonal' : round && inner.length > 0 ? 'curved' : 'straight',
        start: head(element.startArrowhead, 'none'),
        end: head(element.endArrowhead, type === 'arrow' ? 'arrow' : 'none'),
        ...(element.elbowed !== true && inner.length > 0 ? { points: inner } : {}),
      });
      lines.push([element, line]);
    } else report.warn('unknown_element', type);
  }

  // Bindings, once all shapes are there. A label stands for what it is in.
  for (const [element, line] of lines) {
    const bind = (end: EndJson, binding: unknown): EndJson => {
      if (!isRecord(binding) || typeof binding.elementId !== 'string') return end;
      const target = byId.get(binding.elementId);
      const shape = shapes.get(binding.elementId) ?? shapes.get(String(target?.containerId));
      if (!shape || !end.at) return end;
      const bent = line.route === 'orthogonal' || (line.points?.length ?? 0) > 0;
      const { side, along } = sideAt(shape, end.at);
      // A straight arrow at a middle finds its side anew when something moves; others end where they ended.
      const fixed = (shape.angle ?? 0) === 0 && (bent || along !== MIDDLE);
      return { ...attached(shape, fixed ? side : 'auto', along), at: end.at } as EndJson;
    };
    line.from = bind(line.from, element.startBinding);
    line.to = bind(line.to, element.endBinding);
  }
  for (const [id, shape] of shapes) {
    const frame = shapes.get(String(byId.get(id)?.frameId));
    if (frame?.kind === 'frame') shape.frame = frame.id;
  }
  const title = isRecord(raw.appState) && typeof raw.appState.name === 'string' ? raw.appState.name : '';
  return draft.finish(title);
}
