import '@/texts/en/import';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, FileUp, History } from 'lucide-react';
import { useRef, useState, type DragEvent } from 'react';
import { ApiError, explain } from '@/api/client';
import { NotFound } from '@/app/errors';
import { membersQuery, projectQuery } from '@/app/query';
import { t } from '@/texts';
import { Button, buttonClass } from '@/ui/button';
import { cn } from '@/ui/cn';
import { Failed, Pending, Skeleton } from '@/ui/feedback';
import { Notice } from '@/ui/field';
import { listClass, Page, Section } from '@/ui/page';
import { Select } from '@/ui/select';
import { ago } from '@/ui/when';
import { FORMATS, LIMIT, upload, useImport, useImports, type Format, type Import } from './api';
import { Preview } from './preview';
import { Result, Running } from './result';

const route = getRouteApi('/app/p/$projectId/import');

export function ImportPage() {
  const { projectId } = route.useParams();
  const { id } = route.useSearch();
  const project = useQuery(projectQuery(projectId));
  const chosen = useImport(id);
  if (project.isError && project.data === undefined) {
    const gone = project.error instanceof ApiError && (project.error.status === 404 || project.error.status === 403);
    return gone ? <NotFound inside /> : <Failed error={project.error} retry={() => void project.refetch()} />;
  }
  return (
    <Page
      title={project.data === undefined ? t.importing.title : t.importing.into(project.data.name)}
      actions={
        <Link to="/p/$projectId" params={{ projectId }} className={buttonClass('ghost')}>
          <ArrowLeft aria-hidden className="size-4" />
          {t.importing.back}
        </Link>
      }
    >
      {project.data?.abilities.edit === false ? (
        <Notice kind="info">{t.importing.noAccess}</Notice>
      ) : id === undefined ? (
        <>
          <Choose project={projectId} />
          <Earlier project={projectId} org={project.data?.org_id} />
        </>
      ) : chosen.isError && chosen.data === undefined ? (
        <Failed error={chosen.error} retry={() => void chosen.refetch()} />
      ) : chosen.data === undefined ? (
        <Waiting />
      ) : (
        <Step project={projectId} shown={chosen.data} />
      )}
    </Page>
  );
}

function Waiting() {
  return (
    <Pending className="grid gap-4">
      <Skeleton className="h-6 w-1/3" />
      <Skeleton className="h-40" />
    </Pending>
  );
}

function Step({ project, shown }: { project: string; shown: Import }) {
  switch (shown.state) {
    case 'preview':
      return <Preview project={project} shown={shown} />;
    case 'running':
    case 'undoing':
      return <Running shown={shown} />;
    default:
      return <Result project={project} shown={shown} />;
  }
}

function Choose({ project }: { project: string }) {
  const { parent } = route.useSearch();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [reading, setReading] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [format, setFormat] = useState<Format | 'auto'>('auto');
  const take = async (file: File | undefined) => {
    if (file === undefined || reading !== null) return;
    if (file.size === 0 || file.size > LIMIT) {
      setError(file.size === 0 ? t.importing.empty : t.importing.tooLarge);
      return;
    }
    setError(null);
    setReading(file.name);
    try {
      const { id } = await upload(project, file, format, parent);
      await navigate({ to: '/p/$projectId/import', params: { projectId: project }, search: { id } });
    } catch (failure) {
      setError(explain(failure));
      setReading(null);
    }
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  return (
    <>
      <p className="mb-4 max-w-prose text-sm text-muted">{t.importing.lead}</p>
      {error !== null && (
        <div className="mb-4">
          <Notice kind="error">{error}</Notice>
        </div>
      )}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
        className={cn('flex min-h-52 flex-col items-center justify-center gap-3 rounded-xl border-2 border-dashed px-6 py-8 text-center', over ? 'border-accent bg-accent-soft' : 'border-line-strong')}
      >
        <span aria-hidden className="flex size-11 items-center justify-center rounded-xl bg-accent-soft text-accent-text">
          <FileUp className="size-5" />
        </span>
        {reading === null ? (
          <>
            <p className="font-medium">{over ? t.importing.dropNow : t.importing.drop}</p>
            <Button look="primary" onClick={() => input.current?.click()}>
              {t.importing.choose}
            </Button>
            <Select
              label={t.importing.format}
              value={format}
              options={[{ value: 'auto' as const, label: t.importing.detect }, ...FORMATS.map((value) => ({ value, label: t.importing.formats[value]?.[0] ?? value }))]}
              onChange={setFormat}
              className="text-muted [&>svg:last-child]:opacity-100"
            />
            <p className="text-xs text-muted">{t.importing.limit}</p>
          </>
        ) : (
          <p role="status" className="font-medium">
            {t.importing.reading(reading)}
          </p>
        )}
        <input
          ref={input}
          type="file"
          className="hidden"
          aria-label={t.importing.file}
          accept=".md,.markdown,.txt,.csv,.xml,.json,.zip"
          onChange={(event) => {
            void take(event.target.files?.[0]);
            event.target.value = '';
          }}
        />
      </div>
      <section className="mt-6">
        <h2 className="mb-2 text-sm font-medium text-muted">{t.importing.formatsTitle}</h2>
        <dl className="grid gap-x-8 gap-y-2 text-sm sm:grid-cols-2">
          {Object.entries(t.importing.formats).map(([format, [name, help]]) => (
            <div key={format}>
              <dt className="font-medium">{name}</dt>
              <dd className="text-muted">{help}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}

function Earlier({ project, org }: { project: string; org: string | undefined }) {
  const imports = useImports(project);
  const members = useQuery({ ...membersQuery(org ?? ''), enabled: org !== undefined });
  if (imports.data === undefined || imports.data.length === 0) return null;
  const who = (id: string) => members.data?.find(({ user }) => user.id === id)?.user.name ?? t.importing.somebody;
  return (
    <div className="mt-8">
      <Section title={t.importing.earlier}>
        <ul className={listClass}>
          {imports.data.map(({ id, name, state, created_by, created_at, counts, format }) => (
            <li key={id}>
              <Link to="/p/$projectId/import" params={{ projectId: project }} search={{ id }} className="flex min-h-14 items-center gap-3 px-4 py-2 -outline-offset-2 hover:bg-hover">
                <History aria-hidden className="size-5 shrink-0 text-muted" />
                <span className="min-w-0 flex-1">
                  <span className="block truncate text-sm font-medium">{name || t.importing.formats[format]?.[0]}</span>
                  <span className="block truncate text-xs text-muted">
                    {t.importing.counts(counts.items)} · {t.importing.by(who(created_by), ago(created_at))}
                  </span>
                </span>
                <span className={cn('shrink-0 rounded-full px-2 py-0.5 text-xs font-medium', state === 'failed' ? 'bg-danger-soft text-danger' : state === 'done' ? 'bg-accent-soft text-accent-text' : 'bg-hover text-muted')}>
                  {t.importing.states[state]}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      </Section>
    </div>
  );
}
