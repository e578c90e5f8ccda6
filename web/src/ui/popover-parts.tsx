/** The inside of a popover; fetched when the first one opens. */
import { Popover as Base } from '@base-ui/react/popover';
import type { ReactNode, RefObject } from 'react';
import { cn } from './cn';

type Props = {
  open: boolean;
  onOpenChange: (open: boolean, event: Event) => void;
  anchor: RefObject<HTMLElement | null>;
  title: string;
  text: string;
  align: 'start' | 'end' | 'center';
  className: string | undefined;
  children: ReactNode;
};

export function PopoverContent({ open, onOpenChange, anchor, title, text, align, className, children }: Props) {
  return (
    <Base.Root open={open} onOpenChange={(next, details) => onOpenChange(next, details.event)}>
      <Base.Portal>
        <Base.Positioner anchor={anchor} side="bottom" align={align} sideOffset={6} collisionPadding={8} className="z-50">
          <Base.Popup finalFocus={anchor} className={cn('popup w-80 max-w-[calc(100vw-1rem)] rounded-lg border border-line bg-raised p-3.5 text-sm shadow-float outline-none', className)}>
            <Base.Title className="font-semibold">{title}</Base.Title>
            <Base.Description className="mt-1 text-muted">{text}</Base.Description>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
