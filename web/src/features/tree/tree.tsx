import { useNavigate } from '@tanstack/react-router';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { ListTree, Plus } from 'lucide-react';
import { useCallback, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { toast } from 'sonner';
import type { Item, ItemType } from '@/api/client';
import { uuidv7 } from '@/api/id';
import { t } from '@/texts';
import type { Presence } from '@/collab/react';
import { Button } from '@/ui/button';
import { Empty } from '@/ui/feedback';
import { createItem, deleteItem, patchItem, typeInside } from './actions';
import { useProject } from './context';
import { DraftRow } from './draft';
import { INDENT, ROW } from './measures';
import { indented, isThere, move, outdented, provisionalRank, shifted, type Place, type Row } from './model';
import { TreeRow, type RowActions } from './row';
import { useDrag } from './useDrag';
import type { TreeState } from './useTree';

/** A new item that is being typed: after the sibling `after` (`null`: first) inside `parent`. */
type Draft = { parent: string | null; after: string | null; type: ItemType };

type Props = {
  tree: TreeState;
  items: ReadonlyMap<string, Item>;
  openItem: string | undefined;
  presence: Presence[];
  /** Set by the page, so that its "new item" button can start a draft. */
  starter: React.RefObject<(() => void) | null>;
};

export function Tree({ tree, items, openItem, presence, starter }: Props) {
  const { project, outline: room } = useProject();
  const { outline, rows, nodes, setCollapsed, undo, redo } = tree;
  const navigate = useNavigate();
  const container = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | null>(openItem ?? null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [menu, setMenu] = useState<string | null>(null);
  const prefix = useId();
  const mayEdit = project.abilities.edit && (room?.canWrite ?? true);
  const mayDelete = project.abilities.delete;
  const indexOf = useMemo(() => new Map(rows.map((row, index) => [row.id, index])), [rows]);
  const activeIndex = active === null ? -1 : (indexOf.get(active) ?? -1);

  const here = useMemo(() => {
    const byItem = new Map<string, Presence['user'][]>();
    for (const { user, location } of presence) {
      if (location?.item === undefined) continue;
      const list = byItem.get(location.item) ?? [];
      if (!list.some((known) => known.id === user.id)) byItem.set(location.item, [...list, user]);
    }
    return byItem;
  }, [presence]);

  // The draft takes a row's place after the sibling it follows, with all that is inside that one.
  const draftAt = useMemo(() => {
    if (draft === null) return -1;
    const anchor = draft.after ?? draft.parent;
    if (anchor === null) return 0;
    const start = indexOf.get(anchor);
    if (start === undefined) return rows.length;
    if (draft.after === null) return start + 1;
    const depth = (rows[start] as Row).depth;
    let end = start + 1;
    while (end < rows.length && (rows[end] as Row).depth > depth) end += 1;
    return end;
  }, [draft, indexOf, rows]);

  const count = rows.length + (draftAt >= 0 ? 1 : 0);
  const rowAt = (index: number): Row | null =>
    draftAt >= 0 && index >= draftAt ? (index === draftAt ? null : (rows[index - 1] ?? null)) : (rows[index] ?? null);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => container.current,
    estimateSize: () => ROW,
    overscan: 12,
    getItemKey: (index) => rowAt(index)?.id ?? 'draft',
    // What is being typed into stays mounted wherever the tree is scrolled to.
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      const pinned = [draftAt, renaming === null ? -1 : (indexOf.get(renaming) ?? -1)].filter((index) => index >= 0 && !shown.includes(index));
      return pinned.length === 0 ? shown : [...shown, ...pinned].sort((a, b) => a - b);
    },
  });

  const focusTree = useCallback(() => container.current?.focus({ preventScroll: true }), []);
  const activate = useCallback(
    (index: number) => {
      const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
      if (row === undefined) return;
      setActive(row.id);
      virtual.scrollToIndex(rows.indexOf(row), { align: 'auto' });
    },
    [rows, virtual],
  );

  // The open item shows in the tree: its ancestors unfold once when it opens, and not again when the outline changes.
  useEffect(() => {
    if (openItem === undefined) return;
    setActive(openItem);
    for (let at = outline.parent(openItem); at !== null; at = outline.parent(at)) setCollapsed(at, false);
  }, [openItem, items.has(openItem ?? '')]);

  // And it is scrolled to, once, as soon as it has a row.
  const revealed = useRef<string | undefined>(undefined);
  const openIndex = openItem === undefined ? -1 : (indexOf.get(openItem) ?? -1);
  useEffect(() => {
    if (openIndex < 0 || revealed.current === openItem) return;
    revealed.current = openItem;
    const box = container.current;
    const shown = box !== null && openIndex * ROW >= box.scrollTop && (openIndex + 1) * ROW <= box.scrollTop + box.clientHeight;
    if (!shown) virtual.scrollToIndex(openIndex, { align: 'center' });
  }, [openItem, openIndex, virtual]);

  useEffect(() => {
    if (draftAt >= 0) virtual.scrollToIndex(draftAt, { align: 'auto' });
  }, [draftAt, virtual]);

  const open = (id: string) => void navigate({ to: '/p/$projectId/$itemId', params: { projectId: project.id, itemId: id } });

  const place = useCallback(
    (id: string, to: Place | null, quiet: boolean) => {
      if (room === null || to === null || isThere(outline, id, to)) return;
      move(room.doc, items, id, to);
      if (to.parent !== null) setCollapsed(to.parent, false);
      setActive(id);
      if (!quiet) toast(t.tree.moved(items.get(id)?.title || t.common.untitled), { action: { label: t.common.undo, onClick: undo } });
    },
    [room, outline, items, setCollapsed, undo],
  );

  const drag = useDrag({ container, rows, outline, enabled: mayEdit && room !== null, drop: (id, to) => place(id, to, false) });

  const startBelow = (id: string | null) => {
    if (!mayEdit) return;
    if (id === null || !items.has(id)) {
      setDraft({ parent: null, after: outline.roots.at(-1) ?? null, type: 'epic' });
      return;
    }
    setDraft({ parent: outline.parent(id), after: id, type: items.get(id)?.type ?? 'task' });
  };
  const startInside = (id: string) => {
    if (!mayEdit) return;
    setCollapsed(id, false);
    setDraft({ parent: id, after: outline.children(id).at(-1) ?? null, type: typeInside(items.get(id)?.type ?? null) });
  };
  useEffect(() => {
    starter.current = () => startBelow(activeIndex >= 0 ? active : null);
  });

  const submitDraft = (title: string) => {
    if (draft === null) return;
    const id = uuidv7();
    const siblings = outline.children(draft.parent);
    const before = siblings[draft.after === null ? 0 : siblings.indexOf(draft.after) + 1] ?? null;
    void createItem(project.id, { id, title, ...draft, rank: provisionalRank(nodes, items, draft.after, before) });
    setActive(id);
    setDraft({ ...draft, after: id });
  };

  const remove = (id: string) => {
    const item = items.get(id);
    if (item === undefined || !mayDelete) return;
    const ids = outline.subtree(id);
    const index = indexOf.get(id) ?? 0;
    const gone = new Set(ids);
    const next = rows.slice(index).find((row) => !gone.has(row.id)) ?? rows[index - 1];
    setActive(next?.id ?? null);
    focusTree();
    if (openItem !== undefined && gone.has(openItem)) void navigate({ to: '/p/$projectId', params: { projectId: project.id } });
    void deleteItem(item, ids);
  };

  const actions: RowActions = {
    open: (id) => {
      setActive(id);
      open(id);
    },
    activate: setActive,
    toggle: (id, isOpen) => setCollapsed(id, isOpen),
    startRename: (id) => mayEdit && setRenaming(id),
    rename: (id, title) => {
      setRenaming(null);
      focusTree();
      const item = items.get(id);
      if (title !== null && item !== undefined && title !== item.title) void patchItem(item, { title });
    },
    setStatus: (id, status) => {
      const item = items.get(id);
      if (item !== undefined && item.status !== status) void patchItem(item, { status });
    },
    below: startBelow,
    inside: startInside,
    remove,
    indent: (id) => place(id, indented(outline, id), true),
    outdent: (id) => place(id, outdented(outline, id), true),
    up: (id) => place(id, shifted(outline, id, -1), true),
    down: (id) => place(id, shifted(outline, id, 1), true),
    menu: (id, isOpen) => {
      setMenu(isOpen ? id : null);
      if (isOpen) setActive(id);
    },
  };

  // Rows get one object for good, so that a row renders only when something of its own has changed.
  const latest = useRef(actions);
  latest.current = actions;
  const [stable] = useState(() => {
    const names = Object.keys(actions) as (keyof RowActions)[];
    return Object.fromEntries(
      names.map((name) => [name, (...rest: unknown[]) => (latest.current[name] as (...rest: unknown[]) => void)(...rest)]),
    ) as unknown as RowActions;
  });

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== container.current || event.nativeEvent.isComposing) return;
    const row = rows[activeIndex];
    const mod = event.ctrlKey || event.metaKey;
    const handled = () => event.preventDefault();
    if (mod && !event.altKey && event.key.toLowerCase() === 'z' && mayEdit) {
      handled();
      if (event.shiftKey) redo();
      else undo();
      return;
    }
    if (event.key === 'Enter' && mod) {
      handled();
      startBelow(row?.id ?? null);
      return;
    }
    if (mod) return;
    if (event.altKey) {
      const act = { ArrowUp: actions.up, ArrowDown: actions.down, ArrowLeft: actions.outdent, ArrowRight: actions.indent }[event.key];
      if (act === undefined || row === undefined || !mayEdit) return;
      handled();
      act(row.id);
      return;
    }
    switch (event.key) {
      case 'ArrowDown':
        handled();
        activate(activeIndex + 1);
        break;
      case 'ArrowUp':
        handled();
        activate(activeIndex < 0 ? 0 : activeIndex - 1);
        break;
      case 'Home':
        handled();
        activate(0);
        break;
      case 'End':
        handled();
        activate(rows.length - 1);
        break;
      case 'PageDown':
      case 'PageUp': {
        handled();
        const page = Math.max(1, Math.floor((container.current?.clientHeight ?? ROW) / ROW) - 1);
        activate(activeIndex + (event.key === 'PageDown' ? page : -page));
        break;
      }
      case 'ArrowRight':
        if (row === undefined) break;
        handled();
        if (row.open === false) setCollapsed(row.id, false);
        else if (row.open) activate(activeIndex + 1);
        break;
      case 'ArrowLeft':
        if (row === undefined) break;
        handled();
        if (row.open) setCollapsed(row.id, true);
        else if (row.parent !== null) activate(indexOf.get(row.parent) ?? 0);
        break;
      case 'Enter':
        if (row === undefined) break;
        handled();
        open(row.id);
        break;
      case 'F2':
        if (row === undefined) break;
        handled();
        actions.startRename(row.id);
        break;
      case 'Tab':
        // Level keys, as in every outliner. Escape is the way out of the tree.
        if (row === undefined || !mayEdit) break;
        handled();
        (event.shiftKey ? actions.outdent : actions.indent)(row.id);
        break;
      case 'Delete':
        if (row === undefined || !mayDelete) break;
        handled();
        remove(row.id);
        break;
      case 'Escape':
        handled();
        document.getElementById('tree-exit')?.focus();
        break;
      case 'n':
      case 'N':
        handled();
        if (event.shiftKey && row !== undefined) startInside(row.id);
        else startBelow(row?.id ?? null);
        break;
      case 'ContextMenu':
      case '.':
        if (row === undefined) break;
        handled();
        setMenu(row.id);
        break;
    }
  };

  if (rows.length === 0 && draft === null) {
    return (
      <div className="min-h-0 flex-1 overflow-y-auto">
        <Empty
          icon={<ListTree />}
          title={t.tree.emptyTitle}
          action={
            mayEdit && (
              <Button look="primary" onClick={() => startBelow(null)}>
                <Plus className="size-4" aria-hidden />
                {t.tree.emptyAction}
              </Button>
            )
          }
        >
          {mayEdit ? t.tree.emptyText : t.tree.emptyViewer}
        </Empty>
      </div>
    );
  }

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
        aria-label={t.tree.label(project.name)}
        aria-describedby={`${prefix}help`}
        aria-activedescendant={activeIndex >= 0 ? `${prefix}${active}` : undefined}
        className="group/tree min-h-0 flex-1 overflow-y-auto overscroll-contain py-1 outline-none"
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          if (event.target === event.currentTarget && activeIndex < 0 && rows[0] !== undefined) setActive(rows[0].id);
        }}
        {...drag.handlers}
      >
        <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const row = rowAt(index);
            if (row === null) {
              return draft === null ? null : (
                <DraftRow
                  key={key}
                  top={start}
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
                id={`${prefix}${row.id}`}
                top={start}
                row={row}
                item={item}
                active={active === row.id}
                selected={openItem === row.id}
                renaming={renaming === row.id}
                dragged={drag.dragging === row.id}
                people={here.get(row.id)}
                mayEdit={mayEdit}
                mayDelete={mayDelete}
                menuOpen={menu === row.id}
                actions={stable}
                focusTree={focusTree}
              />
            );
          })}
          {drag.target !== null && (
            <div
              aria-hidden
              className="pointer-events-none absolute right-2 z-10 h-0.5 rounded-full bg-accent"
              style={{ top: drag.target.gap * ROW - 1, left: 12 + drag.target.depth * INDENT + 18 }}
            >
              <span className="absolute top-1/2 -left-1 size-2 -translate-y-1/2 rounded-full border-2 border-accent bg-bg" />
            </div>
          )}
        </div>
      </div>
    </>
  );
}
