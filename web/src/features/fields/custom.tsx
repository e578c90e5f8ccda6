/** A project's own fields in the rail of an item. */
import { useQuery } from '@tanstack/react-query';
import { ExternalLink, Settings2 } from 'lucide-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import type * as Y from 'yjs';
import { membersQuery } from '@/app/query';
import { fieldsOf } from '@/features/item/model';
import { DateField, NumberField, Property, quiet } from '@/features/item/property';
import { useShared } from '@/features/item/useShared';
import { useProject } from '@/features/tree/context';
import { t } from '@/texts';
import { Avatar } from '@/ui/avatar';
import { buttonClass } from '@/ui/button';
import { Picker } from '@/ui/picker';
import { fieldsQuery, type CustomField, type FieldOption } from './api';
import { asDate, asLink, asList, asNumber, asText, readValues, setValue } from './values';

const Manage = lazy(() => import('./manage'));

export function CustomProperties({ doc, mayEdit }: { doc: Y.Doc; mayEdit: boolean }) {
  const { project } = useProject();
  const fields = useQuery(fieldsQuery(project.id));
  const values = useShared(fieldsOf(doc), readValues);
  const [managing, setManaging] = useState(false);
  const mayManage = project.abilities.admin;
  if ((fields.data?.length ?? 0) === 0 && !mayManage) return null;
  return (
    <>
      {fields.data?.map((field) => (
        <Property key={field.id} label={field.name}>
          <Value field={field} value={values[field.id]} mayEdit={mayEdit} org={project.org_id} onChange={(value) => setValue(doc, field.id, value)} />
        </Property>
      ))}
      {mayManage && fields.data !== undefined && (
        <div className="pt-1 @md:col-span-2 @4xl:col-span-1">
          <dt className="sr-only">{t.fields.manage}</dt>
          <dd>
            <button type="button" className={buttonClass('ghost', '-ml-2 px-2 text-xs')} onClick={() => setManaging(true)}>
              <Settings2 aria-hidden className="size-3.5" />
              {fields.data.length === 0 ? t.fields.add : t.fields.manage}
            </button>
          </dd>
          {managing && (
            <Suspense>
              <Manage project={project.id} fields={fields.data} onClose={() => setManaging(false)} />
            </Suspense>
          )}
        </div>
      )}
    </>
  );
}

type Change = (value: string | number | boolean | string[] | null) => void;
type Props = { field: CustomField; value: unknown; mayEdit: boolean; onChange: Change };

function Value({ field, value, mayEdit, org, onChange }: Props & { org: string }) {
  switch (field.kind) {
    case 'number':
      return <NumberField label={field.name} value={asNumber(value)} min={null} mayEdit={mayEdit} onChange={onChange} />;
    case 'date':
      return <DateField label={field.name} value={asDate(value)} mayEdit={mayEdit} onChange={onChange} />;
    case 'checkbox':
      return (
        <span className="flex h-8 items-center px-2">
          <input
            type="checkbox"
            aria-label={field.name}
            checked={value === true}
            disabled={!mayEdit}
            className="size-4 accent-accent pointer-coarse:size-5"
            onChange={(event) => onChange(event.target.checked ? true : null)}
          />
        </span>
      );
    case 'select':
    case 'multi_select':
      return <Options field={field} value={value} mayEdit={mayEdit} onChange={onChange} />;
    case 'person':
      return <Person field={field} value={value} mayEdit={mayEdit} onChange={onChange} org={org} />;
    default:
      return <Line field={field} value={value} mayEdit={mayEdit} onChange={onChange} />;
  }
}

/** A text or an address. */
function Line({ field, value, mayEdit, onChange }: Props) {
  const text = asText(value);
  const link = field.kind === 'url' ? asLink(value) : null;
  return (
    <span className="flex items-center">
      <input
        type="text"
        aria-label={field.name}
        placeholder="–"
        readOnly={!mayEdit}
        maxLength={2000}
        className={quiet}
        // The key makes others' changes show; while it is focused, what is being typed stays.
        key={text}
        defaultValue={text}
        onBlur={(event) => {
          const next = event.target.value.trim();
          if (next !== text) onChange(next === '' ? null : next);
        }}
        onKeyDown={(event) => event.key === 'Enter' && !event.nativeEvent.isComposing && event.currentTarget.blur()}
      />
      {link !== null && (
        <a href={link} target="_blank" rel="noopener noreferrer nofollow" aria-label={t.fields.open(field.name)} className="flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-fg">
          <ExternalLink aria-hidden className="size-4" />
        </a>
      )}
    </span>
  );
}

const Dot = ({ colour }: { colour: string }) => <span aria-hidden className="size-2.5 shrink-0 rounded-full" style={{ background: colour }} />;

function Options({ field, value, mayEdit, onChange }: Props) {
  const many = field.kind === 'multi_select';
  const chosen = many ? asList(value) : [asText(value)].filter((one) => one !== '');
  const known = new Map<string, FieldOption>(field.options.map((option) => [option.id, option]));
  // An option that was taken away leaves its value where it is; it isn't shown as one.
  const shown = chosen.map((id) => known.get(id)).filter((option) => option !== undefined);
  const choices = [
    ...(many || shown.length === 0 ? [] : [{ value: '', label: t.fields.none }]),
    ...field.options.map((option) => ({ value: option.id, label: option.name, icon: <Dot colour={option.colour} /> })),
  ];
  const content =
    shown.length === 0 ? (
      <span className="text-faint">–</span>
    ) : (
      <span className="flex min-w-0 flex-wrap gap-1 py-1">
        {shown.map((option) => (
          <span key={option.id} className="inline-flex h-5 max-w-full items-center gap-1.5 rounded-full bg-hover px-2 text-xs">
            <Dot colour={option.colour} />
            <span className="truncate">{option.name}</span>
          </span>
        ))}
      </span>
    );
  if (!mayEdit) return <div className="flex min-h-8 items-center px-2 text-sm">{content}</div>;
  const common = { label: field.name, choices, placeholder: t.fields.find, empty: t.fields.noOption };
  return many ? (
    <Picker {...common} multiple value={chosen} onChange={(next) => onChange(next.length === 0 ? null : next)}>
      {content}
    </Picker>
  ) : (
    <Picker {...common} value={chosen[0] ?? null} onChange={(next) => onChange(next === '' ? null : next)}>
      {content}
    </Picker>
  );
}

function Person({ field, value, mayEdit, onChange, org }: Props & { org: string }) {
  const members = useQuery(membersQuery(org));
  const id = asText(value);
  const person = members.data?.find(({ user }) => user.id === id)?.user;
  const choices = useMemo(
    () => [
      ...(id === '' ? [] : [{ value: '', label: t.item.nobody }]),
      ...(members.data ?? []).map(({ user }) => ({ value: user.id, label: user.name, help: user.email, icon: <Avatar person={user} size={20} /> })),
    ],
    [members.data, id],
  );
  const content =
    id === '' ? (
      <span className="text-faint">–</span>
    ) : (
      <span className="flex min-w-0 items-center gap-2">
        <span aria-hidden className="flex">
          <Avatar person={person ?? { id, name: '?', colour: '#888888' }} size={20} />
        </span>
        <span className="truncate">{person?.name ?? (members.isPending ? '…' : t.item.unknownPerson)}</span>
      </span>
    );
  if (!mayEdit) return <div className="flex h-8 items-center px-2 text-sm">{content}</div>;
  return (
    <Picker label={field.name} choices={choices} value={id === '' ? null : id} placeholder={t.item.findPerson} empty={t.item.noPerson} onChange={(next) => onChange(next === '' ? null : next)}>
      {content}
    </Picker>
  );
}
