import { Eye, EyeOff } from 'lucide-react';
import { useId, useState, type ComponentProps, type ReactNode } from 'react';
import { t } from '@/texts';
import { cn } from './cn';

/** On a phone the letters are no smaller than 16 pixels: below that, it zooms into the field. */
export const inputClass =
  'h-9 w-full rounded-md border border-line-strong bg-bg px-2.5 text-sm placeholder:text-faint focus:border-accent aria-invalid:border-danger read-only:bg-sunken read-only:text-muted pointer-coarse:h-10 pointer-coarse:text-[1rem]';

type FieldProps = ComponentProps<'input'> & { label: string; help?: ReactNode; error?: string; trailing?: ReactNode; /** For the input alone, where `className` is for all of it. */ inputClassName?: string };

/** A labelled input with its help and its error, tied together for screen readers. */
export function Field({ label, help, error, id, className, inputClassName, trailing, ...rest }: FieldProps) {
  const made = useId();
  const field = id ?? made;
  const described = [error && `${field}-error`, help && `${field}-help`].filter(Boolean).join(' ') || undefined;
  return (
    <div className={cn('grid gap-1.5', className)}>
      <label htmlFor={field} className="text-sm font-medium">
        {label}
      </label>
      <div className="relative">
        <input
          id={field}
          className={cn(inputClass, trailing !== undefined && 'pr-10', inputClassName)}
          aria-invalid={error ? true : undefined}
          aria-describedby={described}
          {...rest}
        />
        {trailing}
      </div>
      {error && (
        <p id={`${field}-error`} className="text-xs text-danger">
          {error}
        </p>
      )}
      {help && (
        <p id={`${field}-help`} className="text-xs text-muted">
          {help}
        </p>
      )}
    </div>
  );
}

export function PasswordField({ label = t.common.password, ...rest }: Partial<FieldProps>) {
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <Field
      label={label}
      type={shown ? 'text' : 'password'}
      autoComplete="current-password"
      required
      trailing={
        <button
          type="button"
          className="absolute inset-y-0 right-0 flex w-9 items-center justify-center rounded-md text-muted hover:text-fg"
          aria-label={shown ? t.common.hidePassword : t.common.showPassword}
          onClick={() => setShown(!shown)}
        >
          <Icon className="size-4" aria-hidden />
        </button>
      }
      {...rest}
    />
  );
}

/** An error or a note above a form. */
export function Notice({ kind, children }: { kind: 'error' | 'info' | 'done'; children: ReactNode }) {
  const look = { error: 'bg-danger-soft text-danger', info: 'bg-info-soft text-info', done: 'bg-accent-soft text-accent-text' };
  return (
    <div role={kind === 'error' ? 'alert' : 'status'} className={cn('rounded-md px-3 py-2 text-sm', look[kind])}>
      {children}
    </div>
  );
}
