import { DragHandle } from '@tiptap/extension-drag-handle-react';
import type { Editor } from '@tiptap/react';
import type { Node } from '@tiptap/pm/model';
import { ArrowDown, ArrowUp, Copy, CopyPlus, GripVertical, Plus, Trash2 } from 'lucide-react';
import { useCallback, useRef, useState } from 'react';
import { t } from '@/texts';
import { Menu, MenuItem, MenuLabel, MenuLine } from '@/ui/menu';
import { duplicateBlock, moveBlock, removeBlock, turnInto } from '../blocks';
import { copyMarkdown } from '../clipboard/copy';
import { FORMS } from './Toolbar';

const TEXTS = new Set(['paragraph', 'heading', 'bulletList', 'orderedList', 'taskList', 'blockquote', 'codeBlock', 'callout']);
const position = { placement: 'left-start' as const };

/** Beside the block under the pointer: drag it, or click for what can be done with it. The keyboard has Alt with the arrows. */
export function BlockHandle({ editor }: { editor: Editor }) {
  const at = useRef<{ node: Node; pos: number } | null>(null);
  const [block, setBlock] = useState<{ node: Node; pos: number } | null>(null);
  const onNodeChange = useCallback(({ node, pos }: { node: Node | null; pos: number }) => {
    at.current = node === null ? null : { node, pos };
  }, []);
  const here = () => {
    const now = at.current;
    // Others may have written in the meantime.
    const node = now === null ? null : editor.state.doc.nodeAt(now.pos);
    return now === null || node === null || node.type !== now.node.type ? null : { node, pos: now.pos };
  };
  const lock = (locked: boolean) => editor.view.dispatch(editor.state.tr.setMeta('lockDragHandle', locked).setMeta('addToHistory', false));
  const select = (pos: number, node: Node) => editor.chain().focus().setTextSelection(node.isAtom ? pos : pos + 1).run();
  return (
    <DragHandle editor={editor} onNodeChange={onNodeChange} computePositionConfig={position} className="block-handle">
      <button
        type="button"
        className="block-button"
        aria-label={t.editor.blockAdd}
        title={t.editor.blockAdd}
        tabIndex={-1}
        draggable={false}
        onClick={() => {
          const now = here();
          if (now === null) return;
          const empty = now.node.type.name === 'paragraph' && now.node.content.size === 0;
          const end = empty ? now.pos : now.pos + now.node.nodeSize;
          const chain = editor.chain();
          if (!empty) chain.insertContentAt(end, { type: 'paragraph' });
          chain.setTextSelection(end + 1).focus().insertContent('/').run();
        }}
      >
        <Plus aria-hidden />
      </button>
      <Menu
        open={block !== null}
        onOpenChange={(open) => {
          lock(open);
          setBlock(open ? here() : null);
        }}
        trigger={
          <button type="button" className="block-button cursor-grab" aria-label={t.editor.block} title={t.editor.block} tabIndex={-1}>
            <GripVertical aria-hidden />
          </button>
        }
      >
        {block !== null && (
          <>
            {TEXTS.has(block.node.type.name) && (
              <>
                <MenuLabel>{t.editor.turnInto}</MenuLabel>
                <div className="grid grid-cols-2">
                  {FORMS.map((form) => (
                    <MenuItem
                      key={form}
                      onClick={() => {
                        select(block.pos, block.node);
                        turnInto(editor, form);
                      }}
                    >
                      {t.editor.forms[form]}
                    </MenuItem>
                  ))}
                </div>
                <MenuLine />
              </>
            )}
            <MenuItem icon={<ArrowUp aria-hidden />} hint="Alt ↑" onClick={() => void moveBlock(editor, -1, block)}>
              {t.editor.moveUp}
            </MenuItem>
            <MenuItem icon={<ArrowDown aria-hidden />} hint="Alt ↓" onClick={() => void moveBlock(editor, 1, block)}>
              {t.editor.moveDown}
            </MenuItem>
            <MenuItem icon={<CopyPlus aria-hidden />} onClick={() => void duplicateBlock(editor, block)}>
              {t.editor.duplicate}
            </MenuItem>
            <MenuItem icon={<Copy aria-hidden />} onClick={() => void copyMarkdown(editor, block.node)}>
              {t.editor.copyMarkdown}
            </MenuItem>
            <MenuLine />
            <MenuItem icon={<Trash2 aria-hidden />} danger onClick={() => void removeBlock(editor, block)}>
              {t.editor.deleteBlock}
            </MenuItem>
          </>
        )}
      </Menu>
    </DragHandle>
  );
}
