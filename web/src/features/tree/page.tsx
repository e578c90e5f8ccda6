import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { ArrowLeft, ArrowRightLeft, X } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, type CSSProperties } from 'react';
import { useStore } from 'zustand';
import { ApiError, type Item } from '@/api/client';
import { session } from '@/api/session';
import { NotFound } from '@/app/errors';
import { itemsQuery, membersQuery, projectQuery } from '@/app/query';
import { useTellIdle } from '@/collab/follow';
import { usePresence, useRoom, useRoomState, type Person } from '@/collab/react';
import { StatePill } from '@/collab/StatePill';
import { useTitle } from '@/features/auth/frame';
import { Following, PeopleHere } from '@/features/presence/people-here';
import { actsOf } from '@/features/views/acts';
import { Announcements } from '@/features/views/announce';
import { WorkContext, type ViewHandle, type Work } from '@/features/views/context';
import { find } from '@/features/views/filter';
import { FilterBar } from '@/features/views/filterbar';
import { keepInSight, useFiltering } from '@/features/views/filtering';
import { hide } from '@/features/views/overlay';
import { Overlays, preload } from '@/features/views/overlays';
import { kept, select, selectNothing, useSelection } from '@/features/views/selection';
import { useView, type ViewKind } from '@/features/views/settings';
import { Toolbar } from '@/features/views/toolbar';
import { ProjectMenu } from '@/features/projects/menu';
import { whenQuiet } from '@/local/quiet';
import { t } from '@/texts';
import { buttonClass, IconButton } from '@/ui/button';
import { usePreference } from '@/app/preferences';
import { cn } from '@/ui/cn';
import { deferred } from '@/ui/deferred';
import { Failed, Pending, Skeleton } from '@/ui/feedback';
import { ProjectContext } from './context';
import type { Place } from './model';
import { Divider, Pane, useWide, useWidth } from './panes';
import { Tree } from './tree';
import { useCollapsed, useOutline, withMember } from './useOutline';

const Board = lazy(() => import('@/features/board/board'));
const Table = lazy(() => import('@/features/table/table'));
const BulkBar = lazy(() => import('@/features/views/bulk'));
const ItemPage = deferred(() => import('@/features/item/page').then((page) => page.ItemPage));

const route = getRouteApi('/app/p/$projectId');
const noItems: ReadonlyMap<string, Item> = new Map();
const TREE = { usual: 400, min: 260, max: 760 };
const SIDE = { usual: 640, min: 380, max: 1100 };

export function ProjectPage() {
  const { projectId } = route.useParams();
  const { beside: asked } = route.useSearch();
  const { itemId } = useParams({ strict: false });
  const navigate = useNavigate();
  const wide = useWide();
  const beside = wide && itemId !== undefined && asked !== itemId ? asked : undefined;
  const project = useQuery(projectQuery(projectId));
  const query = useQuery(itemsQuery(projectId));
  const [canvas] = usePreference('canvas', 'beside');
  const members = useQuery({ ...membersQuery(project.data?.org_id ?? ''), enabled: project.data !== undefined });
  const items = query.data ?? noItems;
  const room = useRoom(projectId);
  const itemRoom = useRoom(itemId);
  const besideRoom = useRoom(beside);
  useTellIdle(room?.awareness ?? null);
  const state = useRoomState(room);
  const presence = usePresence(room);
  const me = useStore(session.store, ({ user }) => user?.id ?? '');
  const [view, setView] = useView(projectId);
  const { filter, kept: inSight } = useFiltering(projectId);
  // The outline decides places; the server's list stands in for it while it loads, and for good when it can't be reached.
  const placed = query.data !== undefined && (state.loaded || state.caughtUp || state.refusal !== null);
  const { live, outline } = useOutline(placed ? room : null, placed ? items : noItems);
  const [collapsed, changeCollapsed] = useCollapsed(projectId);
  const handle = useRef<ViewHandle | null>(null);
  const [treeWidth, setTreeWidth] = useWidth('tree-width', TREE.usual, TREE.min, TREE.max);
  const [itemWidth, setItemWidth] = useWidth('item-width', SIDE.usual, SIDE.min, SIDE.max);
  const [share, setShare] = useWidth('beside-share', 50, 25, 75);
  const panes = useRef<HTMLDivElement>(null);
  useTitle(itemId === undefined ? project.data?.name : undefined);
  useEffect(() => void whenQuiet().then(preload).catch(() => undefined), []);

  useEffect(() => {
    room?.awareness.setLocalStateField('location', itemId === undefined ? {} : { item: itemId });
  }, [room, itemId]);
  // What was chosen in one project isn't in the next.
  useEffect(() => {
    selectNothing();
    hide();
  }, [projectId]);
  useEffect(() => select((now) => kept(now, (id) => items.has(id))), [items]);

  const found = useMemo(() => find(items, filter, outline.parent, inSight), [items, filter, outline, inSight]);
  const here = useMemo(() => {
    const byItem = new Map<string, Person[]>();
    for (const { user, location } of presence) {
      if (location?.item === undefined) continue;
      const list = byItem.get(location.item) ?? [];
      if (!list.some((known) => known.id === user.id)) byItem.set(location.item, [...list, user]);
    }
    return byItem;
  }, [presence]);
  const byId = useMemo(() => new Map(members.data?.map(({ user }) => [user.id, user])), [members.data]);
  const setCollapsed = useCallback((id: string, folded: boolean) => changeCollapsed((now) => withMember(now, id, folded)), [changeCollapsed]);
  const mayEdit = (project.data?.abilities.edit ?? false) && (room?.canWrite ?? true);
  const mayDelete = project.data?.abilities.delete ?? false;

  const open = (id: string) => void navigate({ to: '/p/$projectId/$itemId', params: { projectId, itemId: id }, search: asked === undefined || asked === id ? {} : { beside: asked } });
  const go = useCallback((to: string) => void navigate({ to: '/p/$projectId/$itemId', params: { projectId, itemId: to }, search: (now) => now }), [navigate, projectId]);
  const openBeside = (id: string) => {
    if (itemId === undefined || itemId === id || !wide) open(id);
    else void navigate({ to: '/p/$projectId/$itemId', params: { projectId, itemId }, search: { beside: id } });
  };
  const closeBeside = () => itemId !== undefined && void navigate({ to: '/p/$projectId/$itemId', params: { projectId, itemId }, search: {} });

  const acts = actsOf({
    project: projectId,
    items,
    live,
    room,
    mayEdit,
    mayDelete,
    keep: (ids) => keepInSight(projectId, ids),
    expand: (id) => setCollapsed(id, false),
    leave: (ids) => {
      if (itemId !== undefined && ids.has(itemId)) void navigate({ to: '/p/$projectId', params: { projectId }, search: {} });
      else if (beside !== undefined && ids.has(beside)) closeBeside();
    },
  });

  const place = useCallback((id: string, to: Place) => void acts.place([id], to), [acts]);
  const rooms = useMemo(() => [room, itemRoom, besideRoom].filter((one) => one !== null), [room, itemRoom, besideRoom]);
  const screen = useMemo(
    () => (project.data === undefined ? null : { project: project.data, outline: room, order: outline, place, items: query.data, itemId, itemRoom, beside: false, tools: <CloseItem project={projectId} /> }),
    [project.data, projectId, room, outline, place, query.data, itemId, itemRoom],
  );
  const besideScreen = useMemo(
    () =>
      project.data === undefined || itemId === undefined || beside === undefined
        ? null
        : { project: project.data, outline: room, order: outline, place, items: query.data, itemId: beside, itemRoom: besideRoom, beside: true, tools: <BesideTools project={projectId} item={itemId} beside={beside} /> },
    [project.data, projectId, room, outline, place, query.data, itemId, beside, besideRoom],
  );

  if (project.isError) {
    const gone = project.error instanceof ApiError && (project.error.status === 404 || project.error.status === 403);
    return gone ? <NotFound inside /> : <Failed error={project.error} retry={() => void project.refetch()} />;
  }
  const ready = project.data !== undefined && placed;
  const work: Work | null =
    project.data === undefined
      ? null
      : {
          project: project.data, items, live, outline, found, acts, members: byId, me, here, mayEdit, mayDelete, openItem: itemId, beside, open, openBeside, view, setView, collapsed, setCollapsed, handle,
          collapseAll: (folded) => changeCollapsed(() => (folded ? new Set([...items.keys()].filter((id) => outline.children(id).length > 0)) : new Set())),
        };
  const opened = itemId !== undefined;
  const tree = view.kind === 'tree';
  const alone = opened && canvas === 'alone' && items.get(itemId)?.type === 'diagram';
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <header className="flex h-12 shrink-0 items-center gap-3 border-b border-line px-3 sm:px-4">
        <h1 className={cn('min-w-0 truncate font-semibold', opened && 'max-md:sr-only')}>{project.data?.name ?? <Skeleton className="w-40" />}</h1>
        <span className={cn('flex-1 truncate text-xs text-muted', opened && 'max-md:hidden')}>{query.data !== undefined && t.tree.count(items.size)}</span>
        {opened && (
          <Link
            to="/p/$projectId"
            params={{ projectId }}
            aria-label={`${t.item.closeItem}: ${project.data?.name ?? ''}`}
            className={buttonClass('ghost', '-ml-2 h-9 min-w-0 flex-1 shrink justify-start px-2 md:hidden')}
          >
            <ArrowLeft aria-hidden className="size-4 shrink-0" />
            <span className="truncate">{project.data?.name}</span>
          </Link>
        )}
        <PeopleHere presence={presence} items={query.data} />
        {project.data !== undefined && <ProjectMenu project={project.data} className={opened ? 'max-md:hidden' : undefined} />}
        <StatePill rooms={rooms} />
      </header>
      <div className="flex min-h-0 flex-1">
        <Pane label={t.work.views[view.kind]} width={opened && tree ? `${treeWidth}px` : undefined} className={cn(opened && (alone ? 'hidden' : 'max-md:hidden'), opened && !tree && 'min-w-72', opened && tree && 'md:max-w-[60%]')}>
          {work !== null && (
            <WorkContext value={work}>
              <Toolbar />
              {ready && <FilterBar />}
              {query.isError && query.data === undefined ? (
                <Failed error={query.error} retry={() => void query.refetch()} />
              ) : ready ? (
                <Suspense fallback={<Loading kind={view.kind} />}>{view.kind === 'board' ? <Board /> : view.kind === 'table' ? <Table /> : <Tree />}</Suspense>
              ) : (
                <Loading kind={view.kind} />
              )}
              <Bulk />
              <Overlays />
            </WorkContext>
          )}
          {work === null && <Loading kind={view.kind} toolbar />}
        </Pane>
        {opened && (
          <>
            {alone ? null : tree ? (
              <Divider className="hidden md:block" label={t.tree.resize} width={treeWidth} min={TREE.min} max={TREE.max} onWidth={setTreeWidth} />
            ) : (
              <Divider className="hidden md:block" reverse label={t.work.panes.resize} width={itemWidth} min={SIDE.min} max={SIDE.max} onWidth={setItemWidth} />
            )}
            <div
              ref={panes}
              className={cn('flex min-h-0 min-w-0 max-md:flex-1', tree || alone ? 'flex-1' : 'md:w-(--pane) md:max-w-[62%] md:shrink-0')}
              style={{ '--pane': `${beside === undefined ? itemWidth : SIDE.max}px` } as CSSProperties}
            >
              <Pane label={t.work.panes.item}>
                {screen !== null && (
                  <ProjectContext value={screen}>
                    <Outlet />
                  </ProjectContext>
                )}
              </Pane>
              {besideScreen !== null && (
                <>
                  <Divider reverse label={t.work.panes.resize} width={share} min={25} max={75} unit={100 / (panes.current?.clientWidth ?? 1_000)} onWidth={setShare} />
                  <Pane label={t.work.panes.beside} width={`${share}%`}>
                    <ProjectContext value={besideScreen}>
                      <ItemPage key={besideScreen.itemId} />
                    </ProjectContext>
                  </Pane>
                </>
              )}
            </div>
          </>
        )}
      </div>
      <Following presence={presence} openItem={itemId} go={go} />
      <Announcements />
    </div>
  );
}

/** Back to the list alone; on a phone the page's own header leads there. */
function CloseItem({ project }: { project: string }) {
  return (
    <Link to="/p/$projectId" params={{ projectId: project }} aria-label={t.work.panes.close} title={t.work.panes.close} className={buttonClass('ghost', 'size-7 p-0 max-md:hidden pointer-coarse:size-9')}>
      <X aria-hidden className="size-4" />
    </Link>
  );
}

function BesideTools({ project, item, beside }: { project: string; item: string; beside: string }) {
  const navigate = useNavigate();
  const go = (itemId: string, search: { beside?: string }) => void navigate({ to: '/p/$projectId/$itemId', params: { projectId: project, itemId }, search });
  return (
    <>
      <IconButton label={t.work.panes.swap} onClick={() => go(beside, { beside: item })}>
        <ArrowRightLeft aria-hidden />
      </IconButton>
      <IconButton label={t.work.panes.closeBeside} onClick={() => go(item, {})}>
        <X aria-hidden />
      </IconButton>
    </>
  );
}

function Bulk() {
  const many = useSelection(({ ids }) => ids.size > 0);
  return many ? (
    <Suspense>
      <BulkBar />
    </Suspense>
  ) : null;
}

/** In the shape of what will stand there. */
function Loading({ kind, toolbar = false }: { kind: ViewKind; toolbar?: boolean }) {
  const above = toolbar && <div className="h-10 shrink-0 border-b border-line pointer-coarse:h-12" />;
  if (kind === 'board') {
    return (
      <>
        {above}
        <Pending className="flex min-h-0 flex-1 gap-2.5 overflow-hidden p-3">
          {[4, 6, 5, 3, 6, 2].map((cards, column) => (
            <div key={column} className="flex w-72 shrink-0 flex-col gap-2 rounded-lg bg-sunken p-2 max-sm:w-[82vw]">
              <Skeleton className="mx-2 my-2 w-24" />
              {Array.from({ length: cards }, (_, card) => (
                <Skeleton key={card} className="h-20" />
              ))}
            </div>
          ))}
        </Pending>
      </>
    );
  }
  if (kind === 'table') {
    return (
      <>
        {above}
        <Pending>
          <div className="h-9 border-b border-line-strong bg-sunken" />
          {[60, 45, 70, 50, 64, 40, 55, 66, 48, 58].map((share) => (
            <div key={share} className="flex h-[34px] items-center gap-6 border-b border-line px-3">
              <Skeleton className="size-4" />
              <span className="w-80 shrink-0">
                <Skeleton className={share > 55 ? 'w-60' : 'w-44'} />
              </span>
              <Skeleton className="w-16" />
              <Skeleton className="w-24" />
            </div>
          ))}
        </Pending>
      </>
    );
  }
  return (
    <>
      {above}
      <Pending className="grid gap-[18px] px-4 pt-3">
        {[60, 45, 70, 50, 64, 40, 55, 66, 48].map((share, index) => (
          <div key={share} className="flex items-center gap-2" style={{ paddingLeft: index % 3 === 0 ? 0 : 20 }}>
            <Skeleton className="size-4" />
            <Skeleton className={['w-60', 'w-44', 'w-72'][index % 3]} />
          </div>
        ))}
      </Pending>
    </>
  );
}
