/** What lies over the screen, one at a time: opened from anywhere, loaded when it is first needed. */
import { create } from 'zustand';
import type { Project } from '@/api/client';

export type Overlay =
  | { kind: 'palette' }
  | { kind: 'shortcuts' }
  | { kind: 'signOut' }
  | { kind: 'project.new' }
  | { kind: 'project.edit'; project: Project }
  | { kind: 'project.delete'; project: Project }
  | { kind: 'export'; project: string; item?: string };

export const useOverlay = create<{ shown: Overlay | null }>(() => ({ shown: null }));

export const show = (shown: Overlay): void => useOverlay.setState({ shown });
export const hide = (): void => useOverlay.setState({ shown: null });
