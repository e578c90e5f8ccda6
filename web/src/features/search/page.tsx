import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { ChevronDown, Clock, CloudOff, Search as SearchIcon, SearchX, X } from 'lucide-react';
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { ItemType, Status } from '@/api/client';
import { session } from '@/api/session';
import { itemsInMemory, pathInMemory, projectInMemory } from '@/app/memory';
import { openItem } from '@/app/open';
import { useOrganization } from '@/app/organization';
import { best, score } from '@/app/palette/rank';
import { usePreference } from '@/app/preferences';
import { membersQuery, projectsQuery } from '@/app/query';
import { useTitle } from '@/features/auth/frame';
import { t } from '@/texts';
import { Avatar } from '@/ui/avatar';
import { Button, IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import { Empty, Failed, Pending, Skeleton } from '@/ui/feedback';
import { STATUSES, StatusIcon, TypeIcon, ALL_TYPES } from '@/ui/kinds';
import { Menu, MenuTick } from '@/ui/menu';
import { isAway, isEmpty, useSearch, useSettled, type Hit, type Marked, type Question } from './api';

const route = getRouteApi('/app/search');
const noQueries: readonly string[] = [];
const split = (list: string | undefined): string[] => (list ?? '').split(',').filter(Boolean);

export function SearchPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const organization = useOrganization();
  const input = useRef<HTMLInputElement>(null);
  const [q, setQ] = useState(search.q ?? '');
  const [recent, setRecent] = usePreference('searches', noQueries);
  useTitle(q.trim() === '' ? t.search.title : `${q.trim()} · ${t.search.title}`);

  const { type, status, assignee, project } = search;
  const filters = useMemo(
    () => ({ type: split(type) as ItemType[], status: split(status) as Status[], assignee: split(assignee), project: split(project) }),
    [type, status, assignee, project],
  );
  const settled = useSettled(q, 110);
  const question: Question = useMemo(() => ({ q: settled.trim(), ...filters }), [settled, filters]);
  const answer = useSearch(organization?.id, question);
  const empty = isEmpty(question);
  const away = isAway(answer.error);
  const hits = useMemo(
    () => (empty ? [] : away ? hitsInMemory(question) : (answer.data?.pages.flatMap((page) => page.hits) ?? [])),
    [empty, away, question, answer.data],
  );

  // The address follows what is typed, so that it can be shared and the way back leads here.
  useEffect(() => {
    if ((search.q ?? '') !== settled.trim()) void navigate({ to: '/search', search: (old) => ({ ...old, q: settled.trim() || undefined }), replace: true });
  }, [settled]);
  // … and what is typed follows the address: the palette leads here, too.
  useEffect(() => {
    setQ((now) => (now.trim() === (search.q ?? '') ? now : (search.q ?? '')));
  }, [search.q]);
  useEffect(() => input.current?.focus(), []);

  const filter = (change: Partial<Filter>) => {
    const next: Filter = { ...filters, ...change };
    const some = (list: readonly string[]) => list.join(',') || undefined;
    void navigate({
      to: '/search',
      search: { q: q.trim() || undefined, type: some(next.type), status: some(next.status), assignee: some(next.assignee), project: some(next.project) },
      replace: true,
    });
  };
  const open = (hit: Hit, beside: boolean) => {
    const words = q.trim();
    if (words !== '') setRecent([words, ...recent.filter((other) => other !== words)].slice(0, 8));
    openItem(hit.project.id, hit.item.id, beside);
  };
  const list = useActive(hits, open);
  const pending = !empty && !away && answer.data === undefined && !answer.isError;

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="border-b border-line">
        <div className="mx-auto max-w-3xl px-4 pt-5 pb-3 sm:px-8">
          <h1 className="sr-only">{t.search.title}</h1>
          <div className="relative" role="search">
            <SearchIcon aria-hidden className="absolute top-3 left-3 size-5 text-faint" />
            <input
              ref={input}
              role="combobox"
              aria-label={t.search.label}
              aria-expanded={hits.length > 0}
              aria-controls={list.id}
              aria-activedescendant={list.active}
              aria-autocomplete="list"
              autoComplete="off"
              spellCheck={false}
              placeholder={t.search.placeholder}
              value={q}
              onChange={(event) => setQ(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Escape' && q !== '') {
                  event.preventDefault();
                  setQ('');
                } else list.onKeyDown(event);
              }}
              className="h-11 w-full rounded-lg border border-line-strong bg-bg pr-10 pl-10 text-base placeholder:text-faint focus:border-accent"
            />
            {q !== '' && (
              <IconButton
                label={t.search.clear}
                className="absolute top-2 right-2"
                onClick={() => {
                  setQ('');
                  input.current?.focus();
                }}
              >
                <X aria-hidden />
              </IconButton>
            )}
          </div>
          <Filters filters={filters} change={filter} />
        </div>
      </div>
      <div role="region" aria-label={t.search.results} tabIndex={0} className="min-h-0 flex-1 overflow-y-auto -outline-offset-2">
        <div className="mx-auto max-w-3xl px-4 pt-3 pb-16 sm:px-8">
          <p role="status" className="mb-2 h-4 text-xs text-muted">
            {empty ? '' : away ? '' : answer.isFetching && !answer.isFetchingNextPage ? t.search.searching : hits.length > 0 ? t.search.count(hits.length, answer.hasNextPage) : ''}
          </p>
          {!away && !empty && answer.data?.pages[0]?.indexing === true && <p className="mb-3 rounded-md bg-info-soft px-3 py-2 text-sm text-info">{t.search.indexing}</p>}
          {away && !empty && (
            <div role="status" className="mb-3 flex gap-2.5 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
              <CloudOff aria-hidden className="mt-0.5 size-4 shrink-0" />
              <span>
                <span className="font-medium">{t.search.offlineTitle}.</span> {t.search.offlineText}
              </span>
            </div>
          )}
          {answer.isError && !away && !empty ? (
            <Failed error={answer.error} retry={() => void answer.refetch()} />
          ) : empty ? (
            <Start recent={recent} search={(words) => { setQ(words); input.current?.focus(); }} forget={(words) => setRecent(recent.filter((other) => other !== words))} />
          ) : pending ? (
            <Pending className="grid gap-5 px-3 pt-2">
              {[60, 40, 70].map((width) => (
                <div key={width} className="grid gap-2">
                  <Skeleton className="max-w-full" />
                  <Skeleton className="h-3 w-1/3" />
                </div>
              ))}
            </Pending>
          ) : hits.length === 0 ? (
            !answer.isFetching && (
              <Empty icon={<SearchX />} title={t.search.noneTitle(question.q)} action={<Syntax use={(words) => { setQ(words); input.current?.focus(); }} />}>
                {t.search.noneText}
              </Empty>
            )
          ) : (
            <>
              <div role="listbox" id={list.id} aria-label={t.search.results}>
                {hits.map((hit, index) => (
                  <Result key={hit.item.id} hit={hit} id={list.option(index)} active={index === list.index} point={() => list.point(index)} open={(beside) => open(hit, beside)} />
                ))}
              </div>
              {answer.hasNextPage && !away && (
                <div className="mt-3 flex justify-center">
                  <Button disabled={answer.isFetchingNextPage} onClick={() => void answer.fetchNextPage()}>
                    {t.search.more}
                  </Button>
                </div>
              )}
            </>
          )}
        </div>
      </div>
    </div>
  );
}

/** The arrows move through a list while the focus stays in the field (WAI-ARIA combobox). */
function useActive(hits: readonly Hit[], open: (hit: Hit, beside: boolean) => void) {
  const id = useId();
  const [index, setIndex] = useState(0);
  const first = hits[0]?.item.id;
  useEffect(() => setIndex(0), [first]);
  const option = (at: number) => `${id}-${at}`;
  const go = (at: number) => {
    const next = Math.max(0, Math.min(hits.length - 1, at));
    setIndex(next);
    document.getElementById(option(next))?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, PageDown: index + 8, PageUp: index - 8 }[event.key];
    if (to !== undefined && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      go(to);
    } else if (event.key === 'Enter' && hits[index] !== undefined) {
      event.preventDefault();
      open(hits[index], event.ctrlKey || event.metaKey);
    }
  };
  return { id, index, option, onKeyDown, point: setIndex, active: hits.length > 0 ? option(index) : undefined };
}

function Result({ hit, id, active, point, open }: { hit: Hit; id: string; active: boolean; point: () => void; open: (beside: boolean) => void }) {
  const { item, project, path, title, snippet } = hit;
  const where = [project.name, ...path].join(' › ');
  return (
    <div
      role="option"
      id={id}
      aria-selected={active}
      onPointerMove={point}
      onClick={(event) => open(event.ctrlKey || event.metaKey)}
      className={cn('flex cursor-pointer gap-3 rounded-lg px-3 py-2.5', active && 'bg-hover')}
    >
      <TypeIcon type={item.type} className="mt-0.5" />
      <div className="min-w-0 flex-1">
        <div className="flex items-center gap-2">
          <span className="min-w-0 truncate font-medium">{title.text === '' ? t.common.untitled : <Highlight {...title} />}</span>
          <StatusIcon status={item.status} className="ml-auto" />
          <span className="shrink-0 text-xs text-muted max-sm:sr-only">{t.kinds.status[item.status]}</span>
        </div>
        <div className="truncate text-xs text-muted">{where}</div>
        {snippet != null && (
          <div className="mt-1 line-clamp-2 text-sm text-muted">
            <Highlight {...snippet} />
          </div>
        )}
      </div>
    </div>
  );
}

/** A text with its matches marked. Marks that overlap, run backwards or leave the text count as far as they make sense. */
export function Highlight({ text, marks }: Marked) {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const [from, to] of [...marks].sort((a, b) => a[0] - b[0])) {
    const start = Math.max(at, from);
    const end = Math.min(text.length, to);
    if (end <= start) continue;
    parts.push(text.slice(at, start), <mark key={start} className="rounded-xs bg-warn-soft px-px text-fg">{text.slice(start, end)}</mark>);
    at = end;
  }
  return (
    <>
      {parts}
      {text.slice(at)}
    </>
  );
}

type Filter = { type: readonly ItemType[]; status: readonly Status[]; assignee: readonly string[]; project: readonly string[] };

function Filters({ filters, change }: { filters: Filter; change: (change: Partial<Filter>) => void }) {
  const organization = useOrganization();
  const me = useStore(session.store, (state) => state.user?.id);
  const org = organization?.id ?? '';
  const projects = useQuery({ ...projectsQuery(org), enabled: organization !== undefined });
  const members = useQuery({ ...membersQuery(org), enabled: organization !== undefined });
  const people = [...(members.data ?? [])].sort((a, b) => Number(b.user.id === me) - Number(a.user.id === me));
  const set = Object.values(filters).some((list) => list.length > 0);
  return (
    <div role="group" aria-label={t.search.filters} className="mt-3 flex flex-wrap gap-1.5">
      <Chip name={t.search.type} chosen={filters.type} clear={() => change({ type: [] })} set={(type) => change({ type: type as ItemType[] })} options={ALL_TYPES.map((type) => ({ value: type, label: t.kinds.type[type], icon: <TypeIcon type={type} /> }))} />
      <Chip name={t.search.status} chosen={filters.status} clear={() => change({ status: [] })} set={(status) => change({ status: status as Status[] })} options={STATUSES.map((status) => ({ value: status, label: t.kinds.status[status], icon: <StatusIcon status={status} /> }))} />
      <Chip
        name={t.search.assignee}
        chosen={filters.assignee}
        clear={() => change({ assignee: [] })}
        set={(assignee) => change({ assignee })}
        options={people.map(({ user }) => ({ value: user.id, label: user.id === me ? t.search.me : user.name, icon: <Avatar person={user} size={18} /> }))}
      />
      <Chip name={t.search.project} chosen={filters.project} clear={() => change({ project: [] })} set={(project) => change({ project })} options={(projects.data ?? []).map(({ id, name }) => ({ value: id, label: name }))} />
      {set && (
        <Button look="ghost" className="h-7 px-2 text-xs" onClick={() => change({ type: [], status: [], assignee: [], project: [] })}>
          {t.search.clearFilters}
        </Button>
      )}
    </div>
  );
}

type ChipProps = {
  name: string;
  chosen: readonly string[];
  options: readonly { value: string; label: string; icon?: ReactNode }[];
  set: (values: string[]) => void;
  clear: () => void;
};

function Chip({ name, chosen, options, set, clear }: ChipProps) {
  const labels = options.filter(({ value }) => chosen.includes(value)).map(({ label }) => label);
  const on = chosen.length > 0;
  return (
    <div className={cn('flex h-7 items-stretch rounded-full border text-xs pointer-coarse:h-9', on ? 'border-accent bg-accent-soft text-accent-text' : 'border-line-strong text-muted')}>
      <Menu
        trigger={
          <button type="button" className={cn('flex items-center gap-1 rounded-full pl-2.5 font-medium hover:text-fg', on ? 'pr-1' : 'pr-2')}>
            {on ? t.search.chosen(name, labels) : name}
            {!on && <ChevronDown aria-hidden className="size-3" />}
          </button>
        }
      >
        {options.map(({ value, label, icon }) => (
          <MenuTick key={value} checked={chosen.includes(value)} onChange={(checked) => set(checked ? [...chosen, value] : chosen.filter((other) => other !== value))}>
            {icon}
            <span className="truncate">{label}</span>
          </MenuTick>
        ))}
      </Menu>
      {on && (
        <button type="button" aria-label={t.search.removeFilter(name)} onClick={clear} className="flex items-center rounded-full pr-2 pl-1 hover:text-fg">
          <X aria-hidden className="size-3" />
        </button>
      )}
    </div>
  );
}

function Start({ recent, search, forget }: { recent: readonly string[]; search: (words: string) => void; forget: (words: string) => void }) {
  return (
    <>
      {recent.length > 0 && (
        <section className="mb-4">
          <h2 className="mb-1 px-3 text-xs font-medium text-muted">{t.search.recent}</h2>
          <ul>
            {recent.map((words) => (
              <li key={words} className="group flex items-center rounded-md hover:bg-hover">
                <button type="button" className="flex h-9 min-w-0 flex-1 items-center gap-2.5 rounded-md px-3 text-left" onClick={() => search(words)}>
                  <Clock aria-hidden className="size-4 shrink-0 text-faint" />
                  <span className="truncate">{words}</span>
                </button>
                <IconButton label={t.search.forget(words)} className="mr-1 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100" onClick={() => forget(words)}>
                  <X aria-hidden />
                </IconButton>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Empty icon={<SearchIcon />} title={t.search.tryTitle} action={<Syntax use={search} />}>
        {t.search.tryText}
      </Empty>
    </>
  );
}

function Syntax({ use }: { use: (words: string) => void }) {
  return (
    <ul className="grid gap-1.5 text-left text-sm">
      {t.search.syntax.map(([words, meaning]) => (
        <li key={words} className="flex items-center gap-3">
          <button type="button" onClick={() => use(words)} className="w-28 shrink-0 rounded border border-line-strong bg-sunken px-1.5 py-1 text-left font-mono text-xs text-fg hover:border-accent">
            {words}
          </button>
          <span className="text-muted">{meaning}</span>
        </li>
      ))}
    </ul>
  );
}

/** Titles that this tab has loaded, by the same filters. */
function hitsInMemory({ q, type, status, assignee, project }: Question): Hit[] {
  const fits = (list: readonly string[], value: string) => list.length === 0 || list.includes(value);
  return best(itemsInMemory(), 50, (item) =>
    fits(type, item.type) && fits(status, item.status) && fits(project, item.project_id) && (assignee.length === 0 || item.assignees.some((id) => assignee.includes(id)))
      ? q === '' ? 1 : score(q, item.title)
      : 0,
  ).map(({ one: item }) => {
    const known = projectInMemory(item.project_id);
    const at = q === '' ? -1 : item.title.toLowerCase().indexOf(q.toLowerCase());
    return {
      item,
      project: { id: item.project_id, name: known?.name ?? '', key: known?.key ?? '' },
      path: pathInMemory(item),
      title: { text: item.title, marks: at < 0 ? [] : [[at, at + q.length] as const] },
      snippet: null,
    };
  });
}
