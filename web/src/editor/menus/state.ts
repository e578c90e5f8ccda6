/** What the toolbars show. Read once per frame, however many changes came in it. */
import type { Editor } from '@tiptap/core';
import { useCallback, useRef, useSyncExternalStore } from 'react';
import { yUndoPluginKey } from '@tiptap/y-tiptap';
import { formOf, type Form } from '../blocks';

export interface Marks {
  bold: boolean;
  italic: boolean;
  underline: boolean;
  strike: boolean;
  highlight: boolean;
  code: boolean;
  link: boolean;
}

export interface Status extends Marks {
  form: Form;
  table: boolean;
  canUndo: boolean;
  canRedo: boolean;
}

const MARKS = ['bold', 'italic', 'underline', 'strike', 'highlight', 'code', 'link'] as const;

function read(editor: Editor): Status {
  const { state } = editor;
  const manager = (yUndoPluginKey.getState(state) as { undoManager?: { undoStack: unknown[]; redoStack: unknown[] } } | undefined)?.undoManager;
  const marks = Object.fromEntries(MARKS.map((mark) => [mark, editor.isActive(mark)])) as unknown as Marks;
  return { ...marks, form: formOf(state), table: editor.isActive('table'), canUndo: (manager?.undoStack.length ?? 0) > 0, canRedo: (manager?.redoStack.length ?? 0) > 0 };
}

/** A value of the editor, renewed at most once per frame. */
export function useOfEditor<T>(editor: Editor, of: (editor: Editor) => T): T {
  const cache = useRef<{ editor: Editor; text: string; value: T } | null>(null);
  const refresh = useCallback(() => {
    const value = of(editor);
    const text = JSON.stringify(value);
    if (cache.current?.editor === editor && cache.current.text === text) return false;
    cache.current = { editor, text, value };
    return true;
  }, [editor, of]);
  return useSyncExternalStore(
    useCallback(
      (listener) => {
        let frame = 0;
        const later = () => {
          if (frame !== 0) return;
          frame = requestAnimationFrame(() => {
            frame = 0;
            if (!editor.isDestroyed && refresh()) listener();
          });
        };
        editor.on('transaction', later);
        editor.on('focus', later);
        editor.on('blur', later);
        return () => {
          cancelAnimationFrame(frame);
          editor.off('transaction', later);
          editor.off('focus', later);
          editor.off('blur', later);
        };
      },
      [editor, refresh],
    ),
    () => {
      if (cache.current?.editor !== editor) refresh();
      return (cache.current as { value: T }).value;
    },
  );
}

export const useStatus = (editor: Editor): Status => useOfEditor(editor, read);
