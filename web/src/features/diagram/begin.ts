/**
 * What a diagram that was just made begins with: an item and all below it, as cards. Whoever makes it says so here, and its
 * canvas, which is a chunk of its own, takes it when it opens.
 */

/** More cards than this nobody reads. */
export const MOST_CARDS = 500;

const roots = new Map<string, string>();

export const beginWith = (diagram: string, root: string): void => void roots.set(diagram, root);

/** The item at the top, once. */
export function beginningOf(diagram: string): string | null {
  const root = roots.get(diagram) ?? null;
  roots.delete(diagram);
  return root;
}
