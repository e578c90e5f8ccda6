import { describe, expect, it } from 'vitest';
import type { Item } from '@/api/client';
import { everything, find, isEmpty, labelsOf, matcher, NOBODY, readFilter, sameFilter, type Filter } from './filter';
import { readView, usual } from './settings';

const item = (id: string, more: Partial<Item> = {}): Item =>
  ({ id, title: id, type: 'task', status: 'todo', priority: 'none', assignees: [], labels: [], ...more }) as Item;

const items = new Map(
  [
    item('a', { title: 'Résumé upload', type: 'epic' }),
    item('b', { title: 'Upload a photo', status: 'done', assignees: ['u1'], labels: ['ui'] }),
    item('c', { title: 'Search', priority: 'high', assignees: ['u2', 'u1'], labels: ['ui', 'risk'] }),
    item('d', { title: 'Other' }),
  ].map((one) => [one.id, one]),
);
/** a(b(c)), d */
const parent = (id: string) => ({ b: 'a', c: 'b' })[id] ?? null;
const found = (filter: Partial<Filter>, kept = new Set<string>()) => find(items, { ...everything, ...filter }, parent, kept);
const matches = (filter: Partial<Filter>) => [...(found(filter)?.matches ?? ['all'])].join('');

describe('a filter', () => {
  it('asks for every word, whatever the case and the accents', () => {
    expect(matches({ text: 'UPLOAD resume' })).toBe('a');
    expect(matches({ text: '  upload ' })).toBe('ab');
    expect(matches({ text: 'nothing like it' })).toBe('');
  });

  it('asks for any value of a facet, and for all facets', () => {
    expect(matches({ type: ['epic'], status: ['todo', 'done'] })).toBe('a');
    expect(matches({ label: ['ui', 'risk'] })).toBe('bc');
    expect(matches({ label: ['ui'], priority: ['high'] })).toBe('c');
    expect(matches({ assignee: ['u1'] })).toBe('bc');
    expect(matches({ assignee: [NOBODY, 'u2'] })).toBe('acd');
  });

  it('shows matches with their ancestors, and what was kept in sight', () => {
    expect([...(found({ text: 'search' })?.shown ?? [])].sort().join('')).toBe('abc');
    expect([...(found({ text: 'photo' }, new Set(['d']))?.matches ?? [])].sort().join('')).toBe('bd');
  });

  it('is none when it asks for nothing', () => {
    expect(found({ text: '  ' })).toBeNull();
    expect(isEmpty(everything)).toBe(true);
    expect(matcher(everything)(item('x'))).toBe(true);
  });

  it('survives what storage may hold', () => {
    expect(readFilter(null)).toEqual(everything);
    expect(readFilter({ text: 3, status: ['done', 4], label: 'ui' })).toEqual({ ...everything, status: ['done'] });
    expect(sameFilter(readFilter({ status: ['done', 'todo'] }), { ...everything, status: ['todo', 'done'] })).toBe(true);
  });

  it('offers the labels that are used most', () => {
    expect(labelsOf(items.values())).toEqual(['ui', 'risk']);
  });
});

it('a view survives what storage may hold', () => {
  expect(readView('x')).toEqual(usual);
  expect(readView({ kind: 'board', density: 'compact', sort: { column: 'title', down: true }, columns: ['status', 1] })).toEqual({
    kind: 'board',
    density: 'compact',
    sort: { column: 'title', down: true },
    columns: ['status'],
  });
  expect(readView({ kind: 'gantt', sort: {} })).toEqual(usual);
});
