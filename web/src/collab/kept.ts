/**
 * Which documents have changes that only this device has. Small on purpose: the first screen loads it.
 *
 * Each tab writes an entry of its own, so that none overwrites another's. The entry of a tab that is gone is taken over by the
 * next one that looks.
 */
import { uuidv7 } from '@/api/id';

const tab = uuidv7();
const prefixOf = (user: string) => `canopy:${user}:kept`;
const keyOf = (user: string, of: string) => `${prefixOf(user)}:${of}`;
const lockOf = (of: string) => `canopy:tab:${of}`;

type Kept = Record<string, number>;

function parse(text: string | null): Kept {
  try {
    const stored: unknown = JSON.parse(text ?? '{}');
    if (typeof stored !== 'object' || stored === null) return {};
    return Object.fromEntries(Object.entries(stored).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] > 0));
  } catch {
    return {};
  }
}

function sum(all: Kept[]): Kept {
  const total: Kept = {};
  for (const one of all) for (const [id, count] of Object.entries(one)) total[id] = (total[id] ?? 0) + count;
  return total;
}

function keys(user: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key === prefixOf(user) || key.startsWith(`${prefixOf(user)}:`));
  } catch {
    return [];
  }
}

/** Unacknowledged changes by document id, of all tabs. */
export const readKept = (user: string): Kept => sum(keys(user).map((key) => parse(localStorage.getItem(key))));

/** Those of one document in this tab. */
export const ownKept = (user: string, id: string): number => parse(localStorage.getItem(keyOf(user, tab)))[id] ?? 0;

/** Those of the other tabs. */
export const othersKept = (user: string): Kept =>
  sum(
    keys(user)
      .filter((key) => key !== keyOf(user, tab))
      .map((key) => parse(localStorage.getItem(key))),
  );

/** Notes how many changes of this tab's the server hasn't acknowledged. */
export function noteKept(user: string, id: string, count: number): void {
  const mine = parse(localStorage.getItem(keyOf(user, tab)));
  if ((mine[id] ?? 0) === count) return;
  if (count === 0) delete mine[id];
  else mine[id] = count;
  try {
    if (Object.keys(mine).length === 0) localStorage.removeItem(keyOf(user, tab));
    else localStorage.setItem(keyOf(user, tab), JSON.stringify(mine));
  } catch {
    // Only the count is lost; the changes themselves are in IndexedDB.
  }
}

/** Whether `event` says that another tab's entry has changed. */
export const isKeptEvent = (user: string, event: StorageEvent): boolean => event.key === null || event.key.startsWith(prefixOf(user));

let living: Promise<void> | null = null;

/** Takes over what tabs that are gone have left, and gives it. */
export async function adoptKept(user: string): Promise<Kept> {
  const adopt = (live: ReadonlySet<string>): Kept => {
    const gone = keys(user).filter((key) => key !== keyOf(user, tab) && !live.has(lockOf(key.slice(prefixOf(user).length + 1))));
    const taken = sum(gone.map((key) => parse(localStorage.getItem(key))));
    const mine = parse(localStorage.getItem(keyOf(user, tab)));
    for (const [id, count] of Object.entries(taken)) noteKept(user, id, (mine[id] ?? 0) + count);
    for (const key of gone) localStorage.removeItem(key);
    return taken;
  };
  // An insecure origin has no locks.
  if (navigator.locks === undefined) return adopt(new Set());
  living ??= new Promise<void>((resolve) => {
    // Held until this tab is gone.
    void navigator.locks.request(lockOf(tab), { ifAvailable: true }, (lock) => {
      resolve();
      return lock === null ? undefined : new Promise<void>(() => undefined);
    });
  });
  await living;
  return navigator.locks.request(`canopy:adopt:${user}`, async () => {
    const { held = [] } = await navigator.locks.query();
    return adopt(new Set(held.map(({ name }) => name ?? '')));
  });
}
