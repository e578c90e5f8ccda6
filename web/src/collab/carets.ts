/** Where others write in the one-line texts of a document (title, criteria): the editor of the description has its own. */
import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { Person } from './react';

/** In presence: `{in: name of the text, at: relative position as JSON}`. */
interface State {
  in: string;
  at: unknown;
}

export interface RemoteCaret {
  client: number;
  person: Person;
  /** UTF-16 units from the start of the text. */
  index: number;
}

const none: RemoteCaret[] = [];

function read(awareness: Awareness, text: Y.Text, name: string): RemoteCaret[] {
  const { doc } = text;
  if (doc === null) return none;
  const carets: RemoteCaret[] = [];
  for (const [client, state] of awareness.getStates()) {
    const { caret, user } = state as { caret?: State; user?: { id?: unknown; name?: unknown; color?: unknown } };
    if (client === awareness.clientID || caret?.in !== name || typeof user?.id !== 'string') continue;
    try {
      const at = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(caret.at), doc);
      if (at === null || at.type !== text) continue;
      carets.push({ client, index: Math.min(at.index, text.length), person: { id: user.id, name: String(user.name ?? ''), colour: String(user.color ?? '#6b7280') } });
    } catch {
      // A position that another client made up.
    }
  }
  return carets.length === 0 ? none : carets.sort((a, b) => a.index - b.index || a.client - b.client);
}

/** The carets of others in `text`, live; `name` is the text's name in presence. */
export function useCarets(awareness: Awareness | null, text: Y.Text, name: string): RemoteCaret[] {
  const cache = useRef<RemoteCaret[]>(none);
  const subscribe = useCallback(
    (listener: () => void) => {
      if (awareness === null) return () => undefined;
      awareness.on('change', listener);
      text.observe(listener);
      return () => {
        awareness.off('change', listener);
        text.unobserve(listener);
      };
    },
    [awareness, text],
  );
  return useSyncExternalStore(subscribe, () => {
    const next = awareness === null ? none : read(awareness, text, name);
    if (JSON.stringify(next) !== JSON.stringify(cache.current)) cache.current = next;
    return cache.current;
  });
}

/** Tells the others where the caret of `field` is, for as long as it has the focus. */
export function useOwnCaret(awareness: Awareness | null, field: { current: HTMLTextAreaElement | null }, text: Y.Text, name: string): void {
  useEffect(() => {
    const element = field.current;
    if (awareness === null || element === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const mine = () => (awareness.getLocalState() as { caret?: State } | null)?.caret?.in === name;
    const tell = () => {
      timer = undefined;
      if (document.activeElement !== element) return;
      const at = Y.createRelativePositionFromTypeIndex(text, Math.min(element.selectionEnd, text.length));
      awareness.setLocalStateField('caret', { in: name, at: Y.relativePositionToJSON(at) } satisfies State);
    };
    // At most 20 times a second: presence is for eyes.
    const soon = () => {
      if (document.activeElement === element) timer ??= setTimeout(tell, 50);
    };
    const gone = () => {
      clearTimeout(timer);
      timer = undefined;
      if (mine()) awareness.setLocalStateField('caret', null);
    };
    document.addEventListener('selectionchange', soon);
    element.addEventListener('input', soon);
    element.addEventListener('focus', soon);
    element.addEventListener('blur', gone);
    return () => {
      gone();
      document.removeEventListener('selectionchange', soon);
      element.removeEventListener('input', soon);
      element.removeEventListener('focus', soon);
      element.removeEventListener('blur', gone);
    };
  }, [awareness, field, text, name]);
}
