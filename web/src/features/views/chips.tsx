/** The values of an item as rows, cards and cells show them. */
import { memo } from 'react';
import type { Item, Status } from '@/api/client';
import { t } from '@/texts';
import { Avatar } from '@/ui/avatar';
import { cn } from '@/ui/cn';
import type { Member } from './context';

/** What a person who has left is shown as. */
export const stranger = (id: string): Member => ({ id, name: t.item.unknownPerson, colour: '#888888' });

export const namesOf = (ids: readonly string[], members: ReadonlyMap<string, Member>): string =>
  ids.map((id) => members.get(id)?.name ?? t.item.unknownPerson).join(', ');

/** Faces in a stack. Decoration: whatever holds it says the names. */
export function Faces({ ids, members, size = 18, max = 3 }: { ids: readonly string[]; members: ReadonlyMap<string, Member>; size?: number; max?: number }) {
  const shown = ids.slice(0, ids.length > max ? max - 1 : max);
  return (
    <span aria-hidden className="flex -space-x-1">
      {shown.map((id) => (
        <span key={id} className="flex rounded-full ring-2 ring-bg">
          <Avatar person={members.get(id) ?? stranger(id)} size={size} />
        </span>
      ))}
      {ids.length > shown.length && (
        <span
          className="flex items-center justify-center rounded-full bg-hover font-semibold text-muted ring-2 ring-bg before:content-[attr(data-more)]"
          style={{ width: size, height: size, fontSize: Math.max(9, size * 0.45) }}
          data-more={`+${ids.length - shown.length}`}
        />
      )}
    </span>
  );
}

/** A face of nobody: a dashed circle. */
export function NoFace({ size = 18 }: { size?: number }) {
  return (
    <svg aria-hidden viewBox="0 0 18 18" width={size} height={size} className="text-faint" fill="none" stroke="currentColor">
      <circle cx="9" cy="9" r="7.5" strokeDasharray="2.2 2.2" />
      <circle cx="9" cy="7.2" r="2.2" />
      <path d="M5 13.4c.7-1.9 2.2-2.9 4-2.9s3.3 1 4 2.9" />
    </svg>
  );
}

export const Labels = memo(function Labels({ labels, max = 3, className }: { labels: readonly string[]; max?: number; className?: string }) {
  if (labels.length === 0) return null;
  return (
    <span aria-hidden className={cn('flex min-w-0 items-center gap-1', className)} title={labels.join(', ')}>
      {labels.slice(0, max).map((label) => (
        <span key={label} className="flex h-5 max-w-28 items-center gap-1 rounded-full border border-line px-1.5 text-xs text-muted">
          <span className={cn('size-2 shrink-0 rounded-full', paint(label))} />
          {/* Drawn, not written: the row's own name says its labels. */}
          <span className="truncate before:content-[attr(data-label)]" data-label={label} />
        </span>
      ))}
      {labels.length > max && <span className="text-xs text-faint before:content-[attr(data-more)]" data-more={`+${labels.length - max}`} />}
    </span>
  );
});

const paints = ['bg-epic', 'bg-feature', 'bg-story', 'bg-warn', 'bg-danger', 'bg-info', 'bg-accent', 'bg-task'];

/** Always the same colour for the same word. */
export function paint(label: string): string {
  let sum = 0;
  for (const char of label) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return paints[sum % paints.length] as string;
}

/** Criteria done: a small ring and the numbers. */
export function Progress({ done, total, className }: { done: number; total: number; className?: string }) {
  if (total === 0) return null;
  const around = 2 * Math.PI * 5;
  const full = done >= total;
  return (
    <span
      aria-hidden
      title={t.work.progress(done, total)}
      className={cn('flex shrink-0 items-center gap-1 text-xs tabular-nums after:content-[attr(data-count)]', full ? 'text-accent-text' : 'text-muted', className)}
      data-count={`${done}/${total}`}
    >
      <svg viewBox="0 0 14 14" className="size-3.5 -rotate-90" fill="none" strokeWidth="2.5">
        <circle cx="7" cy="7" r="5" className="stroke-line-strong" />
        <circle cx="7" cy="7" r="5" className="stroke-accent" strokeDasharray={`${around * Math.min(1, done / total)} ${around}`} />
      </svg>
    </span>
  );
}

export const isClosed = (status: Status): boolean => status === 'done' || status === 'cancelled';

/** What a screen reader says of an item. */
export function spoken(item: Item, members: ReadonlyMap<string, Member>): string {
  const parts = [`${t.kinds.type[item.type]}: ${item.title || t.common.untitled}`, t.kinds.status[item.status]];
  if (item.priority !== 'none') parts.push(t.kinds.priority[item.priority]);
  if (item.assignees.length > 0) parts.push(t.work.assignedTo(namesOf(item.assignees, members)));
  if (item.labels.length > 0) parts.push(item.labels.join(', '));
  if (item.criteria_total > 0) parts.push(t.work.progress(item.criteria_done, item.criteria_total));
  return parts.join(', ');
}
