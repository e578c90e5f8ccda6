import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { ArrowLeft, Plus, Trash2 } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState, type CSSProperties, type KeyboardEvent, type PointerEvent } from 'react';
import { ApiError } from '@/api/client';
import { NotFound } from '@/app/errors';
import { itemsQuery, projectQuery } from '@/app/query';
import { t } from '@/texts';
import { useTellIdle } from '@/collab/follow';
import { usePresence, useRoom, useRoomState } from '@/collab/react';
import { StatePill } from '@/collab/StatePill';
import { useTitle } from '@/features/auth/frame';
import { Following, PeopleHere } from '@/features/presence/people-here';
import { buttonClass, IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import { Failed, Pending, Skeleton } from '@/ui/feedback';
import { Bin } from './bin';
import { ProjectContext } from './context';
import { Tree } from './tree';
import { useTree } from './useTree';

const WIDTH = 'canopy:tree-width';
const clamp = (width: number) => Math.max(240, Math.min(720, width));

export function ProjectPage() {
  const { projectId } = getRouteApi('/app/p/$projectId').useParams();
  const { itemId } = useParams({ strict: false });
  const project = useQuery(projectQuery(projectId));
  const items = useQuery(itemsQuery(projectId));
  const room = useRoom(projectId);
  const itemRoom = useRoom(itemId);
  const state = useRoomState(room);
  const presence = usePresence(room);
  const tree = useTree(projectId, room, items.data);
  const starter = useRef<(() => void) | null>(null);
  const [bin, setBin] = useState(false);
  const [width, setWidth] = useState(() => clamp(Number(localStorage.getItem(WIDTH) ?? 400)));
  useTitle(itemId === undefined ? project.data?.name : undefined);

  const navigate = useNavigate();
  const go = useCallback((to: string) => void navigate({ to: '/p/$projectId/$itemId', params: { projectId, itemId: to } }), [navigate, projectId]);
  useTellIdle(room?.awareness ?? null);

  useEffect(() => {
    room?.awareness.setLocalStateField('location', itemId === undefined ? {} : { item: itemId });
  }, [room, itemId]);

  const rooms = useMemo(() => [room, itemRoom].filter((one) => one !== null), [room, itemRoom]);
  const screen = useMemo(
    () => (project.data === undefined ? null : { project: project.data, outline: room, order: tree.outline, items: items.data, itemRoom }),
    [project.data, room, tree.outline, items.data, itemRoom],
  );

  if (project.isError) {
    const gone = project.error instanceof ApiError && (project.error.status === 404 || project.error.status === 403);
    return gone ? <NotFound /> : <Failed error={project.error} retry={() => void project.refetch()} />;
  }
  // The outline decides places; the server's list stands in for it while it loads, and for good when it can't be reached.
  const ready = screen !== null && items.data !== undefined && (state.loaded || state.caughtUp || state.refusal !== null);
  const mayEdit = project.data?.abilities.edit ?? false;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <header className="flex h-12 shrink-0 items-center gap-3 border-b border-line px-3 sm:px-4">
        <h1 className={cn('min-w-0 flex-1 truncate font-semibold', itemId !== undefined && 'max-md:sr-only')}>
          {project.data?.name ?? <Skeleton className="w-40" />}
        </h1>
        {itemId !== undefined && (
          <Link to="/p/$projectId" params={{ projectId }} aria-label={`${t.item.closeItem}: ${project.data?.name ?? ''}`} className={buttonClass('ghost', '-ml-2 h-9 min-w-0 flex-1 shrink justify-start px-2 md:hidden')}>
            <ArrowLeft aria-hidden className="size-4 shrink-0" />
            <span className="truncate">{project.data?.name}</span>
          </Link>
        )}
        <PeopleHere presence={presence} items={items.data} />
        <StatePill rooms={rooms} />
      </header>
      <div className="flex min-h-0 flex-1">
        <section
          aria-label={t.nav.projects}
          className={cn('flex min-h-0 min-w-0 flex-col max-md:flex-1 md:w-(--tree-width) md:shrink-0', itemId !== undefined && 'max-md:hidden')}
          style={{ '--tree-width': `min(${width}px, 60%)` } as CSSProperties}
        >
          <div className="flex h-10 shrink-0 items-center gap-1 border-b border-line pr-2 pl-4">
            <span className="flex-1 text-xs text-muted">{items.data !== undefined && t.tree.count(items.data.size)}</span>
            <IconButton id="tree-exit" label={t.tree.bin} onClick={() => setBin(true)}>
              <Trash2 aria-hidden />
            </IconButton>
            {mayEdit && (
              <IconButton label={t.tree.add} onClick={() => starter.current?.()}>
                <Plus aria-hidden />
              </IconButton>
            )}
          </div>
          {items.isError ? (
            <Failed error={items.error} retry={() => void items.refetch()} />
          ) : ready ? (
            <ProjectContext value={screen}>
              <Tree tree={tree} items={items.data ?? new Map()} openItem={itemId} presence={presence} starter={starter} />
            </ProjectContext>
          ) : (
            <Pending className="grid gap-4 px-4 pt-3">
              {[60, 45, 70, 50, 64, 40].map((share, index) => (
                <div key={share} className="flex items-center gap-2" style={{ paddingLeft: index % 3 === 0 ? 0 : 20 }}>
                  <Skeleton className="size-4" />
                  <Skeleton className="max-w-full" />
                </div>
              ))}
            </Pending>
          )}
        </section>
        <Divider width={width} onWidth={setWidth} />
        <div className={cn('flex min-h-0 min-w-0 flex-1 flex-col', itemId === undefined && 'max-md:hidden')}>
          {screen !== null && (
            <ProjectContext value={screen}>
              <Outlet />
            </ProjectContext>
          )}
        </div>
      </div>
      <Following presence={presence} openItem={itemId} go={go} />
      {bin && screen !== null && <Bin project={projectId} mayRestore={screen.project.abilities.delete} onClose={() => setBin(false)} />}
    </div>
  );
}

/** The line between tree and item: drag it, or move it with the arrow keys. */
function Divider({ width, onWidth }: { width: number; onWidth: (width: number) => void }) {
  const set = (next: number) => {
    onWidth(clamp(next));
    localStorage.setItem(WIDTH, String(clamp(next)));
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    const element = event.currentTarget;
    const from = event.clientX;
    element.setPointerCapture(event.pointerId);
    const onMove = (move: globalThis.PointerEvent) => set(width + move.clientX - from);
    element.addEventListener('pointermove', onMove);
    element.addEventListener('lostpointercapture', () => element.removeEventListener('pointermove', onMove), { once: true });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    set(width + by);
  };
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-label={t.tree.resize}
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={240}
      aria-valuemax={720}
      className="relative hidden w-px shrink-0 cursor-col-resize touch-none bg-line before:absolute before:inset-y-0 before:-left-1 before:z-10 before:w-2 hover:bg-accent focus-visible:bg-accent md:block"
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  );
}
