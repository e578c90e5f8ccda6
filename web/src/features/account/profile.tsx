import { useQuery } from '@tanstack/react-query';
import { BadgeCheck, ImageUp, Mail, Trash2 } from 'lucide-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { toast } from '@/ui/toast';
import { client, explain, unwrap, type User } from '@/api/client';
import { meQuery } from '@/app/query';
import { t } from '@/texts';
import { Avatar } from '@/ui/avatar';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Failed, Pending, Skeleton } from '@/ui/feedback';
import { Field, Notice, PasswordField } from '@/ui/field';
import { useSubmit } from '@/ui/form';
import { Section } from '@/ui/page';
import { changeEmail, keepEmail, refreshMe, removeAvatar, saveName } from './api';
import { card } from './card';

const Crop = lazy(() => import('./crop'));

/** What the server takes. */
const PICTURES = 'image/png,image/jpeg,image/webp';

export function Profile() {
  const me = useQuery(meQuery);
  const user = me.data?.user;
  return (
    <Section title={t.account.profile}>
      {me.isError && user === undefined ? (
        <Failed error={me.error} retry={() => void me.refetch()} />
      ) : (
        <div className={card}>
          {user === undefined ? (
            <Pending className="grid h-46 content-start gap-3">
              <Skeleton className="size-16 rounded-full" />
              <Skeleton className="h-9 w-1/2" />
            </Pending>
          ) : (
            <>
              <Picture user={user} />
              <Name user={user} />
              <Email user={user} />
            </>
          )}
        </div>
      )}
    </Section>
  );
}

function Picture({ user }: { user: User }) {
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  return (
    <div className="flex flex-wrap items-center gap-4">
      <Avatar person={user} size={64} />
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap gap-2">
          <Button onClick={() => input.current?.click()}>
            <ImageUp aria-hidden className="size-4" />
            {user.avatar == null ? t.account.addPicture : t.account.changePicture}
          </Button>
          {user.avatar != null && (
            <Button
              look="ghost"
              onClick={() => {
                removeAvatar().then(
                  () => toast(t.account.pictureRemoved),
                  (error: unknown) => toast.error(explain(error)),
                );
              }}
            >
              <Trash2 aria-hidden className="size-4" />
              {t.account.removePicture}
            </Button>
          )}
        </div>
        <p className="mt-1.5 text-xs text-muted">{t.account.pictureHelp}</p>
      </div>
      <input
        ref={input}
        type="file"
        accept={PICTURES}
        aria-label={t.account.pictureFile}
        className="hidden"
        onChange={(event) => {
          setFile(event.target.files?.[0] ?? null);
          // The same file can be chosen again.
          event.target.value = '';
        }}
      />
      {file !== null && (
        <Suspense fallback={null}>
          <Crop file={file} user={user} onClose={() => setFile(null)} />
        </Suspense>
      )}
    </div>
  );
}

function Name({ user }: { user: User }) {
  const form = useSubmit(async ({ name = '' }) => {
    await saveName(name.trim());
    toast(t.account.nameSaved);
  });
  return (
    <form className="mt-5 flex items-start gap-2" onSubmit={form.onSubmit}>
      <Field key={user.name} className="max-w-xs flex-1" label={t.common.name} name="name" autoComplete="name" required maxLength={120} defaultValue={user.name} error={form.fields.name ?? form.error ?? undefined} />
      <Button type="submit" className="mt-6 h-9" disabled={form.busy}>
        {t.common.save}
      </Button>
    </form>
  );
}

function Email({ user }: { user: User }) {
  const [changing, setChanging] = useState(false);
  return (
    <div className="mt-4">
      <div className="text-sm font-medium">{t.common.email}</div>
      <div className="mt-1 flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1">
        <span className="min-w-0 text-sm break-all">{user.email}</span>
        {user.email_verified ? (
          <span className="flex items-center gap-1 text-xs text-accent-text">
            <BadgeCheck className="size-3.5" aria-hidden />
            {t.account.emailVerified}
          </span>
        ) : (
          <span className="flex flex-wrap items-center gap-x-2 text-xs text-warn">
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
          </span>
        )}
        <Button className="sm:ml-auto" onClick={() => setChanging(true)}>
          {t.account.changeEmail}
        </Button>
      </div>
      {user.pending_email != null && (
        <p role="status" className="mt-2 flex gap-2 rounded-md bg-info-soft px-3 py-2 text-sm text-info">
          <Mail aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0 flex-1 break-words">{t.account.emailPending(user.pending_email)}</span>
          <button
            type="button"
            className="shrink-0 self-start font-medium underline underline-offset-2"
            onClick={() => {
              keepEmail()
                .then(refreshMe)
                .catch((error: unknown) => toast.error(explain(error)));
            }}
          >
            {t.account.keepEmail}
          </button>
        </p>
      )}
      {changing && <ChangeEmail onClose={() => setChanging(false)} />}
    </div>
  );
}

function ChangeEmail({ onClose }: { onClose: () => void }) {
  const form = useSubmit(async ({ email = '', password = '' }) => {
    await changeEmail({ email: email.trim(), password });
    await refreshMe();
    toast(t.account.emailSent(email.trim()));
    onClose();
  });
  return (
    <Dialog open onClose={onClose} title={t.account.changeEmail} text={t.account.changeEmailText}>
      <form className="grid gap-4" onSubmit={form.onSubmit}>
        {form.error !== null && <Notice kind="error">{form.error}</Notice>}
        <Field label={t.account.newEmail} name="email" type="email" autoComplete="email" required autoFocus error={form.fields.email} />
        <PasswordField label={t.account.currentPassword} name="password" error={form.fields.password} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" look="primary" disabled={form.busy}>
            {t.account.sendLink}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
