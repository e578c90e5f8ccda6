import './editor.css';
import { Popover } from '@base-ui/react/popover';
import { InputRule, Extension } from '@tiptap/core';
import { Collaboration } from '@tiptap/extension-collaboration';
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret';
import { TaskItem, TaskList } from '@tiptap/extension-list';
import { Placeholder } from '@tiptap/extensions';
import { EditorContent, useEditor, useEditorState, type Editor } from '@tiptap/react';
import { StarterKit } from '@tiptap/starter-kit';
import { Bold, Code, Heading2, Heading3, Italic, Link2, List, ListOrdered, ListTodo, Quote, Redo2, SquareCode, Strikethrough, Undo2 } from 'lucide-react';
import { useEffect, useImperativeHandle, useMemo, useState, type RefObject } from 'react';
import { t } from '@/texts';
import type { Room } from '@/collab/room';
import { descriptionOf } from '@/features/item/model';
import { inkOn } from '@/ui/avatar';
import { Button, IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import { inputClass } from '@/ui/field';

/** `- [ ] ` typed: the bullet rule has already made a list item of the dash, so the brackets turn that item into a task. */
const TaskInBullet = Extension.create({
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

type CaretUser = { name?: string; color?: string };

/** Another person's caret, named. The colour is set through the CSSOM, which the content security policy allows. */
function renderCaret(user: CaretUser): HTMLElement {
  const colour = /^#[0-9a-f]{6}$/i.test(user.color ?? '') ? (user.color as string) : '#6b7280';
  const caret = document.createElement('span');
  caret.className = 'caret';
  caret.style.borderColor = colour;
  const label = document.createElement('span');
  label.className = 'caret-label';
  label.style.backgroundColor = colour;
  label.style.color = inkOn(colour);
  label.textContent = user.name ?? '';
  caret.append(label);
  return caret;
}

type Props = { room: Room; mayEdit: boolean; handle: RefObject<{ focus: () => void } | null> };

export default function Description({ room, mayEdit, handle }: Props) {
  const extensions = useMemo(
    () => [
      StarterKit.configure({
        undoRedo: false,
        heading: { levels: [1, 2, 3] },
        link: { openOnClick: false, autolink: true, defaultProtocol: 'https', HTMLAttributes: { rel: 'noopener noreferrer nofollow', target: '_blank' } },
      }),
      TaskList,
      TaskItem.configure({ nested: true, a11y: { checkboxLabel: (node) => t.editor.taskLabel(node.textContent) } }),
      TaskInBullet,
      Placeholder.configure({ placeholder: t.item.descriptionPlaceholder }),
      Collaboration.configure({ fragment: descriptionOf(room.doc) }),
      CollaborationCaret.configure({
        provider: room.provider,
        user: room.awareness.getLocalState()?.user as Record<string, unknown>,
        render: renderCaret,
        selectionRender: (user: CaretUser) => ({
          nodeName: 'span',
          class: 'caret-selection',
          style: `background-color: ${/^#[0-9a-f]{6}$/i.test(user.color ?? '') ? user.color : '#6b7280'}40`,
        }),
      }),
    ],
    [room],
  );
  const editor = useEditor(
    {
      extensions,
      injectCSS: false,
      editable: mayEdit,
      editorProps: { attributes: { class: 'prose-canopy', role: 'textbox', 'aria-multiline': 'true', 'aria-labelledby': 'description-heading' } },
    },
    [extensions],
  );
  useEffect(() => {
    editor.setEditable(mayEdit, false);
  }, [editor, mayEdit]);
  useImperativeHandle(handle, () => ({ focus: () => editor.commands.focus('start') }), [editor]);
  return (
    <div>
      {mayEdit && <Toolbar editor={editor} />}
      <EditorContent editor={editor} />
    </div>
  );
}

function Toolbar({ editor }: { editor: Editor }) {
  const active = useEditorState({
    editor,
    selector: ({ editor: now }) => ({
      bold: now.isActive('bold'),
      italic: now.isActive('italic'),
      strike: now.isActive('strike'),
      code: now.isActive('code'),
      heading: now.isActive('heading', { level: 2 }),
      subheading: now.isActive('heading', { level: 3 }),
      bullets: now.isActive('bulletList'),
      numbers: now.isActive('orderedList'),
      tasks: now.isActive('taskList'),
      quote: now.isActive('blockquote'),
      codeBlock: now.isActive('codeBlock'),
      link: now.isActive('link'),
    }),
  });
  const focus = () => editor.chain().focus();
  const buttons = [
    [
      { label: t.editor.heading, Icon: Heading2, on: active.heading, run: () => focus().toggleHeading({ level: 2 }).run() },
      { label: t.editor.subheading, Icon: Heading3, on: active.subheading, run: () => focus().toggleHeading({ level: 3 }).run() },
    ],
    [
      { label: t.editor.bold, Icon: Bold, on: active.bold, run: () => focus().toggleBold().run() },
      { label: t.editor.italic, Icon: Italic, on: active.italic, run: () => focus().toggleItalic().run() },
      { label: t.editor.strike, Icon: Strikethrough, on: active.strike, run: () => focus().toggleStrike().run() },
      { label: t.editor.code, Icon: Code, on: active.code, run: () => focus().toggleCode().run() },
    ],
    [
      { label: t.editor.bullets, Icon: List, on: active.bullets, run: () => focus().toggleBulletList().run() },
      { label: t.editor.numbers, Icon: ListOrdered, on: active.numbers, run: () => focus().toggleOrderedList().run() },
      { label: t.editor.tasks, Icon: ListTodo, on: active.tasks, run: () => focus().toggleTaskList().run() },
    ],
    [
      { label: t.editor.quote, Icon: Quote, on: active.quote, run: () => focus().toggleBlockquote().run() },
      { label: t.editor.codeBlock, Icon: SquareCode, on: active.codeBlock, run: () => focus().toggleCodeBlock().run() },
    ],
  ];
  const line = <span aria-hidden className="mx-1 h-4 w-px shrink-0 bg-line" />;
  return (
    <div
      role="toolbar"
      aria-label={t.editor.toolbar}
      className="sticky top-0 z-10 -mx-1.5 mb-2 flex items-center overflow-x-auto border-b border-line bg-bg py-1 [scrollbar-width:none]"
      onKeyDown={(event) => {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (by === undefined) return;
        const all = [...event.currentTarget.querySelectorAll('button')];
        all[(all.indexOf(event.target as HTMLButtonElement) + by + all.length) % all.length]?.focus();
      }}
    >
      {buttons.map((group, index) => (
        <span key={group[0]?.label} className="contents">
          {index > 0 && line}
          {group.map(({ label, Icon, on, run }, place) => (
            <IconButton
              key={label}
              label={label}
              aria-pressed={on}
              tabIndex={index === 0 && place === 0 ? 0 : -1}
              className={cn(on && 'bg-active text-accent-text')}
              onMouseDown={(event) => event.preventDefault()}
              onClick={run}
            >
              <Icon aria-hidden />
            </IconButton>
          ))}
        </span>
      ))}
      {line}
      <LinkButton editor={editor} on={active.link} />
      <span className="flex-1" />
      <IconButton label={t.editor.undo} tabIndex={-1} onMouseDown={(event) => event.preventDefault()} onClick={() => focus().undo().run()}>
        <Undo2 aria-hidden />
      </IconButton>
      <IconButton label={t.editor.redo} tabIndex={-1} onMouseDown={(event) => event.preventDefault()} onClick={() => focus().redo().run()}>
        <Redo2 aria-hidden />
      </IconButton>
    </div>
  );
}

function LinkButton({ editor, on }: { editor: Editor; on: boolean }) {
  const [open, setOpen] = useState(false);
  const href = String(editor.getAttributes('link').href ?? '');
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger render={<IconButton label={t.editor.link} aria-pressed={on} tabIndex={-1} className={cn(on && 'bg-active text-accent-text')} />}>
        <Link2 aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="start" collisionPadding={8} className="z-50">
          <Popover.Popup className="popup w-80 rounded-lg border border-line bg-raised p-3 shadow-float outline-none" aria-label={t.editor.link}>
            <form
              className="grid gap-2"
              onSubmit={(event) => {
                event.preventDefault();
                const value = String(new FormData(event.currentTarget).get('href') ?? '').trim();
                const chain = editor.chain().focus().extendMarkRange('link');
                if (value === '') chain.unsetLink().run();
                else {
                  const address = /^[a-z][a-z0-9+.-]*:/i.test(value) || value.startsWith('/') ? value : `https://${value}`;
                  if (editor.state.selection.empty && !on) chain.insertContent({ type: 'text', text: value, marks: [{ type: 'link', attrs: { href: address } }] }).run();
                  else chain.setLink({ href: address }).run();
                }
                setOpen(false);
              }}
            >
              <input name="href" aria-label={t.editor.linkLabel} defaultValue={href} placeholder="https://" className={inputClass} autoFocus />
              <div className="flex justify-end gap-2">
                {on && (
                  <Button
                    onClick={() => {
                      editor.chain().focus().extendMarkRange('link').unsetLink().run();
                      setOpen(false);
                    }}
                  >
                    {t.editor.linkRemove}
                  </Button>
                )}
                <Button type="submit" look="primary">
                  {t.editor.linkApply}
                </Button>
              </div>
            </form>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
