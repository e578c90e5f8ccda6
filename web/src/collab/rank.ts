/** Order keys among siblings. */
import { generateKeyBetween } from 'fractional-indexing';

/** A key that sorts between `a` and `b`; `null` means the very start or end. */
export function rankBetween(a: string | null, b: string | null): string {
  return generateKeyBetween(a, b);
}
