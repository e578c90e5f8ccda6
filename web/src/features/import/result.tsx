import { Link } from '@tanstack/react-router';
import { CircleAlert, CircleCheck, Undo2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { toast } from '@/ui/toast';
import { explain } from '@/api/client';
import { queryClient } from '@/app/query';
import { t } from '@/texts';
import { Button, buttonClass } from '@/ui/button';
import { Confirm } from '@/ui/dialog';
import { Section } from '@/ui/page';
import { undo, type Import } from './api';
import { Report } from './report';

export function Running({ shown: { name, state, done, total } }: { shown: Import }) {
  const doing = state === 'undoing' ? t.importing.undoing : t.importing.running;
  const share = total === 0 ? 0 : Math.min(1, done / total);
  return (
    <div className="rounded-lg border border-line bg-raised px-5 py-6">
      <p className="font-medium">{doing}</p>
      <p className="mt-0.5 truncate text-sm text-muted">{name}</p>
      <div
        role="progressbar"
        aria-label={doing}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
        aria-valuetext={t.importing.progress(done, total)}
        className="mt-4 h-2 overflow-hidden rounded-full bg-hover"
      >
        <div className="h-full origin-left rounded-full bg-accent transition-transform duration-500" style={{ transform: `scaleX(${share})` }} />
      </div>
      <p className="mt-2 flex flex-wrap justify-between gap-x-4 text-sm text-muted">
        <span className="tabular-nums">{t.importing.progress(done, total)}</span>
        <span>{t.importing.leave}</span>
      </p>
    </div>
  );
}

/** How an import ended. */
export function Result({ project, shown }: { project: string; shown: Import }) {
  const [asking, setAsking] = useState(false);
  const { id, state, done, report } = shown;
  const failed = state === 'failed';
  const undone = state === 'undone';
  // What it made shows wherever the project is shown.
  useEffect(() => {
    void queryClient.invalidateQueries({ queryKey: ['items', project] });
    void queryClient.invalidateQueries({ queryKey: ['bin', project] });
  }, [project, state]);
  const Icon = failed ? CircleAlert : undone ? Undo2 : CircleCheck;
  return (
    <>
      <div role="status" className="mb-6 rounded-lg border border-line bg-raised px-5 py-5">
        <h2 className="flex items-center gap-2 font-semibold">
          <Icon aria-hidden className={failed ? 'size-5 text-danger' : undone ? 'size-5 text-muted' : 'size-5 text-accent'} />
          {failed ? t.importing.failedTitle : undone ? t.importing.undoneTitle : t.importing.doneTitle(done)}
        </h2>
        <p className="mt-1 text-sm text-muted">{failed ? t.importing.failedText(done) : undone ? t.importing.undoneText : shown.name}</p>
        <div className="mt-4 flex flex-wrap gap-2">
          <Link to="/p/$projectId" params={{ projectId: project }} className={buttonClass('primary')}>
            {t.importing.open}
          </Link>
          <Link to="/p/$projectId/import" params={{ projectId: project }} className={buttonClass('plain')}>
            {t.importing.another}
          </Link>
          {!undone && done > 0 && (
            <Button className="ml-auto" onClick={() => setAsking(true)}>
              <Undo2 aria-hidden className="size-4" />
              {t.importing.undo}
            </Button>
          )}
        </div>
      </div>
      <Section title={t.importing.report}>
        <Report lines={report} />
      </Section>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={t.importing.undoTitle}
        text={t.importing.undoText(done)}
        confirm={t.importing.undo}
        onConfirm={() =>
          undo(project, id).then(
            ({ deleted, changed }) => void toast(t.importing.undone(deleted), changed.length > 0 ? { description: t.importing.undoneChanged(changed.length), duration: 15_000 } : undefined),
            (error: unknown) => void toast.error(explain(error)),
          )
        }
      />
    </>
  );
}
