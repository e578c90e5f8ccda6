import { useEffect, useState, type CSSProperties, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { cn } from '@/ui/cn';

/** Whether the window has room for a second item. */
const WIDE = window.matchMedia('(min-width: 1100px)');

export function useWide(): boolean {
  const [wide, setWide] = useState(WIDE.matches);
  useEffect(() => {
    const changed = () => setWide(WIDE.matches);
    WIDE.addEventListener('change', changed);
    return () => WIDE.removeEventListener('change', changed);
  }, []);
  return wide;
}

/** A width in pixels that this device remembers. */
export function useWidth(name: string, usual: number, min: number, max: number): [number, (width: number) => void] {
  const key = `canopy:${name}`;
  const clamp = (width: number) => Math.round(Math.max(min, Math.min(max, width)));
  const [width, setWidth] = useState(() => {
    const stored = Number(localStorage.getItem(key));
    return clamp(Number.isFinite(stored) && stored > 0 ? stored : usual);
  });
  return [
    width,
    (next) => {
      setWidth(clamp(next));
      try {
        localStorage.setItem(key, String(clamp(next)));
      } catch {
        // Only a convenience.
      }
    },
  ];
}

type DividerProps = { label: string; width: number; min: number; max: number; onWidth: (width: number) => void; /** The pane on the right has the width. */ reverse?: boolean; /** How much of `width` a pixel is. */ unit?: number; className?: string };

/** The line between two panes: drag it, or move it with the arrow keys. */
export function Divider({ label, width, min, max, onWidth, reverse = false, unit = 1, className }: DividerProps) {
  const sign = reverse ? -1 : 1;
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    const element = event.currentTarget;
    const from = event.clientX;
    element.setPointerCapture(event.pointerId);
    const onMove = (move: globalThis.PointerEvent) => onWidth(width + sign * unit * (move.clientX - from));
    element.addEventListener('pointermove', onMove);
    element.addEventListener('lostpointercapture', () => element.removeEventListener('pointermove', onMove), { once: true });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -16, ArrowRight: 16, Home: -10_000, End: 10_000 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    onWidth(width + sign * by * unit);
  };
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={min}
      aria-valuemax={max}
      className={cn(
        'relative w-px shrink-0 cursor-col-resize touch-none bg-line before:absolute before:inset-y-0 before:-left-1 before:z-10 before:w-2 hover:bg-accent focus-visible:bg-accent',
        className,
      )}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  );
}

export function Pane({ label, width, className, children }: { label: string; width?: string; className?: string; children: ReactNode }) {
  return (
    <section
      aria-label={label}
      className={cn('relative flex min-h-0 min-w-0 flex-col', width === undefined ? 'flex-1' : 'md:w-(--pane) md:shrink-0', className)}
      style={width === undefined ? undefined : ({ '--pane': width } as CSSProperties)}
    >
      {children}
    </section>
  );
}
