/** Where others point, with their names and what they say there; and one's own message while it is written. */
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { t } from '@/texts';
import { inkOn } from '@/ui/avatar';
import { useEditor, useUi } from './context';
import { MAX_CHAT } from './presence';

/** How long a message stays after its last letter, in milliseconds. */
const STAYS = 6_000;

export function Cursors() {
  const editor = useEditor();
  const peers = useStore(editor.presence.peers);
  return (
    <>
      {peers.map(({ client, person, pointer, chat }) =>
        pointer === null ? null : (
          <div
            key={client}
            aria-hidden
            data-cursor={person.name}
            className="absolute top-0 left-0 origin-top-left transition-transform duration-75 ease-linear"
            style={{ transform: `translate(${pointer.x}px, ${pointer.y}px) scale(calc(1 / var(--zoom)))` }}
          >
            <svg width="18" height="20" viewBox="0 0 18 20" className="drop-shadow-sm">
              <path d="M1 1l5.2 16.5 3-6.6 6.8-2.3z" fill={person.colour} stroke="#fff" strokeWidth="1.5" strokeLinejoin="round" />
            </svg>
            <span className="absolute top-4 left-3.5 max-w-60 rounded-md px-1.5 py-0.5 text-xs font-semibold whitespace-nowrap" style={{ backgroundColor: person.colour, color: inkOn(person.colour) }}>
              {person.name}
              {chat !== null && <span className="block max-w-56 text-sm font-normal whitespace-pre-wrap">{chat}</span>}
            </span>
          </div>
        ),
      )}
      <OwnChat />
    </>
  );
}

function OwnChat() {
  const editor = useEditor();
  const chat = useUi((ui) => ui.chat);
  const field = useRef<HTMLInputElement>(null);
  const open = chat !== null;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    field.current?.focus({ preventScroll: true });
    const follow = () => {
      const [x, y] = editor.pointer ?? editor.middle;
      if (box.current !== null) box.current.style.transform = `translate(${x}px, ${y}px) scale(calc(1 / var(--zoom)))`;
    };
    follow();
    window.addEventListener('pointermove', follow);
    return () => {
      window.removeEventListener('pointermove', follow);
      // What was said stays for a moment.
      setTimeout(() => editor.presence.tell({ chat: editor.state.chat }), STAYS / 2);
    };
  }, [open, editor]);
  useEffect(() => {
    if (chat === null) return;
    editor.presence.tell({ chat });
    const timer = setTimeout(() => editor.set({ chat: null }), STAYS * (chat === '' ? 2 : 1));
    return () => clearTimeout(timer);
  }, [chat, editor]);
  if (chat === null) return null;
  const close = () => {
    editor.set({ chat: null });
    editor.focus();
  };
  return (
    <div ref={box} data-own className="pointer-events-auto absolute top-0 left-0 origin-top-left">
      <input
        ref={field}
        aria-label={t.diagram.together.chat}
        placeholder={t.diagram.together.chatPlaceholder}
        maxLength={MAX_CHAT}
        value={chat}
        className="absolute top-4 left-3.5 w-56 rounded-full border border-accent bg-raised px-3 py-1 text-sm shadow-float outline-none"
        onChange={(event) => editor.set({ chat: event.target.value })}
        onBlur={() => editor.set({ chat: null })}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Escape' || event.key === 'Enter') close();
        }}
      />
    </div>
  );
}
