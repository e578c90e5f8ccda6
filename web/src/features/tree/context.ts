/** What the screens of an item know of the project around them. */
import { createContext, useContext, type ReactNode } from 'react';
import { create } from 'zustand';
import type { Item, Project } from '@/api/client';
import type { Room } from '@/collab/room';
import type { Outline, Place } from './model';

export interface ProjectScreen {
  project: Project;
  outline: Room | null;
  /** Moves an item, so that it can be undone. */
  place: (id: string, to: Place) => void;
  /** The items in their places, as the tree shows them. */
  order: Outline;
  items: ReadonlyMap<string, Item> | undefined;
  /** The item that this screen shows. */
  itemId: string | undefined;
  /** Its document. */
  itemRoom: Room | null;
  /** It stands beside the one that the page is about. */
  beside: boolean;
  /** What can be done with the pane, in the item's own header. */
  tools: ReactNode;
}

/**
 * What a part of an item's screen is to who listens: a landmark, or, where the item stands beside another whose parts have the same
 * names, only a group.
 */
export const partOf = ({ beside }: { beside: boolean }): { role?: 'group' } => (beside ? { role: 'group' } : {});

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
