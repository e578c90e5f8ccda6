import { readdirSync, readFileSync } from 'node:fs';
import { twMerge } from 'tailwind-merge';
import { describe, expect, it } from 'vitest';
import { cn } from './cn';

/** Every string with class names in the client's source. */
const lists = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.tsx'))
  .flatMap((file) => readFileSync(`src/${file}`, 'utf8').match(/(?<=['"`])[^'"`\n${}]*(?=['"`])/g) ?? [])
  .filter((text) => /^-?(?:[a-z0-9@!*[\]_.:/()%,=&>+~-]+)(?: +[a-z0-9@!*[\]_.:/()%,=&>+~-]+)*$/i.test(text) && /-|flex|grid|block|hidden/.test(text));

const primitives = [...new Set(lists)].filter((text) => text.includes(' ')).slice(0, 80);

describe('cn', () => {
  it('leaves every list of the client as tailwind-merge does', () => {
    expect(lists.length).toBeGreaterThan(100);
    for (const list of lists) expect(cn(list), list).toBe(twMerge(list));
  });

  it('never drops what tailwind-merge keeps', () => {
    const dropped = new Set<string>();
    for (const base of primitives)
      for (const own of primitives) {
        const mine = cn(base, own).split(' ');
        for (const one of twMerge(base, own).split(' ')) if (!mine.includes(one)) dropped.add(one);
      }
    // It doesn't know the theme's own shadow, and keeps two.
    expect([...dropped].filter((one) => !one.startsWith('shadow-'))).toEqual([]);
  });

  it('lets callers change what primitives set', () => {
    for (const [base, own] of [
      ['inline-flex h-8 shrink-0 items-center justify-center px-3 text-sm font-medium', '-ml-2 h-9 shrink justify-start px-2'],
      ['size-7 text-muted hover:bg-hover', 'absolute size-9 hidden text-fg hover:bg-line'],
      ['block h-4', 'h-10 w-1/3'],
      ['fixed inset-x-3 max-w-md rounded-xl border', 'max-w-lg p-5 rounded-none border-0'],
      ['p-5 m-2 overflow-auto', 'px-2 mt-1 overflow-hidden'],
    ] as const)
      expect(cn(base, own)).toBe(twMerge(base, own));
  });
});
