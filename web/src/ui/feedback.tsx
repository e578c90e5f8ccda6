import type { ReactNode } from 'react';
import { t } from '@/texts';
import { explain } from '@/api/client';
import { Button } from './button';
import { cn } from './cn';

export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cn('skeleton block h-4', className)} />;
}

/** The place of something that is on its way: same size, no jump. */
export function Pending({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <div role="status" className={className}>
      <span className="sr-only">{t.common.loading}</span>
      {children}
    </div>
  );
}

type EmptyProps = { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode; /** It is all that the page has. */ page?: boolean };

export function Empty({ icon, title, children, action, page = false }: EmptyProps) {
  const Heading = page ? 'h1' : 'h2';
  return (
    <div className="mx-auto flex max-w-xl flex-col items-center px-6 py-14 text-center">
      {icon !== undefined && (
        <div className="mb-4 flex size-11 items-center justify-center rounded-xl bg-accent-soft text-accent-text [&_svg]:size-5" aria-hidden>
          {icon}
        </div>
      )}
      <Heading className="text-base font-semibold">{title}</Heading>
      {children !== undefined && <div className="mt-1.5 max-w-sm text-sm text-muted">{children}</div>}
      {action !== undefined && <div className="mt-5">{action}</div>}
    </div>
  );
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <Empty title={t.errors.loadFailed} action={retry !== undefined && <Button onClick={retry}>{t.common.retry}</Button>}>
      {explain(error)}
    </Empty>
  );
}

export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={cn('size-6', className)}>
      <rect width="32" height="32" rx="8" fill="#1f7a55" />
      <path d="M16 6 7 17h5l-4 6h16l-4-6h5z" fill="#fff" />
      <rect x="14.6" y="22" width="2.8" height="5" rx="1" fill="#fff" />
    </svg>
  );
}
