/**
 * The drawing from far away, on one HTML canvas: thousands of elements of a few pixels each would cost more than they show. Cards
 * have the colour of their status there, which is what can be seen of them.
 */
import { useEffect, useRef } from 'react';
import type { Item } from '@/api/client';
import { useTheme } from '@/app/theme';
import { useProject } from '@/features/tree/context';
import { statusColour } from './cards';
import { useEditor, useView } from './context';
import { connectorMarks, labelMarks, shapeMarks, type Card, type Mark } from './drawing';
import { grown, overlaps } from './geo';
import type { Way } from './geometry';
import { rules, type Theme } from './rules';
import type { Element, Shape } from './schema';
import type { Editor } from './editor';

/** Below this zoom, and from so many on. */
const FAR = 0.35;
const MANY = 300;

export const isBusy = (zoom: number, count: number): boolean => zoom < FAR && count > MANY;

interface Drawn {
  theme: Theme;
  /** Of a card. */
  item: Item | undefined;
  marks: { mark: Mark; path: Path2D | null }[];
}

/** By the shape, or by the connector's way: each is another object when it changes. */
const drawn = new WeakMap<object, Drawn>();

type Items = ReadonlyMap<string, Item> | undefined;

/** A card as it shows from afar: a block in its colour, with its title. */
function cardOf(shape: Shape, item: Item | undefined): { shape: Shape; card: Card | undefined } {
  const colour = item === undefined ? 'gray' : statusColour(item.status);
  return { shape: { ...shape, style: { ...shape.style, fill: colour, stroke: colour } }, card: item === undefined ? undefined : { title: item.title, label: '', done: [0, 0] } };
}

function marksOf(editor: Editor, element: Element, theme: Theme, items: Items): Drawn['marks'] {
  const key = element.type === 'shape' ? element : editor.live.way(element.id);
  if (key === null) return [];
  const known = drawn.get(key);
  const item = element.type === 'shape' && element.item !== null ? items?.get(element.item) : undefined;
  if (known?.theme === theme && known.item === item) return known.marks;
  const face = element.type === 'shape' && element.kind === 'card' ? cardOf(element, item) : null;
  const marks: Mark[] = element.type === 'shape' ? shapeMarks(face?.shape ?? element, { theme, card: () => face?.card }) : [...connectorMarks(element, key as Way, theme), ...labelMarks(element, key as Way, theme)];
  const made = marks.map((mark) => ({ mark, path: mark.type === 'path' ? new Path2D(mark.d) : null }));
  drawn.set(key, { theme, item, marks: made });
  return made;
}

/** Text smaller than this many pixels on the screen is not drawn. */
const LEGIBLE = 4;

function paint(editor: Editor, canvas: HTMLCanvasElement, theme: Theme, items: Items): void {
  const context = canvas.getContext('2d');
  const { x, y, zoom, w, h } = editor.view.getState();
  if (context === null) return;
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
    canvas.width = Math.round(w * ratio);
    canvas.height = Math.round(h * ratio);
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(zoom * ratio, 0, 0, zoom * ratio, x * ratio, y * ratio);
  context.lineCap = 'round';
  context.lineJoin = 'round';
  const seen = grown(editor.seen, 20);
  for (const element of editor.painted()) {
    const box = editor.live.box(element.id);
    if (box === null || !overlaps(box, seen)) continue;
    context.globalAlpha = element.style.opacity;
    const turned = element.type === 'shape' && element.angle !== 0;
    if (turned) {
      const [cx, cy] = [element.at[0] + element.size[0] / 2, element.at[1] + element.size[1] / 2];
      context.save();
      context.translate(cx, cy);
      context.rotate((element.angle * Math.PI) / 180);
      context.translate(-cx, -cy);
    }
    for (const { mark, path } of marksOf(editor, element, theme, items)) {
      if (mark.type === 'path' && path !== null) {
        if (mark.fill !== 'none') {
          context.fillStyle = mark.fill;
          context.fill(path);
        }
        if (mark.stroke !== 'none') {
          context.strokeStyle = mark.stroke;
          // Thinner than a pixel a line would fade.
          context.lineWidth = Math.max(mark.width, 0.7 / zoom);
          context.stroke(path);
        }
      } else if (mark.type === 'text' && mark.size * zoom >= LEGIBLE) {
        context.fillStyle = mark.color;
        context.font = `${mark.bold ? '700 ' : ''}${mark.size}px ${rules.font.family}`;
        context.textAlign = mark.anchor === 'start' ? 'left' : mark.anchor === 'end' ? 'right' : 'center';
        context.fillText(mark.text, mark.x, mark.y);
      }
    }
    if (turned) context.restore();
  }
}

export function Overview() {
  const editor = useEditor();
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme(({ shown }) => shown);
  const { items } = useProject();
  const shown = useView(({ zoom }) => isBusy(zoom, editor.scene.order.length));
  useEffect(() => {
    const element = canvas.current;
    if (!shown || element === null) return;
    let frame = 0;
    const soon = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        paint(editor, element, theme, items);
      });
    };
    paint(editor, element, theme, items);
    const stopView = editor.view.subscribe(soon);
    const stopLive = editor.live.listen(soon);
    return () => {
      cancelAnimationFrame(frame);
      stopView();
      stopLive();
    };
  }, [editor, shown, theme, items]);
  return shown ? <canvas ref={canvas} className="pointer-events-none absolute inset-0 size-full" /> : null;
}
