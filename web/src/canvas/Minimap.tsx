/** The whole diagram, small, and what is seen of it, while that isn't all. Drawn on one HTML canvas, at most a few times a second. */
import { useEffect, useRef, type PointerEvent } from 'react';
import { useTheme } from '@/app/theme';
import { useProject } from '@/features/tree/context';
import { t } from '@/texts';
import { statusColour } from './cards';
import { useEditor, useUi } from './context';
import { isBehind } from './drawing';
import { union, type Box } from './geo';
import { colourOf } from './rules';

const W = 184;
const H = 120;
const PAD = 8;
/** Milliseconds between two drawings of the elements. */
const PAUSE = 250;

export function Minimap() {
  const shown = useUi((ui) => ui.minimap);
  return shown ? <Map /> : null;
}

function Map() {
  const editor = useEditor();
  const theme = useTheme(({ shown }) => shown);
  const picture = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const { items } = useProject();
  const root = useRef<HTMLDivElement>(null);
  const map = useRef({ x: 0, y: 0, scale: 1 });

  useEffect(() => {
    const canvas = picture.current;
    const window_ = frame.current;
    const context = canvas?.getContext('2d');
    const around = root.current;
    if (canvas == null || window_ === null || around === null || context == null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let whole: Box = { x: 0, y: 0, w: 1, h: 1 };
    let drawn: Box | null = null;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    canvas.width = W * ratio;
    canvas.height = H * ratio;
    const see = () => {
      const { seen } = editor;
      const { x, y, scale } = map.current;
      around.hidden = drawn === null || (drawn.x >= seen.x && drawn.y >= seen.y && drawn.x + drawn.w <= seen.x + seen.w && drawn.y + drawn.h <= seen.y + seen.h);
      window_.style.transform = `translate(${(seen.x - x) * scale}px, ${(seen.y - y) * scale}px)`;
      window_.style.width = `${seen.w * scale}px`;
      window_.style.height = `${seen.h * scale}px`;
    };
    const draw = () => {
      timer = undefined;
      drawn = editor.bounds();
      whole = union([drawn ?? editor.seen, editor.seen]) as Box;
      const scale = Math.min((W - 2 * PAD) / Math.max(1, whole.w), (H - 2 * PAD) / Math.max(1, whole.h));
      map.current = { x: whole.x - (W / scale - whole.w) / 2, y: whole.y - (H / scale - whole.h) / 2, scale };
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, W, H);
      for (const one of editor.painted()) {
        if (one.type !== 'shape') continue;
        const { stroke } = one.style;
        const item = one.kind === 'card' && one.item !== null ? items?.get(one.item) : undefined;
        const fill = item === undefined ? one.style.fill : statusColour(item.status);
        const [x, y] = [(one.at[0] - map.current.x) * scale, (one.at[1] - map.current.y) * scale];
        const [w, h] = [Math.max(1, one.size[0] * scale), Math.max(1, one.size[1] * scale)];
        if (isBehind(one.kind) || one.kind === 'draw') {
          context.strokeStyle = colourOf(stroke === 'none' ? 'gray' : stroke, theme, 'stroke');
          context.globalAlpha = 0.5;
          context.strokeRect(x + 0.5, y + 0.5, w, h);
          context.globalAlpha = 1;
        } else {
          // White on white would not show.
          context.fillStyle = colourOf(fill === 'none' || fill === 'default' ? 'gray' : fill, theme, fill === 'none' || fill === 'default' ? 'stroke' : 'fill');
          context.globalAlpha = fill === 'none' || fill === 'default' ? 0.45 : 1;
          context.fillRect(x, y, w, h);
          context.globalAlpha = 1;
        }
      }
      see();
    };
    const soon = () => {
      timer ??= setTimeout(draw, PAUSE);
    };
    const moved = () => {
      see();
      const { seen } = editor;
      if (seen.x < whole.x || seen.y < whole.y || seen.x + seen.w > whole.x + whole.w || seen.y + seen.h > whole.y + whole.h) soon();
    };
    draw();
    const stopView = editor.view.subscribe(moved);
    const stopLive = editor.live.listen(soon);
    return () => {
      clearTimeout(timer);
      stopView();
      stopLive();
    };
  }, [editor, theme, items]);

  const go = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const { x, y, scale } = map.current;
    editor.lookAt([x + (event.clientX - box.left) / scale, y + (event.clientY - box.top) / scale]);
  };
  return (
    <div
      ref={root}
      title={t.diagram.view.minimapHelp}
      aria-hidden
      data-minimap
      className="pointer-events-auto relative touch-none overflow-hidden rounded-lg border border-line bg-raised shadow-float max-md:hidden"
      style={{ width: W, height: H }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={(event) => event.buttons === 1 && go(event)}
    >
      <canvas ref={picture} className="absolute inset-0 size-full" />
      <div ref={frame} className="absolute top-0 left-0 rounded-xs border border-accent bg-accent/10" />
    </div>
  );
}
