/** Applies live events to what the screens have loaded. */
import { follow, type LiveEvent } from '@/api/events';
import type { Item, Project } from '@/api/client';
import { queryClient } from './client';
import { patchItems } from './items';
import { renewOwed } from './query';
import { wake } from '@/collab/wake';

export { patchItems };

export function followOrganization(org: string): () => void {
  let first = true;
  return follow(org, {
    event: (event) => apply(org, event),
    open: (resumed) => {
      wake();
      // The server was away: perhaps for a deploy.
      if (!first) void navigator.serviceWorker?.getRegistration().then((registration) => registration?.update()).catch(() => undefined);
      first = false;
      if (resumed) {
        renewOwed();
        return;
      }
      // Whatever was loaded before the stream was open may have changed in between.
      const opened = Date.now();
      void queryClient.invalidateQueries({ predicate: (query) => query.state.dataUpdatedAt > 0 && query.state.dataUpdatedAt <= opened });
    },
  });
}

/** How long changed items are gathered, in milliseconds: a burst of them is one change of the list. */
const TOGETHER = 24;
/** And at most: a large list takes a while to show, and a change of a thousand items comes in many messages. */
const LONGEST = 250;
/** How long the last change took to show, in milliseconds. */
let took = 0;
let waiting: Item[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

function settle(): void {
  clearTimeout(timer);
  timer = undefined;
  const all = waiting;
  waiting = [];
  const begun = performance.now();
  for (const project of new Set(all.map((item) => item.project_id))) changed(project, all.filter((item) => item.project_id === project));
  // Screens are told in a microtask, and draw in it.
  setTimeout(() => (took = performance.now() - begun));
}

function changed(project: string, some: readonly Item[]): void {
  patchItems(project, (items) => {
    for (const item of some) {
      const known = items.get(item.id);
      if (item.deleted_at !== null) items.delete(item.id);
      else if (known === undefined || known.updated_at <= item.updated_at) items.set(item.id, item);
    }
  });
  // Shown by itself, where it is linked from another project.
  for (const item of some) queryClient.setQueryData<Item | null>(['item', item.id], (known) => (known == null || known.updated_at > item.updated_at ? known : { ...known, ...item }));
  // An item is told of, too, when another one links to it or doesn't any more.
  const ids = new Set(some.map((item) => item.id));
  void queryClient.invalidateQueries({
    predicate: ({ queryKey: [name, id] }) => name === 'backlinks' && typeof id === 'string' && ids.has(id),
  });
}

function apply(org: string, event: LiveEvent): void {
  // In the order in which they came.
  if (event.type !== 'item.changed' && event.type !== 'items.changed' && timer !== undefined) settle();
  switch (event.type) {
    case 'item.changed':
    case 'items.changed':
      for (const item of event.type === 'item.changed' ? [event.item] : event.items) waiting.push(item);
      timer ??= setTimeout(settle, Math.min(LONGEST, Math.max(TOGETHER, 3 * took)));
      break;
    case 'fields.changed':
      void queryClient.invalidateQueries({ queryKey: ['fields', event.project_id] });
      break;
    case 'import.changed':
      void queryClient.invalidateQueries({ queryKey: ['import', event.id] });
      void queryClient.invalidateQueries({ queryKey: ['imports', event.project_id] });
      break;
    case 'item.deleted':
      patchItems(event.project_id, (items) => {
        for (const id of event.ids) items.delete(id);
      });
      for (const id of event.ids) void queryClient.invalidateQueries({ queryKey: ['item', id] });
      void queryClient.invalidateQueries({ queryKey: ['bin', event.project_id] });
      break;
    case 'item.restored':
      void queryClient.invalidateQueries({ queryKey: ['item'] });
      void queryClient.invalidateQueries({ queryKey: ['items', event.project_id] });
      void queryClient.invalidateQueries({ queryKey: ['bin', event.project_id] });
      break;
    case 'project.changed':
      // Another person's abilities are not ours: keep those that we were told.
      queryClient.setQueryData<Project>(['project', event.project.id], (known) =>
        known === undefined ? known : { ...event.project, abilities: known.abilities },
      );
      void queryClient.invalidateQueries({ queryKey: ['projects', org] });
      break;
    case 'project.deleted':
      void queryClient.invalidateQueries({ queryKey: ['projects', org] });
      void queryClient.invalidateQueries({ queryKey: ['project', event.id] });
      break;
    case 'member.changed':
      void queryClient.invalidateQueries({ queryKey: ['members', org] });
      void queryClient.invalidateQueries({ queryKey: ['me'] });
      void queryClient.invalidateQueries({ queryKey: ['project'] });
      void queryClient.invalidateQueries({ queryKey: ['projects', org] });
      break;
    case 'reset':
      void queryClient.invalidateQueries();
      break;
  }
}
