/** Pure text rules of the binding between a Y.Text and a text field. Positions are UTF-16 units, as in both. */

export interface Splice {
  index: number;
  remove: number;
  insert: string;
}

export type Delta = { retain?: number; insert?: unknown; delete?: number }[];

const isHigh = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;

/** Whether a cut at `index` would tear a surrogate pair. */
const tears = (text: string, index: number) =>
  index > 0 && index < text.length && isHigh(text.charCodeAt(index - 1)) && isLow(text.charCodeAt(index));

/**
 * The one splice that makes `next` out of `before`, or null. `caret` is where the caret stands in `next`: it tells which of
 * several equal letters was typed ("aa|a"), which matters when somebody else types there too.
 */
export function diffText(before: string, next: string, caret: number = next.length): Splice | null {
  if (before === next) return null;
  const shorter = Math.min(before.length, next.length);
  // What stands after the caret was not touched, so the tail is matched first, and never past the caret.
  let tail = 0;
  const tailLimit = Math.min(shorter, Math.max(0, next.length - caret));
  while (tail < tailLimit && before.charCodeAt(before.length - 1 - tail) === next.charCodeAt(next.length - 1 - tail)) tail += 1;
  let head = 0;
  while (head < shorter - tail && before.charCodeAt(head) === next.charCodeAt(head)) head += 1;
  while (tail < shorter - head && before.charCodeAt(before.length - 1 - tail) === next.charCodeAt(next.length - 1 - tail)) tail += 1;
  while (head > 0 && (tears(before, head) || tears(next, head))) head -= 1;
  while (tail > 0 && (tears(before, before.length - tail) || tears(next, next.length - tail))) tail -= 1;
  return { index: head, remove: before.length - head - tail, insert: next.slice(head, next.length - tail) };
}

/** Where a caret at `position` stands after a remote change. A caret at the place of an insertion stays before it. */
export function mapCaret(position: number, delta: Delta): number {
  let at = 0;
  let mapped = position;
  for (const part of delta) {
    if (at >= mapped && part.delete === undefined) {
      if (at > mapped || part.insert !== undefined) break;
    }
    if (part.retain !== undefined) at += part.retain;
    else if (part.delete !== undefined) {
      if (at < mapped) mapped -= Math.min(part.delete, mapped - at);
    } else if (part.insert !== undefined) {
      const length = typeof part.insert === 'string' ? part.insert.length : 1;
      mapped += length;
      at += length;
    }
  }
  return mapped;
}

/**
 * Where each unit of a shown text stands now, while the field may not be touched (an input method is composing): -1 for what
 * somebody else deleted.
 */
export class Positions {
  #map: number[];

  constructor(length: number) {
    this.#map = Array.from({ length }, (_, index) => index);
  }

  apply(delta: Delta): void {
    this.#map = this.#map.map((position) => {
      if (position < 0) return position;
      let at = 0;
      let result = position;
      for (const part of delta) {
        if (at > result) break;
        if (part.retain !== undefined) at += part.retain;
        else if (part.insert !== undefined) {
          const length = typeof part.insert === 'string' ? part.insert.length : 1;
          if (at <= result) result += length;
          at += length;
        } else if (part.delete !== undefined) {
          if (result >= at && result < at + part.delete) return -1;
          if (result >= at + part.delete) result -= part.delete;
        }
      }
      return result;
    });
  }

  /** A splice of the shown text as splices of the present one; apply them in order. */
  rebase(splice: Splice): Splice[] {
    const result: Splice[] = [];
    const doomed = this.#map.slice(splice.index, splice.index + splice.remove).filter((position) => position >= 0);
    for (const position of doomed.sort((a, b) => b - a)) result.push({ index: position, remove: 1, insert: '' });
    if (splice.insert !== '') {
      // Where the removed text stood; else beside the nearest neighbour that is still there.
      const first = doomed.at(-1);
      result.push({ index: first ?? this.#beside(splice.index), remove: 0, insert: splice.insert });
    }
    return result;
  }

  #beside(index: number): number {
    for (let distance = 0; distance < this.#map.length; distance += 1) {
      const before = this.#map[index - 1 - distance] ?? -1;
      if (before >= 0) return before + 1;
      const after = this.#map[index + distance] ?? -1;
      if (after >= 0) return after;
    }
    return 0;
  }
}
