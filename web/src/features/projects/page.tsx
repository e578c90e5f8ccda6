import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronRight, FolderTree, Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import { client, unwrap } from '@/api/client';
import { uuidv7 } from '@/api/id';
import { useOrganization } from '@/app/organization';
import { projectsQuery, queryClient } from '@/app/query';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Empty, Failed, Pending, Skeleton } from '@/ui/feedback';
import { Field, Notice } from '@/ui/field';
import { useSubmit } from '@/ui/form';
import { listClass, Page } from '@/ui/page';
import { day } from '@/ui/when';

export function ProjectsPage() {
  const organization = useOrganization();
  const projects = useQuery({ ...projectsQuery(organization?.id ?? ''), enabled: organization !== undefined });
  const [making, setMaking] = useState(false);
  const mayEdit = organization?.abilities.edit ?? false;
  const add = (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus className="size-4" aria-hidden />
      {t.projects.new}
    </Button>
  );
  return (
    <Page title={t.projects.title} actions={mayEdit && (projects.data?.length ?? 0) > 0 && add}>
      {projects.isError ? (
        <Failed error={projects.error} retry={() => void projects.refetch()} />
      ) : projects.isPending ? (
        <Pending className={listClass}>
          {[0, 1, 2].map((row) => (
            <div key={row} className="flex h-15 items-center gap-3 px-4">
              <Skeleton className="size-8" />
              <Skeleton className="w-1/3" />
            </div>
          ))}
        </Pending>
      ) : projects.data.length === 0 ? (
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
            </Empty>
          ) : (
            <Empty icon={<FolderTree />} title={t.projects.title}>
              {t.projects.emptyViewer}
            </Empty>
          )}
        </div>
      ) : (
        <ul className={listClass}>
          {projects.data.map((project) => (
            <li key={project.id}>
              <Link to="/p/$projectId" params={{ projectId: project.id }} className="group flex items-center gap-3 px-4 py-3 -outline-offset-2 hover:bg-hover">
                <span aria-hidden className="flex h-8 min-w-8 items-center justify-center rounded-md bg-accent-soft px-1.5 text-xs font-semibold text-accent-text">
                  {project.key.slice(0, 4)}
                </span>
                <span className="min-w-0 flex-1">
                  <span className="block truncate font-medium">{project.name}</span>
                  <span className="block truncate text-xs text-muted">{project.description || t.projects.created(day(project.created_at))}</span>
                </span>
                <ChevronRight aria-hidden className="size-4 text-faint group-hover:text-fg" />
              </Link>
            </li>
          ))}
        </ul>
      )}
      {organization !== undefined && <NewProject org={organization.id} open={making} onClose={() => setMaking(false)} />}
    </Page>
  );
}

function NewProject({ org, open, onClose }: { org: string; open: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  // One key per dialog: a second try after a lost answer must not make a second project.
  const key = useRef(uuidv7());
  const form = useSubmit(async ({ name = '', key: short = '' }) => {
    const project = await unwrap(
      client.POST('/organizations/{org}/projects', {
        params: { path: { org }, header: { 'Idempotency-Key': key.current } },
        body: { name: name.trim(), ...(short.trim() === '' ? {} : { key: short.trim().toUpperCase() }) },
      }),
    );
    key.current = uuidv7();
    queryClient.setQueryData(['project', project.id], project);
    void queryClient.invalidateQueries({ queryKey: ['projects', org] });
    onClose();
    await navigate({ to: '/p/$projectId', params: { projectId: project.id } });
  });
  return (
    <Dialog open={open} onClose={onClose} title={t.projects.dialogTitle} text={t.projects.dialogText}>
      <form className="grid gap-4" onSubmit={form.onSubmit}>
        {form.error !== null && <Notice kind="error">{form.error}</Notice>}
        <Field label={t.projects.nameLabel} name="name" placeholder={t.projects.namePlaceholder} required maxLength={200} autoFocus error={form.fields.name} />
        <Field label={t.projects.keyLabel} name="key" help={t.projects.keyHelp} maxLength={10} pattern="[A-Za-z][A-Za-z0-9]*" error={form.fields.key} className="max-w-40" />
        <div className="mt-1 flex justify-end gap-2">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" look="primary" disabled={form.busy}>
            {form.busy ? t.projects.creating : t.projects.create}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
