import { notifyManager, QueryClient } from '@tanstack/react-query';
import { ApiError } from '@/api/client';

// At once: what a person has just made must be there for the next key.
notifyManager.setScheduler(queueMicrotask);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Live events keep the data fresh; a refetch is for what they missed.
      staleTime: 60_000,
      // Asked even where the browser says that there is no network: it is often wrong, and an answer of the past is at hand.
      networkMode: 'always',
      refetchOnReconnect: true,
      // A list that was left is still there when somebody comes back without the network.
      gcTime: Infinity,
      retry: (tries, error) => !(error instanceof ApiError && error.status >= 400 && error.status < 500) && tries < 3,
    },
  },
});
