import { ChevronRight, MoreHorizontal } from 'lucide-react';
import { memo, useRef, useState } from 'react';
import type { Item } from '@/api/client';
import type { Person } from '@/collab/react';
import { t } from '@/texts';
import { Faces, isClosed, Labels, namesOf, NoFace, Progress, spoken } from '@/features/views/chips';
import type { Member } from '@/features/views/context';
import type { Field } from '@/features/views/overlay';
import { useSelected } from '@/features/views/selection';
import { Avatar } from '@/ui/avatar';
import { cn } from '@/ui/cn';
import { PriorityIcon, StatusIcon, TypeIcon } from '@/ui/kinds';
import { useLiveItems } from './context';
import { GUTTER, INDENT } from './measures';

export interface RowActions {
  click: (id: string, event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean; altKey: boolean }) => void;
  toggle: (id: string, open: boolean, all: boolean) => void;
  startRename: (id: string) => void;
  /** `null` gives up. */
  rename: (id: string, title: string | null) => void;
  pick: (id: string, field: Field, anchor: HTMLElement) => void;
  menu: (id: string, anchor: HTMLElement | { x: number; y: number }) => void;
  focus: () => void;
}

type Props = {
  id: string;
  element: string;
  top: number;
  height: number;
  depth: number;
  position: number;
  siblings: number;
  expanded: boolean | null;
  item: Item;
  active: boolean;
  current: boolean;
  /** Shown only because something inside fits the filter. */
  dim: boolean;
  renaming: boolean;
  dragged: boolean;
  people: Person[] | undefined;
  members: ReadonlyMap<string, Member>;
  mayEdit: boolean;
  menuOpen: boolean;
  actions: RowActions;
};

const tool = 'flex size-6 shrink-0 items-center justify-center rounded hover:bg-line pointer-coarse:size-9';

export const TreeRow = memo(Inner);

function Inner({ id, element, top, height, depth, position, siblings, expanded, item: stored, active, current, dim, renaming, dragged, people, members, mayEdit, menuOpen, actions }: Props) {
  const live = useLiveItems((all) => all[id]);
  const selected = useSelected(id);
  const item = live === undefined ? stored : { ...stored, ...live };
  const title = item.title || t.common.untitled;
  const names = namesOf(item.assignees, members);
  return (
    <div
      id={element}
      role="treeitem"
      aria-level={depth + 1}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-expanded={expanded ?? undefined}
      aria-selected={selected}
      aria-current={current ? 'page' : undefined}
      aria-label={spoken(item, members)}
      data-item={id}
      className={cn(
        'group/row absolute inset-x-1 flex items-center gap-1.5 rounded-md pr-1.5 text-sm',
        current ? 'bg-active' : 'hover:bg-hover',
        selected && 'bg-accent-soft hover:bg-accent-soft',
        active && 'group-focus-visible/tree:outline-2 group-focus-visible/tree:-outline-offset-2 group-focus-visible/tree:outline-(--ring)',
        active && !current && !selected && 'group-focus/tree:bg-hover',
        dragged && 'opacity-40',
        menuOpen && !selected && 'bg-hover',
      )}
      style={{ top, height, paddingLeft: 4 + depth * INDENT }}
      onClick={(event) => {
        if (renaming || (event.target as Element).closest('button, input') !== null) return;
        actions.focus();
        actions.click(id, event);
      }}
      onDoubleClick={(event) => {
        if ((event.target as Element).closest('button, input') === null) actions.startRename(id);
      }}
      onContextMenu={(event) => {
        if (renaming) return;
        event.preventDefault();
        actions.menu(id, { x: event.clientX, y: event.clientY });
      }}
    >
      {depth > 0 && <Guides depth={depth} />}
      {expanded === null ? (
        <span className="w-[18px] shrink-0 pointer-coarse:w-7" />
      ) : (
        <button
          type="button"
          tabIndex={-1}
          aria-label={expanded ? t.tree.collapse : t.tree.expand}
          className="relative flex size-[18px] shrink-0 items-center justify-center rounded text-faint before:absolute before:-inset-1 before:content-[''] hover:bg-line hover:text-fg pointer-coarse:size-7"
          onClick={(event) => {
            actions.toggle(id, !expanded, event.altKey);
            actions.focus();
          }}
        >
          <ChevronRight aria-hidden className={cn('size-3.5 transition-transform', expanded && 'rotate-90')} />
        </button>
      )}
      {mayEdit ? (
        <button
          type="button"
          tabIndex={-1}
          aria-label={t.tree.typeOf(title, t.kinds.type[item.type])}
          aria-haspopup="listbox"
          title={t.kinds.type[item.type]}
          data-opens="type"
          className={cn('-m-1 flex size-6 shrink-0 items-center justify-center rounded hover:bg-line', dim && 'opacity-50')}
          onClick={(event) => actions.pick(id, 'type', event.currentTarget)}
        >
          <TypeIcon type={item.type} />
        </button>
      ) : (
        <span title={t.kinds.type[item.type]} className={cn('flex', dim && 'opacity-50')}>
          <TypeIcon type={item.type} />
        </span>
      )}
      {renaming ? (
        <Rename title={item.title} done={(next) => actions.rename(id, next)} />
      ) : (
        <span className="relative flex min-w-0 flex-1 items-center pointer-coarse:justify-between">
          <span className={cn('truncate', item.title === '' && 'text-muted italic', isClosed(item.status) && 'text-muted', item.status === 'cancelled' && 'line-through', dim && 'text-faint')} title={title}>
            {title}
          </span>
          <button
            type="button"
            tabIndex={-1}
            aria-label={t.work.menu.label(title)}
            aria-haspopup="menu"
            data-opens="menu"
            className={cn(tool, 'text-muted opacity-0 not-pointer-coarse:absolute not-pointer-coarse:right-0 not-pointer-coarse:bg-hover group-hover/row:opacity-100 hover:bg-line hover:text-fg pointer-coarse:opacity-100', menuOpen && 'opacity-100')}
            onClick={(event) => actions.menu(id, event.currentTarget)}
          >
            <MoreHorizontal aria-hidden className="size-4" />
          </button>
        </span>
      )}
      {people !== undefined && (
        <span className="flex -space-x-1" role="img" aria-label={t.tree.here(people.map((person) => person.name))}>
          {people.slice(0, 3).map((person) => (
            <span key={person.id} aria-hidden className="flex rounded-full ring-2 ring-accent">
              <Avatar person={person} size={16} />
            </span>
          ))}
        </span>
      )}
      {!renaming && (
        <>
          <Labels labels={item.labels} max={2} className="hidden @xl/tree:flex" />
          <Progress done={item.criteria_done} total={item.criteria_total} />
          {item.priority !== 'none' && (
            <span title={t.kinds.priority[item.priority]} className="hidden @md/tree:flex">
              <PriorityIcon priority={item.priority} />
            </span>
          )}
        </>
      )}
      {mayEdit ? (
        <>
          <button
            type="button"
            tabIndex={-1}
            aria-label={t.tree.assigneesOf(title, names)}
            aria-haspopup="listbox"
            data-opens="assignees"
            title={names || t.work.unassigned}
            className={cn('hidden h-6 min-w-7 shrink-0 items-center justify-end rounded px-0.5 hover:bg-line @lg/tree:min-w-12 not-pointer-coarse:@sm/tree:flex pointer-coarse:@md/tree:flex', item.assignees.length === 0 && 'opacity-0 group-hover/row:opacity-100 pointer-coarse:opacity-100')}
            onClick={(event) => actions.pick(id, 'assignees', event.currentTarget)}
          >
            {item.assignees.length === 0 ? <NoFace /> : <Faces ids={item.assignees} members={members} />}
          </button>
          <button
            type="button"
            tabIndex={-1}
            aria-label={t.tree.statusOf(title, t.kinds.status[item.status])}
            aria-haspopup="listbox"
            data-opens="status"
            title={t.kinds.status[item.status]}
            className={tool}
            onClick={(event) => actions.pick(id, 'status', event.currentTarget)}
          >
            <StatusIcon status={item.status} />
          </button>
        </>
      ) : (
        <>
          {item.assignees.length > 0 && (
            <span className="hidden @sm/tree:flex" title={names}>
              <Faces ids={item.assignees} members={members} />
            </span>
          )}
          <span className="flex size-6 items-center justify-center" title={t.kinds.status[item.status]}>
            <StatusIcon status={item.status} />
          </span>
        </>
      )}
    </div>
  );
}

/** A line down from each ancestor. */
const Guides = memo(function Guides({ depth }: { depth: number }) {
  return (
    <span aria-hidden className="pointer-events-none absolute inset-y-0 left-0">
      {Array.from({ length: depth }, (_, level) => (
        <span key={level} className="absolute inset-y-0 w-px bg-line" style={{ left: GUTTER + level * INDENT }} />
      ))}
    </span>
  );
});

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
      className="-mx-1 h-6 min-w-0 flex-1 rounded border border-accent bg-bg px-1 text-sm outline-none pointer-coarse:h-9"
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
