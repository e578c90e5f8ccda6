import { useLocation } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { t } from '@/texts';

/** Which screen a path shows. Items of one project are one screen: its tree keeps the focus. */
const screenOf = (path: string): string => {
  const [, first = '', second = '', third = ''] = path.split('/');
  return first !== 'p' ? first : third === 'import' ? `p/${second}/import` : `p/${second}`;
};

/**
 * A page that is changed by script says nothing to a screen reader and leaves the focus on what has gone. So on a new screen the
 * focus goes to its start, unless something on it has taken the focus, and its title is what this returns, for a live region.
 */
export function useArrival(): string {
  const screen = screenOf(useLocation({ select: ({ pathname }) => pathname }));
  const before = useRef(screen);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (before.current === screen) return;
    before.current = screen;
    // The screen and its title come with its code.
    const timer = setTimeout(() => {
      const main = document.getElementById('main');
      const active = document.activeElement;
      const over = active?.closest('[role="dialog"], [role="alertdialog"]') != null;
      if (main !== null && !over && !main.contains(active)) main.focus({ preventScroll: true });
      setSaid(t.nav.arrived(document.title));
    }, 150);
    return () => clearTimeout(timer);
  }, [screen]);
  return said;
}
