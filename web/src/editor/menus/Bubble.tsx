import type { Editor } from '@tiptap/core';
import { TextSelection } from '@tiptap/pm/state';
import { ChevronDown, Link2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { t } from '@/texts';
import { IconButton } from '@/ui/button';
import { Menu, MenuItem } from '@/ui/menu';
import { turnInto } from '../blocks';
import { Floating } from './Floating';
import { openLink, rectOf } from './LinkBubble';
import { MarkToggle, marks, pressed } from './marks';
import { useOfEditor, useStatus } from './state';
import { FORMS } from './Toolbar';

const selected = (editor: Editor) => {
  const { selection } = editor.state;
  const { from, to, empty, $from } = selection;
  if (empty || !(selection instanceof TextSelection) || $from.parent.type.spec.code || !editor.isFocused || !editor.isEditable) return null;
  return editor.state.doc.textBetween(from, to, ' ').trim() === '' ? null : { from, to };
};

/** Formatting beside the selection, once the pointer has let go of it. Fingers have the bar above and the system's own menu. */
export function Bubble({ editor }: { editor: Editor }) {
  const now = useOfEditor(editor, selected);
  const [open, setOpen] = useState(false);
  // An open menu has the focus; what it belongs to stays.
  const last = useRef(now);
  if (now !== null) last.current = now;
  const range = now ?? (open ? last.current : null);
  const [dragging, setDragging] = useState(false);
  const [away, setAway] = useState<number | null>(null);
  useEffect(() => {
    const { dom } = editor.view;
    const down = () => setDragging(true);
    const up = () => setDragging(false);
    const key = (event: KeyboardEvent) => event.key === 'Escape' && setAway(editor.state.selection.from);
    dom.addEventListener('pointerdown', down);
    document.addEventListener('pointerup', up);
    document.addEventListener('pointercancel', up);
    document.addEventListener('dragend', up);
    dom.addEventListener('keydown', key);
    return () => {
      dom.removeEventListener('pointerdown', down);
      document.removeEventListener('pointerup', up);
      document.removeEventListener('pointercancel', up);
      document.removeEventListener('dragend', up);
      dom.removeEventListener('keydown', key);
    };
  }, [editor]);
  useEffect(() => {
    if (range === null) setAway(null);
  }, [range]);
  if (range === null || dragging || away === range.from || matchMedia('(pointer: coarse)').matches) return null;
  return (
    <Floating anchor={() => rectOf(editor, range.from, range.to)} follow={`${range.from} ${range.to}`} placement="top-start" context={editor.view.dom} className="p-0.5">
      <Buttons editor={editor} open={open} onOpenChange={setOpen} />
    </Floating>
  );
}

function Buttons({ editor, open, onOpenChange }: { editor: Editor; open: boolean; onOpenChange: (open: boolean) => void }) {
  const now = useStatus(editor);
  return (
    <div role="toolbar" aria-label={t.editor.blockToolbar} className="flex items-center" onMouseDown={(event) => event.preventDefault()}>
      <Menu
        open={open}
        onOpenChange={onOpenChange}
        trigger={
          <button type="button" aria-label={`${t.editor.turnInto}: ${t.editor.forms[now.form]}`} className="flex h-7 items-center gap-1 rounded-md px-2 text-sm hover:bg-hover data-popup-open:bg-hover">
            {t.editor.forms[now.form]}
            <ChevronDown aria-hidden className="size-3.5 text-faint" />
          </button>
        }
      >
        {FORMS.map((form) => (
          <MenuItem key={form} onClick={() => void turnInto(editor, form)}>
            {t.editor.forms[form]}
          </MenuItem>
        ))}
      </Menu>
      {marks.map((button) => (
        <MarkToggle key={button.id} editor={editor} button={button} on={now[button.id]} />
      ))}
      <IconButton label={t.editor.link} aria-pressed={now.link} className={pressed(now.link)} onClick={() => openLink(editor)}>
        <Link2 aria-hidden />
      </IconButton>
    </div>
  );
}
