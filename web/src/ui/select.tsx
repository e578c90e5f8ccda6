import { Select as Base } from '@base-ui/react/select';
import { Check, ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from './cn';

type Option<T extends string> = { value: T; label: string; icon?: ReactNode; help?: string };

type Props<T extends string> = {
  label: string;
  value: T;
  options: readonly Option<T>[];
  onChange: (value: T) => void;
  disabled?: boolean;
  className?: string;
};

/** For the button of a choice among the fields of a form. */
export const selectClass = 'h-9 pointer-coarse:h-10 border border-line-strong bg-bg [&>svg:last-child]:opacity-100';

/** A choice that shows the present value on its button. */
export function Select<T extends string>({ label, value, options, onChange, disabled, className }: Props<T>) {
  const current = options.find((option) => option.value === value);
  return (
    <Base.Root value={value} onValueChange={(next) => next !== null && onChange(next as T)} disabled={disabled} modal={false}>
      <Base.Trigger
        aria-label={`${label}: ${current?.label ?? value}`}
        className={cn(
          'group flex h-8 min-w-0 items-center gap-2 rounded-md px-2 text-sm pointer-coarse:h-10 hover:bg-hover data-disabled:hover:bg-transparent data-popup-open:bg-hover [&_svg]:size-4 [&_svg]:shrink-0',
          className,
        )}
      >
        {current?.icon}
        <span className="truncate">{current?.label ?? value}</span>
        <ChevronDown aria-hidden className="ml-auto text-faint opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100 group-data-disabled:hidden" />
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="start" alignItemWithTrigger={false} collisionPadding={8} className="z-50 outline-none">
          <Base.Popup className="popup max-h-[min(28rem,var(--available-height))] max-w-72 min-w-44 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-float outline-none">
            {options.map((option) => (
              <Base.Item
                key={option.value}
                value={option.value}
                className="flex cursor-default items-center gap-2 rounded-md px-2 py-1.5 text-sm outline-none select-none data-highlighted:bg-hover pointer-coarse:min-h-10 [&_svg]:size-4 [&_svg]:shrink-0"
              >
                {option.icon}
                <div className="min-w-0 flex-1">
                  <Base.ItemText>{option.label}</Base.ItemText>
                  {option.help !== undefined && <div className="text-xs text-muted">{option.help}</div>}
                </div>
                <Base.ItemIndicator>
                  <Check aria-hidden />
                </Base.ItemIndicator>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
