import { createStore } from 'zustand/vanilla';

/** https://developer.mozilla.org/docs/Web/API/BeforeInstallPromptEvent, which TypeScript doesn't know. */
interface InstallPrompt extends Event {
  prompt: () => Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

/** The browser's offer to install, from the time when it makes one: once, and early. */
export const offer = createStore<InstallPrompt | null>(() => null);

window.addEventListener('beforeinstallprompt', (event) => {
  // Ours is the command in the palette: the browser's own bar would cover the page.
  event.preventDefault();
  offer.setState(event as InstallPrompt, true);
});
window.addEventListener('appinstalled', () => offer.setState(null, true));
