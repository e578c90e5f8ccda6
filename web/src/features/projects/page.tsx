import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FolderTree, Plus, Star } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { Project } from '@/api/client';
import { ariaKeys, keysLabel } from '@/app/keys';
import { useOrganization } from '@/app/organization';
import { show } from '@/app/overlay';
import { projectsQuery } from '@/app/query';
import { useRecents } from '@/app/recents';
import { t } from '@/texts';
import { Button, IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import { Empty, Failed, Pending, Skeleton } from '@/ui/feedback';
import { inputClass } from '@/ui/field';
import { TypeIcon } from '@/ui/kinds';
import { listClass, Page, Section } from '@/ui/page';
import { ago, day } from '@/ui/when';
import { useFavourite } from './favourites';
import { ProjectMenu } from './menu';

/** With more projects than this, one looks for them by name. */
const MANY = 8;

export function ProjectsPage() {
  const organization = useOrganization();
  const projects = useQuery({ ...projectsQuery(organization?.id ?? ''), enabled: organization !== undefined });
  const [find, setFind] = useState('');
  const mayEdit = organization?.abilities.edit ?? false;
  const all = projects.data ?? [];
  const wanted = find.trim().toLowerCase();
  const found = all.filter(({ name, key }) => `${name} ${key}`.toLowerCase().includes(wanted));
  const add = (
    <Button look="primary" aria-keyshortcuts={ariaKeys('c')} title={`${t.projects.new} (${keysLabel('c')})`} onClick={() => show({ kind: 'project.new' })}>
      <Plus className="size-4" aria-hidden />
      {t.projects.new}
    </Button>
  );
  return (
    <Page title={t.projects.title} actions={mayEdit && all.length > 0 && add}>
      {projects.isError && projects.data === undefined ? (
        <Failed error={projects.error} retry={() => void projects.refetch()} />
      ) : projects.data === undefined ? (
        <Pending className={listClass}>
          {[0, 1, 2].map((row) => (
            <div key={row} className="flex h-15 items-center gap-3 px-4">
              <Skeleton className="size-8" />
              <Skeleton className="w-1/3" />
            </div>
          ))}
        </Pending>
      ) : all.length === 0 ? (
        <NoProjects mayEdit={mayEdit} add={add} />
      ) : (
        <>
          <Recents projects={all} />
          <Section
            title={t.projects.all}
            actions={
              all.length > MANY && (
                <input
                  type="search"
                  className={cn(inputClass, 'h-8 w-44')}
                  aria-label={t.projects.find}
                  placeholder={t.projects.find}
                  value={find}
                  onChange={(event) => setFind(event.target.value)}
                />
              )
            }
          >
            {found.length === 0 ? (
              <p className="rounded-lg border border-dashed border-line-strong px-4 py-8 text-center text-sm text-muted">{t.projects.noneFound(find.trim())}</p>
            ) : (
              <ul className={listClass}>
                {found.map((project) => (
                  <ProjectRow key={project.id} project={project} />
                ))}
              </ul>
            )}
          </Section>
        </>
      )}
    </Page>
  );
}

function ProjectRow({ project }: { project: Project }) {
  const [favourite, setFavourite] = useFavourite(project.id);
  return (
    <li className="group relative flex items-center gap-3 px-4 py-3 hover:bg-hover">
      <span aria-hidden className="flex h-8 w-12 shrink-0 items-center justify-center rounded-md bg-accent-soft text-xs font-semibold text-accent-text">
        {project.key.slice(0, 4)}
      </span>
      <span className="min-w-0 flex-1">
        {/* The link covers the row; the buttons lie above it. */}
        <Link to="/p/$projectId" params={{ projectId: project.id }} className="block truncate font-medium -outline-offset-2 after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ring">
          {project.name}
        </Link>
        <span className="block truncate text-xs text-muted">{project.description || t.projects.created(day(project.created_at))}</span>
      </span>
      <IconButton
        label={favourite ? t.projects.unstar : t.projects.star}
        aria-pressed={favourite}
        className={cn('relative', favourite ? 'text-warn' : 'opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100')}
        onClick={() => setFavourite(!favourite)}
      >
        <Star aria-hidden className={favourite ? 'fill-current' : undefined} />
      </IconButton>
      <ProjectMenu project={project} className="relative" />
    </li>
  );
}

function Recents({ projects }: { projects: readonly Project[] }) {
  const recents = useRecents().flatMap((recent) => {
    const project = projects.find(({ id }) => id === recent.project);
    return project === undefined ? [] : [{ ...recent, where: project.name }];
  });
  if (recents.length === 0) return null;
  return (
    <Section title={t.projects.recent}>
      <ul className="grid gap-2 sm:grid-cols-2">
        {recents.slice(0, 4).map(({ item, project, title, type, where, at }) => (
          <li key={item}>
            <Link
              to="/p/$projectId/$itemId"
              params={{ projectId: project, itemId: item }}
              className="flex items-center gap-2.5 rounded-lg border border-line bg-raised px-3 py-2.5 hover:border-line-strong hover:bg-hover"
            >
              <TypeIcon type={type} />
              <span className="min-w-0 flex-1">
                <span className="block truncate text-sm font-medium">{title || t.common.untitled}</span>
                <span className="block truncate text-xs text-muted">
                  {where} · {ago(at)}
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function NoProjects({ mayEdit, add }: { mayEdit: boolean; add: ReactNode }) {
  return (
    <div className="rounded-xl border border-dashed border-line-strong">
      {mayEdit ? (
        <Empty icon={<FolderTree />} title={t.projects.emptyTitle} action={add}>
          <p>{t.projects.emptyText}</p>
          <ol className="mx-auto mt-4 grid w-fit gap-1.5 text-left">
            {t.projects.emptySteps.map((step, index) => (
              <li key={step} className="flex items-center gap-2.5">
                <span className="flex size-5 items-center justify-center rounded-full bg-hover text-xs font-semibold text-fg">{index + 1}</span>
                {step}
              </li>
            ))}
          </ol>
          <p className="mt-4">{t.projects.importHint}</p>
        </Empty>
      ) : (
        <Empty icon={<FolderTree />} title={t.projects.title}>
          {t.projects.emptyViewer}
        </Empty>
      )}
    </div>
  );
}
