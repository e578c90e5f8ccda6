import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, Printer } from 'lucide-react';
import type { ItemType, Priority, Status } from '@/api/client';
import { requestJson } from '@/api/request';
import { session } from '@/api/session';
import { membersQuery, projectQuery } from '@/app/query';
import { useTitle } from '@/features/auth/frame';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { Empty, Failed, Pending, Skeleton } from '@/ui/feedback';
import { moment } from '@/ui/when';
import { Box, Rich, type RichNode } from './rich';
import './print.css';

/** An item as the lossless export has it. */
interface Exported {
  id: string;
  parent: string | null;
  title: string;
  type: ItemType;
  status: Status;
  priority: Priority;
  assignees: string[];
  labels: string[];
  estimate: number | null;
  start_date: string | null;
  due_date: string | null;
  description: RichNode | null;
  criteria: { text: string; done: boolean }[];
}

const exportQuery = (project: string, item: string | undefined) => ({
  queryKey: ['print', project, item],
  queryFn: () => requestJson<{ items: Exported[] }>(`/projects/${project}/export?${new URLSearchParams({ format: 'json', ...(item === undefined ? {} : { item }) })}`),
  staleTime: 0,
  gcTime: 0,
});

/** The items in the order of the tree, with how deep each one stands. */
function outline(items: readonly Exported[]): { item: Exported; depth: number }[] {
  const known = new Set(items.map(({ id }) => id));
  const inside = new Map<string | null, Exported[]>();
  for (const item of items) {
    const parent = item.parent !== null && known.has(item.parent) ? item.parent : null;
    inside.set(parent, [...(inside.get(parent) ?? []), item]);
  }
  const rows: { item: Exported; depth: number }[] = [];
  const add = (parent: string | null, depth: number) => {
    for (const item of inside.get(parent) ?? []) {
      rows.push({ item, depth });
      add(item.id, depth + 1);
    }
  };
  add(null, 0);
  return rows;
}

/** Items with all their text, as they go on paper. Always dark on light. */
export function PrintPage() {
  const route = getRouteApi('/bare/p/$projectId/print');
  const { projectId } = route.useParams();
  const { item } = route.useSearch();
  const navigate = useNavigate();
  const project = useQuery(projectQuery(projectId));
  const content = useQuery(exportQuery(projectId, item));
  const members = useQuery({ ...membersQuery(project.data?.org_id ?? ''), enabled: project.data !== undefined });
  const rows = outline(content.data?.items ?? []);
  const name = (item === undefined ? project.data?.name : rows[0]?.item.title) || t.common.untitled;
  useTitle(project.data === undefined || content.data === undefined ? undefined : t.exporting.print.title(name));
  const person = (id: string) => members.data?.find(({ user }) => user.id === id)?.user.name ?? t.item.unknownPerson;
  const failed = project.error ?? content.error;

  return (
    <div className="min-h-full bg-sunken print:bg-white">
      <div className="sticky top-0 z-10 flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-bg px-4 py-2 print:hidden">
        <Button
          look="ghost"
          onClick={() => void navigate(item === undefined ? { to: '/p/$projectId', params: { projectId } } : { to: '/p/$projectId/$itemId', params: { projectId, itemId: item } })}
        >
          <ArrowLeft aria-hidden className="size-4" />
          {t.exporting.print.back}
        </Button>
        <p className="min-w-0 flex-1 basis-40 text-sm text-muted">{t.exporting.print.help}</p>
        <Button look="primary" disabled={rows.length === 0} onClick={() => window.print()}>
          <Printer aria-hidden className="size-4" />
          {t.exporting.print.print}
        </Button>
      </div>
      <main className="paper" data-theme="light">
        {failed !== null ? (
          <Failed error={failed} retry={() => void Promise.all([project.refetch(), content.refetch()])} />
        ) : content.data === undefined || project.data === undefined ? (
          <Pending className="grid gap-4">
            <Skeleton className="h-8 w-1/2" />
            <Skeleton />
            <Skeleton className="w-4/5" />
          </Pending>
        ) : rows.length === 0 ? (
          <Empty title={t.exporting.print.empty} />
        ) : (
          <>
            <header>
              <h1>{name}</h1>
              <p className="print-meta">{[item === undefined ? project.data.description : project.data.name, t.exporting.print.printed(moment(new Date().toISOString()), session.state.user?.name ?? '')].filter(Boolean).join(' · ')}</p>
            </header>
            {rows.map(({ item: shown, depth }) => (
              <article key={shown.id} data-depth={Math.min(depth, 4)}>
                <h2>{shown.title || t.common.untitled}</h2>
                <p className="print-meta">
                  {[
                    t.kinds.type[shown.type],
                    t.kinds.status[shown.status],
                    shown.priority === 'none' ? '' : t.kinds.priority[shown.priority],
                    shown.assignees.map(person).join(', '),
                    shown.labels.join(', '),
                    shown.estimate === null ? '' : `${shown.estimate} ${t.item.estimateHelp}`,
                    [shown.start_date, shown.due_date].filter(Boolean).join(' – '),
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </p>
                {shown.description !== null && (
                  <div className="print-text">
                    <Rich node={shown.description} />
                  </div>
                )}
                {shown.criteria.length > 0 && (
                  <section>
                    <h3>{t.exporting.print.criteria}</h3>
                    <ul className="print-tasks">
                      {shown.criteria.map((criterion, index) => (
                        <li key={index}>
                          <Box done={criterion.done} />
                          <div>{criterion.text}</div>
                        </li>
                      ))}
                    </ul>
                  </section>
                )}
              </article>
            ))}
          </>
        )}
      </main>
    </div>
  );
}
