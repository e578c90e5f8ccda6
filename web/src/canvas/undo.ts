/** What one person can take back: their own edits and nobody else's, step by step. */
import * as Y from 'yjs';
import { connectorsOf, shapesOf } from './scene';

/** The origin of this person's own edits, which undo looks for. */
export const ORIGIN = Symbol('diagram');

export class Undo extends Y.UndoManager {
  constructor(doc: Y.Doc) {
    super([shapesOf(doc), connectorsOf(doc)], { trackedOrigins: new Set([ORIGIN]) });
    doc.on('afterTransaction', this.#late);
  }

  override destroy(): void {
    this.doc.off('afterTransaction', this.#late);
    super.destroy();
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
      if (!(item instanceof Y.Item) || item.content instanceof Y.ContentDeleted || item.id.clock < (beforeState.get(item.id.client) ?? 0)) return;
      const holder = (item.parent as Y.AbstractType<unknown>)._item;
      const step = holder === null ? undefined : steps.find(({ deletions }) => Y.isDeleted(deletions, holder.id));
      if (step === undefined) return;
      const { client, clock } = item.id;
      const deletion = Y.createDeleteSet();
      deletion.clients.set(client, [{ clock, len: item.length }]);
      step.deletions = Y.mergeDeleteSets([step.deletions, deletion]);
      item.keep = true;
    });
  };
}
