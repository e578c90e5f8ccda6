/** What one person can take back: their own edits and nobody else's, step by step. */
import * as Y from 'yjs';
import { connectorsOf, shapesOf } from './scene';

/** The origin of this person's own edits, which undo looks for. */
export const ORIGIN = Symbol('diagram');

type Ranges = ReturnType<typeof Y.createDeleteSet>;

function withItem(ranges: Ranges, { id: { client, clock }, length: len }: Y.Item): Ranges {
  const one = Y.createDeleteSet();
  one.clients.set(client, [{ clock, len }]);
  return Y.mergeDeleteSets([ranges, one]);
}

export class Undo extends Y.UndoManager {
  constructor(doc: Y.Doc) {
    super([shapesOf(doc), connectorsOf(doc)], { trackedOrigins: new Set([ORIGIN]) });
    doc.on('afterTransaction', this.#late);
  }

  override destroy(): void {
    this.doc.off('afterTransaction', this.#late);
    super.destroy();
  }

  override undo(): ReturnType<Y.UndoManager['undo']> {
    this.#forget(this.undoStack);
    return this.#seen(() => super.undo());
  }

  override redo(): ReturnType<Y.UndoManager['redo']> {
    this.#forget(this.redoStack);
    return this.#seen(() => super.redo());
  }

  /** What is there again, because others brought it back, must not be replaced by what it was when it was deleted here. */
  #forget(stack: Y.UndoManager['undoStack']): void {
    this.doc.transact((transaction) => {
      for (const step of stack) {
        Y.iterateDeletedStructs(transaction, step.deletions, (item) => {
          if (!(item instanceof Y.Item) || item.redone !== null || item.parentSub === null) return;
          // Of what a step has itself made nothing comes back.
          const root = item.parent as Y.Map<unknown>;
          if (root._item === null && root.has(item.parentSub)) step.insertions = withItem(step.insertions, item);
        });
      }
    });
  }

  /** A step in what others have deleted since changes nothing that anybody sees: the next one is meant. */
  #seen(pop: () => ReturnType<Y.UndoManager['undo']>): ReturnType<Y.UndoManager['undo']> {
    let changed = false;
    const look = (transaction: Y.Transaction) => (changed ||= transaction.origin === this && transaction.changed.size > 0);
    this.doc.on('afterTransaction', look);
    try {
      let step = pop();
      while (step !== null && !changed) step = pop();
      return step;
    } finally {
      this.doc.off('afterTransaction', look);
    }
  }

  /**
   * What others write into a shape before they hear that it was deleted here comes when it is gone, and Yjs drops it. It belongs to
   * what was deleted: where that comes back, it comes back with it. (Also letters that they took out again themselves, if they did so
   * before they heard: once an update is applied nobody can tell why a letter is gone.)
   */
  #late = (transaction: Y.Transaction): void => {
    const { local, deleteSet, beforeState } = transaction;
    const steps = [...this.undoStack, ...this.redoStack];
    if (local || steps.length === 0) return;
    Y.iterateDeletedStructs(transaction, deleteSet, (item) => {
      if (!(item instanceof Y.Item) || item.content instanceof Y.ContentDeleted) return;
      // Where something came back before and is deleted once more, Yjs goes on looking for what was in it, and throws if it can't.
      if (item.content instanceof Y.ContentType && item.id.client === this.doc.clientID) item.keep = true;
      if (item.id.clock < (beforeState.get(item.id.client) ?? 0)) return;
      const holder = (item.parent as Y.AbstractType<unknown>)._item;
      const step = holder === null ? undefined : steps.find(({ deletions }) => Y.isDeleted(deletions, holder.id));
      if (step === undefined) return;
      step.deletions = withItem(step.deletions, item);
      item.keep = true;
    });
  };
}
