import type { Editor } from '@tiptap/core';
import { ChevronDown, Copy, Link2, List, ListOrdered, ListTodo, MoreHorizontal, Plus, Redo2, Undo2 } from 'lucide-react';
import { useState, type KeyboardEvent } from 'react';
import { t } from '@/texts';
import { IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import { Menu, MenuItem, MenuLabel, MenuLine, MenuTick } from '@/ui/menu';
import { turnInto, type Form } from '../blocks';
import { copyMarkdown } from '../clipboard/copy';
import { insertable } from '../suggest/sources';
import { MarkToggle, marks, pressed } from './marks';
import { openLink } from './LinkBubble';
import { useStatus } from './state';

export const FORMS: readonly Form[] = ['paragraph', 'heading1', 'heading2', 'heading3', 'bulletList', 'orderedList', 'taskList', 'blockquote', 'codeBlock', 'callout'];

const line = <span aria-hidden className="mx-1 h-4 w-px shrink-0 bg-line" />;
const lists = [
  { form: 'bulletList', Icon: List },
  { form: 'orderedList', Icon: ListOrdered },
  { form: 'taskList', Icon: ListTodo },
] as const;

/** The slim bar above the text. What doesn't fit stands in its menus. */
export function Toolbar({ editor, project, controls }: { editor: Editor; project: string; controls: string }) {
  const now = useStatus(editor);
  const keep = { onMouseDown: (event: React.MouseEvent) => event.preventDefault() };
  // One stop for Tab; the arrows go on from there.
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const all = [...event.currentTarget.querySelectorAll('button')].filter((button) => button.offsetParent !== null && !button.disabled);
    const next = all[(all.indexOf(event.target as HTMLButtonElement) + by + all.length) % all.length];
    next?.focus();
  };
  return (
    <div className="@container sticky top-0 z-20 -mx-1.5 mb-2 border-b border-line bg-bg print:hidden">
      <div role="toolbar" aria-label={t.editor.toolbar} aria-controls={controls} className="flex items-center py-1" onKeyDown={onKeyDown}>
        <Menu
          trigger={
            <button
              type="button"
              aria-label={`${t.editor.turnInto}: ${t.editor.forms[now.form]}`}
              className="flex h-7 w-28 shrink-0 items-center gap-1 rounded-md px-2 text-left text-sm hover:bg-hover data-popup-open:bg-hover @2xl:w-32 pointer-coarse:h-9"
            >
              <span className="min-w-0 flex-1 truncate">{t.editor.forms[now.form]}</span>
              <ChevronDown aria-hidden className="size-3.5 shrink-0 text-faint" />
            </button>
          }
        >
          {FORMS.map((form) => (
            <MenuItem key={form} onClick={() => void turnInto(editor, form)}>
              {t.editor.forms[form]}
            </MenuItem>
          ))}
        </Menu>
        {line}
        {marks.map((button, index) => (
          <MarkToggle key={button.id} editor={editor} button={button} on={now[button.id]} tabIndex={-1} className={cn(index > 1 && 'hidden @lg:inline-flex')} />
        ))}
        <IconButton label={t.editor.link} aria-pressed={now.link} tabIndex={-1} className={pressed(now.link)} {...keep} onClick={() => openLink(editor)}>
          <Link2 aria-hidden />
        </IconButton>
        <span className="hidden items-center @xl:flex">
          {line}
          {lists.map(({ form, Icon }) => (
            <IconButton
              key={form}
              label={t.editor.forms[form]}
              aria-pressed={now.form === form}
              tabIndex={-1}
              className={pressed(now.form === form)}
              {...keep}
              onClick={() => void turnInto(editor, now.form === form ? 'paragraph' : form)}
            >
              <Icon aria-hidden />
            </IconButton>
          ))}
        </span>
        {line}
        <Insert editor={editor} project={project} />
        <More editor={editor} now={now} />
        <span className="flex-1" />
        <IconButton label={t.editor.undo} tabIndex={-1} disabled={!now.canUndo} {...keep} onClick={() => editor.chain().focus().undo().run()}>
          <Undo2 aria-hidden />
        </IconButton>
        <IconButton label={t.editor.redo} tabIndex={-1} disabled={!now.canRedo} {...keep} onClick={() => editor.chain().focus().redo().run()}>
          <Redo2 aria-hidden />
        </IconButton>
      </div>
    </div>
  );
}

function Insert({ editor, project }: { editor: Editor; project: string }) {
  const [open, setOpen] = useState(false);
  const all = open ? insertable(project).filter(({ id }) => !(FORMS as readonly string[]).includes(id)) : [];
  return (
    <Menu
      open={open}
      onOpenChange={setOpen}
      trigger={
        <IconButton label={t.editor.insert} tabIndex={-1}>
          <Plus aria-hidden />
        </IconButton>
      }
    >
      {all.map((command, index) => (
        <div key={command.id}>
          {command.group !== all[index - 1]?.group && index > 0 && <MenuLine />}
          <MenuItem icon={command.icon} hint={command.hint} onClick={() => command.run(editor)}>
            {command.label}
          </MenuItem>
        </div>
      ))}
    </Menu>
  );
}

function More({ editor, now }: { editor: Editor; now: ReturnType<typeof useStatus> }) {
  return (
    <Menu
      trigger={
        <IconButton label={t.editor.more} tabIndex={-1}>
          <MoreHorizontal aria-hidden />
        </IconButton>
      }
    >
      <MenuLabel>{t.editor.toolbar}</MenuLabel>
      {marks.map((button) => (
        <MenuTick key={button.id} checked={now[button.id]} onChange={() => button.run(editor)}>
          <button.Icon aria-hidden />
          {button.label}
        </MenuTick>
      ))}
      <MenuLine />
      <MenuItem icon={<Copy aria-hidden />} onClick={() => void copyMarkdown(editor)}>
        {t.editor.copyMarkdown}
      </MenuItem>
    </Menu>
  );
}
