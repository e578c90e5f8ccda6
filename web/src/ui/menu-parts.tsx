/** The inside of a menu; fetched when the first one opens. */
import { Menu as Base } from '@base-ui/react/menu';
import { Check } from 'lucide-react';
import { useEffect, useRef, type ReactNode, type RefObject } from 'react';
import { cn } from './cn';
import type { ChoiceProps, ItemProps } from './menu';

const popup =
  'popup max-h-[min(38rem,var(--available-height))] min-w-44 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-float outline-none';
const item =
  'flex w-full cursor-default items-center gap-2 rounded-md px-2 py-1.5 text-sm outline-none select-none data-highlighted:bg-hover data-disabled:opacity-45 pointer-coarse:min-h-10 [&_svg]:size-4 [&_svg]:shrink-0';

type ContentProps = {
  open: boolean;
  onOpenChange: (open: boolean, event: Event) => void;
  anchor: RefObject<HTMLElement | null>;
  label: string | undefined;
  byKeyboard: boolean;
  align: 'start' | 'end' | 'center';
  side: 'top' | 'bottom';
  children: ReactNode;
};

export function MenuContent({ open, onOpenChange, anchor, label, byKeyboard, align, side, children }: ContentProps) {
  const box = useRef<HTMLDivElement>(null);
  // By keyboard the first entry is taken, as a button of the library's own would do it.
  useEffect(() => {
    if (!open || !byKeyboard) return;
    const frame = requestAnimationFrame(() => {
      const first = box.current?.querySelector<HTMLElement>('[role^="menuitem"]:not([data-disabled])');
      first?.focus();
    });
    return () => cancelAnimationFrame(frame);
  }, [open, byKeyboard]);
  return (
    <Base.Root open={open} onOpenChange={(next, details) => onOpenChange(next, details.event)} modal={false}>
      <Base.Portal>
        <Base.Positioner anchor={anchor} align={align} side={side} sideOffset={4} collisionPadding={8} className="z-50 outline-none">
          <Base.Popup
            ref={box}
            finalFocus={anchor}
            aria-label={label}
            className={popup}
            onKeyDownCapture={(event) => {
              if (event.key !== 'Tab') return;
              // Back to the button: the library's guards around the menu know none to hand the focus on from.
              event.stopPropagation();
              anchor.current?.focus();
              onOpenChange(false, event.nativeEvent);
            }}
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export function MenuItem({ icon, hint, danger, disabled, onClick, children }: ItemProps) {
  return (
    <Base.Item className={cn(item, danger && 'text-danger')} disabled={disabled} onClick={onClick}>
      {icon}
      <span className="flex-1">{children}</span>
      {hint !== undefined && <kbd className="ml-4 font-sans text-xs text-faint pointer-coarse:hidden">{hint}</kbd>}
    </Base.Item>
  );
}

export const MenuLine = () => <Base.Separator className="my-1 h-px bg-line" />;

export function MenuChoice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <Base.RadioGroup aria-label={label} value={value} onValueChange={(next) => onChange(next as T)}>
      {options.map((option) => (
        <Base.RadioItem key={option.value} value={option.value} className={item} closeOnClick>
          {option.icon}
          <span className="flex-1">{option.label}</span>
          <Base.RadioItemIndicator>
            <Check aria-hidden />
          </Base.RadioItemIndicator>
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}

export function MenuTick({ checked, onChange, children }: { checked: boolean; onChange: (checked: boolean) => void; children: ReactNode }) {
  return (
    <Base.CheckboxItem className={item} checked={checked} onCheckedChange={onChange} closeOnClick={false}>
      <span className="flex min-w-0 flex-1 items-center gap-2">{children}</span>
      <Base.CheckboxItemIndicator>
        <Check aria-hidden />
      </Base.CheckboxItemIndicator>
    </Base.CheckboxItem>
  );
}
