import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { Plus } from 'lucide-react';
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { Item } from '@/api/client';
import { dropItems } from '@/features/diagram/drop';
import { concerned } from '@/features/views/acts';
import { useWork, type Draft } from '@/features/views/context';
import { show, useOverlay } from '@/features/views/overlay';
import { ranged, select, selectNothing, toggled } from '@/features/views/selection';
import { t } from '@/texts';
import { cn } from '@/ui/cn';
import { TypeIcon } from '@/ui/kinds';
import { DraftRow } from './draft';
import { useDrag, type Drag } from './drag';
import { NoMatch, StartHere } from './empty';
import { GUTTER, INDENT, rowHeight } from './measures';
import { flatten, typeInside, type Row } from './model';
import { TreeRow, type RowActions } from './row';
import { onTreeKey } from './treeKeys';
import { Typeahead } from './typeahead';
import { withMember } from './useOutline';

const nothingFolded: ReadonlySet<string> = new Set();

export function Tree() {
  const work = useWork();
  const { project, items, outline, found, acts, members, here, mayEdit, openItem, view, collapsed, setCollapsed, handle } = work;
  const ROW = rowHeight(view.density);
  const container = useRef<HTMLDivElement>(null);
  const prefix = useId();
  const [active, setActive] = useState<string | null>(openItem ?? null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [typeahead] = useState(() => new Typeahead());
  const leaving = useRef(false);
  const menu = useOverlay(({ open }) => (open?.kind === 'menu' ? open.id : null));

  // What the filter leaves is unfolded; what is folded then is so until the filter changes.
  const [foldedWhile, setFoldedWhile] = useState(nothingFolded);
  const filtering = found !== null;
  useEffect(() => setFoldedWhile(nothingFolded), [filtering]);
  const rows = useMemo(() => flatten(outline, filtering ? foldedWhile : collapsed, found?.shown ?? null), [outline, filtering, foldedWhile, collapsed, found]);
  const indexOf = useMemo(() => new Map(rows.map((row, index) => [row.id, index])), [rows]);
  const activeIndex = active === null ? -1 : (indexOf.get(active) ?? -1);
  const fold = useCallback(
    (id: string, folded: boolean) => (filtering ? setFoldedWhile((now) => withMember(now, id, folded)) : setCollapsed(id, folded)),
    [filtering, setCollapsed],
  );

  // When the active row goes, the one that takes its place is active.
  const lastIndex = useRef(-1);
  useEffect(() => {
    if (activeIndex >= 0) lastIndex.current = activeIndex;
    else if (active !== null && !items.has(active)) setActive(rows[Math.min(lastIndex.current, rows.length - 1)]?.id ?? null);
  }, [active, activeIndex, items, rows]);

  // The draft takes a row's place after the sibling it follows, with all that is inside that one.
  const draftAt = useMemo(() => {
    if (draft === null) return -1;
    const anchor = draft.after ?? draft.parent;
    if (anchor === null) return 0;
    const start = indexOf.get(anchor);
    if (start === undefined) return rows.length;
    if (draft.after === null) return start + 1;
    const { depth } = rows[start] as Row;
    let end = start + 1;
    while (end < rows.length && (rows[end] as Row).depth > depth) end += 1;
    return end;
  }, [draft, indexOf, rows]);

  const rowAt = (index: number): Row | null => (draftAt >= 0 && index >= draftAt ? (index === draftAt ? null : (rows[index - 1] ?? null)) : (rows[index] ?? null));
  const virtual = useVirtualizer({
    count: rows.length + (draftAt >= 0 ? 1 : 0),
    getScrollElement: () => container.current,
    estimateSize: () => ROW,
    overscan: 14,
    // Above the first row, and below the last one for the bar of what is selected.
    paddingStart: 4,
    paddingEnd: 112,
    scrollPaddingEnd: 8,
    getItemKey: (index) => rowAt(index)?.id ?? 'draft',
    // What is being typed into, and what the screen reader is on, stays mounted wherever the tree is scrolled to.
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      const pinned = [draftAt, renaming === null ? -1 : (indexOf.get(renaming) ?? -1), activeIndex].filter((index) => index >= 0 && index < range.count && !shown.includes(index));
      return pinned.length === 0 ? shown : [...new Set([...shown, ...pinned])].sort((a, b) => a - b);
    },
  });
  useEffect(() => virtual.measure(), [ROW, virtual]);

  const focusTree = useCallback(() => container.current?.focus({ preventScroll: true }), []);
  const activate = useCallback(
    (index: number) => {
      const row = rows[index];
      if (row === undefined) return;
      setActive(row.id);
      virtual.scrollToIndex(index, { align: 'auto' });
    },
    [rows, virtual],
  );

  // The open item shows in the tree: its ancestors unfold once when it opens, and not again when the outline changes.
  const openExists = openItem !== undefined && items.has(openItem);
  useEffect(() => {
    if (openItem === undefined) return;
    setActive(openItem);
    for (let at = outline.parent(openItem); at !== null; at = outline.parent(at)) setCollapsed(at, false);
  }, [openItem, openExists]);

  // And it is scrolled to, once, as soon as it has a row.
  const revealed = useRef<string | undefined>(undefined);
  const openIndex = openItem === undefined ? -1 : (indexOf.get(openItem) ?? -1);
  useEffect(() => {
    if (openIndex < 0 || revealed.current === openItem) return;
    revealed.current = openItem;
    const box = container.current;
    const shown = box !== null && openIndex * ROW >= box.scrollTop && (openIndex + 1) * ROW <= box.scrollTop + box.clientHeight;
    if (!shown) virtual.scrollToIndex(openIndex, { align: 'center' });
  }, [openItem, openIndex, virtual, ROW]);
  useEffect(() => {
    if (draftAt >= 0) virtual.scrollToIndex(draftAt, { align: 'auto' });
  }, [draftAt, virtual]);

  const start = (where?: { id: string; inside: boolean } | null, type?: Item['type']) => {
    if (!mayEdit) return;
    const at = where ?? (active !== null && items.has(active) ? { id: active, inside: false } : null);
    if (at === null) setDraft({ parent: null, after: outline.roots.at(-1) ?? null, type: type ?? 'epic' });
    else if (at.inside) {
      fold(at.id, false);
      setDraft({ parent: at.id, after: outline.children(at.id).at(-1) ?? null, type: type ?? typeInside(items.get(at.id)?.type ?? null) });
    } else setDraft({ parent: outline.parent(at.id), after: at.id, type: type ?? items.get(at.id)?.type ?? 'task' });
  };
  const submitDraft = (title: string) => {
    if (draft === null) return;
    const id = acts.create({ ...draft, title });
    setActive(id);
    // A diagram is drawn next.
    if (draft.type === 'diagram') {
      setDraft(null);
      work.open(id);
      return;
    }
    setDraft({ ...draft, after: id });
  };
  handle.current = { focus: focusTree, create: start, rename: (id) => mayEdit && setRenaming(id), active: () => active };

  const { drag, onPointerDown } = useDrag({
    container,
    rows,
    outline,
    height: ROW,
    enabled: mayEdit && acts.now.room !== null,
    taken: (id) => acts.roots(concerned(id)),
    drop: (ids, place) => {
      if (acts.place(ids, place, true)) setActive(ids[0] ?? null);
    },
    dropOut: (id, canvas, at) => dropItems(canvas, concerned(id).sort((a, b) => (indexOf.get(a) ?? rows.length) - (indexOf.get(b) ?? rows.length)), at),
    expand: (id) => fold(id, false),
    rested: (id, at) => show({ kind: 'menu', id, ids: concerned(id), anchor: at }),
  });

  const actions: RowActions = {
    click: (id, event) => {
      setActive(id);
      if (event.shiftKey) select((now) => ranged(now, rows.map((row) => row.id), active ?? id, id));
      else if (event.ctrlKey || event.metaKey) select((now) => toggled(now, id));
      else if (event.altKey) work.openBeside(id);
      else {
        selectNothing();
        work.open(id);
      }
    },
    toggle: (id, isOpen, all) => {
      for (const one of all ? outline.children(outline.parent(id)) : [id]) fold(one, !isOpen);
    },
    startRename: (id) => mayEdit && setRenaming(id),
    rename: (id, title) => {
      setRenaming(null);
      focusTree();
      if (title !== null) acts.rename(id, title);
    },
    pick: (id, field, anchor) => {
      setActive(id);
      show({ kind: 'pick', field, ids: concerned(id), anchor });
    },
    menu: (id, anchor) => {
      setActive(id);
      show({ kind: 'menu', id, ids: concerned(id), anchor });
    },
    focus: focusTree,
  };
  // Rows get one object for good, so that a row renders only when something of its own has changed.
  const latest = useRef(actions);
  latest.current = actions;
  const [stable] = useState(() => {
    const names = Object.keys(actions) as (keyof RowActions)[];
    return Object.fromEntries(names.map((name) => [name, (...rest: unknown[]) => (latest.current[name] as (...rest: unknown[]) => void)(...rest)])) as unknown as RowActions;
  });

  if (rows.length === 0 && draft === null) {
    return <div className="min-h-0 flex-1 overflow-y-auto">{filtering ? <NoMatch /> : <StartHere start={() => start()} />}</div>;
  }

  const dragged = new Set(drag?.ids);
  const draftDepth = draft?.parent == null ? 0 : (rows[indexOf.get(draft.parent) ?? -1]?.depth ?? -1) + 1;
  return (
    <>
      <p id={`${prefix}help`} className="sr-only">
        {t.tree.help}
      </p>
      <div
        ref={container}
        role="tree"
        tabIndex={0}
        aria-multiselectable
        aria-label={t.tree.label(project.name)}
        aria-describedby={`${prefix}help`}
        aria-activedescendant={activeIndex >= 0 ? `${prefix}${active}` : undefined}
        className="group/tree @container/tree min-h-0 flex-1 touch-pan-y overflow-y-auto overscroll-contain outline-none"
        onKeyDown={(event) => {
          if (event.target !== container.current || event.nativeEvent.isComposing) return;
          const meant = onTreeKey(event, {
            work: { ...work, setCollapsed: fold },
            rows,
            active: activeIndex,
            page: Math.max(1, Math.floor((container.current?.clientHeight ?? ROW) / ROW) - 1),
            anchor: active === null ? null : document.getElementById(`${prefix}${active}`),
            typeahead,
            activate,
            create: start,
            rename: (id) => mayEdit && setRenaming(id),
            leaving,
            filter: () => document.querySelector<HTMLElement>('#project-filter')?.focus(),
          });
          if (meant) event.preventDefault();
        }}
        onFocus={(event) => {
          if (event.target === event.currentTarget && activeIndex < 0 && rows[0] !== undefined) setActive(rows[0].id);
        }}
        onBlur={() => (leaving.current = false)}
        onPointerDown={onPointerDown}
      >
        <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start: top, key }) => {
            const row = rowAt(index);
            if (row === null) {
              return draft === null ? null : (
                <DraftRow
                  key={key}
                  top={top}
                  height={ROW}
                  depth={draftDepth}
                  type={draft.type}
                  onType={(type) => setDraft({ ...draft, type })}
                  onSubmit={submitDraft}
                  onCancel={() => {
                    setDraft(null);
                    focusTree();
                  }}
                />
              );
            }
            const item = items.get(row.id);
            if (item === undefined) return null;
            return (
              <TreeRow
                key={key}
                id={row.id}
                element={`${prefix}${row.id}`}
                top={top}
                height={ROW}
                depth={row.depth}
                position={row.position}
                siblings={row.siblings}
                expanded={row.open}
                item={item}
                active={active === row.id}
                current={openItem === row.id}
                dim={found !== null && !found.matches.has(row.id)}
                renaming={renaming === row.id}
                dragged={dragged.has(row.id)}
                people={here.get(row.id)}
                members={members}
                mayEdit={mayEdit}
                menuOpen={menu === row.id}
                actions={stable}
              />
            );
          })}
          {drag !== null && drag.target !== null && <DropLine target={drag.target} height={ROW} />}
        </div>
      </div>
      {drag !== null && <Ghost drag={drag} items={items} />}
    </>
  );
}

/** Where what is dragged will land: the line starts at the level, and a thinner one goes up to the parent. */
function DropLine({ target: { gap, depth }, height }: { target: NonNullable<Drag['target']>; height: number }) {
  const top = 4 + gap * height;
  return (
    <>
      {depth > 0 && <div aria-hidden className="pointer-events-none absolute z-10 w-px bg-accent" style={{ top: top - height, height, left: 4 + GUTTER + (depth - 1) * INDENT }} />}
      <div aria-hidden data-testid="drop-line" data-depth={depth} className="pointer-events-none absolute right-2 z-10 h-0.5 rounded-full bg-accent" style={{ top: top - 1, left: 4 + GUTTER + depth * INDENT }}>
        <span className="absolute top-1/2 -left-1 size-2 -translate-y-1/2 rounded-full border-2 border-accent bg-bg" />
      </div>
    </>
  );
}

/** What is dragged, beside the pointer. */
function Ghost({ drag, items }: { drag: Drag; items: ReadonlyMap<string, Item> }) {
  const first = items.get(drag.ids[0] ?? '');
  if (first === undefined) return null;
  return (
    <div
      aria-hidden
      className={cn('pointer-events-none fixed z-50 flex max-w-72 items-center gap-2 rounded-md border border-line-strong bg-raised px-2 py-1.5 text-sm shadow-float', drag.target === null && !drag.out && 'opacity-70')}
      style={{ left: drag.x + 14, top: drag.y + 10 }}
    >
      <TypeIcon type={first.type} />
      <span className="truncate">{first.title || t.common.untitled}</span>
      {drag.out && <Plus aria-hidden className="size-4 shrink-0 text-accent-text" />}
      {drag.ids.length > 1 && <span className="rounded-full bg-accent px-1.5 text-xs font-semibold text-accent-fg">{drag.ids.length}</span>}
    </div>
  );
}

