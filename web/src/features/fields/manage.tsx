/** Making, changing and taking away a project's own fields. */
import { ArrowDown, ArrowUp, Pencil, Plus, Trash2, X } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { explain } from '@/api/client';
import { uuidv7 } from '@/api/id';
import { rankBetween } from '@/collab/rank';
import { t } from '@/texts';
import { Button, IconButton } from '@/ui/button';
import { Confirm, Dialog } from '@/ui/dialog';
import { Empty } from '@/ui/feedback';
import { Field, inputClass, Notice } from '@/ui/field';
import { cn } from '@/ui/cn';
import { Select, selectClass } from '@/ui/select';
import { changeField, createField, deleteField, KINDS, type CustomField, type FieldKind, type FieldOption } from './api';

const COLOURS = ['#5d6a63', '#2563c4', '#1f7a55', '#8a5a00', '#b3261e', '#7a46c2', '#0e7490', '#be185d'];

type Props = { project: string; fields: readonly CustomField[]; onClose: () => void };

export default function Manage({ project, fields, onClose }: Props) {
  const [edited, setEdited] = useState<CustomField | 'new' | null>(fields.length === 0 ? 'new' : null);
  const [gone, setGone] = useState<CustomField | null>(null);
  const [error, setError] = useState<string | null>(null);
  const attempt = (work: Promise<void>) => work.then(() => setError(null)).catch((cause: unknown) => setError(explain(cause)));
  const shift = (index: number, by: -1 | 1) => {
    const others = fields.filter((_, at) => at !== index);
    const place = index + by;
    const rank = rankBetween(others[place - 1]?.rank ?? null, others[place]?.rank ?? null);
    const field = fields[index];
    if (rank !== null && field !== undefined) void attempt(changeField(project, field.id, { rank }));
  };
  return (
    <Dialog open onClose={onClose} title={t.fields.title} text={t.fields.help} className="max-w-lg">
      {error !== null && <Notice kind="error">{error}</Notice>}
      {edited !== null ? (
        <FieldForm
          key={edited === 'new' ? 'new' : edited.id}
          field={edited === 'new' ? null : edited}
          onCancel={() => (fields.length === 0 ? onClose() : setEdited(null))}
          onSave={async (name, kind, options) => {
            if (edited === 'new') await createField(project, { name, kind, options });
            else await changeField(project, edited.id, { name, options });
            setEdited(null);
          }}
        />
      ) : (
        <>
          {fields.length === 0 && <Empty icon={<Plus />} title={t.fields.emptyTitle}>{t.fields.emptyText}</Empty>}
          <ul className="grid gap-px">
            {fields.map((field, index) => (
              <li key={field.id} className="flex min-h-10 items-center gap-1 rounded-md px-2 hover:bg-hover">
                <span className="min-w-0 flex-1">
                  <span className="block truncate text-sm font-medium">{field.name}</span>
                  <span className="block truncate text-xs text-muted">
                    {t.fields.kinds[field.kind]}
                    {field.options.length > 0 && ` · ${field.options.map(({ name }) => name).join(', ')}`}
                  </span>
                </span>
                <IconButton label={t.fields.up(field.name)} disabled={index === 0} onClick={() => shift(index, -1)}>
                  <ArrowUp aria-hidden />
                </IconButton>
                <IconButton label={t.fields.down(field.name)} disabled={index === fields.length - 1} onClick={() => shift(index, 1)}>
                  <ArrowDown aria-hidden />
                </IconButton>
                <IconButton label={t.fields.edit(field.name)} onClick={() => setEdited(field)}>
                  <Pencil aria-hidden />
                </IconButton>
                <IconButton label={t.fields.remove(field.name)} onClick={() => setGone(field)}>
                  <Trash2 aria-hidden />
                </IconButton>
              </li>
            ))}
          </ul>
          <Button className="mt-3" onClick={() => setEdited('new')}>
            <Plus aria-hidden className="size-4" />
            {t.fields.add}
          </Button>
        </>
      )}
      {gone !== null && (
        <Confirm open onClose={() => setGone(null)} title={t.fields.removeTitle(gone.name)} text={t.fields.removeText} confirm={t.common.delete} onConfirm={() => attempt(deleteField(project, gone.id))} />
      )}
    </Dialog>
  );
}

type FormProps = { field: CustomField | null; onCancel: () => void; onSave: (name: string, kind: FieldKind, options: FieldOption[]) => Promise<void> };

function FieldForm({ field, onCancel, onSave }: FormProps) {
  const [name, setName] = useState(field?.name ?? '');
  const [kind, setKind] = useState<FieldKind>(field?.kind ?? 'text');
  const [options, setOptions] = useState<FieldOption[]>(field?.options ?? []);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const offers = kind === 'select' || kind === 'multi_select';
  const add = () => setOptions((now) => [...now, { id: uuidv7(), name: '', colour: COLOURS[now.length % COLOURS.length] as string }]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const named = offers ? options.map((option) => ({ ...option, name: option.name.trim() })).filter((option) => option.name !== '') : [];
    if (offers && named.length === 0) {
      setError(t.fields.needsOptions);
      return;
    }
    setBusy(true);
    onSave(name.trim(), kind, named).catch((cause: unknown) => {
      setError(explain(cause));
      setBusy(false);
    });
  };
  return (
    <form className="grid gap-4" onSubmit={submit}>
      {error !== null && <Notice kind="error">{error}</Notice>}
      <Field label={t.common.name} value={name} onChange={(event) => setName(event.target.value)} required maxLength={60} autoFocus />
      <div className="grid gap-1.5">
        <span className="text-sm font-medium">{t.fields.kind}</span>
        <Select label={t.fields.kind} value={kind} disabled={field !== null} options={KINDS.map((value) => ({ value, label: t.fields.kinds[value] }))} onChange={setKind} className={cn(selectClass, 'w-full')} />
        {field !== null && <p className="text-xs text-muted">{t.fields.kindFixed}</p>}
      </div>
      {offers && (
        <fieldset className="grid gap-1.5">
          <legend className="mb-1.5 text-sm font-medium">{t.fields.options}</legend>
          {options.map((option, index) => (
            <div key={option.id} className="flex items-center gap-2">
              <input
                type="color"
                aria-label={t.fields.colour(index + 1)}
                value={option.colour}
                className="size-8 shrink-0 cursor-pointer rounded-md border border-line-strong bg-bg p-1"
                onChange={(event) => setOptions((now) => now.map((one) => (one.id === option.id ? { ...one, colour: event.target.value } : one)))}
              />
              <input
                aria-label={t.fields.option(index + 1)}
                value={option.name}
                maxLength={60}
                autoFocus={option.name === '' && index === options.length - 1}
                className={inputClass}
                onChange={(event) => setOptions((now) => now.map((one) => (one.id === option.id ? { ...one, name: event.target.value } : one)))}
                onKeyDown={(event) => {
                  if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
                  event.preventDefault();
                  add();
                }}
              />
              <IconButton label={t.fields.removeOption(index + 1)} onClick={() => setOptions((now) => now.filter((one) => one.id !== option.id))}>
                <X aria-hidden />
              </IconButton>
            </div>
          ))}
          <Button look="ghost" className="justify-self-start px-2" disabled={options.length >= 100} onClick={add}>
            <Plus aria-hidden className="size-4" />
            {t.fields.addOption}
          </Button>
        </fieldset>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{t.common.cancel}</Button>
        <Button type="submit" look="primary" disabled={busy || name.trim() === ''}>
          {t.common.save}
        </Button>
      </div>
    </form>
  );
}
