/** What the person had open last, newest first; the same on all of their devices. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { ItemType } from '@/api/client';
import { itemInMemory } from './memory';
import { preferences, usePreference } from './preferences';
import { itemsQuery } from './query';

export interface Recent {
  project: string;
  item: string;
  title: string;
  type: ItemType;
  at: string;
}

const KEY = 'recent';
const MOST = 12;
const none: readonly Recent[] = [];

/** Items, with their present title where it is known here. */
export function useRecents(): readonly Recent[] {
  const [kept] = usePreference<readonly Recent[]>(KEY, none);
  return kept.map((recent) => {
    const now = itemInMemory(recent.project, recent.item);
    return now === undefined ? recent : { ...recent, title: now.title, type: now.type };
  });
}

function note(project: string, item: string): void {
  const known = itemInMemory(project, item);
  if (known === undefined) return;
  const before = (preferences.store.getState()[KEY] as readonly Recent[] | undefined) ?? none;
  const recent: Recent = { project, item, title: known.title.slice(0, 200), type: known.type, at: new Date().toISOString() };
  preferences.set(KEY, [recent, ...before.filter((other) => other.item !== item)].slice(0, MOST));
}

/** Remembers the item that is open: as soon as its title is known, and with its last title when it is left. */
export function useNoteRecents(): void {
  const { projectId = '', itemId = '' } = useParams({ strict: false });
  // Listens to the list that the project's screen loads.
  const { data: known = false } = useQuery({ ...itemsQuery(projectId), enabled: false, select: (items) => items.has(itemId) });
  useEffect(() => {
    if (!known || itemId === '') return;
    note(projectId, itemId);
    return () => note(projectId, itemId);
  }, [projectId, itemId, known]);
}
