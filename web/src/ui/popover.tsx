import type { ReactElement, ReactNode } from 'react';
import { lazily, useLazy } from './lazy';
import { usePopup } from './popup';

const parts = lazily(() => import('./popover-parts'));

type Props = { trigger: ReactElement; title: string; text: string; align?: 'start' | 'end' | 'center'; className?: string; children?: ReactNode };

/** A note that opens from a button, with what can be done about it. */
export function Popover({ trigger, title, text, align = 'end', className, children }: Props) {
  const popup = usePopup({ trigger, popup: 'dialog', parts, open: undefined, onOpenChange: undefined });
  const loaded = useLazy(parts, popup.open || parts.now() !== null);
  return (
    <>
      {popup.trigger}
      {loaded !== null && (
        <loaded.PopoverContent open={popup.open} onOpenChange={popup.setOpen} anchor={popup.anchor} title={title} text={text} align={align} className={className}>
          {children}
        </loaded.PopoverContent>
      )}
    </>
  );
}
