/**
 * Fractional ranks: strings between any two of which there is another. They compare by code point.
 * `crates/content/src/rank.rs` makes the same ones.
 */
import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing';

/** The longest rank that counts as valid. A longer one is replaced when a neighbour moves. */
export const MAX_RANK = 256;

const SMALLEST = `A${'0'.repeat(26)}`;

/** The length of the integer part that starts with `head`: two for `a` and `Z`, growing away from them. */
function integerLength(head: string): number {
  return head >= 'a' ? head.charCodeAt(0) - 97 + 2 : 90 - head.charCodeAt(0) + 2;
}

/** Whether new ranks can be made beside `rank`. */
export function isValidRank(rank: string): boolean {
  if (rank.length > MAX_RANK || !/^[A-Za-z][0-9A-Za-z]+$/.test(rank) || rank === SMALLEST) return false;
  const length = integerLength(rank.charAt(0));
  return rank.length === length || (rank.length > length && !rank.endsWith('0'));
}

/** Orders strings as the server does, by code point. JavaScript's `<` goes by UTF-16 unit. */
export function compareRanks(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      // Surrogates stand for code points above all others.
      const high = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
      return high(x) - high(y);
    }
  }
  return a.length - b.length;
}

/**
 * A rank after `a` and before `b`; `null` is the end of the list. `null` comes back when a bound is not valid or when
 * they are not in order.
 */
export function rankBetween(a: string | null, b: string | null): string | null {
  return ranksBetween(a, b, 1)?.[0] ?? null;
}

/** `n` ranks after `a` and before `b`, ascending; on the conditions of {@link rankBetween}. */
export function ranksBetween(a: string | null, b: string | null, n: number): string[] | null {
  for (const bound of [a, b]) if (bound !== null && !isValidRank(bound)) return null;
  if (a !== null && b !== null && compareRanks(a, b) >= 0) return null;
  try {
    return n === 1 ? [generateKeyBetween(a, b)] : generateNKeysBetween(a, b, n);
  } catch {
    // Beyond the last integer there is nothing.
    return null;
  }
}
