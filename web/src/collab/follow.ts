/** Who is at the screen, and following one of them: their item, and what they see of it. */
import { useEffect, type RefObject } from 'react';
import type { Awareness } from 'y-protocols/awareness';
import { create } from 'zustand';

/** Without a key or a movement for so long, or out of sight, a person is idle. Milliseconds. */
const IDLE = 120_000;
const TICK = 250;

/** The id of the person who is followed. */
export const useFollow = create<{ person: string | null; follow: (person: string | null) => void }>((set) => ({
  person: null,
  follow: (person) => set({ person }),
}));

/** Says in presence whether somebody is at this screen. */
export function useTellIdle(awareness: Awareness | null): void {
  useEffect(() => {
    if (awareness === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let idle: boolean | null = null;
    const tell = (next: boolean) => {
      if (idle === next) return;
      idle = next;
      awareness.setLocalStateField('idle', next);
    };
    const active = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'hidden') {
        tell(true);
        return;
      }
      tell(false);
      timer = setTimeout(() => tell(true), IDLE);
    };
    active();
    const events = ['keydown', 'pointermove', 'pointerdown', 'wheel', 'focus'] as const;
    for (const name of events) window.addEventListener(name, active, { passive: true });
    document.addEventListener('visibilitychange', active);
    return () => {
      clearTimeout(timer);
      for (const name of events) window.removeEventListener(name, active);
      document.removeEventListener('visibilitychange', active);
    };
  }, [awareness]);
}

/** What stands at the top of the screen: a block of the item and how far it is scrolled past, as a share of its height. */
export interface View {
  block: string;
  past: number;
}

/** The blocks of an item on the screen, top to bottom, with a name that is the same for everybody. */
function blocks(scroller: HTMLElement): [string, HTMLElement][] {
  const found: [string, HTMLElement][] = [];
  const counts = new Map<string, number>();
  for (const part of scroller.querySelectorAll<HTMLElement>('[data-view], [data-view-blocks] .ProseMirror > *, [data-view-rows] > *')) {
    const kind = part.dataset.view ?? (part.closest('[data-view-rows]') === null ? 'block' : 'row');
    const index = counts.get(kind) ?? 0;
    counts.set(kind, index + 1);
    found.push([`${kind}:${index}`, part]);
  }
  return found;
}

function viewOf(scroller: HTMLElement): View | null {
  const top = scroller.getBoundingClientRect().top;
  for (const [block, element] of blocks(scroller)) {
    const box = element.getBoundingClientRect();
    if (box.height > 0 && box.bottom > top + 1) return { block, past: Math.round((100 * (top - box.top)) / box.height) / 100 };
  }
  return null;
}

/** Says in the item's presence what is seen of it, so that others can follow. */
export function useTellView(awareness: Awareness | null, scroller: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = scroller.current;
    if (awareness === null || element === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = '';
    const tell = () => {
      timer = undefined;
      const view = viewOf(element);
      const text = JSON.stringify(view);
      if (text === last) return;
      last = text;
      awareness.setLocalStateField('view', view);
    };
    const soon = () => {
      timer ??= setTimeout(tell, TICK);
    };
    soon();
    element.addEventListener('scroll', soon, { passive: true });
    return () => {
      clearTimeout(timer);
      element.removeEventListener('scroll', soon);
    };
  }, [awareness, scroller]);
}

/** Keeps the same part of the item on this screen as on the followed person's. */
export function useFollowView(awareness: Awareness | null, scroller: RefObject<HTMLElement | null>): void {
  const person = useFollow((state) => state.person);
  useEffect(() => {
    const element = scroller.current;
    if (awareness === null || element === null || person === null) return;
    const move = () => {
      for (const state of awareness.getStates().values()) {
        const { user, view } = state as { user?: { id?: string }; view?: View | null };
        if (user?.id !== person || typeof view?.block !== 'string' || typeof view.past !== 'number') continue;
        const target = blocks(element).find(([block]) => block === view.block)?.[1];
        if (target === undefined) continue;
        const box = target.getBoundingClientRect();
        const by = box.top - element.getBoundingClientRect().top + view.past * box.height;
        if (Math.abs(by) > 2) element.scrollBy({ top: by });
        return;
      }
    };
    move();
    awareness.on('change', move);
    return () => awareness.off('change', move);
  }, [awareness, scroller, person]);
}

/** Following ends with one's own next step: whoever scrolls, clicks or types wants to look for themselves. */
export function useEndFollowing(): void {
  const person = useFollow((state) => state.person);
  const follow = useFollow((state) => state.follow);
  useEffect(() => {
    if (person === null) return;
    const end = (event: Event) => {
      if (event.target instanceof Element && event.target.closest('[data-follow-keeps]') !== null) return;
      if (event instanceof KeyboardEvent && ['Shift', 'Control', 'Alt', 'Meta', 'Tab'].includes(event.key)) return;
      follow(null);
    };
    const names = ['pointerdown', 'wheel', 'keydown', 'touchmove'] as const;
    for (const name of names) window.addEventListener(name, end, { passive: true, capture: true });
    return () => {
      for (const name of names) window.removeEventListener(name, end, { capture: true });
    };
  }, [person, follow]);
}
