import { useRef } from 'react';
import { toast } from '@/ui/toast';
import { client, unwrap } from '@/api/client';
import { queryClient, sessionsQuery } from '@/app/query';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { Notice, PasswordField } from '@/ui/field';
import { useSubmit } from '@/ui/form';
import { Section } from '@/ui/page';
import { card } from './card';

export function Password() {
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
