/** How the canvas is looked at: zoom, and what helps to find one's way. */
import { Grid3x3, List, Map as MapIcon, Maximize, Minus, MoreHorizontal, Plus, Redo2, Undo2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { keysLabel } from '@/app/keys';
import { t } from '@/texts';
import { IconButton } from '@/ui/button';
import { Menu, MenuItem, MenuLabel, MenuLine, MenuTick } from '@/ui/menu';
import type { Act } from './commands';
import { useEditor, useUi, useView } from './context';

export function ViewBar({ acts: all }: { acts: readonly Act[] }) {
  const editor = useEditor();
  const percent = useView(({ zoom }) => Math.round(zoom * 100));
  const grid = useUi((ui) => ui.grid);
  const minimap = useUi((ui) => ui.minimap);
  const panel = useUi((ui) => ui.panel);
  const [history, setHistory] = useState({ undo: false, redo: false });
  useEffect(() => {
    const { undo } = editor;
    const read = () => setHistory({ undo: undo.undoStack.length > 0, redo: undo.redoStack.length > 0 });
    read();
    undo.on('stack-item-added', read);
    undo.on('stack-item-popped', read);
    undo.on('stack-cleared', read);
    return () => {
      undo.off('stack-item-added', read);
      undo.off('stack-item-popped', read);
      undo.off('stack-cleared', read);
    };
  }, [editor]);
  const { view, acts, exchange } = t.diagram;
  const chosen = useUi((ui) => ui.selection.size > 0);
  const entry = (id: string, title?: string) => {
    const act = all.find((one) => one.id === id);
    return act === undefined ? null : (
      <MenuItem key={id} hint={act.keys === undefined ? undefined : keysLabel(act.keys)} onClick={() => act.run()}>
        {title ?? act.title}
      </MenuItem>
    );
  };
  return (
    <div role="group" aria-label={view.label} className="pointer-events-auto flex items-center gap-0.5 rounded-lg border border-line bg-raised p-0.5 shadow-float">
      {editor.mayEdit && (
        <>
          <IconButton label={`${acts.undo} (${keysLabel('mod+z')})`} disabled={!history.undo} onClick={() => editor.undo.undo()}>
            <Undo2 aria-hidden />
          </IconButton>
          <IconButton label={`${acts.redo} (${keysLabel('mod+shift+z')})`} disabled={!history.redo} onClick={() => editor.undo.redo()}>
            <Redo2 aria-hidden />
          </IconButton>
          <span aria-hidden className="h-5 w-px bg-line" />
        </>
      )}
      <IconButton label={view.zoomOut} className="max-sm:hidden" onClick={() => editor.zoomBy(0.8)}>
        <Minus aria-hidden />
      </IconButton>
      <Menu
        align="end"
        trigger={
          <button type="button" aria-label={view.zoom(percent)} className="h-7 min-w-12 rounded-md px-1 text-xs tabular-nums hover:bg-hover pointer-coarse:h-9">
            {percent} %
          </button>
        }
      >
        <MenuItem icon={<Maximize aria-hidden />} hint={keysLabel('shift+1')} onClick={() => editor.fit()}>
          {view.fit}
        </MenuItem>
        <MenuItem hint={keysLabel('shift+2')} onClick={() => editor.fitSelection()}>
          {view.fitSelection}
        </MenuItem>
        <MenuItem hint={keysLabel('shift+0')} onClick={() => editor.lookAt(editor.middle, 1, 150)}>
          {view.actual}
        </MenuItem>
        <MenuLine />
        <MenuTick checked={grid} onChange={(on) => editor.set({ grid: on })}>
          <Grid3x3 aria-hidden />
          {view.grid}
          <kbd className="ml-auto pl-4 font-sans text-xs text-faint pointer-coarse:hidden">{keysLabel("mod+'")}</kbd>
        </MenuTick>
        <MenuTick checked={minimap} onChange={(on) => editor.set({ minimap: on })}>
          <MapIcon aria-hidden />
          {view.minimap}
        </MenuTick>
      </Menu>
      <IconButton label={view.zoomIn} className="max-sm:hidden" onClick={() => editor.zoomBy(1.25)}>
        <Plus aria-hidden />
      </IconButton>
      <IconButton label={view.fit} onClick={() => editor.fit()}>
        <Maximize aria-hidden />
      </IconButton>
      <IconButton label={acts.list} aria-pressed={panel === 'list'} className="aria-pressed:bg-active" onClick={() => editor.set({ panel: panel === 'list' ? null : 'list' })}>
        <List aria-hidden />
      </IconButton>
      <Menu
        align="end"
        trigger={
          <IconButton label={exchange.more}>
            <MoreHorizontal aria-hidden />
          </IconButton>
        }
      >
        {editor.mayEdit && (
          <>
            {entry('diagram.import')}
            {entry('diagram.subtree')}
            <MenuLine />
            <MenuLabel>{exchange.arrange}</MenuLabel>
            {(['down', 'right', 'tree', 'treeRight'] as const).map((name) => entry(`diagram.layout.${name}`, exchange.layouts[name]))}
            <MenuLine />
          </>
        )}
        <MenuLabel>{chosen ? exchange.exportSelection : exchange.export}</MenuLabel>
        {(['svg', 'png', 'json', 'mermaid'] as const).filter((format) => !chosen || format === 'svg' || format === 'png').map((format) => entry(`diagram.export.${format}`, exchange.formats[format]))}
        {entry('diagram.picture')}
        {(['png', 'svg'] as const).map((format) => entry(`diagram.copy.${format}`))}
        <MenuLine />
        {entry('diagram.chat')}
        {entry('diagram.summon')}
        {entry('diagram.shortcuts')}
      </Menu>
    </div>
  );
}
