/** Acceptance criteria as text: the Given/When/Then form, and lists that are pasted in. */

/** Stands for what is to be written. */
const SLOT = '…';

/** `Given …, when …, then …`. */
export const TEMPLATE = `Given ${SLOT}, when ${SLOT}, then ${SLOT}`;

/** The slot after (or, with `back`, before) the caret, as a range to select; null when there is none. */
export function slotFrom(text: string, caret: number, back = false): [number, number] | null {
  const at = back ? text.lastIndexOf(SLOT, caret - 2) : text.indexOf(SLOT, caret);
  return at < 0 || (back && caret < 2) ? null : [at, at + SLOT.length];
}

export interface Pasted {
  text: string;
  done: boolean;
}

const BULLET = /^\s*(?:[-*+•–]|\d{1,3}[.)])\s+/;
const BOX = /^\[([ xX])\]\s+/;
const OPENS = /^(?:given|when)\b/i;
const GOES_ON = /^(?:when|then|and|but)\b/i;
const SCENARIO = /^(?:scenario(?: outline)?|example)\s*:\s*(.*)$/i;

/**
 * The criteria in pasted text: a line each, without bullets, numbers and boxes. Lines of one Gherkin scenario are one criterion.
 * Null for a text of one line, which is text and not a list.
 */
export function pastedCriteria(text: string): Pasted[] | null {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  if (lines.length < 2) return null;
  const criteria: Pasted[] = [];
  let open = false;
  let scenario = '';
  for (const line of lines) {
    let rest = line.replace(BULLET, '');
    const box = BOX.exec(rest);
    if (box !== null) rest = rest.slice(box[0].length);
    rest = rest.trim();
    const named = SCENARIO.exec(rest);
    if (named !== null) {
      // A scenario without steps is a criterion by its name.
      if (scenario !== '') criteria.push({ text: scenario, done: false });
      scenario = named[1]?.trim() ?? '';
      open = false;
      continue;
    }
    const last = criteria.at(-1);
    if (open && last !== undefined && GOES_ON.test(rest) && scenario === '') {
      last.text = `${last.text.replace(/[.,;]$/, '')}, ${rest.charAt(0).toLowerCase()}${rest.slice(1)}`;
      continue;
    }
    open = OPENS.test(rest);
    criteria.push({ text: scenario === '' ? rest : `${scenario}: ${rest}`, done: box !== null && box[1] !== ' ' });
    scenario = '';
  }
  if (scenario !== '') criteria.push({ text: scenario, done: false });
  return criteria;
}
