import { lazy, Suspense } from 'react';
import { hide, useOverlay } from './overlay';

const palette = () => import('./palette/palette');
const shortcuts = () => import('./palette/shortcuts');
const Palette = lazy(palette);
const Shortcuts = lazy(shortcuts);
const SignOut = lazy(() => import('./sign-out'));
const ExportDialog = lazy(() => import('@/features/export/dialog'));
const projects = () => import('@/features/projects/dialogs');
const NewProject = lazy(async () => ({ default: (await projects()).NewProject }));
const EditProject = lazy(async () => ({ default: (await projects()).EditProject }));
const DeleteProject = lazy(async () => ({ default: (await projects()).DeleteProject }));

/** How long the first screen has the network for itself, in milliseconds. */
const SETTLE = 4_000;

/** Loads what has to open at once when its key is pressed: when nothing else is to be done, or with the first key of a chord. */
export function prefetchOverlays(): () => void {
  const stop = new AbortController();
  const load = () => {
    stop.abort();
    void Promise.all([palette(), shortcuts()]).catch(() => undefined);
  };
  const timer = setTimeout(() => (typeof requestIdleCallback === 'undefined' ? load() : requestIdleCallback(load, { timeout: 3_000 })), SETTLE);
  window.addEventListener('keydown', (event) => (event.key === 'Control' || event.key === 'Meta') && load(), { signal: stop.signal });
  return () => {
    clearTimeout(timer);
    stop.abort();
  };
}

export function Overlays() {
  const shown = useOverlay((state) => state.shown);
  return <Suspense fallback={null}>{shown !== null && <Shown />}</Suspense>;
}

function Shown() {
  const shown = useOverlay((state) => state.shown);
  switch (shown?.kind) {
    case undefined:
      return null;
    case 'palette':
      return <Palette />;
    case 'shortcuts':
      return <Shortcuts />;
    case 'signOut':
      return <SignOut onClose={hide} />;
    case 'project.new':
      return <NewProject onClose={hide} />;
    case 'project.edit':
      return <EditProject project={shown.project} onClose={hide} />;
    case 'project.delete':
      return <DeleteProject project={shown.project} onClose={hide} />;
    case 'export':
      return <ExportDialog project={shown.project} item={shown.item} onClose={hide} />;
  }
}
