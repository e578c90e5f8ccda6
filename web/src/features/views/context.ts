/** What every view of a project works with. */
import { createContext, useContext } from 'react';
import type { Item, Project, User } from '@/api/client';
import type { Person } from '@/collab/react';
import type { LiveOutline } from '@/features/tree/live';
import type { Outline } from '@/features/tree/model';
import type { Acts } from './acts';
import type { Found } from './filter';
import type { View } from './settings';

export type Member = Pick<User, 'id' | 'name' | 'colour'>;

/** Where a new item is typed. */
export type Draft = { parent: string | null; after: string | null; type: Item['type'] };

/** What the view that shows does when the page, a menu or the palette asks. */
export interface ViewHandle {
  focus: () => void;
  /** Starts a new item: below the one that is active, or below or inside `id`. */
  create?: (where?: { id: string; inside: boolean } | null, type?: Item['type']) => void;
  rename?: (id: string) => void;
  /** The item that keys would act on. */
  active: () => string | null;
}

export interface Work {
  project: Project;
  items: ReadonlyMap<string, Item>;
  live: LiveOutline;
  outline: Outline;
  /** What the filter leaves; null: no filter is set. */
  found: Found | null;
  acts: Acts;
  members: ReadonlyMap<string, Member>;
  me: string;
  /** Who is on which item. */
  here: ReadonlyMap<string, Person[]>;
  mayEdit: boolean;
  mayDelete: boolean;
  openItem: string | undefined;
  beside: string | undefined;
  open: (id: string) => void;
  openBeside: (id: string) => void;
  view: View;
  setView: (change: Partial<View>) => void;
  collapsed: ReadonlySet<string>;
  setCollapsed: (id: string, collapsed: boolean) => void;
  collapseAll: (collapse: boolean) => void;
  handle: React.RefObject<ViewHandle | null>;
}

export const WorkContext = createContext<Work | null>(null);

export function useWork(): Work {
  const work = useContext(WorkContext);
  if (work === null) throw new Error('outside of a project');
  return work;
}
