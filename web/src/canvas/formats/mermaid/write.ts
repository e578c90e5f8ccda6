/**
 * A diagram as Mermaid text: a class or entity-relationship diagram where it has only such shapes, else a flowchart.
 * What Mermaid has no words for is reported.
 */
import type { Head, ConnectorJson, DiagramJson, ShapeJson } from '../../schema';
import { Report, type ReportLine } from '../report';

export interface Written {
  text: string;
  report: ReportLine[];
}

export interface WriteOptions {
  /** The title of an item, for its card. */
  cardTitle?: (item: string) => string | undefined;
  /** A word of the palette as `#rrggbb`. */
  color?: (word: string, role: 'fill' | 'stroke' | 'color') => string | undefined;
}

/** Shapes' words in a flowchart: what stands before and behind the label. */
const NODES: Readonly<Record<string, [string, string]>> = {
  rectangle: ['[', ']'], rounded: ['(', ')'], ellipse: ['((', '))'], diamond: ['{', '}'], cylinder: ['[(', ')]'], terminator: ['([', '])'], parallelogram: ['[/', '/]'], hexagon: ['{{', '}}'], subroutine: ['[[', ']]'],
};
/** Shapes that have a name only (Mermaid 11.3 on). */
const NAMED: Readonly<Record<string, string>> = { document: 'doc', triangle: 'tri', text: 'text' };

/** A label between quotes, where only these mean something. */
const quoted = (text: string) => `"${text.replace(/#/g, '#35;').replace(/"/g, '#quot;').replace(/</g, '#lt;').replace(/>/g, '#gt;').replace(/`/g, '#96;').replace(/\n/g, '<br/>')}"`;

const headsOf = ({ start = 'none', end = 'arrow' }: ConnectorJson): [Head, Head] => [start, end];
const titleOf = (shape: ShapeJson) => (shape.text ?? '').split('\n')[0]?.trim() ?? '';

/** Down or to the right, as most connectors lead. */
function direction({ shapes, connectors }: DiagramJson): 'TB' | 'LR' {
  const centres = new Map(shapes.map(({ id, at, size }) => [id, [at[0] + size[0] / 2, at[1] + size[1] / 2] as const]));
  let [across, down] = [0, 0];
  for (const { from, to } of connectors) {
    const [a, b] = [from, to].map((end) => ('shape' in end ? centres.get(end.shape) : undefined));
    if (!a || !b) continue;
    across += Math.abs(a[0] - b[0]);
    down += Math.abs(a[1] - b[1]);
  }
  return across > down ? 'LR' : 'TB';
}

/** Connectors with both ends on shapes that are written; the others are told. */
function joined(connectors: readonly ConnectorJson[], names: ReadonlyMap<string, string>, report: Report): { line: ConnectorJson; from: string; to: string }[] {
  return connectors.flatMap((line) => {
    const [from, to] = [line.from, line.to].map((end) => ('shape' in end ? names.get(end.shape) : undefined));
    if (from === undefined || to === undefined) {
      report.warn('loose_end');
      return [];
    }
    return [{ line, from, to }];
  });
}

function flowchart(diagram: DiagramJson, report: Report, { cardTitle, color }: WriteOptions): string {
  const out = [`flowchart ${direction(diagram)}`];
  const names = new Map<string, string>();
  const styles: string[] = [];
  const frames = new Set(diagram.shapes.filter(({ kind }) => kind === 'frame').map(({ id }) => id));
  const held = new Map<string, ShapeJson[]>();
  for (const shape of diagram.shapes) {
    const frame = shape.frame !== undefined && frames.has(shape.frame) ? shape.frame : '';
    held.set(frame, held.get(frame) ?? []);
    held.get(frame)!.push(shape);
  }

  const style = (name: string, shape: ShapeJson) => {
    const parts: string[] = [];
    for (const role of ['fill', 'stroke', 'color'] as const) {
      const value = shape[role];
      if (value === undefined) continue;
      const known = /^(#[0-9a-f]{6}|none)$/i.test(value) ? value : color?.(value, role);
      if (known !== undefined) parts.push(`${role}:${known}`);
    }
    if (shape.strokeWidth !== undefined && shape.strokeWidth !== 2) parts.push(`stroke-width:${shape.strokeWidth}px`);
    if (shape.strokeStyle === 'dashed') parts.push('stroke-dasharray:6 4');
    if (shape.strokeStyle === 'dotted') parts.push('stroke-dasharray:2 4');
    if (parts.length > 0) styles.push(`  style ${name} ${parts.join(',')}`);
  };
  const write = (shape: ShapeJson, indent: string) => {
    if (shape.kind === 'draw') {
      report.warn('drawing');
      return;
    }
    const name = `n${names.size + 1}`;
    names.set(shape.id, name);
    if (shape.kind === 'frame') {
      out.push(`${indent}subgraph ${name} [${quoted(shape.text || ' ')}]`);
      for (const inner of held.get(shape.id) ?? []) write(inner, `${indent}  `);
      out.push(`${indent}end`);
    } else {
      if (shape.kind === 'image') report.warn('image_lost');
      else if (!Object.hasOwn(NODES, shape.kind) && !Object.hasOwn(NAMED, shape.kind)) report.info('kind_lost', shape.kind);
      const text = (shape.kind === 'image' ? shape.alt : shape.kind === 'card' ? cardTitle?.(shape.item ?? '') : shape.text) || ' ';
      const [open, close] = NODES[shape.kind] ?? ['[', ']'];
      out.push(Object.hasOwn(NAMED, shape.kind) ? `${indent}${name}@{ shape: ${NAMED[shape.kind]}, label: ${quoted(text)} }` : `${indent}${name}${open}${quoted(text)}${close}`);
      if (shape.link) out.push(`${indent}click ${name} href ${quoted(shape.link)}`);
    }
    style(name, shape);
  };
  for (const shape of held.get('') ?? []) write(shape, '  ');

  const mark = (head: Head) => {
    if (head === 'none') return '';
    if (head === 'circle' || head === 'circle_open') return 'o';
    if (head === 'cross') return 'x';
    if (head !== 'arrow' && head !== 'triangle' && head !== 'triangle_open') report.info('head_lost', head);
    return '>';
  };
  for (const { line, from, to } of joined(diagram.connectors, names, report)) {
    const [start, end] = headsOf(line).map(mark) as [string, string];
    if (line.startText || line.endText) report.warn('cardinality_lost');
    // Mermaid has heads at both ends only of one kind.
    if (start !== '' && end !== '' && start !== end) report.info('head_lost', line.start);
    const turned = start !== '' && end === '';
    const head = turned ? start : end;
    const first = start !== '' && end !== '' ? (head === '>' ? '<' : head) : '';
    const dashed = line.strokeStyle === 'dashed' || line.strokeStyle === 'dotted';
    const body = dashed ? '-.-' : (line.strokeWidth ?? 2) >= 4 ? (head === '' ? '===' : '==') : head === '' ? '---' : '--';
    const label = line.text ? `|${quoted(line.text)}|` : '';
    out.push(`  ${turned ? to : from} ${first}${body}${head}${label} ${turned ? from : to}`);
  }
  return [...out, ...styles].join('\n');
}

const CLASS_HEADS: Readonly<Partial<Record<Head, [start: string, end: string]>>> = { none: ['', ''], arrow: ['<', '>'], triangle: ['<|', '|>'], triangle_open: ['<|', '|>'], diamond: ['*', '*'], diamond_open: ['o', 'o'] };

function classDiagram(diagram: DiagramJson, report: Report): string {
  const out = ['classDiagram', `  direction ${direction(diagram)}`];
  const names = new Map<string, string>();
  const notes: string[] = [];
  const classes = diagram.shapes.filter(({ kind }) => kind === 'class');
  const frames = diagram.shapes.filter(({ kind }) => kind === 'frame');
  classes.forEach((shape, i) => names.set(shape.id, `c${i + 1}`));
  const write = (shape: ShapeJson, indent: string) => {
    const [head = '', ...parts] = (shape.text ?? '').split(/\n---(?=\n|$)/);
    const [title = '', ...stereotypes] = head.split('\n');
    // Mermaid writes type parameters between tildes, and the colon before a result itself.
    const member = (line: string) => line.replace(/[{}]/g, '').replace(/\w<.*>/g, (type) => type.replace(/[<>]/g, '~')).replace(/\)\s*:\s*/, ') ').trim();
    const members = parts.flatMap((part) => part.split('\n')).map(member).filter((line) => line !== '');
    const words = stereotypes.map((line) => `<<${line.replace(/[«»<>]/g, '').trim()}>>`);
    const name = names.get(shape.id)!;
    const lines = [...words, ...members].map((line) => `${indent}  ${line}`);
    out.push(`${indent}class ${name}[${quoted(title || ' ')}]${lines.length > 0 ? ` {\n${lines.join('\n')}\n${indent}}` : ''}`);
  };
  frames.forEach((frame, i) => {
    const inside = classes.filter((shape) => shape.frame === frame.id);
    if (inside.length === 0) return;
    out.push(`  namespace ${titleOf(frame).replace(/\W+/g, '_') || `space${i + 1}`} {`);
    for (const shape of inside) write(shape, '    ');
    out.push('  }');
  });
  const frameIds = new Set(frames.map(({ id }) => id));
  for (const shape of classes) if (shape.frame === undefined || !frameIds.has(shape.frame)) write(shape, '  ');
  const noteIds = new Set<string>();
  for (const note of diagram.shapes.filter(({ kind }) => kind === 'note')) {
    const about = diagram.connectors.flatMap(({ from, to }) => ('shape' in from && 'shape' in to ? (from.shape === note.id ? [to.shape] : to.shape === note.id ? [from.shape] : []) : [])).map((id) => names.get(id)).find((name) => name !== undefined);
    noteIds.add(note.id);
    notes.push(`  note ${about === undefined ? '' : `for ${about} `}${quoted(note.text ?? '').replaceAll('<br/>', '\\n')}`);
  }
  const lines = diagram.connectors.filter(({ from, to }) => ![from, to].some((end) => 'shape' in end && noteIds.has(end.shape)));
  for (const { line, from, to } of joined(lines, names, report)) {
    const [start, end] = headsOf(line).map((head, at) => {
      if (!CLASS_HEADS[head]) report.info('head_lost', head);
      return (CLASS_HEADS[head] ?? CLASS_HEADS.arrow!)[at as 0 | 1];
    });
    const cardinality = (text: string | undefined) => (text ? ` "${text.replace(/["\n]/g, ' ')}"` : '');
    const solid = (line.strokeStyle ?? 'solid') === 'solid';
    out.push(`  ${from}${cardinality(line.startText)} ${start}${solid ? '--' : '..'}${end}${cardinality(line.endText)} ${to}${line.text ? ` : ${line.text.replace(/\s+/g, ' ').replace(/[:;#{}]/g, ' ')}` : ''}`);
  }
  return [...out, ...notes].join('\n');
}

const MARKS: Readonly<Partial<Record<Head, [start: string, end: string]>>> = { one: ['||', '||'], zero_one: ['|o', 'o|'], one_many: ['}|', '|{'], zero_many: ['}o', 'o{'] };

function entities(diagram: DiagramJson, report: Report): string {
  const out = ['erDiagram', `  direction ${direction(diagram)}`];
  const names = new Map<string, string>();
  const used = new Set<string>();
  const boxes = diagram.shapes.filter(({ kind }) => kind === 'entity');
  boxes.forEach((shape, i) => {
    const title = titleOf(shape).replace(/["%\\]/g, '').trim() || `Entity ${i + 1}`;
    const unique = used.has(title) ? `${title} ${i + 1}` : title;
    used.add(unique);
    names.set(shape.id, /^[A-Za-z_][\w-]*$/.test(unique) ? unique : `"${unique}"`);
  });
  for (const shape of boxes) {
    const name = names.get(shape.id)!;
    const rows = (shape.text ?? '').split('\n').slice(1).filter((line) => line.trim() !== '' && line !== '---');
    if (rows.length === 0) {
      out.push(`  ${name}`);
      continue;
    }
    out.push(`  ${name} {`);
    for (const row of rows) {
      const comment = /"([^"]*)"\s*$/.exec(row)?.[1];
      const words = row.replace(/"[^"]*"\s*$/, '').split(/[\s,:]+/).filter((word) => word !== '');
      const keys = words.filter((word) => /^(PK|FK|UK)$/.test(word));
      const rest = words.filter((word) => !/^(PK|FK|UK)$/.test(word)).map((word) => word.replace(/[^\w()[\]-]/g, '_').replace(/^(?![A-Za-z_])/, '_'));
      if (rest.length === 0) rest.push('_');
      const [type, field] = rest.length === 1 ? ['any', rest[0]!] : [rest[0]!, rest.slice(1).join('_')];
      out.push(`    ${[type, field, keys.join(', '), comment === undefined ? '' : `"${comment}"`].filter((part) => part !== '').join(' ')}`);
    }
    out.push('  }');
  }
  for (const { line, from, to } of joined(diagram.connectors, names, report)) {
    const [start, end] = headsOf(line).map((head, at) => {
      if (!MARKS[head]) report.info('head_lost', head);
      return (MARKS[head] ?? (head === 'many' ? MARKS.zero_many! : MARKS.one!))[at as 0 | 1];
    });
    if (line.startText || line.endText) report.warn('cardinality_lost');
    const text = (line.text ?? '').replace(/["\n\\%]/g, ' ').trim();
    out.push(`  ${from} ${start}${(line.strokeStyle ?? 'solid') === 'solid' ? '--' : '..'}${end} ${to} : "${text}"`);
  }
  return out.join('\n');
}

export function writeMermaid(diagram: DiagramJson, options: WriteOptions = {}): Written {
  const report = new Report();
  const kinds = new Set(diagram.shapes.map(({ kind }) => kind));
  const only = (...allowed: string[]) => kinds.size > 0 && [...kinds].every((kind) => allowed.includes(kind));
  const body =
    kinds.has('class') && only('class', 'note', 'frame') ? classDiagram(diagram, report) : kinds.has('entity') && only('entity') ? entities(diagram, report) : flowchart(diagram, report, options);
  report.info('place');
  const title = diagram.title === '' ? '' : `---\ntitle: ${JSON.stringify(diagram.title)}\n---\n`;
  return { text: `${title}${body}\n`, report: report.lines() };
}
