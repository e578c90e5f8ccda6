/** What can be done to everything that is chosen. */
import { CircleDot, Copy, FolderInput, Shapes, SignalHigh, Tag, Trash2, UserPlus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { t } from '@/texts';
import { cn } from '@/ui/cn';
import { useWork } from './context';
import { show, type Field } from './overlay';
import { selectNothing, useSelection } from './selection';

export default function BulkBar() {
  const { acts, mayEdit, mayDelete, handle } = useWork();
  const ids = useSelection((selection) => selection.ids);
  const list = [...ids];
  const pick = (field: Field, icon: ReactNode, label: string) => <Tool icon={icon} label={label} run={(anchor) => show({ kind: 'pick', field, ids: list, anchor })} />;
  const m = t.work.menu;
  return (
    <div className="pointer-events-none absolute inset-x-0 bottom-4 z-20 flex justify-center px-2">
      <div role="toolbar" aria-label={t.work.bulkLabel} className="popup pointer-events-auto flex max-w-full flex-wrap items-center justify-center gap-0.5 rounded-lg border border-line-strong bg-raised p-1 shadow-float">
        {/* A line of its own where not all fits in one. */}
        <span className="flex items-center max-sm:w-full max-sm:justify-between max-sm:border-b max-sm:border-line">
          <span role="status" className="px-2 text-sm font-medium whitespace-nowrap tabular-nums">
            {t.work.selected(ids.size)}
          </span>
          <Tool
            icon={<X aria-hidden />}
            label={t.work.clearSelection}
            run={() => {
              selectNothing();
              handle.current?.focus();
            }}
          />
        </span>
        <span className="mx-1 h-5 w-px shrink-0 bg-line max-sm:hidden" />
        {mayEdit && (
          <>
            {pick('status', <CircleDot aria-hidden />, m.status)}
            {pick('assignees', <UserPlus aria-hidden />, m.assignees)}
            {pick('priority', <SignalHigh aria-hidden />, m.priority)}
            {pick('labels', <Tag aria-hidden />, m.labels)}
            {pick('type', <Shapes aria-hidden />, m.type)}
            <Tool icon={<FolderInput aria-hidden />} label={m.move} run={() => show({ kind: 'move', ids: list })} />
            <Tool icon={<Copy aria-hidden />} label={m.duplicate} run={() => acts.duplicate(list)} />
          </>
        )}
        {mayDelete && <Tool icon={<Trash2 aria-hidden />} label={m.delete} danger run={() => acts.remove(list)} />}
      </div>
    </div>
  );
}

function Tool({ icon, label, danger, run }: { icon: ReactNode; label: string; danger?: boolean; run: (anchor: HTMLElement) => void }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cn('flex size-8 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-fg pointer-coarse:size-10 [&_svg]:size-4', danger && 'hover:text-danger')}
      onClick={(event) => run(event.currentTarget)}
    >
      {icon}
    </button>
  );
}
