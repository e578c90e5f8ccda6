import { useNavigate, useParams } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { toast } from '@/ui/toast';
import { client, unwrap, type Project } from '@/api/client';
import { uuidv7 } from '@/api/id';
import { useOrganization } from '@/app/organization';
import { queryClient } from '@/app/query';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { cn } from '@/ui/cn';
import { Dialog } from '@/ui/dialog';
import { Field, inputClass, Notice } from '@/ui/field';
import { useSubmit } from '@/ui/form';

const KEY = '[A-Za-z][A-Za-z0-9]*';

export function NewProject({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const org = useOrganization()?.id;
  // One key per dialog: a second try after a lost answer must not make a second project.
  const key = useRef(uuidv7());
  const form = useSubmit(async ({ name = '', key: short = '' }) => {
    if (org === undefined) return;
    const project = await unwrap(
      client.POST('/organizations/{org}/projects', {
        params: { path: { org }, header: { 'Idempotency-Key': key.current } },
        body: { name: name.trim(), ...(short.trim() === '' ? {} : { key: short.trim().toUpperCase() }) },
      }),
    );
    queryClient.setQueryData(['project', project.id], project);
    void queryClient.invalidateQueries({ queryKey: ['projects', org] });
    onClose();
    await navigate({ to: '/p/$projectId', params: { projectId: project.id } });
  });
  return (
    <Dialog open onClose={onClose} title={t.projects.dialogTitle} text={t.projects.dialogText}>
      <form className="grid gap-4" onSubmit={form.onSubmit}>
        {form.error !== null && <Notice kind="error">{form.error}</Notice>}
        <Field label={t.projects.nameLabel} name="name" placeholder={t.projects.namePlaceholder} required maxLength={100} autoFocus autoComplete="off" error={form.fields.name} />
        <Field label={t.projects.keyLabel} name="key" help={t.projects.keyHelp} maxLength={10} pattern={KEY} autoComplete="off" error={form.fields.key} inputClassName="max-w-40 uppercase placeholder:normal-case" />
        <Buttons busy={form.busy} onClose={onClose} label={form.busy ? t.projects.creating : t.projects.create} />
      </form>
    </Dialog>
  );
}

export function EditProject({ project, onClose }: { project: Project; onClose: () => void }) {
  const form = useSubmit(async ({ name = '', key = '', description = '' }) => {
    const saved = await unwrap(
      client.PATCH('/projects/{project}', {
        params: { path: { project: project.id } },
        body: { name: name.trim(), key: key.trim().toUpperCase(), description: description.trim() },
      }),
    );
    queryClient.setQueryData<Project>(['project', project.id], (known) => ({ ...known, ...saved }));
    await queryClient.invalidateQueries({ queryKey: ['projects', project.org_id] });
    toast(t.projects.saved);
    onClose();
  });
  return (
    <Dialog open onClose={onClose} title={t.projects.editTitle}>
      <form className="grid gap-4" onSubmit={form.onSubmit}>
        {form.error !== null && <Notice kind="error">{form.error}</Notice>}
        <Field label={t.projects.nameLabel} name="name" required maxLength={100} autoFocus autoComplete="off" defaultValue={project.name} error={form.fields.name} />
        <Field label={t.projects.keyLabel} name="key" help={t.projects.keyHelp} required maxLength={10} pattern={KEY} autoComplete="off" defaultValue={project.key} error={form.fields.key} inputClassName="max-w-40 uppercase placeholder:normal-case" />
        <div className="grid gap-1.5">
          <label htmlFor="project-description" className="text-sm font-medium">
            {t.projects.descriptionLabel}
          </label>
          <textarea
            id="project-description"
            name="description"
            rows={3}
            maxLength={2_000}
            defaultValue={project.description}
            placeholder={t.projects.descriptionPlaceholder}
            className={cn(inputClass, 'h-auto resize-y py-2 pointer-coarse:h-auto')}
          />
        </div>
        <Buttons busy={form.busy} onClose={onClose} label={t.common.save} />
      </form>
    </Dialog>
  );
}

/** Nothing brings a project back, so its name has to be typed. */
export function DeleteProject({ project, onClose }: { project: Project; onClose: () => void }) {
  const navigate = useNavigate();
  const { projectId } = useParams({ strict: false });
  const [typed, setTyped] = useState('');
  const same = typed.trim() === project.name.trim();
  const form = useSubmit(async () => {
    if (!same) return;
    await unwrap(client.DELETE('/projects/{project}', { params: { path: { project: project.id } } }));
    if (projectId === project.id) await navigate({ to: '/' });
    onClose();
    toast(t.projects.deleted(project.name));
    await queryClient.invalidateQueries({ queryKey: ['projects', project.org_id] });
    queryClient.removeQueries({ queryKey: ['items', project.id] });
  });
  return (
    <Dialog open onClose={onClose} title={t.projects.deleteTitle(project.name)} text={t.projects.deleteText}>
      <form className="grid gap-4" onSubmit={form.onSubmit}>
        {form.error !== null && <Notice kind="error">{form.error}</Notice>}
        <Field label={t.projects.deleteLabel(project.name)} name="typed" autoComplete="off" autoFocus value={typed} onChange={(event) => setTyped(event.target.value)} />
        <Buttons busy={form.busy || !same} onClose={onClose} label={t.projects.deleteConfirm} danger />
      </form>
    </Dialog>
  );
}

function Buttons({ busy, danger, label, onClose }: { busy: boolean; danger?: boolean; label: string; onClose: () => void }) {
  return (
    <div className="mt-1 flex justify-end gap-2">
      <Button onClick={onClose}>{t.common.cancel}</Button>
      <Button type="submit" look={danger === true ? 'danger' : 'primary'} disabled={busy}>
        {label}
      </Button>
    </div>
  );
}
