import { expect, it } from 'vitest';
import type { Item } from '@/api/client';
import { columnsOf, sideways, spotOf } from '@/features/board/model';
import { COLUMNS, customColumns, nextSort, patchOf, shiftColumn, shownColumns, sorted, sortKey, TITLE, USUAL, type CustomField } from './model';

const item = (id: string, more: Partial<Item> = {}): Item =>
  ({ id, title: id, type: 'task', status: 'todo', priority: 'none', assignees: [], labels: [], criteria_total: 0, criteria_done: 0, custom: {}, ...more }) as Item;

const by = (items: Item[], column: string, down = false, all = [TITLE, ...COLUMNS]) => {
  const byId = new Map(items.map((one) => [one.id, one]));
  const found = all.find(({ id }) => id === column);
  if (found === undefined) throw new Error(column);
  return sorted(items.map(({ id }) => id), (id) => sortKey(byId.get(id) as Item, found, (user) => user, () => null), down).join('');
};

it('sorts texts as people do, numbers as numbers', () => {
  expect(by([item('a', { title: 'Story 10' }), item('b', { title: 'story 2' }), item('c', { title: 'Épic' })], 'title')).toBe('cba');
  expect(by([item('a', { estimate: 10 }), item('b', { estimate: 9 }), item('c', { estimate: 0 })], 'estimate')).toBe('cba');
});

it('sorts by how far, how urgent, how much is done', () => {
  const some = [item('a', { status: 'done', priority: 'low' }), item('b', { status: 'backlog', priority: 'urgent' }), item('c', { status: 'in_review' })];
  expect(by(some, 'status')).toBe('bca');
  expect(by(some, 'priority')).toBe('bac');
  expect(by([item('a', { criteria_total: 4, criteria_done: 1 }), item('b', { criteria_total: 2, criteria_done: 1 })], 'criteria')).toBe('ab');
});

it('puts what is empty last either way, and keeps the order of the tree among equals', () => {
  const some = [item('a'), item('b', { due_date: '2026-02-01' }), item('c'), item('d', { due_date: '2026-01-01' })];
  expect(by(some, 'due_date')).toBe('dbac');
  expect(by(some, 'due_date', true)).toBe('bdac');
  expect(by(some, 'type', true)).toBe('abcd');
});

it('sorts by a project’s own fields', () => {
  const field: CustomField = { id: 'f', name: 'Risk', kind: 'select', rank: 'a0', project_id: 'p', options: [{ id: 'hi', name: 'High', colour: '' }, { id: 'lo', name: 'Low', colour: '' }] };
  const all = [...COLUMNS, ...customColumns([field])];
  const with_ = (id: string, value: unknown) => ({ ...item(id), custom: { f: value } }) as Item;
  expect(by([with_('a', 'lo'), with_('b', 'hi'), with_('c', null)], 'custom:f', false, all)).toBe('bac');
});

it('makes of what is typed what a cell holds', () => {
  const column = (id: string) => [TITLE, ...COLUMNS].find((one) => one.id === id) ?? TITLE;
  expect(patchOf(item('a'), column('estimate'), '3.5')).toEqual({ estimate: 3.5 });
  expect(patchOf(item('a', { estimate: 3 }), column('estimate'), '')).toEqual({ estimate: null });
  expect(patchOf(item('a', { estimate: 3 }), column('estimate'), '3')).toBeNull();
  expect(patchOf(item('a'), column('estimate'), '-1')).toBeNull();
  expect(patchOf(item('a'), column('title'), '')).toBeNull();
  expect(patchOf(item('a'), column('title'), 'b')).toEqual({ title: 'b' });
  expect(patchOf(item('a'), column('due_date'), '2026-01-02')).toEqual({ due_date: '2026-01-02' });
  const [own] = customColumns([{ id: 'f', name: 'Risk', kind: 'number', rank: 'a0', project_id: 'p', options: [] }]);
  expect(own === undefined ? null : patchOf(item('a'), own, '-2')).toEqual({ custom: { f: -2 } });
});

it('shows the chosen columns that exist, the title first', () => {
  expect(shownColumns(null, COLUMNS).map(({ id }) => id)).toEqual(['title', ...USUAL]);
  expect(shownColumns(['due_date', 'custom:gone', 'status'], COLUMNS).map(({ id }) => id)).toEqual(['title', 'due_date', 'status']);
});

it('moves columns, and goes through the ways to sort', () => {
  expect(shiftColumn(['a', 'b', 'c'], 'b', -1)).toEqual(['b', 'a', 'c']);
  expect(shiftColumn(['a', 'b', 'c'], 'c', 1)).toEqual(['a', 'b', 'c']);
  expect(nextSort(null, 'title')).toEqual({ column: 'title', down: false });
  expect(nextSort({ column: 'title', down: false }, 'title')).toEqual({ column: 'title', down: true });
  expect(nextSort({ column: 'title', down: true }, 'title')).toBeNull();
  expect(nextSort({ column: 'title', down: true }, 'status')).toEqual({ column: 'status', down: false });
});

it('the board has a column for each status, in the order of the tree', () => {
  const statuses = ['todo', 'in_progress', 'done'] as const;
  const items = new Map([item('a'), item('b', { status: 'done' }), item('c'), item('d', { status: 'done' })].map((one) => [one.id, one]));
  const columns = columnsOf(['d', 'c', 'b', 'a'], items, null, statuses);
  expect([...columns.values()]).toEqual([['c', 'a'], [], ['d', 'b']]);
  expect(columnsOf(['d', 'c', 'b', 'a'], items, new Set(['a']), statuses).get('todo')).toEqual(['a']);
  expect(spotOf(columns, statuses, 'b')).toEqual({ column: 2, row: 1 });
  expect(spotOf(columns, statuses, null)).toBeNull();
  // An empty column is passed over, and a shorter one entered at its end.
  expect(sideways(columns, statuses, { column: 0, row: 1 }, 1)).toBe('b');
  expect(sideways(columns, statuses, { column: 2, row: 0 }, -1)).toBe('c');
  expect(sideways(columns, statuses, { column: 0, row: 0 }, -1)).toBeNull();
});
