/** A typing person's line stays where it is on the screen, whatever others insert or remove above it. */
import { Extension } from '@tiptap/core';
import { Plugin, type Transaction } from '@tiptap/pm/state';
import type { EditorView } from '@tiptap/pm/view';
import { originOf } from './narrow';

const known = new WeakMap<HTMLElement, HTMLElement>();

/** What scrolls `of`; it stays the same for as long as it is on the page. */
function scroller(of: HTMLElement): HTMLElement | null {
  const before = known.get(of);
  if (before?.isConnected === true && before.contains(of)) return before;
  for (let at = of.parentElement; at !== null; at = at.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(at).overflowY)) {
      known.set(of, at);
      return at;
    }
  }
  return null;
}

/** Whether the change begins above the caret; what happens below moves nothing. */
function isAbove(tr: Transaction, caret: number): boolean {
  let above = false;
  tr.mapping.maps[0]?.forEach((start) => (above ||= start < caret));
  return above;
}

/** Where the caret's line is, or null when it can't be seen. */
function lineTop(view: EditorView, box: HTMLElement): number | null {
  const { top, bottom } = view.coordsAtPos(view.state.selection.head);
  const frame = box.getBoundingClientRect();
  return bottom < frame.top || top > frame.bottom ? null : top;
}

export const Anchor = Extension.create({
  name: 'anchor',
  // Around the transaction as it is applied in the end.
  priority: 1,
  dispatchTransaction({ transaction, next }) {
    const { view } = this.editor;
    const { isChangeOrigin, isUndoRedoOperation } = originOf(transaction);
    const box = isChangeOrigin && !isUndoRedoOperation && transaction.docChanged && view.hasFocus() && isAbove(transaction, view.state.selection.head) ? scroller(view.dom) : null;
    const before = box === null ? null : lineTop(view, box);
    next(transaction);
    if (box === null || before === null || view.isDestroyed) return;
    const after = view.coordsAtPos(view.state.selection.head).top;
    if (Math.abs(after - before) >= 1) box.scrollTop += after - before;
  },
  addProseMirrorPlugins() {
    return [
      new Plugin({
        props: {
          handleDOMEvents: {
            // The browser's own anchoring would move it a second time. While nobody types here, it does its work.
            focus: (view) => void scroller(view.dom)?.classList.add('holds-line'),
            blur: (view) => void scroller(view.dom)?.classList.remove('holds-line'),
          },
        },
      }),
    ];
  },
});
