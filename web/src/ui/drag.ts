/** Dragging with a mouse, a pen, or a finger that has rested on something. Escape gives up. */
import { useEffect, useRef, type PointerEvent as ReactPointerEvent, type RefObject } from 'react';

export interface Point {
  x: number;
  y: number;
}

/** What is being dragged. */
export interface Dragged {
  move: (at: Point) => void;
  /** Called for every frame, also while the pointer rests. */
  frame: (at: Point) => void;
  drop: () => void;
  /** Dropped or given up. */
  end: () => void;
}

type Options = {
  /** What scrolls under it. */
  container: RefObject<HTMLElement | null>;
  /** Whether anything may be taken; a finger may rest on it all the same. */
  enabled: boolean;
  /** The id of what is pressed; `undefined` when it can't be taken. */
  find: (pressed: Element) => string | undefined;
  take: (id: string, from: Point) => Dragged;
  /** A finger rested and was lifted without having moved. */
  rested: (id: string, at: Point) => void;
};

/** How long a finger rests until it takes something, in milliseconds. */
const HOLD = 420;
/** How far a pointer goes until it drags, in pixels. */
const FAR = 5;
const FAR_FINGER = 10;

export function usePointerDrag(options: Options): (event: ReactPointerEvent) => void {
  const latest = useRef(options);
  latest.current = options;
  const stop = useRef<(() => void) | null>(null);
  const held = useRef(false);
  useEffect(() => () => stop.current?.(), []);

  // Once a finger holds something it must not scroll. Only a listener that was there from the start can say so.
  useEffect(() => {
    const box = options.container.current;
    const keep = (event: TouchEvent) => held.current && event.cancelable && event.preventDefault();
    box?.addEventListener('touchmove', keep, { passive: false });
    return () => box?.removeEventListener('touchmove', keep);
  });

  return (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    const pressed = event.target as Element;
    const id = pressed.closest('button, input, textarea') === null ? options.find(pressed) : undefined;
    const touch = event.pointerType === 'touch';
    if (id === undefined || (!options.enabled && !touch)) return;
    const from = { x: event.clientX, y: event.clientY };
    const far = () => Math.hypot(last.x - from.x, last.y - from.y);
    let last = from;
    let dragged: Dragged | null = null;
    let frame = 0;

    const tick = () => {
      frame = requestAnimationFrame(tick);
      dragged?.frame(last);
    };
    const start = () => {
      held.current = touch;
      dragged = latest.current.take(id, from);
      document.body.classList.add('select-none', 'cursor-grabbing');
      frame = requestAnimationFrame(tick);
      dragged.move(last);
    };
    const rest = () => {
      if (latest.current.enabled) {
        navigator.vibrate?.(8);
        start();
      } else {
        end();
        latest.current.rested(id, last);
      }
    };
    const hold = touch ? setTimeout(rest, HOLD) : undefined;
    const onMove = (move: PointerEvent) => {
      if (move.pointerId !== event.pointerId) return;
      last = { x: move.clientX, y: move.clientY };
      if (dragged !== null) dragged.move(last);
      else if (far() < (touch ? FAR_FINGER : FAR)) return;
      // A finger that moves at once scrolls.
      else if (touch) end();
      else start();
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
      dragged?.end();
      dragged = null;
      stop.current = null;
    };
    const onUp = () => {
      const what = dragged;
      end();
      if (what === null) return;
      // The click that ends a drag must not open anything.
      const swallow = (click: Event) => {
        click.stopPropagation();
        click.preventDefault();
      };
      window.addEventListener('click', swallow, { capture: true, once: true });
      setTimeout(() => window.removeEventListener('click', swallow, { capture: true }), 0);
      if (touch && far() < FAR_FINGER) latest.current.rested(id, last);
      else what.drop();
    };
    const onKey = (key: KeyboardEvent) => {
      if (key.key !== 'Escape') return;
      key.stopPropagation();
      key.preventDefault();
      end();
    };
    const onMenu = (menu: Event) => {
      if (touch || dragged !== null) menu.preventDefault();
      if (touch) menu.stopPropagation();
    };
    window.addEventListener('pointermove', onMove);
    window.addEventListener('pointerup', onUp);
    window.addEventListener('pointercancel', end);
    window.addEventListener('keydown', onKey, true);
    window.addEventListener('contextmenu', onMenu, true);
    stop.current = end;
  };
}

/** From how far off its edge a box scrolls, and how far it does in a frame at the very edge, in pixels. */
const EDGE = 40;
const SPEED = 15;

/** Scrolls a box whose edge something is held at. Whether it did. */
export function scrollAtEdge(box: HTMLElement, axis: 'x' | 'y', at: Point): boolean {
  const rect = box.getBoundingClientRect();
  const [low, high] = axis === 'x' ? [at.x - rect.left, rect.right - at.x] : [at.y - rect.top, rect.bottom - at.y];
  const near = Math.min(low, high);
  if (near >= EDGE) return false;
  const by = Math.ceil((Math.min(EDGE, EDGE - near) / EDGE) * SPEED) * (low < high ? -1 : 1);
  const before = box.scrollLeft + box.scrollTop;
  box.scrollBy(axis === 'x' ? by : 0, axis === 'y' ? by : 0);
  return box.scrollLeft + box.scrollTop !== before;
}
