/** The keys that every view of items understands, beside those for moving around in it. */
import type { KeyboardEvent } from 'react';
import { concerned } from './acts';
import type { Work } from './context';
import { show, type Field } from './overlay';

const mac = /Mac|iPhone|iPad/.test(navigator.platform);

/** By `event.code`: with Alt held, a Mac types other letters. */
const FIELDS: Record<string, Field> = { KeyS: 'status', KeyT: 'type', KeyP: 'priority', KeyA: 'assignees', KeyL: 'labels' };

/** Where a list or menu that a key opens stands: at the row's own button for it, if it has one. */
export const spot = (row: HTMLElement, field: Field | 'menu'): HTMLElement => row.querySelector<HTMLElement>(`[data-opens=${field}]`) ?? row.querySelector<HTMLElement>('[data-opens=menu]') ?? row;

/** Acts on `id`, or on everything chosen when it is part of that. Gives whether the key meant something. */
export function handleKey(event: KeyboardEvent, work: Work, id: string | null, anchor: HTMLElement | null): boolean {
  const { acts, mayEdit, mayDelete } = work;
  const mod = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  const ids = id === null ? [] : concerned(id);
  const did = () => {
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  if (mod && !event.altKey) {
    if (key === 'z' || key === 'y') {
      if (key === 'y' || event.shiftKey) acts.redo();
      else acts.undo();
      return did();
    }
    if (key === 'd' && ids.length > 0) {
      if (mayEdit) acts.duplicate(ids);
      return did();
    }
    if (key === 'c' && ids.length > 0 && window.getSelection()?.isCollapsed !== false) {
      acts.copyLinks(ids);
      return did();
    }
    return false;
  }
  if (id === null) return false;
  if (event.altKey && anchor !== null && mayEdit) {
    const field = FIELDS[event.code];
    if (field !== undefined) {
      show({ kind: 'pick', field, ids, anchor: spot(anchor, field) });
      return did();
    }
    if (event.code === 'KeyM') {
      show({ kind: 'move', ids });
      return did();
    }
    return false;
  }
  if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
    if (anchor !== null) show({ kind: 'menu', id, ids, anchor: spot(anchor, 'menu') });
    return did();
  }
  if (event.key === 'Delete' || (mac && event.key === 'Backspace')) {
    if (mayDelete) acts.remove(ids);
    return did();
  }
  if (event.key === 'Enter') {
    if (event.shiftKey) work.openBeside(id);
    else work.open(id);
    return did();
  }
  return false;
}
