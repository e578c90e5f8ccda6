import { create } from 'zustand';

const useText = create<{ text: string; odd: boolean }>(() => ({ text: '', odd: false }));

/** Has a screen reader say `text`. */
export const announce = (text: string): void => useText.setState(({ odd }) => ({ text, odd: !odd }));

/** The same text twice in a row is said twice. */
export function Announcements() {
  const { text, odd } = useText();
  return (
    <p role="status" aria-live="polite" className="sr-only" data-testid="announcement">
      {text}
      {odd ? '\u00a0' : ''}
    </p>
  );
}
