/**
 * The drawing from far away, on one HTML canvas: thousands of elements of a few pixels each would cost more than they show. Cards
 * have the colour of their status there, which is what can be seen of them.
 */
import { useEffect, useRef } from 'react';
import { useTheme } from '@/app/theme';
import { useProject } from '@/features/tree/context';
import { useEditor, useView } from './context';
import { Painter } from './painter';

/** Below this zoom, and from so many on. */
const FAR = 0.35;
const MANY = 300;

export const isBusy = (zoom: number, count: number): boolean => zoom < FAR && count > MANY;

export function Overview() {
  const editor = useEditor();
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme(({ shown }) => shown);
  const { items } = useProject();
  const shown = useView(({ zoom }) => isBusy(zoom, editor.scene.order.length));
  const known = useRef(items);
  const tell = useRef<(() => void) | null>(null);
  useEffect(() => {
    known.current = items;
    tell.current?.();
  }, [items]);
  useEffect(() => {
    const element = canvas.current;
    if (!shown || element === null) return;
    const painter = new Painter(editor, element, theme, (item) => known.current?.get(item));
    let frame = 0;
    const soon = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        painter.paint();
      });
    };
    painter.paint();
    tell.current = () => {
      painter.itemsChanged();
      soon();
    };
    const stopView = editor.view.subscribe(soon);
    const stopLive = editor.live.listen((change) => {
      painter.changed(change);
      soon();
    });
    return () => {
      cancelAnimationFrame(frame);
      tell.current = null;
      stopView();
      stopLive();
    };
  }, [editor, shown, theme]);
  return shown ? <canvas ref={canvas} className="pointer-events-none absolute inset-0 size-full" /> : null;
}
