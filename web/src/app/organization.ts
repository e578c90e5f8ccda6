/** Which organization the person looks at. */
import { useQuery } from '@tanstack/react-query';
import { create } from 'zustand';
import type { Organization } from '@/api/client';
import { meQuery } from './query';

const KEY = 'canopy:organization';

export const useChosenOrganization = create<{ id: string | null; choose: (id: string) => void }>((set) => ({
  id: localStorage.getItem(KEY),
  choose: (id) => {
    localStorage.setItem(KEY, id);
    set({ id });
  },
}));

export function useOrganization(): Organization | undefined {
  const { data } = useQuery(meQuery);
  const chosen = useChosenOrganization((state) => state.id);
  return data?.organizations.find((organization) => organization.id === chosen) ?? data?.organizations[0];
}
