import { useLayoutEffect, useRef, useImperativeHandle, type ComponentProps, type Ref } from 'react';
import type * as Y from 'yjs';
import { cn } from '@/ui/cn';
import { TextBinding } from './textBinding';

type Props = Omit<ComponentProps<'textarea'>, 'value' | 'defaultValue' | 'onChange' | 'ref'> & {
  text: Y.Text;
  origin: unknown;
  onText?: (value: string) => void;
  /** Undo and redo go to the document's own history: the browser's knows nothing of others' edits. */
  onUndo?: () => void;
  onRedo?: () => void;
  ref?: Ref<HTMLTextAreaElement>;
};

/** One line of collaborative text that wraps instead of scrolling. */
export function SharedText({ text, origin, onText, onUndo, onRedo, className, ref, onKeyDown, ...rest }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const changed = useRef(onText);
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
    <textarea
      ref={field}
      rows={1}
      className={cn('block w-full resize-none overflow-hidden bg-transparent', className)}
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
  );
}
