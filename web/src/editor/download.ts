import { session } from '@/api/session';
import { t } from '@/texts';
import { toast } from '@/ui/toast';

/** Saves a file under its name; from this device, if `local` is its address. */
export async function download(id: string, name: string, local: string | null | undefined): Promise<void> {
  const save = (url: string) => {
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
  };
  if (local != null) return save(local);
  try {
    const response = await session.fetch(new Request(`/api/v1/files/${encodeURIComponent(id)}`));
    if (!response.ok) throw new Error(`the file answered ${response.status}`);
    const url = URL.createObjectURL(await response.blob());
    save(url);
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  } catch {
    toast.error(t.editor.downloadFailed(name));
  }
}
