/**
 * Dragging rows with a mouse, a pen, or a finger that has rested on one. Up and down chooses the gap, left and right the level.
 * A folded row unfolds when the pointer rests on it. Escape gives up.
 */
import { useEffect, useRef, useState, type PointerEvent as ReactPointerEvent, type RefObject } from 'react';
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
  expand: (id: string) => void;
  /** A finger rested and was lifted without having moved. */
  rested: (id: string, at: { x: number; y: number }) => void;
};

/** How long a pointer rests until a folded row opens, and a finger until it takes a row, in milliseconds. */
const REST = 650;
const HOLD = 420;

/** Pixels a frame at the very edge. */
const SPEED = 14;
const EDGE = 36;

export interface Drag {
  ids: readonly string[];
  x: number;
  y: number;
  target: Target | null;
}

export function useDrag(options: Options) {
  const latest = useRef(options);
  latest.current = options;
  const [drag, setDrag] = useState<Drag | null>(null);
  const stop = useRef<(() => void) | null>(null);
  const held = useRef(false);
  useEffect(() => () => stop.current?.(), []);

  // Once a finger holds a row it must not scroll. Only a listener that was there from the start can say so.
  useEffect(() => {
    const box = options.container.current;
    const keep = (event: TouchEvent) => held.current && event.cancelable && event.preventDefault();
    box?.addEventListener('touchmove', keep, { passive: false });
    return () => box?.removeEventListener('touchmove', keep);
  });

  const onPointerDown = (event: ReactPointerEvent) => {
    if (event.button !== 0 || !event.isPrimary) return;
    const element = (event.target as Element).closest<HTMLElement>('[role=treeitem]');
    const id = element?.dataset.item;
    if (id === undefined || (event.target as Element).closest('button, input, textarea') !== null) return;
    const touch = event.pointerType === 'touch';
    if (!options.enabled && !touch) return;
    const startX = event.clientX;
    const startY = event.clientY;
    const startDepth = options.rows.find((row) => row.id === id)?.depth ?? 0;
    let ids: string[] = [];
    let started = false;
    let aim: Target | null = null;
    let last = { x: startX, y: startY };
    let frame = 0;
    let resting: { id: string; since: number } | null = null;

    const update = () => {
      const { container, rows, outline, height } = latest.current;
      const box = container.current;
      if (box === null) return;
      const rect = box.getBoundingClientRect();
      const y = last.y - rect.top + box.scrollTop - 4;
      const gap = Math.max(0, Math.min(rows.length, Math.round(y / height)));
      const place = dropAt(rows, outline, ids, gap, startDepth + Math.round((last.x - startX) / INDENT));
      aim = isThere(outline, ids, place) ? null : { ...place, gap };
      setDrag({ ids, ...last, target: aim });
      const over = rows[Math.floor(y / height)];
      const folded = over !== undefined && over.open === false && !ids.includes(over.id) ? over.id : null;
      if (folded === null) resting = null;
      else if (resting?.id !== folded) resting = { id: folded, since: performance.now() };
    };
    const tick = () => {
      frame = requestAnimationFrame(tick);
      const { container, expand } = latest.current;
      const box = container.current;
      if (box === null) return;
      const rect = box.getBoundingClientRect();
      const above = Math.max(0, EDGE - (last.y - rect.top));
      const below = Math.max(0, EDGE - (rect.bottom - last.y));
      if (above + below > 0) {
        const before = box.scrollTop;
        box.scrollBy(0, Math.ceil((Math.min(EDGE, Math.max(above, below)) / EDGE) * SPEED) * (above > 0 ? -1 : 1));
        if (box.scrollTop !== before) update();
      }
      if (resting !== null && performance.now() - resting.since > REST) {
        expand(resting.id);
        resting = null;
      }
    };
    const start = () => {
      started = true;
      ids = latest.current.taken(id);
      held.current = touch;
      document.body.classList.add('select-none', 'cursor-grabbing');
      frame = requestAnimationFrame(tick);
      update();
    };
    const hold = touch ? setTimeout(() => {
      if (latest.current.enabled) {
        navigator.vibrate?.(8);
        start();
      } else {
        end();
        latest.current.rested(id, last);
      }
    }, HOLD) : undefined;
    const onMove = (move: PointerEvent) => {
      if (move.pointerId !== event.pointerId) return;
      last = { x: move.clientX, y: move.clientY };
      if (!started) {
        if (Math.hypot(last.x - startX, last.y - startY) < (touch ? 10 : 5)) return;
        // A finger that moves at once scrolls.
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
      const to = aim;
      const moved = Math.hypot(last.x - startX, last.y - startY) >= 10;
      end();
      if (!started) return;
      // The click that ends a drag must not open the row.
      const swallow = (click: Event) => {
        click.stopPropagation();
        click.preventDefault();
      };
      window.addEventListener('click', swallow, { capture: true, once: true });
      setTimeout(() => window.removeEventListener('click', swallow, { capture: true }), 0);
      if (touch && !moved) latest.current.rested(id, last);
      else if (to !== null) latest.current.drop(ids, { parent: to.parent, before: to.before });
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
