/**
 * What opens from a button: the button is there at once, what opens is fetched when somebody is about to open it. The button is
 * an ordinary element that is never exchanged, so that focus and the first press are never lost.
 */
import { cloneElement, useRef, useState, type HTMLAttributes, type ReactElement, type Ref, type RefObject } from 'react';
import type { Lazy } from './lazy';

type TriggerProps = HTMLAttributes<HTMLElement> & { ref?: Ref<HTMLElement> };

export interface PopupState {
  open: boolean;
  setOpen: (open: boolean, event?: Event) => void;
  anchor: RefObject<HTMLElement | null>;
  trigger: ReactElement;
  /** How it was opened: by keyboard, the first entry is taken at once. */
  byKeyboard: boolean;
}

type Options = {
  trigger: ReactElement;
  popup: 'menu' | 'dialog';
  parts: Lazy<unknown>;
  open: boolean | undefined;
  onOpenChange: ((open: boolean) => void) | undefined;
};

export function usePopup({ trigger, popup, parts, open: given, onOpenChange }: Options): PopupState {
  const anchor = useRef<HTMLElement | null>(null);
  const [own, setOwn] = useState(false);
  const [byKeyboard, setByKeyboard] = useState(false);
  const open = given ?? own;
  const change = (next: boolean) => {
    if (next === open) return;
    setOwn(next);
    onOpenChange?.(next);
  };
  const setOpen = (next: boolean, event?: Event) => {
    // A press on the button closes by its own click, which follows.
    const at = event?.target;
    if (!next && at instanceof Node && anchor.current?.contains(at) === true && event?.type !== 'keydown') return;
    change(next);
  };
  const prepare = () => void parts.load().catch(() => undefined);
  const props = (trigger as ReactElement<TriggerProps>).props;
  const element = cloneElement(trigger as ReactElement<TriggerProps>, {
    ref: (node: HTMLElement | null) => {
      anchor.current = node;
      const { ref } = props;
      if (typeof ref === 'function') ref(node);
      else if (ref != null) ref.current = node;
    },
    'aria-haspopup': popup,
    'aria-expanded': open,
    ...(open ? { 'data-popup-open': '' } : {}),
    onPointerEnter: (event) => {
      props.onPointerEnter?.(event);
      prepare();
    },
    onFocus: (event) => {
      props.onFocus?.(event);
      prepare();
    },
    onClick: (event) => {
      props.onClick?.(event);
      if (event.defaultPrevented) return;
      // A click by Enter or Space has no button count.
      setByKeyboard(event.detail === 0);
      change(!open);
    },
    onKeyDown: (event) => {
      props.onKeyDown?.(event);
      if (popup !== 'menu' || event.defaultPrevented || open || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
      event.preventDefault();
      setByKeyboard(true);
      change(true);
    },
  });
  return { open, setOpen, anchor, trigger: element, byKeyboard };
}
