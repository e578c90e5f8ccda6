/** How wide text is, and where it breaks: by a table, so that a server without fonts and every browser agree. */
import { rules } from './rules';

const { font } = rules;

function units(code: number): number {
  if (code >= 0x20 && code <= 0x7e) return font.ascii[code - 0x20] as number;
  // Han, Kana, Hangul, full width, and pictures.
  const wide =
    (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) || (code >= 0x1f300 && code <= 0x1faff) || (code >= 0x20000 && code <= 0x3fffd);
  if (wide) return font.wide;
  // What joins the character before.
  if ((code >= 0x300 && code <= 0x36f) || (code >= 0x200b && code <= 0x200d) || (code >= 0xfe00 && code <= 0xfe0f)) return 0;
  return font.other;
}

const unitsOf = (c: string): number => units(c.codePointAt(0) as number);

function sum(text: string, from = 0): number {
  let total = from;
  for (const c of text) total += unitsOf(c);
  return total;
}

const scaled = (total: number, size: number, bold: boolean): number => (total * size * (bold ? font.bold : 1)) / 1000;

/** The width of a line, in diagram units. */
export const textWidth = (text: string, size: number, bold: boolean): number => scaled(sum(text), size, bold);

/**
 * The lines that `text` takes in `room`: broken at `\n`, between words, and inside a word that is too long by itself. Each character is looked at a
 * few times, however long the lines are.
 */
export function textLines(text: string, room: number, size: number, bold: boolean): string[] {
  const out: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    let taken = 0;
    for (const word of paragraph.split(' ')) {
      const longer = sum(word, line === '' ? taken : taken + unitsOf(' '));
      if (scaled(longer, size, bold) <= room) {
        line = line === '' ? word : `${line} ${word}`;
        taken = longer;
        continue;
      }
      if (line !== '') {
        out.push(line);
        line = '';
        taken = 0;
      }
      for (const c of word) {
        const more = taken + unitsOf(c);
        if (line !== '' && scaled(more, size, bold) > room) {
          out.push(line);
          line = c;
          taken = unitsOf(c);
        } else {
          line += c;
          taken = more;
        }
      }
    }
    out.push(line);
  }
  return out;
}

/** Without white space around it, as Unicode says what that is: `trim` of JavaScript and of Rust differ. */
export const trimmedEnd = (text: string): string => text.replace(/\p{White_Space}+$/u, '');
export const trimmed = (text: string): string => trimmedEnd(text.replace(/^\p{White_Space}+/u, ''));

/** As much of a line as fits in `room`, with an ellipsis if that isn't all. */
export function clipped(text: string, room: number, size: number, bold: boolean): string {
  if (textWidth(text, size, bold) <= room) return text;
  let out = '';
  let taken = 0;
  for (const c of text) {
    taken += unitsOf(c);
    if (scaled(taken + unitsOf('…'), size, bold) > room) break;
    out += c;
  }
  return `${trimmedEnd(out)}…`;
}
