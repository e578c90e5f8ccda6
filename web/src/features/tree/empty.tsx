import { Link } from '@tanstack/react-router';
import { FileUp, ListTree, Plus, SearchX, Sparkles } from 'lucide-react';
import { useState } from 'react';
import type { ItemType } from '@/api/client';
import { useWork } from '@/features/views/context';
import { clearFilter } from '@/features/views/filterbar';
import { t } from '@/texts';
import { Button, buttonClass } from '@/ui/button';
import { Empty } from '@/ui/feedback';

/** A project without items: what to do first. */
export function StartHere({ start }: { start: () => void }) {
  const { project, mayEdit, acts } = useWork();
  const [busy, setBusy] = useState(false);
  if (!mayEdit) return <Empty icon={<ListTree />} title={t.tree.emptyViewerTitle}>{t.tree.emptyViewer}</Empty>;
  const example = () => {
    setBusy(true);
    const made: string[] = [];
    const last = new Map<string | null, string>();
    for (const [type, title, inside] of t.tree.example as readonly (readonly [ItemType, string, number | null])[]) {
      const parent = inside === null ? null : (made[inside] as string);
      const id = acts.create({ type, title, parent, after: last.get(parent) ?? null });
      last.set(parent, id);
      made.push(id);
    }
  };
  return (
    <Empty
      icon={<ListTree />}
      title={t.tree.emptyTitle}
      action={
        <div className="flex flex-wrap justify-center gap-2">
          <Button look="primary" onClick={start}>
            <Plus className="size-4" aria-hidden />
            {t.tree.emptyAction}
          </Button>
          <Link to="/p/$projectId/import" params={{ projectId: project.id }} className={buttonClass()}>
            <FileUp className="size-4" aria-hidden />
            {t.tree.emptyImport}
          </Link>
          <Button disabled={busy} onClick={example}>
            <Sparkles className="size-4" aria-hidden />
            {t.tree.emptyExample}
          </Button>
        </div>
      }
    >
      {t.tree.emptyText}
    </Empty>
  );
}

/** The filter leaves nothing. */
export function NoMatch() {
  const { project, handle } = useWork();
  return (
    <Empty
      icon={<SearchX />}
      title={t.work.filter.nothingTitle}
      action={
        <Button
          onClick={() => {
            clearFilter(project.id);
            setTimeout(() => handle.current?.focus(), 0);
          }}
        >
          {t.work.filter.clear}
        </Button>
      }
    >
      {t.work.filter.nothingText}
    </Empty>
  );
}
