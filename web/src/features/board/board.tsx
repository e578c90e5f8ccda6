import { useCallback, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { Status } from '@/api/client';
import { concerned } from '@/features/views/acts';
import { useWork } from '@/features/views/context';
import { handleKey } from '@/features/views/keys';
import { show } from '@/features/views/overlay';
import { allOf, ranged, select, selectNothing, toggled, useSelection } from '@/features/views/selection';
import { NoMatch, StartHere } from '@/features/tree/empty';
import { inOrder } from '@/features/tree/model';
import { leaveList } from '@/app/panes';
import { t } from '@/texts';
import { STATUSES, TypeIcon } from '@/ui/kinds';
import type { CardActions } from './card';
import { Column, type ColumnHandle } from './column';
import { columnsOf, sideways, spotOf } from './model';
import { useCardDrag } from './useCardDrag';

/** The items of a project in a column for each status. */
export default function Board() {
  const work = useWork();
  const { project, items, outline, found, acts, mayEdit, openItem, handle } = work;
  const prefix = useId();
  const board = useRef<HTMLDivElement>(null);
  const columnRefs = useRef(new Map<Status, ColumnHandle>());
  const [active, setActive] = useState<string | null>(openItem ?? null);
  const [drafting, setDrafting] = useState<Status | null>(null);
  const order = useMemo(() => inOrder(outline), [outline]);
  const columns = useMemo(() => columnsOf(order, items, found?.matches ?? null, STATUSES), [order, items, found]);
  const flat = useMemo(() => STATUSES.flatMap((status) => columns.get(status) ?? []), [columns]);
  const spot = useMemo(() => spotOf(columns, STATUSES, active), [columns, active]);
  const reachable = spot?.column ?? Math.max(0, STATUSES.findIndex((status) => (columns.get(status)?.length ?? 0) > 0));

  const focus = useCallback(() => columnRefs.current.get(STATUSES[reachable] as Status)?.focus(), [reachable]);
  const activate = (id: string | null | undefined) => {
    if (id == null) return;
    setActive(id);
  };
  // The focus and the sight follow the active card, also when it changes its column.
  const focused = useRef(false);
  useEffect(() => {
    if (spot === null) return;
    const column = columnRefs.current.get(STATUSES[spot.column] as Status);
    if (focused.current) {
      column?.focus();
      column?.reveal(spot.row);
    }
  }, [spot]);

  handle.current = {
    focus,
    create: () => mayEdit && setDrafting((spot === null ? undefined : STATUSES[spot.column]) ?? 'backlog'),
    active: () => active,
  };

  const moveTo = (ids: readonly string[], status: Status) => acts.set(ids, { status });
  const { drag, onPointerDown } = useCardDrag({
    board,
    enabled: mayEdit,
    taken: (id) => concerned(id),
    drop: moveTo,
    rested: (id, at) => show({ kind: 'menu', id, ids: concerned(id), anchor: at }),
  });

  const actions: CardActions = {
    click: (id, event) => {
      setActive(id);
      if (event.shiftKey) select((now) => ranged(now, flat, active ?? id, id));
      else if (event.ctrlKey || event.metaKey) select((now) => toggled(now, id));
      else if (event.altKey) work.openBeside(id);
      else {
        selectNothing();
        work.open(id);
      }
    },
    pick: (id, field, anchor) => {
      setActive(id);
      show({ kind: 'pick', field, ids: concerned(id), anchor });
    },
    menu: (id, anchor) => {
      setActive(id);
      show({ kind: 'menu', id, ids: concerned(id), anchor });
    },
  };
  const latest = useRef(actions);
  latest.current = actions;
  const [stable] = useState<CardActions>(() => ({
    click: (...rest) => latest.current.click(...rest),
    pick: (...rest) => latest.current.pick(...rest),
    menu: (...rest) => latest.current.menu(...rest),
  }));

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const target = event.target as HTMLElement;
    if (target.getAttribute('role') !== 'grid' || event.nativeEvent.isComposing) return;
    const column = STATUSES[spot?.column ?? reachable] as Status;
    const cards = columns.get(column) ?? [];
    const row = spot?.row ?? -1;
    const done = () => event.preventDefault();
    const go = (id: string | null | undefined) => {
      done();
      if (id == null) return;
      if (event.shiftKey && active !== null) select((now) => ranged(now, flat, active, id));
      activate(id);
    };
    if (event.altKey && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
      done();
      const to = STATUSES[(spot?.column ?? 0) + (event.key === 'ArrowLeft' ? -1 : 1)];
      if (spot !== null && active !== null && to !== undefined && mayEdit) moveTo(concerned(active), to);
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') {
      done();
      if (mayEdit) setDrafting(column);
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      done();
      select(() => allOf(flat));
      return;
    }
    const anchor = active === null ? null : document.getElementById(`${prefix}${active}`);
    if (handleKey(event, work, active, anchor)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    switch (event.key) {
      case 'ArrowDown':
        go(cards[Math.min(cards.length - 1, row + 1)]);
        break;
      case 'ArrowUp':
        go(cards[Math.max(0, row - 1)]);
        break;
      case 'ArrowLeft':
      case 'ArrowRight':
        go(sideways(columns, STATUSES, spot ?? { column: reachable, row: 0 }, event.key === 'ArrowLeft' ? -1 : 1));
        break;
      case 'Home':
        go(cards[0]);
        break;
      case 'End':
        go(cards.at(-1));
        break;
      case 'PageDown':
        go(cards[Math.min(cards.length - 1, row + 6)]);
        break;
      case 'PageUp':
        go(cards[Math.max(0, row - 6)]);
        break;
      case ' ':
        done();
        if (active !== null) select((now) => toggled(now, active));
        break;
      case '/':
        done();
        document.getElementById('project-filter')?.focus();
        break;
      case 'Escape':
        done();
        if (useSelection.getState().ids.size > 0) selectNothing();
        else leaveList();
        break;
    }
  };

  if (items.size === 0 && drafting === null) return <StartHere start={() => setDrafting('backlog')} />;
  if (found !== null && found.matches.size === 0) return <NoMatch />;
  const dragged = new Set(drag?.ids);
  const first = drag === null ? undefined : items.get(drag.ids[0] ?? '');
  return (
    <>
      <p id={`${prefix}help`} className="sr-only">
        {t.board.help}
      </p>
      <div
        ref={board}
        role="group"
        aria-label={t.board.label(project.name)}
        className="flex min-h-0 flex-1 snap-x scroll-px-3 gap-2.5 overflow-x-auto overscroll-x-contain p-3 max-sm:snap-mandatory"
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          focused.current = (event.target as HTMLElement).getAttribute('role') === 'grid';
          const status = (event.target as HTMLElement).closest<HTMLElement>('[data-status]')?.dataset.status as Status | undefined;
          if (focused.current && status !== undefined && spot === null) setActive(columns.get(status)?.[0] ?? null);
        }}
        onBlur={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget)) focused.current = false;
        }}
        onPointerDown={onPointerDown}
      >
        {STATUSES.map((status, index) => (
          <Column
            key={status}
            ref={(column) => {
              if (column === null) columnRefs.current.delete(status);
              else columnRefs.current.set(status, column);
            }}
            status={status}
            cards={columns.get(status) ?? []}
            prefix={prefix}
            active={spot?.column === index ? active : null}
            reachable={reachable === index}
            over={drag !== null && drag.over === status}
            dragged={dragged}
            drafting={drafting === status}
            onDraft={(open) => setDrafting(open ? status : null)}
            actions={stable}
          />
        ))}
      </div>
      {drag !== null && first !== undefined && (
        <div
          aria-hidden
          className="pointer-events-none fixed z-50 flex max-w-64 rotate-1 items-center gap-2 rounded-md border border-line-strong bg-raised px-2.5 py-2 text-sm shadow-float"
          style={{ left: drag.x + 12, top: drag.y + 8 }}
        >
          <TypeIcon type={first.type} />
          <span className="truncate">{first.title || t.common.untitled}</span>
          {drag.ids.length > 1 && <span className="rounded-full bg-accent px-1.5 text-xs font-semibold text-accent-fg">{drag.ids.length}</span>}
        </div>
      )}
    </>
  );
}
