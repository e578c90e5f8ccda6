import { notifyManager, QueryClient } from '@tanstack/react-query';
import { ApiError } from '@/api/client';

// At once: what a person has just made must be there for the next key.
notifyManager.setScheduler(queueMicrotask);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Live events keep the data fresh; a refetch is for what they missed.
      staleTime: 60_000,
      retry: (tries, error) => !(error instanceof ApiError && error.status >= 400 && error.status < 500) && tries < 3,
    },
  },
});
