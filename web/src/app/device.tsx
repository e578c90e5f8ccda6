/** What the browser can do for the app: install it, and bring its new version. */
import { useEffect } from 'react';
import { toast } from '@/ui/toast';
import { useStore } from 'zustand';
import { offer } from '@/local/install';
import { update } from '@/local/worker';
import { t } from '@/texts';
import { useCommands } from './commands';

export function Device() {
  const prompt = useStore(offer);
  const { ready, reload } = useStore(update);
  useCommands(
    prompt === null
      ? []
      : [
          {
            id: 'app.install',
            title: t.device.install,
            group: 'help',
            keywords: t.device.installWords,
            run: () => {
              offer.setState(null, true);
              void prompt.prompt();
            },
          },
        ],
  );
  useEffect(() => {
    if (!ready) return;
    toast(t.device.updateReady, { id: 'update', duration: Infinity, action: { label: t.device.reload, onClick: reload } });
  }, [ready, reload]);
  return null;
}
