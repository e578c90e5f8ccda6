/** The rail beside an item: its fields, and what it stands under. */
import { useQuery } from '@tanstack/react-query';
import { ListTree, Tag, UserPlus } from 'lucide-react';
import { useMemo } from 'react';
import { toast } from '@/ui/toast';
import type * as Y from 'yjs';
import type { Item } from '@/api/client';
import { membersQuery } from '@/app/query';
import { CustomProperties } from '@/features/fields/custom';
import { partOf, useProject } from '@/features/tree/context';
import { paint } from '@/features/views/chips';
import { t } from '@/texts';
import { Avatar } from '@/ui/avatar';
import { cn } from '@/ui/cn';
import { PRIORITIES, PriorityIcon, STATUSES, StatusIcon, TYPES, TypeIcon } from '@/ui/kinds';
import { Picker } from '@/ui/picker';
import { Select } from '@/ui/select';
import { fieldsOf, readFields, setField } from './model';
import { DateField, NumberField, Property } from './property';
import { useShared } from './useShared';

export function Properties({ doc, id, mayEdit }: { doc: Y.Doc; id: string; mayEdit: boolean }) {
  const screen = useProject();
  const { project } = screen;
  const fields = useShared(fieldsOf(doc), readFields);
  const overdue = fields.dueDate !== null && fields.status !== 'done' && fields.status !== 'cancelled' && fields.dueDate < today();
  return (
    <section {...partOf(screen)} aria-label={t.item.properties} className="@container">
      <dl className="grid grid-cols-1 gap-x-6 @md:grid-cols-2 @4xl:grid-cols-1">
        <Property label={t.item.status}>
          <Select
            label={t.item.status}
            value={fields.status}
            disabled={!mayEdit}
            options={STATUSES.map((value) => ({ value, label: t.kinds.status[value], icon: <StatusIcon status={value} /> }))}
            onChange={(value) => setField(doc, 'status', value)}
            className="w-full"
          />
        </Property>
        <Property label={t.item.type}>
          <Select
            label={t.item.type}
            value={fields.type}
            disabled={!mayEdit}
            options={TYPES.map((value) => ({ value, label: t.kinds.type[value], icon: <TypeIcon type={value} /> }))}
            onChange={(value) => setField(doc, 'type', value)}
            className="w-full"
          />
        </Property>
        <Property label={t.item.priority}>
          <Select
            label={t.item.priority}
            value={fields.priority}
            disabled={!mayEdit}
            options={PRIORITIES.map((value) => ({ value, label: t.kinds.priority[value], icon: <PriorityIcon priority={value} /> }))}
            onChange={(value) => setField(doc, 'priority', value)}
            className="w-full"
          />
        </Property>
        <Property label={t.item.assignees}>
          <Assignees org={project.org_id} value={fields.assignees} mayEdit={mayEdit} onChange={(value) => setField(doc, 'assignees', value)} />
        </Property>
        <Property label={t.item.labels}>
          <Labels value={fields.labels} mayEdit={mayEdit} onChange={(value) => setField(doc, 'labels', value)} />
        </Property>
        <Property label={t.item.estimate}>
          <NumberField label={`${t.item.estimate} (${t.item.estimateHelp})`} value={fields.estimate} mayEdit={mayEdit} onChange={(value) => setField(doc, 'estimate', value)} />
        </Property>
        <Property label={t.item.startDate}>
          <DateField label={t.item.startDate} value={fields.startDate} mayEdit={mayEdit} onChange={(value) => setField(doc, 'startDate', value)} />
        </Property>
        <Property label={t.item.dueDate}>
          <DateField label={t.item.dueDate} value={fields.dueDate} mayEdit={mayEdit} late={overdue} onChange={(value) => setField(doc, 'dueDate', value)} />
        </Property>
        <Property label={t.item.parent}>
          <Parent id={id} mayEdit={mayEdit} />
        </Property>
        <CustomProperties doc={doc} mayEdit={mayEdit} />
      </dl>
    </section>
  );
}

/** The day it is here, `YYYY-MM-DD`. */
function today(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

type ListProps = { value: string[]; mayEdit: boolean; onChange: (value: string[]) => void };

function Assignees({ org, value, mayEdit, onChange }: ListProps & { org: string }) {
  const members = useQuery(membersQuery(org));
  const known = new Map(members.data?.map(({ user }) => [user.id, user]));
  const names = value.map((id) => known.get(id)?.name ?? (members.isPending ? '…' : t.item.unknownPerson));
  const choices = useMemo(
    () => (members.data ?? []).map(({ user }) => ({ value: user.id, label: user.name, help: user.email, icon: <Avatar person={user} size={20} /> })),
    [members.data],
  );
  const content =
    value.length === 0 ? (
      <span className="flex items-center gap-2 text-faint">
        <UserPlus aria-hidden className="size-4" />
        {t.item.nobody}
      </span>
    ) : (
      <span className="flex min-w-0 items-center gap-2">
        <span className="flex -space-x-1">
          {value.slice(0, 4).map((id) => (
            <span key={id} aria-hidden className="flex rounded-full ring-2 ring-bg">
              <Avatar person={known.get(id) ?? { id, name: '?', colour: '#888888' }} size={20} />
            </span>
          ))}
        </span>
        <span className="truncate">{names.join(', ')}</span>
      </span>
    );
  if (!mayEdit) return <div className="flex h-8 items-center px-2 text-sm">{content}</div>;
  return (
    <Picker
      multiple
      label={t.item.assign}
      choices={choices}
      value={value}
      placeholder={t.item.findPerson}
      empty={t.item.noPerson}
      onChange={onChange}
    >
      {content}
    </Picker>
  );
}

/** The labels of the project, most used first. */
function useLabels(): string[] {
  const { items } = useProject();
  return useMemo(() => {
    const counts = new Map<string, number>();
    for (const item of items?.values() ?? []) for (const label of item.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([label]) => label);
  }, [items]);
}

function Labels({ value, mayEdit, onChange }: ListProps) {
  const known = useLabels();
  const choices = useMemo(() => [...new Set([...value, ...known])].map((label) => ({ value: label, label, icon: <LabelDot label={label} /> })), [value, known]);
  const content =
    value.length === 0 ? (
      <span className="flex items-center gap-2 text-faint">
        <Tag aria-hidden className="size-4" />
        {mayEdit ? t.item.noLabels : '–'}
      </span>
    ) : (
      <span className="flex min-w-0 flex-wrap gap-1 py-1">
        {value.map((label) => (
          <span key={label} className="inline-flex h-5.5 max-w-full items-center gap-1.5 rounded-full border border-line px-2 text-xs">
            <LabelDot label={label} />
            <span className="truncate">{label}</span>
          </span>
        ))}
      </span>
    );
  if (!mayEdit) return <div className="flex min-h-8 items-center px-2 text-sm">{content}</div>;
  return (
    <Picker
      multiple
      label={t.item.labels}
      choices={choices}
      value={value}
      placeholder={t.item.findLabel}
      empty={t.item.noLabel}
      make={{ label: t.item.newLabel, run: (label) => !value.includes(label) && onChange([...value, label]) }}
      onChange={onChange}
    >
      {content}
    </Picker>
  );
}

const LabelDot = ({ label }: { label: string }) => <span aria-hidden className={cn('size-2 shrink-0 rounded-full', paint(label))} />;

const TOP = '';

function Parent({ id, mayEdit }: { id: string; mayEdit: boolean }) {
  const { order, items, outline: room, place } = useProject();
  const parent = order.parent(id);
  const title = (item: Item | undefined) => item?.title || t.common.untitled;
  const shown = parent === null ? t.item.noParent : title(items?.get(parent));
  const choices = useMemo(() => {
    if (items === undefined) return [];
    const own = new Set(order.subtree(id));
    // As the tree shows them.
    const all = order.roots.flatMap((root) => order.subtree(root)).flatMap((one) => (own.has(one) ? [] : (items.get(one) ?? [])));
    return [
      { value: TOP, label: t.item.noParent, icon: <ListTree aria-hidden /> },
      ...all.map((item) => {
        const above = order.parent(item.id);
        return {
          value: item.id,
          label: title(item),
          icon: <TypeIcon type={item.type} />,
          ...(above === null ? {} : { help: title(items.get(above)) }),
        };
      }),
    ];
  }, [items, order, id]);
  const content = (
    <span className="flex min-w-0 items-center gap-2">
      {parent === null ? <ListTree aria-hidden className="size-4 text-faint" /> : <TypeIcon type={items?.get(parent)?.type ?? 'task'} />}
      <span className={cn('truncate', parent === null && 'text-faint')}>{parent === null ? '–' : shown}</span>
    </span>
  );
  if (!mayEdit || room === null) return <div className="flex h-8 items-center px-2 text-sm">{content}</div>;
  return (
    <Picker
      label={t.item.parent}
      choices={choices}
      value={parent ?? TOP}
      placeholder={t.item.findItem}
      empty={t.item.noItem}
      onChange={(value) => {
        if (value === (parent ?? TOP) || items === undefined) return;
        place(id, { parent: value === TOP ? null : value, before: null });
        toast.success(value === TOP ? t.item.movedToTop : t.item.moved(title(items.get(value))));
      }}
    >
      {content}
    </Picker>
  );
}
