import { useQuery } from '@tanstack/react-query';
import { UserPlus, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type * as Y from 'yjs';
import { membersQuery } from '@/app/query';
import { t } from '@/texts';
import { Avatar } from '@/ui/avatar';
import { cn } from '@/ui/cn';
import { PRIORITIES, PriorityIcon, STATUSES, StatusIcon, TYPES, TypeIcon } from '@/ui/kinds';
import { Menu, MenuTick } from '@/ui/menu';
import { Select } from '@/ui/select';
import { fieldsOf, readFields, setField } from './model';
import { useShared } from './useShared';

const quiet =
  'h-8 w-full rounded-md border border-transparent bg-transparent px-2 text-sm hover:bg-hover focus:border-accent focus:bg-bg read-only:hover:bg-transparent placeholder:text-faint';

export function Properties({ doc, org, mayEdit }: { doc: Y.Doc; org: string; mayEdit: boolean }) {
  const fields = useShared(fieldsOf(doc), readFields);
  return (
    <section aria-label={t.item.properties} className="@container">
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
          <Assignees org={org} value={fields.assignees} mayEdit={mayEdit} onChange={(value) => setField(doc, 'assignees', value)} />
        </Property>
        <Property label={t.item.labels}>
          <Labels value={fields.labels} mayEdit={mayEdit} onChange={(value) => setField(doc, 'labels', value)} />
        </Property>
        <Property label={t.item.estimate}>
          <input
            type="number"
            min={0}
            step="any"
            inputMode="decimal"
            aria-label={`${t.item.estimate} (${t.item.estimateHelp})`}
            placeholder="–"
            readOnly={!mayEdit}
            className={quiet}
            // The key makes others' changes show; while it is focused, what is being typed stays.
            key={fields.estimate ?? 'none'}
            defaultValue={fields.estimate ?? ''}
            onBlur={(event) => {
              const value = event.target.value.trim() === '' ? null : Number(event.target.value);
              if (value !== fields.estimate && (value === null || (Number.isFinite(value) && value >= 0))) setField(doc, 'estimate', value);
            }}
            onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
          />
        </Property>
        <DateProperty label={t.item.startDate} value={fields.startDate} mayEdit={mayEdit} onChange={(value) => setField(doc, 'startDate', value)} />
        <DateProperty label={t.item.dueDate} value={fields.dueDate} mayEdit={mayEdit} onChange={(value) => setField(doc, 'dueDate', value)} />
      </dl>
    </section>
  );
}

function Property({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid min-h-9 grid-cols-[5.5rem_minmax(0,1fr)] items-center">
      <dt className="text-sm text-muted">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

function DateProperty({ label, value, mayEdit, onChange }: { label: string; value: string | null; mayEdit: boolean; onChange: (value: string | null) => void }) {
  return (
    <Property label={label}>
      <input
        type="date"
        aria-label={label}
        readOnly={!mayEdit}
        value={value ?? ''}
        className={cn(quiet, value === null && 'date-empty')}
        onChange={(event) => mayEdit && onChange(event.target.value === '' ? null : event.target.value)}
      />
    </Property>
  );
}

type ListProps = { value: string[]; mayEdit: boolean; onChange: (value: string[]) => void };

function Assignees({ org, value, mayEdit, onChange }: ListProps & { org: string }) {
  const members = useQuery(membersQuery(org));
  const known = new Map(members.data?.map(({ user }) => [user.id, user]));
  const names = value.map((id) => known.get(id)?.name ?? t.item.unknownPerson);
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
    <Menu
      trigger={
        <button
          type="button"
          aria-label={`${t.item.assign}: ${names.join(', ') || t.item.nobody}`}
          className="flex h-8 w-full min-w-0 items-center rounded-md px-2 text-left text-sm hover:bg-hover data-popup-open:bg-hover"
        >
          {content}
        </button>
      }
    >
      {(members.data ?? []).map(({ user }) => (
        <MenuTick
          key={user.id}
          checked={value.includes(user.id)}
          onChange={(checked) => onChange(checked ? [...value.filter((id) => id !== user.id), user.id] : value.filter((id) => id !== user.id))}
        >
          <Avatar person={user} size={20} />
          <span className="truncate">{user.name}</span>
        </MenuTick>
      ))}
    </Menu>
  );
}

function Labels({ value, mayEdit, onChange }: ListProps) {
  const [text, setText] = useState('');
  const add = () => {
    const label = text.trim();
    setText('');
    if (label !== '' && !value.includes(label)) onChange([...value, label]);
  };
  return (
    <div className="flex min-h-8 flex-wrap items-center gap-1 px-2 py-1">
      {value.map((label) => (
        <span key={label} className="inline-flex h-5 max-w-full items-center gap-1 rounded-full bg-hover pr-1 pl-2 text-xs">
          <span className="truncate">{label}</span>
          {mayEdit && (
            <button
              type="button"
              aria-label={t.item.removeLabel(label)}
              className="rounded-full text-muted hover:text-fg"
              onClick={() => onChange(value.filter((one) => one !== label))}
            >
              <X aria-hidden className="size-3" />
            </button>
          )}
        </span>
      ))}
      {mayEdit && (
        <input
          aria-label={t.item.addLabel}
          placeholder={value.length === 0 ? t.item.addLabel : '+'}
          value={text}
          maxLength={60}
          className={cn('h-5 min-w-6 flex-1 bg-transparent text-xs outline-offset-2 placeholder:text-faint', value.length === 0 && 'text-sm')}
          onChange={(event) => setText(event.target.value)}
          onBlur={add}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === 'Enter' || event.key === ',') {
              event.preventDefault();
              add();
            } else if (event.key === 'Backspace' && text === '' && value.length > 0) onChange(value.slice(0, -1));
          }}
        />
      )}
    </div>
  );
}
