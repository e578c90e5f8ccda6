import { Fragment, useLayoutEffect, useRef, useImperativeHandle, type ComponentProps, type Ref } from 'react';
import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { useCarets, useOwnCaret, type RemoteCaret } from '@/collab/carets';
import { inkOn } from '@/ui/avatar';
import { cn } from '@/ui/cn';
import { TextBinding } from './textBinding';

type Props = Omit<ComponentProps<'textarea'>, 'value' | 'defaultValue' | 'onChange' | 'ref'> & {
  text: Y.Text;
  origin: unknown;
  /** Where carets are told and shown, and this text's name there. */
  awareness: Awareness | null;
  name: string;
  onText?: (value: string) => void;
  /** Undo and redo go to the document's own history: the browser's knows nothing of others' edits. */
  onUndo?: () => void;
  onRedo?: () => void;
  ref?: Ref<HTMLTextAreaElement>;
};

/** One line of collaborative text that wraps instead of scrolling, with the carets of others. */
export function SharedText({ text, origin, awareness, name, onText, onUndo, onRedo, className, ref, onKeyDown, ...rest }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const changed = useRef(onText);
  const carets = useCarets(awareness, text, name);
  useOwnCaret(awareness, field, text, name);
  useImperativeHandle(ref, () => field.current as HTMLTextAreaElement, []);
  useLayoutEffect(() => {
    changed.current = onText;
  });

  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    const fit = () => {
      element.style.height = '0';
      element.style.height = `${element.scrollHeight}px`;
    };
    const binding = new TextBinding(element, text, {
      origin,
      onChange: (value) => {
        fit();
        changed.current?.(value);
      },
    });
    const observer = new ResizeObserver(() => fit());
    observer.observe(element.parentElement ?? element);
    return () => {
      observer.disconnect();
      binding.destroy();
    };
  }, [text, origin]);

  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    const onBeforeInput = (event: InputEvent) => {
      if (event.inputType !== 'historyUndo' && event.inputType !== 'historyRedo') return;
      event.preventDefault();
      if (event.inputType === 'historyUndo') onUndo?.();
      else onRedo?.();
    };
    element.addEventListener('beforeinput', onBeforeInput);
    return () => element.removeEventListener('beforeinput', onBeforeInput);
  }, [onUndo, onRedo]);

  return (
    <div className={cn('relative min-w-0', className)}>
      <textarea
        ref={field}
        rows={1}
        className="block w-full resize-none overflow-hidden bg-transparent outline-none placeholder:text-faint"
        onKeyDown={(event) => {
          const mod = event.ctrlKey || event.metaKey;
          if (mod && !event.altKey && event.key.toLowerCase() === 'z') {
            event.preventDefault();
            if (event.shiftKey) onRedo?.();
            else onUndo?.();
            return;
          }
          if (mod && event.key.toLowerCase() === 'y') {
            event.preventDefault();
            onRedo?.();
            return;
          }
          onKeyDown?.(event);
          if (event.key === 'Enter' && !event.nativeEvent.isComposing && !event.defaultPrevented) event.preventDefault();
        }}
        {...rest}
      />
      {carets.length > 0 && <Carets value={text.toString()} carets={carets} />}
    </div>
  );
}

/** The same text again, unseen, so that it breaks where the field's breaks; the carets stand in it. */
function Carets({ value, carets }: { value: string; carets: RemoteCaret[] }) {
  return (
    <div aria-hidden className="pointer-events-none absolute inset-0 break-words whitespace-pre-wrap text-transparent select-none">
      {carets.map(({ client, person, index }, place) => (
        <Fragment key={client}>
          {value.slice(carets[place - 1]?.index ?? 0, index)}
          <span className="remote-caret" style={{ borderColor: person.colour }}>
            {/* The key makes the name come back whenever the caret moves. */}
            <span key={index} className="remote-caret-name" style={{ backgroundColor: person.colour, color: inkOn(person.colour) }}>
              {person.name}
            </span>
          </span>
        </Fragment>
      ))}
      {value.slice(carets.at(-1)?.index ?? 0)}
    </div>
  );
}
