/** Choosing one or some of many by typing: the button, and a list that is loaded when it is first opened. */
import { lazy, Suspense, useRef, useState, type ReactNode } from 'react';
import { cn } from './cn';

export interface Choice {
  value: string;
  /** What typing finds. */
  label: string;
  icon?: ReactNode;
  help?: string;
  disabled?: boolean;
}

export type PickerProps = {
  /** Names the list, and the button together with what it shows. */
  label: string;
  choices: readonly Choice[];
  placeholder: string;
  /** Said when nothing matches. */
  empty: string;
  /** Makes a choice of what was typed; absent: only what is there can be chosen. */
  make?: { label: (text: string) => string; run: (text: string) => void };
} & ({ multiple: true; value: readonly string[]; onChange: (value: string[]) => void } | { multiple?: false; value: string | null; onChange: (value: string) => void });

const Popup = lazy(() => import('./pickerPopup'));

type Props = PickerProps & { disabled?: boolean; className?: string; children: ReactNode };

export function Picker({ disabled = false, className, children, ...popup }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-haspopup="listbox"
        aria-expanded={open}
        disabled={disabled}
        className={cn('flex min-h-8 w-full min-w-0 items-center rounded-md px-2 text-left text-sm enabled:hover:bg-hover aria-expanded:bg-hover', className)}
        onClick={() => setOpen(true)}
        onPointerEnter={() => void import('./pickerPopup')}
      >
        <span className="sr-only">{popup.label}: </span>
        {children}
      </button>
      {open && (
        <Suspense>
          <Popup
            {...popup}
            anchor={button}
            onClose={() => {
              setOpen(false);
              button.current?.focus();
            }}
          />
        </Suspense>
      )}
    </>
  );
}
