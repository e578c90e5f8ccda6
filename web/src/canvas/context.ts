/** The open diagram, for the parts of its screen. */
import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import type { Editor, Ui, View } from './editor';
import type { Way } from './geometry';
import type { Element } from './schema';

export const EditorContext = createContext<Editor | null>(null);

export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (editor === null) throw new Error('outside of a diagram');
  return editor;
}

export function useUi<T>(pick: (ui: Ui) => T): T {
  return useStore(useEditor().ui, pick);
}

export function useView<T>(pick: (view: View) => T): T {
  return useStore(useEditor().view, pick);
}

/** One element as it shows, renewed when it changes and not otherwise. */
export function useElement(id: string): Element | undefined {
  const { live } = useEditor();
  const subscribe = useCallback((listener: () => void) => live.subscribe(id, listener), [live, id]);
  return useSyncExternalStore(subscribe, () => live.element(id));
}

/** The way of a connector, which is another when its shapes move. */
export function useWay(id: string): Way | null {
  const { live } = useEditor();
  const subscribe = useCallback((listener: () => void) => live.subscribe(id, listener), [live, id]);
  return useSyncExternalStore(subscribe, () => live.way(id));
}

/** A number that grows with every change of what is on the canvas. */
export function useScene(): number {
  const editor = useEditor();
  const subscribe = useCallback((listener: () => void) => editor.scene.listen(listener), [editor]);
  return useSyncExternalStore(subscribe, () => editor.scene.version);
}
