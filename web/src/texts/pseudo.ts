import type { Texts } from '.';

/** The same texts in brackets, made a third longer as other languages are. */
export function pseudo(texts: Texts): Texts {
  const turn = (value: unknown): unknown => {
    if (typeof value === 'string') return value === '' ? '' : `⟦${value}${'~'.repeat(Math.ceil(value.length / 3))}⟧`;
    if (typeof value === 'function') return (...values: unknown[]) => turn((value as (...values: unknown[]) => unknown)(...values));
    if (Array.isArray(value)) return value.map(turn);
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, turn(inner)]));
    return value;
  };
  return turn(texts) as Texts;
}
