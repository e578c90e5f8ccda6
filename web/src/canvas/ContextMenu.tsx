/** What can be done with what is chosen, where the pointer is. */
import { Menu as Base } from '@base-ui/react/menu';
import { ChevronRight } from 'lucide-react';
import { useMemo } from 'react';
import { keysLabel } from '@/app/keys';
import { t } from '@/texts';
import { cn } from '@/ui/cn';
import type { Act } from './commands';
import { useEditor, useUi } from './context';

type Entry = Act | { id: string; title: string; inside: readonly Act[] };

const popup = 'popup max-h-[min(34rem,var(--available-height))] min-w-56 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-float outline-none';
const item = 'flex w-full cursor-default items-center gap-2 rounded-md px-2 py-1.5 text-sm outline-none select-none data-highlighted:bg-hover data-disabled:opacity-45 pointer-coarse:min-h-10';

/** The acts of the menu by their ids, in parts; those of one word open beside it. */
const SOME: readonly (readonly (string | readonly [keyof typeof t.diagram.acts, ...string[]])[])[] = [
  ['diagram.write', 'card.rename', 'card.open', 'diagram.openLink', 'sticky.item'],
  ['diagram.cut', 'diagram.copy', 'diagram.paste', 'diagram.duplicate'],
  [
    ['order', 'diagram.front', 'diagram.forward', 'diagram.backward', 'diagram.back'],
    ['align', 'diagram.alignLeft', 'diagram.alignCentre', 'diagram.alignRight', 'diagram.alignTop', 'diagram.alignMiddle', 'diagram.alignBottom', 'diagram.distributeX', 'diagram.distributeY'],
  ],
  ['diagram.group', 'diagram.ungroup', 'diagram.unframe', 'diagram.lock'],
  ['diagram.style', 'diagram.fitSelection', 'diagram.remove'],
];
const NONE: typeof SOME = [
  ['diagram.paste', 'diagram.selectAll'],
  ['diagram.tool.card', 'diagram.subtree', 'diagram.image'],
  ['diagram.fit', 'diagram.actual', 'diagram.grid', 'diagram.minimap', 'diagram.list'],
  ['diagram.chat', 'diagram.summon', 'diagram.shortcuts'],
];

export function ContextMenu({ acts }: { acts: readonly Act[] }) {
  const editor = useEditor();
  const menu = useUi((ui) => ui.menu);
  const selection = useUi((ui) => ui.selection);
  const anchor = useMemo(() => (menu === null ? null : { getBoundingClientRect: () => new DOMRect(menu.x, menu.y, 0, 0) }), [menu]);
  if (anchor === null) return null;
  const locked = editor.selected.some((one) => one.locked);
  const actsOf = (ids: readonly string[]): Act[] =>
    ids.flatMap((id) => {
      const act = acts.find((one) => one.id === id);
      if (act === undefined || (act.edits === true && !editor.mayEdit) || (act.chosen ?? 0) > selection.size || act.fits?.() === false) return [];
      // Of a card's two ways to its title the menu names the one that says so.
      return id === 'diagram.write' && editor.selectedShapes[0]?.kind === 'card' ? [] : [act];
    });
  const shown = (selection.size > 0 ? SOME : NONE).map((part) =>
    part.flatMap((one): Entry[] => {
      if (typeof one === 'string') return actsOf([one]);
      const [word, ...ids] = one;
      const inside = actsOf(ids);
      return inside.length === 0 ? [] : [{ id: word, title: t.diagram.acts[word], inside }];
    }),
  );
  const entry = (act: Act) => (
    <Base.Item key={act.id} className={cn(item, act.id === 'diagram.remove' && 'text-danger')} onClick={() => act.run()}>
      <span className="flex-1">{act.id === 'diagram.lock' && locked ? t.diagram.acts.unlock : act.title}</span>
      {act.keys !== undefined && <kbd className="ml-6 font-sans text-xs text-faint pointer-coarse:hidden">{keysLabel(act.keys)}</kbd>}
    </Base.Item>
  );
  const close = () => {
    editor.set({ menu: null });
    editor.focus();
  };
  return (
    <Base.Root open onOpenChange={(open) => !open && close()} modal={false}>
      <Base.Portal>
        <Base.Positioner anchor={anchor} side="bottom" align="start" sideOffset={2} collisionPadding={8} className="z-50 outline-none">
          <Base.Popup aria-label={t.diagram.acts.menu} finalFocus={false} className={popup} onContextMenu={(event) => event.preventDefault()}>
            {shown
              .filter((part) => part.length > 0)
              .map((part, index) => (
                <div key={part[0]?.id} role="presentation">
                  {index > 0 && <Base.Separator className="my-1 h-px bg-line" />}
                  {part.map((one) =>
                    'run' in one ? (
                      entry(one)
                    ) : (
                      <Base.SubmenuRoot key={one.id}>
                        <Base.SubmenuTrigger className={cn(item, 'data-popup-open:bg-hover')}>
                          <span className="flex-1">{one.title}</span>
                          <ChevronRight aria-hidden className="size-4 text-faint" />
                        </Base.SubmenuTrigger>
                        <Base.Portal>
                          <Base.Positioner sideOffset={2} alignOffset={-4} collisionPadding={8} className="z-50 outline-none">
                            <Base.Popup aria-label={one.title} className={popup}>
                              {one.inside.map(entry)}
                            </Base.Popup>
                          </Base.Positioner>
                        </Base.Portal>
                      </Base.SubmenuRoot>
                    ),
                  )}
                </div>
              ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
