/** Items that are dragged out of a list onto a canvas. The canvas says that it takes them, and is told when they are dropped. */
import type { Point } from '@/ui/drag';

export const DROPPED = 'canopy:items';

export type Dropped = CustomEvent<{ ids: readonly string[]; at: Point }>;

/** The canvas under a point of the window, if it takes items. */
export const canvasAt = ({ x, y }: Point): HTMLElement | null => document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-takes-items]') ?? null;

export function dropItems(canvas: HTMLElement, ids: readonly string[], at: Point): void {
  canvas.dispatchEvent(new CustomEvent(DROPPED, { detail: { ids, at } }));
}
