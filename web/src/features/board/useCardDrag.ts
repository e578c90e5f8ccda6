/** Dragging cards to another column. */
import { useRef, useState, type RefObject } from 'react';
import type { Status } from '@/api/client';
import { scrollAtEdge, usePointerDrag, type Point } from '@/ui/drag';

type Options = {
  board: RefObject<HTMLDivElement | null>;
  enabled: boolean;
  taken: (id: string) => string[];
  drop: (ids: string[], status: Status) => void;
  rested: (id: string, at: Point) => void;
};

export interface CardDrag extends Point {
  ids: readonly string[];
  over: Status | null;
}

export function useCardDrag(options: Options) {
  const { board, enabled, taken, rested } = options;
  // Cards come and go while one is dragged.
  const latest = useRef(options);
  latest.current = options;
  const [drag, setDrag] = useState<CardDrag | null>(null);
  const onPointerDown = usePointerDrag({
    container: board,
    enabled,
    find: (pressed) => pressed.closest<HTMLElement>('[data-item]')?.dataset.item,
    take: (id) => {
      const ids = taken(id);
      let over: Status | null = null;
      const move = (at: Point) => {
        const column = document.elementFromPoint(at.x, at.y)?.closest<HTMLElement>('[data-status]');
        over = (column?.dataset.status as Status | undefined) ?? null;
        setDrag({ ids, ...at, over });
      };
      return {
        move,
        frame: (at) => {
          if (board.current !== null && scrollAtEdge(board.current, 'x', at)) move(at);
        },
        drop: () => over !== null && latest.current.drop(ids, over),
        end: () => setDrag(null),
      };
    },
    rested,
  });
  return { drag, onPointerDown };
}
