import { useRef, useSyncExternalStore } from 'react';

/** The part of a Yjs type that this needs: the types of different events don't go together. */
type Observed = { observeDeep: (listener: () => void) => void; unobserveDeep: (listener: () => void) => void };

/** A plain value read from a shared type, renewed whenever the type or something in it changes. */
export function useShared<T extends Observed, V>(type: T, read: (type: T) => V): V {
  const cache = useRef<{ type: T; value: V } | null>(null);
  return useSyncExternalStore(
    (listener) => {
      const changed = () => {
        cache.current = null;
        listener();
      };
      type.observeDeep(changed);
      return () => type.unobserveDeep(changed);
    },
    () => {
      if (cache.current?.type !== type) cache.current = { type, value: read(type) };
      return cache.current.value;
    },
  );
}
