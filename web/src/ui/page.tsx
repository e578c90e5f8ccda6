import type { ReactNode } from 'react';
import { useTitle } from '@/features/auth/frame';

/** A plain page inside the shell: a heading, its actions, its content. */
export function Page({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  useTitle(title);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto max-w-3xl px-4 pt-6 pb-16 sm:px-8">
        <div className="mb-5 flex min-h-8 flex-wrap items-center gap-3">
          <h1 className="flex-1 text-xl font-semibold">{title}</h1>
          {actions}
        </div>
        {children}
      </div>
    </div>
  );
}

export function Section({ title, help, children, actions }: { title: string; help?: string; children: ReactNode; actions?: ReactNode }) {
  return (
    <section className="mt-8 first:mt-0">
      <div className="mb-3 flex items-end gap-3">
        <div className="flex-1">
          <h2 className="font-semibold">{title}</h2>
          {help !== undefined && <p className="mt-0.5 text-sm text-muted">{help}</p>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  );
}

export const listClass = 'divide-y divide-line overflow-hidden rounded-lg border border-line bg-raised';
