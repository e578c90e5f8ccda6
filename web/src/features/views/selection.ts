/** Which items are chosen, for an action on all of them. One selection for all views of a project. */
import { create } from 'zustand';

export interface Selection {
  ids: ReadonlySet<string>;
  /** Where a range starts. */
  anchor: string | null;
  /** What was chosen before the present range. */
  base: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();
export const nothing: Selection = { ids: none, anchor: null, base: none };

export const only = (id: string): Selection => ({ ids: new Set([id]), anchor: id, base: none });

export function toggled({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id, base: next };
}

/** Everything from the anchor to `to`, in `order`, with what was chosen before. Without an anchor the range starts at `from`. */
export function ranged(selection: Selection, order: readonly string[], from: string, to: string): Selection {
  const anchor = selection.anchor !== null && order.includes(selection.anchor) ? selection.anchor : from;
  const [a, b] = [order.indexOf(anchor), order.indexOf(to)];
  if (a < 0 || b < 0) return selection;
  const base = selection.anchor === anchor ? selection.base : selection.ids;
  return { ids: new Set([...base, ...order.slice(Math.min(a, b), Math.max(a, b) + 1)]), anchor, base };
}

export const allOf = (order: readonly string[]): Selection => ({ ids: new Set(order), anchor: order[0] ?? null, base: none });

/** The selection without what is gone. */
export function kept(selection: Selection, exists: (id: string) => boolean): Selection {
  const ids = [...selection.ids].filter(exists);
  if (ids.length === selection.ids.size) return selection;
  return { ids: new Set(ids), anchor: selection.anchor !== null && exists(selection.anchor) ? selection.anchor : null, base: new Set([...selection.base].filter(exists)) };
}

export const useSelection = create<Selection>(() => nothing);

export const select = (change: (now: Selection) => Selection): void => useSelection.setState(change, true);
export const selectNothing = (): void => {
  if (useSelection.getState().ids.size > 0 || useSelection.getState().anchor !== null) useSelection.setState(nothing, true);
};

/** Whether `id` is chosen; a row renders only when that changes. */
export const useSelected = (id: string): boolean => useSelection((selection) => selection.ids.has(id));
