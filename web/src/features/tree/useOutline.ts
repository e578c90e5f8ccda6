import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type * as Y from 'yjs';
import type { Item } from '@/api/client';
import type { Room } from '@/collab/room';
import { LiveOutline } from './live';
import { nodesOf, type Outline } from './model';

/** The outline document of `room` over the list of items, live. Give neither before both can show: the tree is made once then. */
export function useOutline(room: Room | null, items: ReadonlyMap<string, Item>): { live: LiveOutline; outline: Outline } {
  const [live] = useState(() => new LiveOutline());
  const known = useRef<Room | null>(null);
  if (known.current !== room) {
    known.current = room;
    live.load(room?.doc ?? null, items);
  } else live.setItems(items);
  const subscribe = useCallback(
    (listener: () => void) => {
      if (room === null) return () => undefined;
      const nodes = nodesOf(room.doc);
      const changed = (events: Y.YEvent<Y.AbstractType<unknown>>[]) => {
        const ids = new Set<string>();
        for (const event of events) {
          if (event.path.length > 0) ids.add(String(event.path[0]));
          // Unlike `changes`, this computes nothing.
          else for (const key of (event as Y.YMapEvent<unknown>).keysChanged) ids.add(key);
        }
        live.changed(room.doc, ids);
        listener();
      };
      nodes.observeDeep(changed);
      // What came between the first reading and now.
      live.catchUp(room.doc);
      return () => nodes.unobserveDeep(changed);
    },
    [room, live],
  );
  const outline = useSyncExternalStore(subscribe, () => live.outline);
  return { live, outline };
}

const KEY = (project: string) => `canopy:collapsed:${project}`;

/** Which items are folded, kept on this device. */
export function useCollapsed(project: string): [ReadonlySet<string>, (change: (now: ReadonlySet<string>) => ReadonlySet<string>) => void] {
  const stored = useMemo((): ReadonlySet<string> => {
    try {
      return new Set(JSON.parse(localStorage.getItem(KEY(project)) ?? '[]') as string[]);
    } catch {
      return new Set();
    }
  }, [project]);
  const [state, setState] = useState({ project, set: stored });
  const set = state.project === project ? state.set : stored;
  const change = useCallback(
    (run: (now: ReadonlySet<string>) => ReadonlySet<string>) =>
      setState((now) => {
        const before = now.project === project ? now.set : stored;
        const next = run(before);
        return next === before && now.project === project ? now : { project, set: next };
      }),
    [project, stored],
  );
  useEffect(() => {
    if (set === stored) return;
    try {
      localStorage.setItem(KEY(project), JSON.stringify([...set]));
    } catch {
      // Only a convenience.
    }
  }, [project, set, stored]);
  return [set, change];
}

/** `set` with `id` in it or not; the same object when it is so already. */
export function withMember(set: ReadonlySet<string>, id: string, member: boolean): ReadonlySet<string> {
  if (set.has(id) === member) return set;
  const next = new Set(set);
  if (member) next.add(id);
  else next.delete(id);
  return next;
}
