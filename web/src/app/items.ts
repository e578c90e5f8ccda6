/**
 * A project's list of items as the screens see it: what the server says, with what was asked for and isn't acknowledged yet
 * shown over it. The query cache holds what shows; what the server says hangs on it.
 */
import type { Item } from '@/api/client';
import { apply, type Items } from '@/collab/overlay';
import { fresh, pendingOf } from '@/collab/pending';
import { queryClient } from './client';

const server = new WeakMap<Items, Items>();

/** What the server says, of a list that shows. */
export const serverItems = (shown: Items): Items => server.get(shown) ?? shown;

/** The list that shows, from what the server says. */
export function shownItems(project: string, said: Items): Items {
  const pending = pendingOf(project);
  if (pending.length === 0 && fresh.size === 0) return said;
  const shown = new Map(said);
  const bin = queryClient.getQueryData<Item[]>(['bin', project]);
  for (const [id, claimed] of fresh) {
    const known = said.get(id);
    if (known === undefined) continue;
    if (known.title === '') shown.set(id, { ...known, ...claimed });
    else fresh.delete(id);
  }
  for (const { op, claimed } of pending) {
    apply(shown, op, bin);
    const made = claimed === undefined || op.type !== 'item.create' ? undefined : shown.get(op.id);
    if (made !== undefined) shown.set(made.id, { ...made, ...claimed });
  }
  server.set(shown, said);
  return shown;
}

/** Changes what the server says, such as by a live event. */
export function patchItems(project: string, change: (items: Map<string, Item>) => void): void {
  queryClient.setQueryData<Items>(['items', project], (shown) => {
    if (shown === undefined) return shown;
    const said = new Map(serverItems(shown));
    change(said);
    return shownItems(project, said);
  });
}

/** Shows the list anew, after what waits has changed. */
export const refreshItems = (project: string): void => patchItems(project, () => undefined);
