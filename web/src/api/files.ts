/** Files of a project: fetched with the person's token, shown from memory, shared by all that show the same one. */
import { useSyncExternalStore } from 'react';
import { pending } from '@/collab/pending';
import { onWake } from '@/collab/wake';
import { database, request, write } from '@/local/database';
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

/** What isn't there yet may come: another person's file is named in a text before the server has it. Waits double up to this, in milliseconds. */
const PATIENCE = 60_000;

type Entry = { loaded: Loaded; listeners: Set<() => void>; timer: ReturnType<typeof setTimeout> | undefined; again: ReturnType<typeof setTimeout> | undefined; wait: number };

const entries = new Map<string, Entry>();

function entryOf(id: string): Entry {
  const known = entries.get(id);
  if (known !== undefined) return known;
  const entry: Entry = {
    loaded: {
      url: null,
      meta: null,
      failed: false,
      retry: () => {
        set(entry, { failed: false });
        void load(id, entry);
      },
    },
    listeners: new Set(),
    timer: undefined,
    again: undefined,
    wait: 1_000,
  };
  entries.set(id, entry);
  void load(id, entry);
  return entry;
}

function set(entry: Entry, change: Partial<Loaded>): void {
  entry.loaded = { ...entry.loaded, ...change };
  for (const listener of entry.listeners) listener();
}

/** A file as this device keeps it. */
interface Kept {
  id: string;
  blob: Blob;
  meta: File | null;
  used: number;
}

/** Bytes of files kept on this device; what was used longest ago goes first. */
const MOST = 128 * 1024 * 1024;

async function read(user: string, id: string): Promise<Kept | null> {
  const upload = pending.getState().find(({ op }) => op.type === 'file.upload' && op.id === id)?.op;
  if (upload?.type === 'file.upload') {
    const { project, name, blob } = upload;
    const meta = { id, project_id: project, name, media_type: blob.type, size: blob.size, created_at: new Date().toISOString() };
    return { id, blob, meta, used: Date.now() };
  }
  return (await request<Kept | undefined>((await database(user)).transaction('files').objectStore('files').get(id))) ?? null;
}

async function keep(user: string, kept: Kept): Promise<void> {
  await write(await database(user), ['files'], async (store) => {
    store('files').put(kept);
    const all = await request<Kept[]>(store('files').getAll());
    let total = 0;
    for (const one of all.sort((a, b) => b.used - a.used)) {
      total += one.blob.size;
      if (total > MOST) store('files').delete(one.id);
    }
  });
}

/** Shows the file from this device first, and asks the server for what isn't here. A file never changes. */
async function load(id: string, entry: Entry): Promise<void> {
  clearTimeout(entry.again);
  const user = session.state.user?.id;
  const here = user === undefined ? null : await read(user, id).catch(() => null);
  if (entries.get(id) !== entry) return;
  if (here !== null && entry.loaded.url === null) set(entry, { url: URL.createObjectURL(here.blob), meta: here.meta });
  if (here?.meta != null) return;
  const get = async (path: string) => {
    const response = await session.fetch(new Request(`/api/v1/files/${encodeURIComponent(id)}${path}`));
    if (!response.ok || /^text\/html/.test(response.headers.get('content-type') ?? '')) throw new Error(`the file answered ${response.status}`);
    return response;
  };
  try {
    const [meta, blob] = await Promise.all([
      get('/meta').then((response) => response.json() as Promise<File>),
      here?.blob ?? get('').then((response) => response.blob()),
    ]);
    if (user !== undefined) void keep(user, { id, blob, meta, used: Date.now() }).catch(() => undefined);
    if (entries.get(id) === entry) set(entry, { failed: false, meta, ...(entry.loaded.url === null ? { url: URL.createObjectURL(blob) } : {}) });
  } catch {
    // The bytes alone are enough to be shown.
    if (entries.get(id) !== entry || entry.loaded.url !== null) return;
    if (!entry.loaded.failed) set(entry, { failed: true });
    entry.again = setTimeout(() => void load(id, entry), entry.wait);
    entry.wait = Math.min(PATIENCE, entry.wait * 2);
  }
}

// What failed is tried again when the server may be back.
onWake(() => {
  for (const [id, entry] of entries) if (entry.loaded.failed && navigator.onLine) void load(id, entry);
});

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
          clearTimeout(entry.again);
          if (entry.loaded.url !== null) URL.revokeObjectURL(entry.loaded.url);
        }, GRACE);
      };
    },
    () => (id === null ? none : entryOf(id).loaded),
  );
}
