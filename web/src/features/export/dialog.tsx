import '@/texts/en/export';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { toast } from '@/ui/toast';
import { explain } from '@/api/client';
import { request } from '@/api/request';
import { itemInMemory } from '@/app/memory';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Notice } from '@/ui/field';

type Format = keyof typeof t.exporting.formats;
const FORMATS: readonly Format[] = ['markdown', 'json', 'csv', 'print'];

const choice =
  'flex cursor-pointer gap-2.5 rounded-md border border-line px-3 py-2 hover:bg-hover has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-ring';

/** The name that the server gives the file (RFC 6266). */
export function fileName(disposition: string | null, fallback: string): string {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1];
  if (encoded !== undefined) {
    try {
      return decodeURIComponent(encoded);
    } catch {
      // Then the plain one.
    }
  }
  return /filename="?([^";]+)"?/i.exec(disposition ?? '')?.[1] ?? fallback;
}

async function download(project: string, item: string | undefined, format: Format): Promise<string> {
  const query = new URLSearchParams({ format, ...(item === undefined ? {} : { item }) });
  const response = await request(`/projects/${project}/export?${query}`);
  const name = fileName(response.headers.get('Content-Disposition'), `export.${format === 'markdown' ? 'zip' : format}`);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the bytes by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return name;
}

export default function ExportDialog({ project, item, onClose }: { project: string; item?: string; onClose: () => void }) {
  const navigate = useNavigate();
  const [format, setFormat] = useState<Format>('markdown');
  const [whole, setWhole] = useState(item === undefined);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const of = whole ? undefined : item;
  const title = item === undefined ? undefined : itemInMemory(project, item)?.title || t.common.untitled;
  const go = async () => {
    if (format === 'print') {
      onClose();
      await navigate({ to: '/p/$projectId/print', params: { projectId: project }, search: of === undefined ? {} : { item: of } });
      return;
    }
    setBusy(true);
    setError(null);
    try {
      toast(t.exporting.done(await download(project, of, format)));
      onClose();
    } catch (failure) {
      setError(explain(failure));
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={title === undefined ? t.exporting.projectTitle : t.exporting.itemTitle(title)}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        {error !== null && <Notice kind="error">{error}</Notice>}
        {item !== undefined && (
          <fieldset>
            <legend className="mb-1.5 text-sm font-medium">{t.exporting.what}</legend>
            <div className="grid gap-1.5 sm:grid-cols-2">
              {[false, true].map((all) => (
                <label key={String(all)} className={choice}>
                  <input type="radio" name="what" checked={whole === all} onChange={() => setWhole(all)} className="mt-0.5 accent-accent" />
                  <span className="text-sm">{all ? t.exporting.wholeProject : t.exporting.subtree}</span>
                </label>
              ))}
            </div>
          </fieldset>
        )}
        <fieldset>
          <legend className="mb-1.5 text-sm font-medium">{t.exporting.format}</legend>
          <div className="grid gap-1.5">
            {FORMATS.map((value) => {
              const [name, help] = t.exporting.formats[value] as [string, string];
              return (
                <label key={value} className={choice}>
                  <input type="radio" name="format" value={value} checked={format === value} onChange={() => setFormat(value)} className="mt-0.5 accent-accent" />
                  <span>
                    <span className="block text-sm font-medium">{name}</span>
                    <span className="block text-xs text-muted">{help}</span>
                  </span>
                </label>
              );
            })}
          </div>
        </fieldset>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" look="primary" disabled={busy}>
            {busy ? t.exporting.preparing : format === 'print' ? t.exporting.openPrint : t.exporting.download}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
