import { describe, expect, it } from 'vitest';
import { best, score } from './rank';

const order = (query: string, titles: string[]) => best(titles, 10, (title) => score(query, title)).map(({ one }) => one);

describe('score', () => {
  it('puts a start before the start of a word, before the inside, before initials', () => {
    expect(order('pay', ['Repay a loan', 'Pay in two taps', 'How to pay', 'Put all you have'])).toEqual(['Pay in two taps', 'How to pay', 'Repay a loan', 'Put all you have']);
  });

  it('prefers the shorter of two that fit alike', () => {
    expect(order('check', ['Checkout redesign of the whole shop', 'Checkout'])).toEqual(['Checkout', 'Checkout redesign of the whole shop']);
  });

  it('finds words in any order, and wants all of them', () => {
    expect(score('taps pay', 'Pay in two taps')).toBeGreaterThan(0);
    expect(score('pay moon', 'Pay in two taps')).toBe(0);
  });

  it('forgives accents, case and left out letters, but not letters strewn over a text', () => {
    expect(score('resume', 'Résumé upload')).toBeGreaterThan(0);
    expect(score('CHKOUT', 'Checkout')).toBeGreaterThan(0);
    expect(score('cr', 'Checkout redesign')).toBeGreaterThan(0);
    expect(score('zap', 'Zones where nobody has applied a password')).toBe(0);
    expect(score('card', 'Dispatch board')).toBe(0);
    expect(score('xyz', 'Checkout')).toBe(0);
  });

  it('finds by keywords, behind titles', () => {
    expect(score('night', 'Dark theme', 'night appearance')).toBeGreaterThan(0);
    expect(score('night', 'Night shift')).toBeGreaterThan(score('night', 'Dark theme', 'night appearance'));
  });

  it('gives nothing for nothing', () => {
    expect(score('  ', 'Checkout')).toBe(0);
  });
});

describe('best', () => {
  it('keeps the best few of many, in order, the earlier of two equals first', () => {
    const numbers = Array.from({ length: 1_000 }, (_, index) => ({ id: index, rate: (index * 7) % 100 }));
    const top = best(numbers, 5, ({ rate }) => rate);
    expect(top.map((entry) => entry.score)).toEqual([99, 99, 99, 99, 99]);
    expect(top.map(({ one }) => one.id)).toEqual([...top.map(({ one }) => one.id)].sort((a, b) => a - b));
    expect(best([1, 2, 3], 5, () => 0)).toEqual([]);
  });
});
