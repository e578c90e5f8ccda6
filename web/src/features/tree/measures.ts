/** Sizes of the tree in pixels. A finger needs taller rows. */
import type { View } from '@/features/views/settings';

export const INDENT = 20;
/** From the row's edge to the middle of the arrow of the first level. */
export const GUTTER = 13;

export const coarse = typeof window.matchMedia === 'function' && window.matchMedia('(pointer: coarse)').matches;

export const rowHeight = (density: View['density']): number => (coarse ? 44 : density === 'compact' ? 28 : 34);
