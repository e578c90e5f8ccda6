/** The one menu, list or dialog that is open over a view. Rows only say what they want: ten thousand of them have no menus of their own. */
import { create } from 'zustand';
import type { Schemas } from '@/api/client';

export type Field = 'status' | 'type' | 'priority' | 'assignees' | 'labels';
export type Anchor = HTMLElement | { x: number; y: number };

export type Overlay =
  | { kind: 'pick'; field: Field; ids: readonly string[]; anchor: HTMLElement }
  /** A value of a project's own field. */
  | { kind: 'custom'; field: Schemas['CustomField']; id: string; anchor: HTMLElement }
  /** `id` is the row that was pointed at; `ids` all that the menu is for. */
  | { kind: 'menu'; id: string; ids: readonly string[]; anchor: Anchor }
  | { kind: 'move'; ids: readonly string[] }
  | { kind: 'bin' }
  | { kind: 'save' };

export const useOverlay = create<{ open: Overlay | null }>(() => ({ open: null }));

export const show = (open: Overlay): void => useOverlay.setState({ open });
export const hide = (): void => useOverlay.setState({ open: null });
