import type { Editor } from '@tiptap/core';
import type { ReactNode } from 'react';
import { createStore, type StoreApi } from 'zustand/vanilla';

export type Kind = 'slash' | 'people' | 'items';

export interface Choice {
  id: string;
  label: string;
  help?: string;
  group?: string;
  hint?: string;
  icon: ReactNode;
  /** What stands after the label. */
  trailing?: ReactNode;
  choose: () => void;
}

export interface Suggesting {
  kind: Kind;
  query: string;
  choices: readonly Choice[];
  active: number;
  rect: () => DOMRect | null;
}

export type SuggestStore = StoreApi<{ open: Suggesting | null }>;

const stores = new WeakMap<Editor, SuggestStore>();

export function suggestStore(editor: Editor): SuggestStore {
  let store = stores.get(editor);
  if (store === undefined) {
    store = createStore(() => ({ open: null as Suggesting | null }));
    stores.set(editor, store);
  }
  return store;
}
