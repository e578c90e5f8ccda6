/** Components that come in chunks of their own. */
import { useEffect, useState, type ComponentType, type ReactNode } from 'react';

/**
 * As `React.lazy`, for what people wait for: it shows as soon as it is there. What React suspends it shows at most every 300 ms, so
 * that two of them, one in the other, take that long. Until then, and while `preload` goes on, `fallback` shows.
 */
export function deferred<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P & { fallback?: ReactNode }> & { preload: () => void } {
  let Loaded: ComponentType<P> | null = null;
  let loading: Promise<unknown> | null = null;
  const begin = () => {
    loading ??= load().then(
      (component) => {
        Loaded = component;
      },
      (error: unknown) => {
        // Another try begins anew.
        loading = null;
        throw error;
      },
    );
    return loading;
  };

  function Deferred({ fallback, ...props }: P & { fallback?: ReactNode }) {
    const [, show] = useState<object | null>(null);
    useEffect(() => {
      if (Loaded !== null) return;
      let here = true;
      begin().then(
        () => here && show({}),
        (error: unknown) => {
          // For the nearest boundary.
          if (here) show(() => { throw error; });
        },
      );
      return () => {
        here = false;
      };
    }, []);
    return Loaded === null ? fallback : <Loaded {...(props as unknown as P)} />;
  }
  return Object.assign(Deferred, { preload: () => void begin().catch(() => undefined) });
}
