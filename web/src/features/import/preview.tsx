import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { toast } from '@/ui/toast';
import { explain, type ItemType } from '@/api/client';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { Empty } from '@/ui/feedback';
import { StatusIcon, TypeIcon, ALL_TYPES } from '@/ui/kinds';
import { Section } from '@/ui/page';
import { Select } from '@/ui/select';
import { discard, FORMATS, reread, run, type Import, type Sample } from './api';
import { Columns } from './columns';
import { Report } from './report';

/** What an import would do. Nothing has changed yet. */
export function Preview({ project, shown }: { project: string; shown: Import }) {
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const { id, format, counts, columns } = shown;
  const shownItems = countOf(shown.sample);
  const act = async (what: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await what();
    } catch (error) {
      toast.error(explain(error));
    }
    setBusy(false);
  };
  return (
    <>
      <div className="mb-6 flex flex-wrap items-center gap-3 rounded-lg border border-line bg-raised px-4 py-3">
        <div className="min-w-0 flex-1 basis-52">
          <p className="truncate font-medium">{shown.name}</p>
          <div className="flex flex-wrap items-center gap-x-2 text-sm text-muted">
            {t.importing.counts(counts.items)}
            <Select
              className="-my-1 text-muted [&>svg:last-child]:opacity-100"
              label={t.importing.format}
              value={format}
              options={FORMATS.map((value) => ({ value, label: t.importing.detected(t.importing.formats[value]?.[0] ?? value) }))}
              disabled={busy}
              onChange={(next) => void act(() => reread(project, id, { format: next }))}
            />
          </div>
        </div>
        <Button
          disabled={busy}
          onClick={() =>
            void act(async () => {
              await discard(project, id);
              await navigate({ to: '/p/$projectId/import', params: { projectId: project } });
            })
          }
        >
          {t.importing.discard}
        </Button>
        <Button look="primary" disabled={busy || counts.items === 0} onClick={() => void act(() => run(project, id))}>
          {busy ? t.importing.starting : t.importing.run(counts.items)}
        </Button>
      </div>
      {columns != null && columns.length > 0 && <Columns columns={columns} settings={shown.settings ?? {}} change={(change) => void act(() => reread(project, id, change))} busy={busy} />}
      <Section title={t.importing.report}>
        <Report lines={shown.report} />
      </Section>
      <Section title={t.importing.tree} help={shownItems < counts.items ? t.importing.sample(shownItems, counts.items) : undefined}>
        {counts.items === 0 ? (
          <div className="rounded-xl border border-dashed border-line-strong">
            <Empty title={t.importing.previewTitle}>{t.importing.nothing}</Empty>
          </div>
        ) : (
          <>
            <ul className="mb-3 flex flex-wrap gap-1.5">
              {ALL_TYPES.filter((type) => (counts.by_type[type] ?? 0) > 0).map((type) => (
                <li key={type} className="flex items-center gap-1.5 rounded-full bg-hover px-2.5 py-1 text-xs">
                  <TypeIcon type={type as ItemType} className="size-3.5" />
                  {t.importing.ofType(counts.by_type[type] ?? 0, t.kinds.type[type])}
                </li>
              ))}
            </ul>
            <div className="max-h-[28rem] overflow-y-auto rounded-lg border border-line bg-raised px-2 py-2" tabIndex={0} role="group" aria-label={t.importing.tree}>
              <Branch samples={shown.sample} />
            </div>
          </>
        )}
      </Section>
    </>
  );
}

const countOf = (samples: readonly Sample[]): number => samples.reduce((total, { children }) => total + 1 + countOf(children), 0);

function Branch({ samples }: { samples: readonly Sample[] }) {
  return (
    <ul className="[&_ul]:ml-3.5 [&_ul]:border-l [&_ul]:border-line [&_ul]:pl-1.5">
      {samples.map((sample, index) => (
        <li key={index}>
          <div className="flex min-h-7 items-center gap-2 px-1.5 text-sm">
            <TypeIcon type={sample.type} />
            <span className="sr-only">{t.kinds.type[sample.type]}: </span>
            <span className="min-w-0 flex-1 truncate">{sample.title || t.common.untitled}</span>
            {(sample.criteria ?? 0) > 0 && <span className="shrink-0 text-xs text-muted">{t.importing.criteria(sample.criteria ?? 0)}</span>}
            <StatusIcon status={sample.status} />
            <span className="sr-only">, {t.kinds.status[sample.status]}</span>
          </div>
          {sample.children.length > 0 && <Branch samples={sample.children} />}
        </li>
      ))}
    </ul>
  );
}
