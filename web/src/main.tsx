import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { followPreferences } from './app/preferences';
import { queryClient } from './app/query';
import { router } from './app/router';
import { speak } from './texts';
import './app/styles.css';
import './local/install';
import { whenQuiet } from './local/quiet';

// A deploy took away a file that this page asks for only now: the new version has it. Without the server there is none to reload.
window.addEventListener('vite:preloadError', () => {
  const last = Number(sessionStorage.getItem('canopy:reloaded') ?? '0');
  if (Date.now() - last < 60_000) return;
  void fetch('/healthz', { cache: 'no-store' }).then(({ ok }) => {
    if (!ok) return;
    sessionStorage.setItem('canopy:reloaded', String(Date.now()));
    window.location.reload();
  }, () => undefined);
});

followPreferences();
void speak().then(() =>
  createRoot(document.getElementById('root') as HTMLElement).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  ),
);

void whenQuiet()
  .then(() => import('./local/worker'))
  .then(({ startWorker }) => startWorker())
  .catch(() => undefined);
