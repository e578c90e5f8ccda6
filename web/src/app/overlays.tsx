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

/** How long after the first screen, in milliseconds: what that one needs comes first. */
const LATER = 4_000;

/** Loads what has to open at once when its key is pressed. */
export function prefetchOverlays(): () => void {
  const timer = setTimeout(() => void Promise.all([palette(), shortcuts()]).catch(() => undefined), LATER);
  return () => clearTimeout(timer);
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
