/** A line of the rail, and the fields that several lines are made of. */
import { useState, type ReactNode } from 'react';
import { t } from '@/texts';
import { cn } from '@/ui/cn';

export const quiet =
  'h-8 w-full rounded-md border border-transparent bg-transparent px-2 text-sm hover:bg-hover focus:border-accent focus:bg-bg read-only:hover:bg-transparent placeholder:text-faint aria-invalid:border-danger pointer-coarse:h-10 pointer-coarse:text-[1rem]';

export function Property({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid min-h-9 grid-cols-[5.5rem_minmax(0,1fr)] items-center">
      <dt className="truncate text-sm text-muted" title={label}>
        {label}
      </dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

type Value<T> = { label: string; value: T | null; mayEdit: boolean; onChange: (value: T | null) => void };

export function NumberField({ label, value, mayEdit, onChange, min = 0 }: Value<number> & { min?: number | null }) {
  const [wrong, setWrong] = useState(false);
  return (
    <>
      <input
        type="number"
        min={min ?? undefined}
        step="any"
        inputMode="decimal"
        aria-label={label}
        aria-invalid={wrong || undefined}
        placeholder="–"
        readOnly={!mayEdit}
        className={quiet}
        // The key makes others' changes show; while it is focused, what is being typed stays.
        key={value ?? 'none'}
        defaultValue={value ?? ''}
        onChange={(event) => setWrong(!event.target.validity.valid)}
        onBlur={(event) => {
          if (!event.target.validity.valid) return;
          const next = event.target.value.trim() === '' ? null : Number(event.target.value);
          if (next !== value && (next === null || Number.isFinite(next))) onChange(next);
        }}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
      {wrong && (
        <p role="alert" className="px-2 pb-1 text-xs text-danger">
          {min === null ? t.item.numberWrong : t.item.estimateWrong}
        </p>
      )}
    </>
  );
}

export function DateField({ label, value, mayEdit, onChange, late = false }: Value<string> & { late?: boolean }) {
  return (
    <span className="relative block">
      <input
        type="date"
        aria-label={late ? `${label}, ${t.item.overdue}` : label}
        readOnly={!mayEdit}
        value={value ?? ''}
        max="9999-12-31"
        className={cn(quiet, value === null && 'date-empty', late && 'font-medium text-danger')}
        onChange={(event) => mayEdit && onChange(event.target.value === '' ? null : event.target.value)}
      />
      {value === null && <span aria-hidden className="date-dash pointer-events-none absolute inset-y-0 left-2 flex items-center text-sm text-faint">–</span>}
    </span>
  );
}
