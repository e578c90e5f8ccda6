/** What a person has chosen for the screens. Kept on this device. */
import { useCallback } from 'react';
import { create } from 'zustand';

const KEY = 'canopy:preferences';

function stored(): Record<string, unknown> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, unknown>;
  } catch {
    return {};
  }
}

const usePreferences = create<Record<string, unknown>>(() => stored());

/** The value of `key`, and a function that sets it. `fallback` has to be the same object each time. */
export function usePreference<T>(key: string, fallback: T): [T, (value: T) => void] {
  const value = usePreferences((all) => (key in all ? (all[key] as T) : fallback));
  const set = useCallback(
    (next: T) => {
      usePreferences.setState({ [key]: next });
      try {
        localStorage.setItem(KEY, JSON.stringify(usePreferences.getState()));
      } catch {
        // The choice then lasts for this visit.
      }
    },
    [key],
  );
  return [value, set];
}
