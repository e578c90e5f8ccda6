/** A project's list goes before its outline: the list shows the same tree, and reading 10,000 places takes the time of showing it. */
import { queryClient } from '@/app/client';

/** How long the list may take, in milliseconds. */
const MOST = 3_000;
/** How long it takes to draw it, and for a first look or key. */
const DRAWN = 300;

/** Resolves when the list of the project `id` shows; at once for whatever is not a project that is being opened. */
export function listShows(id: string): Promise<void> {
  const coming = () => {
    const list = queryClient.getQueryState(['items', id]);
    return list !== undefined && list.data === undefined && list.fetchStatus === 'fetching' && list.fetchFailureCount === 0;
  };
  if (!coming()) return Promise.resolve();
  return new Promise((resolve) => {
    let timer = setTimeout(resolve, MOST);
    const stop = queryClient.getQueryCache().subscribe(() => {
      if (coming()) return;
      stop();
      clearTimeout(timer);
      timer = setTimeout(resolve, DRAWN);
    });
  });
}
