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

// A deploy took away a file that this page asks for only now: the new version has it.
window.addEventListener('vite:preloadError', (event) => {
  const last = Number(sessionStorage.getItem('canopy:reloaded') ?? '0');
  if (!navigator.onLine || Date.now() - last < 60_000) return;
  event.preventDefault();
  sessionStorage.setItem('canopy:reloaded', String(Date.now()));
  window.location.reload();
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
