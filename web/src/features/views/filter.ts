/** Which items of a project are looked at. Pure. */
import type { Item, ItemType, Priority, Status } from '@/api/client';

export interface Filter {
  /** Every word has to stand in the title. */
  text: string;
  type: readonly ItemType[];
  status: readonly Status[];
  priority: readonly Priority[];
  /** Ids of people; {@link NOBODY} are items without any. */
  assignee: readonly string[];
  label: readonly string[];
}

/** The keys with a list of values, any of which fits. An empty list asks for nothing. */
export const FACETS = ['type', 'status', 'assignee', 'label', 'priority'] as const;
export type Facet = (typeof FACETS)[number];

export const NOBODY = 'nobody';

export const everything: Filter = { text: '', type: [], status: [], priority: [], assignee: [], label: [] };

export const isEmpty = (filter: Filter): boolean => filter.text.trim() === '' && FACETS.every((facet) => filter[facet].length === 0);

/** What came from storage, with what is not of a filter left out. */
export function readFilter(value: unknown): Filter {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const words = (list: unknown) => (Array.isArray(list) ? list.filter((one): one is string => typeof one === 'string') : []);
  return {
    text: typeof given.text === 'string' ? given.text : '',
    ...(Object.fromEntries(FACETS.map((facet) => [facet, words(given[facet])])) as unknown as Omit<Filter, 'text'>),
  };
}

export const sameFilter = (a: Filter, b: Filter): boolean =>
  a.text.trim() === b.text.trim() && FACETS.every((facet) => [...a[facet]].sort().join('\0') === [...b[facet]].sort().join('\0'));

/** Lower case without accents: "Résumé" is found by "resume". */
export const folded = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase();

const titles = new WeakMap<Item, string>();

/** The title to search in. Items are replaced when they change, so it is made once for each state of one. */
function titleOf(item: Item): string {
  let title = titles.get(item);
  if (title === undefined) titles.set(item, (title = folded(item.title)));
  return title;
}

export function matcher(filter: Filter): (item: Item) => boolean {
  const words = folded(filter.text).split(/\s+/).filter(Boolean);
  const fits = <T>(asked: readonly T[]) => {
    const set = new Set<unknown>(asked);
    return (values: readonly unknown[]) => set.size === 0 || values.some((value) => set.has(value));
  };
  const [type, status, priority, assignee, label] = [fits(filter.type), fits(filter.status), fits(filter.priority), fits(filter.assignee), fits(filter.label)];
  return (item) =>
    type([item.type]) &&
    status([item.status]) &&
    priority([item.priority]) &&
    assignee(item.assignees.length === 0 ? [NOBODY] : item.assignees) &&
    label(item.labels) &&
    (words.length === 0 || words.every((word) => titleOf(item).includes(word)));
}

export interface Found {
  /** Those that fit. */
  matches: ReadonlySet<string>;
  /** They and their ancestors. */
  shown: ReadonlySet<string>;
}

/** `kept` stays in sight whether it fits or not: what was made or changed since the filter was set. */
export function find(items: ReadonlyMap<string, Item>, filter: Filter, parent: (id: string) => string | null, kept: ReadonlySet<string>): Found | null {
  if (isEmpty(filter)) return null;
  const matches = new Set<string>();
  const shown = new Set<string>();
  const fits = matcher(filter);
  for (const [id, item] of items) {
    if (!kept.has(id) && !fits(item)) continue;
    matches.add(id);
    for (let at: string | null = id; at !== null && !shown.has(at); at = parent(at)) shown.add(at);
  }
  return { matches, shown };
}

/** How many there are of each value, for the lists to choose from. */
export function labelsOf(items: Iterable<Item>): string[] {
  const counts = new Map<string, number>();
  for (const item of items) for (const label of item.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)).map(([label]) => label);
}
