import { Extension, InputRule, mergeAttributes, type Editor } from '@tiptap/core';
import { TaskItem as Base } from '@tiptap/extension-list';
import { t } from '@/texts';

/** A task whose box is really disabled for those who may only read. */
export const TaskItem = Base.extend({
  content: 'block+',
  addKeyboardShortcuts() {
    return { ...this.parent?.(), 'Mod-Enter': () => toggle(this.editor) };
  },
  renderHTML({ node, HTMLAttributes }) {
    const box = { type: 'checkbox', disabled: 'disabled', ...(node.attrs.checked === true ? { checked: 'checked' } : {}) };
    return ['li', mergeAttributes(HTMLAttributes, { 'data-type': this.name }), ['label', ['input', box]], ['div', 0]];
  },
  addNodeView() {
    return ({ node, editor, getPos }) => {
      let current = node;
      const dom = document.createElement('li');
      const label = document.createElement('label');
      const box = document.createElement('input');
      const contentDOM = document.createElement('div');
      label.contentEditable = 'false';
      box.type = 'checkbox';
      label.append(box);
      dom.append(label, contentDOM);
      const paint = () => {
        const checked = current.attrs.checked === true;
        dom.dataset.checked = String(checked);
        dom.dataset.type = 'taskItem';
        box.checked = checked;
        box.disabled = !editor.isEditable;
        box.setAttribute('aria-label', t.editor.taskLabel(current.firstChild?.textContent ?? ''));
      };
      paint();
      // The caret stays where it is.
      box.addEventListener('mousedown', (event) => event.preventDefault());
      box.addEventListener('change', () => {
        const pos = getPos();
        if (pos === undefined || !editor.isEditable) return paint();
        editor.view.dispatch(editor.state.tr.setNodeAttribute(pos, 'checked', box.checked));
      });
      return {
        dom,
        contentDOM,
        update: (next) => {
          if (next.type !== current.type) return false;
          current = next;
          paint();
          return true;
        },
        stopEvent: (event) => label.contains(event.target as Node),
        ignoreMutation: (mutation) => mutation.type !== 'selection' && !contentDOM.contains(mutation.target),
      };
    };
  },
});

/** Checks the task around the caret, or takes the check away. */
function toggle(editor: Editor): boolean {
  const { $from } = editor.state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const node = $from.node(depth);
    if (node.type.name === 'taskItem') {
      editor.view.dispatch(editor.state.tr.setNodeAttribute($from.before(depth), 'checked', node.attrs.checked !== true));
      return true;
    }
  }
  return false;
}

/** Boxes follow a change of what the person may do; new ones ask by themselves. */
export function enableTasks(editor: Editor): void {
  for (const box of editor.view.dom.querySelectorAll<HTMLInputElement>('li[data-type=taskItem] > label > input')) box.disabled = !editor.isEditable;
}

/** `- [ ] ` typed: the bullet rule has already made a list item of the dash, so the brackets turn that item into a task. */
export const TaskInBullet = Extension.create({
  name: 'taskInBullet',
  priority: 1000,
  addInputRules() {
    return [
      new InputRule({
        find: /^\[([ xX]?)\]\s$/,
        handler: ({ state, range, match, chain }) => {
          const { $from } = state.selection;
          if ($from.depth < 2 || $from.node($from.depth - 1).type.name !== 'listItem') return null;
          chain()
            .deleteRange(range)
            .liftListItem('listItem')
            .toggleTaskList()
            .updateAttributes('taskItem', { checked: match[1]?.toLowerCase() === 'x' })
            .run();
          return undefined;
        },
      }),
    ];
  },
});
