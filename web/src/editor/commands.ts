/** What the editor's keys do, for the list of shortcuts and the palette. It handles the keys itself. */
import type { Editor } from '@tiptap/core';
import { useCommands, type Command } from '@/app/commands';
import { t } from '@/texts';
import { duplicateBlock, moveBlock, turnInto, type Form } from './blocks';
import { copyMarkdown } from './clipboard/copy';
import { openLink } from './menus/LinkBubble';
import { marks } from './menus/marks';

const forms: [Form, string][] = [
  ['paragraph', 'mod+alt+0'],
  ['heading1', 'mod+alt+1'],
  ['heading2', 'mod+alt+2'],
  ['heading3', 'mod+alt+3'],
  ['bulletList', 'mod+shift+8'],
  ['orderedList', 'mod+shift+7'],
  ['taskList', 'mod+shift+9'],
  ['blockquote', 'mod+shift+b'],
  ['codeBlock', 'mod+alt+c'],
];

export function useEditorCommands(editor: Editor, mayEdit: boolean): void {
  const command = (id: string, title: string, keys: string, run: () => unknown): Command => ({ id: `editor.${id}`, title, group: 'change', keys, local: true, run: () => void run() });
  const copy: Command = { id: 'editor.copyMarkdown', title: t.editor.copyMarkdown, group: 'change', run: () => void copyMarkdown(editor) };
  useCommands(
    mayEdit
      ? [
          ...marks.map(({ id, label, keys, run }) => command(id, label, keys, () => run(editor))),
          command('link', t.editor.link, 'mod+shift+k', () => openLink(editor)),
          ...forms.map(([form, keys]) => command(form, t.editor.forms[form], keys, () => turnInto(editor, form))),
          command('slash', t.editor.commands.slash, '/', () => editor.chain().focus().insertContent('/').run()),
          command('mention', t.editor.commands.mention, '@', () => editor.chain().focus().insertContent('@').run()),
          command('item', t.editor.commands.item, 'shift+#', () => editor.chain().focus().insertContent('#').run()),
          command('moveUp', t.editor.moveUp, 'alt+ArrowUp', () => moveBlock(editor, -1)),
          command('moveDown', t.editor.moveDown, 'alt+ArrowDown', () => moveBlock(editor, 1)),
          command('duplicate', t.editor.duplicate, 'mod+d', () => duplicateBlock(editor)),
          command('rowAfter', t.editor.commands.rowAfter, 'mod+alt+ArrowDown', () => editor.chain().focus().addRowAfter().run()),
          command('columnAfter', t.editor.commands.columnAfter, 'mod+alt+ArrowRight', () => editor.chain().focus().addColumnAfter().run()),
          command('undo', t.editor.undo, 'mod+z', () => editor.chain().focus().undo().run()),
          command('redo', t.editor.redo, 'mod+shift+z', () => editor.chain().focus().redo().run()),
          copy,
        ]
      : [copy],
  );
}
