/** An item and all below it as cards, laid out as the tree that they are. */
import type { Outline } from '@/features/tree/model';
import { t } from '@/texts';
import { toast } from '@/ui/toast';
import type { Editor } from './editor';
import { ruleOf } from './rules';
import type { ConnectorJson, DiagramJson, Point, ShapeJson } from './schema';

const MOST = 500;
const GAP: Point = [40, 64];

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
  const places = treePlaces(root, children, size as Point);
  const shapes: ShapeJson[] = [];
  const connectors: ConnectorJson[] = [];
  for (const [id, at] of places) {
    shapes.push({ id, rank: '', kind: 'card', at, size, item: id });
    for (const child of children(id)) connectors.push({ rank: '', id: `${id.slice(0, 18)}-${child.slice(-18)}`, from: { shape: id, side: 'bottom' }, to: { shape: child, side: 'top' }, end: 'none' });
  }
  return { canopy: 'diagram', version: 1, title: '', shapes, connectors };
}

export function addSubtree(editor: Editor, root: string, order: Outline, at: Point): void {
  const all = order.subtree(root);
  if (all.length > MOST) {
    toast.error(t.diagram.card.tooMany(all.length));
    return;
  }
  editor.insert(subtreeDiagram(root, (id) => order.children(id).filter((child) => child !== editor.room.id)), at);
  editor.fit(editor.bounds(editor.state.selection), 1);
}
