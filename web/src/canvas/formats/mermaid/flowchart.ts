/** Mermaid flowcharts: nodes to shapes, subgraphs to frames, links to connectors. */
import type { FlowVertex } from 'mermaid/dist/diagrams/flowchart/types.js';
import { laidOut, type Direction } from '../../layout';
import { isLink, type Head, type ConnectorJson, type ShapeJson } from '../../schema';
import { attached, Draft, textSize, wrapped } from '../draft';
import type { Imported } from '../files';
import type { Database } from './parsers';
import type { Report } from '../report';
import { label, styled } from './source';

/** Mermaid's shapes by all their names. What stands for more than its equal is told in the report. */
const KINDS: Readonly<Record<string, string>> = {
  square: 'rectangle', rect: 'rectangle', proc: 'rectangle', process: 'rectangle', rectangle: 'rectangle', round: 'rounded', rounded: 'rounded', event: 'rounded', stadium: 'terminator', terminal: 'terminator',
  pill: 'terminator', subroutine: 'subroutine', 'fr-rect': 'subroutine', subprocess: 'subroutine', subproc: 'subroutine', 'framed-rectangle': 'subroutine', cylinder: 'cylinder', cyl: 'cylinder', db: 'cylinder',
  database: 'cylinder', person: 'person', circle: 'ellipse', circ: 'ellipse', ellipse: 'ellipse', cloud: 'cloud', diamond: 'diamond', diam: 'diamond', decision: 'diamond', question: 'diamond', hexagon: 'hexagon',
  hex: 'hexagon', prepare: 'hexagon', lean_right: 'parallelogram', 'lean-r': 'parallelogram', 'lean-right': 'parallelogram', 'in-out': 'parallelogram', text: 'text', doc: 'document', document: 'document', tri: 'triangle',
  extract: 'triangle', triangle: 'triangle',
};
const STAND_INS: Readonly<Record<string, string>> = {
  doublecircle: 'ellipse', 'dbl-circ': 'ellipse', 'double-circle': 'ellipse', 'sm-circ': 'ellipse', start: 'ellipse', 'small-circle': 'ellipse', 'fr-circ': 'ellipse', stop: 'ellipse', 'framed-circle': 'ellipse', 'f-circ': 'ellipse',
  junction: 'ellipse', 'filled-circle': 'ellipse', 'cross-circ': 'ellipse', summary: 'ellipse', 'crossed-circle': 'ellipse', lean_left: 'parallelogram', 'lean-l': 'parallelogram', 'lean-left': 'parallelogram',
  'out-in': 'parallelogram', trapezoid: 'parallelogram', 'trap-b': 'parallelogram', priority: 'parallelogram', inv_trapezoid: 'parallelogram', 'trap-t': 'parallelogram', manual: 'parallelogram', 'h-cyl': 'cylinder',
  das: 'cylinder', 'horizontal-cylinder': 'cylinder', 'lin-cyl': 'cylinder', disk: 'cylinder', 'lined-cylinder': 'cylinder', datastore: 'cylinder', 'data-store': 'cylinder', bucket: 'cylinder', docs: 'document', documents: 'document',
  'st-doc': 'document', 'stacked-document': 'document', 'lin-doc': 'document', 'lined-document': 'document', 'tag-doc': 'document', 'tagged-document': 'document', flag: 'document', 'paper-tape': 'document', 'flip-tri': 'triangle',
  'manual-file': 'triangle', 'flipped-triangle': 'triangle', comment: 'note', brace: 'note', 'brace-l': 'note', 'brace-r': 'note', braces: 'note', delay: 'terminator', 'half-rounded-rectangle': 'terminator', bang: 'cloud',
};

const HEADS: Readonly<Record<string, Head>> = { point: 'arrow', open: 'none', circle: 'circle', cross: 'cross' };

/** How much larger than its text a shape is, so that the text fits in it. */
const ROOM: Readonly<Record<string, { by: [number, number]; add: [number, number] }>> = {
  diamond: { by: [1.5, 1.7], add: [48, 32] }, ellipse: { by: [1.3, 1.3], add: [28, 28] }, hexagon: { by: [1, 1], add: [64, 32] }, parallelogram: { by: [1, 1], add: [72, 28] }, cylinder: { by: [1, 1], add: [36, 56] },
  triangle: { by: [2, 1.6], add: [24, 48] }, cloud: { by: [1.5, 1.6], add: [32, 32] }, document: { by: [1, 1], add: [40, 44] }, subroutine: { by: [1, 1], add: [60, 28] }, person: { by: [1, 1], add: [40, 72] }, text: { by: [1, 1], add: [8, 8] },
};

export function sized(kind: string, text: string, fontSize = 16): { width: number; height: number } {
  const { by, add } = ROOM[kind] ?? { by: [1, 1], add: [40, 28] };
  const size = textSize(text, fontSize);
  const width = Math.max(kind === 'text' ? 20 : 60, size.width * by[0]! + add[0]!);
  const height = Math.max(kind === 'text' ? 20 : 44, size.height * by[1]! + add[1]!);
  return { width: Math.round(width), height: Math.round(height) };
}

export const directionOf = (word: string | undefined): Direction => ({ BT: 'up', LR: 'right', RL: 'left' } as Record<string, Direction>)[word ?? ''] ?? 'down';

function kindOf(vertex: FlowVertex, draft: Draft): string {
  const type = vertex.type ?? 'rect';
  if (Object.hasOwn(KINDS, type)) return KINDS[type]!;
  draft.report.info('stencil', type);
  return Object.hasOwn(STAND_INS, type) ? STAND_INS[type]! : 'rectangle';
}

export function readFlowchart(db: Database['flowchart'], title: string, report: Report): Imported {
  const draft = new Draft(report);
  const classes = db.getClasses();
  const styleOf = (names: readonly string[], own: readonly string[]) => {
    const list = [...(classes.get('default')?.styles ?? [])];
    for (const name of names) {
      if (name === 'clickable' || name === 'default') continue;
      const found = classes.get(name);
      if (found) list.push(...found.styles);
      else report.info('style_class', name);
    }
    return styled([...list, ...own], draft);
  };

  const direction = directionOf(db.getDirection());
  const subgraphs = db.getSubGraphs();
  const shapes = new Map<string, ShapeJson>();
  const frameOf = new Map<string, string>();
  // Inner ones come first; a frame stands behind what is in it.
  for (const subgraph of subgraphs.toReversed()) {
    const text = label(subgraph.title, report, subgraph.labelType);
    if (subgraph.dir !== undefined && directionOf(subgraph.dir) !== direction) report.info('direction');
    shapes.set(subgraph.id, draft.shape('frame', { x: 0, y: 0, width: 200, height: 120 }, { text, ...styleOf(subgraph.classes, []) }));
    for (const member of subgraph.nodes) frameOf.set(member, subgraph.id);
  }
  for (const vertex of db.getVertices().values()) {
    if (shapes.has(vertex.id)) continue;
    const style = styleOf(vertex.classes, vertex.styles);
    const text = wrapped(label(vertex.text ?? vertex.id, report, vertex.labelType), 240, style.fontSize);
    if (vertex.icon) report.info('icon');
    const link = vertex.link ? (isLink(vertex.link) ? vertex.link : (report.warn('link'), undefined)) : undefined;
    if (vertex.img) {
      report.warn('external_image');
      shapes.set(vertex.id, draft.shape('image', { x: 0, y: 0, width: vertex.assetWidth ?? 120, height: vertex.assetHeight ?? 120 }, { alt: text, ...(link ? { link } : {}) }));
      continue;
    }
    const kind = kindOf(vertex, draft);
    const size = sized(kind, text, style.fontSize);
    if (vertex.type && /^(circle|circ|doublecircle|sm-circ|start|stop|f-circ|fr-circ)$/.test(vertex.type)) size.width = size.height = Math.max(size.width, size.height);
    shapes.set(vertex.id, draft.shape(kind, { x: 0, y: 0, ...size }, { text, ...style, ...(link ? { link } : {}) }));
  }
  for (const [member, frame] of frameOf) {
    const [inner, outer] = [shapes.get(member), shapes.get(frame)];
    if (inner && outer && inner !== outer) inner.frame = outer.id;
  }

  const edges = db.getEdges();
  const unseen = new Set<string>();
  for (const edge of edges) {
    const [from, to] = [shapes.get(edge.start), shapes.get(edge.end)];
    if (!from || !to) continue;
    if (edge.animate || edge.animation) report.info('animation');
    const [, double, head] = /^(double_)?arrow_(\w+)$/.exec(edge.type ?? 'arrow_point') ?? [];
    const end = HEADS[head ?? 'point'] ?? 'arrow';
    const { fill: _, ...style } = styled([...(edges.defaultStyle ?? []), ...edge.classes.flatMap((name) => classes.get(name)?.styles ?? []), ...(edge.style ?? [])].filter((one) => !/^fill\s*:/.test(one)), draft);
    const line: Partial<ConnectorJson> = { start: double ? end : 'none', end, ...(style as Partial<ConnectorJson>) };
    const text = label(edge.text, report, edge.labelType);
    if (text !== '') line.text = wrapped(text, 200);
    if (edge.stroke === 'dotted') line.strokeStyle = 'dashed';
    if (edge.stroke === 'thick') line.strokeWidth ??= 4;
    const connector = draft.connector(attached(from), attached(to), line);
    if (edge.stroke === 'invisible') unseen.add(connector.id);
  }

  const { diagram, report: lines, files } = draft.finish(title);
  const laid = laidOut(diagram, { kind: 'layered', direction });
  // A link that nobody sees says only where things stand.
  return { diagram: { ...laid, connectors: laid.connectors.filter(({ id }) => !unseen.has(id)) }, report: lines, files };
}
