/** The filter that is set in each project, for as long as the browser's tab is open. */
import { create } from 'zustand';
import { everything, readFilter, sameFilter, type Filter } from './filter';

interface Filtering {
  filter: Filter;
  /** What was made or changed since it was set: it stays in sight. */
  kept: ReadonlySet<string>;
}

const key = (project: string) => `canopy:filter:${project}`;
const none: ReadonlySet<string> = new Set();

function stored(project: string): Filtering {
  try {
    return { filter: readFilter(JSON.parse(sessionStorage.getItem(key(project)) ?? 'null')), kept: none };
  } catch {
    return { filter: everything, kept: none };
  }
}

const useFilters = create<Record<string, Filtering>>(() => ({}));

const of = (project: string): Filtering => {
  let filtering = useFilters.getState()[project];
  if (filtering === undefined) useFilters.setState({ [project]: (filtering = stored(project)) });
  return filtering;
};

export function useFiltering(project: string): Filtering {
  return useFilters((all) => all[project]) ?? of(project);
}

export function setFilter(project: string, change: (filter: Filter) => Filter): void {
  const { filter } = of(project);
  const next = change(filter);
  if (sameFilter(filter, next) && filter.text === next.text) return;
  useFilters.setState({ [project]: { filter: next, kept: none } });
  try {
    sessionStorage.setItem(key(project), JSON.stringify(next));
  } catch {
    // The filter then lasts until the next reload.
  }
}

export function keepInSight(project: string, ids: readonly string[]): void {
  const { filter, kept } = of(project);
  if (filter === everything || ids.every((id) => kept.has(id))) return;
  useFilters.setState({ [project]: { filter, kept: new Set([...kept, ...ids]) } });
}
