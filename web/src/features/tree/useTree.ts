import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import * as Y from 'yjs';
import type { Item } from '@/api/client';
import type { Node } from '@/collab/outline';
import type { Room } from '@/collab/room';
import { buildOutline, flatten, nodesOf, ORIGIN, readNodes, type Outline, type Row } from './model';

const noNodes: Node[] = [];

/** The outline's nodes, live. */
function useNodes(room: Room | null): Node[] {
  const cache = useRef<{ room: Room; nodes: Node[] } | null>(null);
  const subscribe = useCallback(
    (listener: () => void) => {
      if (room === null) return () => undefined;
      const nodes = nodesOf(room.doc);
      const changed = () => {
        cache.current = null;
        listener();
      };
      nodes.observeDeep(changed);
      // What came between the first reading and now.
      cache.current = null;
      return () => nodes.unobserveDeep(changed);
    },
    [room],
  );
  return useSyncExternalStore(subscribe, () => {
    if (room === null) return noNodes;
    if (cache.current?.room !== room) cache.current = { room, nodes: readNodes(room.doc) };
    return cache.current.nodes;
  });
}

type Items = ReadonlyMap<string, Item>;
const noItems: Items = new Map();

/** The same map as before for as long as no item came, went or moved: titles and statuses don't rebuild the tree. */
function usePlaced(items: Items): Items {
  const last = useRef(items);
  const before = last.current;
  let same = before.size === items.size;
  if (same && before !== items) {
    for (const [id, item] of items) {
      const known = before.get(id);
      if (known === undefined || known.parent !== item.parent || known.rank !== item.rank) {
        same = false;
        break;
      }
    }
  }
  if (!same) last.current = items;
  return last.current;
}

function useCollapsed(project: string): [ReadonlySet<string>, (id: string, collapsed: boolean) => void] {
  const key = `canopy:collapsed:${project}`;
  const [set, setSet] = useState<ReadonlySet<string>>(() => {
    try {
      return new Set(JSON.parse(localStorage.getItem(key) ?? '[]') as string[]);
    } catch {
      return new Set();
    }
  });
  const change = useCallback(
    (id: string, collapsed: boolean) =>
      setSet((now) => {
        if (now.has(id) === collapsed) return now;
        const next = new Set(now);
        if (collapsed) next.add(id);
        else next.delete(id);
        try {
          localStorage.setItem(key, JSON.stringify([...next]));
        } catch {
          // Only a convenience.
        }
        return next;
      }),
    [key],
  );
  return [set, change];
}

export interface TreeState {
  nodes: Node[];
  outline: Outline;
  rows: Row[];
  setCollapsed: (id: string, collapsed: boolean) => void;
  undo: () => void;
  redo: () => void;
}

export function useTree(project: string, room: Room | null, items: Items | undefined): TreeState {
  const nodes = useNodes(room);
  const placed = usePlaced(items ?? noItems);
  const [collapsed, setCollapsed] = useCollapsed(project);
  const outline = useMemo(() => buildOutline(nodes, placed), [nodes, placed]);
  const rows = useMemo(() => flatten(outline, collapsed), [outline, collapsed]);

  const manager = useRef<Y.UndoManager | null>(null);
  useEffect(() => {
    if (room === null) return;
    const made = new Y.UndoManager(nodesOf(room.doc), { trackedOrigins: new Set([ORIGIN]), captureTimeout: 0 });
    manager.current = made;
    return () => {
      made.destroy();
      manager.current = null;
    };
  }, [room]);

  return {
    nodes,
    outline,
    rows,
    setCollapsed,
    undo: useCallback(() => void manager.current?.undo(), []),
    redo: useCallback(() => void manager.current?.redo(), []),
  };
}
