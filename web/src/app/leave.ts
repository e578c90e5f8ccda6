/** What goes with a session that has ended. */
import { readKept } from '@/collab/kept';
import { stopCache } from '@/local/cache';
import { database, deleteAll, request, write } from '@/local/database';
import { queryClient } from './client';

/** Closes what this tab has open of the person. Nothing is removed from the device. */
export function leave(): void {
  stopCache();
  for (const close of closing) close();
  closing.clear();
  queryClient.clear();
}

const closing = new Set<() => void>();

/** Has `close` called when the session ends. What has to be closed says so itself, so that leaving needn't load it. */
export const onLeave = (close: () => void): void => void closing.add(close);

/** Removes what this device keeps of `user`; without `all`, what the server doesn't have yet stays for the next sign-in. */
export async function forgetDevice(user: string, all: boolean): Promise<void> {
  const unsent = readKept(user);
  leave();
  try {
    if (all) {
      await deleteAll(user);
      return;
    }
    const keep = (document: string) => (document.split('~')[0] as string) in unsent;
    await write(await database(user), ['updates', 'documents', 'files', 'cache'], async (store) => {
      store('cache').clear();
      store('files').clear();
      for (const document of await request<string[]>(store('documents').getAllKeys())) {
        if (keep(document)) continue;
        for (const key of await request<IDBValidKey[]>(store('updates').index('document').getAllKeys(document))) store('updates').delete(key);
        store('documents').delete(document);
      }
    });
  } catch (error) {
    console.warn('what is kept on this device could not be removed', error);
  }
}
