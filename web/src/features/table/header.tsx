import { ArrowDown, ArrowUp, Columns3 } from 'lucide-react';
import { useRef, useState, type PointerEvent } from 'react';
import { useWork } from '@/features/views/context';
import type { Sort } from '@/features/views/settings';
import { t } from '@/texts';
import { IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import { Menu, MenuItem, MenuLabel, MenuLine, MenuTick } from '@/ui/menu';
import { nextSort, shiftColumn, USUAL, type Column } from './model';
import { CHECK, nameOf } from './row';

type HeaderProps = { columns: readonly Column[]; width: number; prefix: string; active: string | null; checked: boolean; some: boolean; onCheck: () => void };

/** The names of the columns: press to sort, drag to reorder. The menu of each does the same by keyboard. */
export function Header({ columns, width, prefix, active, checked, some, onCheck }: HeaderProps) {
  const { view, setView } = useWork();
  const { sort } = view;
  const ids = columns.slice(1).map(({ id }) => id);
  const [over, setOver] = useState<{ id: string; before: string | null } | null>(null);
  const moved = useRef(false);

  const onPointerDown = (id: string) => (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0 || id === 'title') return;
    const from = event.clientX;
    const row = event.currentTarget.closest('[role=row]');
    moved.current = false;
    let target: string | null | undefined;
    const onMove = (move: globalThis.PointerEvent) => {
      if (!moved.current && Math.abs(move.clientX - from) < 6) return;
      moved.current = true;
      target = null;
      for (const cell of row?.querySelectorAll<HTMLElement>('[data-head]') ?? []) {
        const rect = cell.getBoundingClientRect();
        const column = cell.dataset.head as string;
        if (column !== 'title' && move.clientX < rect.left + rect.width / 2) {
          target = column;
          break;
        }
      }
      setOver({ id, before: target ?? null });
    };
    const end = () => {
      window.removeEventListener('pointermove', onMove);
      window.removeEventListener('pointerup', onUp);
      window.removeEventListener('pointercancel', end);
      window.removeEventListener('keydown', onKey, true);
      setOver(null);
    };
    const onUp = () => {
      end();
      if (!moved.current || target === undefined || target === id) return;
      const left = ids.filter((one) => one !== id);
      left.splice(target === null ? left.length : left.indexOf(target), 0, id);
      setView({ columns: left });
    };
    const onKey = (key: KeyboardEvent) => {
      if (key.key !== 'Escape') return;
      target = undefined;
      end();
    };
    window.addEventListener('pointermove', onMove);
    window.addEventListener('pointerup', onUp);
    window.addEventListener('pointercancel', end);
    window.addEventListener('keydown', onKey, true);
  };

  return (
    <div role="rowgroup" className="sticky top-0 z-20" style={{ width }}>
      <div role="row" aria-rowindex={1} className="flex h-9 border-b border-line-strong bg-sunken text-xs text-muted">
        <div role="columnheader" aria-colindex={1} className="sticky left-0 z-10 flex shrink-0 items-center justify-center bg-sunken" style={{ width: CHECK }}>
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={t.table.selectAll}
            className="size-4 accent-accent pointer-coarse:size-5"
            checked={checked}
            ref={(box) => {
              if (box !== null) box.indeterminate = some && !checked;
            }}
            onChange={onCheck}
          />
        </div>
        {columns.map((column, at) => {
          const name = nameOf(column);
          const on = sort?.column === column.id ? sort : null;
          return (
            <div
              key={column.id}
              id={`${prefix}head:${column.id}`}
              role="columnheader"
              aria-colindex={at + 2}
              aria-sort={on === null ? 'none' : on.down ? 'descending' : 'ascending'}
              data-head={column.id}
              className={cn(
                'relative flex shrink-0 items-center bg-sunken',
                column.id === 'title' && 'md:sticky md:left-9 md:z-10',
                active === column.id && 'group-focus-visible/grid:outline-2 group-focus-visible/grid:-outline-offset-2 group-focus-visible/grid:outline-(--ring)',
                over?.id === column.id && 'opacity-50',
                over !== null && over.before === column.id && 'border-l-2 border-accent',
                over !== null && over.before === null && at === columns.length - 1 && 'border-r-2 border-accent',
              )}
              style={{ width: column.width }}
            >
              <button
                type="button"
                tabIndex={-1}
                title={t.table.sortBy(name)}
                className={cn('flex h-full min-w-0 flex-1 touch-none items-center gap-1 px-2 text-left font-medium hover:text-fg', on !== null && 'text-fg')}
                onPointerDown={onPointerDown(column.id)}
                onClick={() => {
                  if (!moved.current) setView({ sort: nextSort(sort, column.id) });
                  moved.current = false;
                }}
              >
                <span className="truncate">{name}</span>
                {on !== null && (on.down ? <ArrowDown aria-hidden className="size-3.5 shrink-0" /> : <ArrowUp aria-hidden className="size-3.5 shrink-0" />)}
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Which columns show, in which order. */
export function ColumnsMenu({ all, shown }: { all: readonly Column[]; shown: readonly Column[] }) {
  const { view, setView } = useWork();
  const ids = shown.slice(1).map(({ id }) => id);
  const hidden = all.filter(({ id }) => !ids.includes(id));
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label={t.table.choose}>
          <Columns3 aria-hidden />
        </IconButton>
      }
    >
      <MenuLabel>{t.table.choose}</MenuLabel>
      {[...shown.slice(1), ...hidden].map((column) => (
        <MenuTick key={column.id} checked={ids.includes(column.id)} onChange={(on) => setView({ columns: on ? [...ids, column.id] : ids.filter((id) => id !== column.id) })}>
          <span className="truncate">{nameOf(column)}</span>
        </MenuTick>
      ))}
      {(view.columns !== null || view.sort !== null) && <MenuLine />}
      {view.sort !== null && <MenuItem onClick={() => setView({ sort: null })}>{t.table.unsort}</MenuItem>}
      {view.columns !== null && ids.join() !== USUAL.join() && <MenuItem onClick={() => setView({ columns: null })}>{t.table.reset}</MenuItem>}
    </Menu>
  );
}

/** What the keys do on a header cell; gives whether the key meant something. */
export function headerKey(event: React.KeyboardEvent, column: Column, ids: readonly string[], sort: Sort | null, setView: (change: { sort?: Sort | null; columns?: readonly string[] }) => void): boolean {
  if (event.key === 'Enter' || event.key === ' ') setView({ sort: nextSort(sort, column.id) });
  else if (event.altKey && event.key === 'ArrowLeft') setView({ columns: shiftColumn(ids, column.id, -1) });
  else if (event.altKey && event.key === 'ArrowRight') setView({ columns: shiftColumn(ids, column.id, 1) });
  else if (event.key === 'Delete' && column.id !== 'title') setView({ columns: ids.filter((id) => id !== column.id) });
  else return false;
  return true;
}
