/** Light, dark, or what the system says. `public/theme.js` applies the choice before the first paint. */
import { create } from 'zustand';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'canopy:theme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

function apply(theme: Theme): 'light' | 'dark' {
  const shown = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  document.documentElement.dataset.theme = shown;
  return shown;
}

export const useTheme = create<{ theme: Theme; shown: 'light' | 'dark'; set: (theme: Theme) => void }>((set) => ({
  theme: stored(),
  shown: apply(stored()),
  set: (theme) => {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // The choice then lasts for this visit.
    }
    set({ theme, shown: apply(theme) });
  },
}));

dark.addEventListener('change', () => {
  const { theme } = useTheme.getState();
  if (theme === 'system') useTheme.setState({ shown: apply(theme) });
});
