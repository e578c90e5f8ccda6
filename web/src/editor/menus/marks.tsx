import type { Editor } from '@tiptap/core';
import { Bold, Code, Highlighter, Italic, Strikethrough, Underline } from 'lucide-react';
import type { ComponentType } from 'react';
import { t } from '@/texts';
import { IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import type { Marks } from './state';

export interface MarkButton {
  id: Exclude<keyof Marks, 'link'>;
  label: string;
  keys: string;
  Icon: ComponentType<{ 'aria-hidden': boolean }>;
  run: (editor: Editor) => void;
}

export const marks: readonly MarkButton[] = [
  { id: 'bold', label: t.editor.bold, keys: 'mod+b', Icon: Bold, run: (editor) => void editor.chain().focus().toggleBold().run() },
  { id: 'italic', label: t.editor.italic, keys: 'mod+i', Icon: Italic, run: (editor) => void editor.chain().focus().toggleItalic().run() },
  { id: 'underline', label: t.editor.underline, keys: 'mod+u', Icon: Underline, run: (editor) => void editor.chain().focus().toggleUnderline().run() },
  { id: 'strike', label: t.editor.strike, keys: 'mod+shift+s', Icon: Strikethrough, run: (editor) => void editor.chain().focus().toggleStrike().run() },
  { id: 'highlight', label: t.editor.highlight, keys: 'mod+shift+h', Icon: Highlighter, run: (editor) => void editor.chain().focus().toggleHighlight().run() },
  { id: 'code', label: t.editor.code, keys: 'mod+e', Icon: Code, run: (editor) => void editor.chain().focus().toggleCode().run() },
];

export const pressed = (on: boolean) => cn(on && 'bg-active text-accent-text');

export function MarkToggle({ editor, button: { label, Icon, run }, on, tabIndex, className }: { editor: Editor; button: MarkButton; on: boolean; tabIndex?: number; className?: string }) {
  return (
    <IconButton label={label} aria-pressed={on} tabIndex={tabIndex} className={cn(pressed(on), className)} onMouseDown={(event) => event.preventDefault()} onClick={() => run(editor)}>
      <Icon aria-hidden />
    </IconButton>
  );
}
