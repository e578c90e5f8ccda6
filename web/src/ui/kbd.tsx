import { keyCaps, keysLabel } from '@/app/keys';
import { cn } from './cn';

/** Keys as they are pressed; read out as one text. */
export function Kbd({ keys, className, silent }: { keys: string; className?: string; /** Where `aria-keyshortcuts` says it. */ silent?: boolean }) {
  return (
    <span className={cn('inline-flex shrink-0 items-center gap-1', className)}>
      {silent !== true && <span className="sr-only">{keysLabel(keys)}</span>}
      {keyCaps(keys).map((caps, step) => (
        <span key={step} aria-hidden className="inline-flex gap-0.5">
          {caps.map((cap) => (
            <kbd key={cap} className="inline-flex h-5 min-w-5 items-center justify-center rounded border border-line-strong bg-sunken px-1 font-sans text-[11px] leading-none text-muted">
              {cap}
            </kbd>
          ))}
        </span>
      ))}
    </span>
  );
}
