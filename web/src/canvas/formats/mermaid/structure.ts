/** Mermaid class and entity-relationship diagrams: boxes with compartments, and relations with heads and cardinalities. */
import type { ClassNode } from 'mermaid/dist/diagrams/class/classTypes.js';
import { laidOut } from '../../layout';
import { isLink, type Head, type ConnectorJson, type ShapeJson } from '../../schema';
import { rules as drawn } from '../../rules';
import { attached, Draft, textSize, wrapped } from '../draft';
import type { Imported } from '../files';
import type { Report } from '../report';
import { directionOf } from './flowchart';
import type { Database } from './parsers';
import { label, styled } from './source';

/** Between compartments. */
const RULE = '---';

const { padding } = drawn.common;

/** The box of a text with compartments. */
export function compartments(text: string, fontSize = 16): { width: number; height: number } {
  const lines = text.split('\n');
  const rules = lines.filter((line) => line === RULE).length;
  const { width, height } = textSize(lines.filter((line) => line !== RULE).join('\n'), fontSize);
  return { width: Math.max(140, width + 32), height: height + padding * (Math.max(1, rules) + 1) };
}

type Classes = ReadonlyMap<string, { styles: string[] }>;

/** The style of mermaid's class names, in the order in which they are given. */
function classStyle(names: string | undefined, classes: Classes, own: readonly string[], draft: Draft): Partial<ShapeJson> {
  const list: string[] = [];
  for (const name of new Set((names ?? '').split(/\s+/))) {
    if (name === '' || name === 'clickable') continue;
    const found = classes.get(name);
    if (found) list.push(...found.styles);
    else if (name !== 'default') draft.report.info('style_class', name);
  }
  return styled([...list, ...own], draft) as Partial<ShapeJson>;
}

/** By mermaid's numbers: aggregation, extension, composition, dependency, lollipop. */
const RELATIONS: readonly Head[] = ['diamond_open', 'triangle_open', 'diamond', 'arrow', 'none'];
const LOLLIPOP = 4;
const head = (type: unknown): Head => (typeof type === 'number' ? (RELATIONS[type] ?? 'none') : 'none');

export function readClasses(db: Database['class'], title: string, report: Report): Imported {
  const draft = new Draft(report);
  const classes = (db as unknown as { styleClasses: Classes }).styleClasses ?? new Map();
  const plain = (text: string) => label(text.replace(/\\([^\w\s])/g, '$1'), report);
  const member = ({ text, classifier }: ClassNode['members'][number]) => plain(text) + (classifier ?? '');

  const shapes = new Map<string, ShapeJson>();
  for (const [id, namespace] of [...db.getNamespaces()]) {
    const frame = draft.shape('frame', { x: 0, y: 0, width: 200, height: 120 }, { text: plain(namespace.label) });
    const parent = namespace.parent === undefined ? undefined : shapes.get(`frame ${namespace.parent}`);
    if (parent) frame.frame = parent.id;
    shapes.set(`frame ${id}`, frame);
  }
  const frameOf = (parent: string | undefined) => {
    const frame = parent === undefined ? undefined : shapes.get(`frame ${parent}`);
    return frame ? { frame: frame.id } : {};
  };
  for (const one of db.getClasses().values()) {
    const name = plain(one.text || one.label || one.id);
    const head = [name, ...one.annotations.map((word) => `«${plain(word)}»`)];
    const text = [head, one.members.map(member), one.methods.map(member)].map((lines) => lines.join('\n')).join(`\n${RULE}\n`).replace(/\n\n/g, '\n').replace(/(?:\n---)*\n?$/, '');
    const style = classStyle(one.cssClasses, classes, one.styles, draft);
    const link = one.link ? (isLink(one.link) ? one.link : (report.warn('link'), undefined)) : undefined;
    shapes.set(one.id, draft.shape('class', { x: 0, y: 0, ...compartments(text, style.fontSize) }, { text, ...style, ...frameOf(one.parent), ...(link ? { link } : {}) }));
  }
  for (const note of db.getNotes().values()) {
    const text = wrapped(plain(note.text), 240);
    const { width, height } = textSize(text);
    const shape = draft.shape('note', { x: 0, y: 0, width: width + 40, height: height + 28 }, { text, ...frameOf(note.parent) });
    const about = shapes.get(note.class);
    if (about) draft.connector(attached(shape), attached(about), { end: 'none', strokeStyle: 'dashed', route: 'straight' });
  }
  const interfaces = (db as unknown as { interfaces?: { id: string; label: string; classId: string }[] }).interfaces ?? [];
  for (const [i, { id, label: name }] of interfaces.entries()) {
    report.info('lollipop');
    const groups = [`i${i + 1}`];
    shapes.set(id, draft.shape('ellipse', { x: 0, y: 0, width: 28, height: 28 }, { groups }));
    const { width, height } = textSize(plain(name));
    draft.shape('text', { x: 34, y: 14 - height / 2, width: width + 8, height: height + 4 }, { text: plain(name), groups });
  }
  for (const { id1, id2, relation, relationTitle1, relationTitle2, title: text } of db.getRelations()) {
    const [from, to] = [shapes.get(id1), shapes.get(id2)];
    if (!from || !to) continue;
    const extra: Partial<ConnectorJson> = { start: head(relation.type1), end: head(relation.type2) };
    if (relation.type1 === LOLLIPOP || relation.type2 === LOLLIPOP) extra.route = 'straight';
    if (relation.lineType === 1) extra.strokeStyle = 'dashed';
    if (text) extra.text = plain(text);
    if (relationTitle1 && relationTitle1 !== 'none') extra.startText = plain(relationTitle1);
    if (relationTitle2 && relationTitle2 !== 'none') extra.endText = plain(relationTitle2);
    draft.connector(attached(from), attached(to), extra);
  }
  const { diagram, report: lines, files } = draft.finish(title || db.getDiagramTitle());
  return { diagram: laidOut(diagram, { kind: 'layered', direction: directionOf(db.getDirection()) }), report: lines, files };
}

const CARDINALITIES: Readonly<Record<string, Head>> = { ZERO_OR_ONE: 'zero_one', ZERO_OR_MORE: 'zero_many', ONE_OR_MORE: 'one_many', ONLY_ONE: 'one' };

export function readEntities(db: Database['er'], title: string, report: Report): Imported {
  const draft = new Draft(report);
  const classes = db.getClasses();
  const shapes = new Map<string, ShapeJson>();
  const frameOf = new Map<string, ShapeJson>();
  for (const { id, title: name, nodes } of db.getSubGraphs().toReversed()) {
    const frame = draft.shape('frame', { x: 0, y: 0, width: 200, height: 120 }, { text: label(name, report) });
    const outer = frameOf.get(id);
    if (outer) frame.frame = outer.id;
    for (const node of nodes) frameOf.set(node, frame);
  }
  for (const [name, { id, label: own, alias, attributes, cssClasses, cssStyles }] of db.getEntities()) {
    const rows = attributes.map(({ type, name: field, keys, comment }) => [type, field, keys.join(', '), comment ? `"${comment}"` : ''].filter((part) => part !== '').map((part) => label(part, report)).join(' '));
    const text = [label(alias || own, report), ...(rows.length > 0 ? [RULE, ...rows] : [])].join('\n');
    const style = classStyle(cssClasses, classes, cssStyles ?? [], draft);
    const frame = frameOf.get(name) ?? frameOf.get(id);
    shapes.set(id, draft.shape('entity', { x: 0, y: 0, ...compartments(text, style.fontSize) }, { text, ...style, ...(frame ? { frame: frame.id } : {}) }));
  }
  for (const { entityA, entityB, roleA, relSpec } of db.getRelationships()) {
    const [from, to] = [shapes.get(entityA), shapes.get(entityB)];
    if (!from || !to) continue;
    for (const cardinality of [relSpec.cardA, relSpec.cardB]) if (!Object.hasOwn(CARDINALITIES, cardinality)) report.info('arrowhead', cardinality);
    // Mermaid's `cardA` is the mark at B: so many of A stand beside one B, read the other way round.
    const extra: Partial<ConnectorJson> = { start: CARDINALITIES[relSpec.cardB] ?? 'one', end: CARDINALITIES[relSpec.cardA] ?? 'one' };
    if (relSpec.relType === 'NON_IDENTIFYING') extra.strokeStyle = 'dashed';
    const text = label(roleA, report);
    if (text !== '') extra.text = text;
    draft.connector(attached(from), attached(to), extra);
  }
  const { diagram, report: lines, files } = draft.finish(title || db.getDiagramTitle());
  return { diagram: laidOut(diagram, { kind: 'layered', direction: directionOf(db.getDirection()) }), report: lines, files };
}
