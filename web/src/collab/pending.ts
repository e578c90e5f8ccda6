/** What waits for the server, in the order in which it was asked for. Small on purpose: the first screen loads it. */
import { createStore } from 'zustand/vanilla';
import type { ItemType, Status } from '@/api/client';
import { database, readAll } from '@/local/database';
import type { Operation } from './overlay';

export interface Waiting {
  /** Orders all operations of a person on this device. */
  seq: number;
  op: Operation;
  /** How often it was sent without an answer: the server may have done it. */
  tries: number;
  /** A request is under way. */
  sending?: boolean;
  /** A creation whose item was opened here before the server had it: what the list shows is in the document, and not in `op` any more. */
  claimed?: Claimed;
}

export interface Claimed {
  title: string;
  type?: ItemType;
  status?: Status;
}

export const pending = createStore<readonly Waiting[]>(() => []);

/** How much of the files under way has been sent, by id: 0 to 1. */
export const sent = createStore<Readonly<Record<string, number>>>(() => ({}));

/** Why the server refused files that were sent in this visit, by id. */
export const refusedFiles = createStore<Readonly<Record<string, string>>>(() => ({}));

/** Reads what waits on this device, for the first screen. Never rejects: without storage nothing does. */
export async function readPending(user: string): Promise<void> {
  const stored = await database(user)
    .then((db) => readAll<Waiting>(db, 'operations'))
    .catch(() => []);
  if (stored.length > 0) pending.setState(stored, true);
}

/** What lists show of items that the server has made, until it has their documents too. */
export const fresh = new Map<string, Claimed>();

export const pendingOf = (project: string): readonly Waiting[] => pending.getState().filter(({ op }) => op.project === project);

/** The creation of the item `id`, when the server hasn't acknowledged it. */
export const creationOf = (id: string): Waiting | undefined =>
  pending.getState().find(({ op }) => (op.type === 'item.create' && op.id === id) || (op.type === 'item.duplicate' && Object.values(op.ids).includes(id)));

/** Resolves when `check` holds of what waits. */
export function until(check: (all: readonly Waiting[]) => boolean, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (check(pending.getState()) || signal?.aborted) {
      resolve();
      return;
    }
    const end = () => {
      stop();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const stop = pending.subscribe((all) => check(all) && end());
    signal?.addEventListener('abort', end);
  });
}
