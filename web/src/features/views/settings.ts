/** How a person looks at a project. Kept for each person. */
import { useCallback, useMemo } from 'react';
import { usePreference } from '@/app/preferences';
import { readFilter, type Filter } from './filter';

export type ViewKind = 'tree' | 'board' | 'table';
export const VIEWS: readonly ViewKind[] = ['tree', 'board', 'table'];

export interface Sort {
  column: string;
  down: boolean;
}

export interface View {
  kind: ViewKind;
  density: 'cosy' | 'compact';
  sort: Sort | null;
  /** The table's columns in order, without the title; null: the usual ones. */
  columns: readonly string[] | null;
}

export const usual: View = { kind: 'tree', density: 'cosy', sort: null, columns: null };

/** What came from storage, with what this version doesn't know left out. */
export function readView(value: unknown): View {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const sort = given.sort as Partial<Sort> | null | undefined;
  return {
    kind: VIEWS.find((kind) => kind === given.kind) ?? usual.kind,
    density: given.density === 'compact' ? 'compact' : 'cosy',
    sort: typeof sort?.column === 'string' ? { column: sort.column, down: sort.down === true } : null,
    columns: Array.isArray(given.columns) ? given.columns.filter((one): one is string => typeof one === 'string') : null,
  };
}

export function useView(project: string): [View, (change: Partial<View>) => void] {
  const [stored, store] = usePreference<unknown>(`view:${project}`, null);
  const view = useMemo(() => readView(stored), [stored]);
  const change = useCallback((some: Partial<View>) => store({ ...view, ...some }), [view, store]);
  return [view, change];
}

export interface SavedFilter {
  name: string;
  filter: Filter;
}

const noFilters: unknown[] = [];

export function useSavedFilters(project: string): [SavedFilter[], (filters: SavedFilter[]) => void] {
  const [stored, store] = usePreference<unknown>(`filters:${project}`, noFilters);
  const filters = useMemo(
    () =>
      (Array.isArray(stored) ? stored : []).flatMap((one: unknown): SavedFilter[] => {
        const { name, filter } = (one ?? {}) as Partial<SavedFilter>;
        return typeof name === 'string' ? [{ name, filter: readFilter(filter) }] : [];
      }),
    [stored],
  );
  return [filters, store];
}
