/** What the screens inside a project share. */
import { createContext, useContext } from 'react';
import { create } from 'zustand';
import type { Item, Project } from '@/api/client';
import type { Room } from '@/collab/room';
import type { Outline } from './model';

export interface ProjectScreen {
  project: Project;
  outline: Room | null;
  /** The items in their places, as the tree shows them. */
  order: Outline;
  items: ReadonlyMap<string, Item> | undefined;
  /** The open item's document. */
  itemRoom: Room | null;
}

export const ProjectContext = createContext<ProjectScreen | null>(null);

export function useProject(): ProjectScreen {
  const screen = useContext(ProjectContext);
  if (screen === null) throw new Error('outside of a project');
  return screen;
}

export type Live = Partial<Pick<Item, 'title' | 'type' | 'status' | 'criteria_total' | 'criteria_done'>>;

/** What open documents say about their items, ahead of the server's list. */
export const useLiveItems = create<Record<string, Live>>(() => ({}));

export function setLive(id: string, live: Live | null): void {
  useLiveItems.setState((all) => {
    if (live === null) {
      const { [id]: _gone, ...rest } = all;
      return rest;
    }
    return { ...all, [id]: live };
  }, true);
}
