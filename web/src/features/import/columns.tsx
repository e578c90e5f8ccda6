import { useId, type ReactNode } from 'react';
import type { ItemType, Priority, Status } from '@/api/client';
import { t } from '@/texts';
import { PRIORITIES, PriorityIcon, STATUSES, StatusIcon, TypeIcon, TYPES } from '@/ui/kinds';
import { Section } from '@/ui/page';
import { Select, selectClass } from '@/ui/select';
import { TARGETS, TEXT_FORMS, type Column, type Rereading, type Settings, type Target } from './api';

/** An item has one of these, so that a second column with it takes it from the first. */
const ONCE: readonly Target[] = ['title', 'type', 'status', 'status_category', 'priority', 'estimate', 'start_date', 'due_date', 'level'];

type Props = { columns: readonly Column[]; settings: Settings; change: (change: Rereading) => void; busy: boolean };

/** What each column is, and what the words in it stand for. */
export function Columns({ columns, settings, change, busy }: Props) {
  const types = settings.types ?? {};
  const statuses = settings.statuses ?? {};
  const priorities = settings.priorities ?? {};
  const text = settings.text ?? 'markdown';
  const named = settings.header ?? true;
  const header = useId();
  const options = TARGETS.map((value) => ({ value, label: t.importing.fields[value] }));
  const set = (at: number, target: Target) =>
    change({
      mapping: Object.fromEntries(
        columns.map(({ name, target: now }, index) => [name, index === at ? target : now === target && ONCE.includes(target) ? 'ignore' : now]),
      ),
    });
  const described = columns.some(({ target }) => target === 'description');
  return (
    <Section title={t.importing.columns} help={t.importing.columnsText}>
      <div className="rounded-lg border border-line bg-raised">
        <ul className="max-h-96 divide-y divide-line overflow-y-auto">
          {columns.map(({ name, samples, target }, index) => (
            <li key={index} className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-2">
              <div className="min-w-0 flex-1 basis-40">
                <div className="truncate text-sm font-medium">{name || t.importing.unnamed(index + 1)}</div>
                <div className="truncate text-xs text-muted">{samples.filter(Boolean).join(' · ') || t.importing.noSample}</div>
              </div>
              <Select
                className={`${selectClass} w-48 max-sm:w-full`}
                label={t.importing.columnOf(name || t.importing.unnamed(index + 1))}
                value={target}
                options={options}
                disabled={busy}
                onChange={(next) => set(index, next)}
              />
            </li>
          ))}
        </ul>
        <div className="flex flex-wrap items-center gap-x-6 gap-y-2 border-t border-line px-4 py-2.5 text-sm">
          <label htmlFor={header} className="flex items-center gap-2">
            <input id={header} type="checkbox" className="size-4 accent-accent" checked={named} disabled={busy} onChange={(event) => change({ settings: { header: event.target.checked } })} />
            {t.importing.header}
          </label>
          {described && (
            <span className="flex items-center gap-2">
              {t.importing.text}
              <Select
                className={selectClass}
                label={t.importing.text}
                value={text}
                disabled={busy}
                options={TEXT_FORMS.map((value) => ({ value, label: t.importing.textForms[value] }))}
                onChange={(form) => change({ settings: { text: form } })}
              />
            </span>
          )}
        </div>
      </div>
      <Words
        title={t.importing.words.types}
        words={types}
        busy={busy}
        options={TYPES.map((value) => ({ value, label: t.kinds.type[value], icon: <TypeIcon type={value} /> }))}
        change={(word, type: ItemType) => change({ settings: { types: { ...types, [word]: type } } })}
      />
      <Words
        title={t.importing.words.statuses}
        words={statuses}
        busy={busy}
        options={STATUSES.map((value) => ({ value, label: t.kinds.status[value], icon: <StatusIcon status={value} /> }))}
        change={(word, status: Status) => change({ settings: { statuses: { ...statuses, [word]: status } } })}
      />
      <Words
        title={t.importing.words.priorities}
        words={priorities}
        busy={busy}
        options={PRIORITIES.map((value) => ({ value, label: t.kinds.priority[value], icon: <PriorityIcon priority={value} /> }))}
        change={(word, priority: Priority) => change({ settings: { priorities: { ...priorities, [word]: priority } } })}
      />
    </Section>
  );
}

type WordsProps<T extends string> = {
  title: string;
  words: Readonly<Record<string, T>>;
  options: readonly { value: T; label: string; icon: ReactNode }[];
  change: (word: string, value: T) => void;
  busy: boolean;
};

function Words<T extends string>({ title, words, options, change, busy }: WordsProps<T>) {
  const all = Object.entries(words);
  if (all.length === 0) return null;
  return (
    <section className="mt-4" aria-label={title}>
      <h3 className="mb-1.5 text-sm font-medium">{title}</h3>
      <ul className="grid max-h-72 gap-x-6 overflow-y-auto rounded-lg border border-line bg-raised px-4 py-2 sm:grid-cols-2">
        {all.map(([word, value]) => (
          <li key={word} className="flex items-center gap-2 py-0.5 text-sm">
            <span className="min-w-0 flex-1 truncate">{word}</span>
            <Select className="w-40 [&>svg:last-child]:opacity-100" label={t.importing.wordIs(word)} value={value} options={options} disabled={busy} onChange={(next) => change(word, next)} />
          </li>
        ))}
      </ul>
    </section>
  );
}
