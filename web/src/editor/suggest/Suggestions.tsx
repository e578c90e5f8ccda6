import type { Editor } from '@tiptap/core';
import { useEffect, useId, useRef } from 'react';
import { useStore } from 'zustand';
import { t } from '@/texts';
import { cn } from '@/ui/cn';
import { Floating } from '../menus/Floating';
import { suggestStore } from './store';

/** The list under `/`, `@` or `#`. The caret stays in the text; screen readers follow by `aria-activedescendant`. */
export function Suggestions({ editor }: { editor: Editor }) {
  const { open } = useStore(suggestStore(editor));
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const active = open === null ? null : `${id}-${open.active}`;

  useEffect(() => {
    const { dom } = editor.view;
    if (active === null) return;
    dom.setAttribute('aria-activedescendant', active);
    dom.setAttribute('aria-controls', id);
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
    return () => {
      dom.removeAttribute('aria-activedescendant');
      dom.removeAttribute('aria-controls');
    };
  }, [editor, active, id]);

  // A press anywhere else puts it away.
  useEffect(() => {
    if (open === null) return;
    const away = (event: PointerEvent) => {
      const target = event.target as Node;
      if (list.current?.contains(target) !== true && !editor.view.dom.contains(target)) suggestStore(editor).setState({ open: null });
    };
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [editor, open]);

  if (open === null) return null;
  return (
    <Floating anchor={open.rect} follow={open.query} placement="bottom-start" className="w-80 max-w-[calc(100vw-1rem)]">
      {/* It can take the focus, as what scrolls must, but no press gives it: the caret stays. */}
      <div ref={list} id={id} role="listbox" tabIndex={0} aria-label={t.editor.suggesting[open.kind]} onMouseDown={(event) => event.preventDefault()} className="max-h-[min(20rem,calc(var(--available-height)-2px))] overflow-y-auto overscroll-contain p-1">
        {open.choices.map((choice, index) => {
          const heading = choice.group !== undefined && choice.group !== open.choices[index - 1]?.group;
          return (
            <div key={`${choice.group ?? ''}${choice.id}`} role="presentation">
              {heading && (
                <div role="presentation" className="px-2 pt-2 pb-1 text-xs font-medium text-muted first:pt-1">
                  {choice.group}
                </div>
              )}
              <div
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === open.active}
                className={cn('flex cursor-default items-center gap-2.5 rounded-md px-2 py-1.5 text-sm select-none', index === open.active && 'bg-hover')}
                onPointerMove={() => index !== open.active && suggestStore(editor).setState({ open: { ...open, active: index } })}
                onClick={choice.choose}
              >
                {choice.icon}
                <span className="min-w-0 flex-1">
                  <span className="block truncate">{choice.label}</span>
                  {choice.help !== undefined && <span className="block truncate text-xs text-muted">{choice.help}</span>}
                </span>
                {choice.trailing}
                {choice.hint !== undefined && <kbd className="shrink-0 font-mono text-xs text-faint">{choice.hint}</kbd>}
              </div>
            </div>
          );
        })}
      </div>
    </Floating>
  );
}
