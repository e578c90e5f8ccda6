/** An item and all below it as cards, laid out as the tree that they are; and cards of items side by side. */
import { MOST_CARDS } from '@/features/diagram/begin';
import type { Outline } from '@/features/tree/model';
import { announce } from '@/features/views/announce';
import { t } from '@/texts';
import { toast } from '@/ui/toast';
import type { Editor } from './editor';
import { ruleOf } from './rules';
import type { ConnectorJson, DiagramJson, Point, ShapeJson } from './schema';

const GAP: Point = [40, 64];
/** Where the tree leads to the right. */
const GAP_ACROSS: Point = [24, 80];
/** So many stand side by side; more stand below each other, or nobody could read them at once. */
const BESIDE = 4;

/** The places of a tree's nodes, parents over the middle of their children. Pure. */
export function treePlaces(root: string, children: (id: string) => readonly string[], size: Point, gap: Point = GAP): Map<string, Point> {
  const places = new Map<string, Point>();
  let left = 0;
  const place = (id: string, depth: number): number => {
    const below = children(id).map((child) => place(child, depth + 1));
    const [first, last] = [below[0], below.at(-1)];
    const x = first === undefined || last === undefined ? left : (first + last) / 2;
    if (first === undefined) left += size[0] + gap[0];
    places.set(id, [x, depth * (size[1] + gap[1])]);
    return x;
  };
  place(root, 0);
  return places;
}

export function subtreeDiagram(root: string, children: (id: string) => readonly string[]): DiagramJson {
  const { size } = ruleOf('card');
  const [w, h] = size;
  let places = treePlaces(root, children, size);
  const across = new Set([...places.values()].map(([x]) => x)).size > BESIDE;
  if (across) places = new Map([...treePlaces(root, children, [h, w], GAP_ACROSS)].map(([id, [x, y]]) => [id, [y, x]]));
  const [leaves, arrives] = across ? (['right', 'left'] as const) : (['bottom', 'top'] as const);
  const shapes: ShapeJson[] = [];
  const connectors: ConnectorJson[] = [];
  for (const [id, at] of places) {
    shapes.push({ id, rank: '', kind: 'card', at, size, item: id });
    for (const child of children(id)) connectors.push({ rank: '', id: `${id.slice(0, 18)}-${child.slice(-18)}`, from: { shape: id, side: leaves }, to: { shape: child, side: arrives }, end: 'none' });
  }
  return { canopy: 'diagram', version: 1, title: '', shapes, connectors };
}

export function addSubtree(editor: Editor, root: string, order: Outline, at: Point): void {
  const all = order.subtree(root);
  if (all.length > MOST_CARDS) {
    toast.error(t.work.tooManyToDraw(all.length));
    return;
  }
  editor.insert(subtreeDiagram(root, (id) => order.children(id).filter((child) => child !== editor.room.id)), at);
  editor.fit(editor.bounds(editor.state.selection), 1);
}

/** Puts cards of items onto the canvas, around `at`. */
export function addCards(editor: Editor, items: readonly string[], at: Point): void {
  const { size: [w, h] } = ruleOf('card');
  const shown = items.filter((id) => id !== editor.room.id).slice(0, MOST_CARDS);
  if (shown.length === 0) return;
  const rows = shown.length <= 6 ? shown.length : Math.ceil(Math.sqrt(shown.length * 2));
  const shapes = shown.map((item, index): ShapeJson => ({ id: item, rank: '', kind: 'card', at: [Math.floor(index / rows) * (w + 24), (index % rows) * (h + 16)], size: [w, h], item }));
  editor.insert({ canopy: 'diagram', version: 1, title: '', shapes, connectors: [] }, at);
  announce(t.diagram.said.pasted(shown.length));
}
