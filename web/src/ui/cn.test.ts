import { readdirSync, readFileSync } from 'node:fs';
import { twMerge } from 'tailwind-merge';
import { describe, expect, it } from 'vitest';
import { cn } from './cn';

/** Every string with class names in the client's source. */
const lists = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.tsx') || file.endsWith('ui/cn.ts'))
  .flatMap((file) => readFileSync(`src/${file}`, 'utf8').match(/(?<=['"`])[^'"`\n${}]*(?=['"`])/g) ?? [])
  .filter((text) => /^-?(?:[a-z0-9@!*[\]_.:/()%,=&>+~-]+)(?: +[a-z0-9@!*[\]_.:/()%,=&>+~-]+)*$/i.test(text) && /-|flex|grid|block|hidden/.test(text));

const primitives = [...new Set(lists)].filter((text) => text.includes(' ')).slice(0, 400);

describe('cn', () => {
  it('leaves every list of the client as tailwind-merge does', () => {
    expect(lists.length).toBeGreaterThan(100);
    for (const list of lists) expect(cn(list), list).toBe(twMerge(list));
  });

  it('settles what primitives set and callers change as tailwind-merge does', () => {
    const missed = new Map<string, string>();
    for (const base of primitives)
      for (const own of primitives) {
      const mine = cn(base, own).split(' ');
      const theirs = twMerge(base, own).split(' ');
      for (const one of mine) if (!theirs.includes(one)) missed.set('kept ' + one, base + ' | ' + own);
      for (const one of theirs) if (!mine.includes(one)) missed.set('lost ' + one, base + ' | ' + own);
    }
    // It doesn't know the theme's own shadow, and keeps two.
    expect([...missed.keys()].filter((one) => !one.startsWith('lost shadow-'))).toEqual([]);
  });
});
