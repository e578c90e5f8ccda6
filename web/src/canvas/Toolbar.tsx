/** What is drawn with: at the bottom of the canvas, in reach of a thumb. */
import { Circle, Diamond, Frame, Hand, Image, LayoutGrid, Minus, MousePointer2, Pencil, Spline, Square, SquareCheckBig, StickyNote, Type } from 'lucide-react';
import { useMemo, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { ariaKeys, keysLabel } from '@/app/keys';
import { t } from '@/texts';
import { cn } from '@/ui/cn';
import type { Act } from './commands';
import { useEditor, useUi } from './context';
import { ItemPicker } from './ItemPicker';

export const TOOLS: readonly (readonly [string, ReactNode])[] = [
  ['select', <MousePointer2 key="" aria-hidden />],
  ['hand', <Hand key="" aria-hidden />],
  ['rectangle', <Square key="" aria-hidden />],
  ['ellipse', <Circle key="" aria-hidden />],
  ['diamond', <Diamond key="" aria-hidden />],
  ['sticky', <StickyNote key="" aria-hidden />],
  ['text', <Type key="" aria-hidden />],
  ['connector', <Spline key="" aria-hidden />],
  ['line', <Minus key="" aria-hidden className="-rotate-45" />],
  ['pen', <Pencil key="" aria-hidden />],
  ['frame', <Frame key="" aria-hidden />],
  ['image', <Image key="" aria-hidden />],
  ['card', <SquareCheckBig key="" aria-hidden />],
];

const LINES = new Set(['rectangle', 'connector', 'frame']);

/** Where there is little room, these are in the library only. */
export const RARE: readonly string[] = ['ellipse', 'diamond', 'line', 'frame', 'image', 'card'];

/** Arrows lead from one button to the next; Tab past all of them. */
export function roving(event: KeyboardEvent<HTMLElement>): void {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (by === undefined || !(event.target instanceof HTMLButtonElement)) return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')].filter((button) => button.getClientRects().length > 0);
  const at = buttons.indexOf(event.target);
  if (at < 0) return;
  event.preventDefault();
  event.stopPropagation();
  buttons[(at + by + buttons.length) % buttons.length]?.focus();
}

export function Toolbar({ acts }: { acts: readonly Act[] }) {
  const editor = useEditor();
  const tool = useUi((ui) => ui.tool);
  const panel = useUi((ui) => ui.panel);
  const picking = useUi((ui) => ui.picking);
  const card = useRef<HTMLButtonElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const anchor = useMemo(() => ({ get current() { return card.current !== null && card.current.getClientRects().length > 0 ? card.current : bar.current; } }), []);
  const names = t.diagram.tools as Record<string, string>;
  const button = (id: string, icon: ReactNode, pressed: boolean, label: string, keys: string | undefined, run: () => void, first: boolean) => (
    <button
      key={id}
      ref={id === 'card' ? card : undefined}
      type="button"
      tabIndex={first ? 0 : -1}
      aria-label={label}
      aria-pressed={pressed}
      aria-keyshortcuts={keys === undefined ? undefined : ariaKeys(keys)}
      title={keys === undefined ? label : `${label} (${keysLabel(keys)})`}
      className={cn('flex size-9 shrink-0 items-center justify-center rounded-lg text-muted hover:bg-hover hover:text-fg @max-xl:size-10 [&_svg]:size-[18px]', RARE.includes(id) && '@max-xl:hidden', pressed && 'bg-accent text-accent-fg hover:bg-accent-hover hover:text-accent-fg')}
      onClick={run}
    >
      {icon}
    </button>
  );
  return (
    <div className="pointer-events-none absolute inset-x-0 bottom-3 z-10 flex justify-center px-2">
      <div ref={bar} role="toolbar" aria-label={t.diagram.toolbar} className="pointer-events-auto flex max-w-full items-center gap-0.5 overflow-x-auto rounded-xl border border-line bg-raised p-1 shadow-float" onKeyDown={roving}>
        {TOOLS.filter(([id]) => editor.mayEdit || id === 'select' || id === 'hand').flatMap(([id, icon]) => {
          const act = acts.find((one) => one.id === `diagram.tool.${id}` || one.id === `diagram.${id}`);
          const made = button(id, icon, tool === id || (id === 'card' && picking === 'card'), names[id] ?? id, act?.keys, () => {
            act?.run();
            if (id !== 'card' && id !== 'image') editor.focus();
          }, id === 'select');
          return LINES.has(id) ? [<span key={`${id}-line`} aria-hidden className={cn('mx-0.5 h-6 w-px shrink-0 bg-line', id === 'frame' && '@max-xl:hidden')} />, made] : [made];
        })}
        {editor.mayEdit && (
          <>
            <span aria-hidden className="mx-0.5 h-6 w-px shrink-0 bg-line" />
            {button('library', <LayoutGrid aria-hidden />, panel === 'library' || !TOOLS.some(([id]) => id === tool), t.diagram.more, 'm', () => editor.set({ panel: panel === 'library' ? null : 'library' }), false)}
          </>
        )}
      </div>
      {picking !== null && <ItemPicker anchor={anchor} />}
    </div>
  );
}
