/** Light, dark, or what the system says. `public/theme.js` applies the choice before the first paint. */
import { create } from 'zustand';
import { preferences } from './preferences';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'canopy:theme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');

const known = (value: unknown): Theme => (value === 'light' || value === 'dark' ? value : 'system');

function stored(): Theme {
  try {
    return known(localStorage.getItem(KEY));
  } catch {
    return 'system';
  }
}

function apply(theme: Theme): 'light' | 'dark' {
  const shown = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  document.documentElement.dataset.theme = shown;
  document.querySelector('meta[name=theme-color]')?.setAttribute('content', shown === 'dark' ? '#141716' : '#ffffff');
  return shown;
}

function show(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The choice then lasts for this visit.
  }
  useTheme.setState({ theme, shown: apply(theme) });
}

export const useTheme = create<{ theme: Theme; shown: 'light' | 'dark'; set: (theme: Theme) => void }>(() => ({
  theme: stored(),
  shown: apply(stored()),
  set: (theme) => {
    show(theme);
    preferences.set('theme', theme);
  },
}));

dark.addEventListener('change', () => {
  const { theme } = useTheme.getState();
  if (theme === 'system') useTheme.setState({ shown: apply(theme) });
});

// Chosen on another device, or in another tab. Who has chosen nothing keeps what this device shows.
preferences.store.subscribe(({ theme }) => {
  if (theme !== undefined && known(theme) !== useTheme.getState().theme) show(known(theme));
});
