/** What goes with a session that has ended. */
import { readKept } from '@/collab/kept';
import { stopOperations } from '@/collab/operations';
import { stopCache } from '@/local/cache';
import { database, deleteAll, request, write } from '@/local/database';
import { queryClient } from './client';

/** Closes what this tab has open of the person. Nothing is removed from the device. */
export function leave(): void {
  stopCache();
  stopOperations();
  queryClient.clear();
  // Loaded only to be closed, if at all: it carries the editor's machinery.
  if (hubLoaded) void import('@/collab/hub').then(({ stopHub }) => stopHub(false));
}

let hubLoaded = false;
/** Says that there are documents to close. */
export const noteHub = (): void => {
  hubLoaded = true;
};

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
