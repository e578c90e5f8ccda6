/** Files of a project: fetched with the person's token, shown from memory, shared by all that show the same one. */
import { useSyncExternalStore } from 'react';
import { session } from './session';

export interface File {
  id: string;
  project_id: string;
  name: string;
  media_type: string;
  /** In bytes. */
  size: number;
  /** In pixels, of pictures. */
  width?: number | null;
  height?: number | null;
  created_at: string;
}

export interface Loaded {
  /** A `blob:` address for as long as something shows the file. */
  url: string | null;
  meta: File | null;
  failed: boolean;
  retry: () => void;
}

/** How long an address stays good after its last use, in milliseconds. */
const GRACE = 30_000;

type Entry = { loaded: Loaded; listeners: Set<() => void>; timer: ReturnType<typeof setTimeout> | undefined };

const entries = new Map<string, Entry>();

function entryOf(id: string): Entry {
  const known = entries.get(id);
  if (known !== undefined) return known;
  const entry: Entry = {
    loaded: { url: null, meta: null, failed: false, retry: () => void load(id, entry) },
    listeners: new Set(),
    timer: undefined,
  };
  entries.set(id, entry);
  void load(id, entry);
  return entry;
}

function set(entry: Entry, change: Partial<Loaded>): void {
  entry.loaded = { ...entry.loaded, ...change };
  for (const listener of entry.listeners) listener();
}

async function load(id: string, entry: Entry): Promise<void> {
  set(entry, { failed: false });
  const get = async (path: string) => {
    const response = await session.fetch(new Request(`/api/v1/files/${encodeURIComponent(id)}${path}`));
    if (!response.ok) throw new Error(`the file answered ${response.status}`);
    return response;
  };
  try {
    const [meta, blob] = await Promise.all([get('/meta').then((response) => response.json() as Promise<File>), get('').then((response) => response.blob())]);
    if (entries.get(id) === entry) set(entry, { meta, url: URL.createObjectURL(blob) });
  } catch {
    set(entry, { failed: true });
  }
}

const none: Loaded = { url: null, meta: null, failed: false, retry: () => undefined };

/** The file `id`, loaded while something shows it. */
export function useFile(id: string | null): Loaded {
  return useSyncExternalStore(
    (listener) => {
      if (id === null) return () => undefined;
      const entry = entryOf(id);
      clearTimeout(entry.timer);
      entry.listeners.add(listener);
      return () => {
        entry.listeners.delete(listener);
        if (entry.listeners.size > 0) return;
        entry.timer = setTimeout(() => {
          entries.delete(id);
          if (entry.loaded.url !== null) URL.revokeObjectURL(entry.loaded.url);
        }, GRACE);
      };
    },
    () => (id === null ? none : entryOf(id).loaded),
  );
}
