/** Says that the server may be back, to whoever waits for it. Small on purpose: the first screen loads it. */
const listeners = new Set<() => void>();

export function onWake(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export const wake = (): void => listeners.forEach((listener) => listener());

if (typeof window !== 'undefined') {
  window.addEventListener('online', wake);
  window.addEventListener('focus', wake);
  document.addEventListener('visibilitychange', wake);
}
