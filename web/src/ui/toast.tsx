/** Short messages at the edge of the screen. What shows them is fetched with the first one. */
import { lazy, Suspense, useEffect, type ReactNode } from 'react';
import { createStore } from 'zustand/vanilla';
import { useStore } from 'zustand';
import type { ExternalToast, ToasterProps } from 'sonner';

const load = () => import('sonner');
const Toaster = lazy(() => load().then((sonner) => ({ default: sonner.Toaster })));

const wanted = createStore(() => false);
let mounted: () => void = () => undefined;
const shown = new Promise<void>((resolve) => {
  mounted = resolve;
});

type How = 'plain' | 'success' | 'error';

async function show(how: How, message: ReactNode, options?: ExternalToast): Promise<void> {
  wanted.setState(true, true);
  const [{ toast: say }] = await Promise.all([load(), shown]);
  if (how === 'plain') say(message, options);
  else say[how](message, options);
}

const by =
  (how: How) =>
  (message: ReactNode, options?: ExternalToast): void =>
    void show(how, message, options).catch((error: unknown) => console.error(error));

export const toast = Object.assign(by('plain'), { success: by('success'), error: by('error') });

/** Where the messages show; once in the app. */
export function Toasts(props: ToasterProps) {
  const now = useStore(wanted);
  return now ? (
    <Suspense>
      <Toaster {...props} />
      <Mounted />
    </Suspense>
  ) : null;
}

function Mounted() {
  useEffect(() => mounted(), []);
  return null;
}
