import { useEffect, type ReactNode } from 'react';
import { t } from '@/texts';
import { Logo } from '@/ui/feedback';

/** The page around the forms for people who aren't in yet. */
export function AuthFrame({ title, lead, children, footer }: { title: string; lead?: ReactNode; children?: ReactNode; footer?: ReactNode }) {
  useTitle(title);
  return (
    <main className="flex min-h-full flex-col items-center bg-sunken px-4 py-10 sm:pt-[14vh]">
      <div className="mb-7 flex items-center gap-2.5 text-base font-semibold">
        <Logo className="size-7" />
        {t.product}
      </div>
      <div className="w-full max-w-sm rounded-xl border border-line bg-raised p-6 shadow-sm">
        <h1 className="text-lg font-semibold">{title}</h1>
        {lead !== undefined && <p className="mt-1 text-sm text-muted">{lead}</p>}
        {children !== undefined && <div className="mt-5">{children}</div>}
      </div>
      {footer !== undefined && <div className="mt-4 text-sm text-muted">{footer}</div>}
    </main>
  );
}

/** Names the page. A part that stands beside the one that the page is about does not: `named` is false. */
export function useTitle(title: string | undefined, named = true): void {
  useEffect(() => {
    if (!named) return;
    document.title = title === undefined ? t.product : `${title} · ${t.product}`;
  }, [title, named]);
}
