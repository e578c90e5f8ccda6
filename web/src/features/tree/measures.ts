/** Sizes of the tree in pixels. A finger needs taller rows. */
export const INDENT = 20;
export const ROW = typeof window.matchMedia === 'function' && window.matchMedia('(pointer: coarse)').matches ? 42 : 32;
