import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Search, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { toast } from '@/ui/toast';
import type { Item } from '@/api/client';
import { binQuery } from '@/app/query';
import { useWork } from '@/features/views/context';
import { folded } from '@/features/views/filter';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Empty, Failed, Pending, Skeleton } from '@/ui/feedback';
import { TypeIcon } from '@/ui/kinds';
import { ago } from '@/ui/when';
import { binned } from './bin.model';

const ROW = 56;

/** What was deleted in the project: found by title, restored one by one or together. */
export default function Bin({ project, mayRestore, onClose }: { project: string; mayRestore: boolean; onClose: () => void }) {
  const { acts, items, members } = useWork();
  const bin = useQuery(binQuery(project));
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());
  const all = useMemo(() => (bin.data === undefined ? undefined : binned(bin.data)), [bin.data]);
  const shown = useMemo(() => {
    const words = folded(text).split(/\s+/).filter(Boolean);
    return all?.filter(({ item }) => words.every((word) => folded(item.title).includes(word)));
  }, [all, text]);
  // A state, not a ref: the dialog's content comes after the first rendering.
  const [list, setList] = useState<HTMLDivElement | null>(null);
  const virtual = useVirtualizer({ count: shown?.length ?? 0, getScrollElement: () => list, estimateSize: () => ROW, overscan: 8, getItemKey: (index) => shown?.[index]?.item.id ?? index });
  const picked = (all ?? []).filter(({ item }) => chosen.has(item.id)).map(({ item }) => item);

  const restore = async (some: Item[]) => {
    const ids = some.map(({ id }) => id);
    setBusy((now) => new Set([...now, ...ids]));
    const done = await acts.restore(ids);
    setBusy((now) => new Set([...now].filter((id) => !ids.includes(id))));
    if (!done) return;
    setChosen((now) => new Set([...now].filter((id) => !ids.includes(id))));
    toast(t.tree.restored(some.length === 1 ? t.work.quoted(some[0]?.title || t.common.untitled) : t.work.items(some.length)));
  };

  return (
    <Dialog open onClose={onClose} title={t.tree.binTitle} text={t.tree.binText} className="max-w-2xl">
      {bin.isError ? (
        <Failed error={bin.error} retry={() => void bin.refetch()} />
      ) : all === undefined || shown === undefined ? (
        <Pending className="grid h-[min(26rem,50vh)] content-start gap-3">
          <Skeleton className="h-10" />
          <Skeleton className="h-10" />
        </Pending>
      ) : all.length === 0 ? (
        <Empty icon={<Trash2 />} title={t.tree.binEmpty}>
          {t.tree.binEmptyText}
        </Empty>
      ) : (
        <>
          <div className="mb-3 flex items-center gap-2">
            <label className="relative flex min-w-0 flex-1 items-center">
              <Search aria-hidden className="pointer-events-none absolute left-2.5 size-4 text-faint" />
              <input
                type="search"
                aria-label={t.tree.binFind}
                placeholder={t.tree.binFind}
                value={text}
                className="h-9 w-full rounded-md border border-line-strong bg-bg pr-2.5 pl-8 text-sm placeholder:text-faint focus:border-accent pointer-coarse:h-10 pointer-coarse:text-[1rem]"
                onChange={(event) => setText(event.target.value)}
              />
            </label>
            {mayRestore && (
              <Button look="primary" className="h-9" disabled={picked.length === 0 || busy.size > 0} onClick={() => void restore(picked)}>
                {picked.length === 0 ? t.tree.restoreSelected : t.tree.restoreCount(picked.length)}
              </Button>
            )}
          </div>
          <div ref={setList} className="max-h-[min(26rem,50vh)] min-h-14 overflow-y-auto rounded-lg border border-line" tabIndex={-1}>
            <ul aria-label={t.tree.binTitle} className="relative" style={{ height: virtual.getTotalSize() }}>
              {virtual.getVirtualItems().map(({ index, start }) => {
                const entry = shown[index];
                if (entry === undefined) return null;
                const { item, inside, parent } = entry;
                const title = item.title || t.common.untitled;
                const by = members.get(item.deleted_by ?? '')?.name;
                const under = parent === null ? undefined : items.get(parent)?.title;
                return (
                  <li key={item.id} className="absolute inset-x-0 flex items-center gap-2.5 border-b border-line px-3 last:border-b-0" style={{ top: start, height: ROW }}>
                    {mayRestore && (
                      <input
                        type="checkbox"
                        aria-label={t.table.selectRow(title)}
                        className="size-4 shrink-0 accent-accent pointer-coarse:size-5"
                        checked={chosen.has(item.id)}
                        onChange={(event) =>
                          setChosen((now) => {
                            const next = new Set(now);
                            if (event.target.checked) next.add(item.id);
                            else next.delete(item.id);
                            return next;
                          })
                        }
                      />
                    )}
                    <TypeIcon type={item.type} />
                    <span className="min-w-0 flex-1">
                      <span className="block truncate text-sm">
                        {title}
                        {inside > 0 && <span className="text-muted"> {t.tree.binInside(inside)}</span>}
                      </span>
                      <span className="block truncate text-xs text-muted">
                        {item.deleted_at && t.tree.deletedAt(ago(item.deleted_at), by)}
                        {under !== undefined && ` · ${t.tree.binFrom(under || t.common.untitled)}`}
                      </span>
                    </span>
                    {mayRestore && (
                      <Button aria-label={`${t.tree.restore}: ${title}`} disabled={busy.has(item.id)} onClick={() => void restore([item])}>
                        {t.tree.restore}
                      </Button>
                    )}
                  </li>
                );
              })}
            </ul>
            {shown.length === 0 && <p className="py-10 text-center text-sm text-muted">{t.work.pick.none}</p>}
          </div>
        </>
      )}
    </Dialog>
  );
}
