import { describe, expect, it } from 'vitest';
import { diffText, mapCaret, Positions, type Splice } from './text';

const apply = (text: string, splice: Splice | null) =>
  splice === null ? text : text.slice(0, splice.index) + splice.insert + text.slice(splice.index + splice.remove);

describe('diffText', () => {
  it('finds nothing where nothing changed', () => {
    expect(diffText('abc', 'abc', 1)).toBeNull();
  });

  it('is minimal for typing, deleting and replacing', () => {
    expect(diffText('helo', 'hello', 4)).toEqual({ index: 3, remove: 0, insert: 'l' });
    expect(diffText('hello', 'helo', 3)).toEqual({ index: 3, remove: 1, insert: '' });
    expect(diffText('one two three', 'one 2 three', 5)).toEqual({ index: 4, remove: 3, insert: '2' });
  });

  it('uses the caret to tell equal letters apart', () => {
    expect(diffText('aaa', 'aaaa', 1)).toEqual({ index: 0, remove: 0, insert: 'a' });
    expect(diffText('aaa', 'aaaa', 4)).toEqual({ index: 3, remove: 0, insert: 'a' });
    expect(diffText('aaa', 'aa', 0)).toEqual({ index: 0, remove: 1, insert: '' });
  });

  it('never tears a surrogate pair', () => {
    const splice = diffText('a😀b', 'a😁b', 3);
    expect(splice).toEqual({ index: 1, remove: 2, insert: '😁' });
  });

  it('makes the new text of the old one, whatever the caret says', () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    const letters = ['a', 'b', '😀', ' ', 'é'];
    const word = () => Array.from({ length: random(8) }, () => letters[random(letters.length)]).join('');
    for (let round = 0; round < 3000; round += 1) {
      const before = word();
      const next = word();
      expect(apply(before, diffText(before, next, random(next.length + 1)))).toBe(next);
    }
  });
});

describe('mapCaret', () => {
  it('moves with what happens before it and stays for what happens after', () => {
    expect(mapCaret(5, [{ retain: 2 }, { insert: 'xyz' }])).toBe(8);
    expect(mapCaret(5, [{ retain: 7 }, { insert: 'xyz' }])).toBe(5);
    expect(mapCaret(5, [{ retain: 1 }, { delete: 2 }])).toBe(3);
    expect(mapCaret(5, [{ retain: 4 }, { delete: 3 }])).toBe(4);
    expect(mapCaret(5, [{ delete: 9 }])).toBe(0);
  });

  it('stays before an insertion at its own place', () => {
    expect(mapCaret(5, [{ retain: 5 }, { insert: 'x' }])).toBe(5);
  });

  it('follows several changes in one delta', () => {
    expect(mapCaret(6, [{ insert: 'ab' }, { retain: 3 }, { delete: 2 }, { insert: 'z' }])).toBe(7);
  });
});

describe('Positions', () => {
  it('places an edit of the shown text in the text that others have changed since', () => {
    const positions = new Positions('hello world'.length);
    positions.apply([{ insert: 'Oh, ' }]);
    positions.apply([{ retain: 4 }, { delete: 6 }]);
    // Shown: "hello world"; now: "Oh, world". The person turned "world" into "moon".
    let text = 'Oh, world';
    for (const splice of positions.rebase({ index: 6, remove: 5, insert: 'moon' })) text = apply(text, splice);
    expect(text).toBe('Oh, moon');
  });

  it('keeps an insertion whose surroundings were deleted', () => {
    const positions = new Positions(3);
    positions.apply([{ delete: 3 }]);
    expect(positions.rebase({ index: 2, remove: 1, insert: 'x' })).toEqual([{ index: 0, remove: 0, insert: 'x' }]);
  });
});
