import '@/texts/en/account';
import '@/texts/en/auth';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { explain } from '@/api/client';
import { session } from '@/api/session';
import { AuthFrame } from '@/features/auth/frame';
import { t } from '@/texts';
import { buttonClass } from '@/ui/button';
import { Notice } from '@/ui/field';
import { confirmEmail, refreshMe } from './api';

/** Where the link in the mail to a new address leads. */
export function EmailPage() {
  const { token } = getRouteApi('/verify-email').useSearch();
  const [state, setState] = useState<'busy' | 'done' | string>('busy');
  const sent = useRef(false);
  useEffect(() => {
    // A link works once, and React runs effects twice while developing.
    if (sent.current || token === undefined) return;
    sent.current = true;
    confirmEmail(token).then(
      async () => {
        if (session.state.status === 'in') await refreshMe().catch(() => undefined);
        setState('done');
      },
      (error: unknown) => setState(explain(error)),
    );
  }, [token]);
  return (
    <AuthFrame title={t.account.emailPageTitle}>
      <div className="grid gap-4">
        {token === undefined ? (
          <Notice kind="error">{t.auth.linkBroken}</Notice>
        ) : state === 'busy' ? (
          <Notice kind="info">{t.auth.verifying}</Notice>
        ) : state === 'done' ? (
          <Notice kind="done">{t.account.emailChanged}</Notice>
        ) : (
          <Notice kind="error">{state}</Notice>
        )}
        {(state !== 'busy' || token === undefined) && (
          <Link to="/account" className={buttonClass('primary')}>
            {t.account.toAccount}
          </Link>
        )}
      </div>
    </AuthFrame>
  );
}
