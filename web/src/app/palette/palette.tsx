import { Dialog } from '@base-ui/react/dialog';
import { useQuery } from '@tanstack/react-query';
import { Command as Cmdk } from 'cmdk';
import { CornerDownLeft, Plus, Search, SlidersHorizontal, SquareArrowOutUpRight, SunMoon, CircleHelp, ArrowRight, CloudOff } from 'lucide-react';
import { useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { Item } from '@/api/client';
import { isAway, useQuickSearch, useSettled } from '@/features/search/api';
import { t } from '@/texts';
import { cn } from '@/ui/cn';
import { TypeIcon } from '@/ui/kinds';
import { Kbd } from '@/ui/kbd';
import { commandsOf, commandStore, type Command } from '../commands';
import { itemsInMemory, pathInMemory, projectInMemory } from '../memory';
import { openItem } from '../open';
import { useOrganization } from '../organization';
import { hide } from '../overlay';
import { projectsQuery } from '../query';
import { useRecents } from '../recents';
import { router } from '../router';
import { icons } from './icons';
import { best, score } from './rank';

interface Entry {
  id: string;
  title: string;
  icon: ReactNode;
  /** Where it is: project and what it stands in. */
  where?: string;
  keys?: string;
  run: (beside: boolean) => void;
}

interface Group {
  title: string;
  entries: Entry[];
}

/** Which group comes first when nothing is typed. */
const GROUPS: readonly Command['group'][] = ['change', 'create', 'go', 'view', 'help'];
const groupIcon: Record<Command['group'], ReactNode> = {
  go: <ArrowRight aria-hidden />,
  create: <Plus aria-hidden />,
  change: <SlidersHorizontal aria-hidden />,
  view: <SunMoon aria-hidden />,
  help: <CircleHelp aria-hidden />,
};

export default function Palette() {
  const input = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState('');
  const [value, setValue] = useState('');
  const { groups, found, state } = useEntries(query);
  const all = [...groups, ...(found === null ? [] : [found])];
  // To search everything is always offered; beside it there may be nothing.
  const bare = found !== null && groups.length === 0 && found.entries.length === 1;

  const choose = (entry: Entry, beside: boolean) => {
    hide();
    // After the focus has gone back to where it was: a command may want it elsewhere.
    setTimeout(() => entry.run(beside));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const mod = event.ctrlKey || event.metaKey;
    if (mod && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      hide();
    } else if (mod && event.key === 'Enter') {
      event.preventDefault();
      event.stopPropagation();
      const entry = all.flatMap(({ entries }) => entries).find(({ id }) => id === value);
      if (entry !== undefined) choose(entry, true);
    }
  };
  return (
    <Dialog.Root open onOpenChange={(next) => !next && hide()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop fixed inset-0 z-40 bg-black/30 dark:bg-black/55" />
        <Dialog.Popup
          initialFocus={input}
          onKeyDownCapture={onKeyDown}
          className="popup fixed inset-x-2 top-[max(0.5rem,10vh)] z-50 mx-auto flex max-h-[min(32rem,80vh)] max-w-xl flex-col overflow-hidden rounded-xl border border-line bg-raised shadow-float outline-none max-sm:top-2 max-sm:max-h-[calc(100dvh-1rem)]"
        >
          <Dialog.Title className="sr-only">{t.palette.title}</Dialog.Title>
          <Cmdk shouldFilter={false} loop label={t.palette.title} value={value} onValueChange={setValue} className="flex min-h-0 flex-1 flex-col">
            <div className="flex items-center gap-2.5 border-b border-line px-4">
              <Search aria-hidden className="size-4 shrink-0 text-faint" />
              <Cmdk.Input
                ref={input}
                value={query}
                onValueChange={setQuery}
                placeholder={t.palette.placeholder}
                aria-label={t.palette.title}
                className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-faint"
              />
            </div>
            <Cmdk.List label={t.palette.list} className="min-h-0 flex-1 scroll-py-2 overflow-y-auto overscroll-contain p-1.5">
              {bare && (
                <div className="px-6 pt-8 pb-6 text-center">
                  <p className="font-medium">{state === 'searching' ? t.palette.searching : t.palette.nothing(query.trim())}</p>
                  <p className={cn('mt-1 text-sm text-muted', state === 'searching' && 'invisible')}>{t.palette.nothingHelp}</p>
                </div>
              )}
              {all.map(({ title, entries }) => (
                <Cmdk.Group
                  key={title}
                  heading={entries === found?.entries && entries.length === 1 ? undefined : title}
                  className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-muted"
                >
                  {entries.map((entry) => (
                    <Cmdk.Item
                      key={entry.id}
                      value={entry.id}
                      onSelect={() => choose(entry, false)}
                      onPointerDown={(event) => event.preventDefault()}
                      className="flex min-h-9 cursor-default items-center gap-2.5 rounded-md px-2.5 py-1.5 select-none data-[selected=true]:bg-hover pointer-coarse:min-h-11 [&_svg]:size-4 [&_svg]:shrink-0"
                    >
                      <span className="flex text-muted">{entry.icon}</span>
                      <span className="flex min-w-0 flex-1 items-baseline gap-x-2.5 max-sm:flex-col">
                        <span className="min-w-0 max-w-full truncate">{entry.title}</span>
                        {entry.where !== undefined && <span className="min-w-0 max-w-full flex-1 shrink-[4] truncate text-xs text-muted max-sm:basis-auto">{entry.where}</span>}
                      </span>
                      {entry.keys !== undefined && <Kbd keys={entry.keys} className="ml-auto max-sm:hidden" />}
                    </Cmdk.Item>
                  ))}
                </Cmdk.Group>
              ))}
            </Cmdk.List>
          </Cmdk>
          <div className={cn('flex h-9 shrink-0 items-center gap-4 border-t border-line px-4 text-xs text-muted', state === 'ready' && 'max-sm:hidden')}>
            <span role="status" className="flex min-w-0 flex-1 items-center gap-1.5 truncate">
              {state === 'away' && <CloudOff aria-hidden className="size-3.5 shrink-0" />}
              {state === 'away' ? t.palette.offline : state === 'searching' ? t.palette.searching : ''}
            </span>
            <Hint keys="Enter" icon={<CornerDownLeft aria-hidden />}>
              {t.palette.run}
            </Hint>
            <Hint keys="mod+Enter" icon={<SquareArrowOutUpRight aria-hidden />}>
              {t.palette.beside}
            </Hint>
            <Hint keys="Escape">{t.palette.close}</Hint>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Hint({ keys, children }: { keys: string; icon?: ReactNode; children: ReactNode }) {
  return (
    <span className="flex shrink-0 items-center gap-1.5 max-sm:hidden">
      <Kbd keys={keys} />
      {children}
    </span>
  );
}

const itemEntry = (item: Pick<Item, 'id' | 'project_id' | 'title' | 'type'>, where: string | undefined): Entry => ({
  id: `item:${item.id}`,
  title: item.title || t.common.untitled,
  icon: <TypeIcon type={item.type} />,
  where,
  run: (beside) => openItem(item.project_id, item.id, beside),
});

const joined = (parts: readonly string[]) => parts.filter(Boolean).join(' › ');

function useEntries(query: string): { groups: Group[]; found: Group | null; state: 'ready' | 'searching' | 'away' } {
  const organization = useOrganization();
  const registered = useStore(commandStore);
  const recents = useRecents();
  const projects = useQuery({ ...projectsQuery(organization?.id ?? ''), enabled: organization !== undefined });
  const typed = query.trim();
  const settled = useSettled(typed, 120);
  const search = useQuickSearch(organization?.id, settled);

  const groups = useMemo((): Group[] => {
    const commands = commandsOf(registered).filter(({ id }) => id !== 'palette');
    const command = ({ id, title, group, keys, icon, run }: Command): Entry => ({ id: `command:${id}`, title, keys, icon: icon ?? icons[id] ?? groupIcon[group], run });
    const project = ({ id, name, key }: { id: string; name: string; key: string }): Entry => ({
      id: `project:${id}`,
      title: name,
      where: key,
      icon: <ProjectBadge name={key} />,
      run: () => void router.navigate({ to: '/p/$projectId', params: { projectId: id } }),
    });
    if (typed === '') {
      return [
        {
          title: t.palette.recent,
          entries: recents
            .slice(0, 5)
            .map((recent) => itemEntry({ id: recent.item, project_id: recent.project, title: recent.title, type: recent.type }, projectInMemory(recent.project)?.name)),
        },
        ...GROUPS.map((group) => ({
          title: group === 'change' ? t.palette.here : t.palette.groups[group],
          entries: commands.filter((one) => one.group === group).map(command),
        })),
        { title: t.palette.projects, entries: (projects.data ?? []).slice(0, 8).map(project) },
      ].filter(({ entries }) => entries.length > 0);
    }
    const rated = [
      { title: t.palette.groups.go, ...pick(best(projects.data ?? [], 4, ({ name, key }) => score(typed, name, key)), project) },
      { title: t.palette.items, ...pick(best(itemsInMemory(), 7, ({ title }) => score(typed, title)), (item) => itemEntry(item, joined([projectInMemory(item.project_id)?.name ?? '', ...pathInMemory(item)]))) },
      { title: t.palette.here, ...pick(best(commands, 6, ({ title, keywords }) => score(typed, title, keywords)), command) },
    ];
    return rated
      .filter(({ entries }) => entries.length > 0)
      .sort((a, b) => b.top - a.top)
      .map(({ title, entries }) => ({ title, entries }));
    // The lists in memory are read when the words change: an entry must not move under the pointer.
  }, [typed, registered, recents, projects.data]);

  if (typed === '') return { groups, found: null, state: 'ready' };
  const away = isAway(search.error);
  const shown = new Set(groups.flatMap(({ entries }) => entries.map(({ id }) => id)));
  const hits = away ? [] : (search.data ?? []).filter(({ item }) => !shown.has(`item:${item.id}`));
  const found: Group = {
    title: t.palette.found,
    entries: [
      ...hits.map((hit) => ({ ...itemEntry(hit.item, joined([hit.project.name, ...hit.path])) })),
      {
        id: 'search:all',
        title: t.palette.searchAll(typed),
        icon: <Search aria-hidden />,
        keys: undefined,
        run: () => void router.navigate({ to: '/search', search: { q: typed } }),
      },
    ],
  };
  return { groups, found, state: away ? 'away' : search.isFetching || settled !== typed ? 'searching' : 'ready' };
}

const pick = <T,>(top: { one: T; score: number }[], entry: (one: T) => Entry) => ({ top: top[0]?.score ?? 0, entries: top.map(({ one }) => entry(one)) });

function ProjectBadge({ name }: { name: string }) {
  return (
    <span aria-hidden className="flex h-4 min-w-4 items-center justify-center rounded bg-accent-soft px-1 text-[10px] font-semibold text-accent-text">
      {name.slice(0, 3)}
    </span>
  );
}
