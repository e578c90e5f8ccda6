/** From a note on the canvas to an item in the tree: the note becomes its card. */
import type { Item, ItemType } from '@/api/client';
import { uuidv7 } from '@/api/id';
import { perform } from '@/collab/operations';
import type { Outline } from '@/features/tree/model';
import { t } from '@/texts';
import { toast } from '@/ui/toast';
import type { Editor } from './editor';
import { ruleOf } from './rules';
import type { Shape } from './schema';

/** What usually stands below a type. */
const BELOW: Partial<Record<string, ItemType>> = { epic: 'feature', feature: 'story', story: 'task' };

export function toItem(editor: Editor, shape: Shape, order: Outline, items: ReadonlyMap<string, Item> | undefined): void {
  const title = shape.text.split(/\s+/u).filter(Boolean).join(' ').slice(0, 500);
  if (title === '' || shape.kind === 'card' || !editor.mayEdit) return;
  const id = uuidv7();
  const parent = order.parent(editor.room.id);
  const itemType = BELOW[items?.get(parent ?? '')?.type ?? ''] ?? 'task';
  void perform({ type: 'item.create', project: editor.project, id, title, itemType, parent, after: editor.room.id });
  const { size } = ruleOf('card');
  editor.edits.patch([shape.id], { kind: 'card', item: id, size, fill: undefined, color: undefined, stroke: undefined, fontSize: undefined, align: undefined, valign: undefined, angle: undefined });
  toast.success(t.diagram.card.made(title.slice(0, 80)));
}
