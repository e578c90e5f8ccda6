/** Choosing the item that a card shows, or the one whose whole subtree is put on the canvas. */
import { lazy, Suspense, useMemo, type RefObject } from 'react';
import { useProject } from '@/features/tree/context';
import { t } from '@/texts';
import { TypeIcon } from '@/ui/kinds';
import { useEditor, useUi } from './context';
import { addSubtree } from './subtree';

const Popup = lazy(() => import('@/ui/pickerPopup'));

export function ItemPicker({ anchor }: { anchor: RefObject<HTMLElement | null> }) {
  const editor = useEditor();
  const picking = useUi((ui) => ui.picking);
  const { items, order } = useProject();
  const choices = useMemo(
    () =>
      [...(items?.values() ?? [])]
        .filter(({ id }) => id !== editor.room.id)
        .map((item) => {
          const above = order.parent(item.id);
          const parent = above === null ? undefined : items?.get(above)?.title;
          return { value: item.id, label: item.title || t.common.untitled, icon: <TypeIcon type={item.type} />, ...(parent === undefined ? {} : { help: parent }) };
        }),
    [items, order, editor],
  );
  return (
    <Suspense>
      <Popup
        label={picking === 'subtree' ? t.diagram.card.pickSubtree : t.diagram.card.pick}
        choices={choices}
        value={null}
        placeholder={t.diagram.card.find}
        empty={t.diagram.card.empty}
        anchor={anchor}
        onChange={(item) => {
          const at = editor.pointer ?? editor.middle;
          if (picking === 'subtree') addSubtree(editor, item, order, at);
          else editor.addAt('card', at, { item });
        }}
        onClose={() => {
          editor.set({ picking: null });
          editor.focus();
        }}
      />
    </Suspense>
  );
}
