/** Asks for copies of documents when a project's list has come or changed, once things are quiet. */
import { session } from '@/api/session';
import { queryClient } from '@/app/client';

/** How long a project's list has to be at rest, in milliseconds. */
const REST = 4_000;

let stop: (() => void) | null = null;

/** Keeps copies for `user` until the session ends. */
export function fetchAhead(user: string): void {
  if (stop !== null) return;
  const ended = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void import('./copies').then(({ keepCopies }) => keepCopies(user, ended.signal)).catch(() => undefined), REST);
  };
  const unsubscribe = queryClient.getQueryCache().subscribe((event) => {
    if (event.type === 'updated' && event.action.type === 'success' && event.query.queryKey[0] === 'items') later();
  });
  const unwatch = session.store.subscribe(({ status }) => status === 'out' && stop?.());
  stop = () => {
    stop = null;
    ended.abort();
    clearTimeout(timer);
    unsubscribe();
    unwatch();
  };
}
