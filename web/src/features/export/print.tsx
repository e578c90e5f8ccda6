import '@/texts/en/export';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, Printer } from 'lucide-react';
import { useMemo } from 'react';
import type { ItemType, Priority, Status } from '@/api/client';
import { requestJson } from '@/api/request';
import { session } from '@/api/session';
import { useTitle } from '@/features/auth/frame';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { Empty, Failed, Pending, Skeleton } from '@/ui/feedback';
import { number } from '@/texts/plural';
import { day, moment } from '@/ui/when';
import { Box, Files, levelled, Rich, type RichNode } from './rich';
import './print.css';

/** An item as the lossless export (`canopy/1`) has it. What is empty is absent. */
interface Exported {
  ref: string;
  parent?: string | null;
  title: string;
  type: ItemType | null;
  status: Status | null;
  priority: Priority | null;
  /** E-mail addresses. */
  assignees?: string[];
  labels?: string[];
  estimate?: number | null;
  start_date?: string | null;
  due_date?: string | null;
  custom?: Record<string, unknown>;
  description?: RichNode | null;
  criteria?: { text: string; done: boolean }[];
}

interface Package {
  project: { name: string; description: string };
  members: { email: string; name: string }[];
  /** Each behind its parent and its elder siblings' subtrees. */
  items: Exported[];
  /** Bytes in base64. */
  files: { ref: string; name: string; data: string }[];
}

const exportQuery = (project: string, item: string | undefined) => ({
  queryKey: ['print', project, item],
  queryFn: () => requestJson<Package>(`/projects/${project}/export?${new URLSearchParams({ format: 'json', ...(item === undefined ? {} : { item }) })}`),
  staleTime: 0,
  gcTime: 0,
});

/** How deep each item stands among those that are printed. */
function withDepth(items: readonly Exported[]): { item: Exported; depth: number }[] {
  const depths = new Map<string, number>();
  return items.map((item) => {
    const depth = item.parent == null ? 0 : (depths.get(item.parent) ?? -1) + 1;
    depths.set(item.ref, depth);
    return { item, depth };
  });
}

const shownValue = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(', ') : value === true ? '☑' : value === false || value == null ? '' : String(value));

/** Items with all their text, as they go on paper. Always dark on light. */
export function PrintPage() {
  const route = getRouteApi('/bare/p/$projectId/print');
  const { projectId } = route.useParams();
  const { item } = route.useSearch();
  const navigate = useNavigate();
  const content = useQuery(exportQuery(projectId, item));
  const rows = useMemo(() => withDepth(content.data?.items ?? []), [content.data]);
  const files = useMemo(() => new Map(content.data?.files.map((file) => [file.ref, file])), [content.data]);
  const name = (item === undefined ? content.data?.project.name : rows[0]?.item.title) || t.common.untitled;
  useTitle(content.data === undefined ? undefined : t.exporting.print.title(name));
  const person = (email: string) => content.data?.members.find((member) => member.email === email)?.name ?? email;

  return (
    <div className="min-h-full bg-sunken print:bg-white">
      <header className="sticky top-0 z-10 flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-bg px-4 py-2 print:hidden">
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
      </header>
      <main className="paper" data-theme="light">
        {content.isError ? (
          <Failed error={content.error} retry={() => void content.refetch()} />
        ) : content.data === undefined ? (
          <Pending className="grid gap-4">
            <Skeleton className="h-8 w-1/2" />
            <Skeleton />
            <Skeleton className="w-4/5" />
          </Pending>
        ) : rows.length === 0 ? (
          <Empty title={t.exporting.print.empty} />
        ) : (
          <Files value={files}>
            <div className="print-head">
              <h1>{name}</h1>
              <p className="print-meta">{[item === undefined ? content.data.project.description : content.data.project.name, t.exporting.print.printed(moment(new Date().toISOString()), session.state.user?.name ?? '')].filter(Boolean).join(' · ')}</p>
            </div>
            {rows.map(({ item: shown, depth }) => (
              <article key={shown.ref} data-depth={Math.min(depth, 4)}>
                <h2>{shown.title || t.common.untitled}</h2>
                <p className="print-meta">
                  {[
                    shown.type && t.kinds.type[shown.type],
                    shown.status && t.kinds.status[shown.status],
                    shown.priority && shown.priority !== 'none' && t.kinds.priority[shown.priority],
                    shown.assignees?.map(person).join(', '),
                    shown.labels?.join(', '),
                    shown.estimate != null && `${number(shown.estimate)} ${t.item.estimateHelp}`,
                    [shown.start_date, shown.due_date].flatMap((date) => (date == null ? [] : [day(`${date}T00:00`)])).join(' – '),
                    ...Object.entries(shown.custom ?? {}).map(([field, value]) => shownValue(value) && `${field}: ${shownValue(value)}`),
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </p>
                {shown.description != null && (
                  <div className="print-text">
                    <Rich node={levelled(shown.description)} />
                  </div>
                )}
                {shown.criteria !== undefined && shown.criteria.length > 0 && (
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
          </Files>
        )}
      </main>
    </div>
  );
}
