/**
 * A way to go on below a block that text can't follow by itself, such as a table at the end. The paragraph is made when somebody
 * goes there, never by looking: whoever only reads must not change the document.
 */
import { Extension, type Editor } from '@tiptap/core';
import { NodeSelection, Plugin, TextSelection } from '@tiptap/pm/state';

const CLOSED = new Set(['table', 'codeBlock', 'callout', 'blockquote', 'image', 'file', 'horizontalRule']);

function goOn(editor: Editor): boolean {
  const { doc, tr, schema } = editor.state;
  if (!editor.isEditable || !CLOSED.has(doc.lastChild?.type.name ?? '')) return false;
  const end = doc.content.size;
  tr.insert(end, schema.nodes.paragraph!.create());
  editor.view.dispatch(tr.setSelection(TextSelection.create(tr.doc, end + 1)).scrollIntoView());
  return true;
}

export const Tail = Extension.create({
  name: 'tail',
  addKeyboardShortcuts() {
    return {
      ArrowDown: ({ editor }) => {
        const { selection, doc } = editor.state;
        const end = doc.content.size;
        if (selection instanceof NodeSelection) return selection.to === end && goOn(editor);
        const { $head, empty } = selection;
        // Nothing but ends of blocks between the caret and the end of all.
        return empty && $head.depth > 0 && end - $head.pos <= $head.depth && editor.view.endOfTextblock('down') && goOn(editor);
      },
      'Mod-End': ({ editor }) => editor.state.doc.lastChild?.isAtom === true && goOn(editor),
    };
  },
  addProseMirrorPlugins() {
    const { editor } = this;
    return [
      new Plugin({
        props: {
          handleClick: (view, _pos, event) => {
            const last = view.dom.lastElementChild;
            return last !== null && event.clientY > last.getBoundingClientRect().bottom + 4 && goOn(editor);
          },
        },
      }),
    ];
  },
});
