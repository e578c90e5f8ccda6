/** All kinds of shapes: press one and draw it, or drag it onto the canvas. */
import { X } from 'lucide-react';
import { useState } from 'react';
import { useTheme } from '@/app/theme';
import { t } from '@/texts';
import { IconButton } from '@/ui/button';
import { useEditor, useUi } from './context';
import { shapeMarks } from './drawing';
import { chooseImages } from './images';
import { Marks } from './marks';
import { ruleOf } from './rules';
import { shapeFrom } from './schema';
import { TOOLS } from './Toolbar';

const GROUPS: readonly (readonly [keyof typeof t.diagram.groups, readonly string[]])[] = [
  ['basic', ['rectangle', 'rounded', 'ellipse', 'diamond', 'triangle', 'cylinder', 'cloud', 'sticky', 'note', 'text', 'frame']],
  ['flow', ['terminator', 'subroutine', 'parallelogram', 'hexagon', 'document']],
  ['c4', ['person', 'system', 'container', 'component', 'boundary']],
  ['uml', ['entity', 'class', 'actor']],
];

export function Library() {
  const editor = useEditor();
  const panel = useUi((ui) => ui.panel);
  const tool = useUi((ui) => ui.tool);
  const [find, setFind] = useState('');
  if (panel !== 'library' || !editor.mayEdit) return null;
  const words = find.trim().toLowerCase();
  const groups = GROUPS.map(([group, kinds]) => [group, kinds.filter((kind) => (t.diagram.kinds[kind] ?? kind).toLowerCase().includes(words))] as const).filter(([, kinds]) => kinds.length > 0);
  return (
    <section aria-label={t.diagram.library} className="pointer-events-auto flex max-h-full w-60 flex-col rounded-xl border border-line bg-raised shadow-float" onKeyDown={(event) => event.key === 'Escape' && (event.stopPropagation(), editor.set({ panel: null }), editor.focus())}>
      <div className="flex items-center gap-1 p-2 pb-1">
        <input
          type="search"
          autoFocus={matchMedia('(pointer: fine)').matches}
          aria-label={t.diagram.findShape}
          placeholder={t.diagram.findShape}
          value={find}
          className="h-8 min-w-0 flex-1 rounded-md border border-line-strong bg-bg px-2 text-sm"
          onChange={(event) => setFind(event.target.value)}
        />
        <IconButton label={t.diagram.list.close} onClick={() => editor.set({ panel: null })}>
          <X aria-hidden />
        </IconButton>
      </div>
      <div className="min-h-0 overflow-y-auto p-2 pt-1" tabIndex={0} role="group" aria-label={t.diagram.library}>
        {groups.length === 0 && <p className="p-2 text-sm text-muted">{t.diagram.noShape}</p>}
        {words === '' && <Rare />}
        {groups.map(([group, kinds]) => (
          <div key={group}>
            <h2 className="px-1 pt-2 pb-1 text-xs font-medium text-muted">{t.diagram.groups[group]}</h2>
            <div className="grid grid-cols-3 gap-1">
              {kinds.map((kind) => (
                <Entry key={kind} kind={kind} on={tool === kind} />
              ))}
            </div>
          </div>
        ))}
      </div>
    </section>
  );
}

/** The tools that a narrow toolbar has no room for, and the library doesn't draw by itself. */
function Rare() {
  const editor = useEditor();
  const names = t.diagram.tools as Record<string, string>;
  return (
    <div className="hidden grid-cols-3 gap-1 @max-xl:grid">
      {TOOLS.filter(([id]) => id === 'line' || id === 'image' || id === 'card').map(([id, icon]) => (
        <button
          key={id}
          type="button"
          className="flex h-[74px] flex-col items-center justify-center gap-2 rounded-lg p-1.5 text-[11px] leading-tight text-muted hover:bg-hover hover:text-fg [&_svg]:size-6"
          onClick={() => {
            editor.set({ panel: null });
            if (id === 'image') chooseImages(editor);
            else editor.use(id);
          }}
        >
          {icon}
          {names[id]}
        </button>
      ))}
    </div>
  );
}

/** A canvas that is narrower has no room for a panel beside a drawing, in pixels. */
const NARROW = 576;
/** A press that moves further than this takes the shape along, in pixels. */
const DRAG = 6;

function Entry({ kind, on }: { kind: string; on: boolean }) {
  const editor = useEditor();
  const theme = useTheme(({ shown }) => shown);
  const name = t.diagram.kinds[kind] ?? kind;
  const { size: [w, h] } = ruleOf(kind);
  const scale = Math.min(44 / w, 32 / h);
  const shape = shapeFrom('sample', { kind, at: [0, 0], size: [w, h], strokeWidth: Math.min(20, 1.5 / scale), ...(kind === 'text' ? { fontSize: 40, size: [100, 50] } : {}) }, kind === 'text' ? 'Aa' : '');
  const pad = 10 / scale;
  return (
    <button
      type="button"
      aria-pressed={on}
      title={name}
      className="flex h-[74px] touch-none flex-col items-center gap-1 rounded-lg p-1.5 text-[11px] leading-tight text-muted hover:bg-hover hover:text-fg aria-pressed:bg-active"
      onClick={(event) => {
        if (event.detail === 0) {
          // By keyboard it is put in the middle.
          const id = editor.addAt(kind, editor.middle, sample(kind));
          if (id !== null) editor.focus();
          return;
        }
        editor.use(kind);
        // On a small screen it would lie over what is drawn on.
        if (editor.view.getState().w < NARROW) editor.set({ panel: null });
      }}
      onPointerDown={(event) => {
        const button = event.currentTarget;
        const from = [event.clientX, event.clientY] as const;
        const stage = editor.stage;
        const up = (end: PointerEvent) => {
          button.removeEventListener('pointerup', up);
          if (stage === null || Math.hypot(end.clientX - from[0], end.clientY - from[1]) < DRAG) return;
          const box = stage.getBoundingClientRect();
          const panel = button.closest('section')?.getBoundingClientRect();
          const over = end.clientX >= box.left && end.clientX <= box.right && end.clientY >= box.top && end.clientY <= box.bottom;
          const onPanel = panel !== undefined && end.clientX >= panel.left && end.clientX <= panel.right && end.clientY >= panel.top && end.clientY <= panel.bottom;
          if (!over || onPanel) return;
          editor.addAt(kind, editor.toDiagram([end.clientX - box.left, end.clientY - box.top]), sample(kind));
          editor.set({ tool: 'select' });
          stage.focus({ preventScroll: true });
        };
        button.setPointerCapture(event.pointerId);
        button.addEventListener('pointerup', up);
      }}
    >
      <svg viewBox={kind === 'text' ? '-10 -8 120 66' : `${-pad / 2} ${-pad / 2} ${w + pad} ${h + pad}`} className="h-8 w-full shrink-0" aria-hidden>
        {shape !== null && <Marks marks={shapeMarks(shape, { theme })} />}
      </svg>
      <span className="my-auto line-clamp-2 w-full text-center">{name}</span>
    </button>
  );
}

function sample(kind: string): { text?: string } {
  const text = t.diagram.samples[kind];
  return text === undefined ? {} : { text };
}
