import type { Editor } from '@tiptap/core';
import { Copy, ExternalLink, Pencil, Unlink } from 'lucide-react';
import { useEffect, useState } from 'react';
import { createStore, useStore } from 'zustand';
import { t } from '@/texts';
import { Button, IconButton } from '@/ui/button';
import { inputClass } from '@/ui/field';
import { linkAt } from '../nodes/marks';
import { safeHref, typedHref } from '../urls';
import { Floating } from './Floating';
import { useOfEditor } from './state';

/** The editor in which somebody is writing an address. */
const editing = createStore<{ editor: Editor | null }>(() => ({ editor: null }));

/** Asks for the address of the selection, or of the link at the caret. */
export const openLink = (editor: Editor): void => editing.setState({ editor });

const current = (editor: Editor) => {
  const { empty, head } = editor.state.selection;
  return editor.isFocused && empty ? linkAt(editor.state, head) : null;
};

export function rectOf(editor: Editor, from: number, to: number): DOMRect {
  const start = editor.view.coordsAtPos(from);
  const end = editor.view.coordsAtPos(to, -1);
  if (start.top === end.top) return new DOMRect(start.left, start.top, end.left - start.left, end.bottom - start.top);
  const frame = editor.view.dom.getBoundingClientRect();
  return new DOMRect(frame.left, start.top, frame.width, end.bottom - start.top);
}

export function LinkBubble({ editor }: { editor: Editor }) {
  const link = useOfEditor(editor, current);
  const open = useStore(editing).editor === editor;
  const [dismissed, setDismissed] = useState<string | null>(null);
  const key = link === null ? null : `${link.from}`;
  useEffect(() => {
    if (key !== dismissed) setDismissed(null);
  }, [key, dismissed]);
  useEffect(() => {
    if (key === null) return;
    const away = (event: KeyboardEvent) => event.key === 'Escape' && setDismissed(key);
    // Kept: the editor may have ended before this does.
    const { dom } = editor.view;
    dom.addEventListener('keydown', away);
    return () => dom.removeEventListener('keydown', away);
  }, [editor, key]);

  if (open) return <LinkForm editor={editor} />;
  if (link === null || dismissed === key || !editor.isEditable) return null;
  const href = safeHref(link.href);
  return (
    <Floating anchor={() => rectOf(editor, link.from, link.to)} follow={`${link.from} ${link.to}`} context={editor.view.dom} className="flex max-w-96 items-center gap-0.5 p-1">
      <div role="group" aria-label={t.editor.link} className="contents" onMouseDown={(event) => event.preventDefault()}>
        {href === null ? (
          <span className="truncate px-2 text-sm text-danger">{t.editor.linkRefused}</span>
        ) : (
          <a href={href} target="_blank" rel="noopener noreferrer nofollow" className="flex min-w-0 items-center gap-1.5 truncate px-2 text-sm text-accent-text hover:underline" aria-label={`${t.editor.linkOpen}: ${href}`}>
            <ExternalLink aria-hidden className="size-3.5 shrink-0" />
            <span className="truncate">{href.replace(/^https?:\/\//, '')}</span>
          </a>
        )}
        <IconButton label={t.editor.linkEdit} onClick={() => openLink(editor)}>
          <Pencil aria-hidden />
        </IconButton>
        <IconButton label={t.editor.linkCopy} onClick={() => void navigator.clipboard.writeText(link.href)}>
          <Copy aria-hidden />
        </IconButton>
        <IconButton label={t.editor.linkRemove} onClick={() => editor.chain().focus().extendMarkRange('link').unsetLink().run()}>
          <Unlink aria-hidden />
        </IconButton>
      </div>
    </Floating>
  );
}

function LinkForm({ editor }: { editor: Editor }) {
  const { from, to, empty } = editor.state.selection;
  const [at] = useState(() => linkAt(editor.state, from) ?? { from, to, href: '' });
  const [refused, setRefused] = useState(false);
  const asksText = empty && at.href === '';
  const close = () => {
    editing.setState({ editor: null });
    editor.commands.focus();
  };
  return (
    <Floating anchor={() => rectOf(editor, at.from, at.to)} context={editor.view.dom} className="w-80 max-w-[calc(100vw-1rem)] p-3">
      <form
        aria-label={t.editor.link}
        className="grid gap-2"
        onKeyDown={(event) => event.key === 'Escape' && (event.stopPropagation(), close())}
        onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && event.relatedTarget !== null && editing.setState({ editor: null })}
        onSubmit={(event) => {
          event.preventDefault();
          const data = new FormData(event.currentTarget);
          const typed = String(data.get('href') ?? '').trim();
          const href = typedHref(typed);
          if (typed !== '' && href === null) return setRefused(true);
          const chain = editor.chain().focus().setTextSelection({ from: at.from, to: at.to });
          if (href === null) chain.unsetLink().setTextSelection(at.to).run();
          else if (asksText) {
            const text = String(data.get('text') ?? '').trim() || typed;
            chain.insertContent([{ type: 'text', text, marks: [{ type: 'link', attrs: { href } }] }]).unsetMark('link').run();
          } else chain.setLink({ href }).setTextSelection(at.to).run();
          editing.setState({ editor: null });
        }}
      >
        {asksText && <input name="text" aria-label={t.editor.linkText} placeholder={t.editor.linkText} className={inputClass} />}
        <input
          name="href"
          aria-label={t.editor.linkLabel}
          aria-invalid={refused || undefined}
          defaultValue={at.href}
          placeholder="https://"
          className={inputClass}
          autoFocus
          onChange={() => setRefused(false)}
        />
        {refused && (
          <p role="alert" className="text-xs text-danger">
            {t.editor.linkRefused}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>{t.common.cancel}</Button>
          <Button type="submit" look="primary">
            {t.editor.linkApply}
          </Button>
        </div>
      </form>
    </Floating>
  );
}
