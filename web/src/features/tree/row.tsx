import { ArrowDown, ArrowUp, ChevronRight, CornerDownRight, IndentDecrease, IndentIncrease, MoreHorizontal, Pencil, Plus, SquareArrowOutUpRight, Trash2 } from 'lucide-react';
import { memo, useRef, useState } from 'react';
import type { Item, Status } from '@/api/client';
import { t } from '@/texts';
import type { Person } from '@/collab/react';
import { Avatar } from '@/ui/avatar';
import { cn } from '@/ui/cn';
import { STATUSES, StatusIcon, TypeIcon } from '@/ui/kinds';
import { Menu, MenuChoice, MenuItem, MenuLine } from '@/ui/menu';
import { useLiveItems } from './context';
import type { Row } from './model';
import { INDENT, ROW } from './measures';

export interface RowActions {
  open: (id: string) => void;
  activate: (id: string) => void;
  toggle: (id: string, open: boolean) => void;
  startRename: (id: string) => void;
  /** `null` gives up. */
  rename: (id: string, title: string | null) => void;
  setStatus: (id: string, status: Status) => void;
  below: (id: string) => void;
  inside: (id: string) => void;
  remove: (id: string) => void;
  indent: (id: string) => void;
  outdent: (id: string) => void;
  up: (id: string) => void;
  down: (id: string) => void;
  menu: (id: string, open: boolean) => void;
}

type Props = {
  id: string;
  top: number;
  row: Row;
  item: Item;
  active: boolean;
  selected: boolean;
  renaming: boolean;
  dragged: boolean;
  people: Person[] | undefined;
  mayEdit: boolean;
  mayDelete: boolean;
  menuOpen: boolean;
  actions: RowActions;
  focusTree: () => void;
};

export const TreeRow = memo(Inner);

function Inner({ id, top, row, item: stored, active, selected, renaming, dragged, people, mayEdit, mayDelete, menuOpen, actions, focusTree }: Props) {
  const live = useLiveItems((all) => all[row.id]);
  const item = live === undefined ? stored : { ...stored, ...live };
  const title = item.title || t.common.untitled;
  const [choosing, setChoosing] = useState(false);
  const closed = item.status === 'done' || item.status === 'cancelled';
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={row.open ?? undefined}
      aria-selected={selected}
      aria-label={`${t.kinds.type[item.type]}: ${title}, ${t.kinds.status[item.status]}${item.criteria_total > 0 ? `, ${t.tree.criteria(item.criteria_done, item.criteria_total)}` : ''}`}
      data-item={row.id}
      className={cn(
        'group/row absolute inset-x-1 flex items-center gap-1.5 rounded-md pr-1.5 text-sm',
        selected ? 'bg-active' : 'hover:bg-hover',
        active && 'group-focus-visible/tree:outline-2 group-focus-visible/tree:-outline-offset-2 group-focus-visible/tree:outline-ring',
        active && !selected && 'group-focus/tree:bg-hover',
        dragged && 'opacity-40',
        menuOpen && 'bg-hover',
      )}
      style={{ top, height: ROW, paddingLeft: 4 + row.depth * INDENT }}
      onClick={(event) => {
        if (renaming || (event.target as Element).closest('button, input, [role=menu]') !== null) return;
        focusTree();
        actions.open(row.id);
      }}
      onDoubleClick={(event) => {
        if ((event.target as Element).closest('button') === null) actions.startRename(row.id);
      }}
      onContextMenu={(event) => {
        event.preventDefault();
        actions.menu(row.id, true);
      }}
    >
      {row.open === null ? (
        <span className="w-[18px] shrink-0" />
      ) : (
        <button
          type="button"
          tabIndex={-1}
          aria-label={row.open ? t.tree.collapse : t.tree.expand}
          className="flex size-[18px] shrink-0 items-center justify-center rounded text-faint hover:bg-line hover:text-fg pointer-coarse:size-7"
          onClick={() => {
            actions.toggle(row.id, row.open === true);
            focusTree();
          }}
        >
          <ChevronRight aria-hidden className={cn('size-3.5 transition-transform', row.open && 'rotate-90')} />
        </button>
      )}
      <span title={t.kinds.type[item.type]} className="flex">
        <TypeIcon type={item.type} />
      </span>
      {renaming ? (
        <Rename title={item.title} done={(next) => actions.rename(row.id, next)} />
      ) : (
        <span className={cn('min-w-0 flex-1 truncate', closed && 'text-muted', item.status === 'cancelled' && 'line-through', item.title === '' && 'text-faint italic')} title={title}>
          {title}
        </span>
      )}
      {people !== undefined && (
        <span className="flex -space-x-1" role="img" aria-label={t.tree.here(people.map((person) => person.name))}>
          {people.slice(0, 3).map((person) => (
            <span key={person.id} aria-hidden className="flex rounded-full ring-2 ring-bg">
              <Avatar person={person} size={16} />
            </span>
          ))}
        </span>
      )}
      {item.criteria_total > 0 && (
        <span
          aria-hidden
          title={t.tree.criteria(item.criteria_done, item.criteria_total)}
          data-count={`${item.criteria_done}/${item.criteria_total}`}
          className={cn('shrink-0 text-xs tabular-nums before:content-[attr(data-count)]', item.criteria_done === item.criteria_total ? 'text-accent-text' : 'text-faint')}
        />
      )}
      {mayEdit && (
        <Menu
          align="end"
          open={menuOpen}
          onOpenChange={(open) => {
            actions.menu(row.id, open);
            if (!open) setTimeout(() => document.activeElement === document.body && focusTree(), 0);
          }}
          trigger={
            <button
              type="button"
              tabIndex={-1}
              aria-label={t.tree.rowMenu(title)}
              className="flex size-6 shrink-0 items-center justify-center rounded text-muted opacity-0 group-hover/row:opacity-100 hover:bg-line hover:text-fg focus-visible:opacity-100 data-popup-open:opacity-100 pointer-coarse:size-9 pointer-coarse:opacity-100"
            >
              <MoreHorizontal aria-hidden className="size-4" />
            </button>
          }
        >
          <MenuItem icon={<SquareArrowOutUpRight aria-hidden />} hint="Enter" onClick={() => actions.open(row.id)}>
            {t.tree.open}
          </MenuItem>
          <MenuItem icon={<Pencil aria-hidden />} hint="F2" onClick={() => setTimeout(() => actions.startRename(row.id), 0)}>
            {t.tree.rename}
          </MenuItem>
          <MenuLine />
          <MenuItem icon={<Plus aria-hidden />} hint="N" onClick={() => setTimeout(() => actions.below(row.id), 0)}>
            {t.tree.insertBelow}
          </MenuItem>
          <MenuItem icon={<CornerDownRight aria-hidden />} hint="Shift N" onClick={() => setTimeout(() => actions.inside(row.id), 0)}>
            {t.tree.insertInside}
          </MenuItem>
          <MenuLine />
          <MenuItem icon={<ArrowUp aria-hidden />} hint="Alt ↑" disabled={row.position === 1} onClick={() => actions.up(row.id)}>
            {t.tree.moveUp}
          </MenuItem>
          <MenuItem icon={<ArrowDown aria-hidden />} hint="Alt ↓" disabled={row.position === row.siblings} onClick={() => actions.down(row.id)}>
            {t.tree.moveDown}
          </MenuItem>
          <MenuItem icon={<IndentIncrease aria-hidden />} hint="Tab" disabled={row.position === 1} onClick={() => actions.indent(row.id)}>
            {t.tree.indent}
          </MenuItem>
          <MenuItem icon={<IndentDecrease aria-hidden />} hint="Shift Tab" disabled={row.parent === null} onClick={() => actions.outdent(row.id)}>
            {t.tree.outdent}
          </MenuItem>
          {mayDelete && (
            <>
              <MenuLine />
              <MenuItem icon={<Trash2 aria-hidden />} hint="Del" danger onClick={() => actions.remove(row.id)}>
                {t.tree.delete}
              </MenuItem>
            </>
          )}
        </Menu>
      )}
      {mayEdit ? (
        <Menu
          align="end"
          open={choosing}
          onOpenChange={setChoosing}
          trigger={
            <button
              type="button"
              tabIndex={-1}
              aria-label={t.tree.statusOf(title, t.kinds.status[item.status])}
              title={t.kinds.status[item.status]}
              className="flex size-6 shrink-0 items-center justify-center rounded hover:bg-line data-popup-open:bg-line pointer-coarse:size-9"
            >
              <StatusIcon status={item.status} />
            </button>
          }
        >
          <MenuChoice
            label={t.item.status}
            value={item.status}
            options={STATUSES.map((value) => ({ value, label: t.kinds.status[value], icon: <StatusIcon status={value} /> }))}
            onChange={(status) => actions.setStatus(row.id, status)}
          />
        </Menu>
      ) : (
        <span className="flex size-6 items-center justify-center" title={t.kinds.status[item.status]}>
          <StatusIcon status={item.status} />
        </span>
      )}
    </div>
  );
}

function Rename({ title, done }: { title: string; done: (title: string | null) => void }) {
  const [value, setValue] = useState(title);
  // Ending moves the focus back to the tree, and that blurs this field: only the first end counts.
  const over = useRef(false);
  const end = (keep: boolean) => {
    if (over.current) return;
    over.current = true;
    done(keep && value.trim() !== '' ? value.trim() : null);
  };
  return (
    <input
      autoFocus
      aria-label={t.tree.renameLabel}
      value={value}
      maxLength={500}
      className="-mx-1 h-6 min-w-0 flex-1 rounded border border-accent bg-bg px-1 text-sm outline-none"
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setValue(event.target.value)}
      onBlur={() => end(true)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter' || event.key === 'Escape') {
          event.preventDefault();
          end(event.key === 'Enter');
        }
      }}
    />
  );
}
