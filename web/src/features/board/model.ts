import type { Item, Status } from '@/api/client';

export type Columns = ReadonlyMap<Status, readonly string[]>;

/** The cards of each column, in the order of the tree. */
export function columnsOf(order: readonly string[], items: ReadonlyMap<string, Item>, matches: ReadonlySet<string> | null, statuses: readonly Status[]): Columns {
  const columns = new Map<Status, string[]>(statuses.map((status) => [status, []]));
  for (const id of order) {
    const item = items.get(id);
    // A diagram is no work that goes from column to column.
    if (item !== undefined && item.type !== 'diagram' && (matches === null || matches.has(id))) columns.get(item.status)?.push(id);
  }
  return columns;
}

export interface Spot {
  column: number;
  row: number;
}

export function spotOf(columns: Columns, statuses: readonly Status[], id: string | null): Spot | null {
  if (id === null) return null;
  for (const [column, status] of statuses.entries()) {
    const row = columns.get(status)?.indexOf(id) ?? -1;
    if (row >= 0) return { column, row };
  }
  return null;
}

/** The card to go to from `spot`, `by` columns to the side: in the nearest column that has any, at the same height. */
export function sideways(columns: Columns, statuses: readonly Status[], spot: Spot, by: -1 | 1): string | null {
  for (let column = spot.column + by; column >= 0 && column < statuses.length; column += by) {
    const cards = columns.get(statuses[column] as Status) ?? [];
    const id = cards[Math.min(spot.row, cards.length - 1)];
    if (id !== undefined) return id;
  }
  return null;
}
