/** Which documents have changes that only this device has. Small on purpose: the first screen loads it. */
export const keptKey = (user: string) => `canopy:${user}:kept`;

/** Unacknowledged changes by document id. */
export function readKept(user: string): Record<string, number> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keptKey(user)) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return {};
    return Object.fromEntries(
      Object.entries(stored).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] > 0),
    );
  } catch {
    return {};
  }
}
