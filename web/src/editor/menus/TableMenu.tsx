import { findParentNode, type Editor } from '@tiptap/core';
import { BetweenHorizontalEnd, BetweenHorizontalStart, BetweenVerticalEnd, BetweenVerticalStart, Combine, MoreHorizontal, PanelTop, Split, Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import { t } from '@/texts';
import { IconButton } from '@/ui/button';
import { Menu, MenuItem, MenuLine } from '@/ui/menu';
import { newStep } from '../blocks';
import { hasHeaderRow } from '../nodes/table';
import { Floating } from './Floating';
import { pressed } from './marks';
import { useOfEditor } from './state';

const around = (editor: Editor) => {
  if (!editor.isEditable || !editor.isFocused) return null;
  const table = findParentNode(({ type }) => type.name === 'table')(editor.state.selection);
  if (table === undefined) return null;
  return { pos: table.pos, size: table.node.nodeSize, header: hasHeaderRow(table.node), merge: editor.can().mergeCells(), split: editor.can().splitCell() };
};

/** What can be done with the table around the caret, above it. */
export function TableMenu({ editor }: { editor: Editor }) {
  const now = useOfEditor(editor, around);
  const [open, setOpen] = useState(false);
  // An open menu has the focus; what it belongs to stays.
  const last = useRef(now);
  if (now !== null) last.current = now;
  const table = now ?? (open ? last.current : null);
  if (table === null) return null;
  const does = (command: 'addRowBefore' | 'addRowAfter' | 'addColumnBefore' | 'addColumnAfter' | 'toggleHeaderRow' | 'deleteRow' | 'deleteColumn' | 'deleteTable' | 'mergeCells' | 'splitCell') => () => {
    newStep(editor.state);
    editor.chain().focus()[command]().run();
    newStep(editor.state);
  };
  const button = (label: string, Icon: typeof Trash2, command: Parameters<typeof does>[0]) => (
    <IconButton label={label} onClick={does(command)}>
      <Icon aria-hidden />
    </IconButton>
  );
  return (
    <Floating
      anchor={() => (editor.view.nodeDOM(table.pos) as HTMLElement | null)?.getBoundingClientRect() ?? null}
      follow={`${table.pos} ${table.size}`}
      placement="top-end"
      gap={4}
      context={editor.view.dom}
      className="p-0.5"
    >
      <div role="toolbar" aria-label={t.editor.table} className="flex items-center" onMouseDown={(event) => event.preventDefault()}>
        {button(t.editor.rowBefore, BetweenHorizontalEnd, 'addRowBefore')}
        {button(t.editor.rowAfter, BetweenHorizontalStart, 'addRowAfter')}
        {button(t.editor.columnBefore, BetweenVerticalEnd, 'addColumnBefore')}
        {button(t.editor.columnAfter, BetweenVerticalStart, 'addColumnAfter')}
        <IconButton label={t.editor.headerRow} aria-pressed={table.header} className={pressed(table.header)} onClick={does('toggleHeaderRow')}>
          <PanelTop aria-hidden />
        </IconButton>
        <Menu
          open={open}
          onOpenChange={setOpen}
          trigger={
            <IconButton label={t.editor.tableMore}>
              <MoreHorizontal aria-hidden />
            </IconButton>
          }
        >
          <MenuItem icon={<Combine aria-hidden />} disabled={!table.merge} onClick={does('mergeCells')}>
            {t.editor.mergeCells}
          </MenuItem>
          <MenuItem icon={<Split aria-hidden />} disabled={!table.split} onClick={does('splitCell')}>
            {t.editor.splitCell}
          </MenuItem>
          <MenuLine />
          <MenuItem icon={<Trash2 aria-hidden />} onClick={does('deleteRow')}>
            {t.editor.deleteRow}
          </MenuItem>
          <MenuItem icon={<Trash2 aria-hidden />} onClick={does('deleteColumn')}>
            {t.editor.deleteColumn}
          </MenuItem>
          <MenuItem icon={<Trash2 aria-hidden />} danger onClick={does('deleteTable')}>
            {t.editor.deleteTable}
          </MenuItem>
        </Menu>
      </div>
    </Floating>
  );
}
