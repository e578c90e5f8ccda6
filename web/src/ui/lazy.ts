import { useEffect, useReducer } from 'react';

/** A module that is fetched at its first use, and is at hand without waiting from then on. */
export interface Lazy<T> {
  /** The module, when it is here. */
  now: () => T | null;
  load: () => Promise<T>;
}

export function lazily<T>(load: () => Promise<T>): Lazy<T> {
  let module: T | null = null;
  let loading: Promise<T> | null = null;
  return {
    now: () => module,
    load: () => {
      loading ??= load().then(
        (loaded) => (module = loaded),
        (error: unknown) => {
          // The next use tries again.
          loading = null;
          throw error;
        },
      );
      return loading;
    },
  };
}

/** The module, fetched as soon as `wanted`; the component renders again when it is here. */
export function useLazy<T>(lazy: Lazy<T>, wanted: boolean): T | null {
  const [, render] = useReducer((count: number) => count + 1, 0);
  const here = lazy.now();
  useEffect(() => {
    if (!wanted || here !== null) return;
    let gone = false;
    lazy.load().then(
      () => gone || render(),
      (error: unknown) => console.error(error),
    );
    return () => {
      gone = true;
    };
  }, [lazy, wanted, here]);
  return wanted ? here : null;
}
