import type { ComponentProps } from 'react';
import { cn } from './cn';

const looks = {
  primary: 'bg-accent text-accent-fg hover:bg-accent-hover disabled:opacity-60',
  plain: 'border border-line-strong bg-raised hover:bg-hover disabled:opacity-60',
  ghost: 'hover:bg-hover text-muted hover:text-fg disabled:opacity-50',
  danger: 'bg-danger text-white dark:text-black hover:opacity-90 disabled:opacity-60',
};

export const buttonClass = (look: keyof typeof looks = 'plain', className?: string) =>
  cn(
    'inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md px-3 text-sm font-medium whitespace-nowrap transition-colors pointer-coarse:h-10',
    looks[look],
    className,
  );

type ButtonProps = ComponentProps<'button'> & { look?: keyof typeof looks };

export function Button({ look, className, type = 'button', ...rest }: ButtonProps) {
  return <button type={type} className={buttonClass(look, className)} {...rest} />;
}

/** A button with an icon alone: `label` names it for everybody. */
export function IconButton({ label, className, type = 'button', ...rest }: ComponentProps<'button'> & { label: string }) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={cn(
        'inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted transition-colors hover:bg-hover hover:text-fg disabled:opacity-40 data-popup-open:bg-hover data-popup-open:text-fg pointer-coarse:size-9 [&_svg]:size-4',
        className,
      )}
      {...rest}
    />
  );
}
