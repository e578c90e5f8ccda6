/** What can be done with an item, by the other mouse button, Shift+F10 or the ⋯ button. */
import { Menu as Base } from '@base-ui/react/menu';
import {
  ArrowDown, ArrowUp, CircleDot, Columns2, Copy, CornerDownRight, CornerUpRight, Download, FolderInput, IndentDecrease, IndentIncrease, Link2, Network, Pencil, Plus, SignalHigh, Shapes, SquareArrowOutUpRight, Tag, Trash2, UserPlus, Workflow,
} from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import { indented, outdented, shifted } from '@/features/tree/model';
import { ariaKeys, keysLabel } from '@/app/keys';
import { show as showOverlay } from '@/app/overlay';
import { t } from '@/texts';
import { cn } from '@/ui/cn';
import { useWork } from './context';
import { hide, show, type Field, type Overlay } from './overlay';

const item =
  'flex w-full cursor-default items-center gap-2 rounded-md px-2 py-1.5 text-sm outline-none select-none data-highlighted:bg-hover data-disabled:opacity-45 pointer-coarse:py-2.5 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted';

type EntryProps = { icon: ReactNode; keys?: string; danger?: boolean; disabled?: boolean; run: () => void; children: string };

function Entry({ icon, keys, danger, disabled, run, children }: EntryProps) {
  return (
    <Base.Item className={cn(item, danger && 'text-danger [&_svg]:text-danger')} disabled={disabled} onClick={run} label={children} aria-keyshortcuts={keys === undefined ? undefined : ariaKeys(keys)}>
      {icon}
      <span className="flex-1">{children}</span>
      {keys !== undefined && <kbd aria-hidden className="ml-6 font-sans text-xs text-faint pointer-coarse:hidden">{keysLabel(keys)}</kbd>}
    </Base.Item>
  );
}

/** It is long: rather over the row than cut off. */
const SHIFT = { side: 'shift', align: 'shift' } as const;

const Line = () => <Base.Separator className="my-1 h-px bg-line" />;

export default function ItemMenu({ open: { id, ids, anchor }, close }: { open: Extract<Overlay, { kind: 'menu' }>; close: () => void }) {
  const work = useWork();
  const { acts, outline, mayEdit, mayDelete, handle, view } = work;
  const many = ids.length > 1;
  const roots = acts.roots(ids);
  const at = useMemo(
    () => (anchor instanceof HTMLElement ? anchor : { getBoundingClientRect: () => DOMRect.fromRect({ ...anchor, width: 0, height: 0 }) }),
    [anchor],
  );
  // What is opened from here stands where the menu stood.
  const element = anchor instanceof HTMLElement ? anchor : ((document.elementFromPoint(anchor.x, anchor.y)?.closest('[data-item]') ?? document.body) as HTMLElement);
  const later = (run: () => void) => () => setTimeout(run, 0);
  const pick = (field: Field) => later(() => show({ kind: 'pick', field, ids, anchor: element }));
  const m = t.work.menu;
  const [up, down, inward, outward] = [shifted(outline, roots, -1), shifted(outline, roots, 1), indented(outline, roots), outdented(outline, roots)];
  const tree = view.kind === 'tree';
  return (
    <Base.Root open modal={false} onOpenChange={(next) => !next && close()}>
      <Base.Portal>
        <Base.Positioner anchor={at} align={anchor instanceof HTMLElement ? 'end' : 'start'} side="bottom" sideOffset={anchor instanceof HTMLElement ? 4 : 0} collisionPadding={8} collisionAvoidance={SHIFT} className="z-50 outline-none">
          <Base.Popup
            aria-label={m.label(many ? t.work.items(ids.length) : acts.title(id))}
            finalFocus={false}
            className="popup max-h-[min(40rem,var(--available-height))] min-w-56 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-float outline-none"
          >
            {many ? (
              <div className="px-2 pt-1.5 pb-1 text-xs font-medium text-muted">{t.work.selected(ids.length)}</div>
            ) : (
              <>
                <Entry icon={<SquareArrowOutUpRight aria-hidden />} keys="Enter" run={() => work.open(id)}>{m.open}</Entry>
                <Entry icon={<Columns2 aria-hidden />} keys="shift+Enter" run={() => work.openBeside(id)}>{m.beside}</Entry>
              </>
            )}
            {mayEdit && (
              <>
                {!many && tree && (
                  <>
                    <Entry icon={<Pencil aria-hidden />} keys="F2" run={later(() => handle.current?.rename?.(id))}>{m.rename}</Entry>
                    <Line />
                    <Entry icon={<Plus aria-hidden />} keys="mod+Enter" run={later(() => handle.current?.create?.({ id, inside: false }))}>{m.below}</Entry>
                    <Entry icon={<Workflow aria-hidden />} run={later(() => handle.current?.create?.({ id, inside: true }, 'diagram'))}>{m.diagram}</Entry>
                    <Entry icon={<CornerDownRight aria-hidden />} keys="mod+shift+Enter" run={later(() => handle.current?.create?.({ id, inside: true }))}>{m.inside}</Entry>
                  </>
                )}
                <Line />
                <Entry icon={<CircleDot aria-hidden />} keys="alt+s" run={pick('status')}>{m.status}</Entry>
                <Entry icon={<UserPlus aria-hidden />} keys="alt+a" run={pick('assignees')}>{m.assignees}</Entry>
                <Entry icon={<SignalHigh aria-hidden />} keys="alt+p" run={pick('priority')}>{m.priority}</Entry>
                <Entry icon={<Tag aria-hidden />} keys="alt+l" run={pick('labels')}>{m.labels}</Entry>
                {ids.some((one) => work.items.get(one)?.type !== 'diagram') && <Entry icon={<Shapes aria-hidden />} keys="alt+t" run={pick('type')}>{m.type}</Entry>}
                <Line />
                {tree && (
                  <>
                    <Entry icon={<ArrowUp aria-hidden />} keys="alt+ArrowUp" disabled={up === null} run={() => acts.place(roots, up)}>{m.up}</Entry>
                    <Entry icon={<ArrowDown aria-hidden />} keys="alt+ArrowDown" disabled={down === null} run={() => acts.place(roots, down)}>{m.down}</Entry>
                    <Entry icon={<IndentIncrease aria-hidden />} keys="Tab" disabled={inward === null} run={() => acts.place(roots, inward)}>{m.indent}</Entry>
                    <Entry icon={<IndentDecrease aria-hidden />} keys="shift+Tab" disabled={outward === null} run={() => acts.place(roots, outward)}>{m.outdent}</Entry>
                  </>
                )}
                <Entry icon={<FolderInput aria-hidden />} keys="alt+m" run={later(() => show({ kind: 'move', ids }))}>{m.move}</Entry>
                {!many && work.items.get(id)?.type !== 'diagram' && (
                  <Entry
                    icon={<Network aria-hidden />}
                    run={() => {
                      const diagram = acts.draw(id);
                      if (diagram !== null) work.open(diagram);
                    }}
                  >
                    {m.draw}
                  </Entry>
                )}
                <Entry icon={<Copy aria-hidden />} keys="mod+d" run={() => acts.duplicate(ids)}>{m.duplicate}</Entry>
              </>
            )}
            <Entry icon={many ? <CornerUpRight aria-hidden /> : <Link2 aria-hidden />} keys="mod+c" run={() => acts.copyLinks(ids)}>{m.copyLink}</Entry>
            {!many && <Entry icon={<Download aria-hidden />} run={later(() => showOverlay({ kind: 'export', project: work.project.id, item: id }))}>{m.export}</Entry>}
            {mayDelete && (
              <>
                <Line />
                <Entry icon={<Trash2 aria-hidden />} keys="Delete" danger run={() => (hide(), acts.remove(ids))}>{m.delete}</Entry>
              </>
            )}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
