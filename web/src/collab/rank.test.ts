import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { compareRanks, isValidRank, rankBetween, ranksBetween } from './rank';

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../crates/content/fixtures/rank/vectors.json'), 'utf8'),
) as {
  between: [string | null, string | null, string][];
  many: [string | null, string | null, number, string[]][];
};

describe('ranks', () => {
  test('are those of the vectors', () => {
    for (const [a, b, rank] of vectors.between) expect(rankBetween(a, b)).toBe(rank);
    for (const [a, b, n, ranks] of vectors.many) expect(ranksBetween(a, b, n)).toEqual(ranks);
  });

  test('need valid bounds in order', () => {
    for (const invalid of ['', '0', 'a', 'a00', 'a1é', `A${'0'.repeat(26)}`, 'b1']) {
      expect(isValidRank(invalid)).toBe(false);
      expect(rankBetween(invalid, null)).toBeNull();
    }
    expect(rankBetween('a1', 'a1')).toBeNull();
    expect(rankBetween('a2', 'a1')).toBeNull();
  });

  test('compare by code point', () => {
    const sorted = ['', 'A', 'Z', 'a', 'a0', 'a0V', 'a1', 'é', '\uffff', '😀', '😁'];
    expect(sorted.toReversed().sort(compareRanks)).toEqual(sorted);
  });
});
