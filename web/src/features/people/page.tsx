import { useQuery } from '@tanstack/react-query';
import { Link as LinkIcon, Trash2, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { toast } from '@/ui/toast';
import { useStore } from 'zustand';
import { client, explain, unwrap, type Role, type Schemas } from '@/api/client';
import { session } from '@/api/session';
import { useOrganization } from '@/app/organization';
import { invitationsQuery, membersQuery, queryClient } from '@/app/query';
import { t } from '@/texts';
import { Avatar } from '@/ui/avatar';
import { Button, IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import { CopyField } from '@/ui/copy';
import { Confirm, Dialog } from '@/ui/dialog';
import { Failed, Pending, Skeleton } from '@/ui/feedback';
import { Field, Notice } from '@/ui/field';
import { useSubmit } from '@/ui/form';
import { listClass, Page, Section } from '@/ui/page';
import { Select } from '@/ui/select';
import { ago, day } from '@/ui/when';

type Member = Schemas['Member'];

/** The roles that an organization hands out so far. */
const ROLES: readonly Role[] = ['viewer', 'editor', 'manager', 'admin'];
const roleOption = (role: Role) => ({ value: role, label: t.people.role[role], help: t.people.roleHelp[role] });

export function PeoplePage() {
  const organization = useOrganization();
  const members = useQuery({ ...membersQuery(organization?.id ?? ''), enabled: organization !== undefined });
  const [inviting, setInviting] = useState(false);
  const mayAdmin = organization?.abilities.admin ?? false;
  return (
    <Page
      title={t.people.title}
      actions={
        mayAdmin && (
          <Button look="primary" onClick={() => setInviting(true)}>
            <UserPlus className="size-4" aria-hidden />
            {t.people.invite}
          </Button>
        )
      }
    >
      <Section title={t.people.members}>
        {members.isError ? (
          <Failed error={members.error} retry={() => void members.refetch()} />
        ) : members.isPending || organization === undefined ? (
          <Pending className={listClass}>
            {[0, 1].map((row) => (
              <div key={row} className="flex h-14 items-center gap-3 px-4">
                <Skeleton className="size-8 rounded-full" />
                <Skeleton className="w-1/3" />
              </div>
            ))}
          </Pending>
        ) : (
          <ul className={listClass}>
            {members.data.map((member) => (
              <MemberRow key={member.user.id} org={organization.id} member={member} mayAdmin={mayAdmin} mayOwn={organization.abilities.billing} />
            ))}
          </ul>
        )}
      </Section>
      {mayAdmin && organization !== undefined && (
        <>
          <Invitations org={organization.id} />
          {inviting && <Invite org={organization.id} onClose={() => setInviting(false)} />}
        </>
      )}
    </Page>
  );
}

function MemberRow({ org, member, mayAdmin, mayOwn }: { org: string; member: Member; mayAdmin: boolean; mayOwn: boolean }) {
  const me = useStore(session.store, (state) => state.user?.id);
  const [removing, setRemoving] = useState(false);
  const { user, role } = member;
  const self = user.id === me;
  const mayChange = mayAdmin && !self && (role !== 'owner' || mayOwn);
  const roles = mayOwn ? [...ROLES, 'owner' as const] : ROLES;
  const path = { org, user: user.id };
  const refresh = () => queryClient.invalidateQueries({ queryKey: ['members', org] });
  return (
    <li className="flex min-h-14 items-center gap-3 px-4 py-2">
      <Avatar person={user} size={32} />
      <div className="min-w-0 flex-1">
        <div className="truncate font-medium">
          {user.name}
          {self && <span className="font-normal text-muted"> ({t.common.you})</span>}
        </div>
        <div className="truncate text-xs text-muted">{user.email}</div>
      </div>
      {mayChange ? (
        <>
          <Select
            label={t.people.roleOf(user.name)}
            value={role}
            className="[&>svg:last-child]:opacity-100"
            options={(roles.includes(role) ? roles : [role, ...roles]).map(roleOption)}
            onChange={(next) => {
              unwrap(client.PATCH('/organizations/{org}/members/{user}', { params: { path }, body: { role: next } }))
                .then(refresh)
                .catch((error: unknown) => toast.error(explain(error)));
            }}
          />
          <IconButton label={t.people.remove(user.name)} onClick={() => setRemoving(true)}>
            <Trash2 aria-hidden />
          </IconButton>
          <Confirm
            open={removing}
            onClose={() => setRemoving(false)}
            title={t.people.removeTitle(user.name)}
            text={t.people.removeText}
            confirm={t.people.removeConfirm}
            onConfirm={() =>
              unwrap(client.DELETE('/organizations/{org}/members/{user}', { params: { path } })).then(refresh, (error: unknown) => {
                toast.error(explain(error));
              })
            }
          />
        </>
      ) : (
        <span className={cn('px-2 text-sm text-muted', mayAdmin && 'mr-10 pr-8')}>{t.people.role[role]}</span>
      )}
    </li>
  );
}

function Invitations({ org }: { org: string }) {
  const invitations = useQuery(invitationsQuery(org));
  if (invitations.data === undefined || invitations.data.length === 0) return null;
  return (
    <Section title={t.people.pending}>
      <ul className={listClass}>
        {invitations.data.map((invitation) => (
          <li key={invitation.id} className="flex min-h-14 items-center gap-3 px-4 py-2">
            <span aria-hidden className="flex size-8 items-center justify-center rounded-full bg-hover text-muted">
              <LinkIcon className="size-4" />
            </span>
            <div className="min-w-0 flex-1">
              <div className="truncate font-medium">{invitation.email || t.people.anyone}</div>
              <div className="text-xs text-muted" title={day(invitation.expires_at)}>
                {t.people.role[invitation.role]} · {t.people.expires(ago(invitation.expires_at))}
              </div>
            </div>
            <Button
              onClick={() => {
                unwrap(client.DELETE('/organizations/{org}/invitations/{id}', { params: { path: { org, id: invitation.id } } }))
                  .then(() => {
                    toast(t.people.revoked);
                    return queryClient.invalidateQueries({ queryKey: ['invitations', org] });
                  })
                  .catch((error: unknown) => toast.error(explain(error)));
              }}
            >
              {t.people.revoke}
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Invite({ org, onClose }: { org: string; onClose: () => void }) {
  const [role, setRole] = useState<Role>('editor');
  const [link, setLink] = useState<string | null>(null);
  const form = useSubmit(async ({ email = '' }) => {
    const invitation = await unwrap(
      client.POST('/organizations/{org}/invitations', {
        params: { path: { org } },
        body: { role, ...(email.trim() === '' ? {} : { email: email.trim() }) },
      }),
    );
    setLink(new URL(invitation.link, window.location.origin).href);
    await queryClient.invalidateQueries({ queryKey: ['invitations', org] });
  });
  return (
    <Dialog open onClose={onClose} title={t.people.inviteTitle} text={link === null ? t.people.inviteText : t.people.linkReady}>
      {link !== null ? (
        <div className="grid gap-4">
          <CopyField label={t.people.linkLabel} value={link} copy={t.people.copyLink} />
          <div className="flex justify-end gap-2">
            <Button onClick={() => setLink(null)}>{t.people.another}</Button>
            <Button look="primary" onClick={onClose}>
              {t.common.close}
            </Button>
          </div>
        </div>
      ) : (
        <form className="grid gap-4" onSubmit={form.onSubmit}>
          {form.error !== null && <Notice kind="error">{form.error}</Notice>}
          <fieldset>
            <legend className="mb-1.5 text-sm font-medium">{t.people.roleLabel}</legend>
            <div className="grid gap-1.5">
              {ROLES.map((option) => (
                <label
                  key={option}
                  className="flex cursor-pointer gap-2.5 rounded-md border border-line px-3 py-2 hover:bg-hover has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-(--ring)"
                >
                  <input type="radio" name="role" value={option} checked={role === option} onChange={() => setRole(option)} className="mt-0.5 accent-accent" />
                  <span>
                    <span className="block text-sm font-medium">{t.people.role[option]}</span>
                    <span className="block text-xs text-muted">{t.people.roleHelp[option]}</span>
                  </span>
                </label>
              ))}
            </div>
          </fieldset>
          <Field label={t.people.emailLabel} name="email" type="email" help={t.people.emailHelp} autoComplete="off" error={form.fields.email} />
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{t.common.cancel}</Button>
            <Button type="submit" look="primary" disabled={form.busy}>
              {form.busy ? t.people.makingLink : t.people.makeLink}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
