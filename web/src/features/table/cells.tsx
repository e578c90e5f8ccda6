/** What stands in a cell, and the field in which it is changed in place. */
import { Check } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Item } from '@/api/client';
import { Faces, isClosed, Labels, namesOf, Progress } from '@/features/views/chips';
import type { Member } from '@/features/views/context';
import { locale } from '@/texts/locale';
import { t } from '@/texts';
import { cn } from '@/ui/cn';
import { PriorityIcon, StatusIcon, TypeIcon } from '@/ui/kinds';
import { ago } from '@/ui/when';
import { customOf, type Column } from './model';

/** `2026-03-01` as people here write it. A date without a time is the same day everywhere. */
export const dayOf = (date: string): string => new Date(`${date.slice(0, 10)}T00:00:00`).toLocaleDateString(locale(), { day: 'numeric', month: 'short', year: 'numeric' });

/** What a cell says, for a screen reader and for those that only hold text. */
export function textOf(item: Item, column: Column, members: ReadonlyMap<string, Member>, parent: string | null): string {
  switch (column.id) {
    case 'title':
      return item.title || t.common.untitled;
    case 'type':
      return t.kinds.type[item.type];
    case 'status':
      return t.kinds.status[item.status];
    case 'priority':
      return t.kinds.priority[item.priority];
    case 'assignees':
      return namesOf(item.assignees, members);
    case 'labels':
      return item.labels.join(', ');
    case 'estimate':
      return item.estimate == null ? '' : item.estimate.toLocaleString(locale());
    case 'start_date':
    case 'due_date':
      return item[column.id] ? dayOf(item[column.id] as string) : '';
    case 'criteria':
      return item.criteria_total === 0 ? '' : t.work.progress(item.criteria_done, item.criteria_total);
    case 'parent':
      return parent ?? '';
    case 'updated_at':
    case 'created_at':
      return item[column.id] === '' ? '' : ago(item[column.id]);
    default:
      return customText(customOf(item, column), column, members);
  }
}

function customText(value: unknown, { custom }: Column, members: ReadonlyMap<string, Member>): string {
  if (value === null || value === undefined || custom === undefined) return '';
  const option = (id: unknown) => custom.options.find((one) => one.id === id)?.name ?? '';
  switch (custom.kind) {
    case 'checkbox':
      return value === true ? t.table.yes : t.table.no;
    case 'select':
      return option(value);
    case 'multi_select':
      return Array.isArray(value) ? value.map(option).filter(Boolean).join(', ') : '';
    case 'person':
      return typeof value === 'string' ? (members.get(value)?.name ?? t.item.unknownPerson) : Array.isArray(value) ? namesOf(value.map(String), members) : '';
    case 'number':
      return typeof value === 'number' ? value.toLocaleString(locale()) : '';
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) ? dayOf(value) : '';
    default:
      return String(value);
  }
}

export function CellContent({ item, column, members, text }: { item: Item; column: Column; members: ReadonlyMap<string, Member>; text: string }) {
  switch (column.id) {
    case 'title':
      return (
        <>
          <TypeIcon type={item.type} />
          <span className={cn('truncate', isClosed(item.status) && 'text-muted', item.title === '' && 'text-muted italic')}>{text}</span>
        </>
      );
    case 'status':
      return (
        <>
          <StatusIcon status={item.status} />
          <span className="truncate">{text}</span>
        </>
      );
    case 'priority':
      return item.priority === 'none' ? null : (
        <>
          <PriorityIcon priority={item.priority} />
          <span className="truncate">{text}</span>
        </>
      );
    case 'assignees':
      return item.assignees.length === 0 ? null : (
        <>
          <Faces ids={item.assignees} members={members} />
          <span className="truncate">{text}</span>
        </>
      );
    case 'labels':
      return <Labels labels={item.labels} max={3} />;
    case 'criteria':
      return <Progress done={item.criteria_done} total={item.criteria_total} />;
    case 'estimate':
      return <span className="tabular-nums">{text}</span>;
    default:
      if (column.custom?.kind === 'checkbox') return customOf(item, column) === true ? <Check aria-hidden className="size-4 text-accent-text" /> : null;
      return <span className="truncate text-muted">{text}</span>;
  }
}

type InputProps = { type: 'text' | 'number' | 'date' | 'url'; label: string; value: string; /** What was typed to begin with. */ typed: string | null; done: (value: string | null, then: 'stay' | 'down' | 'right' | 'left') => void };

/** Changes a cell in place. Enter keeps and goes down, Tab keeps and goes on, Escape gives up. */
export function CellInput({ type, label, value, typed, done }: InputProps) {
  const [text, setText] = useState(typed ?? value);
  const over = useRef(false);
  const end = (keep: boolean, then: 'stay' | 'down' | 'right' | 'left') => {
    if (over.current) return;
    over.current = true;
    done(keep ? text.trim() : null, then);
  };
  return (
    <input
      autoFocus
      type={type}
      aria-label={label}
      value={text}
      maxLength={500}
      {...(type === 'number' ? { step: 'any' } : {})}
      className="absolute inset-0 z-10 h-full w-full rounded-none border-2 border-accent bg-bg px-2 text-sm outline-none"
      onFocus={(event) => typed === null && type !== 'date' && event.currentTarget.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => end(true, 'stay')}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.nativeEvent.isComposing) return;
        const then = { Enter: 'down', Tab: event.shiftKey ? 'left' : 'right', Escape: 'stay' } as const;
        const next = then[event.key as keyof typeof then];
        if (next === undefined) return;
        event.preventDefault();
        end(event.key !== 'Escape', next);
      }}
    />
  );
}
