/** The canvas of a diagram. React Flow moves it and keeps what is out of sight off the page; the rest is `pointer` and `overlay`. */
import '@xyflow/react/dist/base.css';
import { Background, BackgroundVariant, ReactFlow, ReactFlowProvider, useReactFlow, useStoreApi } from '@xyflow/react';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { DROPPED, type Dropped } from '@/features/diagram/drop';
import { t } from '@/texts';
import { cn } from '@/ui/cn';
import { onCopy, onPaste } from './clipboard';
import { actFor, type Act } from './commands';
import { EditorContext, useEditor, useUi, useView } from './context';
import { Cursors } from './Cursors';
import { ZOOM, type Editor } from './editor';
import { nodeTypes, type CanvasNode } from './elements';
import { addImages, isPicture } from './images';
import { Nodes } from './nodes';
import { isBusy, Overview } from './Overview';
import { Overlay } from './Overlay';
import { Pointer } from './pointer';
import { addCards } from './subtree';
import { TextEditor } from './TextEditor';

const none: CanvasNode[] = [];
const PAN_KEYS: string[] = [];
const never = () => () => undefined;

export function Canvas({ editor, acts }: { editor: Editor; acts: readonly Act[] }) {
  return (
    <EditorContext value={editor}>
      <ReactFlowProvider>
        <Stage acts={acts} />
      </ReactFlowProvider>
    </EditorContext>
  );
}

function Stage({ acts }: { acts: readonly Act[] }) {
  const editor = useEditor();
  const stage = useRef<HTMLDivElement>(null);
  const world = useRef<HTMLDivElement>(null);
  const flow = useReactFlow();
  const store = useStoreApi();
  const help = useId();
  const [space, setSpace] = useState(false);
  const pointer = useRef<Pointer | null>(null);
  const tool = useUi((ui) => ui.tool);
  const busy = useUi((ui) => ui.busy);
  const latest = useRef(acts);
  latest.current = acts;

  useLayoutEffect(() => {
    const element = stage.current;
    if (element === null) return;
    const input = new Pointer(editor, element);
    pointer.current = input;
    editor.stage = element;
    editor.camera = { move: (view, duration = 0) => void flow.setViewport(view, { duration: window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : duration }) };
    // Every step of moving: the layers that aren't React Flow's go along without React.
    const follow = ({ transform: [x, y, zoom], width, height }: { transform: [number, number, number]; width: number; height: number }) => {
      const before = editor.view.getState();
      if (before.x === x && before.y === y && before.zoom === zoom && before.w === width && before.h === height) return;
      const layer = world.current;
      if (layer !== null) {
        layer.style.transform = `translate(${x}px,${y}px) scale(${zoom})`;
        layer.style.setProperty('--zoom', String(zoom));
      }
      editor.view.setState({ x, y, zoom, w: width, h: height });
    };
    follow(store.getState());
    const stop = store.subscribe(follow);
    return () => {
      stop();
      input.destroy();
      editor.camera = null;
      editor.stage = null;
      pointer.current = null;
    };
  }, [editor, flow, store]);

  // The first look shows everything, and the keys are the canvas' unless somebody is elsewhere.
  const measured = useView(({ w }) => w > 0);
  const [looking, setLooking] = useState(false);
  useLayoutEffect(() => {
    if (!measured) return;
    editor.fit(undefined, 1, 0);
    setLooking(true);
    if (document.activeElement === document.body) stage.current?.focus({ preventScroll: true });
  }, [editor, measured]);

  useEffect(() => {
    const element = stage.current;
    if (element === null) return;
    // With the focus nowhere the keys are the canvas'.
    const screen = element.closest('[data-diagram]') ?? element;
    const isHere = (target: EventTarget | null) => target === document.body || (target instanceof Node && screen.contains(target));
    const isField = (target: EventTarget | null) => target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null;
    const hold = (on: boolean) => {
      if (pointer.current !== null) pointer.current.space = on;
      setSpace(on);
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || isField(event.target) || !isHere(event.target)) return;
      if (event.target instanceof Element && event.target.closest('[role=menu], [role=listbox], [role=dialog]') !== null) return;
      if (event.key === ' ') {
        // A button is pressed by it.
        if (event.target instanceof HTMLButtonElement) return;
        event.preventDefault();
        hold(true);
        return;
      }
      if (event.key === 'Escape') {
        escape(editor, pointer.current, event);
        return;
      }
      const arrow = ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as Record<string, [number, number]>)[event.key];
      if (arrow !== undefined && !event.altKey && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        const far = event.shiftKey ? 10 : 1;
        if (editor.state.selection.size > 0) editor.nudge(arrow[0] * far, arrow[1] * far);
        else {
          const view = editor.view.getState();
          editor.camera?.move({ x: view.x - arrow[0] * 40 * far, y: view.y - arrow[1] * 40 * far, zoom: view.zoom });
        }
        return;
      }
      if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
        event.preventDefault();
        const box = editor.bounds(editor.state.selection);
        const [x, y] = box === null ? [40, 40] : editor.toScreen([box.x + Math.min(box.w, 40), box.y + Math.min(box.h, 40)]);
        const rect = element.getBoundingClientRect();
        editor.set({ menu: { x: rect.left + Math.max(8, Math.min(rect.width - 8, x)), y: rect.top + Math.max(8, Math.min(rect.height - 8, y)) } });
        return;
      }
      // With nothing chosen Tab still leads into the drawing, but Escape lets it out again.
      if (event.key === 'Tab' && (leaving.current || editor.scene.order.length === 0 || event.target !== element)) {
        leaving.current = false;
        return;
      }
      // Clipboard keys make events of their own, with the rights that the menu has to ask for.
      if ((event.ctrlKey || event.metaKey) && /^[cxv]$/i.test(event.key) && !event.shiftKey && !event.altKey) return;
      if (event.key === 'Enter' && event.target instanceof HTMLButtonElement) return;
      const act = actFor(editor, latest.current, event);
      if (act === null || (event.repeat && !/undo|redo|zoom|next|previous/.test(act.id))) return;
      event.preventDefault();
      act.run();
    };
    const onKeyUp = (event: KeyboardEvent) => {
      if (event.key === ' ') hold(false);
    };
    const onBlur = () => hold(false);
    // Before the keys of the whole screen, which has others for the same letters.
    document.addEventListener('keydown', onKeyDown);
    window.addEventListener('keyup', onKeyUp);
    window.addEventListener('blur', onBlur);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
      window.removeEventListener('keyup', onKeyUp);
      window.removeEventListener('blur', onBlur);
    };
  }, [editor]);
  const leaving = useRef(false);
  const escape = (now: Editor, input: Pointer | null, event: KeyboardEvent) => {
    const { state } = now;
    event.preventDefault();
    if (input?.cancel() === true) return;
    if (state.tool !== 'select') now.use('select');
    else if (state.scope !== null) {
      now.set({ scope: null });
      now.select([]);
    } else if (state.selection.size > 0) now.select([]);
    else leaving.current = true;
  };

  // What the clipboard and dragged files bring.
  useEffect(() => {
    const element = stage.current;
    if (element === null) return;
    const inside = () => document.activeElement === element || document.activeElement === document.body || element.closest('[data-diagram]')?.contains(document.activeElement) === true;
    const isField = () => document.activeElement instanceof Element && document.activeElement.matches('input, textarea, select, [contenteditable]');
    const copy = (event: ClipboardEvent) => inside() && !isField() && window.getSelection()?.isCollapsed !== false && onCopy(editor, event, event.type === 'cut' && editor.mayEdit);
    const paste = (event: ClipboardEvent) => inside() && !isField() && onPaste(editor, event);
    const over = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files') === true) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      const box = element.getBoundingClientRect();
      const at = editor.toDiagram([event.clientX - box.left, event.clientY - box.top]);
      const pictures = files.filter(isPicture);
      if (editor.mayEdit && pictures.length > 0) addImages(editor, pictures, at);
      const rest = files.filter((file) => !isPicture(file));
      if (editor.mayEdit && rest.length > 0) editor.readFiles?.(rest);
    };
    const dropped = (event: Event) => {
      const { ids, at } = (event as Dropped).detail;
      const box = element.getBoundingClientRect();
      addCards(editor, ids, editor.toDiagram([at.x - box.left, at.y - box.top]));
      editor.focus();
    };
    document.addEventListener('copy', copy);
    document.addEventListener('cut', copy);
    document.addEventListener('paste', paste);
    element.addEventListener(DROPPED, dropped);
    // Over handles the canvas moves as well as beside them.
    const wheel = (event: WheelEvent) => {
      const pane = element.querySelector('.react-flow__pane');
      if (pane === null || !(event.target instanceof Node) || pane.contains(event.target) || element.querySelector('.react-flow')?.contains(event.target) === true) return;
      event.preventDefault();
      pane.dispatchEvent(new WheelEvent('wheel', event));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    element.addEventListener('dragover', over);
    element.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('copy', copy);
      document.removeEventListener('cut', copy);
      document.removeEventListener('paste', paste);
      element.removeEventListener('wheel', wheel);
      element.removeEventListener('dragover', over);
      element.removeEventListener('drop', drop);
      element.removeEventListener(DROPPED, dropped);
    };
  }, [editor]);

  const hand = space || tool === 'hand';
  const cursor = hand ? 'cursor-grab active:cursor-grabbing' : tool === 'select' ? (busy === 'move' ? 'cursor-move' : 'cursor-default') : tool === 'text' ? 'cursor-text' : 'cursor-crosshair';
  return (
    <div
      ref={stage}
      data-stage
      data-takes-items={editor.mayEdit || undefined}
      tabIndex={0}
      role="application"
      aria-label={t.diagram.canvas}
      aria-describedby={help}
      className={cn('relative size-full touch-none overflow-hidden bg-(--canvas) outline-none select-none focus-visible:outline-none', cursor)}
      onFocus={() => {
        leaving.current = false;
      }}
      onContextMenu={(event) => {
        if (event.target instanceof Element && event.target.closest('textarea, input') !== null) return;
        event.preventDefault();
        // A finger that rested has opened it.
        if (editor.state.menu !== null) return;
        pointer.current?.chooseAt(event.nativeEvent);
        editor.set({ menu: { x: event.clientX, y: event.clientY } });
      }}
    >
      <p id={help} className="sr-only">
        {t.diagram.canvasHelp}
      </p>
      <div aria-hidden className="absolute inset-0">
        <Flow hand={hand} looking={looking} />
        {looking && <Overview />}
      </div>
      <div ref={world} className="pointer-events-none absolute top-0 left-0 origin-top-left">
        <Overlay />
        <TextEditor />
        <Cursors />
      </div>
    </div>
  );
}

/** The part that React Flow has: moving, zooming, and what is in sight. */
function Flow({ hand, looking }: { hand: boolean; looking: boolean }) {
  const editor = useEditor();
  const [list, setList] = useState<Nodes | null>(null);
  useLayoutEffect(() => {
    const made = new Nodes(editor);
    setList(made);
    return () => made.destroy();
  }, [editor]);
  // Small and many, they are drawn on one canvas. Nothing is drawn before it is known what is looked at.
  const overview = useView(({ zoom }) => isBusy(zoom, editor.scene.order.length));
  const shown = overview || !looking ? null : list;
  const all = useSyncExternalStore(shown?.subscribe ?? never, shown?.get ?? (() => none));
  const grid = useUi((ui) => ui.grid);
  const pan = useMemo(() => (hand ? [0, 1] : [1]), [hand]);
  return (
    <ReactFlow
      nodes={all as CanvasNode[]}
      nodeTypes={nodeTypes}
      onlyRenderVisibleElements
      minZoom={ZOOM.min}
      maxZoom={ZOOM.max}
      panOnDrag={pan}
      panOnScroll
      zoomOnScroll={false}
      zoomOnDoubleClick={false}
      zoomActivationKeyCode={['Meta', 'Control']}
      panActivationKeyCode={PAN_KEYS}
      selectionKeyCode={null}
      multiSelectionKeyCode={null}
      deleteKeyCode={null}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      disableKeyboardA11y
      autoPanOnNodeFocus={false}
      // Its licence (MIT) asks for nothing on the screen.
      proOptions={{ hideAttribution: true }}
    >
      {grid && <Background variant={BackgroundVariant.Dots} gap={20} size={1.25} color="var(--line-strong)" bgColor="transparent" />}
    </ReactFlow>
  );
}
