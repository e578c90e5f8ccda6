/** A diagram's canvas and all that stands around it; a chunk of its own that comes when a diagram is opened. */
import '@/texts/en/diagram';
import { ListTree, Upload } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { session } from '@/api/session';
import { useCommands } from '@/app/commands';
import { openItem } from '@/app/open';
import { show } from '@/app/overlay';
import { useTheme } from '@/app/theme';
import { useFollow } from '@/collab/follow';
import type { Room } from '@/collab/room';
import { beginningOf } from '@/features/diagram/begin';
import { useProject } from '@/features/tree/context';
import { announce } from '@/features/views/announce';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { deferred } from '@/ui/deferred';
import { Kbd } from '@/ui/kbd';
import { toast } from '@/ui/toast';
import { Canvas } from './Canvas';
import { CardTitle } from './CardTitle';
import { actsOf, type Act } from './commands';
import { ContextMenu } from './ContextMenu';
import { EditorContext, useEditor, useScene, useUi, useView } from './context';
import { Editor } from './editor';
import { chooseImport, exportAs, layOut, takeFiles, takePicture, takeText } from './files';
import type { LayoutOptions } from './layout';
import { Library } from './Library';
import { useName } from './names';
import { Minimap } from './Minimap';
import type { Peer } from './presence';
import { StylePanel } from './StylePanel';
import { addSubtree } from './subtree';
import { toItem } from './toItem';
import { Toolbar } from './Toolbar';
import { ViewBar } from './ViewBar';

// What is opened by hand comes then.
const ListView = deferred(() => import('./ListView').then((module) => module.ListView));
const ChooseDialog = deferred(() => import('./ChooseDialog').then((module) => module.ChooseDialog));
const PictureDialog = deferred(() => import('./PictureDialog').then((module) => module.PictureDialog));
const ReportDialog = deferred(() => import('./ReportDialog').then((module) => module.ReportDialog));

export default function Diagram({ room, mayEdit }: { room: Room; mayEdit: boolean }) {
  const { project, items } = useProject();
  const known = useRef(items);
  known.current = items;
  const [editor, setEditor] = useState<Editor | null>(null);
  useEffect(() => {
    const made = new Editor(room, project.id, mayEdit);
    made.readText = (text) => takeText(made, text, known.current);
    made.readFiles = (files) => void takeFiles(made, files, known.current);
    setEditor(made);
    return () => made.destroy();
  }, [room, project.id]);
  useEffect(() => {
    if (editor === null) return;
    editor.mayEdit = mayEdit;
    if (!mayEdit) editor.set({ tool: 'select', editing: null, picking: null });
  }, [editor, mayEdit]);
  return editor === null ? null : (
    <EditorContext value={editor}>
      <Screen key={String(mayEdit)} />
    </EditorContext>
  );
}

const LAYOUTS: readonly (readonly [keyof typeof t.diagram.exchange.layouts, LayoutOptions])[] = [
  ['down', { kind: 'layered', direction: 'down' }],
  ['right', { kind: 'layered', direction: 'right' }],
  ['tree', { kind: 'tree', direction: 'down' }],
  ['treeRight', { kind: 'tree', direction: 'right' }],
];

function useActs(editor: Editor): Act[] {
  const { order, items } = useProject();
  return useMemo(() => {
    const { acts, exchange } = t.diagram;
    const one = () => editor.selectedShapes[0];
    const isCard = () => editor.state.selection.size === 1 && one()?.kind === 'card';
    return [
      ...actsOf(editor),
      {
        id: 'sticky.item', title: acts.toItem, group: 'create', edits: true, chosen: 1,
        fits: () => editor.selectedShapes.some(({ kind, text }) => kind !== 'card' && text.trim() !== ''),
        run: () => {
          for (const shape of editor.selectedShapes) toItem(editor, shape, order, items);
        },
      },
      {
        id: 'card.open', title: acts.open, group: 'go', keys: 'mod+Enter', chosen: 1, fits: isCard,
        run: () => {
          const item = one()?.item;
          if (item != null) openItem(editor.project, item, true);
        },
      },
      { id: 'card.rename', title: acts.rename, group: 'change', edits: true, chosen: 1, fits: isCard, run: () => editor.write(one()?.id ?? '') },
      ...(['svg', 'png', 'json', 'mermaid'] as const).map((format): Act => ({
        id: `diagram.export.${format}`, title: exchange.exportAs(exchange.formats[format]), group: 'view', run: () => void exportAs(editor, format, items, useTheme.getState().shown),
      })),
      { id: 'diagram.picture', title: exchange.picture, group: 'view', run: () => editor.set({ picture: editor.scene.order.length > 0 }) },
      ...(['png', 'svg'] as const).map((format): Act => ({
        id: `diagram.copy.${format}`, title: exchange.copyAs(exchange.formats[format]), group: 'view', run: () => void takePicture(editor, items, { format, theme: useTheme.getState().shown, scale: 2, clear: false }, 'clipboard'),
      })),
      { id: 'diagram.import', title: exchange.import, group: 'create', edits: true, run: () => chooseImport(editor, items) },
      ...LAYOUTS.map(([name, options]): Act => ({ id: `diagram.layout.${name}`, title: `${exchange.arrange}: ${exchange.layouts[name]}`, group: 'change', edits: true, run: () => void layOut(editor, options) })),
      { id: 'diagram.shortcuts', title: acts.shortcuts, keys: '?', group: 'help', run: () => show({ kind: 'shortcuts' }) },
    ];
  }, [editor, order, items]);
}

function Screen() {
  const editor = useEditor();
  const list = useUi((ui) => ui.panel === 'list');
  const choosing = useUi((ui) => ui.choosing !== null);
  const picture = useUi((ui) => ui.picture);
  const report = useUi((ui) => ui.report !== null);
  const all = useActs(editor);
  // Their keys are the canvas' own: on other parts of the screen they mean other things.
  useCommands(all.filter(({ edits }) => edits !== true || editor.mayEdit).map((act) => ({ ...act, local: true })));
  useBeginning(editor);
  useFollowing(editor);
  useSummons(editor);
  useSayings(editor);
  return (
    <div data-diagram className="@container relative min-h-0 flex-1 overflow-hidden">
      <Canvas editor={editor} acts={all} />
      <Empty />
      <div className="pointer-events-none absolute inset-x-2 top-2 bottom-16 z-10 flex items-start justify-between gap-2">
        <div className="z-10 flex h-full min-h-0 flex-col gap-2 @max-2xl:absolute @max-2xl:inset-y-0 @max-2xl:top-11 @max-2xl:left-0 @max-2xl:h-auto">
          <Library />
          {list && <ListView />}
        </div>
        <div className="ml-auto flex h-full min-h-0 flex-col items-end gap-2">
          <ViewBar acts={all} />
          <StylePanel />
          <div className="mt-auto">
            <Minimap />
          </div>
        </div>
      </div>
      <Toolbar acts={all} />
      <ContextMenu acts={all} />
      <CardTitle />
      {choosing && <ChooseDialog />}
      {picture && <PictureDialog />}
      {report && <ReportDialog />}
    </div>
  );
}

function Empty() {
  const editor = useEditor();
  const { items } = useProject();
  useScene();
  const drawing = useUi((ui) => ui.busy !== null || ui.tool !== 'select');
  if (editor.scene.order.length > 0 || drawing) return null;
  const { empty } = t.diagram;
  return (
    <div className="pointer-events-none absolute inset-0 flex items-center justify-center p-6">
      <div className="max-w-md text-center">
        <p className="text-lg font-semibold">{editor.mayEdit ? empty.title : empty.viewer}</p>
        {editor.mayEdit && (
          <>
            <p className="mt-1 text-sm text-balance text-muted pointer-coarse:hidden">{empty.text}</p>
            <p className="mt-1 hidden text-sm text-balance text-muted pointer-coarse:block">{empty.touch}</p>
            <ul className="mt-4 flex flex-wrap justify-center gap-x-4 gap-y-2 text-sm text-muted pointer-coarse:hidden">
              {empty.keys.map(([key, name]) => (
                <li key={key} className="flex items-center gap-1.5">
                  <Kbd keys={key} />
                  {name}
                </li>
              ))}
            </ul>
            <p className="mt-6 text-sm text-muted">{empty.or}</p>
            <div className="pointer-events-auto mt-2 flex flex-wrap justify-center gap-2">
              <Button onClick={() => editor.set({ picking: 'subtree' })}>
                <ListTree aria-hidden className="size-4" />
                {empty.items}
              </Button>
              <Button onClick={() => chooseImport(editor, items)}>
                <Upload aria-hidden className="size-4" />
                {empty.file}
              </Button>
            </div>
          </>
        )}
      </div>
    </div>
  );
}

/** Puts in what the diagram was made of. That is part of making it: it is no step of undo. */
function useBeginning(editor: Editor): void {
  const { order } = useProject();
  const measured = useView(({ w }) => w > 0);
  useEffect(() => {
    if (!measured || !editor.mayEdit) return;
    const root = beginningOf(editor.room.id);
    if (root === null) return;
    addSubtree(editor, root, order, [0, 0]);
    editor.select([]);
    editor.fit(undefined, 1, 0);
    editor.undo.clear();
  }, [editor, measured, order]);
}

/** Keeps what the followed person sees on this screen. */
function useFollowing(editor: Editor): void {
  const person = useFollow((state) => state.person);
  useEffect(() => {
    if (person === null) return;
    // Of somebody's open tabs, one that looks at the diagram.
    const viewOf = (peers: readonly Peer[]) => peers.find((one) => one.person.id === person && one.viewport !== null)?.viewport ?? null;
    const look = () => {
      const there = viewOf(editor.presence.peers.getState());
      if (there === null) return;
      const { x, y, zoom, w, h } = there;
      const mine = editor.view.getState();
      // Their whole view shows, on a smaller screen smaller.
      const fits = w > 0 && h > 0 ? Math.min(mine.w / w, mine.h / h) : zoom;
      editor.lookAt([x, y], Math.min(zoom * 1.5, fits), 100);
    };
    look();
    return editor.presence.peers.subscribe((now, before) => {
      if (JSON.stringify(viewOf(now)) !== JSON.stringify(viewOf(before))) look();
    });
  }, [editor, person]);
}

/** Somebody asks everybody to come. */
function useSummons(editor: Editor): void {
  const me = useStore(session.store, ({ user }) => user?.id);
  const follow = useFollow((state) => state.follow);
  const come = useCallback(
    (person: string, place: { x: number; y: number; zoom: number }) => {
      editor.lookAt([place.x, place.y], place.zoom, 300);
      follow(person);
    },
    [editor, follow],
  );
  useEffect(() => {
    const seen = new Set(editor.presence.peers.getState().flatMap(({ summon }) => (summon === null ? [] : [summon.id])));
    return editor.presence.peers.subscribe((peers) => {
      for (const { person, summon } of peers) {
        if (summon === null || seen.has(summon.id)) continue;
        seen.add(summon.id);
        if (person.id === me) continue;
        // Whoever is writing goes on writing; all others are there at once.
        if (editor.state.editing === null && editor.state.busy === null) come(person.id, summon);
        toast(t.diagram.together.here(person.name), { action: { label: t.diagram.together.come, onClick: () => come(person.id, summon) } });
      }
    });
  }, [editor, me, come]);
}

/** Says what was chosen, for who doesn't see it. */
function useSayings(editor: Editor): void {
  const nameOf = useName();
  const selection = useUi((ui) => ui.selection);
  const dragging = useUi((ui) => ui.marquee !== null);
  const said = nameOf(editor.scene.element([...selection][0] ?? ''));
  const { size } = selection;
  useEffect(() => {
    if (dragging || size === 0) return;
    announce(size === 1 ? t.diagram.said.one(said) : t.diagram.said.selected(size));
  }, [selection, size, dragging]);
}
