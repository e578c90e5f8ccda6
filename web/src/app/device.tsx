/** What the browser can do for the app: install it, and bring its new version. */
import { useEffect } from 'react';
import { toast } from '@/ui/toast';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { update } from '@/local/worker';
import { t } from '@/texts';
import { useCommands } from './commands';

/** https://developer.mozilla.org/docs/Web/API/BeforeInstallPromptEvent, which TypeScript doesn't know. */
interface InstallPrompt extends Event {
  prompt: () => Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

/** The browser's offer to install, from the time when it makes one. */
const offer = createStore<InstallPrompt | null>(() => null);

window.addEventListener('beforeinstallprompt', (event) => {
  // Ours is the command in the palette: the browser's own bar would cover the page.
  event.preventDefault();
  offer.setState(event as InstallPrompt, true);
});
window.addEventListener('appinstalled', () => offer.setState(null, true));

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
