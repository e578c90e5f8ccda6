/** The items whose descriptions link to this one, and the diagrams that show it. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Item } from '@/api/client';
import { ApiError, problem } from '@/api/client';
import { session } from '@/api/session';
import { queryClient } from '@/app/query';
import { partOf, useProject } from '@/features/tree/context';
import { t } from '@/texts';
import { StatusIcon, TypeIcon } from '@/ui/kinds';

type Backlink = { item: Item; excerpt: string | null };

const backlinksQuery = (item: string) => ({
  queryKey: ['backlinks', item],
  queryFn: async (): Promise<Backlink[]> => {
    const response = await session.fetch(new Request(`/api/v1/items/${encodeURIComponent(item)}/backlinks`));
    if (!response.ok) throw problem(response.status, await response.json().catch(() => null));
    return ((await response.json()) as { items: Backlink[] }).items;
  },
  retry: (tries: number, error: unknown) => !(error instanceof ApiError && error.status >= 400 && error.status < 500) && tries < 3,
});

/** How long after a change of the project's items the list is asked for again, in milliseconds. */
const SETTLE = 1_500;

export function Backlinks({ item }: { item: string }) {
  const { data } = useQuery(backlinksQuery(item));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = queryClient.getQueryCache().subscribe((event) => {
      // An event about an item came in: it may link here now, or no more.
      if (event.type !== 'updated' || event.action.type !== 'success' || event.query.queryKey[0] !== 'items' || timer !== undefined) return;
      timer = setTimeout(() => {
        timer = undefined;
        void queryClient.invalidateQueries({ queryKey: ['backlinks', item] });
      }, SETTLE);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [item]);
  if (data === undefined || data.length === 0) return null;
  const diagrams = data.filter(({ item: from }) => from.type === 'diagram');
  return (
    <>
      <Links id={`diagrams-${item}`} title={t.editor.diagrams} links={diagrams} />
      <Links id={`backlinks-${item}`} title={t.editor.backlinks} links={data.filter((link) => !diagrams.includes(link))} />
    </>
  );
}

function Links({ id, title, links }: { id: string; title: string; links: readonly Backlink[] }) {
  const screen = useProject();
  if (links.length === 0) return null;
  return (
    <section {...partOf(screen)} aria-labelledby={id} className="mt-8 print:hidden">
      <h2 id={id} className="mb-2 text-sm font-semibold">
        {title} <span className="font-normal text-muted">{links.length}</span>
      </h2>
      <ul className="grid gap-1">
        {links.map(({ item: from, excerpt }) => (
          <li key={from.id}>
            <Link
              to="/p/$projectId/$itemId"
              params={{ projectId: from.project_id, itemId: from.id }}
              className="-mx-2 flex items-start gap-2 rounded-md px-2 py-1.5 text-sm hover:bg-hover [&_svg]:mt-0.5"
            >
              <TypeIcon type={from.type} />
              <span className="min-w-0 flex-1">
                <span className="block truncate">{from.title || t.common.untitled}</span>
                {excerpt && <span className="line-clamp-2 text-xs text-muted">{excerpt}</span>}
              </span>
              <StatusIcon status={from.status} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
