/**
 * Changes that aren't edits of a document: shown at once in the lists, kept on this device, sent in order, undone with a message
 * when the server refuses them.
 */
import { toast } from '@/ui/toast';
import { ApiError } from '@/api/client';
import { session } from '@/api/session';
import { queryClient } from '@/app/client';
import { patchItems, refreshItems } from '@/app/items';
import { onLeave } from '@/app/leave';
import { t } from '@/texts';
import { readKept } from './kept';
import { apply, type Operation } from './overlay';
import { creationOf, fresh, refusedFiles, sent } from './pending';
import { Queue, type Settled } from './queue';
import { send, type Answer } from './send';
import { onWake } from './wake';

export type { Operation, ItemSet } from './overlay';

export type Outcome =
  /** The server has it; `failed` is what it left out of a change of many. */
  | { state: 'done'; failed: Answer['failed'] }
  /** It waits on this device; it is sent when the server is back. */
  | { state: 'kept' }
  /** The server refused it; it was undone and the person was told. */
  | { state: 'refused'; error: ApiError };

/** How long a creation waits for the place that it was given here, in milliseconds. */
const PLACING = 5_000;

let queue: Queue | null = null;
let owner: string | null = null;

/** The queue of `user`; another person's is stopped. */
export function operationsOf(user: string): Queue {
  if (queue !== null && owner === user) return queue;
  queue?.stop();
  onLeave(stopOperations);
  owner = user;
  queue = new Queue({
    user,
    send,
    sent: (id, share) =>
      sent.setState((all) => {
        const { [id]: _before, ...rest } = all;
        return share === null ? rest : { ...rest, [id]: share };
      }, true),
    settled,
    changed: (projects) => projects.forEach(refreshItems),
    placed: async (project) => {
      const end = Date.now() + PLACING;
      while ((readKept(user)[project] ?? 0) > 0 && navigator.onLine && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
    },
    now: () => Date.now(),
    exclusively: async (work, signal) => {
      if (navigator.locks === undefined) await work();
      else await navigator.locks.request(`canopy:send:${user}`, { signal }, work);
    },
    channel: typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`canopy:${user}:operations`),
    pause: (tries) => 500 + Math.random() * Math.min(30_000, 1_000 * 2 ** tries),
  });
  return queue;
}

export const currentOperations = (): Queue | null => queue;

export function stopOperations(): void {
  queue?.stop();
  queue = null;
  owner = null;
}

onWake(() => queue?.wake());

/** Does `op`: at once on this device, on the server as soon as it can be reached. Never throws. */
export async function perform(op: Operation): Promise<Outcome> {
  const { user } = session.state;
  if (user === null) return { state: 'refused', error: new ApiError(401, 'signed-out', t.errors.byStatus[401] ?? '') };
  const isClaimed = (id: string) => creationOf(id)?.claimed !== undefined;
  if (op.type === 'item.patch' && isClaimed(op.id)) return write(user, [op.id], op.patch);
  if (op.type === 'items.bulk') {
    const claimed = op.ids.filter(isClaimed);
    const rest = op.ids.filter((id) => !isClaimed(id));
    if (rest.length === 0) return write(user, claimed, op.set);
    if (claimed.length > 0) {
      void write(user, claimed, op.set);
      return perform({ ...op, ids: rest });
    }
  }
  const outcome = await operationsOf(user.id).add(op);
  if (outcome === 'kept') return { state: 'kept' };
  if (outcome.state === 'done') return { state: 'done', failed: outcome.answer.failed };
  return { state: 'refused', error: new ApiError(outcome.status, outcome.code, outcome.message) };
}

/** Writes into the documents of items that the server doesn't have yet: it will get them as a whole. */
async function write(user: NonNullable<typeof session.state.user>, ids: readonly string[], change: object): Promise<Outcome> {
  const { editFresh } = await import('./fresh');
  for (const id of ids) await editFresh(user, id, change as Record<string, unknown>);
  return { state: 'kept' };
}

const countOf = (op: Operation) => (op.type === 'items.bulk' || op.type === 'items.delete' || op.type === 'items.restore' ? op.ids.length : 1);

function settled(settled: Settled, here: boolean): void {
  const { op } = settled;
  if (settled.state === 'refused') {
    if (op.type === 'file.upload') refusedFiles.setState({ [op.id]: settled.message });
    if (here || document.visibilityState === 'visible') toast.error(t.operations.refused[op.type](countOf(op)), { id: `refused-${settled.seq}`, description: settled.message, duration: 15_000 });
    refreshItems(op.project);
    return;
  }
  const failed = new Set(settled.answer.failed.map(({ id }) => id));
  if (failed.size > 0 && here) toast.error(t.operations.refused[op.type](failed.size), { description: settled.answer.failed[0]?.detail });
  if (settled.claimed !== undefined && op.type === 'item.create') fresh.set(op.id, settled.claimed);
  const bin = queryClient.getQueryData<Parameters<typeof apply>[2]>(['bin', op.project]);
  patchItems(op.project, (items) => {
    // The server's list is projected from the documents a moment later; what was asked for holds until its event comes.
    for (const row of settled.answer.items) {
      const known = items.get(row.id);
      if (known === undefined || known.updated_at <= row.updated_at) items.set(row.id, row);
    }
    if (op.type === 'items.bulk') apply(items, { ...op, ids: op.ids.filter((id) => !failed.has(id)) });
    else if (op.type === 'items.delete' || op.type === 'items.restore' || op.type === 'item.patch') apply(items, op, bin);
  });
  if (op.type === 'items.delete' || op.type === 'items.restore') void queryClient.invalidateQueries({ queryKey: ['bin', op.project] });
  if (op.type === 'items.restore' || op.type === 'item.duplicate') void queryClient.invalidateQueries({ queryKey: ['items', op.project] });
}
