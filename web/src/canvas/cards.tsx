/** A card: an item as it is now, standing on the canvas. */
import type { Status } from '@/api/client';
import { useProject, useLiveItems } from '@/features/tree/context';
import { t } from '@/texts';
import { cn } from '@/ui/cn';
import { StatusIcon, TypeIcon } from '@/ui/kinds';
import { useTheme } from '@/app/theme';
import { colourOf } from './rules';
import type { Shape } from './schema';

/** An item of the project, as its own document has it where that is open. */
export function useCardItem(id: string | null) {
  const { items } = useProject();
  const live = useLiveItems((all) => (id === null ? undefined : all[id]));
  const known = id === null ? undefined : items?.get(id);
  return known === undefined ? undefined : { ...known, ...live };
}

/** The word of the palette that a status has where nothing else of a card can be seen. */
export const statusColour = (status: Status): string => ({ backlog: 'gray', todo: 'gray', in_progress: 'orange', in_review: 'blue', done: 'green', cancelled: 'gray' })[status];

export function CardFace({ shape }: { shape: Shape }) {
  const theme = useTheme(({ shown }) => shown);
  const { items } = useProject();
  const item = useCardItem(shape.item);
  if (item === undefined) {
    return (
      <div className="absolute inset-0 flex items-center justify-center p-3 text-sm text-muted">{items === undefined ? '' : t.diagram.card.gone}</div>
    );
  }
  const { criteria_done: done, criteria_total: total } = item;
  return (
    <div className="absolute inset-0 flex flex-col gap-1.5 overflow-hidden rounded-[7px] px-3 py-2.5 leading-tight" style={{ color: colourOf(shape.style.color, theme, 'text'), fontSize: shape.style.fontSize }}>
      <div className="flex shrink-0 items-center gap-1.5 text-xs leading-none whitespace-nowrap text-muted">
        <TypeIcon type={item.type} className="size-3.5" />
        <span>{t.kinds.type[item.type]}</span>
        <StatusIcon status={item.status} className="ml-1.5 size-3.5" />
        <span>{t.kinds.status[item.status]}</span>
        {total > 0 && <span className="ml-auto tabular-nums">{t.diagram.card.done(done, total)}</span>}
      </div>
      <div className={cn('line-clamp-2 shrink-0 font-semibold', item.status === 'cancelled' && 'line-through')}>{item.title || t.common.untitled}</div>
      {total > 0 && (
        <span className="absolute inset-x-3 bottom-1.5 h-1 overflow-hidden rounded-full bg-hover">
          <span className="block h-full rounded-full bg-accent" style={{ width: `${(100 * done) / total}%` }} />
        </span>
      )}
    </div>
  );
}
