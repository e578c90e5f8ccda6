/** What the views show: by words, by values, and by filters that were kept. */
import { Bookmark, ListFilter, Search, X } from 'lucide-react';
import { lazy, Suspense, useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { t } from '@/texts';
import { Avatar } from '@/ui/avatar';
import { Button, IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import { PRIORITIES, PriorityIcon, STATUSES, StatusIcon, ALL_TYPES, TypeIcon } from '@/ui/kinds';
import { Menu, MenuItem, MenuLabel, MenuLine } from '@/ui/menu';
import type { Choice } from '@/ui/picker';
import { paint, stranger } from './chips';
import { useWork } from './context';
import { everything, FACETS, isEmpty, labelsOf, NOBODY, sameFilter, type Facet } from './filter';
import { setFilter, useFiltering } from './filtering';
import { show } from './overlay';
import { useSavedFilters } from './settings';

const Popup = lazy(() => import('@/ui/pickerPopup'));

/** How long a pause in typing the list waits for, in milliseconds. */
const PAUSE = 90;

export function FilterText({ field, className }: { field: RefObject<HTMLInputElement | null>; className?: string }) {
  const { project, handle } = useWork();
  const { filter } = useFiltering(project.id);
  const [text, setText] = useState(filter.text);
  // Set from elsewhere: a saved filter, or cleared.
  useEffect(() => setText(filter.text), [filter.text]);
  useEffect(() => {
    if (text === filter.text) return;
    const timer = setTimeout(() => setFilter(project.id, (now) => ({ ...now, text })), PAUSE);
    return () => clearTimeout(timer);
  }, [text, filter.text, project.id]);
  return (
    <label className={cn('relative flex min-w-0 items-center', className)}>
      <Search aria-hidden className="pointer-events-none absolute left-2 size-3.5 text-faint" />
      <input
        ref={field}
        type="search"
        id="project-filter"
        aria-label={t.work.filter.text}
        placeholder={t.work.filter.placeholder}
        value={text}
        maxLength={200}
        className="h-7 w-full min-w-0 rounded-md border border-transparent bg-sunken pr-2 pl-7 text-sm placeholder:text-faint hover:border-line focus:border-accent focus:bg-bg pointer-coarse:h-9 pointer-coarse:text-[1rem] [&::-webkit-search-cancel-button]:appearance-none"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Escape' && text !== '') {
            event.preventDefault();
            setText('');
            setFilter(project.id, (now) => ({ ...now, text: '' }));
          } else if (event.key === 'ArrowDown' || event.key === 'Enter' || event.key === 'Escape') {
            event.preventDefault();
            setFilter(project.id, (now) => ({ ...now, text }));
            handle.current?.focus();
          }
        }}
      />
    </label>
  );
}

/** The button that adds to the filter, with the kept ones. */
export function FilterMenu() {
  const { project } = useWork();
  const { filter } = useFiltering(project.id);
  const [saved, setSaved] = useSavedFilters(project.id);
  const [facet, setFacet] = useState<Facet | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Menu
        trigger={
          <IconButton ref={button} label={t.work.filter.label}>
            <ListFilter aria-hidden />
          </IconButton>
        }
      >
        {FACETS.map((one) => (
          <MenuItem key={one} onClick={() => setTimeout(() => setFacet(one), 0)}>
            {t.work.filter.by[one]}
          </MenuItem>
        ))}
        <MenuLine />
        <MenuLabel>{t.work.filter.saved}</MenuLabel>
        {saved.length === 0 && <p className="max-w-56 px-2 pb-1.5 text-xs text-muted">{t.work.filter.noneSaved}</p>}
        {saved.map((one) => (
          <MenuItem key={one.name} icon={<Bookmark aria-hidden className={sameFilter(one.filter, filter) ? 'text-accent' : 'text-faint'} />} onClick={() => setFilter(project.id, () => one.filter)}>
            {one.name}
          </MenuItem>
        ))}
        {!isEmpty(filter) && !saved.some((one) => sameFilter(one.filter, filter)) && (
          <MenuItem icon={<Bookmark aria-hidden />} onClick={() => setTimeout(() => show({ kind: 'save' }), 0)}>
            {t.work.filter.save}
          </MenuItem>
        )}
        {saved.filter((one) => sameFilter(one.filter, filter)).map((one) => (
          <MenuItem key={one.name} icon={<X aria-hidden />} onClick={() => setSaved(saved.filter((other) => other.name !== one.name))}>
            {t.work.filter.forget(one.name)}
          </MenuItem>
        ))}
      </Menu>
      {facet !== null && <FacetList facet={facet} anchor={button} close={() => setFacet(null)} />}
    </>
  );
}

/** What is asked for, and how much of the project that leaves. Nothing when no filter is set. */
export function FilterBar() {
  const { project, items, found } = useWork();
  const { filter } = useFiltering(project.id);
  if (found === null) return null;
  return (
    <div className="flex min-h-9 shrink-0 flex-wrap items-center gap-1.5 border-b border-line bg-sunken px-3 py-1 text-xs">
      <span role="status" className="mr-1 text-muted tabular-nums">
        {t.work.filter.count(found.matches.size, items.size)}
      </span>
      {FACETS.filter((facet) => filter[facet].length > 0).map((facet) => (
        <FacetChip key={facet} facet={facet} />
      ))}
      <Button look="ghost" className="h-6 px-2 text-xs pointer-coarse:h-9" onClick={() => clearFilter(project.id)}>
        {t.work.filter.clear}
      </Button>
    </div>
  );
}

export const clearFilter = (project: string): void => setFilter(project, () => everything);

function FacetChip({ facet }: { facet: Facet }) {
  const { project } = useWork();
  const { filter } = useFiltering(project.id);
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const choices = useFacet(facet);
  const chosen = filter[facet] as readonly string[];
  const names = chosen.length > 2 ? t.work.filter.chosen(chosen.length) : chosen.map((value) => choices.find((choice) => choice.value === value)?.label ?? value).join(', ');
  return (
    <span className="flex h-6 max-w-64 items-center rounded-md border border-line bg-raised pointer-coarse:h-9">
      <button ref={button} type="button" aria-haspopup="listbox" aria-expanded={open} className="h-full min-w-0 truncate rounded-l-md px-2 hover:bg-hover" onClick={() => setOpen(true)}>
        {t.work.filter.value(t.work.filter.by[facet], names)}
      </button>
      <button
        type="button"
        aria-label={t.work.filter.remove(t.work.filter.by[facet])}
        className="flex h-full w-6 items-center justify-center rounded-r-md text-muted hover:bg-hover hover:text-fg pointer-coarse:w-9"
        onClick={() => setFilter(project.id, (now) => ({ ...now, [facet]: [] }))}
      >
        <X aria-hidden className="size-3" />
      </button>
      {open && <FacetList facet={facet} anchor={button} close={() => (setOpen(false), button.current?.focus())} />}
    </span>
  );
}

function FacetList({ facet, anchor, close }: { facet: Facet; anchor: RefObject<HTMLElement | null>; close: () => void }) {
  const { project } = useWork();
  const { filter } = useFiltering(project.id);
  const choices = useFacet(facet);
  return (
    <Suspense>
      <Popup
        multiple
        label={t.work.filter.by[facet]}
        placeholder={t.work.filter.by[facet]}
        empty={t.work.pick.none}
        choices={choices}
        value={filter[facet] as readonly string[]}
        onChange={(value) => setFilter(project.id, (now) => ({ ...now, [facet]: value }))}
        anchor={anchor}
        onClose={close}
      />
    </Suspense>
  );
}

function useFacet(facet: Facet): Choice[] {
  const { members, items, me } = useWork();
  return useMemo((): Choice[] => {
    const face = (id: string) => (
      <span aria-hidden className="flex">
        <Avatar person={members.get(id) ?? stranger(id)} size={18} />
      </span>
    );
    switch (facet) {
      case 'type':
        return ALL_TYPES.map((value) => ({ value, label: t.kinds.type[value], icon: <TypeIcon type={value} /> }));
      case 'status':
        return STATUSES.map((value) => ({ value, label: t.kinds.status[value], icon: <StatusIcon status={value} /> }));
      case 'priority':
        return PRIORITIES.map((value) => ({ value, label: t.kinds.priority[value], icon: <PriorityIcon priority={value} /> }));
      case 'assignee':
        return [
          { value: me, label: members.get(me)?.name ?? t.work.filter.me, icon: face(me), help: t.common.you },
          { value: NOBODY, label: t.work.filter.nobody },
          ...[...members.values()].filter(({ id }) => id !== me).sort((a, b) => a.name.localeCompare(b.name)).map(({ id, name }) => ({ value: id, label: name, icon: face(id) })),
        ];
      case 'label':
        return labelsOf(items.values()).map((label) => ({ value: label, label, icon: <span className={cn('size-2.5 shrink-0 rounded-full', paint(label))} /> }));
    }
  }, [facet, members, items, me]);
}
