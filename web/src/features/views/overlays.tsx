import { lazy, Suspense, useMemo } from 'react';
import { t } from '@/texts';
import type { Choice } from '@/ui/picker';
import { Avatar } from '@/ui/avatar';
import { cn } from '@/ui/cn';
import { PRIORITIES, PriorityIcon, STATUSES, StatusIcon, TYPES, TypeIcon } from '@/ui/kinds';
import { paint } from './chips';
import { useWork } from './context';
import { labelsOf } from './filter';
import type { ItemSet } from '@/collab/operations';
import { hide, useOverlay, type Field, type Overlay } from './overlay';

const Popup = lazy(() => import('@/ui/pickerPopup'));
const ItemMenu = lazy(() => import('./menu'));
const MoveTo = lazy(() => import('./moveTo'));
const Bin = lazy(() => import('@/features/tree/bin'));
const SaveFilter = lazy(() => import('./saveFilter'));

/** Whatever is open over the view. */
export function Overlays() {
  const { project, handle, mayDelete } = useWork();
  const open = useOverlay((state) => state.open);
  if (open === null) return null;
  // The focus goes back to the view, not to a row that may have gone.
  const close = () => {
    hide();
    setTimeout(() => {
      const at = document.activeElement;
      if (at === null || at === document.body || !at.isConnected) handle.current?.focus();
    }, 0);
  };
  return (
    <Suspense>
      {open.kind === 'pick' && <Pick key={open.field} open={open} close={close} />}
      {open.kind === 'custom' && <PickCustom open={open} close={close} />}
      {open.kind === 'menu' && <ItemMenu open={open} close={close} />}
      {open.kind === 'move' && <MoveTo ids={open.ids} close={close} />}
      {open.kind === 'bin' && <Bin project={project.id} mayRestore={mayDelete} onClose={close} />}
      {open.kind === 'save' && <SaveFilter project={project.id} close={close} />}
    </Suspense>
  );
}

/** Loads what opens on a click, before the click. */
export const preload = () => Promise.all([import('@/ui/pickerPopup'), import('./menu')]);

function Pick({ open: { field, ids, anchor }, close }: { open: Extract<Overlay, { kind: 'pick' }>; close: () => void }) {
  const { acts, items } = useWork();
  const choices = useChoices(field);
  const ref = useMemo(() => ({ current: anchor.isConnected ? anchor : document.getElementById(anchor.id) }), [anchor]);
  const shown = ids.flatMap((id) => items.get(id) ?? []);
  const common = { label: t.work.pick[field], choices, placeholder: t.work.pick.find[field], empty: t.work.pick.none, anchor: ref, onClose: () => (close(), refocus(anchor)) };
  if (field === 'assignees' || field === 'labels') {
    // What all of them have. Choosing gives it to all, taking away takes it from all.
    const value = choices.map((choice) => choice.value).filter((one) => shown.length > 0 && shown.every((item) => item[field].includes(one)));
    return (
      <Popup
        {...common}
        multiple
        value={value}
        onChange={(next) => acts.set(ids, difference(field, value, next))}
        {...(field === 'labels'
          ? { make: { label: t.work.pick.makeLabel, run: (text: string) => acts.set(ids, { labels_add: [text.slice(0, 60)] }) } }
          : {})}
      />
    );
  }
  const [first, ...rest] = shown.map((item) => item[field]);
  return (
    <Popup
      {...common}
      value={first !== undefined && rest.every((one) => one === first) ? first : null}
      onChange={(value) => acts.set(ids, { [field]: value })}
    />
  );
}

/** Chooses the value of a project's own field: an option, several, or a person. */
function PickCustom({ open: { field, id, anchor }, close }: { open: Extract<Overlay, { kind: 'custom' }>; close: () => void }) {
  const { acts, items } = useWork();
  const people = useChoices('assignees');
  const ref = useMemo(() => ({ current: anchor }), [anchor]);
  const value = items.get(id)?.custom[field.id];
  const choices = field.kind === 'person' ? people : field.options.map((option): Choice => ({ value: option.id, label: option.name }));
  const common = { label: field.name, choices, placeholder: field.name, empty: t.work.pick.none, anchor: ref, onClose: close };
  const set = (next: unknown) => acts.patch(id, { custom: { [field.id]: next } });
  if (field.kind === 'multi_select') {
    return <Popup {...common} multiple value={Array.isArray(value) ? value.map(String) : []} onChange={(next) => set(next.length === 0 ? null : next)} />;
  }
  // Choosing what is chosen takes it away.
  return <Popup {...common} value={typeof value === 'string' ? value : null} onChange={(next) => set(next === value ? null : next)} />;
}

function refocus(anchor: HTMLElement): void {
  setTimeout(() => {
    if (document.activeElement === document.body && anchor.isConnected && anchor.matches('button:not([tabindex="-1"])')) anchor.focus();
  }, 0);
}

function difference(field: 'assignees' | 'labels', before: readonly string[], after: readonly string[]): ItemSet {
  const add = after.filter((one) => !before.includes(one));
  const remove = before.filter((one) => !after.includes(one));
  return { ...(add.length > 0 ? { [`${field}_add`]: add } : {}), ...(remove.length > 0 ? { [`${field}_remove`]: remove } : {}) };
}

/** What there is to choose from for a field. */
function useChoices(field: Field): Choice[] {
  const { members, items, me } = useWork();
  return useMemo((): Choice[] => {
    switch (field) {
      case 'status':
        return STATUSES.map((value) => ({ value, label: t.kinds.status[value], icon: <StatusIcon status={value} /> }));
      case 'type':
        return TYPES.map((value) => ({ value, label: t.kinds.type[value], icon: <TypeIcon type={value} /> }));
      case 'priority':
        return PRIORITIES.map((value) => ({ value, label: t.kinds.priority[value], icon: <PriorityIcon priority={value} /> }));
      case 'assignees':
        return [...members.values()]
          .sort((a, b) => Number(b.id === me) - Number(a.id === me) || a.name.localeCompare(b.name))
          .map((member) => ({ value: member.id, label: member.name, icon: <span aria-hidden className="flex"><Avatar person={member} size={18} /></span>, ...(member.id === me ? { help: t.common.you } : {}) }));
      case 'labels':
        return labelsOf(items.values()).map((label) => ({ value: label, label, icon: <span className={cn('size-2.5 shrink-0 rounded-full', paint(label))} /> }));
    }
  }, [field, members, items, me]);
}
