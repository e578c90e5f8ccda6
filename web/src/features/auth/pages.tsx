import '@/texts/en/auth';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { ApiError, client, explain, unwrap } from '@/api/client';
import { session } from '@/api/session';
import { meQuery, queryClient } from '@/app/query';
import { t } from '@/texts';
import { Button, buttonClass } from '@/ui/button';
import { Field, Notice, PasswordField } from '@/ui/field';
import { Pending, Skeleton } from '@/ui/feedback';
import { useSubmit } from '@/ui/form';
import { AuthFrame } from './frame';

const link = 'font-medium text-accent-text underline-offset-2 hover:underline';
const wide = 'mt-1 h-9 w-full';

/** Only a path of this site: an address from outside must not send anybody elsewhere after signing in. */
export const safeNext = (next: string | undefined) =>
  next !== undefined && /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : '/';

export function LoginPage() {
  const { next, ended } = getRouteApi('/login').useSearch();
  const navigate = useNavigate();
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => unwrap(client.GET('/setup')), retry: false });
  const form = useSubmit(async ({ email = '', password = '' }) => {
    session.adopt(await unwrap(client.POST('/auth/login', { body: { email, password } })));
    queryClient.clear();
    await navigate({ href: safeNext(next), replace: true });
  });
  return (
    <AuthFrame title={t.auth.signInTitle} lead={t.auth.tagline}>
      <form className="grid gap-4" onSubmit={form.onSubmit}>
        {ended && form.error === null && <Notice kind="info">{t.auth.ended}</Notice>}
        {setup.data?.needed && <Notice kind="info">{t.auth.setupNeeded}</Notice>}
        {form.error !== null && <Notice kind="error">{form.error}</Notice>}
        <Field label={t.common.email} name="email" type="email" autoComplete="username" required autoFocus error={form.fields.email} />
        <PasswordField name="password" error={form.fields.password} />
        <Button type="submit" look="primary" className={wide} disabled={form.busy}>
          {form.busy ? t.auth.signingIn : t.auth.signIn}
        </Button>
        <Link to="/forgot" className={`${link} justify-self-center text-sm`}>
          {t.auth.forgotLink}
        </Link>
      </form>
    </AuthFrame>
  );
}

export function SetupPage() {
  const { token } = getRouteApi('/setup').useSearch();
  const navigate = useNavigate();
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => unwrap(client.GET('/setup')), retry: false });
  const form = useSubmit(async ({ name = '', email = '', password = '', organization = '' }) => {
    session.adopt(await unwrap(client.POST('/setup', { body: { token: token ?? '', name, email, password, organization } })));
    queryClient.clear();
    await navigate({ to: '/', replace: true });
  });
  if (setup.data?.needed === false) {
    return (
      <AuthFrame title={t.auth.setupTitle}>
        <Notice kind="info">{t.auth.setupDone}</Notice>
        <Link to="/login" className={buttonClass('primary', 'mt-4 h-9 w-full')}>
          {t.auth.toSignIn}
        </Link>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title={t.auth.setupTitle} lead={t.auth.setupLead}>
      {token === undefined ? (
        <Notice kind="error">{t.auth.setupMissing}</Notice>
      ) : (
        <form className="grid gap-4" onSubmit={form.onSubmit}>
          {form.error !== null && <Notice kind="error">{form.error}</Notice>}
          <Field label={t.auth.organization} name="organization" help={t.auth.organizationHelp} required autoFocus maxLength={120} error={form.fields.organization} />
          <Field label={t.auth.yourName} name="name" autoComplete="name" required maxLength={120} error={form.fields.name} />
          <Field label={t.common.email} name="email" type="email" autoComplete="username" required error={form.fields.email} />
          <PasswordField name="password" autoComplete="new-password" minLength={10} help={t.common.passwordHelp} error={form.fields.password} />
          <Button type="submit" look="primary" className={wide} disabled={form.busy}>
            {form.busy ? t.auth.settingUp : t.auth.setUp}
          </Button>
        </form>
      )}
    </AuthFrame>
  );
}

export function InvitePage() {
  const { token } = getRouteApi('/invite/$token').useParams();
  const navigate = useNavigate();
  const me = useStore(session.store);
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => unwrap(client.GET('/invitations/{token}', { params: { path: { token } } })),
    retry: false,
  });
  const accept = async (body: { name?: string; email?: string; password?: string }) => {
    const auth = await unwrap(client.POST('/invitations/{token}/accept', { params: { path: { token } }, body }));
    session.adopt(auth);
    queryClient.removeQueries({ queryKey: meQuery.queryKey });
    await navigate({ to: '/', replace: true });
  };
  const form = useSubmit(({ name = '', email = '', password = '' }) => accept(me.status === 'in' ? {} : { name, email, password }));

  if (invitation.isPending) {
    return (
      <AuthFrame title={t.product}>
        <Pending className="grid gap-3">
          <Skeleton className="w-3/4" />
          <Skeleton className="h-9" />
          <Skeleton className="h-9" />
        </Pending>
      </AuthFrame>
    );
  }
  if (invitation.isError) {
    const away = invitation.error instanceof ApiError && invitation.error.status === 0;
    return (
      <AuthFrame title={t.auth.inviteGoneTitle} lead={away ? explain(invitation.error) : t.auth.inviteGoneText}>
        <Link to="/login" className={buttonClass('plain', 'h-9 w-full')}>
          {t.auth.toSignIn}
        </Link>
      </AuthFrame>
    );
  }
  const { organization, role, inviter, email } = invitation.data;
  const nameOf = (thing: { name: string } | string | null) => (thing === null || typeof thing === 'string' ? thing : thing.name);
  return (
    <AuthFrame
      title={t.auth.joinTitle(nameOf(organization) ?? t.product)}
      lead={`${t.auth.joinLead(nameOf(inviter), t.people.role[role])} ${t.people.roleHelp[role]}`}
      footer={
        me.status === 'in' ? (
          <button type="button" className={link} onClick={() => void session.signOut()}>
            {t.auth.joinOther}
          </button>
        ) : (
          <Link to="/login" search={{ next: `/invite/${token}` }} className={link}>
            {t.auth.joinHaveAccount}
          </Link>
        )
      }
    >
      <form className="grid gap-4" onSubmit={form.onSubmit}>
        {form.error !== null && <Notice kind="error">{form.error}</Notice>}
        {me.status !== 'in' && (
          <>
            <Field label={t.auth.yourName} name="name" autoComplete="name" required autoFocus maxLength={120} error={form.fields.name} />
            <Field
              label={t.common.email}
              name="email"
              type="email"
              autoComplete="username"
              required
              defaultValue={email ?? ''}
              readOnly={Boolean(email)}
              error={form.fields.email}
            />
            <PasswordField name="password" autoComplete="new-password" minLength={10} help={t.common.passwordHelp} error={form.fields.password} />
          </>
        )}
        <Button type="submit" look="primary" className={wide} disabled={form.busy}>
          {me.status === 'in' ? t.auth.joinAs(me.user.name) : t.auth.joinNew}
        </Button>
      </form>
    </AuthFrame>
  );
}

export function ForgotPage() {
  const [sent, setSent] = useState(false);
  const form = useSubmit(async ({ email = '' }) => {
    await unwrap(client.POST('/auth/password/forgot', { body: { email } }));
    setSent(true);
  });
  return (
    <AuthFrame
      title={t.auth.forgotTitle}
      lead={sent ? undefined : t.auth.forgotLead}
      footer={
        <Link to="/login" className={link}>
          {t.auth.toSignIn}
        </Link>
      }
    >
      {sent ? (
        <Notice kind="done">{t.auth.forgotSent}</Notice>
      ) : (
        <form className="grid gap-4" onSubmit={form.onSubmit}>
          {form.error !== null && <Notice kind="error">{form.error}</Notice>}
          <Field label={t.common.email} name="email" type="email" autoComplete="username" required autoFocus error={form.fields.email} />
          <Button type="submit" look="primary" className={wide} disabled={form.busy}>
            {t.auth.forgotSend}
          </Button>
        </form>
      )}
    </AuthFrame>
  );
}

export function ResetPage() {
  const { token } = getRouteApi('/reset').useSearch();
  const [done, setDone] = useState(false);
  const form = useSubmit(async ({ password = '' }) => {
    await unwrap(client.POST('/auth/password/reset', { body: { token: token ?? '', password } }));
    setDone(true);
  });
  return (
    <AuthFrame
      title={t.auth.resetTitle}
      footer={
        !done && (
          <Link to="/forgot" className={link}>
            {t.auth.newLink}
          </Link>
        )
      }
    >
      {done ? (
        <>
          <Notice kind="done">{t.auth.resetDone}</Notice>
          <Link to="/login" className={buttonClass('primary', 'mt-4 h-9 w-full')}>
            {t.auth.toSignIn}
          </Link>
        </>
      ) : token === undefined ? (
        <Notice kind="error">{t.auth.linkBroken}</Notice>
      ) : (
        <form className="grid gap-4" onSubmit={form.onSubmit}>
          {form.error !== null && <Notice kind="error">{form.error}</Notice>}
          <PasswordField
            label={t.auth.newPassword}
            name="password"
            autoComplete="new-password"
            minLength={10}
            help={t.common.passwordHelp}
            error={form.fields.password}
            autoFocus
          />
          <Button type="submit" look="primary" className={wide} disabled={form.busy}>
            {t.auth.resetSave}
          </Button>
        </form>
      )}
    </AuthFrame>
  );
}

export function VerifyPage() {
  const { token } = getRouteApi('/verify').useSearch();
  const [state, setState] = useState<'busy' | 'done' | { error: string }>(token === undefined ? { error: t.auth.linkBroken } : 'busy');
  useEffect(() => {
    if (token === undefined) return;
    unwrap(client.POST('/auth/email/verify', { body: { token } })).then(
      () => {
        setState('done');
        void queryClient.invalidateQueries({ queryKey: meQuery.queryKey });
      },
      (error: unknown) => setState((now) => (now === 'done' ? now : { error: explain(error) })),
    );
  }, [token]);
  return (
    <AuthFrame title={t.auth.verifyTitle}>
      {state === 'busy' ? (
        <p role="status" className="text-sm text-muted">
          {t.auth.verifying}
        </p>
      ) : (
        <>
          <Notice kind={state === 'done' ? 'done' : 'error'}>{state === 'done' ? t.auth.verifyDone : state.error}</Notice>
          <Link to="/" className={buttonClass('primary', 'mt-4 h-9 w-full')}>
            {t.auth.toApp}
          </Link>
        </>
      )}
    </AuthFrame>
  );
}
