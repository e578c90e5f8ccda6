import { KanbanSquare, ListTree, Plus, SlidersHorizontal, Table2, Trash2, Workflow } from 'lucide-react';
import { useRef } from 'react';
import { useCommands, type Command } from '@/app/commands';
import { t } from '@/texts';
import { IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from '@/ui/menu';
import { concerned } from './acts';
import { useWork } from './context';
import { clearFilter, FilterMenu, FilterText } from './filterbar';
import { spot } from './keys';
import { show, type Field } from './overlay';
import { VIEWS, type ViewKind } from './settings';

const icons: Record<ViewKind, typeof ListTree> = { tree: ListTree, board: KanbanSquare, table: Table2 };

/** Above the views: which one, what it shows, and how. */
export function Toolbar() {
  const { view, setView, mayEdit, collapseAll, handle } = useWork();
  const newDiagram = useNewDiagram();
  const field = useRef<HTMLInputElement>(null);
  useViewCommands(field);
  return (
    <div className="@container shrink-0 border-b border-line">
      <div className="flex h-10 items-center gap-1 pr-2 pl-3 pointer-coarse:h-12">
        <div role="group" aria-label={t.work.views.label} className="mr-1 flex shrink-0 items-center rounded-md bg-sunken p-0.5">
          {VIEWS.map((kind) => {
            const Icon = icons[kind];
            const on = view.kind === kind;
            return (
              <button
                key={kind}
                type="button"
                aria-pressed={on}
                aria-label={t.work.views[kind]}
                title={t.work.views[kind]}
                className={cn(
                  'flex h-6 items-center gap-1.5 rounded px-1.5 text-xs font-medium pointer-coarse:h-9 pointer-coarse:px-2.5',
                  on ? 'bg-bg text-fg shadow-sm dark:bg-hover' : 'text-muted hover:text-fg',
                )}
                onClick={() => setView({ kind })}
              >
                <Icon aria-hidden className="size-3.5" />
                <span className="hidden @2xl:inline">{t.work.views[kind]}</span>
              </button>
            );
          })}
        </div>
        <FilterText field={field} className="min-w-16 flex-1 @2xl:max-w-64" />
        <FilterMenu />
        <span className="hidden flex-1 @2xl:block" />
        <Menu
          align="end"
          trigger={
            <IconButton label={t.work.display.label}>
              <SlidersHorizontal aria-hidden />
            </IconButton>
          }
        >
          <MenuLabel>{t.work.display.density}</MenuLabel>
          <MenuChoice
            label={t.work.display.density}
            value={view.density}
            options={[
              { value: 'cosy', label: t.work.display.cosy },
              { value: 'compact', label: t.work.display.compact },
            ]}
            onChange={(density) => setView({ density })}
          />
          {view.kind === 'tree' && (
            <>
              <MenuLine />
              <MenuItem onClick={() => collapseAll(false)}>{t.work.display.expand}</MenuItem>
              <MenuItem onClick={() => collapseAll(true)}>{t.work.display.collapse}</MenuItem>
            </>
          )}
        </Menu>
        <IconButton id="tree-exit" label={t.tree.bin} onClick={() => show({ kind: 'bin' })}>
          <Trash2 aria-hidden />
        </IconButton>
        {mayEdit && (
          <IconButton label={t.tree.addDiagram} className="@max-[20rem]:hidden" onClick={newDiagram}>
            <Workflow aria-hidden />
          </IconButton>
        )}
        {mayEdit && (
          <IconButton label={t.tree.add} onClick={() => handle.current?.create?.()}>
            <Plus aria-hidden />
          </IconButton>
        )}
      </div>
    </div>
  );
}

/** Starts a diagram: where the tree is at, with its title to type; elsewhere at the end, and opened. */
function useNewDiagram(): () => void {
  const { view, handle, acts, outline, open } = useWork();
  return () => {
    if (view.kind === 'tree') handle.current?.create?.(null, 'diagram');
    else open(acts.create({ title: '', type: 'diagram', parent: null, after: outline.roots.at(-1) ?? null }));
  };
}

/** What the palette offers, and the shortcut help explains, on a project's screen. */
function useViewCommands(field: React.RefObject<HTMLInputElement | null>): void {
  const { project, acts, handle, view, setView, collapseAll, mayEdit, mayDelete, found, open, openBeside } = useWork();
  const newDiagram = useNewDiagram();
  const m = t.work.menu;
  const active = (run: (ids: string[], id: string) => void) => () => {
    const id = handle.current?.active();
    if (id != null) run(concerned(id), id);
  };
  const pick = (kind: Field) =>
    active((ids, id) => {
      const anchor = document.querySelector<HTMLElement>(`[data-item="${id}"]`);
      if (anchor !== null) show({ kind: 'pick', field: kind, ids, anchor: spot(anchor, kind) });
    });
  const commands: Command[] = [
    ...VIEWS.filter((kind) => kind !== view.kind).map((kind): Command => ({ id: `view.${kind}`, title: t.tree.commands.view(t.work.views[kind]), group: 'view', run: () => setView({ kind }) })),
    { id: 'view.density', title: view.density === 'cosy' ? t.tree.commands.compact : t.tree.commands.cosy, group: 'view', run: () => setView({ density: view.density === 'cosy' ? 'compact' : 'cosy' }) },
    { id: 'filter.text', title: t.tree.commands.filter, group: 'view', keys: '/', local: true, run: () => field.current?.focus() },
    { id: 'project.bin', title: t.tree.commands.bin, group: 'go', run: () => show({ kind: 'bin' }) },
    { id: 'item.open', title: m.open, group: 'go', keys: 'Enter', local: true, run: active((_ids, id) => open(id)) },
    { id: 'item.beside', title: m.beside, group: 'go', keys: 'shift+Enter', local: true, run: active((_ids, id) => openBeside(id)) },
    { id: 'item.copyLink', title: m.copyLink, group: 'change', keys: 'mod+c', local: true, run: active((ids) => acts.copyLinks(ids)) },
  ];
  if (found !== null) commands.push({ id: 'filter.clear', title: t.work.filter.clear, group: 'view', run: () => clearFilter(project.id) });
  if (view.kind === 'tree') {
    commands.push(
      { id: 'tree.expandAll', title: t.work.display.expand, group: 'view', keys: 'mod+ArrowRight', local: true, run: () => collapseAll(false) },
      { id: 'tree.collapseAll', title: t.work.display.collapse, group: 'view', keys: 'mod+ArrowLeft', local: true, run: () => collapseAll(true) },
    );
  }
  if (mayEdit) {
    commands.push(
      { id: 'item.create', title: t.tree.add, group: 'create', keys: 'c', run: () => handle.current?.create?.() },
      { id: 'diagram.create', title: t.tree.addDiagram, group: 'create', run: () => newDiagram() },
      { id: 'item.createBelow', title: m.below, group: 'create', keys: 'mod+Enter', local: true, run: active((_ids, id) => handle.current?.create?.({ id, inside: false })) },
      { id: 'item.createInside', title: m.inside, group: 'create', keys: 'mod+shift+Enter', local: true, run: active((_ids, id) => handle.current?.create?.({ id, inside: true })) },
      {
        id: 'item.draw', title: m.draw, group: 'create',
        run: active((_ids, id) => {
          const diagram = acts.draw(id);
          if (diagram !== null) open(diagram);
        }),
      },
      { id: 'item.duplicate', title: m.duplicate, group: 'create', keys: 'mod+d', local: true, run: active((ids) => void acts.duplicate(ids)) },
      { id: 'item.rename', title: m.rename, group: 'change', keys: 'F2', local: true, run: active((_ids, id) => handle.current?.rename?.(id)) },
      { id: 'item.status', title: m.status, group: 'change', keys: 'alt+s', local: true, run: pick('status') },
      { id: 'item.assignees', title: m.assignees, group: 'change', keys: 'alt+a', local: true, run: pick('assignees') },
      { id: 'item.priority', title: m.priority, group: 'change', keys: 'alt+p', local: true, run: pick('priority') },
      { id: 'item.labels', title: m.labels, group: 'change', keys: 'alt+l', local: true, run: pick('labels') },
      { id: 'item.type', title: m.type, group: 'change', keys: 'alt+t', local: true, run: pick('type') },
      { id: 'item.move', title: m.move, group: 'change', keys: 'alt+m', local: true, run: active((ids) => show({ kind: 'move', ids })) },
      { id: 'tree.undo', title: t.tree.commands.undo, group: 'change', keys: 'mod+z', local: true, run: () => acts.undo() },
      { id: 'tree.redo', title: t.tree.commands.redo, group: 'change', keys: 'mod+shift+z', local: true, run: () => acts.redo() },
    );
  }
  if (mayDelete) commands.push({ id: 'item.delete', title: m.delete, group: 'change', keys: 'Delete', local: true, run: active((ids) => acts.remove(ids)) });
  useCommands(commands);
}
