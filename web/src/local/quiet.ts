import { queryClient } from '@/app/client';

/** Resolves when the first screen has what it asked for: the time for what can come later. At most ten seconds. */
export async function whenQuiet(): Promise<void> {
  const end = Date.now() + 10_000;
  for (let still = 0; still < 3 && Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    still = document.readyState === 'complete' && queryClient.isFetching() === 0 ? still + 1 : 0;
  }
}
