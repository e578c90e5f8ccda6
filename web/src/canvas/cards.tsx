/** A card: an item as it is now, standing on the canvas. */
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
    <div className="absolute inset-0 flex flex-col gap-1 overflow-hidden px-3 py-2.5 leading-tight" style={{ color: colourOf(shape.style.color, theme, 'text'), fontSize: shape.style.fontSize }}>
      <div className="flex items-center gap-1.5 text-xs text-muted">
        <TypeIcon type={item.type} className="size-3.5" />
        <span>{t.kinds.type[item.type]}</span>
        <span className="ml-auto flex items-center gap-1">
          <StatusIcon status={item.status} className="size-3.5" />
          {t.kinds.status[item.status]}
        </span>
      </div>
      <div className={cn('line-clamp-2 font-semibold', item.status === 'cancelled' && 'line-through')}>{item.title || t.common.untitled}</div>
      {total > 0 && (
        <div className="mt-auto flex items-center gap-2 text-xs text-muted tabular-nums">
          <span className="h-1 flex-1 overflow-hidden rounded-full bg-hover">
            <span className="block h-full rounded-full bg-accent" style={{ width: `${(100 * done) / total}%` }} />
          </span>
          {t.diagram.card.done(done, total)}
        </div>
      )}
    </div>
  );
}
