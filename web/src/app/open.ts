import { router } from './router';

/** Opens an item; `beside` leaves the open one where it is. */
export function openItem(project: string, item: string, beside = false): void {
  const open = router.state.matches.map(({ params }) => params as { projectId?: string; itemId?: string }).findLast(({ itemId }) => itemId !== undefined);
  if (beside && open?.itemId !== undefined && open.projectId === project && open.itemId !== item) {
    void router.navigate({ to: '/p/$projectId/$itemId', params: { projectId: project, itemId: open.itemId }, search: { beside: item } });
  } else {
    void router.navigate({ to: '/p/$projectId/$itemId', params: { projectId: project, itemId: item } });
  }
}
