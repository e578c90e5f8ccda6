/**
 * Dragging rows. Up and down chooses the gap, left and right the level. A folded row unfolds when the pointer rests on it. Over a
 * canvas beside the tree they become cards there.
 */
import { useRef, useState, type RefObject } from 'react';
import { scrollAtEdge, usePointerDrag, type Point } from '@/ui/drag';
import { canvasAt } from '@/features/diagram/drop';
import { dropAt, isThere, type Outline, type Place, type Row } from './model';
import { INDENT } from './measures';

export type Target = Place & { depth: number; gap: number };

type Options = {
  container: RefObject<HTMLDivElement | null>;
  rows: readonly Row[];
  outline: Outline;
  enabled: boolean;
  height: number;
  /** All that moves when `id` is taken. */
  taken: (id: string) => string[];
  drop: (ids: string[], place: Place) => void;
  /** Dropped on a canvas. */
  dropOut: (id: string, canvas: HTMLElement, at: Point) => void;
  expand: (id: string) => void;
  rested: (id: string, at: Point) => void;
};

/** How long a pointer rests until a folded row opens, in milliseconds. */
const REST = 650;

export interface Drag extends Point {
  ids: readonly string[];
  target: Target | null;
  /** Over a canvas. */
  out: boolean;
}

export function useDrag(options: Options) {
  // Rows come and go while one is dragged.
  const latest = useRef(options);
  latest.current = options;
  const [drag, setDrag] = useState<Drag | null>(null);
  const onPointerDown = usePointerDrag({
    container: options.container,
    enabled: options.enabled,
    find: (pressed) => pressed.closest<HTMLElement>('[role=treeitem]')?.dataset.item,
    take: (id, from) => {
      const ids = latest.current.taken(id);
      latest.current.container.current?.focus({ preventScroll: true });
      const depth = latest.current.rows.find((row) => row.id === id)?.depth ?? 0;
      let aim: Target | null = null;
      let out: HTMLElement | null = null;
      let last = from;
      let resting: { id: string; since: number } | null = null;
      const move = (at: Point) => {
        const { container, rows, outline, height } = latest.current;
        const box = container.current;
        if (box === null) return;
        last = at;
        out = canvasAt(at);
        if (out !== null) {
          aim = null;
          resting = null;
          setDrag({ ids, ...at, target: null, out: true });
          return;
        }
        const rect = box.getBoundingClientRect();
        const y = at.y - rect.top + box.scrollTop - 4;
        const gap = Math.max(0, Math.min(rows.length, Math.round(y / height)));
        const place = dropAt(rows, outline, ids, gap, depth + Math.round((at.x - from.x) / INDENT));
        aim = isThere(outline, ids, place) ? null : { ...place, gap };
        setDrag({ ids, ...at, target: aim, out: false });
        const over = rows[Math.floor(y / height)];
        const folded = over !== undefined && over.open === false && !ids.includes(over.id) ? over.id : null;
        if (folded === null) resting = null;
        else if (resting?.id !== folded) resting = { id: folded, since: performance.now() };
      };
      return {
        move,
        frame: (at) => {
          const { container, expand } = latest.current;
          if (out === null && container.current !== null && scrollAtEdge(container.current, 'y', at)) move(at);
          if (resting !== null && performance.now() - resting.since > REST) {
            expand(resting.id);
            resting = null;
          }
        },
        drop: () => {
          if (out !== null) latest.current.dropOut(id, out, last);
          else if (aim !== null) latest.current.drop(ids, { parent: aim.parent, before: aim.before });
        },
        end: () => setDrag(null),
      };
    },
    rested: options.rested,
  });
  return { drag, onPointerDown };
}
