/** The title of a card's item, written where it stands. */
import { useState } from 'react';
import { perform } from '@/collab/operations';
import { t } from '@/texts';
import { useCardItem } from './cards';
import { useEditor, useUi, useView } from './context';

export function CardTitle() {
  const editor = useEditor();
  const editing = useUi((ui) => ui.editing);
  const shape = editing === null ? undefined : editor.scene.shape(editing);
  return shape?.kind === 'card' && shape.item !== null ? <Field key={shape.id} id={shape.id} item={shape.item} /> : null;
}

function Field({ id, item }: { id: string; item: string }) {
  const editor = useEditor();
  const known = useCardItem(item);
  const [title, setTitle] = useState(known?.title ?? '');
  const view = useView((now) => now);
  const shape = editor.scene.shape(id);
  if (shape === undefined || known === undefined) return null;
  const [x, y] = editor.toScreen(shape.at);
  const close = (keep: boolean) => {
    editor.set({ editing: null });
    const next = title.trim();
    if (keep && next !== '' && next !== known.title) void perform({ type: 'item.patch', project: editor.project, id: item, patch: { title: next } });
    editor.focus();
  };
  return (
    <textarea
      autoFocus
      aria-label={t.diagram.card.title}
      value={title}
      maxLength={500}
      className="absolute z-10 resize-none rounded-md border-2 border-accent bg-raised px-2 py-1 font-semibold text-fg shadow-float outline-none"
      style={{ left: x + 4 * view.zoom, top: y + 26 * view.zoom, width: Math.max(180, (shape.size[0] - 8) * view.zoom), height: Math.max(44, (shape.size[1] - 32) * view.zoom), fontSize: Math.max(12, shape.style.fontSize * view.zoom), lineHeight: 1.25 }}
      onChange={(event) => setTitle(event.target.value.replace(/\n/g, ' '))}
      onFocus={(event) => event.target.select()}
      onBlur={() => close(true)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter') {
          event.preventDefault();
          close(true);
        } else if (event.key === 'Escape') close(false);
      }}
    />
  );
}
