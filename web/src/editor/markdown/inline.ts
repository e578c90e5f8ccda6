/** Inline content as Markdown, escaped so that it is read as what it is. The server's `markdown_write.rs` does the same. */
import { contentOf, hasMark, string, type MarkValue, type Value } from './normal';

/** Where inline content stands: what may stand in it differs. */
export type Place = 'paragraph' | 'heading' | 'cell';

const letter = (one: string | undefined) => one !== undefined && /[\p{L}\p{N}\p{Alphabetic}]/u.test(one);
const space = (one: string | undefined) => one !== undefined && /[\s\u0085]/u.test(one) && one !== '\ufeff';
const control = (one: string) => /\p{Cc}/u.test(one);

/** Whether an `&` at the beginning of `text` would be read as the beginning of an entity. */
const startsEntity = (text: string) => /^&#*[0-9a-z]+;/i.test(text);

/** Text that is read as that text. `first`: at the beginning of a line; `last`: at the end of the block. */
function escape(text: string, place: Place, first: boolean, last: boolean): string {
  const all = [...text];
  let made = '';
  let at = 0;
  all.forEach((one, index) => {
    const start = first && index === 0;
    const before = all[index - 1];
    const next = all[index + 1];
    const end = next === undefined;
    if ('\\`*[]~'.includes(one)) made += `\\${one}`;
    else if (one === '<' && (end || letter(next) || '/!?'.includes(next))) made += '\\<';
    else if (one === '_') made += letter(before) && letter(next) ? '_' : '\\_';
    else if (one === '=' && (start || before === '=' || next === '=' || index === 0 || end)) made += '\\=';
    else if (one === '!' && end && !last) made += '\\!';
    else if (one === '&' && (startsEntity(text.slice(at)) || (end && !last))) made += '\\&';
    else if (one === '|' && place === 'cell') made += '&#124;';
    else if (one === '#' && (place === 'heading' || start) && (end || next === '#' || next === ' ')) made += '\\#';
    else if (one === '+' && start && (end || next === ' ')) made += '\\+';
    else if (one === '-' && start && !letter(next)) made += '\\-';
    else if (one === ':' && start && next === '-') made += '\\:';
    else if ((one === '>' || one === '|') && start) made += `\\${one}`;
    else if ((one === '.' || one === ')') && (end || next === ' ') && first && /^\d{1,10}$/.test(text.slice(0, at))) made += `\\${one}`;
    else if (one === ' ' && (start || (end && last))) made += '&#32;';
    else if (one === '\n') made += ' ';
    else if (control(one) && one !== '\t') made += '';
    else if (one !== ' ' && (space(one) || one === '\ufeff')) made += `&#${one.codePointAt(0)};`;
    else made += one;
    at += one.length;
  });
  return made;
}

/** Text without marks, for the label of a link or an image. */
export const escapePlain = (text: string): string => escape(text, 'cell', true, true);

export function destination(address: string): string {
  const plain = /^[0-9a-z/:.?#=&%+\-_~@!$,;]+$/i.test(address);
  let made = '';
  let at = 0;
  for (const one of address) {
    if ('<>\\'.includes(one)) made += `\\${one}`;
    else if (one === '|') made += '&#124;';
    else if (one === '&' && startsEntity(address.slice(at))) made += '&amp;';
    else if (!control(one)) made += one;
    at += one.length;
  }
  return plain ? made : `<${made}>`;
}

type Open = { mark: MarkValue; close: string; href?: string };

const ORDER = ['link', 'bold', 'italic', 'strike', 'highlight', 'underline'];
const TAGS: Record<string, [sign: string, open: string, close: string]> = {
  bold: ['**', '<strong>', '</strong>'],
  italic: ['*', '<em>', '</em>'],
  strike: ['~~', '<s>', '</s>'],
  highlight: ['==', '<mark>', '</mark>'],
  underline: ['', '<u>', '</u>'],
};

const marksOf = (node: Value | undefined): MarkValue[] => node?.marks ?? [];
const isCode = (node: Value | undefined) => marksOf(node).some(({ type }) => type === 'code');

/** The marks of each node; what isn't text goes along with what stands on both sides. */
function marksAlong(nodes: readonly Value[]): MarkValue[][] {
  return nodes.map((node, index) => {
    if (node.type === 'text') return marksOf(node);
    const before = nodes.slice(0, index).findLast(({ type }) => type === 'text');
    const after = nodes.slice(index).find(({ type }) => type === 'text');
    if (before === undefined || after === undefined) return [];
    // A link can't stand in a link.
    return marksOf(before).filter((mark) => mark.type !== 'code' && hasMark(marksOf(after), mark) && (mark.type !== 'link' || node.type === 'hardBreak'));
  });
}

/** Inline nodes as Markdown. A hard break may bring a line break with it. */
export function inline(nodes: readonly Value[], place: Place): string {
  const along = marksAlong(nodes);
  const open: Open[] = [];
  let out = '';
  const close = (keep: number) => {
    while (open.length > keep) {
      const top = open.pop() as Open;
      out += top.close;
      if (top.href !== undefined) out += `(${destination(top.href)})`;
    }
  };
  nodes.forEach((node, index) => {
    const marks = along[index] as MarkValue[];
    // Close what ends here, and what was opened inside of it.
    const ends = open.findIndex(({ mark }) => !hasMark(marks, mark));
    close(ends < 0 ? open.length : ends);
    // Open the longest first.
    const reach = (mark: MarkValue) => {
      let length = 0;
      while (index + length < nodes.length && hasMark(along[index + length] as MarkValue[], mark)) length += 1;
      return length;
    };
    const fresh = marks
      .filter((mark) => ORDER.includes(mark.type) && !open.some((one) => hasMark([one.mark], mark)))
      .sort((a, b) => reach(b) - reach(a) || ORDER.indexOf(a.type) - ORDER.indexOf(b.type));
    fresh.forEach((mark, place_) => {
      if (mark.type === 'link') {
        out += '[';
        open.push({ mark, close: ']', href: string(mark.attrs?.href) });
        return;
      }
      const [sign, start, end] = TAGS[mark.type] as [string, string, string];
      // It closes with what it stands in, too.
      const outer = Math.min(...open.map((one) => reach(one.mark)));
      const covered = nodes.slice(index, index + Math.min(reach(mark), outer));
      const inner = {
        // Nothing else opens, or closes, between the sign and the letter.
        first: place_ + 1 === fresh.length,
        last: marksOf(covered.at(-1)).every((other) => hasMark([mark], other) || open.some((one) => hasMark([one.mark], other))),
      };
      const signed = sign !== '' && flanks(out, covered, nodes[index + covered.length], sign, inner);
      out += signed ? sign : start;
      open.push({ mark, close: signed ? sign : end });
    });
    const last = index + 1 === nodes.length;
    if (node.type === 'text') {
      const text = node.text ?? '';
      if (marks.some(({ type }) => type === 'code')) out += codeSpan(text, out, place, last);
      else out += escape(text, place, out === '' || out.endsWith('\n'), last);
    } else if (node.type === 'hardBreak') {
      out += place === 'paragraph' && out !== '' && !out.endsWith('\n') && !last ? '\\\n' : '<br>';
    } else if (node.type === 'mention' || node.type === 'itemLink') {
      const [sign, scheme] = node.type === 'mention' ? ['@', 'user'] : ['#', 'item'];
      out += `[${sign}${escapePlain(string(node.attrs?.label))}](${destination(`${scheme}:${string(node.attrs?.id)}`)})`;
    }
  });
  close(0);
  return out;
}

/** Whether a sign such as `**` around `covered` can't be misread: it touches letters and digits inside, or white space outside. */
function flanks(out: string, covered: readonly Value[], after: Value | undefined, sign: string, inner: { first: boolean; last: boolean }): boolean {
  const first = [...(covered[0]?.text ?? '')][0];
  const last = [...(covered.at(-1)?.text ?? '')].at(-1);
  if (first === undefined || last === undefined) return false;
  const innerFirst = inner.first && letter(first) && !isCode(covered[0]);
  const innerLast = inner.last && letter(last) && !isCode(covered.at(-1));
  const before = out.at(-1);
  const openOutside = before === undefined || before === ' ' || before === '\n';
  const afterOutside = after === undefined || (after.type !== 'hardBreak' && (after.text?.startsWith(' ') ?? false) && !isCode(after));
  // Right behind another sign of the same letter, the two would be one.
  const opened = /(^|[ \n])[*~=]*$/.test(out);
  const touches = before !== undefined && sign.startsWith(before) && !opened;
  return !touches && !space(first) && !space(last) && (innerFirst || openOutside) && (innerLast || afterOutside);
}

function codeSpan(text: string, out: string, place: Place, last: boolean): string {
  const plain = !/[\p{Cc}\ufeff]|[^\S ]/u.test(text) && text.trim() !== '' && !(place === 'cell' && /[|\\]/.test(text));
  // Two spans side by side would be one.
  if (!plain || out.endsWith('`')) return `<code>${escape(text, place, false, last)}</code>`;
  const runs = new Set((text.match(/`+/g) ?? []).map(({ length }) => length));
  let length = 1;
  while (runs.has(length)) length += 1;
  const fence = '`'.repeat(length);
  const pad = text.startsWith('`') || text.endsWith('`') || (text.startsWith(' ') && text.endsWith(' ')) ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

export const textOf = (node: Value): string => contentOf(node).map(({ text }) => text ?? '').join('');
