/** Draw.io's styles, `shape=cylinder;fillColor=#fff;…`, in our words. */
import { MIDDLE, type ConnectorJson, type Head, type ShapeJson, type Side } from '../../schema';
import type { Draft } from '../draft';

export type Style = ReadonlyMap<string, string>;

/** Words without a value name a style of draw.io's own: `ellipse`, `swimlane`, `text`, `group`, … */
export function parseStyle(text: string): Style {
  const style = new Map<string, string>();
  for (const part of text.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0) style.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
    else if (part.trim() !== '') style.set(part.trim(), '1');
  }
  return style;
}

const num = (style: Style, key: string, otherwise: number) => {
  const value = Number(style.get(key) ?? otherwise);
  return Number.isFinite(value) ? value : otherwise;
};
export const isOn = (style: Style, key: string) => style.get(key) === '1';

/** Names of shapes, exactly. */
const KINDS: Readonly<Record<string, string>> = {
  ellipse: 'ellipse', doubleEllipse: 'ellipse', rhombus: 'diamond', triangle: 'triangle', hexagon: 'hexagon', cloud: 'cloud', cylinder: 'cylinder', cylinder2: 'cylinder', cylinder3: 'cylinder', datastore: 'cylinder',
  parallelogram: 'parallelogram', document: 'document', process: 'subroutine', note: 'note', note2: 'note', label: 'rectangle', rectangle: 'rectangle', rect: 'rectangle', umlLifeline: 'rectangle', umlFrame: 'frame', umlActor: 'actor',
  actor: 'person', ext: 'rectangle', partialRectangle: 'rectangle', waypoint: 'ellipse', line: 'rectangle', swimlane: 'frame', 'mxgraph.flowchart.decision': 'diamond', 'mxgraph.flowchart.terminator': 'terminator', 'mxgraph.flowchart.start_1': 'ellipse', 'mxgraph.flowchart.start_2': 'ellipse',
  'mxgraph.flowchart.process': 'rectangle', 'mxgraph.flowchart.document': 'document', 'mxgraph.flowchart.document2': 'document', 'mxgraph.flowchart.database': 'cylinder', 'mxgraph.flowchart.data': 'parallelogram',
  'mxgraph.flowchart.predefined_process': 'subroutine', 'mxgraph.flowchart.preparation': 'hexagon', 'mxgraph.c4.person': 'person', 'mxgraph.c4.person2': 'person', 'mxgraph.basic.cloud_callout': 'cloud',
};
/** What stands for shapes that are not told exactly; by a part of their name. */
const LIKE: readonly [RegExp, string][] = [
  [/cylinder|database|datastore|direct_data|stored/i, 'cylinder'],
  [/cloud/i, 'cloud'],
  [/terminator|delay|display/i, 'terminator'],
  [/decision|rhombus|diamond|gateway/i, 'diamond'],
  [/document|tape|multi-document/i, 'document'],
  [/ellipse|circle|event|start|state|sumEllipse|orEllipse|connector|reference/i, 'ellipse'],
  [/hexagon|preparation|loop_limit|loopLimit/i, 'hexagon'],
  [/parallelogram|trapezoid|manual_input|manualInput|step|data$/i, 'parallelogram'],
  [/person|actor|user/i, 'person'],
  [/triangle|merge|extract/i, 'triangle'],
  [/note|callout|card/i, 'note'],
];

/** Pictograms: what they show is lost, their label is not. */
const PICTOGRAM = /^mxgraph\.(?!flowchart|c4|basic|bpmn|er|eip|archimate|sysml|dfd|lean|mockup)/;

export function kindOf(style: Style, draft: Draft): string {
  const shape = style.get('shape') ?? ['ellipse', 'rhombus', 'triangle', 'text', 'image', 'line'].find((word) => style.has(word)) ?? '';
  if (shape === 'text') return 'text';
  if (shape === 'image' || style.has('image')) return 'image';
  if (shape === '') return isOn(style, 'rounded') ? (num(style, 'arcSize', 10) >= 40 ? 'terminator' : 'rounded') : 'rectangle';
  if (Object.hasOwn(KINDS, shape)) {
    const kind = KINDS[shape]!;
    return kind === 'rectangle' && isOn(style, 'rounded') ? 'rounded' : kind;
  }
  draft.report.info('stencil', shape.replace(/^mxgraph\./, ''));
  return PICTOGRAM.test(shape) ? 'rectangle' : (LIKE.find(([name]) => name.test(shape))?.[1] ?? 'rectangle');
}

const HEADS: Readonly<Record<string, [filled: Head, open: Head]>> = {
  none: ['none', 'none'], classic: ['arrow', 'arrow'], classicThin: ['arrow', 'arrow'], open: ['arrow', 'arrow'], openThin: ['arrow', 'arrow'], openAsync: ['arrow', 'arrow'], block: ['triangle', 'triangle_open'],
  blockThin: ['triangle', 'triangle_open'], async: ['triangle', 'triangle_open'], oval: ['circle', 'circle_open'], circle: ['circle_open', 'circle_open'], circlePlus: ['circle_open', 'circle_open'],
  diamond: ['diamond', 'diamond_open'], diamondThin: ['diamond', 'diamond_open'], cross: ['cross', 'cross'], ERone: ['one', 'one'], ERmandOne: ['one', 'one'], ERmany: ['many', 'many'], ERoneToMany: ['one_many', 'one_many'],
  ERzeroToOne: ['zero_one', 'zero_one'], ERzeroToMany: ['zero_many', 'zero_many'],
};

export function headOf(style: Style, end: 'start' | 'end', draft: Draft): Head {
  const name = style.get(`${end}Arrow`) || (end === 'end' ? 'classic' : 'none');
  if (Object.hasOwn(HEADS, name)) return HEADS[name]![style.get(`${end}Fill`) === '0' ? 1 : 0];
  draft.report.info('arrowhead', name);
  return 'arrow';
}

/** `light-dark(#a, #b)` of newer files: the light one. */
const lightOf = (value: string | undefined) => (value === undefined || value.length > 100 ? undefined : (/^light-dark\(\s*([^,]+(?:\([^)]*\))?)\s*,/.exec(value)?.[1] ?? value));

function color(style: Style, key: string, draft: Draft): string | undefined {
  const value = lightOf(style.get(key));
  return value === undefined || /^(default|inherit|swimlane|indicated)$/.test(value) || value.startsWith('var(') ? undefined : draft.color(value);
}

const DASHES = (style: Style): 'dashed' | 'dotted' => (Number.parseFloat(style.get('dashPattern') ?? '8') < 2.5 ? 'dotted' : 'dashed');

/** What shapes and connectors have in common. */
export function look(style: Style, draft: Draft): Partial<ShapeJson> & Partial<ConnectorJson> {
  if (style.has('fontFamily')) draft.report.info('font');
  if (isOn(style, 'sketch')) draft.report.info('sketch');
  const stroke = color(style, 'strokeColor', draft);
  const fontColor = color(style, 'fontColor', draft);
  const opacity = num(style, 'opacity', 100);
  return {
    ...(stroke === undefined ? {} : { stroke }),
    ...(fontColor === undefined ? {} : { color: fontColor }),
    // Draw.io's line is 1 wide unless it says otherwise.
    ...(style.has('strokeWidth') ? { strokeWidth: Math.min(20, Math.max(0.5, num(style, 'strokeWidth', 1))) } : {}),
    ...(isOn(style, 'dashed') ? { strokeStyle: DASHES(style) } : {}),
    ...(opacity < 100 ? { opacity: Math.max(0, opacity / 100) } : {}),
    fontSize: Math.min(200, Math.max(8, num(style, 'fontSize', 12))),
    ...(isOn(style, 'locked') || style.get('movable') === '0' ? { locked: true } : {}),
  };
}

/** What only shapes have. */
export function lookOfShape(style: Style, kind: string, draft: Draft): Partial<ShapeJson> {
  if (style.has('gradientColor') && style.get('gradientColor') !== 'none') draft.report.info('gradient');
  if (isOn(style, 'flipH') || isOn(style, 'flipV')) draft.report.info('flip');
  // A swimlane's own colour is that of its title.
  const fill = color(style, style.has('swimlane') && kind === 'frame' ? 'swimlaneFillColor' : 'fillColor', draft);
  const align = ['left', 'center', 'right'].find((one) => one === style.get('align'));
  const valign = ['top', 'middle', 'bottom'].find((one) => one === style.get('verticalAlign'));
  const angle = num(style, 'rotation', 0) % 360;
  return {
    ...(fill === undefined || kind === 'text' || kind === 'image' ? {} : { fill }),
    ...(align ? { align: align as 'left' } : {}),
    ...(valign ? { valign: valign as 'top' } : {}),
    ...(angle !== 0 ? { angle } : {}),
    // Bit 1 of the font's style.
    ...((num(style, 'fontStyle', 0) & 1) === 1 ? { bold: true } : {}),
  };
}

export function routeOf(style: Style): 'straight' | 'orthogonal' | 'curved' {
  if (isOn(style, 'curved')) return 'curved';
  return /^(orthogonalEdgeStyle|elbowEdgeStyle|entityRelationEdgeStyle|sideToSideEdgeStyle|topToBottomEdgeStyle|segmentEdgeStyle|isometricEdgeStyle|loopEdgeStyle)$/.test(style.get('edgeStyle') ?? '') ? 'orthogonal' : 'straight';
}

/** The side that `exitX`, `exitY` or `entryX`, `entryY` say, and where on it. */
export function sideOf(style: Style, end: 'exit' | 'entry'): { side: Side | 'auto'; along: number } {
  const [x, y] = [num(style, `${end}X`, 0.5), num(style, `${end}Y`, 0.5)];
  if (!style.has(`${end}X`) || !style.has(`${end}Y`) || (x === 0.5 && y === 0.5)) return { side: 'auto', along: MIDDLE };
  // At a corner, a connector comes from the side.
  return Math.abs(x - 0.5) >= Math.abs(y - 0.5) ? { side: x > 0.5 ? 'right' : 'left', along: y } : { side: y > 0.5 ? 'bottom' : 'top', along: x };
}

/** Where a label stands beside its shape; null if it stands in it. */
export function besideOf(style: Style): Side | null {
  const [across, down] = [style.get('labelPosition'), style.get('verticalLabelPosition')];
  if (across === 'left' || across === 'right') return across;
  return down === 'top' || down === 'bottom' ? down : null;
}
