import { usePreference } from '@/app/preferences';

const none: readonly string[] = [];

/** Ids of the projects that the person has starred, in that order. */
export const useFavourites = () => usePreference<readonly string[]>('favourites', none);

export function useFavourite(project: string): [boolean, (favourite: boolean) => void] {
  const [favourites, set] = useFavourites();
  const without = favourites.filter((id) => id !== project);
  return [favourites.includes(project), (favourite) => set(favourite ? [...without, project] : without)];
}
