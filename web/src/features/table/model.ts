/** The table's columns and the order of its rows. Pure. */
import type { Item, Schemas } from '@/api/client';
import type { Sort } from '@/features/views/settings';
import type { Field } from '@/features/views/overlay';
import { ALL_TYPES, PRIORITIES, STATUSES } from '@/ui/kinds';

/** A field that the project defines for itself. */
export type CustomField = Schemas['CustomField'];

/** How a cell is changed: from a list, by a press, in place as text, a number or a date, or not at all. */
export type Editing = { list: Field } | { choices: true } | { toggle: true } | { input: 'text' | 'number' | 'date' | 'url' } | null;

export interface Column {
  id: string;
  width: number;
  editing: Editing;
  custom?: CustomField;
}

const list = (id: Field, width: number): Column => ({ id, width, editing: { list: id } });

const narrow = typeof window !== 'undefined' && typeof window.matchMedia === 'function' && window.matchMedia('(max-width: 40rem)').matches;

export const TITLE: Column = { id: 'title', width: narrow ? 240 : 380, editing: { input: 'text' } };

export const COLUMNS: readonly Column[] = [
  list('type', 110),
  list('status', 140),
  list('priority', 120),
  list('assignees', 170),
  list('labels', 190),
  { id: 'estimate', width: 100, editing: { input: 'number' } },
  { id: 'start_date', width: 130, editing: { input: 'date' } },
  { id: 'due_date', width: 130, editing: { input: 'date' } },
  { id: 'criteria', width: 100, editing: null },
  { id: 'parent', width: 220, editing: null },
  { id: 'updated_at', width: 130, editing: null },
  { id: 'created_at', width: 130, editing: null },
];

export const USUAL: readonly string[] = ['type', 'status', 'priority', 'assignees', 'labels', 'estimate', 'due_date', 'criteria'];

export const CUSTOM = 'custom:';

export const customColumns = (fields: readonly CustomField[]): Column[] =>
  fields.map((field) => ({ id: `${CUSTOM}${field.id}`, width: field.kind === 'number' || field.kind === 'checkbox' ? 110 : 160, editing: editingOf(field), custom: field }));

function editingOf({ kind }: CustomField): Editing {
  if (kind === 'checkbox') return { toggle: true };
  return kind === 'select' || kind === 'multi_select' || kind === 'person' ? { choices: true } : { input: kind };
}

/** The chosen columns in their order, those that exist, after the title. */
export function shownColumns(chosen: readonly string[] | null, all: readonly Column[]): Column[] {
  const byId = new Map(all.map((column) => [column.id, column]));
  return [TITLE, ...(chosen ?? USUAL).flatMap((id) => byId.get(id) ?? [])];
}

/** `id` one place to the left or the right. */
export function shiftColumn(ids: readonly string[], id: string, by: -1 | 1): string[] {
  const at = ids.indexOf(id);
  const to = at + by;
  if (at < 0 || to < 0 || to >= ids.length) return [...ids];
  const next = ids.filter((one) => one !== id);
  next.splice(to, 0, id);
  return next;
}

/** What a header does when it is pressed: up, down, then in the order of the tree again. */
export function nextSort(sort: Sort | null, column: string): Sort | null {
  if (sort?.column !== column) return { column, down: false };
  return sort.down ? null : { column, down: true };
}

export const customOf = (item: Item, column: Column): unknown => (column.custom === undefined ? undefined : item.custom[column.custom.id]);

/** What is in a cell that is changed in place, as its input has it. */
export function inputOf(item: Item, column: Column): string {
  const value = column.custom !== undefined ? customOf(item, column) : column.id === 'title' || column.id === 'estimate' || column.id === 'start_date' || column.id === 'due_date' ? item[column.id] : null;
  return value === null || value === undefined ? '' : String(value);
}

/** The change that `text` in a cell's input means; null when it means none. */
export function patchOf(item: Item, column: Column, text: string): Partial<Schemas['ItemPatch']> | null {
  if (column.editing === null || !('input' in column.editing) || text === inputOf(item, column)) return null;
  let value: string | number | null = text === '' ? null : text;
  if (column.editing.input === 'number' && value !== null) {
    value = Number(text);
    if (!Number.isFinite(value) || (column.custom === undefined && value < 0)) return null;
  }
  if (column.custom !== undefined) return { custom: { [column.custom.id]: value } };
  return column.id === 'title' ? (text === '' ? null : { title: text }) : { [column.id]: value };
}

/** What a row is sorted by: a number, a text, or nothing, which comes last. */
type Key = number | string | null;

export function sortKey(item: Item, column: Column, name: (user: string) => string, title: (id: string) => string | null): Key {
  switch (column.id) {
    case 'title':
      return item.title;
    case 'type':
      return ALL_TYPES.indexOf(item.type);
    case 'status':
      return STATUSES.indexOf(item.status);
    case 'priority':
      // The most urgent first.
      return item.priority === 'none' ? null : -PRIORITIES.indexOf(item.priority);
    case 'assignees':
      return item.assignees.length === 0 ? null : item.assignees.map(name).sort((a, b) => a.localeCompare(b)).join(', ');
    case 'labels':
      return item.labels.length === 0 ? null : [...item.labels].sort((a, b) => a.localeCompare(b)).join(', ');
    case 'estimate':
      return item.estimate ?? null;
    case 'criteria':
      return item.criteria_total === 0 ? null : item.criteria_done / item.criteria_total;
    case 'parent':
      return title(item.id);
    case 'start_date':
    case 'due_date':
    case 'updated_at':
    case 'created_at':
      return item[column.id] ?? null;
    default: {
      const value = customOf(item, column);
      if (typeof value === 'number') return value;
      if (typeof value === 'boolean') return value ? 0 : 1;
      if (column.custom?.kind === 'select') {
        const at = column.custom.options.findIndex((option) => option.id === value);
        return at < 0 ? null : at;
      }
      if (column.custom?.kind === 'person' && typeof value === 'string') return name(value);
      return typeof value === 'string' && value !== '' ? value : Array.isArray(value) && value.length > 0 ? value.join(', ') : null;
    }
  }
}

/** `order` by the sort's column; equal ones keep their order, empty ones come last either way. */
export function sorted(order: readonly string[], key: (id: string) => Key, down: boolean): string[] {
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  const keys = order.map((id, index) => ({ id, index, key: key(id) }));
  keys.sort((a, b) => {
    if (a.key === null || b.key === null) return a.key === b.key ? a.index - b.index : a.key === null ? 1 : -1;
    const by = typeof a.key === 'number' && typeof b.key === 'number' ? a.key - b.key : collator.compare(String(a.key), String(b.key));
    return by === 0 ? a.index - b.index : down ? -by : by;
  });
  return keys.map(({ id }) => id);
}
