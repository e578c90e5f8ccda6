import { memo } from 'react';
import type { Item } from '@/api/client';
import type { Person } from '@/collab/react';
import { Faces, isClosed, Labels, namesOf, NoFace, Progress, spoken } from '@/features/views/chips';
import type { Member } from '@/features/views/context';
import type { Field } from '@/features/views/overlay';
import { useSelected } from '@/features/views/selection';
import { useLiveItems } from '@/features/tree/context';
import { t } from '@/texts';
import { Avatar } from '@/ui/avatar';
import { cn } from '@/ui/cn';
import { PriorityIcon, TypeIcon } from '@/ui/kinds';

export interface CardActions {
  click: (id: string, event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean; altKey: boolean }) => void;
  pick: (id: string, field: Field, anchor: HTMLElement) => void;
  menu: (id: string, anchor: HTMLElement | { x: number; y: number }) => void;
}

type Props = {
  element: string;
  index: number;
  item: Item;
  parent: string | null;
  active: boolean;
  current: boolean;
  dragged: boolean;
  compact: boolean;
  people: Person[] | undefined;
  members: ReadonlyMap<string, Member>;
  mayEdit: boolean;
  actions: CardActions;
};

export const Card = memo(function Card({ element, index, item: stored, parent, active, current, dragged, compact, people, members, mayEdit, actions }: Props) {
  const selected = useSelected(stored.id);
  const live = useLiveItems((all) => all[stored.id]);
  const item = live === undefined ? stored : { ...stored, ...live };
  const title = item.title || t.common.untitled;
  const names = namesOf(item.assignees, members);
  const faces = item.assignees.length === 0 ? <NoFace /> : <Faces ids={item.assignees} members={members} />;
  const extra = item.labels.length > 0 || item.criteria_total > 0 || item.priority !== 'none';
  return (
    <div
      id={element}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={selected}
      aria-current={current ? 'page' : undefined}
      aria-label={`${spoken(item, members)}${parent === null ? '' : `, ${t.board.inside(parent)}`}`}
      data-item={item.id}
      className={cn(
        'group/card cursor-default rounded-md border bg-raised px-2.5 shadow-xs',
        compact ? 'py-1.5' : 'py-2',
        selected ? 'border-accent bg-accent-soft' : current ? 'border-accent' : 'border-line hover:border-line-strong',
        active && 'group-focus-visible/column:outline-2 group-focus-visible/column:outline-(--ring)',
        dragged && 'opacity-40',
      )}
      onClick={(event) => {
        if ((event.target as Element).closest('button, input') === null) actions.click(item.id, event);
      }}
      onContextMenu={(event) => {
        event.preventDefault();
        actions.menu(item.id, { x: event.clientX, y: event.clientY });
      }}
    >
      <div role="gridcell">
        {parent !== null && !compact && <div className="mb-0.5 truncate text-xs text-faint">{parent}</div>}
        <div className="flex items-start gap-1.5">
          <span title={t.kinds.type[item.type]} className="mt-0.5 flex">
            <TypeIcon type={item.type} />
          </span>
          <span className={cn('line-clamp-3 min-w-0 flex-1 text-sm break-words', isClosed(item.status) && 'text-muted', item.title === '' && 'text-muted italic')}>{title}</span>
          {people !== undefined && (
            <span role="img" aria-label={t.tree.here(people.map((person) => person.name))} className="flex -space-x-1">
              {people.slice(0, 3).map((person) => (
                <span key={person.id} aria-hidden className="flex rounded-full ring-2 ring-accent">
                  <Avatar person={person} size={16} />
                </span>
              ))}
            </span>
          )}
          {mayEdit ? (
            <button
              type="button"
              tabIndex={-1}
              aria-label={t.tree.assigneesOf(title, names)}
              aria-haspopup="listbox"
              data-opens="menu"
              title={names || t.work.unassigned}
              className="-my-0.5 -mr-1 flex h-6 min-w-6 items-center justify-center rounded px-0.5 hover:bg-hover pointer-coarse:size-9"
              onClick={(event) => actions.pick(item.id, 'assignees', event.currentTarget)}
            >
              {faces}
            </button>
          ) : (
            item.assignees.length > 0 && <span title={names}>{faces}</span>
          )}
        </div>
        {extra && (
          <div className="mt-1.5 flex min-h-5 flex-wrap items-center gap-1.5 pl-5.5">
            {item.priority !== 'none' && (
              <span title={t.kinds.priority[item.priority]} className="flex">
                <PriorityIcon priority={item.priority} />
              </span>
            )}
            <Progress done={item.criteria_done} total={item.criteria_total} />
            <Labels labels={item.labels} max={2} />
          </div>
        )}
      </div>
    </div>
  );
});
