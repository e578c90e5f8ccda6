import { memo } from 'react';
import type { Item } from '@/api/client';
import type { Member } from '@/features/views/context';
import { useSelected } from '@/features/views/selection';
import { useLiveItems } from '@/features/tree/context';
import { t } from '@/texts';
import { cn } from '@/ui/cn';
import { CellContent, CellInput, textOf } from './cells';
import { inputOf, type Column } from './model';

export const CHECK = 36;

export interface TableActions {
  click: (id: string, column: string, event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean; altKey: boolean }) => void;
  edit: (id: string, column: string, cell: HTMLElement) => void;
  tick: (id: string, shift: boolean) => void;
  menu: (id: string, anchor: HTMLElement | { x: number; y: number }) => void;
  done: (id: string, column: string, value: string | null, then: 'stay' | 'down' | 'right' | 'left') => void;
}

type Props = {
  prefix: string;
  item: Item;
  index: number;
  top: number;
  height: number;
  columns: readonly Column[];
  width: number;
  /** The column of the active cell, if it is in this row. */
  active: string | null;
  editing: { column: string; typed: string | null } | null;
  current: boolean;
  parent: string | null;
  members: ReadonlyMap<string, Member>;
  mayEdit: boolean;
  actions: TableActions;
};

/** The name of a column. */
export const nameOf = (column: Column): string => column.custom?.name ?? t.table.columns[column.id] ?? column.id;

export const TableRow = memo(function TableRow({ prefix, item: stored, index, top, height, columns, width, active, editing, current, parent, members, mayEdit, actions }: Props) {
  const selected = useSelected(stored.id);
  const live = useLiveItems((all) => all[stored.id]);
  const item = live === undefined ? stored : { ...stored, ...live };
  const title = item.title || t.common.untitled;
  const paint = selected ? 'bg-accent-soft' : current ? 'bg-active' : 'bg-bg group-hover/row:bg-hover';
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-current={current ? 'page' : undefined}
      data-item={item.id}
      className="group/row absolute left-0 flex border-b border-line text-sm"
      style={{ top, height, width }}
      onContextMenu={(event) => {
        event.preventDefault();
        actions.menu(item.id, { x: event.clientX, y: event.clientY });
      }}
    >
      <div role="gridcell" aria-colindex={1} className={cn('sticky left-0 z-10 flex shrink-0 items-center justify-center', paint)} style={{ width: CHECK }}>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={t.table.selectRow(title)}
          checked={selected}
          className={cn('size-4 accent-accent pointer-coarse:size-5', !selected && 'opacity-0 group-hover/row:opacity-100 pointer-coarse:opacity-100')}
          onChange={() => undefined}
          onClick={(event) => actions.tick(item.id, event.shiftKey)}
        />
      </div>
      {columns.map((column, at) => {
        const text = textOf(item, column, members, parent);
        const edited = editing?.column === column.id;
        const input = column.editing !== null && 'input' in column.editing ? column.editing : null;
        return (
          <div
            key={column.id}
            id={`${prefix}${item.id}:${column.id}`}
            role="gridcell"
            aria-colindex={at + 2}
            aria-label={text === '' ? t.table.edit(nameOf(column), title) : undefined}
            aria-readonly={!mayEdit || column.editing === null || undefined}
            data-column={column.id}
            className={cn(
              'relative flex shrink-0 cursor-default items-center gap-1.5 overflow-hidden px-2 whitespace-nowrap',
              paint,
              column.id === 'title' && 'md:sticky md:left-9 md:z-10',
              active === column.id && 'group-focus-visible/grid:outline-2 group-focus-visible/grid:-outline-offset-2 group-focus-visible/grid:outline-(--ring)',
            )}
            style={{ width: column.width }}
            onClick={(event) => actions.click(item.id, column.id, event)}
            onDoubleClick={(event) => actions.edit(item.id, column.id, event.currentTarget)}
          >
            {edited && input !== null ? (
              <CellInput
                type={input.input}
                label={t.table.edit(nameOf(column), title)}
                value={inputOf(item, column)}
                typed={editing.typed}
                done={(value, then) => actions.done(item.id, column.id, value, then)}
              />
            ) : (
              <>
                <CellContent item={item} column={column} members={members} text={text} />
                {/* What is drawn only is said too. */}
                {(column.id === 'labels' || column.id === 'criteria' || column.custom?.kind === 'checkbox') && text !== '' && <span className="sr-only">{text}</span>}
              </>
            )}
          </div>
        );
      })}
    </div>
  );
});
