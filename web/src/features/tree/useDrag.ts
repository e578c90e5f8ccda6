import { useEffect, useRef, useState, type PointerEvent as ReactPointerEvent, type RefObject } from 'react';
import { dropAt, isThere, type Outline, type Place, type Row } from './model';
import { INDENT, ROW } from './measures';

type Target = Place & { depth: number; gap: number };

type Options = {
  container: RefObject<HTMLDivElement | null>;
  rows: readonly Row[];
  outline: Outline;
  enabled: boolean;
  drop: (id: string, place: Place) => void;
};

/** Dragging rows with a mouse or pen. Up and down chooses the gap, left and right the level. Escape gives up. */
export function useDrag(options: Options) {
  const latest = useRef(options);
  latest.current = options;
  const [dragging, setDragging] = useState<string | null>(null);
  const [target, setTarget] = useState<Target | null>(null);
  const stop = useRef<(() => void) | null>(null);
  useEffect(() => () => stop.current?.(), []);

  const onPointerDown = (event: ReactPointerEvent) => {
    if (!options.enabled || event.button !== 0 || event.pointerType === 'touch') return;
    const element = (event.target as Element).closest<HTMLElement>('[role=treeitem]');
    const id = element?.dataset.item;
    if (id === undefined || (event.target as Element).closest('button, input, textarea, [role=menu]') !== null) return;
    const startX = event.clientX;
    const startY = event.clientY;
    const startDepth = options.rows.find((row) => row.id === id)?.depth ?? 0;
    let started = false;
    let aim: Target | null = null;
    let scroll = 0;
    let last = { x: startX, y: startY };
    let frame = 0;

    const update = () => {
      const { container, rows, outline } = latest.current;
      const box = container.current;
      if (box === null) return;
      const rect = box.getBoundingClientRect();
      const y = last.y - rect.top + box.scrollTop - 4;
      const gap = Math.max(0, Math.min(rows.length, Math.round(y / ROW)));
      const place = dropAt(rows, outline, id, gap, startDepth + Math.round((last.x - startX) / INDENT));
      aim = place === null || isThere(outline, id, place) ? null : { ...place, gap };
      setTarget(aim);
      scroll = last.y < rect.top + 28 ? -8 : last.y > rect.bottom - 28 ? 8 : 0;
    };
    const tick = () => {
      frame = requestAnimationFrame(tick);
      if (scroll === 0) return;
      latest.current.container.current?.scrollBy(0, scroll);
      update();
    };
    const onMove = (move: PointerEvent) => {
      last = { x: move.clientX, y: move.clientY };
      if (!started) {
        if (Math.hypot(last.x - startX, last.y - startY) < 5) return;
        started = true;
        setDragging(id);
        document.body.classList.add('select-none', 'cursor-grabbing');
        frame = requestAnimationFrame(tick);
      }
      update();
    };
    const end = () => {
      cancelAnimationFrame(frame);
      window.removeEventListener('pointermove', onMove);
      window.removeEventListener('pointerup', onUp);
      window.removeEventListener('pointercancel', end);
      window.removeEventListener('keydown', onKey, true);
      document.body.classList.remove('select-none', 'cursor-grabbing');
      setDragging(null);
      setTarget(null);
      stop.current = null;
    };
    const onUp = () => {
      const to = aim;
      end();
      if (!started) return;
      // The click that ends a drag must not open the row.
      const swallow = (click: Event) => {
        click.stopPropagation();
        click.preventDefault();
      };
      window.addEventListener('click', swallow, { capture: true, once: true });
      setTimeout(() => window.removeEventListener('click', swallow, { capture: true }), 0);
      if (to !== null) latest.current.drop(id, { parent: to.parent, before: to.before });
    };
    const onKey = (key: KeyboardEvent) => {
      if (key.key !== 'Escape') return;
      key.stopPropagation();
      end();
    };
    window.addEventListener('pointermove', onMove);
    window.addEventListener('pointerup', onUp);
    window.addEventListener('pointercancel', end);
    window.addEventListener('keydown', onKey, true);
    stop.current = end;
  };

  return { dragging, target, handlers: { onPointerDown } };
}
