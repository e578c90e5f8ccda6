/**
 * Copies of the documents of projects that were opened lately, fetched in the background, so that an item opens without the
 * network even if it was never opened here. Polite: when the browser is idle, in one tab, and not where data is paid for.
 */
import { session } from '@/api/session';
import { queryClient } from '@/app/client';
import { readKept } from '@/collab/kept';
import type { Items } from '@/collab/overlay';
import { serverItems } from '@/app/items';
import { mergeInto, nameOf, removeDocument, type DocumentRow } from '@/collab/persistence';
import { epochOf } from '@/collab/epoch';
import { database, readAll, write, type Db } from './database';
import { readHeads, type Head } from './heads';
import { recentProjects } from './recent';

/** Documents asked for at once. */
const BATCH = 200;
/** Copies kept in all, in bytes; those of projects that were opened longest ago go first. */
const MOST = 256 * 1024 * 1024;
/** The share of the browser's storage after which nothing more is fetched. */
const FULL = 0.8;

type Connection = { saveData?: boolean; type?: string };

/** Whether fetching ahead is welcome on this connection. */
export function isWelcome(connection: Connection | undefined): boolean {
  return connection?.saveData !== true && connection?.type !== 'cellular';
}

/** Ids whose copy is older than what the server's list shows, or missing. The outline has no place in the list: `project` itself. */
export function outdated(items: Iterable<{ id: string; position?: number }>, project: string, rows: ReadonlyMap<string, DocumentRow>, name: (id: string) => string): string[] {
  const ids = [];
  if (!rows.has(name(project))) ids.push(project);
  for (const { id, position } of items) {
    const row = rows.get(name(id));
    if (row === undefined || (position !== undefined && position > (row.position ?? -1))) ids.push(id);
  }
  return ids;
}

const idle = () =>
  new Promise<void>((resolve) => {
    if (typeof requestIdleCallback === 'function') requestIdleCallback(() => resolve(), { timeout: 10_000 });
    else setTimeout(resolve, 500);
  });

async function fetchHeads(project: string, ids: string[]): Promise<Head[]> {
  const response = await session.fetch(
    new Request(`/api/v1/projects/${project}/heads`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ids }),
    }),
  );
  if (!response.ok || !response.headers.get('content-type')?.startsWith('application/octet-stream')) throw new Error(`heads answered ${response.status}`);
  return readHeads(new Uint8Array(await response.arrayBuffer()));
}

/** Stores a head over what is there. */
export const keepHead = (db: Db, project: string, name: string, { update, position }: Head): Promise<void> =>
  write(db, ['updates', 'documents'], (stores) => mergeInto(stores, name, update, { project, position }));

/** Removes copies of projects that were not opened lately, and then of the oldest, until they fit; never what is unsent. */
export async function evict(db: Db, recent: readonly string[], unsent: Readonly<Record<string, number>>, most: number): Promise<void> {
  const rows = await readAll<DocumentRow>(db, 'documents');
  const rank = ({ project }: DocumentRow) => {
    const at = project === undefined ? 0 : recent.indexOf(project);
    return at < 0 ? recent.length : at;
  };
  let total = 0;
  for (const row of rows.sort((a, b) => rank(a) - rank(b) || b.used - a.used)) {
    total += row.size ?? 0;
    const stays = (row.document.split('~')[0] as string) in unsent || row.fresh !== undefined;
    if (!stays && (rank(row) === recent.length || total > most)) {
      await write(db, ['updates', 'documents'], (stores) => removeDocument(stores, row.document));
      total -= row.size ?? 0;
    }
  }
}

async function copy(user: string, signal: AbortSignal): Promise<void> {
  const db = await database(user);
  const recent = recentProjects(user);
  await evict(db, recent, readKept(user), MOST);
  for (const project of recent) {
    const shown = queryClient.getQueryData<Items>(['items', project]);
    if (shown === undefined) continue;
    const rows = new Map((await readAll<DocumentRow>(db, 'documents')).map((row) => [row.document, row]));
    const name = (id: string) => nameOf(id, epochOf(user, id));
    const ids = outdated(serverItems(shown).values(), project, rows, name);
    for (let at = 0; at < ids.length && !signal.aborted; at += BATCH) {
      await idle();
      const { usage = 0, quota = Infinity } = (await navigator.storage?.estimate?.()) ?? {};
      if (usage > quota * FULL || document.visibilityState === 'hidden') return;
      for (const head of await fetchHeads(project, ids.slice(at, at + BATCH))) await keepHead(db, project, name(head.id), head);
    }
  }
}

/** Fetches what is missing or outdated. Never rejects: the next time tries again. */
export async function keepCopies(user: string, signal: AbortSignal): Promise<void> {
  const { connection } = navigator as { connection?: Connection };
  if (!isWelcome(connection) || signal.aborted) return;
  const work = () => copy(user, signal).catch((error: unknown) => console.info('copies for offline are not complete', error));
  if (navigator.locks === undefined) await work();
  else await navigator.locks.request(`canopy:copies:${user}`, { ifAvailable: true }, (lock) => (lock === null ? undefined : work()));
}

