import { useQuery } from '@tanstack/react-query';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { concerned } from '@/features/views/acts';
import { useWork } from '@/features/views/context';
import { handleKey } from '@/features/views/keys';
import { show } from '@/features/views/overlay';
import { allOf, nothing, ranged, select, selectNothing, toggled, useSelection } from '@/features/views/selection';
import { NoMatch, StartHere } from '@/features/tree/empty';
import { rowHeight } from '@/features/tree/measures';
import { inOrder } from '@/features/tree/model';
import { leaveList } from '@/app/panes';
import { t } from '@/texts';
import { fieldsQuery } from '@/features/fields/api';
import { ColumnsMenu, Header, headerKey } from './header';
import { COLUMNS, customColumns, customOf, patchOf, shownColumns, sorted, sortKey, TITLE } from './model';
import { CHECK, nameOf, TableRow, type TableActions } from './row';

/** The header is row -1. */
type Cell = { id: string | null; column: string };

/** The items of a project as rows, their values as columns. */
export default function Table() {
  const work = useWork();
  const { project, items, outline, found, acts, members, mayEdit, openItem, view, setView, handle } = work;
  const prefix = useId();
  const box = useRef<HTMLDivElement>(null);
  const ROW = rowHeight(view.density);
  const fields = useQuery(fieldsQuery(project.id));
  const all = useMemo(() => [...COLUMNS, ...customColumns(fields.data ?? [])], [fields.data]);
  const columns = useMemo(() => shownColumns(view.columns, all), [view.columns, all]);
  const ids = useMemo(() => columns.slice(1).map(({ id }) => id), [columns]);
  const width = CHECK + columns.reduce((sum, column) => sum + column.width, 0);

  const order = useMemo(() => inOrder(outline), [outline]);
  const { sort } = view;
  const rows = useMemo(() => {
    const shown = found === null ? order : order.filter((id) => found.matches.has(id));
    const column = [TITLE, ...all].find(({ id }) => id === sort?.column);
    if (sort === null || column === undefined) return shown;
    const name = (user: string) => members.get(user)?.name ?? '';
    const parent = (id: string) => {
      const above = outline.parent(id);
      return above === null ? null : (items.get(above)?.title ?? null);
    };
    return sorted(shown, (id) => {
      const item = items.get(id);
      return item === undefined ? null : sortKey(item, column, name, parent);
    }, sort.down);
  }, [order, found, sort, all, items, members, outline]);
  const indexOf = useMemo(() => new Map(rows.map((id, index) => [id, index])), [rows]);

  const [cell, setCell] = useState<Cell>({ id: openItem ?? null, column: 'title' });
  const [editing, setEditing] = useState<{ id: string; column: string; typed: string | null } | null>(null);
  const row = cell.id === null ? -1 : (indexOf.get(cell.id) ?? -1);
  const column = Math.max(0, columns.findIndex(({ id }) => id === cell.column));
  const inHeader = cell.id === null;

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 10,
    // The header stays over the first rows, the bar of what is selected over the last.
    scrollPaddingStart: 36,
    paddingEnd: 64,
    getItemKey: (index) => rows[index] ?? index,
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      return row < 0 || row >= range.count || shown.includes(row) ? shown : [...shown, row].sort((a, b) => a - b);
    },
  });
  useEffect(() => virtual.measure(), [ROW, virtual]);

  const focus = () => box.current?.focus({ preventScroll: true });
  const elementOf = (id: string, at: string) => document.getElementById(`${prefix}${id}:${at}`);
  handle.current = {
    focus,
    active: () => cell.id,
    rename: (id) => mayEdit && setEditing({ id, column: 'title', typed: null }),
    create: () => {
      if (!mayEdit) return;
      const id = acts.create({ title: '', type: 'task', parent: null, after: outline.roots.at(-1) ?? null });
      setCell({ id, column: 'title' });
      setEditing({ id, column: 'title', typed: null });
    },
  };

  const goto = (toRow: number, toColumn: number) => {
    const at = columns[Math.max(0, Math.min(columns.length - 1, toColumn))] ?? TITLE;
    const id = toRow < 0 ? null : (rows[Math.min(rows.length - 1, toRow)] ?? null);
    setCell({ id, column: at.id });
    if (id !== null) virtual.scrollToIndex(indexOf.get(id) ?? 0, { align: 'auto' });
    // Sideways: the title stays over what scrolls below it.
    const view_ = box.current;
    if (view_ !== null && at.id !== 'title') {
      const fixed = CHECK + (window.matchMedia('(min-width: 48rem)').matches ? TITLE.width : 0);
      let left = CHECK;
      for (const one of columns) {
        if (one.id === at.id) break;
        left += one.width;
      }
      if (left < view_.scrollLeft + fixed) view_.scrollLeft = left - fixed;
      else if (left + at.width > view_.scrollLeft + view_.clientWidth) view_.scrollLeft = left + at.width - view_.clientWidth;
    }
  };

  const edit = (id: string, at: string, typed: string | null, element: HTMLElement | null) => {
    const there = columns.find((one) => one.id === at);
    const how = there?.editing;
    if (!mayEdit || how == null) return;
    setCell({ id, column: at });
    if ('input' in how) setEditing({ id, column: at, typed });
    else if ('toggle' in how) {
      const item = items.get(id);
      if (item !== undefined && there?.custom !== undefined) acts.patch(id, { custom: { [there.custom.id]: customOf(item, there) !== true } });
    } else if ('choices' in how) {
      if (element !== null && there?.custom !== undefined) show({ kind: 'custom', field: there.custom, id, anchor: element });
    } else if (element !== null) show({ kind: 'pick', field: how.list, ids: concerned(id), anchor: element });
  };

  const actions: TableActions = {
    click: (id, at, event) => {
      focus();
      if (event.shiftKey) select((now) => ranged(now, rows, cell.id ?? id, id));
      else if (event.ctrlKey || event.metaKey) select((now) => toggled(now, id));
      else if (event.altKey) work.openBeside(id);
      else if (at === 'title') work.open(id);
      // The second press on a cell changes it.
      else if (cell.id === id && cell.column === at) edit(id, at, null, elementOf(id, at));
      setCell({ id, column: at });
    },
    edit: (id, at, element) => edit(id, at, null, element),
    tick: (id, shift) => {
      focus();
      setCell({ id, column: cell.column });
      select((now) => (shift ? ranged(now, rows, cell.id ?? id, id) : toggled(now, id)));
    },
    menu: (id, anchor) => {
      setCell({ id, column: cell.column });
      show({ kind: 'menu', id, ids: concerned(id), anchor });
    },
    done: (id, at, value, then) => {
      setEditing(null);
      focus();
      if (value !== null) {
        const item = items.get(id);
        const how = columns.find((one) => one.id === at);
        const patch = item === undefined || how === undefined ? null : patchOf(item, how, value);
        if (patch !== null) acts.patch(id, patch);
      }
      const place = indexOf.get(id) ?? 0;
      const side = columns.findIndex((one) => one.id === at);
      if (then === 'down') goto(Math.min(rows.length - 1, place + 1), side);
      else if (then !== 'stay') goto(place, side + (then === 'right' ? 1 : -1));
    },
  };
  const latest = useRef(actions);
  latest.current = actions;
  const [stable] = useState<TableActions>(() => ({
    click: (...rest) => latest.current.click(...rest),
    edit: (...rest) => latest.current.edit(...rest),
    tick: (...rest) => latest.current.tick(...rest),
    menu: (...rest) => latest.current.menu(...rest),
    done: (...rest) => latest.current.done(...rest),
  }));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== box.current || event.nativeEvent.isComposing) return;
    const mod = event.ctrlKey || event.metaKey;
    const at = columns[column] ?? TITLE;
    const done = () => event.preventDefault();
    if (inHeader && headerKey(event, at, ids, sort, setView)) {
      done();
      return;
    }
    const go = (toRow: number, toColumn: number) => {
      done();
      const target = Math.max(-1, Math.min(rows.length - 1, toRow));
      const to = rows[target];
      if (event.shiftKey && to !== undefined && cell.id !== null && target !== row) select((now) => ranged(now, rows, cell.id as string, to));
      goto(target, toColumn);
    };
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 400) / ROW) - 2);
    if (mod && event.key.toLowerCase() === 'a') {
      done();
      select(() => allOf(rows));
      return;
    }
    if (mod && event.key === 'Enter') {
      done();
      handle.current?.create?.();
      return;
    }
    // Enter opens from the title, as everywhere; in any other cell it changes what is there.
    const opens = at.id === 'title' || at.editing === null;
    if (event.key === 'Enter' && !event.shiftKey && cell.id !== null && !opens) {
      done();
      edit(cell.id, at.id, null, elementOf(cell.id, at.id));
      return;
    }
    if (!event.altKey || !event.key.startsWith('Arrow')) {
      if (cell.id !== null && handleKey(event, work, cell.id, elementOf(cell.id, at.id))) return;
      if (cell.id === null && mod && event.key.toLowerCase() === 'z' && handleKey(event, work, null, null)) return;
    }
    switch (event.key) {
      case 'ArrowDown':
        go(row + 1, column);
        return;
      case 'ArrowUp':
        go(row - 1, column);
        return;
      case 'ArrowRight':
        go(row, mod ? columns.length - 1 : column + 1);
        return;
      case 'ArrowLeft':
        go(row, mod ? 0 : column - 1);
        return;
      case 'Home':
        go(mod ? 0 : row, 0);
        return;
      case 'End':
        go(mod ? rows.length - 1 : row, columns.length - 1);
        return;
      case 'PageDown':
        go(row + page, column);
        return;
      case 'PageUp':
        go(Math.max(0, row - page), column);
        return;
      case 'F2':
        done();
        if (cell.id !== null) edit(cell.id, at.id, null, elementOf(cell.id, at.id));
        return;
      case ' ':
        done();
        if (cell.id !== null) select((now) => toggled(now, cell.id as string));
        return;
      case '/':
        done();
        document.getElementById('project-filter')?.focus();
        return;
      case 'Escape':
        done();
        if (useSelection.getState().ids.size > 0) selectNothing();
        else leaveList();
        return;
    }
    // A number typed on an estimate replaces it.
    if (!mod && !event.altKey && at.id === 'estimate' && /^[0-9]$/.test(event.key) && cell.id !== null) {
      done();
      edit(cell.id, at.id, event.key, null);
    }
  };

  const chosen = useSelection((selection) => selection.ids);
  const some = chosen.size > 0;
  const every = some && rows.length > 0 && rows.every((id) => chosen.has(id));
  if (items.size === 0) return <StartHere start={() => handle.current?.create?.()} />;
  if (rows.length === 0) return <NoMatch />;
  return (
    <>
      <p id={`${prefix}help`} className="sr-only">
        {t.table.help}
      </p>
      <div
        ref={box}
        role="grid"
        tabIndex={0}
        aria-label={t.table.label(project.name)}
        aria-describedby={`${prefix}help`}
        aria-multiselectable
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length + 1}
        aria-activedescendant={inHeader ? `${prefix}head:${cell.column}` : row >= 0 ? `${prefix}${cell.id}:${columns[column]?.id}` : undefined}
        className="group/grid min-h-0 flex-1 overflow-auto overscroll-contain outline-none"
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          if (event.target === event.currentTarget && cell.id === null && rows[0] !== undefined && !event.currentTarget.dataset.been) {
            event.currentTarget.dataset.been = 'yes';
            setCell({ id: rows[0], column: 'title' });
          }
        }}
      >
        <Header
          columns={columns}
          width={width}
          prefix={prefix}
          active={inHeader ? cell.column : null}
          checked={every}
          some={some}
          onCheck={() => select(() => (every ? nothing : allOf(rows)))}
        />
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize(), width }}>
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const id = rows[index] as string;
            const item = items.get(id);
            if (item === undefined) return null;
            const parent = outline.parent(id);
            return (
              <TableRow
                key={key}
                prefix={prefix}
                item={item}
                index={index}
                top={start}
                height={ROW}
                columns={columns}
                width={width}
                active={cell.id === id ? (columns[column]?.id ?? null) : null}
                editing={editing?.id === id ? editing : null}
                current={openItem === id}
                parent={parent === null ? null : acts.title(parent)}
                members={members}
                mayEdit={mayEdit}
                actions={stable}
              />
            );
          })}
        </div>
      </div>
      <div className="flex h-8 shrink-0 items-center gap-2 border-t border-line px-3 text-xs text-muted pointer-coarse:h-11">
        <span className="flex-1 truncate">{sort === null ? t.table.unsort : t.table.sorted(nameOf([TITLE, ...all].find(({ id }) => id === sort.column) ?? TITLE), sort.down)}</span>
        <ColumnsMenu all={all} shown={columns} />
      </div>
    </>
  );
}
