/** The line above an item: where it stands, its neighbours, who is in it. */
import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronDown, ChevronRight, ChevronUp, Link2, MoveHorizontal, Network } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { toast } from '@/ui/toast';
import type { ItemType } from '@/api/client';
import { useCommands } from '@/app/commands';
import type { Presence } from '@/collab/react';
import { useProject } from '@/features/tree/context';
import { actsFor } from '@/features/views/acts';
import { PeopleHere } from '@/features/presence/people-here';
import { t } from '@/texts';
import { IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import { TypeIcon } from '@/ui/kinds';

/** `wide`: all of the width is its own; a diagram's is that of the window. */
type Props = { id: string; type: ItemType; presence: Presence[]; wide: boolean; onWide: (wide: boolean) => void; children?: ReactNode };

export function ItemHeader({ id, type, presence, wide, onWide, children }: Props) {
  const screen = useProject();
  const { project, order, items } = screen;
  const navigate = useNavigate();
  const { previous, next } = order.neighbours(id);
  const go = (to: string | null) => {
    if (to !== null) void navigate({ to: '/p/$projectId/$itemId', params: { projectId: project.id, itemId: to } });
  };
  const copy = () => {
    const link = `${window.location.origin}/p/${project.id}/${id}`;
    navigator.clipboard.writeText(link).then(
      () => toast.success(t.item.linkCopied),
      () => toast.error(t.errors.clipboard, { description: link }),
    );
  };
  const diagram = type === 'diagram';
  const width = wide ? (diagram ? t.item.canvasBeside : t.item.fixedWidth) : diagram ? t.item.canvasAlone : t.item.fullWidth;
  useCommands([
    { id: 'item.previous', title: t.item.previous, group: 'go', keys: 'k', run: () => go(previous) },
    { id: 'item.next', title: t.item.next, group: 'go', keys: 'j', run: () => go(next) },
    { id: 'item.width', title: width, group: 'view', run: () => onWide(!wide) },
    { id: 'item.link', title: t.item.copyLink, group: 'change', keys: 'mod+shift+c', run: copy },
  ]);
  const path: string[] = [];
  for (let at = order.parent(id); at !== null; at = order.parent(at)) path.unshift(at);
  // A long way is shown by its ends.
  const crumbs = path.length > 3 ? [path[0] as string, null, ...path.slice(-2)] : path;
  return (
    <div className="mb-4 flex min-h-7 items-center gap-1">
      <div role={screen.beside ? 'group' : 'navigation'} aria-label={t.item.breadcrumbs} className="min-w-0 flex-1">
        <ol className="flex min-w-0 items-center gap-1 text-xs text-muted">
          {crumbs.map((at, index) => (
            <Fragment key={at ?? 'rest'}>
              {at === null ? (
                <li className="hidden @md:block" title={path.slice(1, -2).map((one) => items?.get(one)?.title || t.common.untitled).join(' / ')}>…</li>
              ) : (
                <li className={cn('min-w-0 shrink', index < crumbs.length - 1 ? 'hidden @md:flex' : 'flex')}>
                  <Link
                    to="/p/$projectId/$itemId"
                    params={{ projectId: project.id, itemId: at }}
                    className="flex min-w-0 items-center gap-1 rounded px-1 py-0.5 hover:bg-hover hover:text-fg"
                  >
                    <TypeIcon type={items?.get(at)?.type ?? 'task'} className="size-3.5" />
                    <span className="truncate">{items?.get(at)?.title || t.common.untitled}</span>
                  </Link>
                </li>
              )}
              <li aria-hidden className={cn('shrink-0', index < crumbs.length - 1 ? 'hidden @md:flex' : 'flex')}>
                <ChevronRight className="size-3 text-faint" />
              </li>
            </Fragment>
          ))}
          <li aria-current="page" className="flex shrink-0 items-center gap-1 px-1">
            <TypeIcon type={type} className="size-3.5" />
            {t.kinds.type[type]}
          </li>
        </ol>
      </div>
      <PeopleHere presence={presence} items={items} />
      <IconButton label={t.item.previous} disabled={previous === null} onClick={() => go(previous)}>
        <ChevronUp aria-hidden />
      </IconButton>
      <IconButton label={t.item.next} disabled={next === null} onClick={() => go(next)}>
        <ChevronDown aria-hidden />
      </IconButton>
      <IconButton label={t.item.copyLink} className="max-sm:hidden" onClick={copy}>
        <Link2 aria-hidden />
      </IconButton>
      {!diagram && project.abilities.edit && (
        <IconButton label={t.work.menu.draw} className="max-sm:hidden" onClick={() => go(actsFor(project.id)?.draw(id) ?? null)}>
          <Network aria-hidden />
        </IconButton>
      )}
      <IconButton label={width} aria-pressed={wide} className={cn('hidden aria-pressed:bg-active', diagram ? 'md:inline-flex' : '@5xl:inline-flex')} onClick={() => onWide(!wide)}>
        <MoveHorizontal aria-hidden />
      </IconButton>
      {children}
    </div>
  );
}
