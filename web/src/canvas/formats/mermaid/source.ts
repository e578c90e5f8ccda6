/** Mermaid text as people paste it, made ready for its parsers; and their texts made plain. */
import { plainText } from '../html';
import { readColor } from '../color';
import type { Draft } from '../draft';
import { FormatError, refuseLarge, type Report } from '../report';
import type { DiagramKind } from './parsers';
import type { ConnectorJson, ShapeJson } from '../../schema';

const MAX_TEXT = 256 * 1024;

const KINDS: readonly [RegExp, DiagramKind][] = [
  [/^(flowchart|flowchart-elk|graph)$/, 'flowchart'],
  [/^sequenceDiagram$/, 'sequence'],
  [/^classDiagram(-v2)?$/, 'class'],
  [/^erDiagram$/, 'er'],
];
const OTHERS =
  /^(stateDiagram(-v2)?|gantt|pie|journey|gitGraph|mindmap|timeline|C4(Context|Container|Component|Dynamic|Deployment)|quadrantChart|requirementDiagram|sankey(-beta)?|xychart(-beta)?|block(-beta)?|packet(-beta)?|kanban|architecture(-beta)?|radar(-beta)?|treemap(-beta)?|zenuml|info)$/;

const FENCE = /^`{3,}[ \t]*mermaid[^\n]*\n/;
const FRONT_MATTER = /^---[ \t]*\n([\s\S]*?)\n[ \t]*---[ \t]*\n/;
const BREAK = '\uE000';
/** A text may hold them without being HTML: they stand aside while mermaid looks for tags. */
const ANGLES = { '<': '\uE001', '>': '\uE002' } as const;
/** What mermaid itself writes for `#quot;` and the like while it parses: `#` and `;` mean something to it. */
const ENTITY = { numbered: 'ﬂ°°', named: 'ﬂ°', end: '¶ß' };

/** The text without a fence around it, front matter, directives and comments. */
function bare(text: string): { body: string; title: string; directives: boolean } {
  let body = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n').trim();
  if (FENCE.test(body)) body = body.slice(body.indexOf('\n'), body.endsWith('```') ? body.lastIndexOf('\n') : undefined).trim();
  const front = FRONT_MATTER.exec(body);
  if (front) body = body.slice(front[0].length);
  const title = /^\s*title:\s*(.*)$/m.exec(front?.[1] ?? '')?.[1]?.trim().replace(/^(["'])(.*)\1$/, '$2') ?? '';
  const directives = /%%\{/.test(body) || /^\s*config:/m.test(front?.[1] ?? '');
  body = body.replace(/%%\{[\s\S]*?\}%%/g, '').replace(/^[ \t]*%%[^\n]*$/gm, '');
  return { body: `${body.trim()}\n`, title, directives };
}

const firstWord = (body: string) => /^[A-Za-z0-9-]+/.exec(body)?.[0] ?? '';
const kindOf = (word: string) => KINDS.find(([words]) => words.test(word))?.[1] ?? null;

/** Whether a pasted text is Mermaid, of any kind. */
export function isMermaid(text: string): boolean {
  if (text.length > MAX_TEXT) return false;
  const word = firstWord(bare(text).body);
  return kindOf(word) !== null || OTHERS.test(word);
}

export interface Source {
  kind: DiagramKind;
  body: string;
  title: string;
}

export function readSource(text: string, report: Report): Source {
  refuseLarge(text.length, MAX_TEXT);
  const { body, title, directives } = bare(text);
  const word = firstWord(body);
  const kind = kindOf(word);
  if (kind === null) throw OTHERS.test(word) ? new FormatError('other_mermaid', word) : new FormatError('not_mermaid');
  if (directives) report.info('directive');
  // Mermaid forgets these itself.
  for (const _ of body.matchAll(/^\s*(?:click|callback)\s+[\w.-]+\s+(?!href\b)(?:call\b|[A-Za-z_"]\w*"?(?!:))(?![^\n]*:\/\/)/gm)) report.warn('click');
  // Tags go before mermaid sees them: it keeps, drops or escapes them as the browser at hand does.
  const tags = /<\/?(?:b|i|u|s|em|strong|small|big|sub|sup|code|span|font|p|div|center|del|ins|mark)(?:\s[^<>\n]*)?>/gi;
  const plain = body.replace(/<br\s*\/?>/gi, BREAK).replace(tags, () => (report.info('rich_text'), ''));
  const aside = (words: string) => words.replace(/[<>]/g, (angle) => ANGLES[angle as '<']);
  const apart = {
    sequence: (words: string) => words.replace(/:[^\n]*/g, aside),
    // Type parameters as other languages write them; what has a dash, a dot or a bar in it is a relation.
    class: (words: string) => words.replace(/"[^"]*"|\w<[^<>\n|.-]*>/g, aside),
    flowchart: (words: string) => words.replace(/"[^"]*"/g, aside),
    er: (words: string) => words.replace(/"[^"]*"/g, aside),
  };
  const encoded = apart[kind](plain)
    // Not a colour: those stand behind a colon.
    .replace(/(?<!:)#(\d+);/g, `${ENTITY.numbered}$1${ENTITY.end}`)
    .replace(/(?<!:)#([A-Za-z]\w*);/g, `${ENTITY.named}$1${ENTITY.end}`);
  return { kind, body: encoded, title };
}

/** A label as plain text. */
export function label(text: unknown, report: Report, type = ''): string {
  if (typeof text !== 'string') return '';
  const decoded = text.replaceAll(ENTITY.numbered, '&#').replaceAll(ENTITY.named, '&').replaceAll(ENTITY.end, ';').replaceAll(BREAK, '\n').replace(/\\n/g, '\n');
  let plain = plainText(decoded).replaceAll(ANGLES['<'], '<').replaceAll(ANGLES['>'], '>');
  if (type === 'markdown') {
    const words = plain.replace(/(\*\*|__)(?=\S)([^*_\n]+)\1/g, '$2').replace(/(^|[\s(])([*_])(?=\S)([^*_\n]+)\2/g, '$1$3');
    if (words !== plain) report.info('rich_text');
    plain = words;
  }
  if (/\bfa[bsrlk]?:fa-/.test(plain)) {
    report.info('icon');
    plain = plain.replace(/\bfa[bsrlk]?:fa-[a-z0-9-]+\s*/g, '');
  }
  if (/\$\$.*\$\$/.test(plain)) report.info('math');
  return plain.trim();
}

/** CSS declarations, as mermaid's `style`, `classDef` and `linkStyle` have them, to our keys. */
export function styled(declarations: readonly string[], draft: Draft): Partial<ShapeJson> & Partial<ConnectorJson> {
  const style: Partial<ShapeJson> = {};
  // Some come one by one, some as a list with commas; a comma may also stand in a call.
  for (const declaration of declarations.flatMap((list) => list.split(/,(?![^(]*\))/))) {
    const colon = declaration.indexOf(':');
    if (colon < 0) continue;
    const name = declaration.slice(0, colon).trim().toLowerCase();
    const value = declaration.slice(colon + 1).replace(/!important/i, '').replace(/;$/, '').trim();
    const size = Number.parseFloat(value);
    if (name === 'fill' || name === 'background' || name === 'background-color') style.fill = draft.color(value) ?? style.fill;
    else if (name === 'stroke' || name === 'border-color') style.stroke = draft.color(value) ?? style.stroke;
    else if (name === 'color') style.color = draft.color(value) ?? style.color;
    else if (name === 'stroke-width' && size >= 0) style.strokeWidth = Math.min(20, Math.max(0.5, size));
    else if (name === 'stroke-dasharray') style.strokeStyle = /^0|none/.test(value) ? 'solid' : size <= 3 ? 'dotted' : 'dashed';
    else if (name === 'opacity' && size >= 0 && size <= 1) style.opacity = size;
    else if (name === 'font-size' && size > 0) style.fontSize = Math.min(200, Math.max(8, size));
    else if (name === 'font-weight') style.bold = value === 'bold' || size >= 600;
    else if (name !== '') draft.report.info('style', name);
  }
  return Object.fromEntries(Object.entries(style).filter(([, value]) => value !== undefined)) as Partial<ShapeJson> & Partial<ConnectorJson>;
}

/** Whether mermaid's word for a box's colour is one; otherwise it belongs to the title. */
export const isColor = (text: string) => readColor(text) !== null;
