/** The tree's keys, as in the ARIA practices for trees and as outliners have them. */
import type { KeyboardEvent } from 'react';
import { concerned } from '@/features/views/acts';
import { announce } from '@/features/views/announce';
import type { Work } from '@/features/views/context';
import { handleKey } from '@/features/views/keys';
import { allOf, ranged, select, selectNothing, toggled, useSelection } from '@/features/views/selection';
import { t } from '@/texts';
import { indented, outdented, shifted, type Place, type Row } from './model';
import type { Typeahead } from './typeahead';

export interface TreeKeys {
  work: Work;
  rows: readonly Row[];
  active: number;
  page: number;
  anchor: HTMLElement | null;
  typeahead: Typeahead;
  activate: (index: number) => void;
  create: (where?: { id: string; inside: boolean }) => void;
  rename: (id: string) => void;
  /** Set by Escape: the next Tab leaves the tree instead of changing a level. */
  leaving: { current: boolean };
  filter: () => void;
}

/** Does what a key means; gives whether it meant anything. */
export function onTreeKey(event: KeyboardEvent, { work, rows, active, page, anchor, typeahead, activate, create, rename, leaving, filter }: TreeKeys): boolean {
  const free = leaving.current;
  if (!['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) leaving.current = false;
  const { acts, outline, mayEdit, setCollapsed, collapseAll } = work;
  const row = rows[active];
  const mod = event.ctrlKey || event.metaKey;
  const last = rows.length - 1;
  const place = (to: (roots: string[]) => Place | null) => {
    if (row === undefined || !mayEdit) return;
    const roots = acts.roots(concerned(row.id));
    acts.place(roots, to(roots));
  };
  const go = (index: number) => {
    const to = Math.max(0, Math.min(last, index));
    const there = rows[to];
    if (there === undefined) return;
    if (event.shiftKey && row !== undefined) select((now) => ranged(now, rows.map(({ id }) => id), row.id, there.id));
    activate(to);
  };

  if (event.altKey && !mod) {
    switch (event.key) {
      case 'ArrowUp':
        place((roots) => shifted(outline, roots, -1));
        return true;
      case 'ArrowDown':
        place((roots) => shifted(outline, roots, 1));
        return true;
      case 'ArrowLeft':
        place((roots) => outdented(outline, roots));
        return true;
      case 'ArrowRight':
        place((roots) => indented(outline, roots));
        return true;
    }
  }
  if (mod && !event.altKey) {
    switch (event.key) {
      case 'Enter':
        create(row === undefined ? undefined : { id: row.id, inside: event.shiftKey });
        return true;
      case 'a':
      case 'A':
        select(() => allOf(rows.map(({ id }) => id)));
        return true;
      case ' ':
        if (row !== undefined) select((now) => toggled(now, row.id));
        return true;
      case 'ArrowLeft':
      case 'ArrowRight':
        collapseAll(event.key === 'ArrowLeft');
        return true;
      case 'Home':
        go(0);
        return true;
      case 'End':
        go(last);
        return true;
    }
  }
  if (handleKey(event, work, row?.id ?? null, anchor)) return true;
  if (mod || event.altKey) return false;
  switch (event.key) {
    case 'ArrowDown':
      go(active + 1);
      return true;
    case 'ArrowUp':
      go(active < 0 ? 0 : active - 1);
      return true;
    case 'Home':
      go(0);
      return true;
    case 'End':
      go(last);
      return true;
    case 'PageDown':
      go(active + page);
      return true;
    case 'PageUp':
      go(active - page);
      return true;
    case 'ArrowRight':
      if (row?.open === false) setCollapsed(row.id, false);
      else if (row?.open) go(active + 1);
      return true;
    case 'ArrowLeft':
      if (row?.open) setCollapsed(row.id, true);
      else if (row != null && row.parent !== null) go(rows.findIndex(({ id }) => id === row.parent));
      return true;
    case 'F2':
      if (row !== undefined) rename(row.id);
      return true;
    case 'Tab':
      // Level keys, as in every outliner. After Escape, Tab is the way out of the tree. A reader has nothing to move.
      if (row === undefined || !mayEdit || free) return false;
      place((roots) => (event.shiftKey ? outdented : indented)(outline, roots));
      return true;
    case 'Escape':
      if (useSelection.getState().ids.size > 0) selectNothing();
      else if (mayEdit) {
        leaving.current = true;
        announce(t.tree.leaving);
      }
      return true;
    case '/':
      filter();
      return true;
    case '*': {
      // All siblings of this row unfold.
      if (row !== undefined) for (const id of outline.children(row.parent)) setCollapsed(id, false);
      return true;
    }
  }
  if (event.key === ' ' && !typeahead.typing(event.timeStamp)) {
    if (row !== undefined) {
      const { id } = row;
      if (event.shiftKey) select((now) => ranged(now, rows.map((one) => one.id), id, id));
      else select((now) => toggled(now, id));
    }
    return true;
  }
  // No title begins with it, and it shows the keys.
  if (event.key === '?' && !typeahead.typing(event.timeStamp)) return false;
  if ([...event.key].length === 1) {
    const found = typeahead.find(event.key, event.timeStamp, rows.map(({ id }) => acts.now.items.get(id)?.title ?? ''), active);
    if (found >= 0) activate(found);
    return true;
  }
  return false;
}
