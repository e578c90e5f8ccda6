/** Icons of types, statuses and priorities. The text beside or in the label carries the meaning; shape helps where colour can't. */
import { Bookmark, Box, Layers, SquareCheck, Workflow } from 'lucide-react';
import type { ItemType, Priority, Status } from '@/api/client';
import { cn } from './cn';

/** Those that an item changes among. */
export const TYPES: readonly ItemType[] = ['epic', 'feature', 'story', 'task'];
/** All that stand in a tree: a diagram is one for good. */
export const ALL_TYPES: readonly ItemType[] = [...TYPES, 'diagram'];
export const STATUSES: readonly Status[] = ['backlog', 'todo', 'in_progress', 'in_review', 'done', 'cancelled'];
export const PRIORITIES: readonly Priority[] = ['none', 'low', 'medium', 'high', 'urgent'];

const types = {
  epic: { Icon: Layers, colour: 'text-epic' },
  feature: { Icon: Box, colour: 'text-feature' },
  story: { Icon: Bookmark, colour: 'text-story' },
  task: { Icon: SquareCheck, colour: 'text-task' },
  diagram: { Icon: Workflow, colour: 'text-diagram' },
};

export function TypeIcon({ type, className }: { type: ItemType; className?: string }) {
  const { Icon, colour } = types[type] ?? types.task;
  return <Icon aria-hidden className={cn('size-4 shrink-0', colour, className)} />;
}

const statusColour: Record<Status, string> = {
  backlog: 'text-faint',
  todo: 'text-muted',
  in_progress: 'text-warn',
  in_review: 'text-info',
  done: 'text-accent',
  cancelled: 'text-faint',
};

export function StatusIcon({ status, className }: { status: Status; className?: string }) {
  const share = { backlog: 0, todo: 0, in_progress: 0.5, in_review: 0.75, done: 1, cancelled: 1 }[status] ?? 0;
  const around = 2 * Math.PI * 2.5;
  return (
    <svg viewBox="0 0 16 16" aria-hidden className={cn('size-4 shrink-0', statusColour[status], className)}>
      {status === 'done' || status === 'cancelled' ? (
        <>
          <circle cx="8" cy="8" r="6.5" fill="currentColor" />
          <path
            d={status === 'done' ? 'M5.2 8.2l2 2 3.7-4' : 'M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6'}
            fill="none"
            stroke="var(--bg-raised)"
            strokeWidth="1.6"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </>
      ) : (
        <>
          <circle cx="8" cy="8" r="5.75" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray={status === 'backlog' ? '1.6 2' : undefined} />
          {share > 0 && (
            <circle
              cx="8"
              cy="8"
              r="2.5"
              fill="none"
              stroke="currentColor"
              strokeWidth="5"
              strokeDasharray={`${around * share} ${around}`}
              transform="rotate(-90 8 8)"
            />
          )}
        </>
      )}
    </svg>
  );
}

export function PriorityIcon({ priority, className }: { priority: Priority; className?: string }) {
  const level = { none: 0, low: 1, medium: 2, high: 3, urgent: 4 }[priority] ?? 0;
  return (
    <svg viewBox="0 0 16 16" aria-hidden className={cn('size-4 shrink-0', level === 4 ? 'text-danger' : 'text-muted', className)} fill="currentColor">
      {level === 0 ? (
        <path d="M3 7.25h10v1.5H3z" opacity="0.6" />
      ) : level === 4 ? (
        <path d="M3 1.5h10A1.5 1.5 0 0 1 14.5 3v10a1.5 1.5 0 0 1-1.5 1.5H3A1.5 1.5 0 0 1 1.5 13V3A1.5 1.5 0 0 1 3 1.5Zm4 2.5.3 5h1.4L9 4H7Zm1 6.2a1 1 0 1 0 0 2 1 1 0 0 0 0-2Z" />
      ) : (
        [0, 1, 2].map((bar) => <rect key={bar} x={2 + bar * 4.5} y={10 - bar * 3.5} width="3" height={4 + bar * 3.5} rx="1" opacity={bar < level ? 1 : 0.28} />)
      )}
    </svg>
  );
}
