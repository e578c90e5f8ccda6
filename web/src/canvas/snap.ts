/** Where something that is moved holds on: at the edges and middles of others, else at the grid. Pure. */
import type { Box } from './geo';

export interface Guide {
  axis: 'x' | 'y';
  /** Where the line is on its axis. */
  at: number;
  from: number;
  to: number;
}

export interface Snap {
  dx: number;
  dy: number;
  guides: Guide[];
}

export const GRID = 10;

const stops = (from: number, length: number): number[] => [from, from + length / 2, from + length];

/** The nearest pair of stops of `own` and of others, and by how much `own` has to move. */
function nearest(own: readonly number[], others: readonly Box[], axis: 'x' | 'y', reach: number): { by: number; at: number; box: Box }[] {
  const length = axis === 'x' ? 'w' : 'h';
  let best = reach;
  let found: { by: number; at: number; box: Box }[] = [];
  for (const box of others) {
    for (const at of stops(box[axis], box[length])) {
      for (const mine of own) {
        const by = at - mine;
        const far = Math.abs(by);
        if (far > best + 0.01) continue;
        if (far < best - 0.01) found = [];
        best = Math.min(best, far);
        if (found.length === 0 || Math.abs((found[0] as { by: number }).by - by) < 0.01) found.push({ by, at, box });
      }
    }
  }
  return found;
}

/** How to move `box` so that it stands in line. `reach`: from how far it is drawn there. `grid`: null without one. */
export function snapBox(box: Box, others: readonly Box[], reach: number, grid: number | null, sides: { x: readonly number[]; y: readonly number[] } = { x: stops(box.x, box.w), y: stops(box.y, box.h) }): Snap {
  const guides: Guide[] = [];
  const along = (axis: 'x' | 'y'): number => {
    const own = sides[axis];
    const found = nearest(own, others, axis, reach);
    if (found.length === 0) {
      const [first] = own;
      return grid === null || first === undefined ? 0 : Math.round(first / grid) * grid - first;
    }
    return (found[0] as { by: number }).by;
  };
  const [dx, dy] = [along('x'), along('y')];
  const moved = { x: box.x + dx, y: box.y + dy, w: box.w, h: box.h };
  const show = (axis: 'x' | 'y', by: number) => {
    const [cross, across] = axis === 'x' ? (['y', 'h'] as const) : (['x', 'w'] as const);
    const lines = new Map<number, Guide>();
    for (const { by: found, at, box: other } of nearest(sides[axis], others, axis, reach)) {
      if (Math.abs(found - by) > 0.01) continue;
      const known = lines.get(at) ?? { axis, at, from: moved[cross], to: moved[cross] + moved[across] };
      lines.set(at, { ...known, from: Math.min(known.from, other[cross]), to: Math.max(known.to, other[cross] + other[across]) });
    }
    guides.push(...lines.values());
  };
  show('x', dx);
  show('y', dy);
  return { dx, dy, guides };
}
