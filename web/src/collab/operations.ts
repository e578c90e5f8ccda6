/**
 * Changes that aren't edits of a document: shown at once in the lists, sent in order, undone with a message when the server
 * refuses them.
 */
import { toast } from 'sonner';
import { ApiError, explain } from '@/api/client';
import { patchItems, refreshItems } from '@/app/items';
import { queryClient } from '@/app/client';
import { t } from '@/texts';
import { applySet, type Operation } from './overlay';
import { pending, type Waiting } from './pending';
import { send, type Answer } from './send';

export type { Operation, ItemSet } from './overlay';

export type Outcome =
  /** The server has it. */
  | { state: 'done'; failed: Answer['failed'] }
  /** It waits on this device; it is sent when the server is back. */
  | { state: 'kept' }
  /** The server refused it; it was undone and the person was told. */
  | { state: 'refused'; error: ApiError };

let last = 0;
let line: Promise<unknown> = Promise.resolve();

/** Does `op`: at once on this device, on the server as soon as it can be reached. Never throws. */
export function perform(op: Operation): Promise<Outcome> {
  last = Math.max(last + 1, Date.now() * 1000);
  const waiting: Waiting = { seq: last, op, tries: 0 };
  pending.setState([...pending.getState(), waiting], true);
  refreshItems(op.project);
  const turn = line.then(() => run(waiting));
  line = turn;
  return turn;
}

async function run(waiting: Waiting): Promise<Outcome> {
  const { op } = waiting;
  try {
    const answer = await send(op);
    settle(waiting, op, answer);
    return { state: 'done', failed: answer.failed };
  } catch (cause) {
    const error = cause instanceof ApiError ? cause : new ApiError(0, 'unexpected', t.errors.unexpected);
    settle(waiting, op, null);
    toast.error(t.operations.refused[op.type](1), { description: explain(error) });
    return { state: 'refused', error };
  }
}

function settle({ seq }: Waiting, op: Operation, answer: Answer | null): void {
  pending.setState(pending.getState().filter((one) => one.seq !== seq), true);
  patchItems(op.project, (items) => {
    if (answer === null) return;
    for (const row of answer.items) {
      const asked = op.type === 'item.patch' ? (op.patch as object) : {};
      // The list is projected from the document a moment later; what was asked for holds until its event comes.
      items.set(row.id, { ...row, ...asked });
    }
    if (op.type === 'items.bulk') {
      for (const id of op.ids) {
        const known = items.get(id);
        if (known !== undefined) items.set(id, applySet(known, op.set));
      }
    }
    if (op.type === 'items.delete') for (const id of op.hidden ?? op.ids) items.delete(id);
  });
  if (op.type === 'items.delete' || op.type === 'items.restore') void queryClient.invalidateQueries({ queryKey: ['bin', op.project] });
  if (op.type === 'items.restore' || op.type === 'item.duplicate') void queryClient.invalidateQueries({ queryKey: ['items', op.project] });
}
