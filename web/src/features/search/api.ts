import { keepPreviousData, queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ApiError, type ItemType, type Project, type Schemas, type Status } from '@/api/client';
import { requestJson } from '@/api/request';

/** A text and the stretches in it that match, as UTF-16 offsets. */
export interface Marked {
  text: string;
  marks: readonly (readonly [number, number])[];
}

export interface Hit extends Omit<Schemas['SearchHit'], 'title' | 'snippet' | 'project'> {
  project: Pick<Project, 'id' | 'name' | 'key'>;
  title: Marked;
  snippet?: Marked | null;
}

/** The description of the API says arrays of numbers where the server writes pairs. */
type Hits = Omit<Schemas['SearchResults'], 'hits'> & { hits: Hit[] };

/** What is searched for. Of each list, one has to fit; empty lists and texts fit everything. */
export interface Question {
  q: string;
  type: readonly ItemType[];
  status: readonly Status[];
  assignee: readonly string[];
  project: readonly string[];
}

export const isEmpty = ({ q, type, status, assignee, project }: Question): boolean =>
  q.trim() === '' && type.length + status.length + assignee.length + project.length === 0;

/** How many results a page has. */
const PAGE = 30;

async function ask(organization: string, { q, type, status, assignee, project }: Question, limit: number, cursor: string | null, signal: AbortSignal): Promise<Hits> {
  // Lists are written with commas; labels, which may have some, are not among them.
  const list = (name: string, values: readonly string[]) => (values.length > 0 ? { [name]: values.join(',') } : {});
  const query = new URLSearchParams({
    organization,
    q: q.trim(),
    limit: String(limit),
    ...list('type', type),
    ...list('status', status),
    ...list('assignee', assignee),
    ...list('project', project),
    ...(cursor === null ? {} : { cursor }),
  });
  return requestJson<Hits>(`/search?${query}`, { signal });
}

/** An answer that never came: what is on this device has to do. */
export const isAway = (error: unknown): boolean => error instanceof ApiError && (error.status === 0 || error.status >= 500);

const shared = {
  placeholderData: keepPreviousData,
  // What somebody wrote a second ago is to be found.
  staleTime: 0,
  gcTime: 60_000,
  retry: false,
  // Asked also when the browser takes itself for offline, so that it is known at once that the server is away.
  networkMode: 'always',
} as const;

/** Results by page. Each question has its own answer, and one that is no longer asked is given up. */
export function useSearch(organization: string | undefined, question: Question) {
  return useInfiniteQuery({
    ...shared,
    queryKey: ['search', organization, question],
    queryFn: ({ pageParam, signal }) => ask(organization ?? '', question, PAGE, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    // An index that is being built has more in a moment.
    refetchInterval: ({ state }) => (state.data?.pages[0]?.indexing === true ? 2_000 : false),
    enabled: organization !== undefined && !isEmpty(question),
  });
}

export const quickSearch = (organization: string, q: string) =>
  queryOptions({
    queryKey: ['search', organization, q, 'quick'],
    queryFn: async ({ signal }) => (await ask(organization, { q, type: [], status: [], assignee: [], project: [] }, 8, null, signal)).hits,
    gcTime: 60_000,
    retry: false,
  });

/** The first few results, for the palette. */
export function useQuickSearch(organization: string | undefined, q: string) {
  return useQuery({ ...shared, ...quickSearch(organization ?? '', q), enabled: organization !== undefined && q.trim().length > 0 });
}

/** `value` once it has stayed the same for `wait` milliseconds. */
export function useSettled<T>(value: T, wait: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), wait);
    return () => clearTimeout(timer);
  }, [value, wait]);
  return settled;
}
