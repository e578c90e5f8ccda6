import { autoUpdate, computePosition, flip, hide, offset, shift, size, type Placement } from '@floating-ui/dom';
import { useLayoutEffect, useRef, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { cn } from '@/ui/cn';

type Props = {
  /** Where it belongs, on the screen; null hides it. */
  anchor: () => DOMRect | null;
  /** Placed again when this changes. */
  follow?: unknown;
  placement?: Placement;
  gap?: number;
  /** The element whose scrolling it follows. */
  context?: Element | null;
  className?: string;
  children: ReactNode;
};

/** Something that stands beside a place in the text. It never takes the focus. */
export function Floating({ anchor, follow, placement = 'bottom-start', gap = 6, context, className, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(anchor);
  useLayoutEffect(() => {
    latest.current = anchor;
  });
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    let known = new DOMRect();
    const reference = { getBoundingClientRect: () => (known = latest.current() ?? known), contextElement: context ?? undefined };
    const place = () =>
      void computePosition(reference, element, {
        placement,
        strategy: 'fixed',
        middleware: [
          offset(gap),
          flip({ padding: 8 }),
          shift({ padding: 8 }),
          size({ padding: 8, apply: ({ availableHeight }) => element.style.setProperty('--available-height', `${availableHeight}px`) }),
          hide(),
        ],
      }).then(({ x, y, middlewareData }) => {
        element.style.left = `${Math.round(x)}px`;
        element.style.top = `${Math.round(y)}px`;
        element.style.visibility = latest.current() === null || middlewareData.hide?.referenceHidden ? 'hidden' : 'visible';
      });
    return autoUpdate(reference, element, place);
  }, [placement, gap, context, follow]);
  return createPortal(
    <div ref={box} style={{ visibility: 'hidden' }} className={cn('fixed top-0 left-0 z-50 rounded-lg border border-line bg-raised text-fg shadow-float', className)}>
      {children}
    </div>,
    // Within the page's main part, so that screen readers find it there.
    document.querySelector('main') ?? document.body,
  );
}
