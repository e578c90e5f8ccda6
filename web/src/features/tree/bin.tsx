import { useQuery } from '@tanstack/react-query';
import { toast } from 'sonner';
import type { Item } from '@/api/client';
import { binQuery } from '@/app/query';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Failed, Pending, Skeleton } from '@/ui/feedback';
import { TypeIcon } from '@/ui/kinds';
import { listClass } from '@/ui/page';
import { ago } from '@/ui/when';
import { restoreItem } from './actions';

/** Deleted items. Those that went with a deleted parent come back with it and aren't listed on their own. */
function tops(items: Item[]): Item[] {
  const deleted = new Map(items.map((item) => [item.id, item]));
  return items
    .filter((item) => {
      const parent = item.parent == null ? undefined : deleted.get(item.parent);
      return parent === undefined || parent.deleted_at !== item.deleted_at;
    })
    .sort((a, b) => (b.deleted_at ?? '').localeCompare(a.deleted_at ?? ''));
}

export function Bin({ project, mayRestore, onClose }: { project: string; mayRestore: boolean; onClose: () => void }) {
  const bin = useQuery(binQuery(project));
  const items = bin.data === undefined ? undefined : tops(bin.data);
  return (
    <Dialog open onClose={onClose} title={t.tree.binTitle} text={t.tree.binText} className="max-w-lg">
      {bin.isError ? (
        <Failed error={bin.error} retry={() => void bin.refetch()} />
      ) : items === undefined ? (
        <Pending className="grid gap-3">
          <Skeleton className="h-10" />
          <Skeleton className="h-10" />
        </Pending>
      ) : items.length === 0 ? (
        <p className="py-8 text-center text-sm text-muted">{t.tree.binEmpty}</p>
      ) : (
        <ul className={listClass}>
          {items.map((item) => (
            <li key={item.id} className="flex min-h-13 items-center gap-2.5 px-3 py-1.5">
              <TypeIcon type={item.type} />
              <span className="min-w-0 flex-1">
                <span className="block truncate text-sm">{item.title || t.common.untitled}</span>
                {item.deleted_at && <span className="block text-xs text-muted">{t.tree.deletedAt(ago(item.deleted_at))}</span>}
              </span>
              {mayRestore && (
                <Button
                  aria-label={`${t.tree.restore}: ${item.title || t.common.untitled}`}
                  onClick={() => {
                    void restoreItem(project, item.id).then(({ state }) => {
                      if (state !== 'refused') toast(t.tree.restored(item.title || t.common.untitled));
                    });
                  }}
                >
                  {t.tree.restore}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
