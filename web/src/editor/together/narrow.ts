/**
 * The binding to Yjs replaces the whole document for every change from elsewhere. Here such a transaction becomes one that
 * touches what really changed: decorations, menus and selections keep their places, unchanged nodes their identity, and the
 * view has next to nothing to compare.
 */
import { Extension } from '@tiptap/core';
import { Plugin, Selection, type EditorState, type Transaction } from '@tiptap/pm/state';
import { ySyncPluginKey } from '@tiptap/y-tiptap';

export interface Origin {
  isChangeOrigin?: boolean;
  isUndoRedoOperation?: boolean;
}

export const originOf = (tr: Transaction): Origin => (tr.getMeta(ySyncPluginKey) as Origin | undefined) ?? {};

export function narrowed(state: EditorState, whole: Transaction): Transaction {
  const [before, after] = [state.doc.content, whole.doc.content];
  const tr = state.tr;
  const start = before.findDiffStart(after);
  if (start !== null) {
    const end = before.findDiffEnd(after);
    if (end === null) return whole;
    // Equal parts on both sides may overlap, as in "aa" made "aaa".
    const overlap = Math.max(0, start - Math.min(end.a, end.b));
    tr.replace(start, end.a + overlap, whole.doc.slice(start, end.b + overlap));
    if (!tr.doc.eq(whole.doc)) return whole;
  }
  if (whole.selectionSet) tr.setSelection(Selection.fromJSON(tr.doc, whole.selection.toJSON() as object));
  tr.setMeta('addToHistory', whole.getMeta('addToHistory')).setMeta(ySyncPluginKey, whole.getMeta(ySyncPluginKey));
  // Somebody else's change never scrolls; one's own undo shows what it did.
  if (originOf(whole).isUndoRedoOperation) tr.scrollIntoView();
  return tr;
}

export const Narrow = Extension.create({
  name: 'narrow',
  priority: 2_000,
  addProseMirrorPlugins() {
    return [
      new Plugin({
        view: (view) => {
          // The binding forgets the nodes of the types that a change touched, and then of all. The second part would give every node
          // of the document a new identity, so it doesn't happen.
          const { binding } = ySyncPluginKey.getState(view.state) as { binding: { mapping: Map<unknown, unknown> } };
          binding.mapping.clear = () => undefined;
          return {};
        },
      }),
    ];
  },
  dispatchTransaction({ transaction, next }) {
    next(originOf(transaction).isChangeOrigin && transaction.docChanged && transaction.before === this.editor.state.doc ? narrowed(this.editor.state, transaction) : transaction);
  },
});
