/** Dragging cards to another column with a mouse, a pen, or a finger that has rested on one. Escape gives up. */
import { useEffect, useRef, useState, type PointerEvent as ReactPointerEvent, type RefObject } from 'react';
import type { Status } from '@/api/client';

type Options = {
  board: RefObject<HTMLDivElement | null>;
  enabled: boolean;
  taken: (id: string) => string[];
  drop: (ids: string[], status: Status) => void;
  rested: (id: string, at: { x: number; y: number }) => void;
};

export interface CardDrag {
  ids: readonly string[];
  x: number;
  y: number;
  over: Status | null;
}

const HOLD = 420;
const EDGE = 48;
const SPEED = 16;

export function useCardDrag(options: Options) {
  const latest = useRef(options);
  latest.current = options;
  const [drag, setDrag] = useState<CardDrag | null>(null);
  const stop = useRef<(() => void) | null>(null);
  const held = useRef(false);
  useEffect(() => () => stop.current?.(), []);
  useEffect(() => {
    const box = options.board.current;
    const keep = (event: TouchEvent) => held.current && event.cancelable && event.preventDefault();
    box?.addEventListener('touchmove', keep, { passive: false });
    return () => box?.removeEventListener('touchmove', keep);
  });

  const onPointerDown = (event: ReactPointerEvent) => {
    if (event.button !== 0 || !event.isPrimary) return;
    const target = event.target as Element;
    const id = target.closest<HTMLElement>('[data-item]')?.dataset.item;
    if (id === undefined || target.closest('button, input, textarea') !== null) return;
    const touch = event.pointerType === 'touch';
    if (!options.enabled && !touch) return;
    const from = { x: event.clientX, y: event.clientY };
    let last = from;
    let ids: string[] = [];
    let over: Status | null = null;
    let started = false;
    let frame = 0;

    const update = () => {
      const column = document.elementFromPoint(last.x, last.y)?.closest<HTMLElement>('[data-status]');
      over = (column?.dataset.status as Status | undefined) ?? null;
      setDrag({ ids, ...last, over });
    };
    const tick = () => {
      frame = requestAnimationFrame(tick);
      const board = latest.current.board.current;
      if (board === null) return;
      const rect = board.getBoundingClientRect();
      const left = Math.max(0, EDGE - (last.x - rect.left));
      const right = Math.max(0, EDGE - (rect.right - last.x));
      if (left + right === 0) return;
      const before = board.scrollLeft;
      board.scrollBy(((left > 0 ? -1 : 1) * SPEED * Math.min(EDGE, Math.max(left, right))) / EDGE, 0);
      if (board.scrollLeft !== before) update();
    };
    const start = () => {
      started = true;
      held.current = touch;
      ids = latest.current.taken(id);
      document.body.classList.add('select-none', 'cursor-grabbing');
      frame = requestAnimationFrame(tick);
      update();
    };
    const hold = touch
      ? setTimeout(() => {
          if (latest.current.enabled) {
            navigator.vibrate?.(8);
            start();
          } else {
            end();
            latest.current.rested(id, last);
          }
        }, HOLD)
      : undefined;
    const onMove = (move: PointerEvent) => {
      if (move.pointerId !== event.pointerId) return;
      last = { x: move.clientX, y: move.clientY };
      if (!started) {
        if (Math.hypot(last.x - from.x, last.y - from.y) < (touch ? 10 : 5)) return;
        if (touch) {
          end();
          return;
        }
        start();
      }
      update();
    };
    const end = () => {
      clearTimeout(hold);
      cancelAnimationFrame(frame);
      held.current = false;
      window.removeEventListener('pointermove', onMove);
      window.removeEventListener('pointerup', onUp);
      window.removeEventListener('pointercancel', end);
      window.removeEventListener('keydown', onKey, true);
      window.removeEventListener('contextmenu', onMenu, true);
      document.body.classList.remove('select-none', 'cursor-grabbing');
      setDrag(null);
      stop.current = null;
    };
    const onUp = () => {
      const [to, moved] = [over, Math.hypot(last.x - from.x, last.y - from.y) >= 10];
      end();
      if (!started) return;
      const swallow = (click: Event) => {
        click.stopPropagation();
        click.preventDefault();
      };
      window.addEventListener('click', swallow, { capture: true, once: true });
      setTimeout(() => window.removeEventListener('click', swallow, { capture: true }), 0);
      if (touch && !moved) latest.current.rested(id, last);
      else if (to !== null) latest.current.drop(ids, to);
    };
    const onKey = (key: KeyboardEvent) => {
      if (key.key !== 'Escape') return;
      key.stopPropagation();
      key.preventDefault();
      end();
    };
    const onMenu = (menu: Event) => {
      if (touch || started) menu.preventDefault();
      if (touch) menu.stopPropagation();
    };
    window.addEventListener('pointermove', onMove);
    window.addEventListener('pointerup', onUp);
    window.addEventListener('pointercancel', end);
    window.addEventListener('keydown', onKey, true);
    window.addEventListener('contextmenu', onMenu, true);
    stop.current = end;
  };
  return { drag, onPointerDown };
}
