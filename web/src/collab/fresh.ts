/**
 * An item that is opened before the server has it. Only the server initializes content, and it does so when it creates the item:
 * so what the person writes meanwhile must neither be overwritten by that nor stand there twice.
 *
 * - Opening it takes the title out of the waiting creation and into the document, as an ordinary edit, in one transaction. The
 *   creation then carries none, and the title comes with the document's first sync.
 * - A creation that was sent before, without an answer, may have carried the title. Then the server's copy of it, which arrives
 *   with the first sync, is deleted again.
 * - Fields that the person has set meanwhile are set again over the server's initial ones: the two are concurrent, and either
 *   could win.
 */
import * as Y from 'yjs';
import { operationsOf } from './operations';
import type { ItemSet } from './overlay';
import { nameOf, store, type DocumentRow } from './persistence';
import { creationOf, until } from './pending';
import { itemRoots, type ItemType, type Status } from './schema';

/** How long an opening waits for a creation that is under way, in milliseconds. */
const PATIENCE = 5_000;

/** Moves the title of a waiting creation into the document. Gives whether the item is one that the server may not have. */
export async function claim(user: string, id: string, epoch: number): Promise<boolean> {
  const queue = operationsOf(user);
  await queue.ready;
  for (;;) {
    const waiting = creationOf(id);
    if (waiting === undefined) return false;
    if (waiting.op.type !== 'item.create' || waiting.claimed !== undefined) return true;
    if (waiting.sending === true) {
      const enough = AbortSignal.timeout(PATIENCE);
      await until((all) => !all.some(({ seq, sending }) => seq === waiting.seq && sending === true), enough);
      if (!enough.aborted) continue;
    }
    const claimed = await queue.change(waiting.seq, ['updates', 'documents'], async (now, stores) => {
      if (now === undefined || now.op.type !== 'item.create' || now.claimed !== undefined || (now.sending === true && waiting.sending !== true)) return { next: undefined, result: false };
      const { op } = now;
      const doc = new Y.Doc();
      const { title, fields } = itemRoots(doc);
      doc.transact(() => {
        title.insert(0, op.title);
        // Shown until the server's own arrive, which are the same.
        fields.set('type', op.itemType);
        fields.set('status', op.status ?? 'backlog');
      });
      const document = nameOf(id, epoch);
      const sent = now.tries > 0 || now.sending === true ? op.title : null;
      await store(stores, document, Y.encodeStateAsUpdate(doc), true, { fresh: { sent, type: op.itemType, status: op.status ?? 'backlog' } });
      doc.destroy();
      return { next: { ...now, op: { ...op, title: '' }, claimed: { title: op.title } }, result: true };
    });
    if (claimed) return true;
  }
}

/** Shows in the lists what the document of a new item says, for as long as the server doesn't know. */
export function echoFresh(user: string, id: string, doc: Y.Doc): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const echo = () => {
    const waiting = creationOf(id);
    if (waiting === undefined) {
      doc.off('update', later);
      return;
    }
    const { title, fields } = itemRoots(doc);
    const claimed = { title: title.toString(), type: fields.get('type') as ItemType | undefined, status: fields.get('status') as Status | undefined };
    void operationsOf(user)
      .change(waiting.seq, [], async (now) => ({ next: now === undefined ? undefined : { ...now, claimed }, result: null }))
      .catch(() => undefined);
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(echo, 150);
  };
  doc.on('update', later);
}

/** Resolves when the server has the item. */
export const registered = (id: string, signal: AbortSignal): Promise<void> => until(() => creationOf(id) === undefined, signal);

/** Makes the document right when the server's initial content arrives from `remote`; calls `done` then. */
export function settleFresh(doc: Y.Doc, remote: (origin: unknown) => boolean, { sent, ...initial }: NonNullable<DocumentRow['fresh']>, done: () => void): void {
  const { title, fields } = itemRoots(doc);
  let before: Record<string, unknown> = {};
  let arrived: { insert?: unknown; retain?: number; delete?: number }[] = [];
  const onTitle = (event: Y.YTextEvent, transaction: Y.Transaction) => {
    if (remote(transaction.origin)) arrived = event.delta as typeof arrived;
  };
  const onBefore = (transaction: Y.Transaction) => {
    if (!remote(transaction.origin)) return;
    before = fields.toJSON() as Record<string, unknown>;
    arrived = [];
  };
  const onAfter = (transaction: Y.Transaction) => {
    if (!remote(transaction.origin) || ![...transaction.changed.keys()].some((type) => (type as unknown) === fields)) return;
    doc.off('beforeTransaction', onBefore);
    doc.off('afterTransaction', onAfter);
    title.unobserve(onTitle);
    doc.transact(() => {
      for (const [key, value] of Object.entries(before)) {
        // What the creation carried has not been chosen since: whoever changed it meanwhile is right.
        if (value === (initial as Record<string, unknown>)[key]) continue;
        if (JSON.stringify(fields.get(key)) !== JSON.stringify(value)) fields.set(key, value as string);
      }
      if (sent === null || sent === '') return;
      let at = 0;
      for (const { insert, retain } of arrived) {
        if (typeof insert === 'string' && insert.startsWith(sent)) {
          title.delete(at, sent.length);
          return;
        }
        at += retain ?? (typeof insert === 'string' ? insert.length : 0);
      }
    });
    done();
  };
  title.observe(onTitle);
  doc.on('beforeTransaction', onBefore);
  doc.on('afterTransaction', onAfter);
}

/** Edits the document of an item that the server doesn't have yet, as the list would have asked the server to. */
export async function editFresh(user: { id: string; name: string; colour: string }, id: string, patch: Record<string, unknown>): Promise<void> {
  const { hubOf } = await import('./hub');
  const hub = hubOf(user);
  const room = hub.retain(id);
  await room.started;
  const { title, fields } = itemRoots(room.doc);
  const names: Record<string, string> = { start_date: 'startDate', due_date: 'dueDate' };
  const list = (key: string, add: string[] = [], remove: string[] = []) => {
    const before = fields.get(key);
    const kept = (Array.isArray(before) ? before : []).filter((one) => !remove.includes(one) && !add.includes(one));
    fields.set(key, [...kept, ...add]);
  };
  room.doc.transact(() => {
    const { assignees_add, assignees_remove, labels_add, labels_remove, ...rest } = patch as ItemSet & Record<string, unknown>;
    if (assignees_add !== undefined || assignees_remove !== undefined) list('assignees', assignees_add, assignees_remove);
    if (labels_add !== undefined || labels_remove !== undefined) list('labels', labels_add, labels_remove);
    for (const [key, value] of Object.entries(rest)) {
      if (key === 'title') {
        title.delete(0, title.length);
        title.insert(0, String(value));
      } else if (value === null) fields.delete(names[key] ?? key);
      else fields.set(names[key] ?? key, value as string);
    }
  });
  await room.persistence.settled();
  hub.release(id);
}
