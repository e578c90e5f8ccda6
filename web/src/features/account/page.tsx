import { useQuery } from '@tanstack/react-query';
import { BadgeCheck, MonitorSmartphone } from 'lucide-react';
import { useRef } from 'react';
import { toast } from 'sonner';
import { client, explain, unwrap } from '@/api/client';
import { session } from '@/api/session';
import { meQuery, queryClient, sessionsQuery } from '@/app/query';
import { t } from '@/texts';
import { Avatar } from '@/ui/avatar';
import { Button } from '@/ui/button';
import { Failed, Pending, Skeleton } from '@/ui/feedback';
import { Field, Notice, PasswordField } from '@/ui/field';
import { useSubmit } from '@/ui/form';
import { listClass, Page, Section } from '@/ui/page';
import { ago } from '@/ui/when';

const card = 'rounded-lg border border-line bg-raised p-4';

export function AccountPage() {
  return (
    <Page title={t.account.title}>
      <Profile />
      <Password />
      <Sessions />
    </Page>
  );
}

function Profile() {
  const me = useQuery(meQuery);
  const form = useSubmit(async ({ name = '' }) => {
    await unwrap(client.PATCH('/me', { body: { name: name.trim() } }));
    await queryClient.invalidateQueries({ queryKey: meQuery.queryKey });
    const { user } = await queryClient.fetchQuery(meQuery);
    session.setUser(user);
    toast(t.account.nameSaved);
  });
  const user = me.data?.user;
  return (
    <Section title={t.account.profile}>
      <div className={card}>
        {user === undefined ? (
          <Pending className="grid h-24 gap-3">
            <Skeleton className="w-1/2" />
            <Skeleton className="h-9" />
          </Pending>
        ) : (
          <>
            <div className="flex items-center gap-3">
              <Avatar person={user} size={40} />
              <div className="min-w-0 flex-1">
                <div className="truncate text-sm">{user.email}</div>
                {user.email_verified ? (
                  <div className="flex items-center gap-1 text-xs text-accent-text">
                    <BadgeCheck className="size-3.5" aria-hidden />
                    {t.account.emailVerified}
                  </div>
                ) : (
                  <div className="flex flex-wrap items-center gap-x-2 text-xs text-warn">
                    {t.account.emailUnverified}
                    <button
                      type="button"
                      className="font-medium text-accent-text underline underline-offset-2"
                      onClick={() => {
                        unwrap(client.POST('/auth/email/verify/resend')).then(
                          () => toast(t.account.resent),
                          (error: unknown) => toast.error(explain(error)),
                        );
                      }}
                    >
                      {t.account.resend}
                    </button>
                  </div>
                )}
              </div>
            </div>
            <form className="mt-4 flex items-end gap-2" onSubmit={form.onSubmit}>
              <Field key={user.name} className="max-w-xs flex-1" label={t.common.name} name="name" autoComplete="name" required maxLength={120} defaultValue={user.name} error={form.fields.name ?? form.error ?? undefined} />
              <Button type="submit" className="h-9" disabled={form.busy}>
                {t.common.save}
              </Button>
            </form>
          </>
        )}
      </div>
    </Section>
  );
}

function Password() {
  const element = useRef<HTMLFormElement>(null);
  const form = useSubmit(async ({ current = '', new: next = '' }) => {
    await unwrap(client.PUT('/me/password', { body: { current, new: next } }));
    element.current?.reset();
    toast(t.account.passwordChanged);
    await queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey });
  });
  return (
    <Section title={t.account.passwordTitle}>
      <form ref={element} className={`${card} grid gap-4`} onSubmit={form.onSubmit}>
        {form.error !== null && <Notice kind="error">{form.error}</Notice>}
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <PasswordField label={t.account.currentPassword} name="current" error={form.fields.current} />
          <PasswordField label={t.account.newPassword} name="new" autoComplete="new-password" minLength={10} help={t.common.passwordHelp} error={form.fields.new} />
        </div>
        <Button type="submit" className="justify-self-start" disabled={form.busy}>
          {t.account.changePassword}
        </Button>
      </form>
    </Section>
  );
}

function Sessions() {
  const sessions = useQuery({ ...sessionsQuery, staleTime: 0 });
  return (
    <Section title={t.account.sessions} help={t.account.sessionsHelp}>
      {sessions.isError ? (
        <Failed error={sessions.error} retry={() => void sessions.refetch()} />
      ) : (
        <ul className={listClass}>
          {sessions.data?.map(({ id, agent, ip, last_seen_at, current }) => (
            <li key={id} className="flex min-h-14 items-center gap-3 px-4 py-2">
              <MonitorSmartphone className="size-5 text-muted" aria-hidden />
              <div className="min-w-0 flex-1">
                <div className="truncate text-sm font-medium" title={agent ?? undefined}>
                  {agent || t.account.unknownDevice}
                </div>
                <div className="truncate text-xs text-muted">{[t.account.lastSeen(ago(last_seen_at)), ip].filter(Boolean).join(' · ')}</div>
              </div>
              {current ? (
                <span className="rounded-full bg-accent-soft px-2 py-0.5 text-xs font-medium text-accent-text">{t.account.thisDevice}</span>
              ) : (
                <Button
                  aria-label={`${t.account.end}: ${agent || t.account.unknownDevice}`}
                  onClick={() => {
                    unwrap(client.DELETE('/me/sessions/{id}', { params: { path: { id } } }))
                      .then(() => {
                        toast(t.account.ended);
                        return queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey });
                      })
                      .catch((error: unknown) => toast.error(explain(error)));
                  }}
                >
                  {t.account.end}
                </Button>
              )}
            </li>
          )) ?? (
            <li className="flex h-14 items-center px-4">
              <Skeleton className="w-1/3" />
            </li>
          )}
        </ul>
      )}
    </Section>
  );
}
